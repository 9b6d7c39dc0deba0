"""What the ledgers say of handsets, entry by entry, without what concerns people: all that batches are counted from.

An event is an entry of this desk's ledger, or one of another desk that came with a batch's state. Only the members
that counting needs are kept, so that a batch can be carried to another desk without receipts and names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from provisioning.canonical import Json
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.return_books import missing_by

_IDENTITY = ("platform", "model", "model_name", "os_version", "udid", "imei", "bay")
_KEPT: Mapping[str, tuple[str, ...]] = {
    EntryKind.IDENTIFIED: _IDENTITY,
    EntryKind.ENROLLED: (),
    EntryKind.APPLIED: (),
    EntryKind.ERASED: (),
    EntryKind.VERIFIED: ("verdict", "record", "worst"),
    EntryKind.STOPPED: (
        "stage", "outcome", *_IDENTITY, "mismatch", "expected", "found", "detail", "obstacles", "organisation",
        "reason", "doing", "seconds", "sentence", "other_bay", "notice",
    ),
    EntryKind.WALKED: ("end", "seconds", "steps", "bay", "policy"),
    EntryKind.HANDED_OVER: ("officer", "receipt"),
    EntryKind.RETURNED: ("receipt", "missing"),
    EntryKind.BATCH_CLOSED: ("batch", "reason", "handsets", "ready", "differences"),
    EntryKind.BATCH_OPENED: ("batch",),
    EntryKind.BATCH_IMPORTED: ("batch", "manifest_sha256", "from_desk", "from_desk_name", "state_sha256"),
}  # fmt: skip
EVENT_KINDS = tuple(_KEPT)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry as far as batches are concerned. ``desk`` is the UUID, ``hash`` that of the whole entry (hex)."""

    desk: str
    number: int
    hash: str
    time: str
    kind: str
    subject: str
    body: Mapping[str, Json]

    @property
    def moment(self) -> datetime:
        """Give ``time`` as a datetime in UTC."""
        return datetime.fromisoformat(self.time).astimezone(UTC)

    def text(self, name: str) -> str:
        """Give a member of the body as text; empty where there is none."""
        value = self.body.get(name)
        return "" if value is None else str(value)


def event_of(entry: Entry) -> Event | None:
    """Give an entry as an event; None for kinds that say nothing of a batch."""
    kept = _KEPT.get(entry.kind)
    if kept is None:
        return None
    body: dict[str, Json] = {name: entry.body[name] for name in kept if name in entry.body}
    if (missing := missing_by(entry)) is not None:
        body["missing"] = str(missing)
    return Event(entry.desk, entry.number, entry.hash, entry.time, entry.kind, entry.subject or "", body)


def events_of(entries: Iterable[Entry]) -> Iterator[Event]:
    """Yield those entries that are events, in their order."""
    for entry in entries:
        event = event_of(entry)
        if event is not None:
            yield event


def in_order(*ledgers: Iterable[Event]) -> list[Event]:
    """Put the events of several desks in one order: by time, each desk's own order kept; the same event once."""
    known = {(event.desk, event.number): event for ledger in ledgers for event in ledger}
    return sorted(known.values(), key=lambda event: (event.time, event.desk, event.number))
