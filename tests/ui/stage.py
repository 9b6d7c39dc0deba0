"""A window on a rehearsed desk, and what scenes do in it."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from rehearsal import (
    FACTS,
    RehearsedDesk,
)
from shiboken6 import isValid

from provisioning.status import SessionStatus
from ui.actions import DeskFacts
from ui.bridge import Bridge
from ui.counter_place import CounterPlace
from ui.counter_steps import SIGNATURE
from ui.rail import Place
from ui.signature import SignaturePad
from ui.theme import Theme
from ui.window import MainWindow

FULL = QSize(1440, 900)


SMALLEST = QSize(960, 540)
"""A full HD screen at 200 %."""


class Stage:
    """One window on a rehearsed desk."""

    def __init__(self, theme: Theme, scale: str = "100") -> None:
        self.theme = theme
        self.bridge = Bridge()
        self.desk = RehearsedDesk(self.bridge)
        self.size = FULL if scale == "100" else SMALLEST
        self.window: MainWindow | None = None
        self.subject: QWidget | None = None
        self.errors: list[BaseException] = []

    def open(self, *statuses: SessionStatus, facts: DeskFacts = FACTS) -> MainWindow:
        """Open the main window with these handsets."""
        self.window = MainWindow(self.bridge, self.desk, facts, self.theme)
        self.window.resize(self.size)
        self.window.show()
        self.desk.show(*statuses)
        self.subject = self.window
        return self.window

    def counter(self, *statuses: SessionStatus) -> CounterPlace:
        """Open the window at the counter."""
        window = self.open(*statuses)
        window.go_to(Place.COUNTER)
        return window.counter

    def scan(self, text: str) -> None:
        """Let a scanner type into whatever has the focus, with the Return at its end."""
        assert self.window is not None
        receiver = QApplication.activeModalWidget() or QApplication.focusWidget() or self.window
        QTest.keyClicks(receiver, text)
        QTest.keyClick(receiver, Qt.Key.Key_Return)

    async def settle(self, seconds: float = 0.12) -> None:
        """Let the bridge tell and the widgets lay themselves out."""
        # Never processEvents() in a coroutine: a task that is due while it runs cannot be entered and sleeps for ever.
        await asyncio.sleep(seconds)
        # On a busy machine that was one turn of the loop; what a turn changed is laid out in the next.
        for _ in range(3):
            await asyncio.sleep(0.005)

    async def photograph(self, path: Path) -> None:
        """Write what is on stage as PNG."""
        await self.settle(0.35)
        assert self.subject is not None
        picture = self.subject.grab().toImage()
        for _ in range(40):  # cards that nobody has seen yet are painted in slices
            await self.settle(0.05)
            before, picture = picture, self.subject.grab().toImage()
            if picture == before:
                break
        assert picture.save(str(path))

    def close(self) -> None:
        """Strike the set."""
        sheets = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog)]
        for widget in (self.subject, self.window, *sheets):
            if widget is not None and isValid(widget):
                widget.hide()
                widget.deleteLater()
        self.bridge.close()
        self.bridge.deleteLater()


def modal() -> QWidget:
    """Give the dialog that is open over everything else."""
    widget = QApplication.activeModalWidget()
    assert widget is not None
    return widget


def sign(place: CounterPlace, pad: SignaturePad | None = None) -> None:
    """Write something that looks like a name, in the officer's pad unless another is given."""
    assert place.step == SIGNATURE
    pad = pad or place.signing.pad
    wide, high = pad.width(), pad.height()

    def at(x: float, y: float) -> QPointF:
        return QPointF(x * wide, y * high)

    pad.begin(at(0.14, 0.62))
    for step in range(1, 120):
        t = step / 119
        x = 0.14 + 0.5 * t + 0.03 * math.sin(17 * t)
        y = 0.58 - 0.24 * math.exp(-3 * t) * math.cos(21 * t) - 0.1 * math.sin(33 * t) * (1 - 0.5 * t)
        pad.move_to(at(x, y))
    pad.lift()
    pad.begin(at(0.2, 0.68))
    for step in range(1, 40):
        t = step / 39
        pad.move_to(at(0.2 + 0.52 * t, 0.68 - 0.05 * math.sin(math.pi * t)))
    pad.lift()
