"""Where a ledger of the contract suite lies: one class per store, so that the same tests run over each of them.

Another store joins by adding its place to ``PLACES``: it opens ledgers, lets a forger at the tables behind the
program's back, and tells a process of its own how to open the same ledger.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from postgres_server import ADMINISTRATOR, PASSWORD, server
from sqlalchemy.engine import URL

from provisioning.ledger.draft import LedgerOwner
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.joint import JointStore
from provisioning.ledger.ledger import Ledger, now
from provisioning.ledger.postgres import open_postgres
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.postgres_guards import SCHEMA, TRIGGERS
from provisioning.ledger.shared_making import let_desk_in, make_shared_ledger
from provisioning.ledger.sqlite import create_sqlite, open_sqlite
from provisioning.signatures import DeskSigner

SIGNER = DeskSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = DeskSigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))
DESK = "6c1f6fd5-8c1c-4d5e-9a3b-0d0c5a3f1e77"
OWNER = LedgerOwner(DESK, SIGNER.public, training=False, receipt_prefix="D4")
COLUMNS = (
    "desk", "number", "canonical", "hash", "signature", "time", "kind", "subject", "technician", "officer", "receipt",
    "receipt_counter", "once",
)  # fmt: skip


class Place(Protocol):
    """A place where a ledger lies."""

    folder: Path
    stride: int
    """Forgeries of every entry are tried on each n-th where the database takes long."""

    def create(self, *, clock: Callable[[], datetime] = now) -> Ledger:
        """Make the ledger."""
        ...

    def open(self, *, writing: bool = True, head_file: bool = True) -> Ledger:
        """Open the ledger that is there."""
        ...

    def copy(self, folder: Path) -> Place:
        """Give the same ledger, closed before, at another place."""
        ...

    def forge(self, statement: str, *values: object) -> None:
        """Change the tables without this program, and without its guards."""
        ...

    def look(self, statement: str, *values: object) -> Sequence[tuple[object, ...]]:
        """Read the tables without this program."""
        ...

    def drop_guards(self) -> None:
        """Take away what refuses changes, as an administrator of the database could."""
        ...


class RefusedError(Exception):
    """Raised by a place whose database itself refuses a forgery."""


class SqlitePlace:
    """A ledger in a SQLite file."""

    stride = 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "ledger.sqlite"
        self.head = folder / "ledger.head"

    def create(self, *, clock: Callable[[], datetime] = now) -> Ledger:
        return Ledger(
            create_sqlite(self.file), OWNER, head_file=HeadFile(self.head), signer=lambda: SIGNER, clock=clock
        )

    def open(self, *, writing: bool = True, head_file: bool = True) -> Ledger:
        return Ledger(
            open_sqlite(self.file, writing=writing),
            OWNER,
            head_file=HeadFile(self.head) if head_file else None,
            signer=(lambda: SIGNER) if writing else None,
        )

    def copy(self, folder: Path) -> SqlitePlace:
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return SqlitePlace(folder)

    def forge(self, statement: str, *values: object) -> None:
        with closing(self._raw()) as database:
            try:
                database.execute(statement, values)
            except sqlite3.IntegrityError as e:
                raise RefusedError(str(e)) from e

    def look(self, statement: str, *values: object) -> Sequence[tuple[object, ...]]:
        with closing(self._raw()) as database:
            return database.execute(statement, values).fetchall()

    def drop_guards(self) -> None:
        with closing(self._raw()) as database:
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f"DROP TRIGGER {name}")

    def _raw(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, isolation_level=None)
        connection.execute("PRAGMA synchronous=OFF")
        return connection


class PostgresPlace:
    """A ledger in a PostgreSQL that this process started, or that a parent told of in ``folder``."""

    stride = 9

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.head = folder / "ledger.head"
        self._address = folder / "address"

    def create(self, *, clock: Callable[[], datetime] = now) -> Ledger:
        self._address.write_text(a_shared_ledger())
        return self._ledger(writing=True, head_file=True, clock=clock)

    def open(self, *, writing: bool = True, head_file: bool = True) -> Ledger:
        return self._ledger(writing=writing, head_file=head_file, clock=now)

    def copy(self, folder: Path) -> PostgresPlace:
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        copy = PostgresPlace(folder)
        copy._address.write_text(a_database(like=str(self._url().database)))
        return copy

    def forge(self, statement: str, *values: object) -> None:
        with self._raw() as database:
            try:
                database.execute(statement.replace("?", "%s").encode(), values)
            except (psycopg.DataError, psycopg.ProgrammingError, psycopg.IntegrityError) as e:
                raise RefusedError(str(e)) from e

    def look(self, statement: str, *values: object) -> Sequence[tuple[object, ...]]:
        with self._raw() as database:
            return database.execute(statement.replace("?", "%s").encode(), values).fetchall()

    def drop_guards(self) -> None:
        with self._raw() as database:
            for name, text in TRIGGERS.items():
                table = text.split(" ON ")[1].split()[0]
                database.execute(f"DROP TRIGGER {name} ON {table}".encode())

    def _ledger(self, *, writing: bool, head_file: bool, clock: Callable[[], datetime]) -> Ledger:
        return Ledger(
            open_postgres(self._url(), writing=writing),
            OWNER,
            head_file=HeadFile(self.head) if head_file else None,
            signer=(lambda: SIGNER) if writing else None,
            clock=clock,
        )

    def _url(self) -> URL:
        return postgres_url(self._address.read_text())

    def _raw(self) -> psycopg.Connection:
        url = self._url().set(drivername="postgresql", username=ADMINISTRATOR)
        address = url.render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True, options=f"-c search_path={SCHEMA}")


class JointPlace(PostgresPlace):
    """A desk's own file and a shared ledger in PostgreSQL."""

    def create(self, *, clock: Callable[[], datetime] = now) -> Ledger:
        self._address.write_text(a_shared_ledger())
        create_sqlite(self.folder / "ledger.sqlite").close()
        return self._ledger(writing=True, head_file=True, clock=clock)

    def _ledger(self, *, writing: bool, head_file: bool, clock: Callable[[], datetime]) -> Ledger:
        own = open_sqlite(self.folder / "ledger.sqlite", writing=writing)
        return Ledger(
            JointStore(own, open_postgres(self._url(), writing=writing)),
            OWNER,
            head_file=HeadFile(self.head) if head_file else None,
            signer=(lambda: SIGNER) if writing else None,
            clock=clock,
            shared=True,
        )


