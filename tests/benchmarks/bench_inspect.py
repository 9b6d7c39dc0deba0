"""`inspect` of many handsets beside the command lines that fetch the same information, on one rack, in one run.

    python tests/benchmarks/bench_inspect.py [--iphones 20] [--androids 20] [--latency none|usb] [--parallel N]

Peers are taken from PATH, or from IDEVICE_ID_DIR / GO_IOS / ADB; one that is not installed is left out and said so.
Each peer loops over the handsets one after the other, and with --parallel N side by side as `xargs -P N` would.
What it must fetch: who the handset is, every app with attributes, and who manages it. Wall seconds and CPU seconds
(user + system, children included) of whole processes; the rack's own CPU is not counted to anybody.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rack_process import ServedRack, served

Command = list[str]


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to fetch the information with other programs: the commands for one handset."""

    name: str
    platform: str
    commands: Callable[[ServedRack, str], list[Command]]


@dataclass(frozen=True, slots=True)
class Figure:
    wall: float
    cpu: float
    failed: int


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--iphones", type=int, default=20)
    parser.add_argument("--androids", type=int, default=20)
    parser.add_argument("--latency", default="none")
    parser.add_argument("--parallel", type=int, default=1)
    chosen = parser.parse_args()
    counts = ["--iphones", str(chosen.iphones), "--androids", str(chosen.androids), "--latency", chosen.latency]
    with tempfile.TemporaryDirectory() as folder, served(*counts) as rack:
        home = ["--home", str(Path(folder) / "home")]
        desk = [sys.executable, "-m", "console", *home]
        run([*desk, "init", "--training"], rack)
        inspect = [*desk, "--json", "inspect", "--policy", "met-police"]
        run(inspect, rack)  # the first one finds cold caches on both sides
        rack_text = f"{chosen.iphones} iPhones + {chosen.androids} Androids, latency {chosen.latency}"
        print(f"{rack_text}, {os.cpu_count()} cores")
        ours = measured([[inspect]], rack, 1)
        show("issuing-desk inspect (all)", ours, ours)
        fastest: dict[str, Figure] = {}
        for peer in peers():
            handsets = rack.of(peer.platform)
            if not handsets:
                continue
            keys = [one["udid"] or one["adbd"] for one in handsets]
            figure = measured([peer.commands(rack, key) for key in keys], rack, chosen.parallel)
            show(f"{peer.name} x {len(keys)}", figure, ours)
            if peer.platform not in fastest or figure.wall < fastest[peer.platform].wall:
                fastest[peer.platform] = figure
        if fastest:
            together = Figure(sum(one.wall for one in fastest.values()), sum(one.cpu for one in fastest.values()), 0)
            show("fastest loop of each platform, together", together, ours)


def peers() -> list[Peer]:
    """Give the peers that are installed here."""
    found: list[Peer] = []
    info, installer = shutil.which("ideviceinfo"), shutil.which("ideviceinstaller")
    if info and installer:
        found.append(
            Peer("ideviceinfo + ideviceinstaller", "ios", lambda _rack, udid: [
                [info, "-u", udid, "-x"], [installer, "-u", udid, "-l", "-o", "list_all", "-o", "xml"]])
        )  # fmt: skip
    go_ios = os.environ.get("GO_IOS") or shutil.which("ios")
    if go_ios:
        found.append(
            Peer("go-ios info + apps + profile list", "ios", lambda _rack, udid: [
                [go_ios, "info", f"--udid={udid}"], [go_ios, "apps", "--all", f"--udid={udid}"],
                [go_ios, "profile", "list", f"--udid={udid}"]])
        )  # fmt: skip
    library = [sys.executable, "-m", "pymobiledevice3"]
    found.append(
        Peer("pymobiledevice3 lockdown info + apps list", "ios", lambda _rack, udid: [
            [*library, "lockdown", "info", "--udid", udid], [*library, "apps", "list", "--udid", udid]])
    )  # fmt: skip
    for name, program in adbs():
        found.append(Peer(f"adb shell ({name})", "android", adb_commands(program)))
    return found


def adbs() -> list[tuple[str, str]]:
    """Give the adb programs: the one in the adbutils wheel, and another on PATH."""
    import adbutils

    bundled = Path(adbutils.__file__).parent / "binaries" / "adb"
    found = [("bundled", str(bundled))] if bundled.exists() else []
    other = os.environ.get("ADB") or shutil.which("adb")
    return [*found, *([("on PATH", other)] if other else [])]


def adb_commands(program: str) -> Callable[[ServedRack, str], list[Command]]:
    asked = (
        "getprop", "pm list users", "pm list packages -f -i -U -u --user 0", "dumpsys package packages",
        "dumpsys device_policy", "dumpsys user",
    )  # fmt: skip

    def commands(rack: ServedRack, serial: str) -> list[Command]:
        port = str(rack.announcement["adb_server_port"])
        return [[program, "-H", "127.0.0.1", "-P", port, "-s", serial, "shell", command] for command in asked]

    return commands


def measured(handsets: Sequence[list[Command]], rack: ServedRack, parallel: int) -> Figure:
    """Run the commands of every handset; those of one handset one after the other."""

    def failures(commands: list[Command]) -> int:
        return sum(run(one, rack) for one in commands)

    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with ThreadPoolExecutor(parallel) as pool:
        failed = sum(pool.map(failures, handsets))
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Figure(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, failed)


def run(command: Command, rack: ServedRack) -> int:
    """Run one program; 1 where it could not do its work (exit 1 of ours is a verdict, not a failure)."""
    done = subprocess.run(command, env=rack.environment, capture_output=True, check=False, timeout=600)
    return int(done.returncode not in ({0, 1} if "console" in command else {0}))


def show(name: str, figure: Figure, ours: Figure) -> None:
    ratio = f"{figure.wall / ours.wall:5.1f} x" if figure is not ours else "      -"
    failed = f"  {figure.failed} failed" if figure.failed else ""
    print(f"  {name:48} {figure.wall:7.2f} s wall  {figure.cpu:7.2f} s CPU  {ratio}{failed}", flush=True)


if __name__ == "__main__":
    main()
