"""Make a home: keys, ledger, folders and settings, all of it or nothing.

It is furnished in a draft folder inside and then moved into place, ``identity.json`` last: a crash in between leaves
no home, and the next try sweeps the draft away.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

from provisioning.errors import HomeError, UsageError
from provisioning.files import make_folder, write_file
from provisioning.home.custody import Custody, Prompt
from provisioning.home.home import FindKeyring, Home, is_home, open_home
from provisioning.home.identity import FILE_NAME, DeskIdentity, new_identity, write_identity
from provisioning.home.keys import establish_keys
from provisioning.home.lock import HomeLock
from provisioning.home.supervision import generate_supervision_identity, keep_supervision_identity
from provisioning.home.vault import Vault
from provisioning.signatures import DeskSigner

SETTINGS_TEMPLATE = """\
# Settings of this desk. Lines that begin with # are examples; what is not set keeps its default.
"""
_FOLDERS = ("keys", "records", "receipts", "policies", "pairing", "logs")
_DRAFT = ".new-"
_PATIENCE = 30.0
"""Seconds to wait for another process that is just making the same home."""


def create_home(
    path: Path,
    *,
    training: bool,
    organisation_name: str,
    desk_name: str,
    passphrase: Prompt | None = None,
    organisation_magic: str | None = None,
    receipt_prefix: str | None = None,
    settings_text: str = SETTINGS_TEMPLATE,
    keyring: FindKeyring = None,
    maker: str | None = None,
) -> Home:
    """Make a home with its keys and its ledger's first entry; a training home gets a supervision identity as well.

    ``maker`` is who does it, for that entry.

    Takes up to a second or two (key generation, scrypt), so call it off the event loop. Nothing is left half-made:
    what a crash leaves behind is swept away by the next try. Raises HomeError where there is one already or the
    disk refuses, UsageError for names that cannot stand on a receipt or a folder with other things in it.
    """
    if path.is_dir() and not is_home(path) and _half_moved(path) is None:
        require_empty(path, sweep=False)
    make_folder(path)
    with HomeLock(path, "init", patience=_PATIENCE):
        if (draft := _half_moved(path)) is not None:
            move_in(draft, path)
        if is_home(path):
            raise HomeError(f"There is already a home at {path}.")
        require_empty(path, sweep=True)
        signer = DeskSigner.generate()
        identity = new_identity(
            training=training,
            organisation_name=organisation_name,
            organisation_magic=organisation_magic,
            desk_name=desk_name,
            receipt_prefix=receipt_prefix,
            key=signer.public.id,
        )
        draft = path / f"{_DRAFT}{uuid4().hex[:8]}"
        custody = Custody(draft / "keys", identity.desk, passphrase, keyring)
        try:
            _furnish(draft, identity, signer, custody, settings_text, maker)
            move_in(draft, path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return open_home(path, passphrase=passphrase, keyring=keyring)


def _furnish(
    draft: Path,
    identity: DeskIdentity,
    signer: DeskSigner,
    custody: Custody,
    settings_text: str,
    maker: str | None,
) -> None:
    from provisioning.ledger.opening import create_ledger

    keys = draft / "keys"
    for folder in (draft, *(draft / name for name in _FOLDERS)):
        make_folder(folder)
    vault = Vault(identity.desk, custody.establish(training=identity.training))
    establish_keys(keys, vault, signer, identity.desk_name, identity.organisation_name)
    if identity.training:
        keep_supervision_identity(keys, vault, generate_supervision_identity(identity.organisation_name))
    write_file(draft / "desk.toml", settings_text.encode())
    create_ledger(draft, identity, signer, maker)
    write_identity(draft, identity)


def move_in(draft: Path, path: Path) -> None:
    """Move a furnished draft into its place, ``identity.json`` last. Raises HomeError."""
    try:
        for child in sorted(draft.iterdir(), key=lambda child: child.name == FILE_NAME):
            child.rename(path / child.name)
        draft.rmdir()
    except OSError as e:
        raise HomeError(f"The home {path} could not be put in place ({e.strerror}). Try an empty folder.") from e


def _half_moved(path: Path) -> Path | None:
    """Give the draft that a crash left while it was moved into place, if there is one: it is whole."""
    drafts = (draft for draft in path.glob(f"{_DRAFT}*") if (draft / FILE_NAME).is_file())
    return next((draft for draft in drafts if not all((draft / name).exists() for name in _FOLDERS)), None)


def require_empty(path: Path, *, sweep: bool) -> None:
    """Refuse a folder that holds more than a crash while making a home may leave; sweep that away if asked to."""
    try:
        children = tuple(path.iterdir())
    except OSError as e:
        raise HomeError(f"The folder {path} cannot be read ({e.strerror}). Choose one of your own.") from e
    for child in children:
        if child.name.startswith(_DRAFT):
            if sweep:
                shutil.rmtree(child, ignore_errors=True)
        elif child.name.startswith(".engine.json."):
            # A process was killed while it noted that it holds the lock.
            if sweep:
                child.unlink(missing_ok=True)
        elif not child.name.startswith("engine."):
            raise UsageError(
                f"The folder {path} holds “{child.name}” but is no home. Choose an empty folder, "
                "or restore the home from a backup."
            )
