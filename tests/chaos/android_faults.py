"""Every fault at every command of an Android's provisioning run, through the command line, on one desk side by side.

    python tests/chaos/android_faults.py [--wait 8] [--stride 1]

First a run without a fault tells which commands there are and how often each is given. Then one virtual Android for
each pair of a command and a kind of fault, each with an app on it that the policy denies: so no verdict may ever be
clear, every verdict must come, and within the deadlines. Then the same desk provisions again: whatever is still on its
cable must come to its right verdict, those that are struck for ever excepted. Last the adb server is killed at each
command in turn, on racks of two handsets each. Exit 1 where any of that is not so. It takes some minutes, so it is run
by hand and not with the suite; the suite strikes a part of the same commands on the engine itself.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from rack_process import served

from provisioning.virtual.android.mishaps import Mishaps
from provisioning.virtual.rack import Rack
from provisioning.virtual.scenario import load_scenario

DENIED = "com.zhiliaoapp.musically"
KINDS = {
    "unplugged, back after 1 s": 'unplug back=1 at="{}"',
    "unplugged under the answer": 'unplug back=1 after=64 at="{}"',
    "stalled for 25 s": 'stall seconds=25 at="{}"',
    "garbage": 'garbage at="{}"',
    "garbage with an error": 'garbage code=255 at="{}"',
    "broken off": 'truncated at="{}"',
    "broken off politely": 'truncated code=0 at="{}"',
    "no exit code": 'no-exit-code at="{}"',
    "cut by its service": 'dump-timeout at="{}"',
    "garbage for ever": 'garbage times=0 at="{}"',
    "unplugged for good": 'unplug at="{}"',
}
LASTING = frozenset({"garbage for ever", "unplugged for good"})
LONGEST_RUN = 900.0
"""Seconds for all handsets of one run: each stage's limits, shared by two processors."""
Row = tuple[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--wait", default="8", help="seconds to wait for a handset that is away")
    parser.add_argument("--stride", type=int, default=1, help="strike only each so-manieth command")
    chosen = parser.parse_args()
    commands = asyncio.run(commands_of_a_run())[:: chosen.stride]
    print(f"{len(commands)} different commands, {len(KINDS)} kinds of fault", flush=True)
    bad = 0
    for kind in KINDS:
        bad += struck([(kind, command) for command in commands], chosen.wait)
    killed = collections.Counter(server_killed(command, chosen.wait) for command in commands)
    print(f"adb server killed at each command: {dict(killed)}")
    bad += killed["WRONG"]
    return 1 if bad else 0


async def commands_of_a_run() -> list[str]:
    """Lead one handset through a whole run and give the different commands that it was asked, in their order."""
    given: list[str] = []

    def noting(_: Mishaps, text: str) -> None:
        given.append(text)

    with tempfile.TemporaryDirectory() as name:
        scenario = Path(name) / "one.toml"
        scenario.write_text(_handset(0, ""), "utf-8")
        with patch.object(Mishaps, "_at", noting):
            async with Rack(load_scenario(scenario)) as rack:
                environment = {"ANDROID_ADB_SERVER_ADDRESS": "127.0.0.1",
                               "ANDROID_ADB_SERVER_PORT": str(rack.adb_server_port),
                               "USBMUXD_SOCKET_ADDRESS": rack.usbmux_address}  # fmt: skip
                await asyncio.to_thread(_provision, environment, Path(name) / "home", "8")
    return list(dict.fromkeys(_place(one) for one in given if not one.startswith("echo ")))


def _place(command: str) -> str:
    """Give the beginning by which a command is recognised on another handset: no path that is made by chance."""
    words = command.split()
    return " ".join(words[:3]) if words[0] in {"tail", "dd"} else command.split(" /data/app/")[0].strip()


def struck(rows: Sequence[Row], wait: str) -> int:
    """Lay one handset for each row on a rack and provision twice; count what went wrong."""
    kind = rows[0][0]
    with tempfile.TemporaryDirectory() as name:
        scenario, home = Path(name) / "faults.toml", Path(name) / "home"
        scenario.write_text("".join(_handset(number, KINDS[kind].format(command))
                                    for number, (_, command) in enumerate(rows)), "utf-8")  # fmt: skip
        with served("--scenario", str(scenario)) as rack:
            command_of = {
                name: row[1]
                for one, row in zip(rack.of("android"), rows, strict=True)
                for name in (one["serial_number"], one["adbd"])
            }
            bad = 0
            for settled in (False, True):
                began = time.monotonic()
                verdicts = _provision(rack.environment, home, wait)
                spent = time.monotonic() - began
                bad += _judge(kind, verdicts, command_of, spent, settled=settled)
            checked = _call(rack.environment, home, "ledger", "verify")
            if not checked["ok"]:
                print(f"WRONG: the ledger after “{kind}”: {checked}")
                bad += 1
    return bad


def server_killed(command: str, wait: str) -> str:
    """Kill the adb server at one command; it comes back after a second. Say what the two runs came to."""
    with tempfile.TemporaryDirectory() as name:
        scenario, home = Path(name) / "faults.toml", Path(name) / "home"
        scenario.write_text(_handset(0, f'server-dies restart=1 at="{command}"') + _handset(1, ""), "utf-8")
        with served("--scenario", str(scenario)) as rack:
            first, second = (_provision(rack.environment, home, wait) for _ in range(2))
    said = [one["verdict"] for one in (*first, *second)]
    if "clear" in said or len(first) != 2 or [one["verdict"] for one in second] != ["not_clear"] * 2:
        print(f"WRONG: server killed at {command}: {said}")
        return "WRONG"
    return " + ".join(sorted(one["verdict"] for one in first))


def _handset(number: int, fault: str) -> str:
    faults = f"faults = ['{fault}']\n" if fault else ""
    return (
        f'[[handset]]\nprofile = "pixel-8"\nserial_number = "F{number:04d}FAULT"\napps = ["{DENIED}"]\n{faults}'
        f'bay = "{1 + number // 10}-{1 + number % 10}"\n'
    )


def _provision(environment: dict[str, str], home: Path, wait: str) -> list[dict[str, Any]]:
    if not home.exists():
        _call(environment, home, "init", "--training")
    return _call(environment, home, "provision", "--policy", "met-police", "--wait", wait, "--parallel", "64")


def _call(environment: dict[str, str], home: Path, *arguments: str) -> Any:
    command = [sys.executable, "-m", "console", "--home", str(home), "--json", *arguments]
    done = subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
        timeout=LONGEST_RUN,
    )  # fmt: skip
    return json.loads(done.stdout)


def _judge(
    kind: str, verdicts: list[dict[str, Any]], command_of: dict[str, str], spent: float, *, settled: bool
) -> int:
    counted = collections.Counter(one["verdict"] for one in verdicts)
    run = "second run" if settled else "first run"
    print(f"  {kind:28} {run:10} {spent:6.0f} s  {dict(counted)}", flush=True)
    bad = 0
    # Whoever is on its cable at the beginning must stand in the result, with or without a name.
    if (not settled or kind not in LASTING) and len(verdicts) * 2 != len(command_of):
        print(f"WRONG: {kind}: {len(verdicts)} verdicts")
        bad += 1
    for one in verdicts:
        wrong = one["verdict"] == "clear" or (settled and kind not in LASTING and one["verdict"] != "not_clear")
        if wrong:
            bad += 1
            command = command_of.get(one["serial_number"]) or command_of.get(one.get("connection", ""))
            print(f"WRONG: {kind} at {command}: {one['verdict']}: {one['not_checked'][:1]}")
    return bad


if __name__ == "__main__":
    sys.exit(main())
