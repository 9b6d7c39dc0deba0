"""A receipt in the ledger as the counter books it, for tests that begin where a handover has ended."""

from __future__ import annotations

from provisioning.home.home import Home
from provisioning.ledger.entry import EntryKind
from provisioning.receipts.parts import first_subject, further_parts
from provisioning.receipts.receipt import Receipt
from provisioning.receipts.sealed_pictures import body_with_pictures


def book_handover(home: Home, whole: Receipt) -> str:
    """Book a receipt without a number; give the number that it got."""
    with home.open_ledger() as ledger:
        entry = ledger.append_receipt(
            EntryKind.HANDED_OVER,
            first_subject(whole),
            lambda draft: body_with_pictures(whole.numbered(draft.receipt, whole.issued)),
            technician="A. Khan",
            parts=further_parts,
        )
    return entry.receipt or ""
