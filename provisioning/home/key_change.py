"""Give a desk another key, so that a crash at any moment leaves it with the old one or with the new one.

The new keys are made ready in ``keys/.next``; then the ledger takes the entry that names them, and from that moment
they are the desk's; then they are moved into place, ``desk.pub`` last. Whoever opens the ledger next finishes what a
crash left, by asking the ledger which key it goes on with. Of the old key the private half is gone then, for there is
nothing that it may still sign; its public half stays in ``desk.pub``, its certificate in ``former/``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from provisioning.errors import HomeError
from provisioning.files import make_folder, read_file, write_file
from provisioning.home.keys import PUBLIC_KEY, ROOT_CERTIFICATE, SEAL_CERTIFICATE, establish_keys, read_public_keys
from provisioning.signatures import DeskSigner

if TYPE_CHECKING:
    from provisioning.home.home import Home
    from provisioning.ledger.entry import Entry

_NEXT = ".next"
_FORMER = "former"
_PATIENCE = 30.0
"""Seconds; a change takes well under one, unless the shared ledger is slow to answer."""


def change_key(home: Home, reason: str, technician: str | None, *, lost: bool) -> Entry:
    """Make keys, have the ledger name them, and put them in place. Raises HomeError, LedgerError, UsageError."""
    from provisioning.ledger.entry import EntryKind
    from provisioning.ledger.opening import open_ledger

    keys = home.path / "keys"
    with _turn(keys):
        _settle(home)
        draft, new, identity = keys / _NEXT, DeskSigner.generate(), home.identity
        make_folder(draft)
        establish_keys(
            draft, home.vault(), new, identity.desk_name, identity.organisation_name, former=home.keys().keys
        )
        kind = EntryKind.KEY_REPLACED if lost else EntryKind.KEY_CHANGED
        try:
            with open_ledger(home, signer=home.signer) as ledger:
                entry = ledger.change_key(new, kind, reason, technician=technician)
        except BaseException:
            _settle(home)  # it may be on the record all the same
            raise
        _install(keys)
    return entry


def settle_keys(home: Home) -> None:
    """Finish or forget a change of keys in whose middle the program ended. Raises HomeError, LedgerError."""
    keys = home.path / "keys"
    if (keys / _NEXT).exists() and os.access(keys, os.W_OK):
        with _turn(keys):
            _settle(home)


def _settle(home: Home) -> None:
    keys = home.path / "keys"
    draft = keys / _NEXT
    if not draft.exists():
        return
    if (draft / PUBLIC_KEY).exists() and _is_on_record(home, read_public_keys(draft).id):
        _install(keys)
    else:
        shutil.rmtree(draft)


def _is_on_record(home: Home, key: str) -> bool:
    from provisioning.ledger.head import parse_head
    from provisioning.ledger.sqlite import open_sqlite

    with closing(open_sqlite(home.ledger_file, writing=False)) as store, store.snapshot() as snapshot:
        stored = snapshot.head(home.identity.desk)
    try:
        return stored is not None and parse_head(stored.canonical, stored.signature).key == key
    except ValueError:
        return False


def _install(keys: Path) -> None:
    draft, former = keys / _NEXT, keys / _FORMER
    before, now = read_public_keys(keys), read_public_keys(draft)
    try:
        if before.newest != now.newest:
            make_folder(former)
            for name in (ROOT_CERTIFICATE, SEAL_CERTIFICATE):
                kept = former / f"{before.id[:16]}-{name}"
                if not kept.exists():
                    write_file(kept, read_file(keys / name))
        for file in sorted(draft.iterdir(), key=lambda file: file.name == PUBLIC_KEY):
            file.replace(keys / file.name)
        shutil.rmtree(draft)
    except OSError as e:
        raise HomeError(f"The desk's new key could not be put in place ({e.strerror}). Make the home writable.") from e


@contextmanager
def _turn(keys: Path) -> Generator[None]:
    lock = FileLock(keys / ".change.lock", timeout=_PATIENCE, thread_local=False, mode=0o600)
    try:
        with lock:
            yield
    except Timeout as e:
        raise HomeError("Another program is just changing this desk's key. Try again in a moment.") from e
