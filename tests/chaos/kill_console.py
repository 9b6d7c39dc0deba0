"""Kill the console in the middle of a delivery of forty, and see it go on: ``python tests/chaos/kill_console.py``.

    python tests/chaos/kill_console.py [--kills 10] [--latency none|usb] [--in-a-row]

For each moment a fresh rack (``tests/contract/forty.toml``: 31 good handsets, nine odd ones) and a fresh home. The
real program is killed with SIGKILL once its ledger has grown by so much, started again as a person would, and left to
finish. ``--in-a-row``: all kills in one run. Printed for each: seconds from the start of the second process to its
first new entry in the ledger, seconds until it was done, and what the ledger then says. Ends with 1 where anything is
missing, said twice or slower than three seconds.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "benchmarks")]

from rack_process import ServedRack, served  # noqa: E402

SCENARIO = ROOT / "tests" / "contract" / "forty.toml"
STRANGER, TWICE = 7, 8
ODD = range(9)
"""Places on the rack of those that never become ready."""
RESUMED = 3.0
ONCE = ("identified", "enrolled", "applied")
ENTRIES_OF_ONE = 5
"""A good handset's walk books: identified, enrolled, applied, verified, walked."""


@dataclass(slots=True)
class Survived:
    """One run that was killed: at which entries, what it took to go on, and what is wrong with the ledger."""

    killed_at: list[int] = field(default_factory=list[int])
    resumed: list[float] = field(default_factory=list[float])
    finished: float = 0.0
    ready: int = 0
    entries: int = 0
    wrong: list[str] = field(default_factory=list[str])


class Delivery:
    """A rack, a home and the batch's manifest; ``odd`` are the places of handsets that are not to become ready."""

    def __init__(self, rack: ServedRack, folder: Path, odd: Sequence[int]) -> None:
        self._rack = rack
        self._odd = frozenset(odd)
        self._line = [sys.executable, "-m", "console", "--home", str(folder / "home"), "--json"]
        self._ledger = folder / "home" / "ledger.sqlite"
        self.handsets: list[dict[str, Any]] = rack.announcement["handsets"]
        self.call("init", "--training")
        manifest = folder / "June.csv"
        self._list(manifest)
        self.call("batch", "import", str(manifest), "--name", "June")

    @property
    def good(self) -> list[str]:
        """Give the serial numbers of those that are to become ready."""
        return [one["serial_number"] for place, one in enumerate(self.handsets) if place not in self._odd]

    def call(self, *arguments: str) -> Any:
        """Run a command to its end and give its document."""
        done = subprocess.run(
            [*self._line, *arguments], env=self._environment(), capture_output=True, check=False, timeout=300
        )
        if done.returncode not in {0, 1, 3, 4}:
            raise RuntimeError(f"{arguments}: {done.returncode} {done.stderr.decode()[-400:]}")
        return json.loads(done.stdout)

    def start(self) -> subprocess.Popen[bytes]:
        """Begin to provision the batch in a process of its own."""
        work = ["provision", "--policy", "met-police", "--batch", "June", "--wait", "4"]
        return subprocess.Popen([*self._line, *work], env=self._environment(), stdout=subprocess.PIPE)

    def numbers(self) -> list[str]:
        """Give the hashes of all entries that are on disk, whoever is writing meanwhile."""
        with sqlite3.connect(f"file:{self._ledger}?mode=ro", uri=True, timeout=5) as connection:
            return [bytes(row[0]).hex() for row in connection.execute("SELECT hash FROM entries ORDER BY number")]

    def until(self, entries: int, process: subprocess.Popen[bytes], seconds: float = 120.0) -> None:
        """Wait until the ledger holds so many entries, or the process has ended."""
        ends = time.perf_counter() + seconds
        while len(self.numbers()) < entries and process.poll() is None and time.perf_counter() < ends:
            time.sleep(0.005)

    def wrong_entries(self) -> list[str]:
        """Say what the ledger lacks of a good handset, or says twice."""
        check = self.call("ledger", "verify")
        wrong = [] if check["ok"] else [f"the ledger does not verify: {check}"]
        said: dict[str, Counter[str]] = {}
        for entry in self.call("ledger", "show"):
            kind, body = entry["kind"], entry["body"]
            if kind == "walked":
                kind = f"walked to {body['end']}"
            if kind == "verified":
                kind = f"verified {body['verdict']}"
            said.setdefault(entry["serial_number"] or "", Counter())[kind] += 1
        for serial in self.good:
            of = said.get(serial, Counter())
            wrong += [f"{serial}: {kind} {of[kind]} times" for kind in ONCE if of[kind] != 1]
            wrong += [f"{serial}: never {kind}" for kind in ("verified clear", "walked to ready") if not of[kind]]
        return wrong

    def _list(self, file: Path) -> None:
        odd = self._odd
        listed = [one for place, one in enumerate(self.handsets) if place != STRANGER or place not in odd]
        listed += [self.handsets[TWICE]] if TWICE in odd else []
        with file.open("w", newline="") as opened:
            table = csv.writer(opened)
            table.writerow(["Serial number", "Model"])
            table.writerows([one["serial_number"], one["model"]] for one in listed)

    def _environment(self) -> dict[str, str]:
        return {**self._rack.environment, "PYTHONPATH": str(ROOT)}


