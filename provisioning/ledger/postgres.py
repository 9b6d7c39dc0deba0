"""The store that many desks share: a PostgreSQL which the organisation runs already.

Whoever adds holds one advisory lock until the transaction ends, so entries of all desks come in one after the other
and their order of arrival has no gaps. A connection that hangs cannot hold it for long: the server ends transactions
that idle (``idle_in_transaction_session_timeout``) and sockets that answer no longer (``tcp_user_timeout``).
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError

from provisioning.ledger.postgres_connection import READING, WRITING, connecting_engine, told
from provisioning.ledger.postgres_guards import FUNCTIONS, SCHEMA, TRIGGERS, TURN
from provisioning.ledger.sql_store import ROW_TEXT, Cursor, Database, SqlStore
from provisioning.ledger.store import StoredEntry, StoredHead
from provisioning.signatures import DeskKeys, DeskPublicKey

_TURN = sa.text(f"SELECT pg_advisory_xact_lock({TURN})")
_MERGING = sa.text(f"SET LOCAL {SCHEMA}.merging = 'on'")
_KEYS = sa.text(f"SELECT desk, public_key FROM {SCHEMA}.desks ORDER BY registered DESC")
_ADVANCE = sa.text(f"SELECT {SCHEMA}.advance_head(:desk, :number, :canonical, :signature)")


def open_postgres(url: URL, *, writing: bool, password: Callable[[], str | None] = lambda: None) -> SqlStore:
    """Open the shared ledger; nothing is connected yet. ``password`` is asked at each connection.

    Where it gives None, libpq looks for itself: PGPASSWORD, ~/.pgpass, a client certificate. What the store then does
    raises LedgerUnreachable where no server answers, LedgerError, HomeError.
    """
    reader = connecting_engine(url, "REPEATABLE READ", READING, password).execution_options(postgresql_readonly=True)
    writer = connecting_engine(url, "READ COMMITTED", WRITING, password) if writing else None
    return SqlStore(_Postgres(url), reader, writer)


def database_of(url: URL) -> Database:
    """Give the ways of PostgreSQL for a server, to ask what is wrong with it."""
    return _Postgres(url)


def registered_keys(url: URL, password: Callable[[], str | None] = lambda: None) -> list[DeskKeys]:
    """Give the public keys that desks were admitted with there, those of one desk together. Raises as the store does.

    A key that a desk has changed to by itself is not among them: the desk's own entry says so, signed with the key
    before. Whoever trusts nobody gets the keys from the desks and not from here.
    """
    engine = connecting_engine(url, "READ COMMITTED", WRITING, password)
    try:
        with told(url), engine.connect() as connection:
            found: dict[str, list[DeskPublicKey]] = {}
            for desk, pem in connection.execute(_KEYS):
                found.setdefault(str(desk), []).append(DeskPublicKey.from_pem(str(pem)))
            return [DeskKeys(tuple(keys)) for keys in found.values()]
    finally:
        engine.dispose()


def rewrite_record_keys(url: URL, password: Callable[[], str | None] = lambda: None) -> bool:
    """Write the table of record keys anew, without what was removed from it; only its owner can. Raises as the store.

    PostgreSQL leaves removed rows where they were until then; its write-ahead log and backups keep them for their own
    time (https://www.postgresql.org/docs/current/sql-vacuum.html).
    """
    engine = connecting_engine(url, "AUTOCOMMIT", READING, password)
    try:
        with told(url), engine.connect() as connection:
            before = connection.execute(_FILE_OF_KEYS).scalar()
            connection.exec_driver_sql(f"VACUUM (FULL) {SCHEMA}.record_keys")
            return connection.execute(_FILE_OF_KEYS).scalar() != before
    finally:
        engine.dispose()


class _Postgres:
    """The ways of PostgreSQL."""

    arrival: sa.ColumnElement[int] = sa.literal_column("place", sa.BigInteger())
    keyed = True
    erasing = frozenset({"lawfully_erased"})

    def __init__(self, url: URL) -> None:
        self._url = url

    def told(self) -> AbstractContextManager[None]:
        return told(self._url)

    def take_turn(self, connection: Connection) -> None:
        connection.execute(_TURN)

    def advance(self, connection: Connection, desk: str, head: StoredHead) -> None:
        pieces = {"number": head.number, "canonical": head.canonical, "signature": head.signature}
        connection.execute(_ADVANCE, {"desk": desk, **pieces})

    def begin_merging(self, connection: Connection) -> None:
        connection.execute(_MERGING)

    def take_effect(self, connection: Connection, rows: Sequence[StoredEntry]) -> None:
        """Do nothing: the database's own trigger does it (``erasure_takes_effect``)."""

    @contextmanager
    def walk(self, connection: Connection, desk: str) -> Generator[Cursor]:
        # On the server, so that it fits in memory; the binary form, for text would be read and written twice.
        with _driver(connection).cursor(f"walk_{next(_walks)}", binary=True) as cursor:
            cursor.execute(_WALK, {"of": desk})
            yield cursor

    def faults(self, connection: Connection) -> tuple[str, ...]:
        sources = {str(name): str(text) for name, text in connection.execute(_FUNCTIONS)}
        found = [f"the guard “{name}” was changed" for name, text in FUNCTIONS.items() if sources.get(name) != text]
        made = {str(name): str(text) for name, text in connection.execute(_TRIGGERS)}
        for name, text in TRIGGERS.items():
            if _bare(made.get(name, "")) != _bare(f"CREATE TRIGGER {name} {text}"):
                found.append(f"the guard “{name}” is gone or switched off")
        found += [f"there is a strange trigger “{name}”" for name in made if name not in TRIGGERS]
        return tuple(found)


_WALK = f"SELECT {ROW_TEXT} FROM {SCHEMA}.entries WHERE desk = %(of)s ORDER BY number".encode()
_walks = itertools.count(1)


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    """Give the driver's own connection, for what SQLAlchemy does too slowly or not at all."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


_FILE_OF_KEYS = sa.text(f"SELECT pg_relation_filenode('{SCHEMA}.record_keys')")
_FUNCTIONS = sa.text(
    "SELECT proname, prosrc FROM pg_proc WHERE prosecdef AND pronamespace = "
    f"(SELECT oid FROM pg_namespace WHERE nspname = '{SCHEMA}')"
)
# “O” fires in a normal session, “A” always; “D” and “R” do not (pg_trigger.tgenabled).
_TRIGGERS = sa.text(
    "SELECT t.tgname, CASE WHEN t.tgenabled IN ('O', 'A') THEN pg_get_triggerdef(t.oid) ELSE '' END "
    "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    f"WHERE n.nspname = '{SCHEMA}' AND NOT t.tgisinternal"
)


def _bare(statement: str) -> str:
    """Give a statement without what PostgreSQL adds or orders in its own way when it prints one."""
    words = statement.replace(f"{SCHEMA}.", "").split()
    return " ".join(sorted(words))


class Ear:
    """Hears that another desk has added something; where it cannot listen it hears nothing, and tries again."""

    def __init__(self, url: URL, desk: str, password: Callable[[], str | None] = lambda: None) -> None:
        self._engine = connecting_engine(url, "AUTOCOMMIT", READING, password)
        self._desk = desk
        self._connection: Connection | None = None
        self._closed = threading.Event()

    def hears(self, seconds: float) -> bool:
        """Wait at most so long; tell whether anything was added by others. Once closed, it hears nothing."""
        if self._closed.is_set():
            return False
        try:
            connection = self._connection
            if connection is None:
                connection = self._connection = self._engine.connect()
                connection.exec_driver_sql(f"LISTEN {SCHEMA}")
            if self._closed.is_set():  # while it connected, so that there was nothing to forget yet
                self._forget()
                return False
            heard = [notice.payload for notice in _driver(connection).notifies(timeout=seconds, stop_after=1)]
        except (DBAPIError, psycopg.Error, OSError):
            self._forget()
            time.sleep(min(seconds, 1.0))
            return False
        return any(not payload.startswith(f"{self._desk} ") for payload in heard)

    def close(self) -> None:
        """Stop listening; a wait that is going on ends."""
        self._closed.set()
        self._forget()
        self._engine.dispose()

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError, psycopg.Error, OSError):
                connection.invalidate()
                connection.close()
