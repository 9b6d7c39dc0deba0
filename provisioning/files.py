"""Write files of the desk so that they are whole or not there, and nobody else's to read."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from provisioning.errors import FileError, HomeError

FOLDER_MODE = 0o700
FILE_MODE = 0o600
LARGEST = 64 << 20
"""Bytes of any one file that is read whole."""


def write_file(path: Path, data: bytes, *, may_lag: bool = False) -> None:
    """Replace the file at once: after a crash or on a full disk it is the old one or the new one, never half of it.

    ``may_lag`` leaves it to the system when the new one takes the old one's place for good. Raises HomeError.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with _told(path):
        try:
            handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        if not may_lag:
            _sync_folder(path.parent)


def write_copy(path: Path, data: bytes, comfort: str = "") -> None:
    """Write a file where a person wants one, which may be a device or over another. Raises FileError.

    ``comfort`` is a sentence about what is not lost.
    """
    try:
        path.write_bytes(data)
    except OSError as e:
        raise FileError(path, f"cannot be written: {_reason(e)}.{' ' if comfort else ''}{comfort}") from None


def make_folder(path: Path) -> None:
    """Make a folder (and those above it) that only its owner can enter; fine where it is there. Raises HomeError."""
    with _told(path):
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        # mkdir's mode is cut by the umask and not applied to what was there.
        path.chmod(FOLDER_MODE)


def read_file(path: Path, limit: int = LARGEST) -> bytes:
    """Give a file's bytes. Raises FileError where it is missing, unreadable or longer than ``limit`` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as e:
        raise FileError(path, f"the file cannot be read ({_reason(e)}).") from e
    if len(data) > limit:
        raise FileError(path, f"the file is longer than {limit} bytes, which nothing here needs.")
    return data


def _sync_folder(folder: Path) -> None:
    """Put the new name on disk too; Windows cannot open folders and needs it not."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


@contextmanager
def _told(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as e:
        match e.errno:
            case errno.ENOSPC | errno.EDQUOT:
                raise HomeError(f"The disk is full, so {path} was not written. Make room, then try again.") from e
            case errno.EROFS | errno.EACCES | errno.EPERM:
                raise HomeError(f"{path} cannot be written ({_reason(e)}). Make the home writable for you.") from e
            case _:
                raise HomeError(f"{path} cannot be written ({_reason(e)}). Check the home's disk and path.") from e
