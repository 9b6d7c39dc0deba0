"""Where a ledger of the contract suite lies: one class per store, so that the same tests run over each of them.

Another store joins by adding its place to ``PLACES``: it opens ledgers, lets a forger at the tables behind the
program's back, and tells a process of its own how to open the same ledger.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provisioning.ledger.draft import LedgerOwner
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.ledger import Ledger, now
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


class SqlitePlace:
    """A ledger in a SQLite file."""

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
            database.execute(statement, values)

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


PLACES = {"sqlite": SqlitePlace}


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
                serial,
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
