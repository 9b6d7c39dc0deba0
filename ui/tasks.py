"""Start a coroutine from a slot, keep it alive, cancel it with its owner, and hand its errors to the error sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject


class Tasks:
    """The coroutines that one widget has started.

    They end with the widget: what is still running when it is destroyed is cancelled. An error other than a
    cancellation goes to ``report``, once; it never disappears and never ends the program.
    """

    def __init__(self, owner: QObject, report: Callable[[BaseException], None]) -> None:
        self.report = report
        self._running: set[asyncio.Task[object]] = set()
        owner.destroyed.connect(self.cancel)

    def start(self, coroutine: Coroutine[Any, Any, object], name: str) -> asyncio.Task[object]:
        """Run ``coroutine`` on the glass's loop; call it on that loop only, as every slot is."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def cancel(self) -> None:
        """Cancel everything that is still running; safe at any time."""
        for task in tuple(self._running):
            if not task.get_loop().is_closed():
                task.cancel()

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.report(error)
