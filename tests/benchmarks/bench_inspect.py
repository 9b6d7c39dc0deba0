"""`inspect` of many handsets beside the command lines that fetch the same information, on one rack, in one run.

    python tests/benchmarks/bench_inspect.py [--iphones 20] [--androids 20] [--latency none|usb] [--parallel N]

Peers are taken from PATH, or from IDEVICE_ID_DIR / GO_IOS / ADB; one that is not installed is left out and said so.
Each peer loops over the handsets one after the other, and with --parallel N side by side as `xargs -P N` would.
What it must fetch: who the handset is, every app with attributes, and who manages it. Peers marked “the same” fetch
what ``inspect`` does, as far as their programs can: every command that it has an Android run (certificates, other
users, restrictions and settings among them), and an iPhone's profiles; the others leave that out. Wall seconds and
CPU seconds (user + system, children included) of whole processes; the rack's own CPU is not counted to anybody.
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
    same: bool = False
    """Fetches what ``inspect`` does."""


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
    parser.add_argument("--record", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.record:
        record(chosen.record)
        return
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
        fastest_same: dict[str, Figure] = {}
        for peer in peers(asked_of_an_android(rack, home) if rack.of("android") else []):
            handsets = rack.of(peer.platform)
            if not handsets:
                continue
            keys = [one["udid"] or one["adbd"] for one in handsets]
            figure = measured([peer.commands(rack, key) for key in keys], rack, chosen.parallel)
            show(f"{peer.name} x {len(keys)}", figure, ours)
            best = fastest_same if peer.same else fastest
            if peer.platform not in best or figure.wall < best[peer.platform].wall:
                best[peer.platform] = figure
        for name, best in (("fastest loops together", fastest), ("fastest loops together, the same", fastest_same)):
            if best:
                together = Figure(sum(one.wall for one in best.values()), sum(one.cpu for one in best.values()), 0)
                show(name, together, ours)
    for name, count in (("one iPhone", (1, 0)), ("one Android", (0, 1))):
        alone(name, count, chosen.latency, ours)


def alone(name: str, count: tuple[int, int], latency: str, ours: Figure) -> None:
    """Inspect a single handset: the floor, since nothing is faster than its own answers."""
    counts = ["--iphones", str(count[0]), "--androids", str(count[1]), "--latency", latency]
    with tempfile.TemporaryDirectory() as folder, served(*counts) as rack:
        desk = [sys.executable, "-m", "console", "--home", str(Path(folder) / "home")]
        run([*desk, "init", "--training"], rack)
        inspect = [*desk, "--json", "inspect", "--policy", "met-police"]
        run(inspect, rack)
        show(f"the floor: issuing-desk inspect of {name}", measured([[inspect]], rack, 1), ours)


def asked_of_an_android(rack: ServedRack, home: list[str]) -> list[str]:
    """Give every shell command that ``inspect`` has an Android run."""
    done = subprocess.run(
        [sys.executable, __file__, "--record", home[1]],
        env={**rack.environment, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True, check=True, timeout=600,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def record(home: str) -> None:
    """Inspect in this process and print the commands."""
    from console.cli import run as run_line
    from provisioning.android.script import Script

    made, asked = Script.__init__, list[str]()

    def note(self: Script, commands: Sequence[str], word: str | None = None) -> None:
        asked.extend(commands)
        made(self, commands, word)

    Script.__init__ = note
    run_line(["--home", home, "--json", "inspect", "--policy", "met-police"])
    print("\n" + json.dumps(list(dict.fromkeys(asked))))


def peers(asked: list[str]) -> list[Peer]:
    """Give the peers that are installed here; ``asked`` is what an Android is to be asked for the same information."""
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
    if info and installer and go_ios:
        found.append(
            Peer("ideviceinfo + ideviceinstaller + go-ios, the same", "ios", lambda _rack, udid: [
                [info, "-u", udid, "-x"], [installer, "-u", udid, "-l", "-o", "list_all", "-o", "xml"],
                [go_ios, "profile", "list", f"--udid={udid}"]], same=True)
        )  # fmt: skip
    library = [sys.executable, "-m", "pymobiledevice3"]
    found.append(
        Peer("pymobiledevice3 lockdown info + apps list", "ios", lambda _rack, udid: [
            [*library, "lockdown", "info", "--udid", udid], [*library, "apps", "list", "--udid", udid]])
    )  # fmt: skip
    for name, program in adbs():
        found.append(Peer(f"adb shell ({name})", "android", adb_commands(program, ASKED)))
        if asked:
            commands = adb_commands(program, asked)
            found.append(Peer(f"adb shell ({name}), {len(asked)} commands, the same", "android", commands, same=True))
    return found


def adbs() -> list[tuple[str, str]]:
    """Give the adb programs: the one in the adbutils wheel, and another on PATH."""
    import adbutils

    bundled = Path(adbutils.__file__).parent / "binaries" / "adb"
    found = [("bundled", str(bundled))] if bundled.exists() else []
    other = os.environ.get("ADB") or shutil.which("adb")
    return [*found, *([("on PATH", other)] if other else [])]


ASKED = (
    "getprop", "pm list users", "pm list packages -f -i -U -u --user 0", "dumpsys package packages",
    "dumpsys device_policy", "dumpsys user",
)  # fmt: skip


def adb_commands(program: str, asked: Sequence[str]) -> Callable[[ServedRack, str], list[Command]]:
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
    print(f"  {name:52} {figure.wall:7.2f} s wall  {figure.cpu:7.2f} s CPU  {ratio}{failed}", flush=True)


if __name__ == "__main__":
    main()
