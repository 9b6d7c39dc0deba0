"""Connections to the shared ledger: the address, encryption by default, time-outs, and failures as sentences.

The driver is psycopg 3, synchronous: its asynchronous side refuses the event loop that Windows uses. Off this machine
the connection is encrypted and the server's name checked by the system's certificates (``sslmode=verify-full``,
``sslrootcert=system``), unless the address says otherwise: libpq's own default would take any server, in clear if asked
(https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError

from provisioning.errors import HomeError, LedgerError, LedgerUnreachable, UsageError
from provisioning.ledger.postgres_guards import (
    ALREADY_OUT,
    HELD,
    NEVER_CHANGED,
    NOT_AT_THE_END,
    NOT_THIS_DESK,
    NOT_THIS_ROLE,
    RESERVED_ELSEWHERE,
    SCHEMA,
)

DRIVER = "postgresql+psycopg"
CONNECT_SECONDS = 5
"""How long to try to reach the server before a desk goes on alone."""
_STATEMENT = "30s"
WRITING = "15s"
"""How long a transaction that adds may idle before the server ends it."""
READING = "10min"
"""The same for one that reads, which holds nobody up."""


def postgres_url(text: str) -> URL:
    """Read an address such as ``postgresql+psycopg://desk4@db.example/issuing``. Raises UsageError."""
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError) as e:
        raise UsageError("The address of the ledger cannot be read. It looks like postgresql+psycopg://…") from e
    if url.drivername not in {DRIVER, "postgresql"} or not url.database:
        raise UsageError("The address of the ledger must begin with postgresql+psycopg:// and name a database.")
    url = url.set(drivername=DRIVER)
    if "sslmode" not in url.query and not is_here(url.host):
        url = url.update_query_dict({"sslmode": "verify-full"})
        if "sslrootcert" not in url.query:
            url = url.update_query_dict({"sslrootcert": "system"})
    return url


def where_is(url: URL) -> str:
    """Name the shared ledger for people: its machine and database, never the login."""
    return f"{url.host or 'this machine'}/{url.database}"


def is_here(host: str | None) -> bool:
    """Tell whether the server is on this machine, where there is no wire to listen to."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def told(url: URL) -> Generator[None]:
    """Turn what the server or the driver says into a sentence; their own text quotes rows, and rows are personal."""
    try:
        yield
    except DBAPIError as e:
        raise _sentence(where_is(url), e.orig, lost=e.connection_invalidated) from None
    except psycopg.Error as e:  # where SQLAlchemy was passed by
        raise _sentence(where_is(url), e, lost=False) from None


def connecting_engine(url: URL, isolation: str, idle: str, password: Callable[[], str | None]) -> Engine:
    """Give an engine that connects when it is first used; ``idle`` is how long a transaction may do nothing."""
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


def _sentence(where: str, cause: BaseException | None, *, lost: bool) -> HomeError | LedgerError:
    state = str(getattr(cause, "sqlstate", None) or "")
    lost = lost or isinstance(cause, psycopg.InterfaceError)
    match state:
        case "" if "certificate" in str(cause) or "SSL" in str(cause):
            return HomeError(
                f"The connection to the shared ledger at {where} is not safe: its certificate is not trusted, or it "
                "offers none. Have its administrator install one, or name its authority with sslrootcert=FILE."
            )
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
        case "42704":
            return HomeError(f"There is no such login at {where}. Have its administrator make it (CREATE ROLE) first.")
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
            whose = "an administrator's" if "only an administrator" in str(cause) else "a supervisor's"
            return HomeError(f"The shared ledger at {where} does not allow this to this login: {whose} is needed.")
        case s if s == HELD:
            return HomeError(
                "What is under a legal hold is not erased, so nothing was. Leave it out, or lift the hold."
            )
        case s if s == ALREADY_OUT:
            return HomeError(
                "Another desk has just handed that handset over. Nothing was added; look it up in the ledger."
            )
        case s if s == RESERVED_ELSEWHERE:
            return HomeError(
                "That handset is reserved for another desk, which may just be handing it over. Nothing was added; have "
                "it released there, or by a supervisor (“issuing-desk ledger release”)."
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
