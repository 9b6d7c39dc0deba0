"""Commits what was agreed at a counter, once, and lets its receipt be printed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from ui.page_frame import PageFrame
from ui.paper_out import PaperOut

T = TypeVar("T")


class Committing(QObject):
    """The commit of one place.

    Signals:
        changed: emitted when one begins or has ended.
    """

    changed = Signal()

    def __init__(self, paper: PaperOut, pages: PageFrame) -> None:
        super().__init__(pages)
        self._paper = paper
        self._pages = pages
        self.under_way = False

    async def write(self, work: Awaitable[T]) -> T:
        """Let it be written. Once asked for, it is carried through, whatever becomes of this window."""
        self._show(under_way=True)
        try:
            return await asyncio.shield(work)
        finally:
            self._show(under_way=False)

    async def print_first(self, receipt: str, pdf: bytes) -> None:
        """Show the receipt and let it be printed."""
        self._pages.receipt.show_receipt(receipt, pdf or None)
        self._pages.receipt.say(receipt, await self._paper.print_first(receipt))

    def _show(self, *, under_way: bool) -> None:
        self.under_way = under_way
        self._pages.show_writing(on=under_way)
        self.changed.emit()
