"""How a command's input, output and exit code travel: shell v1, shell v2, exec, abb.

Shell v2 packets are ``u8 id, u32 length, bytes`` (AOSP ``shell_protocol.h``): 0 stdin, 1 stdout, 2 stderr, 3 exit code,
4 close stdin, 5 window size. Without the protocol stdout and stderr share the stream and there is no exit code.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum, unique

from provisioning.virtual.android.shell.streams import Pipe, ReadEnd, WriteEnd
from provisioning.virtual.android.wire.streams import ByteReader, Stream, StreamClosed

_LARGEST_INPUT = 1024 * 1024


@unique
class Id(IntEnum):
    """The packets of shell v2."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    EXIT = 3
    CLOSE_STDIN = 4
    WINDOW_SIZE = 5


class NoExitCode(Exception):
    """Raised by a command that ends as a killed shell does: the stream closes and no exit code is sent."""


@dataclass(frozen=True, slots=True)
class ShellRequest:
    """What the service name asks for: ``shell[,v2][,raw|pty][,TERM=…]:COMMAND`` (``ShellService`` in services.cpp)."""

    command: str
    protocol: bool
    terminal: bool


def parse_shell_request(name: str) -> ShellRequest | None:
    """Read a ``shell…:…`` service name; None where it has no colon. Unknown arguments are ignored, as adbd does."""
    arguments, colon, command = name.removeprefix("shell").partition(":")
    if not colon:
        return None
    words = arguments.split(",")
    terminal = "pty" in words or (not command and "raw" not in words)
    return ShellRequest(command, "v2" in words, terminal)


Run = Callable[[ReadEnd, WriteEnd, WriteEnd], Awaitable[int]]


async def serve_protocol(stream: Stream, run: Run, crlf: bool = False) -> None:
    """Run a command under shell v2; ``crlf`` turns newlines as a terminal between adbd and the shell would."""
    stdin = Pipe()
    lock = asyncio.Lock()
    pump = asyncio.ensure_future(_pump_packets(stream, stdin))
    try:
        ends = (_PacketEnd(stream, kind, lock, crlf) for kind in (Id.STDOUT, Id.STDERR))
        code = await run(stdin, *ends)
        await stream.write(struct.pack("<BIB", Id.EXIT, 1, code & 0xFF))
    except NoExitCode:
        pass
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)


async def serve_raw(stream: Stream, run: Run, crlf: bool = False) -> None:
    """Run a command without the protocol; ``crlf`` turns newlines as a terminal of Android before 7 does."""
    stdin = Pipe()
    out = _RawEnd(stream, crlf)
    pump = asyncio.ensure_future(_pump_bytes(stream, stdin))
    try:
        await run(stdin, out, out)
    except NoExitCode:
        pass
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)


async def _pump_packets(stream: Stream, stdin: Pipe) -> None:
    reader = ByteReader(stream)
    try:
        while True:
            kind, length = struct.unpack("<BI", await reader.exactly(5))
            if length > _LARGEST_INPUT:
                break
            data = await reader.exactly(length)
            if kind == Id.STDIN and data:
                await stdin.write(data)
            elif kind in {Id.CLOSE_STDIN, Id.STDIN}:
                stdin.end()
    except StreamClosed:
        pass
    stdin.end()


async def _pump_bytes(stream: Stream, stdin: Pipe) -> None:
    while data := await stream.read():
        await stdin.write(data)
    stdin.end()


class _PacketEnd(WriteEnd):
    def __init__(self, stream: Stream, kind: Id, lock: asyncio.Lock, crlf: bool) -> None:
        self._stream = stream
        self._kind = kind
        self._lock = lock
        self._crlf = crlf

    async def write(self, data: bytes) -> None:
        if self._crlf:
            data = data.replace(b"\n", b"\r\n")
        if data:
            async with self._lock:
                await self._stream.write(struct.pack("<BI", self._kind, len(data)) + data)


class _RawEnd(WriteEnd):
    def __init__(self, stream: Stream, crlf: bool) -> None:
        self._stream = stream
        self._crlf = crlf

    async def write(self, data: bytes) -> None:
        await self._stream.write(data.replace(b"\n", b"\r\n") if self._crlf else data)
