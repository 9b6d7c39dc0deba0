"""The way back: what was handed over comes home, or it is said what became of it; the entry before anything prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.home.home import Home
from provisioning.ledger.draft import Draft
from provisioning.ledger.entry import HANDS_CHANGED, Entry, EntryKind
from provisioning.ledger.ledger import Body, Ledger
from provisioning.plain_text import one_line
from provisioning.receipts.parts import placed, receipt_of
from provisioning.receipts.receipt import (
    UNNUMBERED,
    Declared,
    HandsetItem,
    Officer,
    OfficerSignature,
    Picture,
    Receipt,
    ReceiptKind,
    ReturnReason,
    Technician,
)
from provisioning.receipts.sealed_pictures import sealed_body

RETURN = "handset-return"
"""The declaration that goes with what is really given back."""
MISSING = frozenset({ReturnReason.LOST, ReturnReason.STOLEN})
"""Reasons with which no handset comes over the counter; it may not be issued again until it was found."""
NEXT_STATE = {
    ReturnReason.RETURNED: "erase, then issue again",
    ReturnReason.EXCHANGE: "erase, then issue again",
    ReturnReason.DAMAGED: "repair",
    ReturnReason.LOST: "lost: lock it and report it",
    ReturnReason.STOLEN: "stolen: lock it and report it",
}
"""What is to become of the handset."""


@dataclass(frozen=True, slots=True)
class ReturnOrder:
    """What was agreed at the counter."""

    officer: Officer
    reason: ReturnReason
    signature: OfficerSignature
    declaration: Declared | None = None
    countersignature: Picture | None = None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """It is in the ledger. ``remarks`` are sentences for the desk: somebody else brought it."""

    receipt: Receipt
    entry: Entry
    next_state: str
    remarks: tuple[str, ...]


def take_back(home: Home, ledger: Ledger, serial: str, order: ReturnOrder, technician: str) -> TakenBack:
    """Book that a handset came back, or did not. Raises UsageError where nobody has it by this ledger."""
    remarks: list[str] = []
    vault = home.vault()

    def write(draft: Draft) -> Body:
        # Looked up inside the transaction: it cannot be taken back twice.
        last = next(iter(draft.entries(serial=serial, kind=HANDS_CHANGED, newest_first=True, limit=1)), None)
        if last is None:
            raise UsageError(
                f"{one_line(serial, 40)} was never handed over by this ledger, so it cannot come back to it. "
                "Check the serial number; plug the handset in to prepare it."
            )
        missing = missing_by(last)
        if last.kind == EntryKind.RETURNED and (missing is None or order.reason in MISSING):
            raise UsageError(
                f"{one_line(serial, 40)} came back already, by receipt {one_line(last.receipt or '–', 40)} "
                f"({reason_in(last.body)}). Nobody has it."
            )
        if missing is not None:
            remarks.append(f"It was reported {missing} by receipt {one_line(last.receipt or '–', 40)} and was found.")
        elif last.officer != order.officer.number:
            remarks.append(
                f"It was handed to officer {one_line(last.officer or '–', 40)} by receipt "
                f"{one_line(last.receipt or '–', 40)}; officer {order.officer.number} gives it back."
            )
        receipt = _receipt(home, _item(last, serial, draft), order, technician, " ".join(remarks))
        receipt = receipt.numbered(draft.receipt, datetime.fromisoformat(draft.time).astimezone())
        return sealed_body(receipt, vault)

    entry = ledger.append_receipt(EntryKind.RETURNED, serial, write, technician=technician)
    return TakenBack(placed(entry), entry, NEXT_STATE[order.reason], tuple(remarks))


def reason_in(body: Mapping[str, Json]) -> str:
    """Give the reason that the body of a RETURNED entry names, as a word for a sentence."""
    document = body.get("document")
    reason = document.get("reason") if isinstance(document, Mapping) else body.get("reason")
    return one_line(str(reason or ReturnReason.RETURNED), 40)


def missing_by(last: Entry) -> ReturnReason | None:
    """Tell why the handset of a RETURNED entry may not be issued again: it was reported lost or stolen."""
    if last.kind != EntryKind.RETURNED:
        return None
    return next((reason for reason in MISSING if reason == reason_in(last.body)), None)


def _item(handed: Entry, serial: str, draft: Draft) -> HandsetItem:
    """Give the item as it went out; what was verified then says nothing of it now."""
    items = receipt_of(handed, draft).handsets
    item = next(one for one in items if one.serial_number == serial)
    return replace(item, check=None, bay=None, terms="", order=None)


def _receipt(home: Home, item: HandsetItem, order: ReturnOrder, technician: str, remarks: str) -> Receipt:
    return Receipt(
        kind=ReceiptKind.RETURN,
        training=home.training,
        number=UNNUMBERED,
        issued=datetime.now().astimezone(),
        organisation=home.identity.organisation_name,
        desk=home.identity.desk_name,
        technician=Technician(technician, order.countersignature),
        officer=order.officer,
        items=(item,),
        declarations=(order.declaration,) if order.declaration else (),
        signature=order.signature,
        reason=order.reason,
        remarks=remarks,
    )
