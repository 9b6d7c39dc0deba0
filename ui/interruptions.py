"""Handovers that were between signature and receipt when the desk ended last: told above the wall until seen to."""

from __future__ import annotations

from PySide6.QtCore import QObject

from provisioning.errors import IssuingDeskError
from ui.actions import BrokenOff, DeskActions
from ui.notices import Notices
from ui.paper_out import PaperOut
from ui.sheets import Sheets
from ui.tasks import Tasks


class Interruptions(QObject):
    """Tells them, and lets the paper of those that hold come out as it would have then."""

    def __init__(
        self, actions: DeskActions, paper: PaperOut, notices: Notices, sheets: Sheets, tasks: Tasks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._paper = paper
        self._notices = notices
        self._sheets = sheets
        self._tasks = tasks
        self._told = False

    def tell(self) -> None:
        """Look for them, once, as soon as somebody answers for what is printed."""
        if not self._told:
            self._told = True
            self._tasks.start(self._tell(), "look for handovers that were interrupted")

    async def _tell(self) -> None:
        for one in await self._actions.broken_off():
            self._notices.show_broken_off(one, await self._made(one), self._show)

    async def _made(self, one: BrokenOff) -> str:
        if not one.receipt:
            return ""
        try:
            await self._actions.make_paper(one.receipt)
        except IssuingDeskError as error:
            return f"Its receipt could not be made: {error}"
        return await self._paper.print_first(one.receipt, shown=False)

    def _show(self, number: str) -> None:
        self._tasks.start(self._shown(number), f"show the paper of {number}")

    async def _shown(self, number: str) -> None:
        await self._actions.make_paper(number)
        await self._actions.paper.seen_to(number)
        self._notices.end(number)
        self._sheets.show_receipt(number)
