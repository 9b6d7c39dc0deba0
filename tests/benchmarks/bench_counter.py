"""What a handover costs people and the machine, at the real window: ``python tests/benchmarks/bench_counter.py``.

Officers: a queue is served by scans and keys; both are counted for each handset that was staged, and what they cost a
person is estimated by the keystroke-level model (S. Card, T. Moran, A. Newell, "The keystroke-level model for user
performance time with interactive systems", CACM 23(7), 1980, 396-410), whose error is about a fifth. A scan is no
operator of the model: it is taken as homing, pointing at the code and pressing the trigger. Nor is reading: the words
of the declaration at 238 words a minute (M. Brysbaert, "How many words do we read per minute?", Journal of
Memory and Language 109, 2019, for non-fiction; most adults: 175 to 300).

Items: a hundred under twelve terms on one signature, in machine seconds, with the extract of each.

``[--officers 30] [--items 100] [--most 60]``; exit 1 where a staged handset took more than 3 scans or 6 keys, where the
technician's part is over 45 s, or the items took more than ``--most`` seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rack_process import served

from provisioning.check_digits import is_iccid

ROOT = Path(__file__).resolve().parents[2]
STORIES = ROOT / "tests" / "contract"
KEY, POINT, HOME, MENTAL = 0.28, 1.10, 0.40, 1.35
"""Seconds: K of an average non-secretary typist, P, H and M (Card, Moran, Newell 1980, figure 1)."""
WORDS_A_MINUTE = 238
MOST_SCANS, MOST_KEYS, MOST_SECONDS = 3, 6, 45.0


def main() -> int:
    """Measure and print; gives 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--officers", type=int, default=30)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--most", type=float, default=60.0, help="seconds for the items")
    asked = parser.parse_args()
    right = _queue(asked.officers) if asked.officers else True
    return 0 if (_items(asked.items, asked.most) if asked.items else True) and right else 1


def _queue(officers: int) -> bool:
    half = str(-(-officers // 2))
    with TemporaryDirectory() as folder, served("--iphones", half, "--androids", half) as rack:
        home, environment = Path(folder) / "home", {**rack.environment, **_offscreen()}
        _call(home, environment, "init", "--training")
        serials = [one["serial_number"] for one in rack.announcement["handsets"]][:officers]
        said = _script("counter_on_the_rack.py", environment, str(home), ",".join(serials))
    smooth = [one for one in said["served"] if one["trouble"] == 0]
    scans, keys = max(one["scans"] for one in smooth), max(one["keys"] for one in smooth)
    machine = [one["seconds"] for one in smooth]
    ticks = said["clauses"]
    print(f"{len(said['served'])} officers, {len(smooth)} of them without trouble: {scans} scans and {keys} keys each")
    print(f"machine: {statistics.median(machine):.2f} s median, {max(machine):.2f} s most, a fresh verification in it")
    scan = HOME + POINT + KEY
    hands = {
        f"{scans} scans (H+P+K each)": scans * scan,
        f"{keys} keys (K each), {ticks} of them ticks": keys * KEY,
        "from scanner to keyboard (H)": HOME,
        "decide: whose card, which handset, is it clear, hand over (4 M)": 4 * MENTAL,
        "wait for the machine (R)": statistics.median(machine),
    }
    for name, seconds in hands.items():
        print(f"  {name:<66}{seconds:6.1f} s")
    own, reading = sum(hands.values()), said["words"] / WORDS_A_MINUTE * 60
    print(f"technician, by the keystroke-level model: {own:.1f} s of at most {MOST_SECONDS:.0f}")
    print(f"officer, reading all {said['words']} words of the declaration meanwhile: {reading:.0f} s "
          f"at {WORDS_A_MINUTE} words a minute, {said['words'] / 5:.0f} s at 300")  # fmt: skip
    print(f"both, one after the other: {own + reading:.0f} s")
    return scans <= MOST_SCANS and keys <= MOST_KEYS and own <= MOST_SECONDS


def _items(items: int, most: float) -> bool:
    with TemporaryDirectory() as folder:
        home, environment = Path(folder) / "home", {**os.environ, **_offscreen()}
        _call(home, environment, "init", "--training")
        said = _script("counter_stories.py", environment, "hundred", str(home), *_sims(8), str(items))
        began = time.perf_counter()
        made = _call(home, environment, "receipt", "extracts", said["receipt"], str(Path(folder) / "extracts"))
        making = time.perf_counter() - began
        document = _call(home, environment, "ledger", "show", "--receipt", said["receipt"])[0]["body"]["document"]
    all_of_it = said["verified"] + said["handed over"] + making
    terms = {one["terms"] for one in document["items"]}
    print(f"{len(document['items'])} items under {len(terms)} terms, {said['scans']} scans, {said['keys']} keys")
    print(f"chosen and verified {said['verified']:.1f} s, ticked, signed, written and on the screen "
          f"{said['handed over']:.1f} s, {len(made['files'])} extracts {making:.1f} s: {all_of_it:.1f} s of at most "
          f"{most:.0f}")  # fmt: skip
    return (
        all_of_it <= most and len(document["items"]) == len(made["files"]) == items and len(terms) == len(said["texts"])
    )


def _sims(count: int) -> list[str]:
    bodies = (f"8944110068{place:08d}" for place in range(count))
    return [next(body + str(last) for last in range(10) if is_iccid(body + str(last))) for body in bodies]


def _offscreen() -> dict[str, str]:
    return {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}


def _script(name: str, environment: dict[str, str], *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(STORIES / name), *words], env=environment, capture_output=True, check=False, timeout=600
    )
    if done.returncode:
        sys.exit(done.stderr.decode()[-2000:])
    return json.loads(done.stdout)


def _call(home: Path, environment: dict[str, str], *words: str) -> Any:
    command = [sys.executable, "-m", "console", "--home", str(home), "--json", *words]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
