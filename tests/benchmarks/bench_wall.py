"""How much the wall costs: ``python tests/benchmarks/bench_wall.py [--seconds 8]``.

Prints paints a second, the processor that the whole process takes, the lag of the event loop and the memory for

* ``again``: every handset changes ten times a second between states that were painted before (the figure that
  compares with other tool kits' lists of cached items);
* ``new``: every handset changes once a second to something that was never painted before, as in real work;
* ``idle``: nothing changes;

*lag* is the wall time by which the loop was late, and so holds what other programs took; *own* is the processor time
that this one spent between two looks at the loop (99th percentile): the lag of a machine that does nothing else.
*row* is the milliseconds from a change at the engine to its card on the screen. At last the time from the start of a
process to the first painted window. Each figure comes from a process of its own.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from provisioning.status import SessionStatus
    from ui.card import Card
    from ui.card_painter import Density, Look
    from ui.window import MainWindow

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "ui")]
TICK = 0.005
"""Seconds between two looks at the loop's lag."""


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        kind, _, number = arguments.one.partition(":")
        print(json.dumps(first_paint() if kind == "start" else busy(int(number), arguments.seconds, kind)))
        return 0
    heads = f"{'paints/s':>9}{'CPU %':>7}{'lag p50':>9}{'p99':>7}{'max ms':>8}{'own p99':>9}{'RSS MB':>8}"
    print(f"{'':30}{heads}{'row p50':>9}{'p99 ms':>8}")
    words = {"again": "10 changes/s each, again", "new": "1 change/s each, new", "idle": "idle"}
    for kind, number in (("again", 100), ("again", 256), ("new", 100), ("new", 256), ("idle", 256)):
        told = run(f"{kind}:{number}", arguments.seconds)
        name = f"{number}: {words[kind]}"
        print(
            f"{name:30}{told['paints']:9.1f}{told['cpu']:7.1f}{told['p50']:9.2f}{told['p99']:7.2f}{told['max']:8.2f}"
            f"{told['own']:9.2f}"
            f"{told['rss']:8.0f}" + (f"{told['row p50']:9.1f}{told['row p99']:8.1f}" if told["row p99"] else "")
        )
    starts = [run("start", 0) for _ in range(5)]
    for name in ("imported", "built", "painted"):
        times = sorted(start[name] for start in starts)
        spread = f"(of 5: {times[0]:.2f} to {times[-1]:.2f})"
        print(f"from start of process to {name:10}{statistics.median(times):6.2f} s {spread}")
    return 0


