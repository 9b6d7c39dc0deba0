"""Which texts the officer has to read, for exactly the items that go over the counter now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from ui.actions import DeskActions
from ui.counter_request import Items
from ui.declaration_page import DeclarationPage
from ui.tasks import Tasks


class Texts(QObject):
    """Asks for them and lets the page show them.

    Signals:
        came: emitted when the page shows the texts of the items as they are now.
    """

    came = Signal()

    def __init__(
        self, actions: DeskActions, tasks: Tasks, page: DeclarationPage, items: Callable[[], Items], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._tasks = tasks
        self._page = page
        self._items = items
        self._shown: Items | None = None

    @property
    def current(self) -> bool:
        """True where what is shown belongs to the items as they are now."""
        return self._shown == self._items()

    def ask(self) -> None:
        """Ask for the texts, unless they are shown already."""
        if not self.current:
            self._tasks.start(self._load(self._items()), "load the declarations")

    def forget(self) -> None:
        """Take it that what is shown may no longer be what is asked for."""
        self._shown = None

    async def _load(self, wanted: Items) -> None:
        found = await self._actions.terms(*wanted)
        if wanted == self._items():  # else something else goes by now, and its texts are asked for
            self._page.show_agreements(found)
            self._shown = wanted
            self.came.emit()