def survive(delivery: Delivery, kills: Sequence[float]) -> Survived:
    """Kill at these shares of the entries to come, start again each time, and let the last one finish."""
    told = Survived()
    began_with = len(delivery.numbers())
    expected = ENTRIES_OF_ONE * len(delivery.good)
    process, started = delivery.start(), time.perf_counter()
    for share in kills:
        delivery.until(max(began_with + round(share * expected), len(delivery.numbers()) + 1), process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        before = delivery.numbers()
        told.killed_at.append(len(before))
        started = time.perf_counter()
        process = delivery.start()
        delivery.until(len(before) + 1, process)
        told.resumed.append(time.perf_counter() - started)
        if delivery.numbers()[: len(before)] != before:
            told.wrong.append("what was on disk before the kill is not there afterwards")
    out, _ = process.communicate(timeout=300)
    told.finished = time.perf_counter() - started
    good = set(delivery.good)
    verdicts = {one["serial_number"]: one["verdict"] for one in json.loads(out)}
    told.ready = sum(verdicts.get(serial) == "clear" for serial in good)
    told.wrong += [f"{serial} is {verdict}" for serial, verdict in verdicts.items() if serial not in good
                   and verdict == "clear"]  # fmt: skip
    told.wrong += delivery.wrong_entries()
    told.entries = len(delivery.numbers())
    return told


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--latency", choices=["none", "usb"], default="none")
    parser.add_argument("--in-a-row", action="store_true", help="all kills in one run")
    chosen = parser.parse_args()
    shares = [(number + 0.5) / chosen.kills for number in range(chosen.kills)]
    print(f"forty handsets, latency {chosen.latency}, {os.cpu_count()} cores")
    print(f"{'killed at entry':>16}{'resumed after s':>17}{'finished after s':>18}{'ready':>7}{'entries':>9}  wrong")
    failed = False
    for kills in [shares] if chosen.in_a_row else [[share] for share in shares]:
        with (
            tempfile.TemporaryDirectory() as folder,
            served("--scenario", str(SCENARIO), "--latency", chosen.latency) as rack,
        ):
            delivery = Delivery(rack, Path(folder), ODD)
            told = survive(delivery, kills)
            failed |= bool(told.wrong) or told.ready != len(delivery.good) or max(told.resumed) > RESUMED
        for number, (entry, seconds) in enumerate(zip(told.killed_at, told.resumed, strict=True), 1):
            last = number == len(told.killed_at)
            end = f"{told.finished:18.1f}{told.ready:7}{told.entries:9}  {told.wrong or 'nothing'}" if last else ""
            print(f"{entry:16}{seconds:17.2f}{end}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