def run(one: str, seconds: float) -> dict[str, float]:
    """Measure in a process of its own."""
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    began = time.time()
    done = subprocess.run(
        [sys.executable, __file__, "--one", one, "--seconds", str(seconds)],
        env={**environment, "BENCH_BEGAN": str(began)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout)


def first_paint() -> dict[str, float]:
    """Measure a cold start as the console makes it: qasync, theme, window, six handsets."""
    began = float(os.environ["BENCH_BEGAN"])
    importlib.import_module("qasync")  # the console needs it to start
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    from ui.actions import DeskActions, DeskFacts
    from ui.bridge import Bridge
    from ui.theme import Theme
    from ui.window import MainWindow

    imported = time.time() - began
    app = QApplication([])
    theme = Theme(app)
    facts = DeskFacts("Desk 1", "met-police", "A. Khan", training=False)
    nobody = SimpleNamespace(
        batch=None, paper=None, wall=None, bays=None, way_back=None
    )  # nothing is asked before that
    window = MainWindow(Bridge(), cast("DeskActions", nobody), facts, theme)

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint and watched is window:
                app.quit()
            return False

    watcher = Painted()
    window.installEventFilter(watcher)
    window.show()
    built = time.time() - began
    app.processEvents()
    window.grab()
    return {"imported": imported, "built": built, "painted": time.time() - began}


def busy(number: int, seconds: float, kind: str) -> dict[str, float]:
    """Measure a window while handsets change, told from another thread."""
    import threading

    from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from tests.ui.rehearsal import FACTS, PROVISION, RehearsedDesk, ready, working
    from ui.bridge import Bridge
    from ui.theme import Theme
    from ui.window import MainWindow

    app = QApplication([])
    bridge = Bridge()
    window = MainWindow(bridge, RehearsedDesk(bridge), FACTS, Theme(app))
    window.resize(1920, 1000)
    window.show()
    phases = [[working(one, stage, 16) for stage in PROVISION] + [ready(one, 16)] for one in range(number)]
    for states in phases:
        bridge.post(states[-1])
    settle(app, 1.0)
    window.desk.choose(phases[0][0].key)
    paints, lags, owns, done = [0], list[float](), list[float](), threading.Event()
    posted, rows = dict[tuple[str, str], float](), list[float]()
    note_cards(window, posted, rows)

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            paints[0] += event.type() is QEvent.Type.Paint
            return False

    watcher = Painted()
    window.desk.wall.viewport().installEventFilter(watcher)

    def engine() -> None:
        step = 0
        while not done.wait(0.1):
            step += 1
            for one in range(number):
                status = phases[one][(step + one) % 7]
                if kind == "again":
                    bridge.post(status)
                elif one % 10 == step % 10:
                    changed = renamed(status, step)
                    assert changed.identity is not None
                    posted[changed.key, str(changed.identity.model_name)] = time.perf_counter()
                    bridge.post(changed)

    thread = threading.Thread(target=engine, daemon=True)
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=round(TICK * 1000))
    last, spent = time.perf_counter(), time.thread_time()

    def tick() -> None:
        nonlocal last, spent
        now, used = time.perf_counter(), time.thread_time()
        lags.append(max(0.0, now - last - TICK))
        owns.append(used - spent)
        last, spent = now, used

    timer.timeout.connect(tick)
    timer.start()
    if kind == "again":
        thread.start()
        settle(app, 1.5)  # every card has been painted once by then
        lags.clear()
        owns.clear()
    elif kind == "new":
        thread.start()
    else:
        timer.stop()
    used, began = cpu(), time.perf_counter()
    last = began
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    seconds = time.perf_counter() - began
    share = (cpu() - used) / seconds * 100
    done.set()
    ordered, shown, own = sorted(lags) or [0.0], sorted(rows) or [0.0], sorted(owns) or [0.0]
    return {
        "paints": paints[0] / seconds,
        "cpu": share,
        "p50": ordered[len(ordered) // 2] * 1000,
        "p99": ordered[int(len(ordered) * 0.99)] * 1000,
        "max": ordered[-1] * 1000,
        "own": own[int(len(own) * 0.99)] * 1000,
        "row p50": shown[len(shown) // 2] * 1000,
        "row p99": shown[int(len(shown) * 0.99)] * 1000,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def note_cards(window: MainWindow, posted: dict[tuple[str, str], float], rows: list[float]) -> None:
    """Note how long each card took that has just been painted for the first time."""
    painter = window.desk.wall._cards  # pyright: ignore[reportPrivateUsage]  # where a card is painted
    paint = painter.card

    def noted(card: Card, density: Density, look: Look) -> QPixmap:
        made = paint(card, density, look)
        if (began := posted.pop((card.serial_number, card.model), None)) is not None:
            rows.append(time.perf_counter() - began)
        return made

    painter.card = noted


def renamed(status: SessionStatus, step: int) -> SessionStatus:
    """Give the same with a name that no card has shown before."""
    assert status.identity is not None
    return replace(status, identity=replace(status.identity, model_name=f"{status.identity.model_name} {step}"))


def settle(app: object, seconds: float) -> None:
    """Let everything be laid out and painted."""
    from PySide6.QtWidgets import QApplication

    assert isinstance(app, QApplication)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        app.processEvents()
        time.sleep(0.005)


def cpu() -> float:
    """Give the processor seconds that this process has taken."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
