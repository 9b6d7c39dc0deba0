"""Work at the real window on a rack, offscreen, by its keys; run by test_window_on_the_rack.py in a process of its own.

``python window_on_the_rack.py HOME`` prints one JSON document: the receipt's number and what the wall showed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console import window as console_window
from console.call import Call
from provisioning.home.home import open_home
from provisioning.status import Phase
from ui.counter_steps import DECLARATION, DONE, SIGNATURE
from ui.window import MainWindow

T = TypeVar("T")
SECONDS = 45.0


async def found(look: Callable[[], T | None]) -> T:
    """Wait until there is something, and give it."""
    async with asyncio.timeout(SECONDS):
        while not (thing := look()):
            await asyncio.sleep(0.02)
    return thing


def shown(kind: type[T]) -> T | None:
    """Give the window of this kind that is shown."""
    tops = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
    return next((top for top in tops if isinstance(top, kind)), None)


async def work() -> dict[str, Any]:
    """Wait for two ready handsets, hand the first over, close everything."""
    window = await found(lambda: shown(MainWindow))
    statuses = window.desk.model.statuses

    def all_ready() -> bool:
        return len(statuses) == 2 and all(one.phase is Phase.READY for one in statuses.values())

    await found(all_ready)
    QTest.keyClick(window.desk.wall, Qt.Key.Key_Home)
    QTest.keyClick(window.desk.wall, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    place = window.counter
    place.who.number.setText("P 12345")
    QTest.keyClick(place.who.number, Qt.Key.Key_Return)
    await found(lambda: place.step == DECLARATION and place.declaration.ticks)
    for tick in place.declaration.ticks:
        QTest.keyClick(tick, Qt.Key.Key_Space)
    await found(lambda: place.step == SIGNATURE)
    for pad in (place.signing.pad, place.signing.desk_pad):
        pad.begin(QPointF(20, 20))
        for step in range(1, 30):
            pad.move_to(QPointF(20 + 8 * step, 30 + 12 * (step % 3)))
        pad.lift()
    await found(place.go_on.isEnabled)  # the handset is being verified again meanwhile
    QTest.keyClick(place.signing.pad, Qt.Key.Key_Return)
    await found(lambda: place.step == DONE)
    said = {"phases": [str(one.phase) for one in statuses.values()], "title": window.windowTitle()}
    window.close()
    return said


def main() -> None:
    """Open the window as the program does; the work begins as soon as its loop runs."""
    app = QApplication([])
    home = open_home(Path(sys.argv[1]))
    tasks: list[asyncio.Task[dict[str, Any]]] = []

    def begin() -> None:
        tasks.append(asyncio.get_running_loop().create_task(work()))
        tasks[0].add_done_callback(ended)

    def ended(task: asyncio.Task[dict[str, Any]]) -> None:
        if task.exception() is not None:
            for top in app.topLevelWidgets():
                top.close()

    def when_the_loop_runs() -> None:
        try:
            begin()
        except RuntimeError:  # it does not yet
            QTimer.singleShot(20, when_the_loop_runs)

    QTimer.singleShot(0, when_the_loop_runs)
    code = console_window.run_at(Call(home.path, as_json=False), home)
    print(json.dumps({"code": int(code), **tasks[0].result()}))


if __name__ == "__main__":
    main()
