"""How far a batch has come, by the ledgers alone: its count is theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioning.batches.events import Event
from provisioning.batches.history import Histories, History, histories
from provisioning.batches.manifest import Expected, Manifest
from provisioning.batches.standing import Standing
from provisioning.ledger.entry import EntryKind


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One handset of the manifest and its history; ``lines`` are where it stands there, more than one is a fault."""

    expected: Expected
    lines: tuple[int, ...]
    history: History

    @property
    def serial_number(self) -> str:
        """Give the serial number as the handset says it, or as the manifest does."""
        return self.history.serial_number

    @property
    def standing(self) -> Standing:
        """Say how it stands."""
        return self.history.standing

    @property
    def since(self) -> str:
        """Give the ledger's time since which it stands so; empty where it was never seen."""
        return self.history.since

    @property
    def other_imei(self) -> str:
        """Give the IMEI that the handset says, where the manifest says another; else empty."""
        said = self.history.identity.text("imei") if self.history.identity else ""
        return said if said and self.expected.imeis and said not in self.expected.imeis else ""


@dataclass(frozen=True, slots=True)
class Progress:
    """A batch at one moment. ``strangers`` came with it and are not on its manifest; ``nameless`` hang on a cable and
    have not said who they are, so they may be of this batch. ``closed`` is the event that closed it, if it is.
    """

    name: str
    rows: tuple[BatchRow, ...]
    strangers: tuple[Event, ...]
    nameless: tuple[Event, ...]
    closed: Event | None

    @property
    def counts(self) -> Mapping[Standing, int]:
        """Count the handsets by standing; every standing is there."""
        return {one: sum(row.standing is one for row in self.rows) for one in Standing}

    @property
    def done(self) -> int:
        """Count those that are clear and here, or handed over."""
        return sum(row.standing.is_done for row in self.rows)

    @property
    def to_come(self) -> int:
        """Count those at which nothing was tried to its end yet."""
        return sum(row.standing in {Standing.MISSING, Standing.SEEN} for row in self.rows)

    @property
    def lane(self) -> list[BatchRow]:
        """Give those that only a person can bring further."""
        return [row for row in self.rows if row.standing.needs_hands]


def progress(manifest: Manifest, events: Iterable[Event]) -> Progress:
    """Fold the events of the ledgers, oldest first, into the progress of a batch."""
    kept = list(events)
    return progress_in(manifest, histories(kept), kept)


def progress_in(manifest: Manifest, folded: Histories, events: Iterable[Event]) -> Progress:
    """Give the progress of a batch from histories that were folded for several."""
    rows = tuple(
        BatchRow(lines[0], tuple(one.line for one in lines), folded.of(lines[0].serial_number))
        for lines in manifest.expected.values()
    )
    strangers = folded.strangers.get(manifest.name, {})
    kinds = {EntryKind.BATCH_CLOSED, EntryKind.BATCH_OPENED, EntryKind.BATCH_IMPORTED}
    own = [one for one in events if one.kind in kinds and one.text("batch") == manifest.name]
    return Progress(
        manifest.name,
        rows,
        tuple(event for serial, event in strangers.items() if serial not in manifest.expected),
        tuple(folded.nameless),
        own[-1] if own and own[-1].kind == EntryKind.BATCH_CLOSED else None,
    )
