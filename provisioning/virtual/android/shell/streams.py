"""What commands read from and write to: pipes, files, the void."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

_ROOM = 256 * 1024


class BrokenPipe(Exception):
    """Raised to a writer whose reader is gone; the command dies with code 141 as of SIGPIPE."""


class ReadEnd(Protocol):
    """Standard input."""

    async def read(self) -> bytes:
        """Give the next bytes, ``b""`` at the end."""
        ...

    def unread(self, data: bytes) -> None:
        """Put back what was read too much; the next read gives it."""
        ...


class WriteEnd(Protocol):
    """Standard output or error."""

    async def write(self, data: bytes) -> None:
        """Take ``data``; may wait for the reader."""
        ...


class Pipe:
    """A bounded pipe: a writer waits while the reader is behind."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._reader_gone = False
        self._changed = asyncio.Event()

    async def write(self, data: bytes) -> None:
        """Put ``data`` in; raises BrokenPipe once the reader is gone."""
        while self._size >= _ROOM and not self._reader_gone:
            self._changed.clear()
            await self._changed.wait()
        if self._reader_gone:
            raise BrokenPipe
        if data:
            self._pieces.append(data)
            self._size += len(data)
            self._changed.set()

    async def read(self) -> bytes:
        """Give the next bytes; ``b""`` once the writer has ended."""
        while not self._pieces:
            if self._ended:
                return b""
            self._changed.clear()
            await self._changed.wait()
        piece = self._pieces.popleft()
        self._size -= len(piece)
        self._changed.set()
        return piece

    def unread(self, data: bytes) -> None:
        """Put ``data`` back in front."""
        if data:
            self._pieces.appendleft(data)
            self._size += len(data)

    def end(self) -> None:
        """Say that nothing more will be written."""
        self._ended = True
        self._changed.set()

    def abandon(self) -> None:
        """Say that nothing more will be read."""
        self._reader_gone = True
        self._pieces.clear()
        self._size = 0
        self._changed.set()


class Nothing:
    """``/dev/null``, both ends."""

    async def read(self) -> bytes:
        """Give the end at once."""
        return b""

    def unread(self, data: bytes) -> None:
        """Forget ``data``: there was none."""

    async def write(self, data: bytes) -> None:
        """Forget ``data``."""


class Given:
    """Input that is already there."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self) -> bytes:
        """Give all of it, then the end."""
        data, self._data = self._data, b""
        return data

    def unread(self, data: bytes) -> None:
        """Put ``data`` back in front."""
        self._data = data + self._data


class Collected:
    """Output kept for whoever asked for it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    async def write(self, data: bytes) -> None:
        """Keep ``data``."""
        self._pieces.append(data)

    @property
    def data(self) -> bytes:
        """Give all that was written."""
        return b"".join(self._pieces)


async def read_line(source: ReadEnd) -> bytes:
    """Read one line with its line feed, and no byte more; what the end cuts off has none."""
    line = b""
    while b"\n" not in line and (piece := await source.read()):
        line += piece
    head, feed, rest = line.partition(b"\n")
    source.unread(rest)
    return head + feed


async def read_all(source: ReadEnd, limit: int = 256 * 1024 * 1024) -> bytes:
    """Read to the end, at most ``limit`` bytes."""
    pieces: list[bytes] = []
    total = 0
    while total < limit and (piece := await source.read()):
        pieces.append(piece)
        total += len(piece)
    return b"".join(pieces)
