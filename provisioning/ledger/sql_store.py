"""A store in the tables of ``schema``, whichever database they lie in; what differs is asked of the database.

Statements are made once: SQLAlchemy takes longer to build one than a database on this machine to run it.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from provisioning.errors import HomeError
from provisioning.ledger.entry import Erased, SearchColumns
from provisioning.ledger.erasure_check import erasure_faults
from provisioning.ledger.schema import entries, erased, heads, record_keys
from provisioning.ledger.store import (
    Arrived,
    Compose,
    LastEntry,
    Query,
    RawRow,
    Snapshot,
    StoredEntry,
    StoredHead,
    stored,
)

_BATCH = 2000

_ROW = (
    entries.c.canonical,
    entries.c.hash,
    entries.c.signature,
    *(entries.c[name] for name in SearchColumns._fields),
)
_BESIDE = (record_keys.c.wrapped, erased.c.by_desk, erased.c.by_number, erased.c.rule, erased.c.time)
_WITH_KEYS = entries.outerjoin(
    record_keys, sa.and_(record_keys.c.desk == entries.c.desk, record_keys.c.number == entries.c.number)
).outerjoin(erased, sa.and_(erased.c.desk == entries.c.desk, erased.c.number == entries.c.number))
_COLUMNS = len(SearchColumns._fields)
_OF = sa.bindparam("of", type_=sa.String())
_ONCE = sa.select(*_ROW).where(entries.c.once == sa.bindparam("wanted", type_=sa.String()), entries.c.desk == _OF)
_ADD = sa.insert(entries)
_ADD_KEY = sa.insert(record_keys)
_HEAD = sa.select(heads.c.number, heads.c.canonical, heads.c.signature).where(heads.c.desk == _OF)
_LAST = (
    sa.select(entries.c.number, entries.c.hash).where(entries.c.desk == _OF).order_by(entries.c.number.desc()).limit(1)
)
ROW_TEXT = ", ".join(column.name if column.name != "time" else '"time"' for column in _ROW)
"""The columns of a row, for a statement that goes past SQLAlchemy: it takes as long for a row as all else together."""
_DESKS = sa.select(entries.c.desk).distinct().union(sa.select(heads.c.desk))


class Cursor(Protocol):
    """What a driver's cursor gives."""

    def fetchmany(self, size: int, /) -> Sequence[RawRow]:
        """Give so many rows more; none at the end."""
        ...

    def close(self) -> None:
        """Let go of it; safe twice."""
        ...


class Database(Protocol):
    """What one kind of database does in its own way."""

    @property
    def arrival(self) -> sa.ColumnElement[int]:
        """Give the column that says in which order the entries of all desks came in."""
        ...

    @property
    def erasing(self) -> Collection[str]:
        """Give the kinds of entries that remove record keys here."""
        ...

    @property
    def keyed(self) -> bool:
        """Tell whether there are record keys: a file of the first version that is only read has no place for them."""
        ...

    def told(self) -> AbstractContextManager[None]:
        """Turn what the database raises inside into a sentence: HomeError or LedgerError."""
        ...

    def take_turn(self, connection: Connection) -> None:
        """Wait inside a transaction until nobody else adds, and let nobody add until it ends."""
        ...

    def advance(self, connection: Connection, desk: str, head: StoredHead) -> None:
        """Put ``head`` in the place of the one before."""
        ...

    def begin_merging(self, connection: Connection) -> None:
        """Let this transaction add what happened elsewhere although others did the same here."""
        ...

    def take_effect(self, connection: Connection, rows: Sequence[StoredEntry]) -> None:
        """Remove the record keys that these entries, just added, say are erased."""
        ...

    def walk(self, connection: Connection, desk: str) -> AbstractContextManager[Cursor]:
        """Give the driver's own cursor over the rows (:data:`ROW_TEXT`) of a desk in order of their number."""
        ...

    def faults(self, connection: Connection) -> tuple[str, ...]:
        """Give what is wrong with the database itself, and which of its guards against changes are gone."""
        ...


