"""Bring a ledger file of an earlier version forward, by alembic, in one transaction, with a copy beside it before.

Whoever holds the home does it, at the first opening for adding; nobody else may be using the home then. Readers need
nothing of it: they read a file of any version as it is, and one that reads meanwhile sees all of it or nothing.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection, Engine

from provisioning.errors import HomeError, LedgerError
from provisioning.home.lock import HomeLock, held_here
from provisioning.ledger.schema import VERSION

_PATIENCE = 2.0
"""Seconds to wait for another process that does the same."""


def bring_forward(path: Path, writer: Engine) -> None:
    """Make the tables those of this version. Raises HomeError where another holds the home, LedgerError for damage."""
    folder = path.parent
    # Loading alembic takes 0.4 s, which only a file of an earlier version costs.
    from alembic import command
    from alembic.config import Config

    alone = nullcontext() if held_here(folder) else HomeLock(folder, "bringing its ledger forward", patience=_PATIENCE)
    with alone, writer.begin() as connection:
        version = _version(connection)
        if version >= VERSION:
            return  # another process was here first
        _keep_copy(path, version)
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("file_migrations")))
        config.attributes["connection"] = connection
        command.stamp(config, f"{version:04d}")
        command.upgrade(config, f"{VERSION:04d}")
        # The file says its version in its header; saying it twice is one time too many.
        connection.exec_driver_sql("DROP TABLE alembic_version")
        connection.exec_driver_sql(f"PRAGMA user_version={VERSION}")


def copy_of(path: Path, version: int) -> Path:
    """Name the copy that is kept of a ledger file before it is brought forward from ``version``."""
    return path.with_name(f"{path.stem}-version-{version}{path.suffix}")


def _version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _keep_copy(path: Path, version: int) -> None:
    """Copy the file as it is committed, and look whether the copy is whole. A copy of before is not replaced."""
    copy = copy_of(path, version)
    draft = copy.with_name(f".{copy.name}.new")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(_plain(path, "ro")) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
            found: list[Any] = target.execute("PRAGMA quick_check(1)").fetchall()
        if found != [("ok",)]:
            draft.unlink(missing_ok=True)
            raise LedgerError(f"The ledger {path} is damaged. Restore it from a backup, then open it again.")
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        if not copy.exists():
            draft.replace(copy)
        draft.unlink(missing_ok=True)
    except OSError as e:
        raise HomeError(
            f"The ledger {path} is of an earlier version, and no copy of it could be kept ({e.strerror}). "
            "Make room, and the home writable."
        ) from e


def _plain(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)
