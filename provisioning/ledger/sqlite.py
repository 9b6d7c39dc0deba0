"""The embedded store: one SQLite file in write-ahead mode, synced at each commit, that refuses changes and deletions.

SQLAlchemy Core is loaded when a store is opened and not before. ``BEGIN IMMEDIATE`` makes an append one step whatever
other processes do (https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from provisioning.errors import HomeError, LedgerError
from provisioning.ledger.entry import SearchColumns
from provisioning.ledger.schema import VERSION, entries, heads, metadata
from provisioning.ledger.store import Compose, LastEntry, Query, Snapshot, StoredEntry, StoredHead

APPLICATION_ID = 0x49444C31
"""“IDL1” in the header of the file, so that ``file`` and we can tell it from other databases."""
BUSY_SECONDS = 30.0
"""How long to wait for another process that is just adding; an append takes about a millisecond."""
_FAULTS_TOLD = 5
_BATCH = 500
_MAKE_ROOM = "Make room on the disk, then try again; nothing half-written was kept."

TRIGGERS = {
    "entries_are_not_changed": (
        "CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END"
    ),
    "entries_are_not_removed": (
        "CREATE TRIGGER entries_are_not_removed BEFORE DELETE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END"
    ),
    # INSERT OR REPLACE removes rows without firing the trigger above.
    "entries_follow_each_other": (
        "CREATE TRIGGER entries_follow_each_other BEFORE INSERT ON entries WHEN NEW.number <> "
        "(SELECT coalesce(max(number), 0) + 1 FROM entries WHERE desk = NEW.desk) OR EXISTS "
        "(SELECT 1 FROM entries WHERE desk = NEW.desk AND once = NEW.once) "
        "BEGIN SELECT RAISE(ABORT, 'entries are only added at the end'); END"
    ),
    "heads_only_advance": (
        "CREATE TRIGGER heads_only_advance BEFORE UPDATE ON heads "
        "WHEN NEW.desk <> OLD.desk OR NEW.number <= OLD.number "
        "BEGIN SELECT RAISE(ABORT, 'a head only advances'); END"
    ),
    "heads_are_not_replaced": (
        "CREATE TRIGGER heads_are_not_replaced BEFORE INSERT ON heads WHEN EXISTS "
        "(SELECT 1 FROM heads WHERE desk = NEW.desk) "
        "BEGIN SELECT RAISE(ABORT, 'a head only advances'); END"
    ),
    "heads_are_not_removed": (
        "CREATE TRIGGER heads_are_not_removed BEFORE DELETE ON heads "
        "BEGIN SELECT RAISE(ABORT, 'heads are never removed'); END"
    ),
}

_ROW = (
    entries.c.canonical,
    entries.c.hash,
    entries.c.signature,
    *(entries.c[name] for name in SearchColumns._fields),
)
_OF = sa.bindparam("of", type_=sa.String())
# Made once: SQLAlchemy takes longer to build a statement than SQLite to run it.
_ONCE = sa.select(*_ROW).where(entries.c.once == sa.bindparam("wanted", type_=sa.String()), entries.c.desk == _OF)
_ADD = sa.insert(entries)
_HEAD = sa.select(heads.c.number, heads.c.canonical, heads.c.signature).where(heads.c.desk == _OF)
_ADVANCE = sa.update(heads).where(heads.c.desk == _OF)
_BEGIN = sa.insert(heads)
_LAST = (
    sa.select(entries.c.number, entries.c.hash).where(entries.c.desk == _OF).order_by(entries.c.number.desc()).limit(1)
)


class SqliteStore:
    """A ledger in one file. Make one with :func:`create_sqlite` or :func:`open_sqlite`."""

    def __init__(self, path: Path, reader: Engine, writer: Engine | None) -> None:
        self.path = path
        self._reader = reader
        self._writer = writer
        self._turn = threading.Lock()

    def append(self, desk: str, once: str | None, compose: Compose) -> StoredEntry:
        """Add what ``compose`` makes, in one transaction; or give the entry with ``once``."""
        if self._writer is None:
            raise HomeError("The ledger was opened for reading only.")
        # Threads queue here rather than in SQLite's busy loop, which sleeps and is not fair.
        with self._turn, _told(self.path), self._writer.begin() as connection:
            if once is not None:
                found = connection.execute(_ONCE, {"of": desk, "wanted": once}).fetchone()
                if found is not None:
                    return _stored(found)

            def look(query: Query) -> list[StoredEntry]:
                return [_stored(row) for row in connection.execute(_selection(desk, query))]

            added, head = compose(_head(connection, desk), _last(connection, desk), look)
            for entry in added:
                pieces = {"canonical": entry.canonical, "hash": entry.hash, "signature": entry.signature}
                connection.execute(_ADD, {**pieces, **entry.columns._asdict()})
            row = {"number": head.number, "canonical": head.canonical, "signature": head.signature}
            if not connection.execute(_ADVANCE, {"of": desk, **row}).rowcount:
                connection.execute(_BEGIN, {"desk": desk, **row})
        return added[0]

    def find(self, desk: str, query: Query) -> list[StoredEntry]:
        """Give the entries that were asked for."""
        with _told(self.path), self._reader.begin() as connection:
            return [_stored(row) for row in connection.execute(_selection(desk, query))]

    @contextmanager
    def snapshot(self) -> Generator[Snapshot]:
        """Hold one picture of the file for as long as the context lasts."""
        with _told(self.path), self._reader.begin() as connection:
            yield _SqliteSnapshot(self.path, connection)

    def close(self) -> None:
        """Let go of the file; the last one to leave folds the write-ahead log into it."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()


