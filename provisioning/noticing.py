"""Read from the ledger what is to be noticed about a handset, by one indexed look-up where there is nothing."""

from __future__ import annotations

from provisioning.errors import UsageError
from provisioning.ledger.entry import HANDS_CHANGED, Entry, EntryKind
from provisioning.ledger.look_up import Entries
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
from provisioning.people.recalls import RECALL_KINDS, Cause, recall_in
from provisioning.plain_text import one_line
from provisioning.return_books import missing_by

HOLD_KINDS = (EntryKind.EVIDENCE_HELD, EntryKind.EVIDENCE_RELEASED)
_TELLING = (*HOLD_KINDS, *HANDS_CHANGED, EntryKind.NOTED)
UNHEARD_OF = "managed by us and never seen here before"
"""What an entry notes of a handset that came here managed already."""


def notices_of(books: Entries, serial: str) -> tuple[Notice, ...]:
    """Give what is to be noticed about a handset, the gravest first."""
    told = books.entries(serial=serial, kind=_TELLING, newest_first=True)
    holds = [one for one in told if one.kind in HOLD_KINDS]
    hands = [one for one in told if one.kind in HANDS_CHANGED]
    hold = _hold(holds[0]) if holds else None
    found: list[Notice] = [hold] if hold is not None else []
    if hands:
        last, before = hands[0], hands[1] if len(hands) > 1 else None
        found += _out(books, last, before) if last.kind == EntryKind.HANDED_OVER else _back(last, before)
    elif any(one.kind == EntryKind.NOTED and one.body.get("notice") == UNHEARD_OF for one in told):
        found.append(ReturnedUnissued(""))
    return tuple(sorted(found, key=lambda one: not isinstance(one, Missing | UnderEvidenceHold)))


def hold_on(books: Entries, serial: str) -> UnderEvidenceHold | None:
    """Tell whether a handset is kept as evidence."""
    last = next(iter(books.entries(serial=serial, kind=HOLD_KINDS, newest_first=True, limit=1)), None)
    return _hold(last) if last is not None else None


def _hold(entry: Entry) -> UnderEvidenceHold | None:
    if entry.kind != EntryKind.EVIDENCE_HELD:
        return None
    reason, reference = str(entry.body.get("reason", "")), str(entry.body.get("reference", ""))
    return UnderEvidenceHold(reason, reference, _day(entry))


def held_now(books: Entries) -> dict[str, UnderEvidenceHold]:
    """Give every handset that is kept as evidence, by serial number, the one held longest first."""
    held: dict[str, UnderEvidenceHold] = {}
    for entry in books.entries(kind=HOLD_KINDS):
        held.pop(entry.subject or "", None)
        if entry.kind == EntryKind.EVIDENCE_HELD and entry.subject:
            reason, reference = str(entry.body.get("reason", "")), str(entry.body.get("reference", ""))
            held[entry.subject] = UnderEvidenceHold(reason, reference, _day(entry))
    return held


def require_change_of_hold(books: Entries, serial: str, *, holds: bool) -> None:
    """Make sure that a hold begins or ends something. Raises UsageError."""
    if (hold_on(books, serial) is not None) == holds:
        is_so = "is kept as evidence already" if holds else "is not kept as evidence"
        raise UsageError(f"{one_line(serial, 40)} {is_so}.")


def require_issuable(books: Entries, serial: str) -> None:
    """Make sure that a handset is not kept as evidence. Raises UsageError."""
    hold = hold_on(books, serial)
    if hold is not None:
        raise UsageError(
            f"{one_line(serial, 40)} is kept as evidence since {hold.since} ({one_line(hold.reason, 120)}) and is not "
            "issued. Once it may go, book that with “issuing-desk hold release”."
        )


def require_entitled(books: Entries, officer: str) -> None:
    """Make sure that an officer is neither suspended nor gone. Raises UsageError."""
    recalls = books.entries(officer=officer, kind=RECALL_KINDS, newest_first=True, limit=1)
    recall = recall_in(next(iter(recalls), None))
    if recall is not None:
        why = "is suspended" if recall.cause is Cause.SUSPENDED else "has left"
        raise UsageError(
            f"Officer {one_line(officer, 40)} {why}, so nothing is handed over. See “issuing-desk recall”; where that "
            "is no longer so, book it with “issuing-desk officers reinstate”."
        )


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
