"""What desks did that does not go together, because one of them could not see the others: for a supervisor to settle.

Only the record itself is asked, so whoever has it finds the same, an auditor too. Three things are found: one handset
given to two officers without a return between, a handset given under a permit that had been revoked, and one given to
an officer who had been called back. A conflict is settled by an entry that names it and says what was decided; the
entries that contradict each other stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.ledger.entry import HANDS_CHANGED, ITEM_HANDS_CHANGED, Entry, EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.look_up import Entries
from provisioning.people.permits import PERMIT_KINDS
from provisioning.people.recalls import RECALL_KINDS
from provisioning.receipts.parts import receipt_of

_OUT = (EntryKind.HANDED_OVER, EntryKind.ITEM_HANDED_OVER)


@unique
class Clash(StrEnum):
    """What does not go together. The words stand in signed bytes."""

    OUT_TWICE = "out_twice"
    PERMIT_REVOKED = "permit_revoked"
    OFFICER_CALLED_BACK = "officer_called_back"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two entries that contradict each other; ``entry`` came in last. ``settled`` says how, None where it is open."""

    clash: Clash
    subject: str
    entry: Entry
    other: Entry
    settled: str | None = None

    @property
    def name(self) -> str:
        """Name it by the entry that came in last: its hash begins so in the ledger."""
        return f"{self.clash}:{self.entry.hash[:16]}"


def find_conflicts(books: Entries) -> list[Conflict]:
    """Give all conflicts on the books, settled or not, in the order in which they came in."""
    kinds = (
        *HANDS_CHANGED, *ITEM_HANDS_CHANGED, *PERMIT_KINDS, *RECALL_KINDS, EntryKind.CONFLICT_SETTLED,
    )  # fmt: skip
    entries = books.entries(kind=kinds)
    settled = {
        str(entry.body.get("conflict")): str(entry.body.get("decision", ""))
        for entry in entries
        if entry.kind == EntryKind.CONFLICT_SETTLED
    }
    found = [*_out_twice(entries), *_revoked(entries, books), *_called_back(entries)]
    place = {entry.hash: number for number, entry in enumerate(entries)}
    return [
        Conflict(one.clash, one.subject, one.entry, one.other, settled.get(one.name))
        for one in sorted(found, key=lambda one: place[one.entry.hash])
    ]


def settle(ledger: Ledger, name: str, decision: str, technician: str | None) -> Entry:
    """Book how a conflict was settled. Raises UsageError where there is none of that name, or it is settled."""
    known = {conflict.name: conflict for conflict in find_conflicts(ledger)}
    conflict = known.get(name)
    if conflict is None:
        raise UsageError("There is no conflict of that name. See “issuing-desk ledger conflicts”.")
    if conflict.settled is not None:
        raise UsageError("That conflict is settled already.")
    if not decision.strip():
        raise UsageError("Say how it was settled.")
    body: dict[str, Json] = {
        "conflict": name,
        "decision": decision,
        "entry": conflict.entry.hash,
        "other": conflict.other.hash,
    }
    return ledger.append(
        EntryKind.CONFLICT_SETTLED, conflict.subject, body, technician=technician, once=f"settle {name}"
    )


def _out_twice(entries: Iterable[Entry]) -> Iterable[Conflict]:
    out: dict[tuple[str, bool], Entry] = {}
    for entry in entries:
        if entry.subject is None or entry.kind not in (*HANDS_CHANGED, *ITEM_HANDS_CHANGED):
            continue
        key = (entry.subject, entry.kind in HANDS_CHANGED)
        before = out.pop(key, None)
        if entry.kind in _OUT:
            out[key] = entry
            if before is not None:
                yield Conflict(Clash.OUT_TWICE, entry.subject, entry, before)


def _revoked(entries: Iterable[Entry], books: Entries) -> Iterable[Conflict]:
    """By the desks' clocks: a permit that was revoked at the moment of signing, wherever that was booked."""
    revoked = {str(entry.body.get("permit")): entry for entry in entries if entry.kind == EntryKind.PERMIT_REVOKED}
    for entry in entries if revoked else ():
        if entry.kind not in _OUT or entry.subject is None:
            continue
        for reference in _permits(entry, books):
            end = revoked.get(reference)
            if end is not None and end.moment <= entry.moment:
                yield Conflict(Clash.PERMIT_REVOKED, entry.subject, entry, end)


def _called_back(entries: Iterable[Entry]) -> Iterable[Conflict]:
    by_time = sorted((e for e in entries if e.kind in (*RECALL_KINDS, *_OUT)), key=lambda entry: entry.moment)
    back: dict[str, Entry] = {}
    for entry in by_time:
        officer = entry.officer or ""
        if entry.kind == EntryKind.OFFICER_RECALLED:
            back[officer] = entry
        elif entry.kind == EntryKind.OFFICER_REINSTATED:
            back.pop(officer, None)
        elif officer in back and entry.subject is not None:
            yield Conflict(Clash.OFFICER_CALLED_BACK, entry.subject, entry, back[officer])


def _permits(entry: Entry, books: Entries) -> list[str]:
    """Give the permits under which the handset of ``entry`` went out; a training rack's entry may have no receipt."""
    return [permit.reference for permit in receipt_of(entry, books).permits] if "format" in entry.body else []
