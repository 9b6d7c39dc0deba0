"""Make and open the embedded ledger of a home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from provisioning.home.identity import DeskIdentity
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.ledger import Ledger, LedgerOwner
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


def create_ledger(folder: Path, identity: DeskIdentity, signer: Signer) -> None:
    """Make the ledger with its first entry, which names the desk and its key. Raises HomeError."""
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
            technician=None,
            once="home_created",
        )


def open_ledger(home: LedgerHome, *, signer: Callable[[], Signer] | None) -> Ledger:
    """Open a home's ledger; without ``signer`` for reading only. Raises LedgerError, HomeError."""
    from provisioning.ledger.sqlite import open_sqlite

    store = open_sqlite(home.path / LEDGER, writing=signer is not None)
    return Ledger(store, _owner(home.identity, home.public_key()), head_file=HeadFile(home.path / HEAD), signer=signer)


def _owner(identity: DeskIdentity, key: DeskPublicKey) -> LedgerOwner:
    return LedgerOwner(identity.desk, key, identity.training, identity.receipt_prefix)
