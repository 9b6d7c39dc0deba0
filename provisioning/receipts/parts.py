"""Find the receipt that an entry belongs to: the first of its entries holds it, each further handset's refers to it.

The body of a further one is ``{"format": "issuing-desk/receipt-part/1", "officer": number, "receipt": number,
"item": place on the receipt from 1, "of": items on it, "sha256": digest of the receipt's body}``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from provisioning.canonical import Json
from provisioning.errors import LedgerError, UsageError
from provisioning.ledger.draft import Body, Part
from provisioning.ledger.entry import HANDS_CHANGED, Entry, EntryKind
from provisioning.ledger.look_up import Entries
from provisioning.plain_text import one_line
from provisioning.privacy.reading import withheld_sentence
from provisioning.receipts.body import digest_of
from provisioning.receipts.receipt import HandsetItem, LedgerPlace, Receipt

FORMAT: Final = "issuing-desk/receipt-part/1"


def first_subject(receipt: Receipt) -> str | None:
    """Give the serial number by which a receipt's first entry is found: that of its first handset."""
    return receipt.handsets[0].serial_number if receipt.handsets else None


def further_parts(body: Body) -> list[Part]:
    """Give the entries by which the other handsets, and other things with a number, are found."""
    receipt = Receipt.from_body(body)
    digest, first, away = digest_of(body), first_subject(receipt), receipt.kind == "handover"
    parts: list[Part] = []
    for number, item in enumerate(receipt.items, start=1):
        if not item.identifier or item.identifier == first:
            continue
        part: dict[str, Json] = {
            "format": FORMAT, "officer": receipt.officer.number, "item": number, "of": len(receipt.items),
            "sha256": digest,
        }  # fmt: skip
        if isinstance(item, HandsetItem):
            kind = EntryKind.HANDED_OVER if away else EntryKind.RETURNED
        else:
            kind = EntryKind.ITEM_HANDED_OVER if away else EntryKind.ITEM_RETURNED
        parts.append(Part(str(kind), item.identifier, part))
    return parts


def is_part(entry: Entry) -> bool:
    """Tell whether an entry only refers to a receipt that another one holds."""
    return entry.body.get("format") == FORMAT


def receipt_of(entry: Entry, ledger: Entries) -> Receipt:
    """Give the whole receipt that an entry is about. Raises LedgerError where it is not the one that it names."""
    if not is_part(entry):
        return placed(entry)
    number = entry.receipt or ""
    for first in ledger.entries(receipt=number, kind=HANDS_CHANGED, limit=1):
        if not is_part(first) and digest_of(first.body) == entry.body.get("sha256"):
            return placed(first)
    raise LedgerError(
        f"Entry {entry.number} of the ledger names receipt {one_line(number, 40)}, which is not there as it was. "
        "The record is in doubt: stop, and have the ledger verified."
    )


def receipt_in_ledger(ledger: Entries, number: str) -> Receipt:
    """Find a receipt by its number. Raises UsageError where there is none."""
    for entry in ledger.entries(receipt=number, kind=HANDS_CHANGED, limit=1):
        return receipt_of(entry, ledger)
    raise UsageError(f"There is no receipt “{one_line(number, 40)}” in this ledger.")


def placed(entry: Entry) -> Receipt:
    """Read the receipt that an entry holds, knowing where it is, and why what is personal is missing if it is."""
    receipt = Receipt.from_body(entry.body, LedgerPlace(entry.number, entry.hash))
    return replace(receipt, withheld=withheld_sentence(entry)) if entry.withheld is not None else receipt
