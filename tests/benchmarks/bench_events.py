"""Handsets plugged, pulled, swapped, replugged and rebooted on forty bays, a million times if it must be.

    python tests/benchmarks/bench_events.py [--events 1000000] [--processes 2]

Each process takes yards of 20,000 events with seeds of their own, every other one with handsets that share a serial
number. Prints what happened and how often the wall at rest and every record were held against the truth; ends with 1
at the first handset that is taken for another. ``tests/contract/yard.py`` says what is real in it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
EACH = 20_000


def lived(seed: int) -> tuple[Counter[str], Counter[str]]:
    """Give the events and the entries of one yard. Raises AssertionError where one was taken for another."""
    from tests.contract.yard import JumpingLoop, Yard

    logging.disable(logging.CRITICAL)
    yard = Yard(seed, twins=3 * (seed % 2))
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(yard.live(EACH))
    return yard.events, yard.books.entries


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=1000)
    chosen = parser.parse_args()
    began = time.perf_counter()
    events, entries = Counter[str](), Counter[str]()
    seeds = range(chosen.first_seed, chosen.first_seed - (-chosen.events // EACH))
    with ProcessPoolExecutor(chosen.processes) as pool:
        for number, (happened, written) in enumerate(pool.map(lived, seeds), 1):
            events += happened
            entries += written
            print(f"\r{number * EACH:,} events", end="", file=sys.stderr, flush=True)
    print(f"\n{events.total():,} events on 40 bays in {time.perf_counter() - began:.0f} s: {dict(events)}")
    print(f"booked and judged: {dict(entries)}")
    print("handsets taken for another: 0; bays that show what is gone: 0")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
