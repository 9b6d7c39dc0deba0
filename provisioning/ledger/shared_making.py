"""Make the shared ledger, bring it forward, and let desks in: what its administrator does."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import URL, Connection

from provisioning.errors import UsageError
from provisioning.ledger.draft import LedgerOwner
from provisioning.ledger.postgres_connection import told
from provisioning.ledger.postgres_guards import ADMINISTRATOR, SCHEMA, SUPERVISOR, TECHNICIAN
from provisioning.plain_text import one_line

EVERY_DESK = "*"
_PREFIX = sa.text("SELECT name FROM desks WHERE receipt_prefix = :prefix AND desk <> :desk LIMIT 1")
_LOGIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}")


def make_shared_ledger(url: URL, *, until: str = "head") -> str:
    """Make the tables, guards and roles, or bring an older ledger forward; give the version of the tables.

    Run again, it changes nothing. ``until`` is the version to stop at, for who wants one as it was.
    The login in ``url`` becomes their owner and must be allowed to make roles. Raises HomeError.
    """
    with _administrator(url) as connection:
        connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        connection.execute(sa.text(f"SET LOCAL search_path = {SCHEMA}"))
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
        config.attributes["connection"] = connection
        command.upgrade(config, until)
        return (
            MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA}).get_current_revision() or ""
        )


def let_desk_in(
    url: URL,
    owner: LedgerOwner,
    name: str,
    login: str,
    *,
    supervisor: bool = False,
    every_desk: bool = False,
    administrator: bool = False,
) -> None:
    """Register a desk's public key, and that ``login`` may add for it. Raises HomeError, UsageError.

    An ``administrator``'s login may besides erase what is due, which no supervisor's may.
    """
    if not _LOGIN.fullmatch(login):
        raise UsageError("A login has letters, digits, “_”, “.” and “-”, and begins with a letter.")
    with _administrator(url) as connection:
        connection.execute(sa.text(f"SET LOCAL search_path = {SCHEMA}"))
        taken = connection.execute(_PREFIX, {"prefix": owner.receipt_prefix, "desk": owner.desk}).scalar()
        if taken is not None:
            raise UsageError(
                f"The desk “{one_line(str(taken), 60)}” gives out receipt numbers that begin with "
                f"{owner.receipt_prefix} as well. Make this home anew under another desk name."
            )
        connection.execute(
            sa.text(
                "INSERT INTO desks (desk, key, public_key, name, receipt_prefix, training) "
                "VALUES (:desk, :key, :pem, :name, :prefix, :training) ON CONFLICT DO NOTHING"
            ),
            {
                "desk": owner.desk, "key": owner.key.id, "pem": owner.key.newest.pem(), "name": name,
                "prefix": owner.receipt_prefix, "training": owner.training,
            },
        )  # fmt: skip
        connection.execute(
            sa.text("INSERT INTO logins (login, desk) VALUES (:login, :desk) ON CONFLICT DO NOTHING"),
            {"login": login, "desk": EVERY_DESK if every_desk else owner.desk},
        )
        role = ADMINISTRATOR if administrator else SUPERVISOR if supervisor else TECHNICIAN
        connection.execute(sa.text(f'GRANT {role} TO "{login}"'))


@contextmanager
def _administrator(url: URL) -> Generator[Connection]:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with told(url), engine.begin() as connection:
        yield connection
