"""Backups as ZIP archives: written whole under a new name or not at all, read as the hostile files that they may be."""

from __future__ import annotations

import os
import secrets
import struct
import zipfile
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from provisioning.errors import FileError
from provisioning.files import FILE_MODE

Checked = TypeVar("Checked")
_NOT_WHOLE = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, RuntimeError, ValueError, LookupError,
)  # fmt: skip
"""What zipfile, and whoever reads what is in it, raise for archives that were cut or changed."""


def write_archive(file: Path, write: Callable[[zipfile.ZipFile], None], check: Callable[[Path], Checked]) -> Checked:
    """Write an archive, let ``check`` read what lies on the disk, and only then give it its name; give what it found.

    Raises FileError where ``file`` is there already or cannot be written; then, as after any error, nothing is left.
    """
    if file.exists():
        raise FileError(file, "is there already; choose another name, so that no backup replaces another.")
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE)
        with os.fdopen(handle, "w+b") as sink:
            with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                write(archive)
            sink.flush()
            os.fsync(sink.fileno())
        found = check(draft)
        os.link(draft, file)  # unlike a rename it never replaces what came there meanwhile
    except OSError as e:
        raise FileError(file, f"cannot be written: {e.strerror}. There is no backup; choose another place.") from e
    finally:
        draft.unlink(missing_ok=True)
    return found


@contextmanager
def opened_archive(file: Path) -> Generator[zipfile.ZipFile]:
    """Open an archive. Raises FileError, also for what turns out while it is read."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except OSError as e:
        raise FileError(file, f"cannot be read: {e.strerror}.") from e
    except _NOT_WHOLE as e:
        raise FileError(file, "is no whole backup: it was cut, changed, or is something else.") from e
