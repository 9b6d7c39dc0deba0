"""What officers hold by the ledger: everything that went out with a number of its own and did not come back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.ledger.entry import HANDS_CHANGED, ITEM_HANDS_CHANGED, Entry, EntryKind
from provisioning.ledger.look_up import Entries
from provisioning.people.recalls import RECALL_KINDS, Cause, Recall, recalls_on_the_books
from provisioning.receipts.parts import receipt_of
from provisioning.receipts.receipt import HandsetItem, Item

if TYPE_CHECKING:
    from provisioning.ledger.ledger import Ledger

_OUT = (EntryKind.HANDED_OVER, EntryKind.ITEM_HANDED_OVER)


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing in an officer's hands. ``since`` is a day; ``imei`` and ``asset_tag`` empty where not known."""

    officer: str
    identifier: str
    what: str
    receipt: str
    since: str
    imei: str = ""
    asset_tag: str = ""
    accessories: tuple[str, ...] = ()


def holdings(books: Entries, officers: Iterable[str] | None = None) -> list[Holding]:
    """Give what these officers hold, or everybody; by officer, the oldest first."""
    wanted = None if officers is None else set(officers)
    out: dict[tuple[str, bool], Entry] = {}
    for entry in books.entries(kind=(*HANDS_CHANGED, *ITEM_HANDS_CHANGED)):
        key = (entry.subject or "", entry.kind in HANDS_CHANGED)
        out.pop(key, None)
        if entry.kind in _OUT and entry.subject:
            out[key] = entry
    found = [_holding(entry, books) for entry in out.values() if wanted is None or entry.officer in wanted]
    return sorted(found, key=lambda one: one.officer)


def called_back(books: Entries) -> dict[str, Recall]:
    """Give the officers who are to give everything back, by officer number."""
    return recalls_on_the_books(books.entries(kind=RECALL_KINDS))


def book_suspension(ledger: Ledger, officer: str, reason: str, technician: str) -> Entry:
    """Book that a suspended officer is to give everything back. Raises UsageError where that is so already."""
    if officer in called_back(ledger):
        raise UsageError(f"Officer {officer} is called back already. See “issuing-desk recall {officer}”.")
    body = Recall(officer, Cause.SUSPENDED, reason, "").to_body()
    return ledger.append(EntryKind.OFFICER_RECALLED, None, body, technician=technician)


def book_reinstatement(ledger: Ledger, officer: str, reason: str, technician: str) -> Entry:
    """Book that an officer keeps what they hold and may receive again. Raises UsageError for one not called back."""
    if officer not in called_back(ledger):
        raise UsageError(f"Officer {officer} is not called back.")
    body: dict[str, Json] = {"officer": officer, "reason": reason}
    return ledger.append(EntryKind.OFFICER_REINSTATED, None, body, technician=technician)


def _holding(entry: Entry, books: Entries) -> Holding:
    subject = entry.subject or ""
    item = next((one for one in _items(entry, books) if one.identifier == subject), None)
    day = entry.moment.astimezone().date().isoformat()
    officer, receipt = entry.officer or "", entry.receipt or ""
    if item is None:
        return Holding(officer, subject, "handset", receipt, day)
    if isinstance(item, HandsetItem):
        tag, imei = item.asset_tag or "", item.imei or ""
        return Holding(officer, subject, item.name, receipt, day, imei, tag, item.accessories)
    return Holding(officer, subject, item.name or str(item.what), receipt, day, "", item.asset_tag or "")


def _items(entry: Entry, books: Entries) -> tuple[Item, ...]:
    """Give the items on the entry's receipt; none where the entry holds none, as those of a training rack."""
    return receipt_of(entry, books).items if "format" in entry.body else ()
