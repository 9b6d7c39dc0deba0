"""Each handset's history, folded from the ledgers' events: how it stands, who has it, how its walks went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provisioning.batches.events import Event
from provisioning.batches.standing import Standing
from provisioning.ledger.entry import EntryKind

_VERDICTS = {"clear": Standing.CLEAR, "not_clear": Standing.NOT_CLEAR, "unknown": Standing.UNKNOWN}


@dataclass(slots=True)
class History:
    """One handset. ``last`` is the event that made it stand so; ``walks`` are its provisioning walks that ended."""

    serial_number: str
    standing: Standing = Standing.MISSING
    last: Event | None = None
    identity: Event | None = None
    walks: list[Event] = field(default_factory=list[Event])
    first: str = ""
    """The ledger's time of the first event."""
    ready_at: str = ""
    """When it was found clear for the first time; empty where it never was."""

    @property
    def since(self) -> str:
        """Give the ledger's time since which it stands so; empty where it was never seen."""
        return self.last.time if self.last else ""

    @property
    def first_pass(self) -> bool | None:
        """Tell whether its first walk ended ready; None where none has ended."""
        return self.walks[0].text("end") == "ready" if self.walks else None

    def take(self, event: Event) -> None:
        """Add the next event of this handset."""
        self.first = self.first or event.time
        if event.kind == EntryKind.WALKED:
            self.walks.append(event)
            return
        if event.kind == EntryKind.IDENTIFIED:
            self.identity = event
        standing = self._after(event)
        if standing is not None:
            self.standing, self.last = standing, event
        if self.standing is Standing.CLEAR and not self.ready_at:
            self.ready_at = event.time

    def _after(self, event: Event) -> Standing | None:
        if event.kind == EntryKind.RETURNED:
            return Standing.LOST if event.text("missing") else Standing.BACK
        if event.kind == EntryKind.HANDED_OVER:
            return Standing.OUT
        if self.standing in {Standing.OUT, Standing.LOST}:
            return None  # being read again puts it into nobody else's hands
        match event.kind:
            case EntryKind.IDENTIFIED | EntryKind.ENROLLED | EntryKind.APPLIED | EntryKind.ERASED:
                # What was verified before it changed says nothing of it now.
                return Standing.SEEN
            case EntryKind.STOPPED:
                return Standing.STOPPED
            case EntryKind.VERIFIED:
                return _VERDICTS.get(event.text("verdict"), Standing.UNKNOWN)
            case _:
                return None


@dataclass(slots=True)
class Histories:
    """All handsets that the events name, by folded serial number; and those that never said their name.

    ``nameless`` holds the last word of each cable behind which no serial number was ever heard. ``strangers`` are
    handsets that a batch's manifest did not mean, by name of the batch.
    """

    by_serial: dict[str, History] = field(default_factory=dict[str, History])
    nameless: list[Event] = field(default_factory=list[Event])
    strangers: dict[str, dict[str, Event]] = field(default_factory=dict[str, dict[str, Event]])

    def of(self, serial_number: str) -> History:
        """Give the history of a handset; an empty one where there is none."""
        return self.by_serial.get(serial_number.casefold()) or History(serial_number)


def histories(events: Iterable[Event]) -> Histories:
    """Fold events, oldest first."""
    found = Histories()
    for event in events:
        if event.subject:
            key = event.subject.casefold()
            history = found.by_serial.get(key)
            if history is None:
                history = found.by_serial[key] = History(event.subject)
            history.take(event)
        _note_stranger(found, event)
        _note_nameless(found, event)
    return found


def _note_stranger(found: Histories, event: Event) -> None:
    if event.kind != EntryKind.STOPPED or event.text("outcome") != "NotAsListed":
        return
    mismatch = event.body.get("mismatch")
    if isinstance(mismatch, Mapping) and mismatch.get("kind") == "not listed":
        found.strangers.setdefault(str(mismatch.get("manifest")), {})[event.subject.casefold()] = event


def _note_nameless(found: Histories, event: Event) -> None:
    """Keep the last word from each cable until a handset there has said who it is."""
    if event.kind == EntryKind.IDENTIFIED or (event.kind == EntryKind.STOPPED and not event.subject):
        found.nameless = [one for one in found.nameless if not _same_cable(one, event)]
        if event.kind == EntryKind.STOPPED:
            found.nameless.append(event)


def _same_cable(one: Event, other: Event) -> bool:
    if one.desk == other.desk and one.text("bay") and one.text("bay") == other.text("bay"):
        return True
    return bool(one.text("udid")) and one.text("udid") == other.text("udid")
