"""How long the personal fields of entries are kept: by class of record, from the day on which a matter ended.

A receipt's matter ends when the last thing on it came back (or was reported lost); a permit's when it ended or was
revoked; a recall's and a hold's when it was lifted; anything else's on the day itself. What is not at its end is never
due, however old. The periods are the force's own: seven years unless ``[retention]`` of desk.toml says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum, unique
from typing import Protocol

from provisioning.ledger.entry import HANDS_CHANGED, ITEM_HANDS_CHANGED, Entry, EntryKind, Withheld
from provisioning.ledger.look_up import Entries
from provisioning.people.permits import PERMIT_KINDS
from provisioning.people.recalls import RECALL_KINDS
from provisioning.privacy.fields import PERSONAL

YEARS = 7
"""What a force keeps such records for unless it says otherwise: the six years within which a claim can be brought upon
a contract (Limitation Act 1980, s. 5) and one for the claim to arrive."""
OUT = (EntryKind.HANDED_OVER, EntryKind.ITEM_HANDED_OVER)
EVIDENCE_KINDS = (EntryKind.EVIDENCE_HELD, EntryKind.EVIDENCE_RELEASED)
LEGAL_HOLD_KINDS = (EntryKind.LEGAL_HOLD_SET, EntryKind.LEGAL_HOLD_ENDED)


@unique
class RecordClass(StrEnum):
    """What is kept for the same reason and for the same time; the words of desk.toml."""

    RECEIPTS = "receipts"
    PERMITS = "permits"
    RECALLS = "recalls"
    EVIDENCE = "evidence"
    HOLDS = "holds"
    VIEWS = "views"
    OTHER = "other"


_CLASS: Mapping[str, RecordClass] = {
    **dict.fromkeys((*HANDS_CHANGED, EntryKind.RECEIPT_PRINTED), RecordClass.RECEIPTS),
    **dict.fromkeys(PERMIT_KINDS, RecordClass.PERMITS),
    **dict.fromkeys(RECALL_KINDS, RecordClass.RECALLS),
    **dict.fromkeys(EVIDENCE_KINDS, RecordClass.EVIDENCE),
    **dict.fromkeys(LEGAL_HOLD_KINDS, RecordClass.HOLDS),
    EntryKind.VIEWED: RecordClass.VIEWS,
}
_FROM = {
    RecordClass.RECEIPTS: "after the last item came back",
    RecordClass.PERMITS: "after the permit ended",
    RecordClass.RECALLS: "after it was lifted",
    RecordClass.EVIDENCE: "after the release",
    RecordClass.HOLDS: "after the hold ended",
    RecordClass.VIEWS: "after the look",
    RecordClass.OTHER: "after the day itself",
}
_NameOf = Callable[[Entry], str | None]
_ALL_PERSONAL = tuple(kind for kind, paths in PERSONAL.items() if paths)


@dataclass(frozen=True, slots=True)
class Retention:
    """Years by class; 0: for ever. A class that is not named has :data:`YEARS`."""

    years: Mapping[RecordClass, int] = field(default_factory=dict[RecordClass, int])

    def of(self, one: RecordClass) -> int:
        """Give the years that a class is kept."""
        return self.years.get(one, YEARS)

    def rule(self, one: RecordClass) -> str:
        """Give the rule in words, as it stands in the ledger."""
        years = self.of(one)
        return f"{one}: kept for ever" if not years else f"{one}: {years} year{'' if years == 1 else 's'} {_FROM[one]}"

    def due(self, record: Kept, now: datetime) -> bool:
        """Tell whether a record's time is over."""
        years = self.of(record.of)
        return bool(years) and record.ended is not None and after_years(record.ended, years) <= now


@dataclass(frozen=True, slots=True)
class Decision:
    """That what is about an officer, or one receipt, is erased before its time, on request (UK GDPR Art. 17).

    What is not at its end is needed still and is never due.
    """

    because: str
    officer: str = ""
    receipt: str = ""

    def rule(self, one: RecordClass) -> str:
        """Give the decision in words, as it stands in the ledger."""
        del one
        return f"decision: {self.because}"

    def due(self, record: Kept, now: datetime) -> bool:
        """Tell whether a record is meant and its matter at its end."""
        meant = record.receipt == self.receipt if self.receipt else record.officer == self.officer
        return meant and record.ended is not None and record.ended <= now


class Rules(Protocol):
    """What says which records are due, and why."""

    def rule(self, one: RecordClass) -> str:
        """Give the rule for a class in words."""
        ...

    def due(self, record: Kept, now: datetime) -> bool:
        """Tell whether a record is due."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """One entry with personal fields. ``ended`` is when its matter ended, None where it has not."""

    desk: str
    number: int
    kind: str
    of: RecordClass
    officer: str
    serials: tuple[str, ...]
    receipt: str
    ended: datetime | None
    lost: bool = False
    """Its key is not there, and no entry says why: nothing is left to erase, and something to be looked into."""


def after_years(moment: datetime, years: int) -> datetime:
    """Give the same day so many years later; 1 March for 29 February."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)


