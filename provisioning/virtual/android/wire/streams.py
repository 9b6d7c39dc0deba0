"""A stream inside an adb connection: two ids, two windows.

Without ``delayed_ack`` one WRTE may be under way in each direction until the other side's OKAY; with it, each OKAY
grants bytes (AOSP ``docs/dev/delayed_ack.md``, ``sockets.cpp``).
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Awaitable, Callable

from provisioning.virtual.android.wire.packets import Command, Packet

INITIAL_WINDOW = 32 * 1024 * 1024
_LAST_ACK_SECONDS = 10.0

Send = Callable[[Packet], Awaitable[None]]


class StreamClosed(Exception):
    """Raised to a service when its stream, or the whole connection, is gone."""


class Stream:
    """One open service; ``local`` is this side's id, ``remote`` the host's."""

    def __init__(self, local: int, remote: int, send: Send, largest: int, window: int | None) -> None:
        self.local = local
        self.remote = remote
        self._send = send
        self._largest = largest
        self._delayed = window is not None
        self._window = window if window is not None else 1
        self._under_way = 0
        self._incoming: deque[bytes] = deque()
        self._returned = b""
        self._changed = asyncio.Event()
        self._closed_there = False
        self._closed_here = False

    @property
    def open(self) -> bool:
        """Tell whether both sides still want to talk."""
        return not (self._closed_here or self._closed_there)

    async def accept(self) -> None:
        """Answer the OPEN."""
        await self._okay(INITIAL_WINDOW)

    async def write(self, data: bytes) -> None:
        """Send ``data`` in pieces that the peer takes, waiting for its window. Raises StreamClosed."""
        for start in range(0, len(data), self._largest):
            piece = data[start : start + self._largest]
            await self._until(lambda: self._window > 0)
            self._window -= len(piece) if self._delayed else 1
            self._under_way += 1
            await self._send(Packet(Command.WRTE, self.local, self.remote, piece))

    async def read(self) -> bytes:
        """Give the next bytes that the host wrote; ``b""`` once it has closed."""
        if self._returned:
            data, self._returned = self._returned, b""
            return data
        while not self._incoming:
            if not self.open:
                return b""
            self._changed.clear()
            await self._changed.wait()
        piece = self._incoming.popleft()
        if self.open:
            await self._okay(len(piece))
        return piece

    def unread(self, data: bytes) -> None:
        """Put back what was read too much; it is acknowledged already."""
        self._returned = data + self._returned

    async def close(self) -> None:
        """Say CLSE once, after the host has taken what was written."""
        if self._closed_here:
            return
        try:
            async with asyncio.timeout(_LAST_ACK_SECONDS):
                await self._until(lambda: self._under_way == 0)
        except (StreamClosed, TimeoutError):
            pass
        self.abort()
        await self._send(Packet(Command.CLSE, self.local, self.remote))

    def abort(self) -> None:
        """End it without a word, as when the cable is gone."""
        self._closed_here = True
        self._changed.set()

    def arrived(self, data: bytes) -> None:
        """Take a WRTE of the host; it is acknowledged when the service has read it."""
        if data:
            self._incoming.append(data)
            self._changed.set()

    def granted(self, payload: bytes) -> None:
        """Take an OKAY of the host; its payload counts only with ``delayed_ack``."""
        self._under_way = max(0, self._under_way - 1)
        self._window += struct.unpack("<i", payload)[0] if self._delayed and len(payload) == 4 else 1
        if not self._delayed:
            self._window = min(self._window, 1)
        self._changed.set()

    def closed_by_host(self) -> None:
        """Take a CLSE of the host."""
        self._closed_there = True
        self._changed.set()

    async def _okay(self, taken: int) -> None:
        payload = struct.pack("<i", taken) if self._delayed else b""
        await self._send(Packet(Command.OKAY, self.local, self.remote, payload))

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            if not self.open:
                raise StreamClosed
            self._changed.clear()
            await self._changed.wait()
        if not self.open:
            raise StreamClosed


class ByteReader:
    """Reads exact amounts from a stream, for services with messages of their own."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = bytearray()

    async def exactly(self, size: int) -> bytes:
        """Give ``size`` bytes. Raises StreamClosed where the host closes first."""
        while len(self._buffer) < size:
            piece = await self._stream.read()
            if not piece:
                raise StreamClosed
            self._buffer += piece
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    async def some(self) -> bytes:
        """Give whatever is there, else the next piece; ``b""`` at the end."""
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            return data
        return await self._stream.read()
