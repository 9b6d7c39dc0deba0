"""Make, open and check embedded ledgers: a home's own, and files that came from elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from provisioning.errors import HomeError, LedgerError, UsageError
from provisioning.home.identity import DeskIdentity
from provisioning.ledger.check import LedgerCheck
from provisioning.ledger.draft import LedgerOwner
from provisioning.ledger.entry import EntryKind, parse_entry
from provisioning.ledger.head import parse_head
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.ledger import Ledger, Protection
from provisioning.ledger.store import LedgerStore, Snapshot
from provisioning.signatures import AnyDeskKey, Signer

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    from provisioning.ledger.joint import JointStore
    from provisioning.ledger.sharing import Sharer, Sharing
    from provisioning.ledger.sql_store import SqlStore
    from provisioning.privacy.protection import HeldKeys
    from provisioning.privacy.reading_keys import ReadingKeys


@dataclass(frozen=True, slots=True)
class SharedLedger:
    """Where a shared ledger is; ``password`` gives what the login needs, None where libpq finds it for itself."""

    address: str
    password: Callable[[], str | None] = field(repr=False)
    reserved_only: bool = False
    """Alone, only what is reserved for the desk is handed over."""


LEDGER = "ledger.sqlite"
HEAD = "ledger.head"


class LedgerHome(Protocol):
    """What a ledger wants to know of the home that it lies in."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def identity(self) -> DeskIdentity:
        """Whose it is."""
        ...

    def keys(self) -> AnyDeskKey:
        """Give what checks it: the desk's key, and those that it had before."""
        ...

    @property
    def notice(self) -> Callable[[str], None]:
        """Tell a person something that matters to them and is no error."""
        ...

    def shared_ledger(self) -> SharedLedger | None:
        """Give where the ledger is that it shares with other desks; None where it has its own alone."""
        ...

    def signer(self) -> Signer:
        """Give the desk's signing key, unlocking the vault."""
        ...

    def reading_keys(self) -> ReadingKeys:
        """Give what seals and opens the personal fields of its entries."""
        ...


def create_ledger(folder: Path, identity: DeskIdentity, signer: Signer, maker: str | None = None) -> None:
    """Make the ledger with its first entry, which names the desk, its key and who made it. Raises HomeError."""
    from provisioning.ledger.sqlite import create_sqlite

    store = create_sqlite(folder / LEDGER)
    with Ledger(
        store, owner_of(identity, signer.public), head_file=HeadFile(folder / HEAD), signer=lambda: signer
    ) as new:
        new.append(
            EntryKind.HOME_CREATED,
            None,
            {
                "desk_name": identity.desk_name,
                "organisation": identity.organisation_name,
                "organisation_magic": identity.organisation_magic,
                "public_key": signer.public.pem(),
                "receipt_prefix": identity.receipt_prefix,
            },
            technician=maker,
            once="home_created",
        )


def open_ledger(home: LedgerHome, *, signer: Callable[[], Signer] | None) -> Ledger:
    """Open a home's ledger; without ``signer`` for reading only. Raises LedgerError, HomeError."""
    from provisioning.ledger.sqlite import open_sqlite

    own = open_sqlite(home.path / LEDGER, writing=signer is not None)
    shared = home.shared_ledger()
    exchange = _exchange_of(home, shared)
    store = (
        own if shared is None else _joined(home, own, shared, home.notice, writing=signer is not None, after=exchange)
    )
    return Ledger(
        store,
        owner_of(home.identity, home.keys()),
        head_file=HeadFile(home.path / HEAD),
        signer=signer,
        shared=shared is not None,
        protection=_protection_of(home, exchange),
    )


def _protection_of(home: LedgerHome, exchange: Callable[[], HeldKeys | None]) -> Protection:
    """Give what seals the personal fields of a home's entries, and opens those that it may read."""
    from provisioning.privacy.protection import DeskProtection

    keys = home.reading_keys()
    return DeskProtection(keys.keys, keys.at_hand, exchange)


def _exchange_of(home: LedgerHome, shared: SharedLedger | None) -> Callable[[], HeldKeys | None]:
    """Give what exchanges reading keys with the other desks now and then; nothing for a desk alone."""
    if shared is None:
        return lambda: None
    from provisioning.ledger.postgres_connection import postgres_url
    from provisioning.privacy.sharing import KeyExchange

    url = postgres_url(shared.address)
    return KeyExchange(url, shared.password, home.reading_keys(), home.signer).now_and_then


@contextmanager
def joint_store(home: LedgerHome, *, writing: bool) -> Generator[tuple[JointStore, str]]:
    """Open what a desk shares, and name where that is. Raises UsageError where it has its ledger alone."""
    from provisioning.ledger.postgres_connection import postgres_url, where_is
    from provisioning.ledger.sqlite import open_sqlite

    shared = home.shared_ledger()
    if shared is None:
        raise UsageError("This desk has its ledger alone. Name the shared one as “ledger = …” in its desk.toml.")
    own = open_sqlite(home.path / LEDGER, writing=writing)
    exchange = _exchange_of(home, shared)
    with closing(_joined(home, own, shared, home.notice, writing=writing, after=exchange)) as store:
        yield store, where_is(postgres_url(shared.address))


