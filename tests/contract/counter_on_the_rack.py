"""Serve a queue of officers at the real window on a rack, offscreen, by scans and keys alone; run by its test.

``python counter_on_the_rack.py HOME SERIALS`` (a comma between them) prints one JSON document: who got what, how many
scans and keys each took, and how many seconds. What a scanner types comes letter by letter, with its times.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console import window as console_window
from console.call import Call
from provisioning.home.home import open_home
from provisioning.status import Phase
from ui.counter_steps import DECLARATION, DONE, SIGNATURE, WHAT
from ui.scanner import QUIET
from ui.window import MainWindow

T = TypeVar("T")
SECONDS = 60.0
PACE = 5
"""Milliseconds between two letters of a scan, by the system's clock: the test's own loop may be late."""


async def found(look: Callable[[], T | None], what: str) -> T:
    """Wait until there is something, and give it."""
    try:
        async with asyncio.timeout(SECONDS):
            while not (thing := look()):
                await asyncio.sleep(0.005)
    except TimeoutError:
        window = shown(MainWindow)
        said = window.counter.said.sentence if window else "no window"
        raise AssertionError(f"waited in vain for {what}; the window says: {said}") from None
    return thing


def shown(kind: type[T]) -> T | None:
    """Give the window of this kind that is shown."""
    tops = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
    return next((top for top in tops if isinstance(top, kind)), None)


@dataclass
class Hands:
    """A technician with a scanner and a keyboard, and no mouse; counts what they do."""

    window: MainWindow
    scans: int = 0
    keys: int = 0
    said: list[str] = field(default_factory=list[str])

    def focus(self) -> QWidget:
        return QApplication.activeModalWidget() or QApplication.focusWidget() or self.window

    async def scan(self, text: str, end: Qt.Key = Qt.Key.Key_Return) -> None:
        self.scans += 1
        begun = time.monotonic() * 1000
        for number, letter in enumerate((*text, "")):
            key = Qt.Key(ord(letter.upper())) if letter else end
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key.value, Qt.KeyboardModifier.NoModifier, letter)
                event.setTimestamp(round(begun + number * PACE))
                QCoreApplication.sendEvent(self.focus(), event)
        await asyncio.sleep(0)

    def press(self, key: Qt.Key) -> None:
        self.keys += 1
        QTest.keyClick(self.focus(), key)


async def serve(hands: Hands, officer: str, serial: str, trouble: int) -> dict[str, Any]:
    """Hand one handset to one officer. ``trouble`` picks what goes wrong with the scans on the way; 0 nothing."""
    place = hands.window.counter
    begun, scans, keys = time.monotonic(), hands.scans, hands.keys
    if trouble == 1:  # the handset before the card
        await hands.scan(serial)
        await found(lambda: "card first" in place.said.sentence, "the refusal of a handset without an officer")
    await hands.scan(officer)
    await found(lambda: place.step == WHAT and place.visit.officer and place.visit.officer.number == officer, "officer")
    if trouble == 2:  # the card twice
        await hands.scan(officer)
        await found(lambda: "already" in place.said.sentence, "that the officer stands there already")
    if trouble == 3:  # half a scan, as when a cable is pulled
        for letter in serial[:5]:
            QTest.keyClicks(hands.focus(), letter)
        await found(lambda: "broke off" in place.said.sentence, "that a scan broke off")
        await asyncio.sleep(2 * QUIET / 1000)
    if trouble == 4:  # into a field that is for something else
        place.what.others.setFocus()
    await hands.scan(serial, Qt.Key.Key_Tab if trouble == 4 else Qt.Key.Key_Return)
    await found(lambda: place.step == DECLARATION and place.declaration.ticks, "the declaration")
    if trouble == 5:  # the handset twice, and the next officer's card too early
        await hands.scan(serial)
        await hands.scan("P99998")
        await found(lambda: "is not finished" in place.said.sentence, "the refusal of another card")
    while place.step == DECLARATION:
        hands.press(Qt.Key.Key_Space)
    await found(lambda: place.step == SIGNATURE, "the signature")
    if trouble == 6:  # in the middle of a question
        place.signing.pad.begin(place.signing.pad.rect().center().toPointF())
        place.signing.pad.move_to(place.signing.pad.rect().topLeft().toPointF())
        place.signing.pad.lift()
        hands.press(Qt.Key.Key_Escape)
        await found(QApplication.activeModalWidget, "the question")
        await hands.scan(serial)
        await found(lambda: "a question is open" in place.said.sentence, "the refusal of a scan")
        hands.press(Qt.Key.Key_Return)
        await found(lambda: QApplication.activeModalWidget() is None, "the end of the question")
        hands.window.activateWindow()  # a window manager does that
        place.signing.pad.wipe()
    await found(lambda: place.visit.open, "a clear verification")
    hands.press(Qt.Key.Key_F9)
    await found(lambda: place.step == DONE, "the receipt")
    number = place.said.sentence.split("receipt ")[1].split(".")[0]
    return {
        "officer": officer,
        "serial_number": serial,
        "receipt": number,
        "scans": hands.scans - scans,
        "keys": hands.keys - keys,
        "seconds": time.monotonic() - begun,
        "trouble": trouble,
    }


async def work(serials: list[str]) -> dict[str, Any]:
    """Wait for the handsets, serve the queue, close everything."""
    window = await found(lambda: shown(MainWindow), "the window")
    statuses = window.desk.model.statuses

    def all_ready() -> bool:
        return len(statuses) == len(serials) and all(one.phase is Phase.READY for one in statuses.values())

    begun = time.monotonic()
    await found(all_ready, "handsets that are ready")
    staged = time.monotonic() - begun
    window.activateWindow()
    hands = Hands(window)
    served = [
        await serve(hands, f"P{10_001 + number}", serial, trouble=number % 7 if number % 2 else 0)
        for number, serial in enumerate(serials)
    ]
    clauses = len(window.counter.declaration.ticks)
    window.close()
    return {"served": served, "staged": staged, "clauses": clauses}


def main() -> None:
    """Open the window as the program does; the work begins as soon as its loop runs."""
    app = QApplication([])
    home = open_home(Path(sys.argv[1]))
    tasks: list[asyncio.Task[dict[str, Any]]] = []

    def begin() -> None:
        tasks.append(asyncio.get_running_loop().create_task(work(sys.argv[2].split(","))))
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
