"""How long a handset takes, and how smooth the window stays while many are provisioned.

    python tests/benchmarks/bench_provision.py [--latency usb] [--runs 0] [--iphones 128 --androids 128]

* one handset of each platform from plug-in to ready, by ``issuing-desk provision`` (its own seconds, and the whole
  process with its start), beside what other tools need for a part of the same work where they are installed:
  go-ios ``prepare`` (supervision alone), ``adb install`` and ``dpm set-device-owner`` (ownership alone);
* the real window, offscreen, while 40 handsets on a rack are provisioned: the lag of its event loop, the time from the
  signal that a row changed until it is painted, and its memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from rack_process import ServedRack, served

HERE = Path(__file__).resolve().parent
APK = HERE.parents[1] / "resources" / "virtual" / "training-dpc.apk"
OWNER = "org.issuingdesk.trainingdpc/.AdminReceiver"
TICK = 0.005
"""Seconds between two looks at the loop's lag."""


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iphones", type=int, default=20, help="how many the window provisions")
    parser.add_argument("--androids", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency", choices=["none", "usb"], default="none")
    parser.add_argument("--go-ios", default=shutil.which("ios") or "", help="go-ios' program")
    parser.add_argument("--adb", default=shutil.which("adb") or "")
    parser.add_argument("--window", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.window:
        print(json.dumps(window(json.loads(arguments.window))))
        return
    if arguments.runs:
        print(f"one handset, plug-in to ready, latency {arguments.latency}, median of {arguments.runs}")
    for platform in ("ios", "android") if arguments.runs else ():
        one_handset(platform, arguments)
    told = lag(arguments.iphones, arguments.androids, arguments.latency)
    count = f"{arguments.iphones} iPhones and {arguments.androids} Androids"
    print(f"the window while {count} are provisioned: {told['seconds']:.1f} s,", end=" ")
    print(f"loop lag p50 {told['p50']:.1f}  p99 {told['p99']:.1f}  max {told['max']:.1f} ms,", end=" ")
    print(f"{told['ready']} ready, {told['rss']:.0f} MB")
    print(
        f"  a changed row is painted after p50 {told['row50']:.1f}  p95 {told['row95']:.1f}  p99 {told['row99']:.1f} ms"
    )


def one_handset(platform: str, arguments: argparse.Namespace) -> None:
    """Provision one, several times anew; then let the others do their part."""
    walks, wholes, others = list[float](), list[float](), list[float]()
    commands = list[list[str]]()
    count = ("1", "0") if platform == "ios" else ("0", "1")
    rack_arguments = ["--iphones", count[0], "--androids", count[1], "--latency", arguments.latency]
    for _ in range(arguments.runs):
        with tempfile.TemporaryDirectory() as folder, served(*rack_arguments) as rack:
            desk = [sys.executable, "-m", "console", "--home", folder + "/home", "--json"]
            run([*desk, "init", "--training"], rack)
            began = time.perf_counter()
            document = json.loads(run([*desk, "provision", "--policy", "met-police"], rack))
            wholes.append(time.perf_counter() - began)
            assert document[0]["verdict"] == "clear", document
            walks.append(sum(stage["seconds"] for stage in document[0]["stages"]))
        with tempfile.TemporaryDirectory() as folder, served(*rack_arguments) as rack:
            commands = peers(platform, arguments, rack, Path(folder))
            began = time.perf_counter()
            for command in commands:
                run(command, rack, cwd=folder)
            others.append(time.perf_counter() - began)
    print(f"  {platform:8} issuing-desk: six stages {middle(walks):6.2f} s, with its process {middle(wholes):6.2f} s")
    if commands:
        names = " + ".join(f"{Path(one[0]).name} {' '.join(one[5:7] if '-H' in one else one[1:2])}" for one in commands)
        print(f"  {'':8} a part of it by others, {len(commands)} commands: {middle(others):6.2f} s  ({names})")


def peers(
    platform: str, arguments: argparse.Namespace, rack: ServedRack, folder: Path, number: int = 0
) -> list[list[str]]:
    """Give the commands of others for supervision or ownership; nothing of verification."""
    if platform == "ios" and arguments.go_ios:
        udid = rack.of("ios")[number]["udid"]
        ios = arguments.go_ios
        if number == 0:
            run([ios, "prepare", "create-cert"], rack, cwd=str(folder))
        return [
            [ios, "prepare", "--skip-all", "--certfile=supervision-cert.der", "--orgname=Bench", f"--udid={udid}"],
            [ios, "apps", "--all", f"--udid={udid}"],
        ]
    if platform == "android" and arguments.adb:
        adb = [arguments.adb, "-H", "127.0.0.1", "-P", str(rack.announcement["adb_server_port"])]
        adb += ["-s", rack.of("android")[number]["adbd"]]
        return [
            [*adb, "install", "-r", str(APK)],
            [*adb, "shell", "dpm", "set-device-owner", OWNER],
            [*adb, "shell", "pm", "list", "packages", "-u", "--user", "0"],
        ]
    return []


def lag(iphones: int, androids: int, latency: str) -> dict[str, Any]:
    """Run the window in a process of its own on a rack of its own."""
    with served("--iphones", str(iphones), "--androids", str(androids), "--latency", latency) as rack:
        told = run(
            [sys.executable, __file__, "--window", json.dumps(rack.announcement)], rack, QT_QPA_PLATFORM="offscreen"
        )
    return json.loads(told.splitlines()[-1])


def window(announcement: dict[str, Any]) -> dict[str, Any]:
    """Open the real window on the rack, let it work at plug-in, look at the lag until all are at rest."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication, QWidget

    from console import window as console_window
    from console.assembly import make_home
    from console.call import Call
    from provisioning.status import Phase
    from ui.bridge import Bridge, Changes
    from ui.wall import Wall
    from ui.wall_model import WallModel
    from ui.window import MainWindow

    app = QApplication([])
    rested: dict[str, Phase] = {}
    lags, began, last = list[float](), time.perf_counter(), 0.0
    spent = 0.0

    rows, told, changed = list[float](), [0.0], [0.0]
    tell = Bridge._tell  # pyright: ignore[reportPrivateUsage]

    def telling(self: Bridge) -> None:
        told[0] = time.perf_counter()
        tell(self)

    Bridge._tell = telling  # pyright: ignore[reportPrivateUsage]

    def different(wall: Wall, model: WallModel, *_: object) -> None:
        """Note that a row that can be seen looks different from now on; not every signal changes what is seen."""
        seen = wall.viewport().visibleRegion()
        if any(seen.intersects(wall.visualRect(model.index(row))) for row in model.changed_rows):
            changed[0] = changed[0] or told[0]

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint and changed[0]:
                since, changed[0] = changed[0], 0.0
                QTimer.singleShot(0, lambda: rows.append(time.perf_counter() - since))
            return False

    painted = Painted()

    def note(changes: Changes) -> None:
        for status in changes.statuses:
            rested[status.key] = status.phase

    def bridges_of(top: QWidget) -> list[Bridge]:
        shown = isinstance(top, MainWindow) and top.isVisible()
        return [value for value in vars(top).values() if isinstance(value, Bridge)] if shown else []

    def tick() -> None:
        nonlocal last, spent
        now = time.perf_counter()
        if last:
            lags.append(max(0.0, now - last - TICK))
        elif bridges := [bridge for top in app.topLevelWidgets() for bridge in bridges_of(top)]:
            for top in app.topLevelWidgets():
                if isinstance(top, MainWindow):
                    top.desk.wall.viewport().installEventFilter(painted)
                    top.desk.model.dataChanged.connect(partial(different, top.desk.wall, top.desk.model))
            bridges[0].changed.connect(note)  # the window is there: from now on somebody could press a key
            last = now
        last = now if last else 0.0
        done = [phase for phase in rested.values() if phase in {Phase.READY, Phase.NOT_CLEAR, Phase.UNKNOWN}]
        if not spent and (len(done) == len(announcement["handsets"]) or now - began > 300):
            spent = now - began
            for top in app.topLevelWidgets():
                top.close()

    timer = QTimer(interval=round(TICK * 1000))
    timer.timeout.connect(tick)
    with tempfile.TemporaryDirectory() as folder:
        home = make_home(Path(folder) / "home", training=True, organisation=None, desk_name=None)
        QTimer.singleShot(0, timer.start)
        console_window.run_at(Call(home.path, as_json=False), home, announcement["bays"])
    ordered, rows = sorted(lags), sorted(rows)
    return {
        "seconds": spent,
        "row50": rows[len(rows) // 2] * 1000,
        "row95": rows[int(len(rows) * 0.95)] * 1000,
        "row99": rows[int(len(rows) * 0.99)] * 1000,
        "p50": ordered[len(ordered) // 2] * 1000,
        "p99": ordered[int(len(ordered) * 0.99)] * 1000,
        "max": ordered[-1] * 1000,
        "ready": sum(phase is Phase.READY for phase in rested.values()),
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def run(command: list[str], rack: ServedRack, cwd: str | None = None, **environment: str) -> str:
    """Run a program to its end and give what it printed; a failure ends the benchmark with its words."""
    done = subprocess.run(
        command, env={**rack.environment, "PYTHONPATH": str(HERE.parents[1]), **environment}, cwd=cwd,
        capture_output=True, check=False, timeout=600, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)[:200]} ended with {done.returncode}: {done.stderr[-800:]}{done.stdout[-400:]}")
    return done.stdout


def middle(values: list[float]) -> float:
    """Give the median."""
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main()
