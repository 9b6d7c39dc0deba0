"""How fast the ledger adds, verifies and searches: ``python tests/benchmarks/bench_ledger.py [--entries 100000]``.

Adding is measured as it runs at a desk (fsync of database and head file). The large ledger is filled without syncing,
since only reading it is measured.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false, reportUnknownVariableType=false
from ledger_place import OWNER, SIGNER  # pyright: ignore[reportMissingImports]  # found through the path set above

from provisioning.canonical import Json
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.sqlite import create_sqlite
from provisioning.signatures import DeskSigner

BODY: dict[str, Json] = {
    "verdict": "clear",
    "record": "ab" * 32,
    "policy": {"name": "met-police", "version": "2026.1", "sha256": "cd" * 32, "effective_sha256": "ef" * 32},
    "catalogue": {"version": "2026.02", "sha256": "01" * 32},
    "apps_seen": 143,
    "not_checked": [],
    "findings": [],
}


def create(folder: Path) -> Ledger:
    """Make a ledger."""
    return Ledger(
        create_sqlite(folder / "ledger.sqlite"),
        OWNER,
        head_file=HeadFile(folder / "ledger.head"),
        signer=lambda: SIGNER,
    )


def add(ledger: Ledger, index: int) -> None:
    """Add one entry, every tenth with a receipt."""
    serial, officer = f"F2LXK{index % 30_000:05d}", f"P{index % 20_000:05d}"
    if index % 10 == 9:
        ledger.append_receipt("handed_over", serial, lambda _: {**BODY, "officer": officer}, technician="A. Khan")
    else:
        ledger.append("verified", serial, {**BODY, "officer": officer}, technician="A. Khan", once=f"v {index}")


def bench_append(count: int, threads: int) -> str:
    """Time appends with every sync, from so many threads."""
    with tempfile.TemporaryDirectory() as name, create(Path(name)) as ledger:
        spent: list[float] = []

        def work(worker: int) -> None:
            for index in range(worker, count, threads):
                began = time.perf_counter()
                add(ledger, index)
                spent.append(time.perf_counter() - began)

        began = time.perf_counter()
        workers = [threading.Thread(target=work, args=(worker,)) for worker in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        rate = count / (time.perf_counter() - began)
    p50, p99 = statistics.median(spent) * 1e3, sorted(spent)[int(len(spent) * 0.99)] * 1e3
    return f"append with fsync, {threads} thread(s): {rate:,.0f} entries/s, p50 {p50:.2f} ms, p99 {p99:.2f} ms"


def timed(what: str, act: Callable[[], object], times: int = 1) -> None:
    """Print how long something takes."""
    spent: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    p95 = sorted(spent)[min(times - 1, int(times * 0.95))]
    print(f"{what}: median {statistics.median(spent) * 1e3:,.2f} ms, p95 {p95 * 1e3:,.2f} ms", flush=True)


def bench_large(count: int, *, every_signature: bool) -> None:
    """Fill a large ledger, then verify and search it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = create_sqlite(folder / "ledger.sqlite")
        engine = store._writer  # pyright: ignore[reportPrivateUsage]  # to switch syncing off while filling
        assert engine is not None
        from sqlalchemy import event

        def no_sync(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")

        event.listen(engine, "connect", no_sync)
        engine.dispose()
        ledger = Ledger(store, OWNER, signer=lambda: SIGNER)
        began = time.perf_counter()
        for index in range(count):
            add(ledger, index)
        print(f"filled {count:,} entries in {time.perf_counter() - began:,.0f} s", flush=True)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"bytes an entry: {size / count:,.0f}", flush=True)
        check = ledger.verify()
        assert check.ok, check.reason
        timed(f"verify {count:,}", ledger.verify)
        if every_signature:
            timed(f"verify {count:,}, every signature", lambda: ledger.verify(every_signature=True))
        chance = random.Random(1)
        timed("search by serial", lambda: ledger.entries(serial=f"F2LXK{chance.randrange(30_000):05d}"), 200)
        timed("search by officer", lambda: ledger.entries(officer=f"P{chance.randrange(20_000):05d}"), 200)
        timed("search by receipt", lambda: ledger.entries(receipt=f"D4-{chance.randrange(count // 10):06d}"), 200)
        timed("newest 50", lambda: ledger.entries(newest_first=True, limit=50), 50)
        timed("newest 50 handovers", lambda: ledger.entries(kind="handed_over", newest_first=True, limit=50), 50)
        ledger.close()


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--every-signature", action="store_true")
    options = parser.parse_args()
    assert DeskSigner.generate().public.id
    print(bench_append(1000, 1), flush=True)
    print(bench_append(1000, 8), flush=True)
    bench_large(options.entries, every_signature=options.every_signature)


if __name__ == "__main__":
    main()
