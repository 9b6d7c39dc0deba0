"""Commits what was agreed at the counter, once, and lets its receipt be printed."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, Signal

from ui.actions import DeskActions, HandedOver, Refused
from ui.agreement import HandoverRequest
from ui.counter_frame import CounterFrame
from ui.paper_out import PaperOut
from ui.scan_line import Said


class HandingOver(QObject):
    """The commit of one counter.

    Signals:
        changed: emitted when one begins or has ended.
    """

    changed = Signal()

    def __init__(self, actions: DeskActions, paper: PaperOut, pages: CounterFrame) -> None:
        super().__init__(pages)
        self._actions = actions
        self._paper = paper
        self._pages = pages
        self.under_way = False

    async def over(self, request: HandoverRequest) -> HandedOver | Refused:
        """Hand over. Once asked for, it is carried through, whatever becomes of this window."""
        self._show(under_way=True)
        try:
            return await asyncio.shield(self._actions.hand_over(request))
        finally:
            self._show(under_way=False)

    async def print_first(self, result: HandedOver) -> None:
        """Show the receipt and let it be printed."""
        self._pages.done.say(result.receipt_number, result.entry_number)
        self._pages.receipt.show_receipt(result.receipt_number, result.pdf or None)
        self._pages.receipt.say(result.receipt_number, await self._paper.print_first(result.receipt_number))

    def _show(self, *, under_way: bool) -> None:
        self.under_way = under_way
        self._pages.show_writing(on=under_way)
        self.changed.emit()


def said_of(result: HandedOver, request: HandoverRequest) -> tuple[str, Said]:
    """Say what was done, and what is next."""
    said = f"Handed over to {request.officer_number}, receipt {result.receipt_number}."
    if result.lacks:
        return f"{said} {result.lacks}", Said.REFUSED
    return f"{said} Scan the next card.", Said.TAKEN
