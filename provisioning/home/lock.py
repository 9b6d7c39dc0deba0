"""One engine per home: a lock of the operating system, which ends with its process however that ends; and whose."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from provisioning.canonical import canonical, parse_object
from provisioning.errors import FileError, HomeError
from provisioning.files import read_file, write_file
from provisioning.plain_text import one_line

logger = logging.getLogger(__name__)

_held: set[Path] = set()
"""Homes that this process holds."""


def held_here(folder: Path) -> bool:
    """Tell whether this process holds the lock of the home in ``folder``."""
    return folder.resolve() in _held


class HomeLock:
    """Holds a home for one engine. A context manager; readers need none.

    The lock file tells nothing; ``engine.json`` beside it says who holds it, and may outlive a killed process.
    """

    def __init__(self, folder: Path, command: str, *, patience: float = 0.0) -> None:
        """Prepare; ``command`` is what others are told, ``patience`` the seconds to wait for another to finish."""
        self._lock = FileLock(folder / "engine.lock", timeout=patience, thread_local=False, mode=0o600)
        self._who = folder / "engine.json"
        self._folder = folder
        self._command = command

    def acquire(self) -> None:
        """Take the lock. Raises HomeError, naming the process that holds it."""
        try:
            self._lock.acquire()
        except Timeout as e:
            raise HomeError(f"The home {self._folder} is in use by {self._holder()}. Close that first.") from e
        except OSError as e:
            raise HomeError(
                f"The home {self._folder} cannot be locked ({e.strerror}). Make the home writable for you."
            ) from e
        since = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            write_file(self._who, canonical({"command": self._command, "pid": os.getpid(), "since": since}) + b"\n")
        except HomeError:
            self._lock.release()
            raise
        _held.add(self._folder.resolve())

    def release(self) -> None:
        """Give the lock back; safe twice."""
        if not self._lock.is_locked:
            return
        try:
            self._who.unlink(missing_ok=True)
        except OSError:
            logger.warning("%s could not be removed", self._who)
        _held.discard(self._folder.resolve())
        self._lock.release()

    def __enter__(self) -> HomeLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _holder(self) -> str:
        try:
            who = parse_object(read_file(self._who, 4096))
            command, since = one_line(who.text("command")), one_line(who.text("since"))
            return f"“{command}” (process {who.number('pid')}, since {since})"
        except (ValueError, FileError):
            return "another process"
