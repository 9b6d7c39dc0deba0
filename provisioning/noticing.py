"""Read from the ledger what is to be noticed about a handset: some indexed look-ups, a millisecond."""

from __future__ import annotations

from typing import Protocol

from provisioning.ledger.entry import HANDS_CHANGED, Entry, EntryKind
from provisioning.notices import (
    BroughtByAnother,
    CalledBack,
    IssuedTwice,
    Missing,
    Notice,
    ReturnedUnissued,
    StillOut,
    UnderEvidenceHold,
)
from provisioning.people.recalls import RECALL_KINDS, recall_in
from provisioning.returns import missing_by

HOLD_KINDS = (EntryKind.EVIDENCE_HELD, EntryKind.EVIDENCE_RELEASED)
UNHEARD_OF = "managed by us and never seen here before"
"""What an entry notes of a handset that came here managed already."""


class Entries(Protocol):
    """What can be asked for entries: a ledger, or the draft of an entry inside its transaction."""

    def entries(
        self,
        *,
        serial: str | None = None,
        officer: str | None = None,
        kind: str | tuple[str, ...] | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        """Give the entries for which everything holds."""
        ...


def notices_of(books: Entries, serial: str) -> tuple[Notice, ...]:
    """Give what is to be noticed about a handset, the gravest first."""
    found: list[Notice] = []
    hold = hold_on(books, serial)
    if hold is not None:
        found.append(hold)
    hands = books.entries(serial=serial, kind=HANDS_CHANGED, newest_first=True, limit=2)
    if hands:
        last, before = hands[0], hands[1] if len(hands) > 1 else None
        found += _out(books, last, before) if last.kind == EntryKind.HANDED_OVER else _back(last, before)
    elif any(one.body.get("notice") == UNHEARD_OF for one in books.entries(serial=serial, kind=EntryKind.NOTED)):
        found.append(ReturnedUnissued(""))
    return tuple(sorted(found, key=lambda one: not isinstance(one, Missing | UnderEvidenceHold)))


def hold_on(books: Entries, serial: str) -> UnderEvidenceHold | None:
    """Tell whether a handset is kept as evidence."""
    for entry in books.entries(serial=serial, kind=HOLD_KINDS, newest_first=True, limit=1):
        if entry.kind == EntryKind.EVIDENCE_HELD:
            reason, reference = str(entry.body.get("reason", "")), str(entry.body.get("reference", ""))
            return UnderEvidenceHold(reason, reference, _day(entry))
    return None


def _out(books: Entries, last: Entry, before: Entry | None) -> list[Notice]:
    officer, receipt = last.officer or "", last.receipt or ""
    found: list[Notice] = [StillOut(officer, receipt, _day(last))]
    if before is not None and before.kind == EntryKind.HANDED_OVER:
        found = [IssuedTwice(before.officer or "", before.receipt or "", officer, receipt)]
    recalls = books.entries(officer=officer, kind=RECALL_KINDS, newest_first=True, limit=1)
    recall = recall_in(next(iter(recalls), None))
    return [CalledBack(officer, receipt, recall.cause), *found] if recall is not None else found


def _back(last: Entry, before: Entry | None) -> list[Notice]:
    officer, receipt = last.officer or "", last.receipt or ""
    if (missing := missing_by(last)) is not None:
        return [Missing(missing, officer, receipt)]
    if before is None:
        return [ReturnedUnissued(receipt)] if receipt else []
    if before.kind == EntryKind.HANDED_OVER and officer and officer != before.officer:
        return [BroughtByAnother(before.officer or "", officer, receipt)]
    return []


def _day(entry: Entry) -> str:
    return entry.moment.astimezone().date().isoformat()