def sharer_of(home: LedgerHome, on_change: Callable[[Sharing], None], on_entry: Callable[[], None]) -> Sharer | None:
    """Give what looks after the ledger that this desk shares; None where it has its own alone."""
    from provisioning.ledger.postgres import Ear
    from provisioning.ledger.postgres_connection import postgres_url, where_is
    from provisioning.ledger.sharing import Sharer
    from provisioning.ledger.sqlite import open_sqlite

    shared = home.shared_ledger()
    if shared is None:
        return None
    url, desk = postgres_url(shared.address), home.identity.desk
    # What is lost and found again is told through ``on_change``; a log line is enough besides.
    own, exchange = open_sqlite(home.path / LEDGER, writing=True), _exchange_of(home, shared)
    store = _joined(home, own, shared, logger.warning, writing=True, after=exchange)
    return Sharer(store, Ear(url, desk, shared.password), desk, where_is(url), on_change, on_entry)


def _joined(
    home: LedgerHome,
    own: SqlStore,
    shared: SharedLedger,
    notice: Callable[[str], None],
    *,
    writing: bool,
    after: Callable[[], object],
) -> JointStore:
    from provisioning.ledger.joint import JointStore
    from provisioning.ledger.postgres import open_postgres
    from provisioning.ledger.postgres_connection import postgres_url

    there = open_postgres(postgres_url(shared.address), writing=writing, password=shared.password)
    owner = owner_of(home.identity, home.keys())
    return JointStore(own, there, notice, after=after, owner=owner, reserved_only=shared.reserved_only)


def open_ledger_file(path: Path, key: AnyDeskKey) -> Ledger:
    """Open a ledger away from its home, for reading: a backup, or another desk's. Raises LedgerError, HomeError.

    Whose it is, it says itself; every entry and the head must then be signed with ``key`` to hold.
    """
    from provisioning.ledger.sqlite import open_sqlite

    store = open_sqlite(path, writing=False)
    try:
        owner = _owner_by_itself(store, key)
    except (ValueError, TypeError) as e:
        store.close()
        raise LedgerError(f"The ledger {path} does not say whose it is. Restore it from a backup.") from e
    except (LedgerError, HomeError):
        store.close()
        raise
    beside = path.with_name(HEAD)
    return Ledger(store, owner, head_file=HeadFile(beside) if beside.exists() else None)


def check_home_ledger(
    home: LedgerHome, expected_head: str | None = None, *, every_signature: bool = False
) -> LedgerCheck:
    """Check a home's ledger; one that cannot even be opened is a result as well."""
    return _checked(lambda: open_ledger(home, signer=None), expected_head, every_signature)


def check_ledger_file(
    path: Path, key: AnyDeskKey, expected_head: str | None = None, *, every_signature: bool = False
) -> LedgerCheck:
    """Check a ledger away from its home; one that cannot even be opened is a result as well."""
    return _checked(lambda: open_ledger_file(path, key), expected_head, every_signature)


def _checked(opening: Callable[[], Ledger], expected_head: str | None, every_signature: bool) -> LedgerCheck:
    try:
        ledger = opening()
    except (LedgerError, HomeError) as e:
        return LedgerCheck(ok=False, entries=0, head="", reason=str(e))
    with ledger:
        return ledger.verify(expected_head, every_signature=every_signature)


def _owner_by_itself(store: LedgerStore, key: AnyDeskKey) -> LedgerOwner:
    with store.snapshot() as snapshot:
        desks = sorted(snapshot.desks(), key=lambda desk: not _is_of(snapshot, desk, key))
        first = next(snapshot.walk(desks[0]), None) if desks else None
    if first is None:
        raise ValueError("no entries")
    entry = parse_entry(first.canonical, first.signature)
    prefix = entry.body.get("receipt_prefix")
    return LedgerOwner(entry.desk, key, entry.training, prefix if isinstance(prefix, str) else "")


def _is_of(snapshot: Snapshot, desk: str, key: AnyDeskKey) -> bool:
    """Tell whether a desk's first entry or its head names one of these keys; whether that is true shows later."""
    stored, first = snapshot.head(desk), next(snapshot.walk(desk), None)
    try:
        named = {parse_entry(first.canonical, first.signature).key} if first else set[str]()
        if stored is not None:
            named.add(parse_head(stored.canonical, stored.signature).key)
    except (ValueError, TypeError, AttributeError):
        return False
    return any(one.id in named for one in key.keys)


def owner_of(identity: DeskIdentity, key: AnyDeskKey) -> LedgerOwner:
    """Give whose ledger a home's is."""
    return LedgerOwner(identity.desk, key, identity.training, identity.receipt_prefix)