def kept_records(books: Entries) -> Iterator[Kept]:
    """Yield every entry whose personal fields are sealed and not erased yet, oldest first."""
    matters = _Matters(books)
    for entry in books.entries(kind=_ALL_PERSONAL):
        if entry.kept is not None or entry.withheld in {Withheld.SEALED, Withheld.LOST}:
            yield Kept(
                entry.desk,
                entry.number,
                entry.kind,
                class_of(entry.kind),
                entry.officer or "",
                matters.serials(entry),
                entry.receipt or "",
                matters.ended(entry),
                entry.withheld is Withheld.LOST,
            )


def class_of(kind: str) -> RecordClass:
    """Give the class of a kind of entry."""
    return _CLASS.get(kind, RecordClass.OTHER)


class _Matters:
    """When what entries are about came to its end, by the whole of the books."""

    def __init__(self, books: Entries) -> None:
        self._open: dict[tuple[str, bool], str] = {}
        """Which receipt a thing is out by; by its number and whether it is a handset."""
        self._receipts: dict[str, datetime] = {}
        self._serials: dict[str, list[str]] = {}
        for entry in books.entries(kind=(*HANDS_CHANGED, *ITEM_HANDS_CHANGED)):
            self._hands(entry)
        self._still_out = set(self._open.values())
        self._permits = _permit_ends(books.entries(kind=PERMIT_KINDS))
        self._recalls = _ends(books.entries(kind=RECALL_KINDS), EntryKind.OFFICER_REINSTATED, lambda one: one.officer)
        self._evidence = _ends(books.entries(kind=EVIDENCE_KINDS), EntryKind.EVIDENCE_RELEASED, lambda one: one.subject)
        self._holds = _ends(
            books.entries(kind=LEGAL_HOLD_KINDS), EntryKind.LEGAL_HOLD_ENDED, lambda one: str(one.body.get("hold"))
        )

    def serials(self, entry: Entry) -> tuple[str, ...]:
        """Give the things that an entry is about, those further on its receipt included."""
        own = [entry.subject] if entry.subject else []
        return tuple(dict.fromkeys([*own, *self._serials.get(entry.receipt or "", ())]))

    def ended(self, entry: Entry) -> datetime | None:
        place = entry.desk, entry.number
        match class_of(entry.kind):
            case RecordClass.RECEIPTS:
                return (
                    None if entry.receipt in self._still_out else self._receipts.get(entry.receipt or "", entry.moment)
                )
            case RecordClass.PERMITS:
                return self._permits.get(str(entry.body.get("permit")))
            case RecordClass.RECALLS:
                return self._recalls.get(place)
            case RecordClass.EVIDENCE:
                return self._evidence.get(place)
            case RecordClass.HOLDS:
                return self._holds.get(place)
            case RecordClass.VIEWS | RecordClass.OTHER:
                return entry.moment

    def _hands(self, entry: Entry) -> None:
        receipt, key = entry.receipt or "", (entry.subject or "", entry.kind in HANDS_CHANGED)
        self._receipts[receipt] = max(self._receipts.get(receipt, entry.moment), entry.moment)
        if entry.subject:
            self._serials.setdefault(receipt, []).append(entry.subject)
            before = self._open.pop(key, None)
            if before is not None and entry.kind not in OUT:
                self._receipts[before] = max(self._receipts.get(before, entry.moment), entry.moment)
            if entry.kind in OUT:
                self._open[key] = receipt


def _permit_ends(entries: Sequence[Entry]) -> dict[str, datetime]:
    """Give when permits ended by their own words, or were revoked before that."""
    ends: dict[str, datetime] = {}
    for entry in entries:
        reference = str(entry.body.get("permit"))
        if entry.kind == EntryKind.PERMIT_REVOKED:
            ends[reference] = min(ends.get(reference, entry.moment), entry.moment)
        else:
            day = date.fromisoformat(str(entry.body.get("valid_until")))
            ends[reference] = datetime.combine(day, time(23, 59, 59), UTC)
    return ends


def _ends(entries: Sequence[Entry], last: EntryKind, name_of: _NameOf) -> dict[tuple[str, int], datetime]:
    """Give when each matter that begins and ends with an entry was over; those that go on are not there."""
    going: dict[str, list[Entry]] = {}
    ends: dict[tuple[str, int], datetime] = {}
    for entry in entries:
        matter = going.setdefault(name_of(entry) or "", [])
        matter.append(entry)
        if entry.kind == last:
            ends |= {(one.desk, one.number): entry.moment for one in matter}
            matter.clear()
    return ends
