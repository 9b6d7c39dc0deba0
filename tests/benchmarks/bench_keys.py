"""How long keys take through the scanner's filter, while a hundred handsets change: ``bench_keys.py [--times 60]``.

*letter* is from a key in the search field to its text (the filter holds a letter back for 60 ms, since a scan may begin
with it); *arrow* from a key on the wall to the choice; *scan* from the Return at the end of a scan to its being known;
*filter* what the filter itself takes for one key. Milliseconds: median, 99th percentile, most.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "ui")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HANDSETS = 100
SERIAL = "F2LXQK77T0"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=60)
    times = parser.parse_args().times
    from PySide6.QtCore import QCoreApplication, QEvent, Qt
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QWidget

    from tests.ui.rehearsal import FACTS, PROVISION, RehearsedDesk, ready, working
    from ui.bridge import Bridge
    from ui.scanner import QUIET, Scanner
    from ui.theme import Theme
    from ui.window import MainWindow

    app = QApplication([])
    bridge = Bridge()
    window = MainWindow(bridge, RehearsedDesk(bridge), FACTS, Theme(app))
    window.resize(1920, 1000)
    window.show()
    window.activateWindow()
    phases = [[working(one, stage, 16) for stage in PROVISION] + [ready(one, 16)] for one in range(HANDSETS)]
    for states in phases:
        bridge.post(states[-1])
    QTest.qWait(800)
    done = threading.Event()

    def engine() -> None:
        step = 0
        while not done.wait(0.1):
            step += 1
            for one in range(step % 10, HANDSETS, 10):
                bridge.post(phases[one][(step + one) % 7])

    thread = threading.Thread(target=engine, daemon=True)
    thread.start()
    search, wall = window.header.search, window.desk.wall
    scanner = window.findChildren(Scanner)[0]
    inside: list[float] = []

    def send(receiver: QWidget, key: Qt.Key, text: str = "", at: float | None = None) -> None:
        event = QKeyEvent(QEvent.Type.KeyPress, key.value, Qt.KeyboardModifier.NoModifier, text)
        event.setTimestamp(round((time.monotonic() if at is None else at) * 1000))
        QCoreApplication.sendEvent(receiver, event)

    def until(what: Callable[[], object]) -> float:
        began = time.perf_counter()
        while not what():
            QTest.qWait(1)
        return (time.perf_counter() - began) * 1000

    letters, arrows, scans, heard = list[float](), list[float](), list[float](), list[float]()

    def hear(text: str) -> None:
        heard.append(time.perf_counter() if text == SERIAL else 0.0)

    scanner.scanned.disconnect()  # what it means is looked up on a loop that does not run here
    scanner.scanned.connect(hear)
    wall.setFocus()
    for _ in range(times):
        search.clear()
        send(search, Qt.Key.Key_F, "f")
        letters.append(until(search.text))
        search.clear()
        before = wall.key
        began = time.perf_counter()
        send(wall, Qt.Key.Key_End if before == phases[0][0].key else Qt.Key.Key_Home)
        until(lambda before=before: wall.key != before)
        arrows.append((time.perf_counter() - began) * 1000)
        QTest.qWait(QUIET + 20)
        start = time.monotonic()
        for place, letter in enumerate(SERIAL):
            send(search, Qt.Key(ord(letter)), letter, start + place * 0.005)
        began = time.perf_counter()
        send(search, Qt.Key.Key_Return, "", start + len(SERIAL) * 0.005)
        until(lambda: len(heard) > len(scans))
        scans.append((heard[-1] - began) * 1000)
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Left.value, Qt.KeyboardModifier.NoModifier)
    for _ in range(2000):
        began = time.perf_counter()
        scanner.eventFilter(wall, event)
        inside.append((time.perf_counter() - began) * 1000)
    done.set()
    print(f"{'':8}{'p50':>9}{'p99':>9}{'max ms':>9}")
    for name, taken in (("letter", letters), ("arrow", arrows), ("scan", scans), ("filter", inside)):
        ordered = sorted(taken)
        print(f"{name:8}{ordered[len(ordered) // 2]:9.3f}{ordered[int(len(ordered) * 0.99)]:9.3f}{ordered[-1]:9.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