class _SqliteSnapshot:
    """One read transaction."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self._path = path
        self._connection = connection

    def head(self, desk: str) -> StoredHead | None:
        with _told(self._path):
            return _head(self._connection, desk)

    def walk(self, desk: str) -> Iterator[StoredEntry]:
        with _told(self._path):
            rows = self._connection.execution_options(yield_per=_BATCH).execute(
                sa.select(*_ROW).where(entries.c.desk == desk).order_by(entries.c.number)
            )
            for row in rows:
                yield _stored(row)

    def desks(self) -> frozenset[str]:
        with _told(self._path):
            named = sa.select(entries.c.desk).distinct().union(sa.select(heads.c.desk))
            return frozenset(str(desk) for (desk,) in self._connection.execute(named))

    def faults(self) -> tuple[str, ...]:
        with _told(self._path):
            checked = self._connection.exec_driver_sql(f"PRAGMA integrity_check({_FAULTS_TOLD})")
            found = [str(line) for (line,) in checked if line != "ok"]
            made = self._connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")
            schema = {(str(kind), str(name)): str(sql) for kind, name, sql in made}
        guards = {name: sql for (kind, name), sql in schema.items() if kind == "trigger"}
        found += [f"the guard “{name}” is gone" for name, sql in TRIGGERS.items() if guards.get(name) != sql]
        found += [f"there is a strange trigger “{name}”" for name in guards if name not in TRIGGERS]
        return tuple(found)


def create_sqlite(path: Path) -> SqliteStore:
    """Make an empty ledger file that only its owner can read. Raises HomeError where it cannot, or it exists."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as e:
        raise HomeError(f"The ledger cannot be made at {path}: {e.strerror}.") from e
    store = SqliteStore(path, _engine(path, "ro"), writer := _engine(path, "rw"))
    with _told(path):
        with writer.connect() as connection:
            raw = _raw(connection)
            raw.execute("PRAGMA journal_mode=WAL")
            raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
            raw.execute(f"PRAGMA user_version={VERSION}")
        with writer.begin() as connection:
            metadata.create_all(connection)
            for trigger in TRIGGERS.values():
                connection.exec_driver_sql(trigger)
    return store


def open_sqlite(path: Path, *, writing: bool) -> SqliteStore:
    """Open a ledger file. Raises LedgerError where it is missing or damaged, HomeError where it cannot be read."""
    if not path.is_file():
        raise LedgerError(f"The ledger is missing: there is no {path}. Restore it from a backup.")
    reader = _engine(path, "ro" if _log_can_be_kept(path) else "ro&immutable=1")
    with _told(path), reader.connect() as connection:
        raw = _raw(connection)
        application: int = raw.execute("PRAGMA application_id").fetchone()[0]
        version: int = raw.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise LedgerError(f"{path} is no ledger of a desk. Restore the ledger from a backup.")
    if version > VERSION:
        raise LedgerError(f"{path} was written by a newer version of this program. Install that version.")
    return SqliteStore(path, reader, _engine(path, "rw") if writing else None)


