"""What is done to a handset while it comes back: an erase, its release from evidence; each is asked for once more."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from provisioning.status import Phase, SessionStatus
from ui.actions import DeskActions
from ui.bridge import Bridge, Changes
from ui.return_asking import ask_erase, ask_release
from ui.return_items import ItemList, ItemRow
from ui.scan_line import Said, ScanLine
from ui.tasks import Tasks
from ui.theme import Theme


class Deeds(QObject):
    """Follows what is plugged in, and carries out what the buttons of the rows ask for.

    Signals:
        changed: emitted when a deed begins or has ended.
        ended: emitted after that when it has: its button is gone, and with it the focus that it had.
    """

    changed = Signal()
    ended = Signal()

    def __init__(
        self,
        theme: Theme,
        bridge: Bridge,
        actions: DeskActions,
        tasks: Tasks,
        items: ItemList,
        said: ScanLine,
        over: QWidget,
    ) -> None:
        """``over`` is what the questions are asked over."""
        super().__init__(over)
        self._theme = theme
        self._actions = actions
        self._tasks = tasks
        self._items = items
        self._said = said
        self._over = over
        self._statuses: dict[str, SessionStatus] = {}
        items.erase_wanted.connect(self._erase)
        items.release_wanted.connect(self._release)
        bridge.changed.connect(self._hear)

    def show_plugged_in(self) -> None:
        """Say on each row whether its handset lies here on a cable."""
        here = {one.serial_number for one in self._statuses.values() if one.phase is not Phase.UNPLUGGED}
        for row in self._items.rows:
            row.show_plugged_in(here=row.item.is_handset and row.item.identifier in here)

    def _hear(self, changes: Changes) -> None:
        for key in changes.gone:
            self._statuses.pop(key, None)
        for status in changes.statuses:
            self._statuses[status.key] = status
        self.show_plugged_in()

    def _erase(self, row: ItemRow) -> None:
        self._tasks.start(self._erased(row, self._key_of(row.item.identifier)), "erase")

    async def _erased(self, row: ItemRow, key: str) -> None:
        if not key or row.erasing or not row.erasable:
            return
        if not await ask_erase(self._theme, row.item, self._over.window()):
            return
        row.show_erasing(erasing=True)
        self.changed.emit()
        try:
            result = await asyncio.shield(self._actions.way_back.erase(key))
            await self._look_up(row)
            self._said.say(result.sentence, Said.TAKEN if result.erased else Said.REFUSED)
        finally:
            row.show_erasing(erasing=False)
            self.changed.emit()
            self.ended.emit()

    def _release(self, row: ItemRow) -> None:
        self._tasks.start(self._released(row), "release from evidence")

    async def _released(self, row: ItemRow) -> None:
        answer = await ask_release(self._theme, row.item, self._over.window())
        if answer is None:
            return
        sentence = await self._actions.way_back.release(row.item.identifier, *answer)
        await self._look_up(row)
        self._said.say(sentence, Said.TAKEN)
        self.ended.emit()

    async def _look_up(self, row: ItemRow) -> None:
        fresh = await self._actions.way_back.of_number(row.item.identifier)
        row.show_item(next((one for one in fresh.items if one.identifier == row.item.identifier), row.item))

    def _key_of(self, serial: str) -> str:
        return next((one.key for one in self._statuses.values() if one.serial_number == serial), "")
