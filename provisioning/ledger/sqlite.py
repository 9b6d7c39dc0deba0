"""The embedded store: one SQLite file in write-ahead mode, synced at each commit, that refuses changes and deletions.

SQLAlchemy Core is loaded when a store is opened and not before. ``BEGIN IMMEDIATE`` makes an append one step whatever
other processes do (https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from provisioning.errors import HomeError, LedgerError
from provisioning.files import write_file
from provisioning.ledger.entry import parse_entry
from provisioning.ledger.erasure import parse_erasure
from provisioning.ledger.schema import VERSION, erased, heads, metadata, record_keys
from provisioning.ledger.sql_store import ROW_TEXT, Cursor, SqlStore
from provisioning.ledger.sqlite_guards import TRIGGERS, TRIGGERS_OF, WITH_KEYS
from provisioning.ledger.store import StoredEntry, StoredHead

APPLICATION_ID = 0x49444C31
"""“IDL1” in the header of the file, so that ``file`` and we can tell it from other databases."""
BUSY_SECONDS = 30.0
"""How long to wait for another process that is just adding; an append takes about a millisecond."""
_FAULTS_TOLD = 5
_MAKE_ROOM = "Make room on the disk, then try again; nothing half-written was kept."

_ERASING = frozenset({"lawfully_erased", "erasure_applied"})
_TO_BE_WIPED = b"Remnants of what was erased are to be wiped; the desk does so when it is used next.\n"
_NOTE_ERASED = sa.insert(erased).prefix_with("OR IGNORE")
_REMOVE_KEY = sa.delete(record_keys).where(
    record_keys.c.desk == sa.bindparam("of_desk"), record_keys.c.number == sa.bindparam("of_number")
)
_WALK = f"SELECT {ROW_TEXT} FROM entries WHERE desk = ? ORDER BY number"  # noqa: S608  # nothing in it is from outside
_ADVANCE = sa.update(heads).where(heads.c.desk == sa.bindparam("of", type_=sa.String()))
_BEGIN = sa.insert(heads)


class _SqliteFile:
    """The ways of SQLite."""

    arrival: sa.ColumnElement[int] = sa.literal_column("entries.rowid", sa.Integer())
    erasing = _ERASING

    def __init__(self, path: Path, version: int = VERSION) -> None:
        self._path = path
        self._version = version
        self.keyed = version >= WITH_KEYS

    def told(self) -> AbstractContextManager[None]:
        return _told(self._path)

    def take_turn(self, connection: Connection) -> None:
        """Do nothing: the transaction began with BEGIN IMMEDIATE."""

    def advance(self, connection: Connection, desk: str, head: StoredHead) -> None:
        row = {"number": head.number, "canonical": head.canonical, "signature": head.signature}
        if not connection.execute(_ADVANCE, {"of": desk, **row}).rowcount:
            connection.execute(_BEGIN, {"desk": desk, **row})

    def begin_merging(self, connection: Connection) -> None:
        """Do nothing: this database does not judge what happened."""

    def take_effect(self, connection: Connection, rows: Sequence[StoredEntry]) -> None:
        for row in rows:
            if row.columns.kind not in _ERASING:
                continue
            write_file(erasing_mark(self._path.parent), _TO_BE_WIPED)
            said = parse_erasure(parse_entry(row.canonical, row.signature))
            by = {"by_desk": row.columns.desk, "by_number": row.columns.number, "rule": said.rule, "time": said.time}
            for desk, number in said.records:
                connection.execute(_NOTE_ERASED, {"desk": desk, "number": number, **by})
                connection.execute(_REMOVE_KEY, {"of_desk": desk, "of_number": number})

    def walk(self, connection: Connection, desk: str) -> AbstractContextManager[Cursor]:
        return closing(_raw(connection).execute(_WALK, (desk,)))

    def faults(self, connection: Connection) -> tuple[str, ...]:
        checked = connection.exec_driver_sql(f"PRAGMA integrity_check({_FAULTS_TOLD})")
        found = [str(line) for (line,) in checked if line != "ok"]
        made = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")
        schema = {(str(kind), str(name)): str(sql) for kind, name, sql in made}
        guards = {name: sql for (kind, name), sql in schema.items() if kind == "trigger"}
        wanted = TRIGGERS_OF[WITH_KEYS if ("table", "record_keys") in schema else self._version]
        found += [f"the guard “{name}” is gone" for name, sql in wanted.items() if guards.get(name) != sql]
        found += [f"there is a strange trigger “{name}”" for name in guards if name not in wanted]
        return tuple(found)


def create_sqlite(path: Path) -> SqlStore:
    """Make an empty ledger file that only its owner can read. Raises HomeError where it cannot, or it exists."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as e:
        raise HomeError(f"The ledger cannot be made at {path}: {e.strerror}.") from e
    store = SqlStore(_SqliteFile(path), _engine(path, "ro"), writer := _engine(path, "rw"))
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


def open_sqlite(path: Path, *, writing: bool) -> SqlStore:
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
    writer = _engine(path, "rw") if writing else None
    if writer is not None and version < VERSION:
        from provisioning.ledger.sqlite_forward import bring_forward

        with _told(path):
            bring_forward(path, writer)
        version = VERSION
    return SqlStore(_SqliteFile(path, version), reader, writer)


def erasing_mark(folder: Path) -> Path:
    """Name the file that says, from before a record key is removed, that remnants have not been wiped yet."""
    return folder / "erasing"


def wipe_remnants(path: Path) -> None:
    """Make sure that nothing of what was removed is left in the file or its log. Raises HomeError while it is used.

    SQLite overwrites what it removes (``secure_delete``), but not what it moved between pages before, nor the pages
    in the write-ahead log: a new file is written and the log cut to nothing (https://sqlite.org/lang_vacuum.html).
    What the file system itself keeps of overwritten blocks is beyond a program: such a disk is to be encrypted.
    Copies that were kept while the file was brought forward go too: what was removed here may still be in them.
    """
    for copy in path.parent.glob(f"{path.stem}-version-*{path.suffix}"):
        copy.unlink(missing_ok=True)
    with _told(path), closing(_connection(path, "rw")) as raw:
        raw.execute("VACUUM")
        busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise HomeError(f"The ledger {path} is just read by another program. Close that, then erase again.")


def _engine(path: Path, mode: str) -> Engine:
    engine = sa.create_engine(
        "sqlite://", creator=lambda: _connection(path, mode), poolclass=QueuePool, pool_size=8, max_overflow=56
    )
    begin = "BEGIN IMMEDIATE" if mode == "rw" else "BEGIN"

    def start(connection: Connection) -> None:
        _raw(connection).execute(begin)

    event.listen(engine, "begin", start)
    return engine


def _connection(path: Path, mode: str) -> sqlite3.Connection:
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
    if mode == "rw":
        connection.execute("PRAGMA secure_delete=ON")
    return connection


def _raw(connection: Connection) -> Any:
    """Give the driver's own connection, for statements outside of SQLAlchemy's transactions."""
    return connection.connection.driver_connection


def _text(data: bytes) -> str:
    """Read text even where somebody's change made it no UTF-8: the check names the entry instead of giving up."""
    return data.decode("utf-8", "surrogateescape")


def _log_can_be_kept(path: Path) -> bool:
    """Tell whether SQLite can keep its shared-memory file beside the ledger; on a read-only disk it cannot."""
    return os.access(path.parent, os.W_OK) or path.with_name(path.name + "-wal").exists()


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
