"""Many handsets provisioned at the same time: ``python tests/benchmarks/bench_many.py [--latency usb]``.

So many by one ``issuing-desk provision``, beside the slowest one alone on the same machine, and the processor's seconds
a handset beside those of the others' commands for a part of that work, side by side as ``xargs -P`` runs them: go-ios
supervises and lists apps, adb installs, makes device owner and lists packages; neither verifies anything.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench_provision import peers, run
from rack_process import served


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iphones", type=int, default=50)
    parser.add_argument("--androids", type=int, default=50)
    parser.add_argument("--latency", choices=["none", "usb"], default="usb")
    parser.add_argument("--go-ios", default=os.environ.get("GO_IOS") or shutil.which("ios") or "")
    parser.add_argument("--adb", default=shutil.which("adb") or "")
    arguments = parser.parse_args()
    many(arguments.iphones, arguments.androids, arguments)


def many(iphones: int, androids: int, arguments: argparse.Namespace) -> None:
    """Provision many at once and the slowest kind alone; then what others need in processor for a part of it."""
    print(f"{iphones} iPhones and {androids} Androids, latency {arguments.latency}, {os.cpu_count()} cores")
    alone = max(
        provisioned(*one, arguments.latency)[0] for one in ((1, 0), (0, 1)) if iphones * one[0] + androids * one[1]
    )
    wall, cpu, racks, ready = provisioned(iphones, androids, arguments.latency)
    count = iphones + androids
    print(f"  the slowest alone, whole program     {alone:7.2f} s")
    print(f"  all of them, whole program           {wall:7.2f} s = {wall / alone:.2f} x, {ready} of {count} clear")
    print(f"  processor: {cpu / count:.3f} s a handset, {cpu:.1f} s in all; the rack itself {racks:.1f} s")
    for platform, number in (("ios", iphones), ("android", androids)):
        if number:
            others(platform, number, arguments)


def others(platform: str, number: int, arguments: argparse.Namespace) -> None:
    """Let the others do a part of it, as many side by side as there are handsets (``xargs -P``)."""
    count = (number, 0) if platform == "ios" else (0, number)
    with tempfile.TemporaryDirectory() as folder, served(*rack_of(*count, arguments.latency)) as rack:
        each = [peers(platform, arguments, rack, Path(folder), number=one) for one in range(number)]
        if not each[0]:
            return
        began, before = time.perf_counter(), processor()

        def work(commands: list[list[str]]) -> None:
            for command in commands:
                run(command, rack, cwd=folder)

        with ThreadPoolExecutor(number) as pool:
            list(pool.map(work, each))
        took, used = time.perf_counter() - began, processor() - before
    name, share = Path(each[0][0][0]).name, used / number
    print(f"  a part of it by {name}, {number} side by side: {took:7.2f} s, {share:.3f} s of processor a handset")


def rack_of(iphones: int, androids: int, latency: str) -> list[str]:
    """Give the arguments of a rack."""
    return ["--iphones", str(iphones), "--androids", str(androids), "--latency", latency]


def provisioned(iphones: int, androids: int, latency: str) -> tuple[float, float, float, int]:
    """Provision a fresh rack: wall seconds, those of the processor, those of the rack's, and how many are clear."""
    with tempfile.TemporaryDirectory() as folder, served(*rack_of(iphones, androids, latency)) as rack:
        desk = [sys.executable, "-m", "console", "--home", folder + "/home", "--json"]
        run([*desk, "init", "--training"], rack)
        racks, used, began = processor_of(rack.process), processor(), time.perf_counter()
        document = json.loads(run([*desk, "provision", "--policy", "met-police"], rack))
        wall, used, racks = time.perf_counter() - began, processor() - used, processor_of(rack.process) - racks
    return wall, used, racks, sum(one["verdict"] == "clear" for one in document)


def processor() -> float:
    """Give the processor's seconds of all programs that this one has run."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def processor_of(process: int) -> float:
    """Give the processor's seconds of a process that runs (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
