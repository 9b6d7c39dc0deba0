"""What a return receipt says of a handset beside the handset itself: what becomes of it, and whether it was erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique


@unique
class NextState(StrEnum):
    """What is to become of a handset; the words of ``--next``."""

    REISSUE = "re-issue"
    REPAIR = "repair"
    EVIDENCE_HOLD = "evidence-hold"
    """Kept as it is: not erased, not issued, not worked on, until somebody releases it and says why."""
    DISPOSE = "dispose"
    MISSING = "missing"
    """It did not come back: lost or stolen."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a handset was erased since it went out, as the ledger has it.

    ``entry`` and ``sha256`` (hex) are number and hash of the entry, ``time`` when it was seen back as new and ``by``
    the technician at the desk then. ``ordered`` False: it lay there as new already, and this desk did not erase it.
    """

    time: datetime
    by: str
    entry: int
    sha256: str
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class ComingBack:
    """How one handset came back. ``issued_by`` is the receipt that it went out with, empty where there was none.

    ``holder`` is the officer who had it by the books, where another gives it back. ``erased`` None: not erased, or not
    shown to be. ``lacks`` is what went out with it and did not come back.
    """

    after: NextState
    issued_by: str = ""
    holder: str = ""
    erased: Erasure | None = None
    lacks: tuple[str, ...] = ()
