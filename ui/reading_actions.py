"""What the window asks of the readers of the ledger: figures, what is behind them, searches, sheets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Protocol

from provisioning.printing.job import Job
from provisioning.readers.counts import Figures, Group
from provisioning.readers.found import Found, Match

if TYPE_CHECKING:
    from ui.actions import LedgerLine


@unique
class SheetKind(StrEnum):
    """Which sheets there are."""

    ROLLOUT = "rollout"
    PERSON = "person"
    HANDSET = "handset"
    EXCEPTIONS = "exceptions"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sheet that is wanted: of whom or what (``subject``), or of how many ``days``; None: since the start."""

    kind: SheetKind
    subject: str = ""
    days: int | None = None


class ReadingActions(Protocol):
    """What the window may ask for. Every method raises only IssuingDeskError, whose text the technician reads."""

    @property
    def taken_up(self) -> int:
        """Give how many entries were taken up so far by the reading that is under way; 0 where none is."""
        ...

    async def figures(self, days: int | None) -> Figures:
        """Count the last ``days``, or since the first handover. The first reading of a large ledger takes a while."""
        ...

    async def behind(self, group: Group, key: str, first: date, last: date) -> tuple[LedgerLine, ...]:
        """Give the entries that a bar counts, the newest first, 500 at most."""
        ...

    async def find(self, text: str) -> Found:
        """Find what a text stands for, anywhere in the ledger."""
        ...

    async def entries_of(self, match: Match) -> tuple[LedgerLine, ...]:
        """Give the newest entries in which a name stands, the newest first."""
        ...

    async def sheet_pages(self, wanted: Wanted, dpi: int) -> tuple[bytes, ...]:
        """Give a sheet's pages as PNG; UsageError where the ledger knows nothing of its subject."""
        ...

    async def sheet_file(self, wanted: Wanted, kind: str) -> bytes:
        """Give it as ``csv`` or ``pdf``."""
        ...

    async def print_sheet(self, wanted: Wanted, printer: str) -> Job:
        """Queue it as it stands now."""
        ...