class SqlStore:
    """A :class:`~provisioning.ledger.store.LedgerStore` over two engines; without ``writer`` it only reads."""

    def __init__(self, database: Database, reader: Engine, writer: Engine | None) -> None:
        self._database = database
        self._reader = reader
        self._writer = writer
        self._turn = threading.Lock()

    def append(self, desk: str, once: str | None, compose: Compose) -> StoredEntry:
        """Add what ``compose`` makes, in one transaction; or give the entry with ``once``."""
        with self.adding(desk) as adding:
            found = adding.named(once)
            if found is not None:
                return found
            rows, head = compose(adding.head(), adding.last(), adding.look)
            adding.add(rows, head)
        return rows[0]

    @contextmanager
    def adding(self, desk: str) -> Generator[Adding]:
        """Hold the turn to add to the chain of ``desk``; what was added is on disk once the context is left."""
        if self._writer is None:
            raise HomeError("The ledger was opened for reading only.")
        # Threads queue here rather than at the database, where waiting costs a connection and may not be fair.
        with self._turn, self._transaction(self._writer) as connection:
            with self._database.told():
                self._database.take_turn(connection)
            yield Adding(self._database, connection, desk)

    def find(self, desk: str, query: Query) -> list[StoredEntry]:
        """Give the entries that were asked for."""
        with self._database.told(), self._reader.begin() as connection:
            return _found(connection, desk, query, self._database)

    def arrivals(self, since: int, limit: int, places: Sequence[int] = ()) -> list[Arrived]:
        """Give what came in after place ``since``, of all desks, ``limit`` at most; or what stands at these places."""
        place = self._database.arrival
        keyed = self._database.keyed
        wanted = sa.select(place.label("at"), *_ROW, *_BESIDE).select_from(_WITH_KEYS) if keyed else (
            sa.select(place.label("at"), *_ROW)
        )  # fmt: skip
        wanted = wanted.where(place.in_(places)) if places else wanted.where(place > since).limit(limit)
        read = _stored_with_key if keyed else stored
        with self._database.told(), self._reader.begin() as connection:
            return [Arrived(row[0], read(row[1:])) for row in connection.execute(wanted.order_by(place))]

    @contextmanager
    def snapshot(self) -> Generator[Snapshot]:
        """Hold one picture of the tables for as long as the context lasts."""
        with self._transaction(self._reader) as connection, ExitStack() as walks:
            yield _SqlSnapshot(self._database, connection, walks)

    @contextmanager
    def _transaction(self, engine: Engine) -> Generator[Connection]:
        """Hold a transaction; what the body raises goes through untouched, it may be another database's trouble."""
        with self._database.told():
            connection = engine.connect()
        try:
            with self._database.told():
                transaction = connection.begin()
            try:
                yield connection
            except BaseException:
                with suppress(DBAPIError):
                    transaction.rollback()
                raise
            with self._database.told():
                transaction.commit()
        finally:
            with suppress(DBAPIError):
                connection.close()

    def close(self) -> None:
        """Let go of files and connections; safe twice."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()


class Adding:
    """One transaction in which nobody else adds."""

    def __init__(self, database: Database, connection: Connection, desk: str) -> None:
        self._database = database
        self._connection = connection
        self._desk = desk

    def named(self, once: str | None) -> StoredEntry | None:
        """Give this desk's entry with that name."""
        if once is None:
            return None
        with self._database.told():
            row = self._connection.execute(_ONCE, {"of": self._desk, "wanted": once}).fetchone()
        return None if row is None else stored(row)

    def head(self) -> StoredHead | None:
        """Give this desk's newest head."""
        with self._database.told():
            return _head(self._connection, self._desk)

    def last(self) -> LastEntry | None:
        """Give this desk's last row."""
        with self._database.told():
            row = self._connection.execute(_LAST, {"of": self._desk}).fetchone()
        return None if row is None else LastEntry(row[0], row[1])

    def look(self, query: Query) -> list[StoredEntry]:
        """Find entries."""
        with self._database.told():
            return _found(self._connection, self._desk, query, self._database)

    def add(self, rows: Sequence[StoredEntry], head: StoredHead) -> None:
        """Add the entries and the head after them."""
        self._insert(rows)
        with self._database.told():
            self._database.advance(self._connection, self._desk, head)

    def merge(self, batches: Iterable[Sequence[StoredEntry]], head: StoredHead) -> int:
        """Add what was written while this store could not be reached, even where it contradicts what is here.

        Gives how many entries that were.
        """
        count = 0
        with self._database.told():
            self._database.begin_merging(self._connection)
        for rows in batches:
            self._insert(rows)
            count += len(rows)
        with self._database.told():
            self._database.advance(self._connection, self._desk, head)
        return count

    def _insert(self, rows: Sequence[StoredEntry]) -> None:
        pieces = [
            {"canonical": entry.canonical, "hash": entry.hash, "signature": entry.signature} | entry.columns._asdict()
            for entry in rows
        ]
        keys = [
            {"desk": entry.columns.desk, "number": entry.columns.number, "wrapped": entry.wrapped}
            for entry in rows
            if entry.wrapped is not None
        ]
        with self._database.told():
            self._connection.execute(_ADD, pieces)
            if keys:
                self._connection.execute(_ADD_KEY, keys)
            self._database.take_effect(self._connection, rows)


