"""Why a handset comes back, and what becomes of it: the words that desk, window and ledger share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.canonical import Json
from provisioning.plain_text import one_line
from provisioning.receipts.coming_back import NextState
from provisioning.receipts.receipt import ReturnReason

MISSING = frozenset({ReturnReason.LOST, ReturnReason.STOLEN})
"""Reasons with which no handset comes over the counter; it may not be issued again until it was found."""
_AFTER = {ReturnReason.DAMAGED: NextState.REPAIR} | dict.fromkeys(MISSING, NextState.MISSING)
WHAT_NEXT = {
    NextState.REISSUE: "erase, then issue again",
    NextState.REPAIR: "repair",
    NextState.EVIDENCE_HOLD: "kept as evidence: do not erase or issue it",
    NextState.DISPOSE: "erase, then dispose of it",
    NextState.MISSING: "lock it and report it",
}
"""What is to become of a handset, as words for the desk."""


@dataclass(frozen=True, slots=True)
class ReturnedHandset:
    """One handset that comes back. ``after`` None: as the reason has it. ``condition`` in the technician's words.

    ``accessories`` came with it; ``lacks`` went out with it and did not. ``terms`` names its own declaration, where
    there are several.
    """

    serial_number: str
    condition: str = ""
    accessories: tuple[str, ...] = ()
    after: NextState | None = None
    lacks: tuple[str, ...] = ()
    terms: str = ""


def usual_next(reason: ReturnReason) -> NextState:
    """Give what becomes of a handset where nobody says otherwise."""
    return _AFTER.get(reason, NextState.REISSUE)


def reason_in(body: Mapping[str, Json]) -> str:
    """Give the reason that the body of a RETURNED entry names, as a word for a sentence."""
    document = body.get("document")
    reason = document.get("reason") if isinstance(document, Mapping) else body.get("reason")
    return one_line(str(reason or ReturnReason.RETURNED), 40)
