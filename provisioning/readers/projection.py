"""The table of figures: sums and names that follow the ledger entry by entry, so that no reader walks it each time.

Theory of operation. The table lies in a file of its own that may be deleted at any time. It takes up entries in the
order in which they came in, each only where it follows the one of its desk that was taken up before (number and hash),
and remembers for each desk the hash of the last. Before it answers, it looks whether those entries still stand in the
ledger; where one does not, all is thrown away and read anew. So it is never ahead of the ledger, never mixes two
ledgers, and says itself as of which entries it speaks. It is a shortcut and no evidence: what matters is read from the
entries themselves, and ``ledger verify`` knows nothing of it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from provisioning.errors import HomeError, LedgerError, LedgerUnreachable
from provisioning.ledger.draft import IN_DOUBT
from provisioning.ledger.entry import BEFORE_THE_FIRST, Entry, EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.readers.counts import AsOf
from provisioning.readers.fold import TABLES, statements
from provisioning.readers.names import MENTIONED, Name, look_alike, names_in, normal

logger = logging.getLogger(__name__)

VERSION = 2
"""Raised with every change of what is taken from an entry; an older table is read anew."""
BATCH = 2000
_BUSY_SECONDS = 60.0
_MENTION = "INSERT OR IGNORE INTO mentions SELECT id, ? FROM names WHERE normal = ? AND kind = ? AND subject = ''"
_NAME = "INSERT OR IGNORE INTO names (kind, normal, shown, subject, alike) VALUES (?, ?, ?, ?, ?)"

Progress = Callable[[int], None]
"""Told how many entries were taken up so far."""


class _NotThisLedger(Exception):
    """The ledger holds something else than what was taken up."""


class Projection:
    """The table over one ledger; safe for threads, and for other processes on the same file."""

    def __init__(self, ledger: Ledger, path: Path | None) -> None:
        """Use the file at ``path``, made where it is not; None, or where it cannot be written: in memory."""
        self.ledger = ledger
        self._path = path
        self._turn = threading.RLock()
        self._database = self._open()

    def close(self) -> None:
        """Let go of the file; the ledger stays open."""
        with self._turn:
            self._database.close()

    def follow(self, progress: Progress = lambda _: None) -> AsOf:
        """Take up what was added since; give as of when the table speaks.

        Where a shared ledger does not answer, the table stays as it is and says so. Raises LedgerError.
        """
        with self._turn:
            try:
                if not self._stands():
                    logger.info("the ledger is another one than before: the table of figures is made anew")
                    _made_anew(self._database)
                self._take_up(progress)
            except _NotThisLedger:
                _made_anew(self._database)
                self._take_up(progress)
            except LedgerUnreachable as error:
                return self.as_of(str(error))
            except sqlite3.DatabaseError as error:
                return self._mend(error, progress)
            return self.as_of()

    def as_of(self, behind: str = "") -> AsOf:
        """Say as of which entries the table speaks now, without asking the ledger."""
        with self._turn:
            chains = self._database.execute("SELECT desk, number, hash, place FROM chains").fetchall()
            row = self._database.execute("SELECT value FROM about WHERE name = 'time'").fetchone()
        heads = {desk: (number, digest) for desk, number, digest, _ in chains}
        entries = sum(number for number, _ in heads.values())
        return AsOf(entries, max((place for *_, place in chains), default=0), row[0] if row else "", heads, behind)

    def ask(self, question: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Give the rows that a SELECT gives."""
        with self._turn:
            return self._database.execute(question, values).fetchall()

    def entries_at(self, places: Sequence[int]) -> list[Entry]:
        """Read the entries at these places from the ledger itself. Raises LedgerError, LedgerUnreachable."""
        some = list(places)
        found: list[Entry] = []
        while some:
            part, some = some[:500], some[500:]
            found += [entry for _, entry in self.ledger.arrivals(0, len(part), part)]
        return found

    def _open(self) -> sqlite3.Connection:
        for _ in range(2) if self._path is not None else ():
            try:
                return self._opened(str(self._path))
            except (sqlite3.Error, OSError) as error:
                logger.warning("the table of figures cannot be used (%s)", error)
                if isinstance(error, OSError | sqlite3.OperationalError):
                    break
                self._remove()
        return self._opened(":memory:")

    def _remove(self) -> None:
        """Remove a file that is no table of figures any more."""
        path = self._path
        if path is None:
            return
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                path.with_name(path.name + end).unlink(missing_ok=True)

    def _opened(self, where: str) -> sqlite3.Connection:
        if where != ":memory:":
            path = Path(where)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        database = sqlite3.connect(where, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=OFF")  # what is lost is read from the ledger again
            database.execute("PRAGMA temp_store=MEMORY")
            database.execute("PRAGMA cache_size=-65536")
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version != VERSION:
                _made_anew(database)
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _mend(self, error: sqlite3.DatabaseError, progress: Progress) -> AsOf:
        """Go on without a file that is damaged, or held by another for too long."""
        logger.warning("the table of figures cannot be used (%s); it is made anew", error)
        self._database.close()
        busy = isinstance(error, sqlite3.OperationalError)
        if not busy:
            self._remove()
        self._database = self._opened(":memory:") if busy else self._open()
        try:
            self._take_up(progress)
        except sqlite3.DatabaseError as again:
            raise HomeError(f"The table of figures cannot be kept ({again}). Make room on the disk.") from again
        return self.as_of()

    def _stands(self) -> bool:
        """Tell whether every desk's last entry that was taken up still stands where it stood."""
        chains = self._database.execute("SELECT place, desk, number, hash FROM chains").fetchall()
        if not chains:
            return not self._database.execute("SELECT 1 FROM names LIMIT 1").fetchone()
        there = {
            (place, entry.desk, entry.number, entry.hash)
            for place, entry in self.ledger.arrivals(0, len(chains), [place for place, *_ in chains])
        }
        return there == set(chains)

    def _take_up(self, progress: Progress) -> None:
        count = 0
        while True:
            with self._transaction() as database:
                place = database.execute("SELECT coalesce(max(place), 0) FROM chains").fetchone()[0]
                new = self.ledger.arrivals(place, BATCH)
                if new:
                    _fold(database, new)
            count += len(new)
            if len(new) < BATCH:
                return
            progress(count)

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield self._database
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def _made_anew(database: sqlite3.Connection) -> None:
    made = database.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    database.execute("BEGIN IMMEDIATE")
    for kind, name in made:
        if kind in {"table", "view"} and not name.startswith("names_within_"):
            database.execute(f'DROP TABLE IF EXISTS "{name}"')
    for statement in _whole_statements(TABLES):
        database.execute(statement)
    database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
    database.execute(f"PRAGMA user_version={VERSION}")
    database.execute("COMMIT")


def _whole_statements(script: str) -> list[str]:
    found, so_far = list[str](), ""
    for line in script.splitlines():
        so_far += line + "\n"
        if sqlite3.complete_statement(so_far):
            found.append(so_far)
            so_far = ""
    return found


def _fold(database: sqlite3.Connection, new: Sequence[tuple[int, Entry]]) -> None:
    chains: dict[str, tuple[int, str]] = {
        desk: (number, digest) for desk, number, digest in database.execute("SELECT desk, number, hash FROM chains")
    }
    desks: dict[str, str] = {}
    last: dict[str, int] = {}
    names: dict[tuple[str, str, str], str] = {}
    mentions: list[tuple[int, str, str]] = []
    for place, entry in new:
        number, digest = chains.get(entry.desk, (0, BEFORE_THE_FIRST))
        if (entry.number, entry.previous) != (number + 1, digest):
            if number == 0 and entry.number > 1:
                raise _NotThisLedger
            raise LedgerError(f"Entry {entry.number} of the ledger does not follow the one before it. {IN_DOUBT}")
        chains[entry.desk] = (entry.number, entry.hash)
        last[entry.desk] = place
        if entry.kind == EntryKind.HOME_CREATED:
            desks[entry.desk] = str(entry.body.get("desk_name") or "")
        for statement, values in statements(place, entry):
            database.execute(statement, values)
        for name in names_in(entry):
            _take_name(name, place, names, mentions)
    database.executemany(_NAME, [(kind, key, shown, of, look_alike(key)) for (kind, key, of), shown in names.items()])
    database.executemany(_MENTION, mentions)
    for desk, place in last.items():
        number, digest = chains[desk]
        database.execute(
            "INSERT INTO chains VALUES (?, ?, ?, ?, ?) ON CONFLICT (desk) DO UPDATE SET place = excluded.place, "
            "number = excluded.number, hash = excluded.hash",
            (desk, desks.get(desk, ""), place, number, digest),
        )
    database.execute("INSERT OR REPLACE INTO about VALUES ('time', ?)", (new[-1][1].time,))


def _take_name(
    name: Name, place: int, names: dict[tuple[str, str, str], str], mentions: list[tuple[int, str, str]]
) -> None:
    key = normal(name.shown)
    if not key:
        return
    names.setdefault((str(name.kind), key, name.subject), name.shown)
    if name.kind in MENTIONED:
        mentions.append((place, key, str(name.kind)))
