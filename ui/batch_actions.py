"""Everything that the window asks for about batches; the console implements it over the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from provisioning.batches.standing import Standing
from provisioning.printing.job import Job


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """One batch in the list. ``here`` is True for the one that this desk works on."""

    name: str
    handsets: int
    done: int
    needs_hands: int
    closed: bool
    here: bool


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One handset of a batch. ``match`` is empty where nobody has matched; ``since`` is empty where it was not seen."""

    serial_number: str
    model: str
    asset_tag: str
    standing: Standing
    match: str
    agrees: bool
    since: str
    sentence: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """Everything about one batch. ``also``: a sentence for each handset that is not on its manifest or has no name."""

    summary: BatchSummary
    outlook: str
    lines: tuple[BatchLine, ...]
    also: tuple[str, ...]
    portals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CloseAnswer:
    """What came of closing: closed, or what differs, a sentence each."""

    closed: bool
    sentence: str
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order as it stands. ``waiting``: handsets still to be given; ``assigned``: serial number and bay of those
    that are ready for it, the bay empty where it is not plugged in; ``conflicts``: a sentence each.
    """

    reference: str
    whom: str
    what: str
    quantity: int
    waiting: int
    assigned: tuple[tuple[str, str], ...] = ()
    conflicts: tuple[str, ...] = ()


class BatchActions(Protocol):
    """What the window may ask for. Every method raises only IssuingDeskError, whose text the technician reads.

    ``portals`` are exports that a person chose, to be matched with; they are read anew each time.
    """

    async def batches(self) -> tuple[BatchSummary, ...]:
        """Give every batch, in order of the alphabet."""
        ...

    async def batch(self, name: str, portals: tuple[Path, ...]) -> BatchView:
        """Give one batch as the ledger has it now."""
        ...

    async def import_batch(self, file: Path) -> str:
        """Keep a manifest under the name of its file, or a corrected one in its place; say what came of it."""
        ...

    async def work_on(self, name: str) -> None:
        """Work on this batch from now on (empty: on none); what its manifest does not mean is left as it is."""
        ...

    async def close_batch(self, name: str, reason: str) -> CloseAnswer:
        """Close a batch; where it differs from the ledger, only with a reason."""
        ...

    async def orders(self) -> tuple[OrderLine, ...]:
        """Give every order as the ledger has it now, list by list."""
        ...

    async def import_orders(self, file: Path) -> str:
        """Keep a list of orders under the name of its file, in place of an older one; say what came of it."""
        ...

    async def report_pages(self, name: str, portals: tuple[Path, ...], dpi: int) -> tuple[bytes, ...]:
        """Give the pages of the report as PNG."""
        ...

    async def print_report(self, name: str, portals: tuple[Path, ...], printer: str) -> Job:
        """Queue the report as it stands now; it goes out by itself."""
        ...

    async def batch_report(self, name: str, portals: tuple[Path, ...], kind: str) -> bytes:
        """Give the report as ``csv`` or ``pdf``."""
        ...
