"""What the books say of one handset's way back: whether it was reported missing, and whether it was erased since."""

from __future__ import annotations

from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.look_up import Entries
from provisioning.receipts.coming_back import Erasure
from provisioning.receipts.receipt import ReturnReason
from provisioning.return_reasons import MISSING, reason_in


def missing_by(last: Entry) -> ReturnReason | None:
    """Tell why the handset of a RETURNED entry may not be issued again: it was reported lost or stolen."""
    if last.kind != EntryKind.RETURNED:
        return None
    return next((reason for reason in MISSING if reason == reason_in(last.body)), None)


def erasure_of(serial: str, books: Entries) -> Erasure | None:
    """Find the erase that was seen to its end since a handset went out."""
    kinds = (EntryKind.HANDED_OVER, EntryKind.ERASED)
    for entry in books.entries(serial=serial, kind=kinds, newest_first=True, limit=1):
        if entry.kind == EntryKind.ERASED:
            ordered = entry.body.get("was_as_new") is not True
            return Erasure(entry.moment.astimezone(), entry.technician or "–", entry.number, entry.hash, ordered)
    return None
