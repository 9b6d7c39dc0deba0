"""When a place reads what it shows: asked for, or soon after something happened, and never twice at the same time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from ui.tasks import Tasks


class ReadingAgain:
    """Runs a place's ``read``. What is asked for while it runs is read once more afterwards, so nothing is missed."""

    def __init__(
        self,
        place: QWidget,
        tasks: Tasks,
        read: Callable[[], Coroutine[Any, Any, None]],
        name: str,
        *,
        settle: int,
        soon: Callable[[], None] | None = None,
    ) -> None:
        """``settle``: milliseconds after a change before it is read again. ``soon`` is what then asks; usually now."""
        self._place = place
        self._tasks = tasks
        self._read = read
        self._name = name
        self._under_way = self._again = False
        self._timer = QTimer(place)
        self._timer.setSingleShot(True)
        self._timer.setInterval(settle)
        self._timer.timeout.connect(soon or self.now)

    def now(self) -> None:
        """Read; while that goes on, once more afterwards."""
        if self._under_way:
            self._again = True
            return
        self._under_way = True
        self._tasks.start(self._run(), self._name)

    def soon(self) -> None:
        """Something happened: read in a moment, if anybody is looking."""
        if self._place.isVisible() and not self._timer.isActive():
            self._timer.start()

    async def _run(self) -> None:
        try:
            while True:
                self._again = False
                await self._read()
                if not self._again:
                    return
        finally:
            self._under_way = False
