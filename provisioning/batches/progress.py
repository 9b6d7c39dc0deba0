"""How far a batch has come, by the ledger alone: its count is the ledger's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.batches.manifest import Expected, Manifest
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.ledger import Ledger


@unique
class Standing(StrEnum):
    """How a handset of a batch stands."""

    MISSING = "never seen"
    SEEN = "seen"
    STOPPED = "stopped"
    NOT_CLEAR = "not clear"
    UNKNOWN = "unknown"
    CLEAR = "clear"
    OUT = "handed over"
    BACK = "came back"

    @property
    def is_done(self) -> bool:
        """True where nothing is left to do for the batch."""
        return self in {Standing.CLEAR, Standing.OUT}


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of the manifest and how it stands; ``since`` is the ledger's time, empty where it has none."""

    expected: Expected
    standing: Standing
    since: str


_VERDICTS = {"clear": Standing.CLEAR, "not_clear": Standing.NOT_CLEAR, "unknown": Standing.UNKNOWN}


def progress(manifest: Manifest, ledger: Ledger) -> list[BatchRow]:
    """Give every line of the manifest in its order, with the last that the ledger says of its handset."""
    last: dict[str, tuple[Standing, str]] = {}
    for entry in ledger.entries():
        standing = _standing(entry)
        if standing is not None and entry.subject:
            last[entry.subject.casefold()] = standing, entry.time
    lines = sorted((one for lines in manifest.expected.values() for one in lines), key=lambda one: one.line)
    return [BatchRow(one, *last.get(one.serial_number.casefold(), (Standing.MISSING, ""))) for one in lines]


def _standing(entry: Entry) -> Standing | None:
    match entry.kind:
        case EntryKind.IDENTIFIED:
            return Standing.SEEN
        case EntryKind.STOPPED:
            return Standing.STOPPED
        case EntryKind.VERIFIED:
            return _VERDICTS.get(str(entry.body.get("verdict")))
        case EntryKind.HANDED_OVER:
            return Standing.OUT
        case EntryKind.RETURNED:
            return Standing.BACK
        case _:
            return None
