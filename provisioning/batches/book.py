"""The batches of a home: their manifests, this desk's ledger, and what other desks said, folded once together.

Nothing is believed that the ledger does not say: a manifest and another desk's state count only while they are the
files whose digests the ledger holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from provisioning.batches.batch_folder import BatchFolder, manifest_bytes
from provisioning.batches.bundle import StateFolder
from provisioning.batches.events import EVENT_KINDS, Event, events_of, in_order
from provisioning.batches.history import Histories, histories
from provisioning.batches.manifest import Manifest
from provisioning.batches.numbers import Numbers, numbers
from provisioning.batches.pace import Estimate, estimate
from provisioning.batches.progress import Progress, progress_in
from provisioning.errors import HomeError
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger


class BatchBook:
    """One reading of all batches; make another to read anew."""

    def __init__(self, home: Path, ledger: Ledger, desk_name: str = "") -> None:
        """Read the ledger now. Raises LedgerError, HomeError. ``desk_name`` is that of this desk."""
        self._folder = BatchFolder(home)
        self._own = list(events_of(ledger.entries(kind=EVENT_KINDS)))
        self.elsewhere: Sequence[Event] = StateFolder(home).events(self._own)
        self.events: Sequence[Event] = in_order(self._own, self.elsewhere) if self.elsewhere else self._own
        self._desks = {ledger.owner.desk: desk_name or ledger.owner.desk}
        for one in self._own:
            if one.text("from_desk"):
                self._desks[one.text("from_desk")] = one.text("from_desk_name")

    @cached_property
    def folded(self) -> Histories:
        """Give the histories of all handsets."""
        return histories(self.events)

    def names(self) -> list[str]:
        """Give the names of the batches, in order of the alphabet."""
        return self._folder.names()

    def manifest(self, name: str) -> Manifest:
        """Give a manifest that is the one which the ledger names. Raises UsageError, HomeError."""
        manifest = self._folder.load(name)
        said = [one.text("manifest_sha256") for one in self._own if _imports(one, name)]
        digest = hashlib.sha256(manifest_bytes(manifest)).hexdigest()
        if said and said[-1] and said[-1] != digest:
            raise HomeError(f"The manifest of batch “{name}” is not the one that the ledger names. Import it again.")
        return manifest

    def progress(self, name: str) -> Progress:
        """Give how far a batch has come."""
        return progress_in(self.manifest(name), self.folded, self.events)

    def walks(self, batch: Progress) -> list[Event]:
        """Give the walks of a batch's handsets that have ended, oldest first."""
        return sorted((walk for row in batch.rows for walk in row.history.walks), key=lambda walk: walk.time)

    def estimate(self, batch: Progress) -> Estimate | None:
        """Foretell the rest of a batch from its own walks, or say nothing."""
        return estimate(self.walks(batch), batch.to_come)

    def open_batch(self) -> str:
        """Give the batch that this desk works on; empty where it works on none."""
        name = _opened(self._own)
        return name if name in self.names() else ""

    def batches_of(self) -> Mapping[str, Sequence[str]]:
        """Give the batches of each folded serial number."""
        found: dict[str, list[str]] = {}
        for name in self.names():
            for serial in self._folder.load(name).expected:
                found.setdefault(serial, []).append(name)
        return found

    def numbers(self, since: str = "", until: str = "") -> list[Numbers]:
        """Measure what lies between two ISO days or times, the second not included; empty: no bound."""
        chosen = [one for one in self.events if one.time >= since and (not until or one.time < until)]
        of = self.batches_of()
        return numbers(
            self.folded,
            chosen,
            batches_of=lambda serial: of.get(serial.casefold(), ()),
            desk_name=lambda desk: self._desks.get(desk, desk),
        )


def batch_worked_on(home: Path, ledger: Ledger) -> Manifest | None:
    """Give the manifest of the batch that this desk works on, by the ledger; None where it works on none.

    Raises HomeError where the manifest is not the one that the ledger names.
    """
    name = _opened(events_of(ledger.entries(kind=(EntryKind.BATCH_OPENED, EntryKind.BATCH_CLOSED))))
    return BatchBook(home, ledger).manifest(name) if name and name in BatchFolder(home).names() else None


def _opened(events: Iterable[Event]) -> str:
    name = ""
    for one in events:
        if one.kind == EntryKind.BATCH_OPENED:
            name = one.text("batch")
        elif one.kind == EntryKind.BATCH_CLOSED and one.text("batch") == name:
            name = ""
    return name


def _imports(event: Event, name: str) -> bool:
    return event.kind == EntryKind.BATCH_IMPORTED and event.text("batch") == name
