"""The store that many desks share: a PostgreSQL which the organisation runs already.

Whoever adds holds one advisory lock until the transaction ends, so entries of all desks come in one after the other
and their order of arrival has no gaps. A connection that hangs cannot hold it for long: the server ends transactions
that idle (``idle_in_transaction_session_timeout``) and sockets that answer no longer (``tcp_user_timeout``). The
driver is psycopg 3, synchronous: its asynchronous side refuses the event loop that Windows uses.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError

from provisioning.errors import HomeError, LedgerError, LedgerUnreachable, UsageError
from provisioning.ledger.postgres_guards import (
    ALREADY_OUT,
    FUNCTIONS,
    NEVER_CHANGED,
    NOT_AT_THE_END,
    NOT_THIS_DESK,
    NOT_THIS_ROLE,
    SCHEMA,
    TRIGGERS,
    TURN,
)
from provisioning.ledger.sql_store import SqlStore
from provisioning.ledger.store import StoredHead
from provisioning.signatures import DeskPublicKey

DRIVER = "postgresql+psycopg"
CONNECT_SECONDS = 5
"""How long to try to reach the server before a desk goes on alone."""
_STATEMENT = "30s"
_IDLE = "15s"
_READING = "10min"
_TURN = sa.text(f"SELECT pg_advisory_xact_lock({TURN})")
_MERGING = sa.text(f"SET LOCAL {SCHEMA}.merging = 'on'")
_KEYS = sa.text(f"SELECT public_key FROM {SCHEMA}.desks ORDER BY registered")
_ADVANCE = sa.text(f"SELECT {SCHEMA}.advance_head(:desk, :number, :canonical, :signature)")


def postgres_url(text: str) -> URL:
    """Read an address such as ``postgresql+psycopg://desk4@db.example/issuing``. Raises UsageError."""
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError) as e:
        raise UsageError("The address of the ledger cannot be read. It looks like postgresql+psycopg://…") from e
    if url.drivername not in {DRIVER, "postgresql"} or not url.database:
        raise UsageError("The address of the ledger must begin with postgresql+psycopg:// and name a database.")
    return url.set(drivername=DRIVER)


def open_postgres(url: URL, *, writing: bool, password: Callable[[], str | None] = lambda: None) -> SqlStore:
    """Open the shared ledger; nothing is connected yet. ``password`` is asked at each connection.

    Where it gives None, libpq looks for itself: PGPASSWORD, ~/.pgpass, a client certificate. What the store then does
    raises LedgerUnreachable where no server answers, LedgerError, HomeError.
    """
    reader = _engine(url, "REPEATABLE READ", _READING, password).execution_options(postgresql_readonly=True)
    writer = _engine(url, "READ COMMITTED", _IDLE, password) if writing else None
    return SqlStore(_Postgres(url), reader, writer)


def registered_keys(url: URL, password: Callable[[], str | None] = lambda: None) -> list[DeskPublicKey]:
    """Give the public keys that desks are registered with there. Raises as the store does.

    Whoever trusts nobody gets the keys from the desks and not from here.
    """
    engine = _engine(url, "READ COMMITTED", _IDLE, password)
    try:
        with told(url), engine.connect() as connection:
            return [DeskPublicKey.from_pem(str(pem)) for (pem,) in connection.execute(_KEYS)]
    finally:
        engine.dispose()


@contextmanager
def told(url: URL) -> Generator[None]:
    """Turn what the server or the driver says into a sentence; their own text quotes rows, and rows are personal."""
    try:
        yield
    except DBAPIError as e:
        raise _sentence(f"{url.host or 'this machine'}/{url.database}", e) from None


class _Postgres:
    """The ways of PostgreSQL."""

    arrival: sa.ColumnElement[int] = sa.literal_column("place", sa.BigInteger())

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

    def faults(self, connection: Connection) -> tuple[str, ...]:
        sources = {str(name): str(text) for name, text in connection.execute(_FUNCTIONS)}
        found = [f"the guard “{name}” was changed" for name, text in FUNCTIONS.items() if sources.get(name) != text]
        made = {str(name): str(text) for name, text in connection.execute(_TRIGGERS)}
        for name, text in TRIGGERS.items():
            if _bare(made.get(name, "")) != _bare(f"CREATE TRIGGER {name} {text}"):
                found.append(f"the guard “{name}” is gone or switched off")
        found += [f"there is a strange trigger “{name}”" for name in made if name not in TRIGGERS]
        return tuple(found)


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


def _engine(url: URL, isolation: str, idle: str, password: Callable[[], str | None]) -> Engine:
    options = (
        f"-c search_path={SCHEMA} -c statement_timeout={_STATEMENT} -c lock_timeout={_STATEMENT} "
        f"-c idle_in_transaction_session_timeout={idle}"
    )
    arguments: dict[str, Any] = {
        "application_name": "issuing-desk",
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": CONNECT_SECONDS * 1000,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "options": options,
    }
    engine = sa.create_engine(url, connect_args=arguments, isolation_level=isolation, pool_pre_ping=True, pool_size=4)

    def unlock(_dialect: object, _record: object, _arguments: object, parameters: dict[str, Any]) -> None:
        if "password" not in parameters and (known := password()) is not None:
            parameters["password"] = known

    event.listen(engine, "do_connect", unlock)
    return engine


def _sentence(where: str, error: DBAPIError) -> HomeError | LedgerError:
    cause = error.orig
    state = str(getattr(cause, "sqlstate", None) or "")
    lost = error.connection_invalidated or isinstance(cause, psycopg.InterfaceError)
    match state:
        case "":
            return LedgerUnreachable(
                f"The shared ledger at {where} cannot be reached. Check the network and that its server runs."
            )
        case s if lost or s.startswith(("08", "57P")) or s == "25P03":
            return LedgerUnreachable(
                f"The connection to the shared ledger at {where} was lost. Check the network and its server."
            )
        case "53300":
            return LedgerUnreachable(
                f"The shared ledger at {where} takes no more connections. Have its administrator raise the limit."
            )
        case s if s.startswith("28"):
            return HomeError(
                f"The shared ledger at {where} refused this desk's login. Check the name and password in desk.toml."
            )
        case "3D000":
            return HomeError(f"There is no shared ledger at {where}. Have its administrator make it first.")
        case "42P01" | "3F000" | "42883":
            return HomeError(
                f"The database at {where} holds no ledger. Have its administrator run “issuing-desk ledger create”."
            )
        case s if s == NOT_THIS_DESK:
            return HomeError(
                f"This login may not add for this desk at {where}. Have its administrator register the desk."
            )
        case s if s in {NOT_THIS_ROLE, "42501"}:
            return HomeError(
                f"The shared ledger at {where} does not allow this to this login: a supervisor's is needed."
            )
        case s if s == ALREADY_OUT:
            return HomeError(
                "Another desk has just handed that handset over. Nothing was added; look it up in the ledger."
            )
        case s if s in {NOT_AT_THE_END, NEVER_CHANGED, "23505"}:
            return LedgerError(f"The shared ledger at {where} refused an entry out of its turn. Have it verified.")
        case "53100" | "53200" | "58030":
            return HomeError(f"The disk of the shared ledger at {where} is full, or fails. Nothing was added.")
        case "25006":
            return HomeError(f"The shared ledger at {where} is read-only just now. Nothing was added; try again.")
        case "55P03" | "57014":
            return HomeError(f"The shared ledger at {where} is busy for too long. Nothing was added; try again.")
        case _:
            return LedgerError(f"The shared ledger at {where} failed ({state}). Nothing was added.")
