"""A technician at the real window, offscreen: scans and keys with their times, the real engine, what the window says.

Nothing here is a test. ``in_the_window`` opens the window as the program does and lets a coroutine work at it.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from console import window as console_window
from console.call import Call
from provisioning.home.home import open_home
from provisioning.virtual.rack import Rack
from provisioning.virtual.scenario import HandsetPlan
from ui.signature import SignaturePad
from ui.window import MainWindow

T = TypeVar("T")
SECONDS = 60.0
PACE = 5
"""Milliseconds between two letters of a scan, by the system's clock: the test's own loop may be late."""


async def found(look: Callable[[], T | None], what: str, seconds: float = SECONDS) -> T:
    """Wait until there is something, and give it."""
    try:
        async with asyncio.timeout(seconds):
            while not (thing := look()):
                await asyncio.sleep(0.005)
    except TimeoutError:
        window = shown(MainWindow)
        said = f"{window.counter.said.sentence} / {window.counter.why_not}" if window else "no window"
        over = QApplication.activeModalWidget()
        said += " / over it: " + " ".join(one.text() for one in over.findChildren(QLabel)) if over else ""
        said += f" / focus: {QApplication.focusWidget()}"
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

    def focus(self) -> QWidget:
        over = QApplication.activeModalWidget()
        return (over.focusWidget() or over) if over else (QApplication.focusWidget() or self.window)

    async def scan(self, text: str, end: Qt.Key = Qt.Key.Key_Return) -> None:
        """Let a scanner type it into whatever has the focus."""
        self.scans += 1
        begun = time.monotonic() * 1000
        for number, letter in enumerate((*text, "")):
            key = Qt.Key(ord(letter.upper())) if letter else end
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key.value, Qt.KeyboardModifier.NoModifier, letter)
                event.setTimestamp(round(begun + number * PACE))
                QCoreApplication.sendEvent(self.focus(), event)
        await asyncio.sleep(0)

    async def in_front(self) -> None:
        """Give the window the focus, as a window manager does after a dialog; until then no shortcut is heard."""

        def active() -> bool:
            if not self.window.isActiveWindow():
                self.window.activateWindow()
            return self.window.isActiveWindow()

        await found(active, "the window in front")

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press one key wherever the focus is."""
        self.keys += 1
        QTest.keyClick(self.focus(), key, modifier)

    async def type(self, text: str) -> None:
        """Type with fingers: no two keys in a rush, and a pause after the last."""
        self.keys += len(text)
        begun = round(time.monotonic() * 1000) - 180 * len(text)
        for number, letter in enumerate(text):
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                key = Qt.Key(ord(letter.upper())) if letter.isascii() else Qt.Key.Key_unknown
                event = QKeyEvent(kind, key.value, Qt.KeyboardModifier.NoModifier, letter)
                event.setTimestamp(begun + number * 180)
                QCoreApplication.sendEvent(self.focus(), event)
        await asyncio.sleep(0.2)  # the last letter is held back for a moment: a scan may begin with it


def draw(pad: SignaturePad) -> None:
    """Sign on a pad, as a pen does."""
    pad.begin(QPointF(20, 20))
    for step in range(1, 30):
        pad.move_to(QPointF(20 + 8 * step, 30 + 12 * (step % 3)))
    pad.lift()


class Yard:
    """A rack on a loop of its own: whoever works at the window also holds the cables."""

    def __init__(self, plans: list[HandsetPlan]) -> None:
        self._plans = plans
        self._ready = threading.Event()
        self._rack: Rack | None = None
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()

    @property
    def serials(self) -> list[str]:
        assert self._rack is not None
        return [one["serial_number"] for one in self._rack.announcement()["handsets"]]

    async def act(self, what: Callable[[Rack], object]) -> None:
        """Do something to the rack and wait until it is done there."""

        async def on_its_loop() -> None:
            assert self._rack is not None
            done = what(self._rack)
            if isinstance(done, asyncio.Task):
                await done

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(on_its_loop(), self._loop))

    @contextmanager
    def served(self) -> Generator[None]:
        """Serve it and point this process to it."""
        thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        thread.start()
        assert self._ready.wait(30)
        assert self._rack is not None
        os.environ["USBMUXD_SOCKET_ADDRESS"] = self._rack.usbmux_address
        os.environ["ANDROID_ADB_SERVER_ADDRESS"] = "127.0.0.1"
        os.environ["ANDROID_ADB_SERVER_PORT"] = str(self._rack.adb_server_port)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._ended.set)
            thread.join(20)

    async def _serve(self) -> None:
        async with Rack(self._plans) as rack:
            self._rack = rack
            self._ready.set()
            await self._ended.wait()


def in_the_window(home: Path, work: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
    """Open the window on a home and let ``work`` work at it, from when its loop runs; gives its answer and the code."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    opened = open_home(home)
    tasks: list[asyncio.Task[dict[str, Any]]] = []

    def ended(task: asyncio.Task[dict[str, Any]]) -> None:
        if task.exception() is not None:
            for top in app.topLevelWidgets():
                top.close()

    def when_the_loop_runs() -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # it does not yet
            QTimer.singleShot(20, when_the_loop_runs)
            return
        tasks.append(loop.create_task(work()))
        tasks[0].add_done_callback(ended)

    QTimer.singleShot(0, when_the_loop_runs)
    code = console_window.run_at(Call(opened.path, as_json=False), opened)
    return {"code": int(code), **tasks[0].result()}


def answer(said: dict[str, Any]) -> None:
    """Print what a test reads."""
    print(json.dumps(said))