def _engine(path: Path, mode: str) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.text_factory = _text
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA fullfsync=ON")  # macOS: without it the disk may keep the commit in its cache
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=8, max_overflow=56)
    begin = "BEGIN IMMEDIATE" if mode == "rw" else "BEGIN"

    def start(connection: Connection) -> None:
        _raw(connection).execute(begin)

    event.listen(engine, "begin", start)
    return engine


def _raw(connection: Connection) -> Any:
    """Give the driver's own connection, for statements outside of SQLAlchemy's transactions."""
    return connection.connection.driver_connection


def _text(data: bytes) -> str:
    """Read text even where somebody's change made it no UTF-8: the check names the entry instead of giving up."""
    return data.decode("utf-8", "surrogateescape")


def _log_can_be_kept(path: Path) -> bool:
    """Tell whether SQLite can keep its shared-memory file beside the ledger; on a read-only disk it cannot."""
    return os.access(path.parent, os.W_OK) or path.with_name(path.name + "-wal").exists()


def _selection(desk: str, query: Query) -> sa.Select[Any]:
    selection = sa.select(*_ROW).where(entries.c.desk == desk, entries.c.number > query.since)
    for column, wanted in (
        (entries.c.subject, query.serial),
        (entries.c.officer, query.officer),
        (entries.c.receipt, query.receipt),
        (entries.c.once, query.once),
    ):
        if wanted is not None:
            selection = selection.where(column == wanted)
    if query.kinds:
        selection = selection.where(entries.c.kind.in_(query.kinds))
    order = entries.c.number.desc() if query.newest_first else entries.c.number.asc()
    return selection.order_by(order).limit(query.limit)


def _head(connection: Connection, desk: str) -> StoredHead | None:
    row = connection.execute(_HEAD, {"of": desk}).fetchone()
    return None if row is None else StoredHead(row[0], row[1], row[2])


def _last(connection: Connection, desk: str) -> LastEntry | None:
    row = connection.execute(_LAST, {"of": desk}).fetchone()
    return None if row is None else LastEntry(row[0], row[1])


def _stored(row: Sequence[Any]) -> StoredEntry:
    return StoredEntry(row[0], row[1], row[2], SearchColumns._make(row[3:]))


@contextmanager
def _told(path: Path) -> Generator[None]:
    """Turn what the database says into a sentence."""
    try:
        yield
    except DBAPIError as e:
        raise _sentence(path, e.orig) from e
    except sqlite3.Error as e:
        raise _sentence(path, e) from e
    except UnicodeDecodeError as e:
        # Python fails so where SQLite's own message quotes a broken schema.
        raise LedgerError(f"The ledger {path} is damaged (schema). Restore it from a backup.") from e


def _sentence(path: Path, error: BaseException | None) -> HomeError | LedgerError:
    name = str(getattr(error, "sqlite_errorname", ""))
    match name.removeprefix("SQLITE_").split("_")[0]:
        case "FULL":
            return HomeError(f"The disk is full, so the ledger {path} took no entry. {_MAKE_ROOM}")
        case "READONLY":
            return HomeError(f"The ledger {path} cannot be written: it is read-only. Make the home writable.")
        case "BUSY" | "LOCKED":
            return HomeError(f"The ledger {path} is held by another program for too long. Close that, then try again.")
        case "CANTOPEN" if not os.access(path.parent, os.W_OK):
            return HomeError(f"The ledger {path} cannot be written: its folder is read-only. Make the home writable.")
        case "CANTOPEN" | "PERM" | "AUTH":
            return HomeError(f"The ledger {path} cannot be opened. Check who owns the home and its permissions.")
        case "IOERR" if _is_full(path.parent):
            # SQLite's own name is SHMSIZE or WRITE then; the entry in hand was rolled back.
            return HomeError(f"The disk is full, so the ledger {path} cannot be used. {_MAKE_ROOM}")
        case "IOERR":
            return LedgerError(f"The disk failed while the ledger {path} was used ({name}). Check the disk.")
        case _:
            return LedgerError(f"The ledger {path} is damaged ({name or error}). Restore it from a backup.")


def _is_full(folder: Path) -> bool:
    """Tell whether the disk has no room for one more page of shared memory (32 KiB, SQLite's WAL format)."""
    try:
        return shutil.disk_usage(folder).free < 32 << 10
    except OSError:
        return False
