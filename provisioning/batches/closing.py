"""The close of a batch: refused while its count is not the ledger's, unless somebody says why and signs for it.

The count is taken inside the transaction that writes the entry: nothing can be booked in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from provisioning.batches.batch_folder import manifest_bytes
from provisioning.batches.events import EVENT_KINDS, Event, events_of, in_order
from provisioning.batches.manifest import Manifest
from provisioning.batches.progress import BatchRow, Progress, progress
from provisioning.batches.standing import Standing
from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.ledger.draft import Draft
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.ledger import Body, Ledger
from provisioning.plain_text import one_line

LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Difference:
    """One handset by which the batch and the ledger differ; ``what`` in few words, ``sentence`` in one."""

    serial_number: str
    what: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The batch is closed by ``entry``; ``differences`` were overridden with a reason."""

    entry: Entry
    progress: Progress
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class NotClosed:
    """It stays open: this differs."""

    progress: Progress
    differences: tuple[Difference, ...]


class _Differs(Exception):
    """Carries the outcome out of the ledger's transaction, which it thereby gives up."""

    def __init__(self, outcome: NotClosed) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def differences(batch: Progress) -> list[Difference]:
    """Give what keeps the batch's count from being the ledger's; empty where all is accounted for."""
    found = [one for row in batch.rows if (one := _difference(row)) is not None]
    for event in batch.strangers:
        serial = one_line(event.subject, 40)
        found.append(
            Difference(event.subject, "not on the manifest", f"{serial} came with it and is not on the manifest.")
        )
    return found


def close(
    ledger: Ledger,
    manifest: Manifest,
    elsewhere: Sequence[Event],
    *,
    reason: str,
    technician: str | None,
) -> Closed | NotClosed:
    """Close a batch in the ledger. A ``reason`` closes it in spite of differences, and is recorded with them.

    Raises UsageError where it is closed already.
    """
    why = one_line(" ".join(reason.split()), LONGEST_REASON)
    seen: list[NotClosed] = []

    def write(draft: Draft) -> Body:
        own = events_of(draft.entries(kind=EVENT_KINDS))
        now = progress(manifest, in_order(own, elsewhere))
        if now.closed is not None:
            raise UsageError(f"The batch “{manifest.name}” was closed by entry {now.closed.number} already.")
        found = NotClosed(now, tuple(differences(now)))
        if found.differences and not why:
            raise _Differs(found)
        seen.append(found)
        return _body(now, found.differences, why, manifest)

    try:
        entry = ledger.append(EntryKind.BATCH_CLOSED, None, write, technician=technician)
    except _Differs as differs:
        return differs.outcome
    return Closed(entry, seen[-1].progress, seen[-1].differences)


def _body(batch: Progress, found: Sequence[Difference], reason: str, manifest: Manifest) -> dict[str, Json]:
    return {
        "batch": batch.name,
        "handsets": len(batch.rows),
        "ready": batch.done,
        "counts": {str(one): count for one, count in batch.counts.items() if count},
        "differences": [{"serial_number": one.serial_number, "what": one.what} for one in found],
        "reason": reason if found else "",
        "manifest_sha256": sha256(manifest_bytes(manifest)).hexdigest(),
    }


def _difference(row: BatchRow) -> Difference | None:
    serial = one_line(row.serial_number, 40)
    if len(row.lines) > 1:
        where = " and ".join(str(line) for line in row.lines[:3])
        return Difference(row.serial_number, "on it twice", f"{serial} stands on the manifest twice, in lines {where}.")
    if row.other_imei:
        said = f"{serial} says IMEI {one_line(row.other_imei, 20)}, the manifest says {row.expected.imei}."
        return Difference(row.serial_number, "other IMEI", said)
    if row.standing.is_done:
        return None
    words = {
        Standing.MISSING: "was never seen.",
        Standing.SEEN: "was seen, and not brought to its end.",
        Standing.STOPPED: "was stopped, and is not ready.",
        Standing.NOT_CLEAR: "is not clear.",
        Standing.UNKNOWN: "is not proven clear.",
        Standing.BACK: "came back, and was not made ready again.",
        Standing.LOST: "was reported lost or stolen.",
    }
    return Difference(row.serial_number, str(row.standing), f"{serial} {words[row.standing]}")
