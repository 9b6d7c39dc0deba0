"""One item of a receipt by itself, for whoever needs to know of that item only."""

from __future__ import annotations

from dataclasses import replace

from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.receipts.receipt import Extract, HandsetItem, Item, Receipt


def extract_of(receipt: Receipt, wanted: str) -> Receipt:
    """Give the extract for one item: by serial number, IMEI, own number or asset tag, or by its place from 1.

    Raises UsageError where no item, or more than one, is meant.
    """
    found = [number for number, item in enumerate(receipt.items, start=1) if wanted in _names(item)]
    if not found and wanted.isascii() and wanted.isdigit() and 0 < int(wanted) <= len(receipt.items):
        found = [int(wanted)]
    if len(found) != 1:
        what = "is on it more than once" if found else "is not on it"
        raise UsageError(
            f"“{one_line(wanted, 40)}” {what}: receipt {one_line(receipt.number, 40)} has {len(receipt.items)} items. "
            "Give a serial number, a SIM's number, or the item's place on the receipt."
        )
    return extract_at(receipt, found[0])


def extract_at(receipt: Receipt, place: int) -> Receipt:
    """Give the extract for the item at a place, from 1.

    It has the item, the terms that hold for it, and the people and signatures of the whole, whose digest it names.
    Raises UsageError for what is an extract already, and where personal details are sealed or erased.
    """
    if receipt.extract is not None:
        raise UsageError("This is an extract already. Take another from the whole receipt.")
    if receipt.withheld:
        raise UsageError(f"No part can be taken of a receipt that is not whole. {receipt.withheld}")
    item = receipt.items[place - 1]
    return replace(
        receipt,
        items=(item,),
        declarations=receipt.terms_of(item),
        permits=receipt.permits if isinstance(item, HandsetItem) else (),
        extract=Extract(place, len(receipt.items), receipt.digest()),
        written_as=2,
        salt="",  # with it the rest of the receipt could be found from the digest of the whole, by trying
    )


def _names(item: Item) -> tuple[str, ...]:
    imei = item.imei if isinstance(item, HandsetItem) else None
    return tuple(name for name in (item.identifier, imei, item.asset_tag) if name)
