"""How fast the ledger adds, verifies and searches: ``python tests/benchmarks/bench_ledger.py [--entries 1000000]``.

Side by side: the desk's own file (SQLite), a PostgreSQL of its own on this machine, and both together as a desk of many
uses them. Adding is measured as it runs at a desk (fsync of databases and head file), beside what keeps the same bytes
without being a ledger: a bare insert into either database, and a commit of git. The large ledger is filled many at a
time without syncing, since only reading it is measured, and handed in to PostgreSQL as a desk hands in what it wrote
alone. Bytes a handover are those of the whole way of virtual handsets, from plugged in to receipt, by commands.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import subprocess
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
import psycopg
from cli_bench import CLEAR, POLICY, desk_on_rack  # pyright: ignore[reportMissingImports]  # by the path above
from ledger_place import OWNER, SIGNER, a_shared_ledger  # pyright: ignore[reportMissingImports]
from postgres_server import server  # pyright: ignore[reportMissingImports]

from provisioning.canonical import Json
from provisioning.ledger.draft import Wish
from provisioning.ledger.head import Head
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.joint import JointStore
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.postgres import open_postgres
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.sql_store import SqlStore
from provisioning.ledger.sqlite import create_sqlite
from provisioning.ledger.store import Compose, LastEntry, LedgerStore, Look, StoredEntry, StoredHead
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


_INSERT = b"INSERT INTO entries (data) VALUES (%s)"
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


def fill(store: SqlStore, ledger: Ledger, count: int) -> None:
    """Add the same entries as :func:`add`, many in one transaction."""
    head: Head | None = None

    def wish(index: int) -> Wish:
        serial, body = f"F2LXK{index % 30_000:05d}", {**BODY, "officer": f"P{index % 20_000:05d}"}
        if index % 10 == 9:
            out = serial if index < 30_000 else f"F2LXL{index:07d}"
            return Wish("handed_over", out, body, "A. Khan", None, gives_receipt=True)
        return Wish("verified", serial, body, "A. Khan", f"v {index}", gives_receipt=False)

    def compose(start: int) -> Compose:
        def composed(
            _stored: StoredHead | None, _last: LastEntry | None, look: Look
        ) -> tuple[list[StoredEntry], StoredHead]:
            nonlocal head
            rows: list[StoredEntry] = []
            for index in range(start, min(start + 1000, count)):
                head, _, added = ledger._written(wish(index), head, SIGNER, look)  # pyright: ignore[reportPrivateUsage]
                rows += added
            assert head is not None
            statement = head.canonical()
            return rows, StoredHead(head.number, statement, SIGNER.sign(statement))

        return composed

    for start in range(0, count, 1000):
        store.append(OWNER.desk, None, compose(start))


def bench_peers(count: int) -> None:
    """Time what keeps the same bytes as safely on the disk, without chain, signature or head."""
    data = json.dumps(BODY).encode()
    with tempfile.TemporaryDirectory() as name:
        with closing(sqlite3.connect(Path(name) / "bare.sqlite", isolation_level=None)) as bare:
            bare.execute("PRAGMA journal_mode=WAL")
            bare.execute("PRAGMA synchronous=FULL")
            bare.execute("CREATE TABLE entries (number INTEGER PRIMARY KEY, data BLOB)")
            rate(
                "bare insert into SQLite", count, lambda: bare.execute("INSERT INTO entries (data) VALUES (?)", (data,))
            )
        server().execute("CREATE DATABASE bare")
        with psycopg.connect(server().url("bare").replace("+psycopg", ""), autocommit=True) as there:
            there.execute("CREATE TABLE entries (number bigserial PRIMARY KEY, data bytea)")
            rate(
                "bare insert into PostgreSQL",
                count,
                lambda: there.execute("INSERT INTO entries (data) VALUES (%s)", (data,)),
            )
        file = Path(name) / "entries"
        git = ["git", "-C", name, "-c", "user.name=d", "-c", "user.email=d@d", "-c", "core.fsync=committed"]
        subprocess.run([*git, "init", "-q"], check=True)

        def commit() -> None:
            with file.open("ab") as sink:
                sink.write(data + b"\n")
            subprocess.run([*git, "add", "entries"], check=True)
            subprocess.run([*git, "commit", "-qm", "entry"], check=True)

        rate("git, a commit an entry", 50, commit)


def rate(what: str, count: int, act: Callable[[], object]) -> None:
    """Print how often something can be done in a second."""
    began = time.perf_counter()
    for _ in range(count):
        act()
    print(f"peer: {what}: {count / (time.perf_counter() - began):,.0f} entries/s", flush=True)


def bench_growth(handsets: int) -> None:
    """Take handsets of a rack all the way, and see how much the ledger grows for each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with desk_on_rack(folder, "--iphones", str(handsets // 2), "--androids", str(handsets // 2)) as (desk, rack):
            file = desk.home / "ledger.sqlite"
            empty, before = size_of(file, folder / "empty.sqlite")
            desk.call("provision", *POLICY, seconds=600)
            out = 0
            for handset in (*rack.of("android"), *rack.of("ios")):
                serial = handset["serial_number"]
                done = desk.call(
                    "handover", serial, "--officer", f"P{out}", "--declined", "hand in plaster", seconds=120
                )
                out += done.code == CLEAR
            full, after = size_of(file, folder / "full.sqlite")
            receipts = sum(path.stat().st_size for path in (desk.home / "receipts").rglob("*") if path.is_file())
            records = sum(path.stat().st_size for path in (desk.home / "records").rglob("*") if path.is_file())
    print(
        f"a handover: {(after - before) / out:,.1f} entries, {(full - empty) / out:,.0f} bytes of ledger (SQLite); "
        f"beside it {records / out:,.0f} bytes of records and inventories, {receipts / out:,.0f} of receipts kept "
        f"({out} of {handsets} handed over)",
        flush=True,
    )


def size_of(ledger: Path, copy: Path) -> tuple[int, int]:
    """Give how many bytes a ledger needs without slack, and its entries."""
    with closing(sqlite3.connect(ledger)) as database:
        database.execute("VACUUM INTO ?", (str(copy),))
        ((count,),) = database.execute("SELECT count(*) FROM entries").fetchall()
    return copy.stat().st_size, int(count)


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
        fill(store, ledger, count)
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
        # As a server does by itself within a minute (autovacuum); before, it does not know how many serials there are.
        server().execute("VACUUM ANALYZE issuing_desk.entries", str(shared._reader.url.database))  # pyright: ignore[reportPrivateUsage]
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
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--handsets", type=int, default=12)
    parser.add_argument("--every-signature", action="store_true")
    options = parser.parse_args()
    assert DeskSigner.generate().public.id
    server().stop()
    server().start("-c", "fsync=on")
    for name in MAKERS:
        print(bench_append(name, 1000, 1), flush=True)
        print(bench_append(name, 1000, 8), flush=True)
    bench_peers(1000)
    bench_growth(options.handsets)
    bench_large(options.entries, every_signature=options.every_signature)


if __name__ == "__main__":
    main()
