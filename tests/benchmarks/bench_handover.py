"""Hand over very many items on one signature, by commands, on a rack: machine seconds of each command.

``python tests/benchmarks/bench_handover.py [--items 100] [--iphones 4] [--androids 4] [--most 60]``. All handsets of
the rack are verified afresh; the rest are things of eleven kinds, each under its own terms. Afterwards every item's
extract is made, and three of them and the receipt are checked with the public key alone. Exit 1 where one of these is
not so, or where handover and extracts take more than ``--most`` seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rack_process import ServedRack, served

from provisioning.check_digits import is_iccid
from provisioning.receipts.items import ItemKind

HEADS = ("command", "seconds", "exit")


def main() -> int:
    """Measure and print a table; gives 1 where something is not as it must be."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--iphones", type=int, default=4)
    parser.add_argument("--androids", type=int, default=4)
    parser.add_argument("--most", type=float, default=60.0, help="seconds for handover and extracts together")
    asked = parser.parse_args()
    on_rack = ("--iphones", str(asked.iphones), "--androids", str(asked.androids))
    with TemporaryDirectory() as folder, served(*on_rack) as rack:
        return _measure(Path(folder), rack, asked.items, asked.most)


def _measure(folder: Path, rack: ServedRack, items: int, most: float) -> int:
    serials = [one["serial_number"] for one in rack.announcement["handsets"]]
    kinds = [kind for kind in ItemKind if kind is not ItemKind.OTHER]
    others = [_item(kinds[place % len(kinds)], place) for place in range(items - len(serials))]
    print(f"{items} items: {len(serials)} handsets verified on a rack, {len(others)} other things")
    print(f"{HEADS[0]:<24}{HEADS[1]:>9}{HEADS[2]:>6}")

    def run(*arguments: str) -> tuple[float, int, Any]:
        command = [sys.executable, "-m", "console", "--home", str(folder / "home"), "--json", *arguments]
        began = time.perf_counter()
        done = subprocess.run(command, env=rack.environment, capture_output=True, check=False)
        seconds = time.perf_counter() - began
        print(f"{' '.join(arguments[:2])[:22]:<24}{seconds:>9.2f}{done.returncode:>6}")
        return seconds, done.returncode, json.loads(done.stdout)

    run("init", "--training")
    run("provision", "--policy", "met-police", "--wait", "120")
    pdf = folder / "receipt.pdf"
    options = [word for one in others for word in ("--item", one)]
    handing, code, answer = run("handover", *serials, "--officer", "P1", "--declined", "plaster", *options,
                                "--pdf", str(pdf))  # fmt: skip
    if code != 0:
        print(answer)
        return 1
    number = answer["receipt"]
    making, _, made = run("receipt", "extracts", number, str(folder / "extracts"))
    shown = run("ledger", "show", "--receipt", number)[2]
    document = shown[0]["body"]["document"]
    named = {one["terms"] for one in document["items"] if one.get("terms")}
    key = ("--key", str(folder / "home" / "keys" / "desk.pub"))
    checked = [run("receipt", "verify", "--pdf", file, *key) for file in (str(pdf), *made["files"][:: items // 2])]
    whole = run("ledger", "verify")
    print(f"terms on the receipt: {len(document['declarations'])}; named by items: {len(named)}; extracts: "
          f"{len(made['files'])}; receipt: {pdf.stat().st_size >> 10} KiB; entries of it: {len(shown)}")  # fmt: skip
    print(f"handover and extracts: {handing + making:.1f} s of at most {most:.0f}")
    genuine = all(code == 0 for _, code, _ in (*checked, whole))
    right = genuine and len(made["files"]) == items == len(document["items"]) and bool(shown)
    return 0 if right and handing + making <= most else 1


def _item(kind: ItemKind, place: int) -> str:
    if kind is not ItemKind.SIM:
        return f"{kind}: no {place}"
    body = f"8944110068{place:08d}"
    return "sim: " + next(body + str(last) for last in range(10) if is_iccid(body + str(last)))


if __name__ == "__main__":
    sys.exit(main())
