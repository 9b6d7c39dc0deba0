"""The newest head in a file beside the ledger, so that a ledger that lost its tail is found out.

Written after each commit, never before it: a crash in between leaves it behind the ledger, which is harmless, and it
is never ahead of a whole ledger. Several processes may write; an older head never replaces a newer one.
"""

from __future__ import annotations

import logging
from pathlib import Path

from filelock import FileLock, Timeout

from provisioning.errors import FileError, HomeError, LedgerError
from provisioning.files import read_file, write_file
from provisioning.ledger.head import LARGEST, Head, parse_head_text
from provisioning.signatures import AnyDeskKey

logger = logging.getLogger(__name__)

_PATIENCE = 5.0
"""Seconds; a write takes a few milliseconds."""


class HeadFile:
    """``ledger.head``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path.with_name(path.name + ".lock"), timeout=_PATIENCE, thread_local=False, mode=0o600)
        self._known: tuple[bytes, Head] | None = None

    def read(self, key: AnyDeskKey) -> Head | None:
        """Give the head that it holds, None where there is no file. Raises LedgerError where it is not the desk's."""
        data = self._data()
        if data is None:
            return None
        if self._known is not None and self._known[0] == data:
            return self._known[1]
        head = self._parsed(data)
        if not head.holds(key):
            raise LedgerError(self.not_of_this_desk())
        self._known = (data, head)
        return head

    def unchecked(self) -> Head | None:
        """Give the head that it says it holds, for who learns later which keys the desk has. Raises LedgerError."""
        data = self._data()
        return None if data is None else self._parsed(data)

    def not_of_this_desk(self) -> str:
        """Say that somebody else signed it."""
        return f"{self.path.name} beside the ledger was not signed by this desk. Stop, and have the ledger verified."

    def _data(self) -> bytes | None:
        if not self.path.exists():
            return None
        try:
            return read_file(self.path, LARGEST)
        except FileError as e:
            raise LedgerError(self._unreadable()) from e

    def _parsed(self, data: bytes) -> Head:
        try:
            return parse_head_text(data)
        except ValueError as e:
            raise LedgerError(self._unreadable()) from e

    def _unreadable(self) -> str:
        return f"{self.path.name} beside the ledger cannot be read. Stop, and have the ledger verified."

    def advance(self, head: Head, key: AnyDeskKey) -> None:
        """Write ``head`` unless a newer one is there.

        A failure is logged and nothing else: the entry is on the record, and the next one brings the file up to date.
        """
        try:
            with self._lock:
                there = self.read(key)
                if there is None or there.number < head.number:
                    data = head.text()
                    write_file(self.path, data, may_lag=True)
                    self._known = (data, head)
        except (HomeError, LedgerError, Timeout, OSError) as e:
            logger.warning("%s stays behind the ledger: %s", self.path.name, e)
