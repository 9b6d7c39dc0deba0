"""Make, open and check embedded ledgers: a home's own, and files that came from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from provisioning.errors import HomeError, LedgerError
from provisioning.home.identity import DeskIdentity
from provisioning.ledger.check import LedgerCheck
from provisioning.ledger.draft import LedgerOwner
from provisioning.ledger.entry import EntryKind, parse_entry
from provisioning.ledger.head import parse_head
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.store import LedgerStore, StoredHead
from provisioning.signatures import DeskPublicKey, Signer

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

    def public_key(self) -> DeskPublicKey:
        """Give the key that checks it."""
        ...


def create_ledger(folder: Path, identity: DeskIdentity, signer: Signer, maker: str | None = None) -> None:
    """Make the ledger with its first entry, which names the desk, its key and who made it. Raises HomeError."""
    from provisioning.ledger.sqlite import create_sqlite

    store = create_sqlite(folder / LEDGER)
    with Ledger(
        store, _owner(identity, signer.public), head_file=HeadFile(folder / HEAD), signer=lambda: signer
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

    store = open_sqlite(home.path / LEDGER, writing=signer is not None)
    return Ledger(store, _owner(home.identity, home.public_key()), head_file=HeadFile(home.path / HEAD), signer=signer)


def open_ledger_file(path: Path, key: DeskPublicKey) -> Ledger:
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
    path: Path, key: DeskPublicKey, expected_head: str | None = None, *, every_signature: bool = False
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


def _owner_by_itself(store: LedgerStore, key: DeskPublicKey) -> LedgerOwner:
    with store.snapshot() as snapshot:
        desks = sorted(snapshot.desks(), key=lambda desk: not _is_of(snapshot.head(desk), key))
        first = next(snapshot.walk(desks[0]), None) if desks else None
    if first is None:
        raise ValueError("no entries")
    entry = parse_entry(first.canonical, first.signature)
    prefix = entry.body.get("receipt_prefix")
    return LedgerOwner(entry.desk, key, entry.training, prefix if isinstance(prefix, str) else "")


def _is_of(stored: StoredHead | None, key: DeskPublicKey) -> bool:
    try:
        return stored is not None and parse_head(stored.canonical, stored.signature).holds(key)
    except (ValueError, TypeError, AttributeError):
        return False


def _owner(identity: DeskIdentity, key: DeskPublicKey) -> LedgerOwner:
    return LedgerOwner(identity.desk, key, identity.training, identity.receipt_prefix)
