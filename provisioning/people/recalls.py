"""Recalls: officers who are suspended or have left give back all that they hold, and receive nothing meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.canonical import Json
from provisioning.ledger.entry import Entry, EntryKind


@unique
class Cause(StrEnum):
    """Why an officer is to give everything back."""

    SUSPENDED = "suspended"
    LEFT = "left"


RECALL_KINDS = (EntryKind.OFFICER_RECALLED, EntryKind.OFFICER_REINSTATED)


@dataclass(frozen=True, slots=True)
class Recall:
    """One officer who is to give everything back. ``since`` is ISO 8601, ``reason`` in somebody's words."""

    officer: str
    cause: Cause
    reason: str
    since: str

    def to_body(self) -> dict[str, Json]:
        """Give the ledger body of its OFFICER_RECALLED entry."""
        return {"officer": self.officer, "cause": str(self.cause), "reason": self.reason}


def recall_in(entry: Entry | None) -> Recall | None:
    """Read the newest entry of an officer that is of :data:`RECALL_KINDS`; None where nothing is called back."""
    if entry is None or entry.kind != EntryKind.OFFICER_RECALLED:
        return None
    cause = Cause.LEFT if entry.body.get("cause") == Cause.LEFT else Cause.SUSPENDED
    return Recall(entry.officer or "", cause, str(entry.body.get("reason", "")), entry.time)


def recalls_on_the_books(entries: Iterable[Entry]) -> dict[str, Recall]:
    """Fold entries of :data:`RECALL_KINDS`, oldest first, to who is called back now, by officer number."""
    found: dict[str, Recall] = {}
    for entry in entries:
        recall = recall_in(entry)
        if recall is None:
            found.pop(entry.officer or "", None)
        else:
            found[recall.officer] = recall
    return found
