"""Handovers that were between signature and receipt when the desk ended last: told above the wall until seen to."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.actions import DeskActions
from ui.notices import Notices
from ui.sheets import Sheets
from ui.tasks import Tasks


class Interruptions(QObject):
    """Tells them, and makes the paper of those that hold."""

    def __init__(self, actions: DeskActions, notices: Notices, sheets: Sheets, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self._notices = notices
        self._sheets = sheets
        self._tasks = tasks

    def tell(self) -> None:
        """Look for them, once, at the start."""
        self._tasks.start(self._tell(), "look for handovers that were interrupted")

    async def _tell(self) -> None:
        for one in await self._actions.broken_off():
            self._notices.show_broken_off(one, self._print)

    def _print(self, number: str) -> None:
        self._tasks.start(self._paper_of(number), f"make the paper of {number}")

    async def _paper_of(self, number: str) -> None:
        await self._actions.make_paper(number)
        self._notices.end(number)
        self._sheets.show_receipt(number)
