"""Whether the shared ledger is as safe as it should be: encrypted, guarded, its login able to do what it must alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import URL

from provisioning.ledger.postgres import database_of
from provisioning.ledger.postgres_connection import WRITING, connecting_engine, is_here, told
from provisioning.ledger.postgres_guards import SCHEMA

_OLDEST = 140_000
"""``sha256()`` is there since 11, and 14 is the oldest that its makers still mend in 2026 (postgresql.org/support)."""

_LOGIN = sa.text(
    "SELECT session_user, current_setting('server_version_num')::int, current_setting('server_version'), "
    "(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), "
    "(SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles "
    " WHERE rolname = session_user), current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off'"
)
_CAN_CHANGE = sa.text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    f"WHERE n.nspname = '{SCHEMA}' AND c.relkind = 'r' "
    "AND has_table_privilege(session_user, c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER') ORDER BY 1"
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not as it should be, and what its administrator does about it."""

    sentence: str
    mend: str


def health_of(url: URL, password: Callable[[], str | None]) -> tuple[str, list[Trouble]]:
    """Say what is there and give what is wrong with it. Raises LedgerUnreachable, HomeError."""
    engine = connecting_engine(url, "READ COMMITTED", WRITING, password)
    try:
        with told(url), engine.connect() as connection:
            login, number, version, encrypted, mighty, durable = connection.execute(_LOGIN).one()
            changeable = [str(name) for (name,) in connection.execute(_CAN_CHANGE)]
            faults = database_of(url).faults(connection)
    finally:
        engine.dispose()
    found: list[Trouble] = []
    if not encrypted and not is_here(url.host):
        found.append(
            Trouble("The connection to the shared ledger is not encrypted.", "Remove sslmode from its address.")
        )
    if mighty:
        found.append(
            Trouble(
                f"The login {login} may do far more than a desk needs.",
                f"ALTER ROLE {login} NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS",
            )
        )
    elif changeable:
        tables = ", ".join(f"{SCHEMA}.{table}" for table in changeable)
        found.append(
            Trouble(
                f"The login {login} may change or remove rows of {', '.join(changeable)}.",
                f"REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER ON {tables} FROM {login}",
            )
        )
    if number < _OLDEST:
        found.append(Trouble(f"PostgreSQL {version} gets no security fixes any more.", "Upgrade the server."))
    if not durable:
        found.append(
            Trouble(
                "The server may lose entries that it has confirmed (fsync or synchronous_commit is off).",
                "ALTER SYSTEM RESET fsync; ALTER SYSTEM RESET synchronous_commit; then restart it",
            )
        )
    found += [
        Trouble(f"In the shared ledger {fault}.", "Run “issuing-desk ledger verify”; then “ledger create”.")
        for fault in faults
    ]
    kind = "encrypted" if encrypted else "on this machine" if is_here(url.host) else "in clear"
    return f"The shared ledger is PostgreSQL {version}, {kind}; the login is {login}.", found
