"""A sheet of the readers, to be looked at, printed and kept."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.printing.job import Job
from ui.reading_actions import ReadingActions, SheetKind, Wanted

_TITLES = {
    SheetKind.ROLLOUT: "Rollout", SheetKind.PERSON: "Statement of a person", SheetKind.HANDSET: "Life of a handset",
    SheetKind.EXCEPTIONS: "Register of exceptions", SheetKind.PUBLIC: "Counts for the public",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadingSheet:
    """Implements ``ui.pages_sheet.Sheet``."""

    actions: ReadingActions
    wanted: Wanted

    @property
    def title(self) -> str:
        """Give its name for people."""
        return _TITLES[self.wanted.kind]

    @property
    def file_name(self) -> str:
        """Give the name of its file; nothing of a person is in it."""
        return (
            f"{self.wanted.kind}-{self.wanted.subject}" if self.wanted.kind is SheetKind.HANDSET else self.wanted.kind
        )

    async def pages(self, dpi: int) -> tuple[bytes, ...]:
        """Give its pages as PNG."""
        return await self.actions.sheet_pages(self.wanted, dpi)

    async def order(self, printer: str) -> Job:
        """Queue it as it stands now."""
        return await self.actions.print_sheet(self.wanted, printer)

    async def file(self, kind: str) -> bytes:
        """Give it as ``csv`` or ``pdf``."""
        return await self.actions.sheet_file(self.wanted, kind)
