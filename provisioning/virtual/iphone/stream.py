"""The phone's end of one usbmux connection: bytes, length-prefixed frames, TLS switched on and off again.

asyncio's own TLS cannot hand a socket back to plain text, which StopSession demands, so TLS runs here over memory
buffers; that also lets a fault stop a handshake at any point.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from provisioning.virtual.iphone.plist import WireError

_CHUNK: Final = 1 << 16
_PREFIX = struct.Struct(">I")
_T = TypeVar("_T")


class HungUp(Exception):
    """Raised when the other end closed the connection, or the cable was pulled."""


class DeviceStream:
    """One connection of a host with a phone, from the phone's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._plain = bytearray()
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()

    @property
    def encrypted(self) -> bool:
        """True while TLS is on."""
        return self._tls is not None

    async def exactly(self, size: int) -> bytes:
        """Read that many bytes. Raises HungUp where the connection ends before."""
        while len(self._plain) < size:
            self._plain += await self._more()
        taken = bytes(self._plain[:size])
        del self._plain[:size]
        return taken

    async def frame(self, limit: int) -> bytes:
        """Read one frame: its length as four bytes, big endian, then that many bytes.

        Raises WireError for a frame longer than ``limit`` or empty, HungUp at the end of the connection.
        """
        (size,) = _PREFIX.unpack(await self.exactly(_PREFIX.size))
        if not 0 < size <= limit:
            raise WireError(f"frame of {size} bytes")
        return await self.exactly(size)

    async def send(self, data: bytes) -> None:
        """Send bytes and wait until the buffer has room again. Raises HungUp where nobody takes them."""
        if self._tls is None:
            await self._write(data)
            return
        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            raise HungUp("TLS has ended") from error
        await self._flush()

    async def send_frame(self, body: bytes) -> None:
        """Send one length-prefixed frame."""
        await self.send(_PREFIX.pack(len(body)) + body)

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Play the server's part of a TLS handshake. Raises HungUp where it fails, after sending the alert.

        The device is the server and verifies the host (libimobiledevice and pymobiledevice3 connect as clients).
        """
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._incoming.write(bytes(self._plain))
        self._plain.clear()
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        try:
            await self._drive(tls.do_handshake)
        except ssl.SSLError as error:
            with suppress(HungUp):
                await self._flush()
            raise HungUp(f"TLS refused: {error.reason}") from error
        self._tls = tls

    async def stop_tls(self) -> None:
        """Close TLS both ways and go on in plain text on the same socket. Raises HungUp where the host does not.

        Hosts say close_notify after the reply to StopSession and keep the socket (seen of libimobiledevice 1.3.0 and
        go-ios 1.2.0); what follows the close_notify is plain text and must not be lost.
        """
        if self._tls is None:
            return
        try:
            await self._drive(self._tls.unwrap)
        except ssl.SSLError as error:
            raise HungUp("TLS ended badly") from error
        self._tls = None
        self._plain += self._incoming.read()

    def cut(self) -> None:
        """Break the connection off at once, unsent bytes with it, as a pulled cable does."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection after what was sent has gone out; safe twice."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _more(self) -> bytes:
        if self._tls is None:
            return await self._receive()
        tls = self._tls
        try:
            data = await self._drive(lambda: tls.read(_CHUNK))
        except ssl.SSLError as error:
            raise HungUp("TLS has ended") from error
        if not data:
            raise HungUp("TLS has ended")
        return data

    async def _drive(self, step: Callable[[], _T]) -> _T:
        """Repeat a TLS step, feeding it from the socket, until it has what it needs."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                await self._flush()
                self._incoming.write(await self._receive())
            else:
                await self._flush()
                return result

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._write(self._outgoing.read())

    async def _receive(self) -> bytes:
        try:
            data = await self._reader.read(_CHUNK)
        except OSError as error:
            raise HungUp("the connection broke") from error
        if not data:
            raise HungUp("the host closed the connection")
        return data

    async def _write(self, data: bytes) -> None:
        if self._writer.is_closing():
            raise HungUp("the connection is closed")
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise HungUp("the connection broke") from error
