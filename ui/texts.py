"""Which texts the officer has to read, for exactly the items that go over the counter now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable

from PySide6.QtCore import QObject, Signal

from ui.agreement import Agreement
from ui.declaration_page import DeclarationPage
from ui.tasks import Tasks


class Texts(QObject):
    """Asks for them and lets the page show them.

    Signals:
        came: emitted when the page shows the texts of the items as they are now.
    """

    came = Signal()

    def __init__(
        self,
        tasks: Tasks,
        page: DeclarationPage,
        items: Callable[[], Hashable],
        load: Callable[[], Awaitable[tuple[Agreement, ...]]],
        parent: QObject,
    ) -> None:
        """``items`` gives what decides which texts are to be shown; ``load`` gets those of the items as they are."""
        super().__init__(parent)
        self._tasks = tasks
        self._page = page
        self._items = items
        self._load_texts = load
        self._shown: Hashable = None

    @property
    def current(self) -> bool:
        """True where what is shown belongs to the items as they are now."""
        return self._shown == self._items()

    def ask(self) -> None:
        """Ask for the texts, unless they are shown already."""
        if not self.current:
            self._tasks.start(self._load(), "load the declarations")

    def forget(self) -> None:
        """Take it that what is shown may no longer be what is asked for."""
        self._shown = None

    async def _load(self) -> None:
        wanted = self._items()
        found = await self._load_texts()
        if wanted == self._items():  # else something else goes by now, and its texts are asked for
            self._page.show_agreements(found)
            self._shown = wanted
            self.came.emit()
