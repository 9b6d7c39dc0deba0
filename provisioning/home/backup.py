"""A home in one file, taken while the desk works, and put back only where every byte of it is as it was.

The file is a ZIP archive of what the home holds, the ledger as SQLite's own backup gives it (a whole picture, whatever
is added meanwhile), and ``manifest.json``, signed by the desk::

    {"manifest": {"desk": "UUID", "desk_name": "...", "entries": 17, "files": [{"path", "sha256", "size"}, ...],
                  "format": "issuing-desk/backup/1", "head": "SHA-256 of the last entry", "key": "SHA-256 of the key",
                  "made": "2026-03-01T09:30:00Z", "program": "0.1", "training": false}, "signature": "hex"}

The signature is over ``issuing-desk/backup/1``, a zero byte, and the RFC 8785 form of the manifest. Secrets in it are
as sealed as they were in the home; whoever has the file and the passphrase has the desk, so it belongs into a safe.
Locks, logs and drafts are not in it. Where the system's keyring keeps the home's key, that is not in it either.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sqlite3
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from provisioning.archives import opened_archive, write_archive
from provisioning.canonical import Json, canonical
from provisioning.errors import FileError, HomeError, LedgerError
from provisioning.files import FILE_MODE, FOLDER_MODE
from provisioning.home.backup_list import (
    FORMAT,
    LIST,
    PIECE,
    SIGNED,
    Backup,
    Packed,
    digest_of,
    member_of,
    read_list,
)
from provisioning.home.creation import move_in, require_empty
from provisioning.home.identity import FILE_NAME, read_identity
from provisioning.home.keys import read_public_keys
from provisioning.home.lock import HomeLock
from provisioning.ledger.head import parse_head
from provisioning.ledger.opening import HEAD, LEDGER, check_ledger_file
from provisioning.signatures import AnyDeskKey, DeskKeys

if TYPE_CHECKING:
    from provisioning.home.home import Home

_LEFT_OUT = frozenset({"logs", LEDGER, HEAD, "steps.json", "engine.json"})


def back_up(home: Home, file: Path) -> Backup:
    """Write the home to ``file``, which must not be there, and check what was written. Works beside a running window.

    Raises FileError where it cannot be written, LedgerError where the ledger does not hold (then nothing is written).
    """

    def write(archive: zipfile.ZipFile) -> None:
        signer = home.signer()
        with _ledger_of(home, file) as (ledger, head, entries):
            # The ledger first: what it names is on the disk before, so it is among the files that are read afterwards.
            packed = [_packed(archive, LEDGER, ledger.open("rb"))]
            packed.append(_add(archive, HEAD, parse_head(*head).text()))
            packed += list(_files(archive, home.path))
        document: dict[str, Json] = {
            "desk": home.identity.desk,
            "desk_name": home.identity.desk_name,
            "entries": entries,
            "files": [{"path": one.path, "sha256": one.sha256, "size": one.size} for one in packed],
            "format": FORMAT,
            "head": parse_head(*head).hash,
            "key": signer.public.id,
            "made": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "program": version("issuing-desk"),
            "training": home.training,
        }
        signature = signer.sign(SIGNED + canonical(document))
        archive.writestr(LIST, canonical({"manifest": document, "signature": signature.hex()}))

    return write_archive(file, write, lambda draft: check_backup(draft, home.keys()))


def check_backup(file: Path, key: AnyDeskKey | None = None) -> Backup:
    """Read every byte of a backup and check it. ``key`` is one that its desk is known by; else it is believed itself.

    Raises FileError with what is missing or changed.
    """
    with opened_archive(file) as archive:
        backup, _ = read_list(file, archive, key)
        for one in backup.files:
            with member_of(file, archive, one.path) as member:
                if digest_of(member, one.size) != one.sha256:
                    raise FileError(file, f"is no whole backup: “{one.path}” in it was changed.")
    return backup


def restore(file: Path, folder: Path, key: AnyDeskKey | None = None) -> Backup:
    """Put a home back into an empty folder: all of it, checked before anything is put in place, or nothing.

    Raises FileError with what is wrong with the backup, HomeError or UsageError where the folder will not do.
    """
    if (folder / FILE_NAME).exists():
        raise HomeError(f"There is a home at {folder}. Restore into an empty folder, and move it when all is well.")
    if folder.is_dir():
        require_empty(folder, sweep=False)
    with opened_archive(file) as archive:
        backup, keys = read_list(file, archive, key)
        try:
            folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            folder.chmod(FOLDER_MODE)
        except OSError as e:
            raise HomeError(f"The folder {folder} cannot be made ({e.strerror}). Choose another.") from e
        with HomeLock(folder, "home restore"):
            require_empty(folder, sweep=True)
            draft = folder / f".new-{uuid4().hex[:8]}"
            try:
                _unpack(file, archive, backup, draft)
                _judge(file, backup, draft, keys)
                move_in(draft, folder)
            except OSError as e:
                raise HomeError(f"The home could not be put back ({e.strerror}). Nothing was; make room.") from e
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    return backup


@contextmanager
def _ledger_of(home: Home, file: Path) -> Generator[tuple[Path, tuple[bytes, bytes], int]]:
    """Copy the ledger as it is committed now, and check the copy; give where it is, its head and how many entries."""
    copy = file.with_name(f".{file.name}.{secrets.token_hex(4)}.ledger")
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE))
        source = f"{home.ledger_file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(source, uri=True)) as there, closing(sqlite3.connect(copy)) as here:
            there.backup(here)
            heads = here.execute("SELECT canonical, signature FROM heads WHERE desk = ?", (home.identity.desk,))
            head: tuple[bytes, bytes] | None = heads.fetchone()
        check = check_ledger_file(copy, home.keys())
        if not check.ok or head is None:
            raise LedgerError(f"The ledger does not hold, so it was not backed up as if it did. {check.reason}")
        yield copy, head, check.entries
    except sqlite3.Error as e:
        raise LedgerError(f"The ledger {home.ledger_file} could not be copied ({e}). Have it verified.") from e
    finally:
        for left in (copy, copy.with_name(f"{copy.name}-wal"), copy.with_name(f"{copy.name}-shm")):
            left.unlink(missing_ok=True)


def _files(archive: zipfile.ZipFile, folder: Path) -> Iterator[Packed]:
    for path in sorted(folder.rglob("*")):
        within = path.relative_to(folder)
        first = within.parts[0]
        if first in _LEFT_OUT or first.startswith((f"{LEDGER}-", "ledger-version-")) or not path.is_file():
            continue
        if path.is_symlink() or path.suffix == ".lock" or any(part.startswith(".") for part in within.parts):
            continue
        try:
            data = path.open("rb")
        except FileNotFoundError:
            continue  # done with meanwhile, a print that went out for one
        yield _packed(archive, within.as_posix(), data)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> Packed:
    archive.writestr(name, data)
    return Packed(name, len(data), hashlib.sha256(data).hexdigest())


def _packed(archive: zipfile.ZipFile, name: str, source: IO[bytes]) -> Packed:
    digest, size = hashlib.sha256(), 0
    with source, archive.open(name, "w", force_zip64=True) as member:
        while piece := source.read(PIECE):
            digest.update(piece)
            size += len(piece)
            member.write(piece)
    return Packed(name, size, digest.hexdigest())


def _unpack(file: Path, archive: zipfile.ZipFile, backup: Backup, draft: Path) -> None:
    for name in ("", "keys", "records", "receipts", "policies", "pairing", "logs"):
        (draft / name).mkdir(mode=FOLDER_MODE, exist_ok=True)
    for one in backup.files:
        target = draft / one.path
        target.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
        with os.fdopen(handle, "wb") as sink, member_of(file, archive, one.path) as member:
            if digest_of(member, one.size, sink) != one.sha256:
                raise FileError(file, f"is no whole backup: “{one.path}” in it was changed.")
            sink.flush()
            os.fsync(sink.fileno())


def _judge(file: Path, backup: Backup, draft: Path, keys: DeskKeys) -> None:
    """Require that what was unpacked is a desk whose ledger holds, up to the head that the manifest names."""
    identity = read_identity(draft)
    told = (identity.desk, identity.training, identity.key in {key.id for key in keys.keys})
    if told != (backup.desk, backup.training, True) or read_public_keys(draft / "keys") != keys:
        raise FileError(file, "is no whole backup: its parts belong to different desks.")
    check = check_ledger_file(draft / LEDGER, keys, backup.head)
    if not check.ok or (check.entries, check.head) != (backup.entries, backup.head):
        reason = check.reason or "It is not the one that the list names."
        raise FileError(file, f"is a backup whose ledger does not hold. {reason}")
