"""The report of a batch, to be looked at, printed and kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from provisioning.plain_text import one_line
from provisioning.printing.job import Job
from ui.batch_actions import BatchActions


@dataclass(frozen=True, slots=True)
class BatchReport:
    """Implements ``ui.pages_sheet.Sheet``. ``portals`` are the exports that the batch is matched with."""

    actions: BatchActions
    name: str
    portals: tuple[Path, ...]

    @property
    def title(self) -> str:
        """Give its name for people."""
        return f"Report of batch {one_line(self.name, 60)}"

    @property
    def file_name(self) -> str:
        """Give the name of its file."""
        return f"batch-{self.name}"

    async def pages(self, dpi: int) -> tuple[bytes, ...]:
        """Give its pages as PNG."""
        return await self.actions.report_pages(self.name, self.portals, dpi)

    async def order(self, printer: str) -> Job:
        """Queue it as it stands now."""
        return await self.actions.print_report(self.name, self.portals, printer)

    async def file(self, kind: str) -> bytes:
        """Give it as ``csv`` or ``pdf``."""
        return await self.actions.batch_report(self.name, self.portals, kind)
