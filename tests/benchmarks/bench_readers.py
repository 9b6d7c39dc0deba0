"""How fast the readers answer, on a made-up year: ``python tests/benchmarks/bench_readers.py [--handsets 30000]``.

Side by side over SQLite and PostgreSQL: the table of figures (read the first time, followed, counted), the naive way (a
walk over all entries), and what plain SQL over the ledger's own columns would take for a part of it. Searches are by
every kind of identifier, whole, in another dress and in part; beside them, a scan of the entries' bytes for the text.
``--sqlite FOLDER`` reads a year that ``tests/tools/made_up_year.py`` wrote before, ``--only`` leaves the other out.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import sqlalchemy as sa
from made_up_year import owner_of, postgres_year, sqlite_year
from walked_books import exceptions, read_books, rollout
from year_of_a_force import Force

from provisioning.ledger.ledger import Ledger
from provisioning.ledger.schema import entries
from provisioning.ledger.sqlite import open_sqlite
from provisioning.readers.counts import Group
from provisioning.readers.exceptions import exceptions as register
from provisioning.readers.figures import behind, figures
from provisioning.readers.finding import entries_of, find
from provisioning.readers.projection import Projection
from provisioning.readers.public_counts import public_counts

UNTIL = date(2026, 11, 20)
FIRST = UNTIL - timedelta(days=364)
T = TypeVar("T")


def timed(what: str, act: Callable[[], T], times: int = 1) -> T:
    """Print how long something takes: median and p95."""
    spent: list[float] = []
    while True:
        began = time.perf_counter()
        found = act()
        spent.append(time.perf_counter() - began)
        if len(spent) == times:
            break
    p95 = sorted(spent)[min(times - 1, int(times * 0.95))]
    print(f"{what}: median {statistics.median(spent) * 1e3:,.1f} ms, p95 {p95 * 1e3:,.1f} ms", flush=True)
    return found


def bench(name: str, ledger: Ledger, folder: Path, *, naive: bool) -> None:
    """Measure one store."""
    table = Projection(ledger, folder / f"{name}.sqlite")
    as_of = timed(f"{name}: the table of figures, read for the first time", table.follow)
    print(
        f"{name}: {as_of.entries:,} entries; the table has {_size(folder / f'{name}.sqlite') / 1e6:,.0f} MB", flush=True
    )
    timed(f"{name}: followed, nothing new", table.follow, 50)
    found = timed(
        f"{name}: dashboard, followed and counted", lambda: figures(table, FIRST, UNTIL, UNTIL, table.follow()), 30
    )
    timed(f"{name}: entries behind a bar", lambda: behind(table, Group.UNIT, found.by_unit[0].key, FIRST, UNTIL), 10)
    timed(f"{name}: register of exceptions", lambda: register(table, UNTIL), 3)
    timed(f"{name}: counts for the public", lambda: public_counts(table), 10)
    timed(f"{name}: plain SQL, entries by kind and day alone", lambda: _plain(ledger), 3)
    if naive:
        books = timed(f"{name}: the naive way, a walk over all entries", lambda: read_books(ledger.entries()))
        rollout(books, UNTIL)
        assert found.issued == len(books.handovers)
        assert found.in_use == len(books.out)
        assert len(register(table, UNTIL)) == len(exceptions(books, UNTIL))
    search(name, table)
    table.close()


def search(name: str, table: Projection) -> None:
    """Search by everything that there is, and for what is not there."""
    chance = random.Random(1)
    rows = table.ask("SELECT kind, shown FROM names ORDER BY id")
    kinds: dict[str, list[str]] = {}
    for kind, shown in rows:
        kinds.setdefault(str(kind), []).append(str(shown))
    print(f"{name}: {len(rows):,} names", flush=True)
    everything: list[str] = []
    for kind, names in sorted(kinds.items()):
        some = [chance.choice(names) for _ in range(60)]
        everything += some
        sought(f"{name}: find by {kind}", table, some)
    handsets = kinds["serial number"]
    dressed = [f" {one[:3].lower()}-{one[3:]} " for one in (chance.choice(handsets) for _ in range(60))]
    sought(f"{name}: find a serial number in another dress", table, dressed)
    sought(f"{name}: find by the first six letters", table, [chance.choice(handsets)[:6] for _ in range(60)])
    numbers = kinds.get("IMEI", handsets)
    sought(f"{name}: find by the last six digits", table, [chance.choice(numbers)[-6:] for _ in range(60)])
    sought(f"{name}: find what is not there", table, [f"ZZ{chance.randrange(10**6)}" for _ in range(60)])
    sought(f"{name}: find by all of these together", table, chance.sample(everything, min(500, len(everything))))
    timed(f"{name}: the naive way, scan the entries for a serial number", lambda: _scan(table, handsets[-1]))


def sought(what: str, table: Projection, texts: Sequence[str]) -> None:
    """Print how long it takes to follow the ledger, find a text and read the newest entries of the first match."""
    rest = iter(texts)

    def one() -> None:
        found = find(table, next(rest))
        if found.matches:
            entries_of(table, found.matches[0], 50)

    timed(what, one, len(texts))


def _plain(ledger: Ledger) -> int:
    day = sa.func.substr(entries.c.time, 1, 10)
    question = sa.select(entries.c.kind, day, sa.func.count()).group_by(entries.c.kind, day)
    reader = ledger._store._reader  # pyright: ignore
    with reader.begin() as connection:  # pyright: ignore
        return len(connection.execute(question).fetchall())  # pyright: ignore


def _scan(table: Projection, serial: str) -> int:
    place, count = 0, 0
    while new := table.ledger._store.arrivals(place, 5000):  # pyright: ignore[reportPrivateUsage]
        count += sum(serial.encode() in one.entry.canonical for one in new)
        place = new[-1].place
    return count


def _size(file: Path) -> int:
    return sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*"))


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--handsets", type=int, default=30_000)
    parser.add_argument("--sqlite", type=Path)
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--no-naive", action="store_true")
    options = parser.parse_args()
    force = Force(1, options.handsets, UNTIL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.only != "postgres":
            if options.sqlite:
                ledger = Ledger(open_sqlite(options.sqlite / "ledger.sqlite", writing=False), owner_of(0), shared=True)
            else:
                ledger = timed("SQLite: the year is written", lambda: sqlite_year(folder, force))
            with ledger:
                bench("SQLite", ledger, folder, naive=not options.no_naive)
        if options.only != "sqlite":
            with timed("PostgreSQL: the year is written", lambda: postgres_year(force)) as ledger:
                bench("PostgreSQL", ledger, folder, naive=not options.no_naive)


if __name__ == "__main__":
    main()