class _SqlSnapshot:
    """One read transaction."""

    def __init__(self, database: Database, connection: Connection, walks: ExitStack) -> None:
        self._database = database
        self._connection = connection
        self._walks = walks
        """Closes what the server holds for a walk that was broken off."""

    def head(self, desk: str) -> StoredHead | None:
        with self._database.told():
            return _head(self._connection, desk)

    def walk(self, desk: str) -> Iterator[StoredEntry]:
        for some in self.rows(desk):
            yield from map(stored, some)

    def rows(self, desk: str) -> Iterator[Sequence[RawRow]]:
        with self._database.told(), self._database.walk(self._connection, desk) as cursor:
            self._walks.callback(cursor.close)
            while some := cursor.fetchmany(_BATCH):
                yield some

    def desks(self) -> frozenset[str]:
        with self._database.told():
            return frozenset(str(desk) for (desk,) in self._connection.execute(_DESKS))

    def faults(self) -> tuple[str, ...]:
        with self._database.told():
            found = self._database.faults(self._connection)
            if self._database.keyed:
                found += erasure_faults(self._connection, self._database.erasing)
            return found


def _selection(desk: str, query: Query, database: Database) -> sa.Select[Any]:
    selection = sa.select(*_ROW, *_BESIDE).select_from(_WITH_KEYS) if database.keyed else sa.select(*_ROW)
    if query.every_desk:
        order = database.arrival
    else:
        selection = selection.where(entries.c.desk == desk)
        if query.since:
            selection = selection.where(entries.c.number > query.since)
        order = entries.c.number
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
    return selection.order_by(order.desc() if query.newest_first else order.asc()).limit(query.limit)


def _head(connection: Connection, desk: str) -> StoredHead | None:
    row = connection.execute(_HEAD, {"of": desk}).fetchone()
    return None if row is None else StoredHead(row[0], row[1], row[2])


def _found(connection: Connection, desk: str, query: Query, database: Database) -> list[StoredEntry]:
    rows = connection.execute(_selection(desk, query, database))
    return [_stored_with_key(row) for row in rows] if database.keyed else [stored(row) for row in rows]


def _stored_with_key(row: Sequence[Any]) -> StoredEntry:
    columns, beside = row[3 : 3 + _COLUMNS], row[3 + _COLUMNS :]
    gone = Erased(*beside[1:]) if beside[1] is not None else None
    return StoredEntry(row[0], row[1], row[2], SearchColumns._make(columns), beside[0], gone)
