"""How fast the ledger adds, verifies and searches: ``python tests/benchmarks/bench_ledger.py [--entries 100000]``.

Side by side: the desk's own file (SQLite), a PostgreSQL of its own on this machine, and both together as a desk of many
uses them. Adding is measured as it runs at a desk (fsync of databases and head file). The large ledger is filled
without syncing, since only reading it is measured, and handed in to PostgreSQL as a desk hands in what it wrote alone.
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
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false
from ledger_place import OWNER, SIGNER, a_shared_ledger  # pyright: ignore[reportMissingImports]  # by the path above
from postgres_server import server  # pyright: ignore[reportMissingImports]

from provisioning.canonical import Json
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.joint import JointStore
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.postgres import open_postgres
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.sqlite import create_sqlite
from provisioning.ledger.store import LedgerStore
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
    """Make a ledger in a file."""
    return _ledger(create_sqlite(folder / "ledger.sqlite"), folder)


def create_shared(folder: Path) -> Ledger:
    """Make a ledger in PostgreSQL alone."""
    return _ledger(open_postgres(postgres_url(a_shared_ledger()), writing=True), folder)


def create_joint(folder: Path) -> Ledger:
    """Make a desk's own ledger that is shared as well."""
    shared = open_postgres(postgres_url(a_shared_ledger()), writing=True)
    return _ledger(JointStore(create_sqlite(folder / "ledger.sqlite"), shared), folder, shared=True)


def _ledger(store: LedgerStore, folder: Path, *, shared: bool = False) -> Ledger:
    head = HeadFile(folder / "ledger.head")
    return Ledger(store, OWNER, head_file=head, signer=lambda: SIGNER, shared=shared)


MAKERS = {"SQLite": create, "PostgreSQL": create_shared, "both": create_joint}


def add(ledger: Ledger, index: int) -> None:
    """Add one entry, every tenth with a receipt."""
    serial, officer = f"F2LXK{index % 30_000:05d}", f"P{index % 20_000:05d}"
    if index % 10 == 9:
        # Each goes out once: a shared ledger refuses what is out already.
        out = serial if index < 30_000 else f"F2LXL{index:07d}"
        ledger.append_receipt("handed_over", out, lambda _: {**BODY, "officer": officer}, technician="A. Khan")
    else:
        ledger.append("verified", serial, {**BODY, "officer": officer}, technician="A. Khan", once=f"v {index}")


def bench_append(name: str, count: int, threads: int) -> str:
    """Time appends with every sync, from so many threads."""
    with tempfile.TemporaryDirectory() as folder, MAKERS[name](Path(folder)) as ledger:
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
    return f"{name}: append with fsync, {threads} thread(s): {rate:,.0f} entries/s, p50 {p50:.2f} ms, p99 {p99:.2f} ms"


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
        bench_reading("SQLite", ledger, count, every_signature=every_signature)
        shared = open_postgres(postgres_url(a_shared_ledger()), writing=True)
        began = time.perf_counter()
        JointStore(store, shared).hand_in(OWNER.desk)
        print(f"handed in to PostgreSQL: {count / (time.perf_counter() - began):,.0f} entries/s", flush=True)
        with closing(shared), shared.snapshot() as picture:
            connection = picture._connection  # pyright: ignore[reportAttributeAccessIssue]
            stored = connection.exec_driver_sql("SELECT pg_total_relation_size('entries')").scalar()
        print(f"PostgreSQL: bytes an entry: {stored / count:,.0f}", flush=True)
        for one in ("PostgreSQL", "PostgreSQL, every desk"):
            reader = Ledger(shared, OWNER, shared=one.endswith("desk"))
            bench_reading(one, reader, count, every_signature=every_signature and not one.endswith("desk"))
        ledger.close()
        shared.close()


def bench_reading(name: str, ledger: Ledger, count: int, *, every_signature: bool) -> None:
    """Verify and search a large ledger."""
    check = ledger.verify()
    assert check.ok, check.reason
    timed(f"{name}: verify {count:,}", ledger.verify)
    if every_signature:
        timed(f"{name}: verify {count:,}, every signature", lambda: ledger.verify(every_signature=True))
    chance = random.Random(1)
    timed(f"{name}: search by serial", lambda: ledger.entries(serial=f"F2LXK{chance.randrange(30_000):05d}"), 200)
    timed(f"{name}: search by officer", lambda: ledger.entries(officer=f"P{chance.randrange(20_000):05d}"), 200)
    timed(f"{name}: search by receipt", lambda: ledger.entries(receipt=f"D4-{chance.randrange(count // 10):06d}"), 200)
    timed(f"{name}: newest 50", lambda: ledger.entries(newest_first=True, limit=50), 50)
    timed(f"{name}: newest 50 handovers", lambda: ledger.entries(kind="handed_over", newest_first=True, limit=50), 50)


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--every-signature", action="store_true")
    options = parser.parse_args()
    assert DeskSigner.generate().public.id
    server().stop()
    server().start("-c", "fsync=on")
    for name in MAKERS:
        print(bench_append(name, 1000, 1), flush=True)
        print(bench_append(name, 1000, 8), flush=True)
    bench_large(options.entries, every_signature=options.every_signature)


if __name__ == "__main__":
    main()