@cache
def _template() -> str:
    """Make one whole ledger with this desk let in; databases of single tests are copies of it."""
    place, login = server(), "desk4"
    place.execute(f"CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}'")
    place.execute("CREATE DATABASE ledger_template")
    address = postgres_url(place.url("ledger_template"))
    make_shared_ledger(address)
    let_desk_in(address, OWNER, "Desk 4", login, supervisor=True)
    return "ledger_template"


_count = itertools.count(1)


def a_database(like: str) -> str:
    """Copy a database; give the desk's address of the copy."""
    name = f"ledger_{next(_count)}"
    server().execute(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY file_copy")
    return server().url(name, "desk4")


def a_shared_ledger() -> str:
    """Make an empty shared ledger; give the desk's address of it."""
    return a_database(like=_template())


PLACES: dict[str, Callable[[Path], Place]] = {"sqlite": SqlitePlace, "postgres": PostgresPlace}
"""The stores, whose tables a forger may change."""
DESKS = {**PLACES, "joint": JointPlace}
"""What a desk may write to."""


def day(hour: int = 9) -> datetime:
    """Give a fixed moment."""
    return datetime(2026, 3, 1, hour, 30, 0, 125_000, tzinfo=UTC)


def fill(ledger: Ledger, count: int) -> None:
    """Add entries of the kinds that a desk's day has, receipts among them."""
    for index in range(count):
        serial, officer = f"F2LXK0V{index % 17:03d}", f"P{1000 + index % 11}"
        if index % 10 == 9:
            ledger.append_receipt(
                "handed_over",
                f"F2LXK1V{index:03d}",  # each goes out once
                lambda draft, o=officer: {"officer": o, "no": draft.receipt},
                technician="A. Khan",
            )
        else:
            ledger.append(
                ("identified", "enrolled", "verified")[index % 3],
                serial,
                {"verdict": "clear", "apps_seen": index, "officer": officer},
                technician="A. Khan",
                once=f"event-{index}",
            )
