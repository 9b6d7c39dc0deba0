"""``sync:``, by which adb pushes, pulls and looks at files.

Messages and refusals follow AOSP ``file_sync_protocol.h`` and ``daemon/file_sync_service.cpp``: a failed SEND says
FAIL and swallows what is still coming; after FAIL the service ends. Compressed transfers are not offered (see
features).
"""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING

from provisioning.virtual.android.state.files import NO_SUCH_FILE, FileProblem, FileStatus
from provisioning.virtual.android.wire.streams import ByteReader, Stream

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid
    from provisioning.virtual.scenario import Fault

DATA_MAX = 64 * 1024
_LONGEST_PATH = 1024
_DRY_RUN = 0x80000000
_ERRNO = {NO_SUCH_FILE: 2, "I/O error": 5, "Permission denied": 13}
_LARGEST = 512 * 1024 * 1024


class _Ended(Exception):
    """Raised to end the service after FAIL."""


async def serve_sync(stream: Stream, phone: VirtualAndroid) -> None:
    """Answer requests until QUIT or the first failure."""
    session = _Session(stream, phone)
    try:
        while await session.request():
            pass
    except _Ended:
        pass


class _Session:
    def __init__(self, stream: Stream, phone: VirtualAndroid) -> None:
        self._stream = stream
        self._reader = ByteReader(stream)
        self._phone = phone

    async def request(self) -> bool:
        kind, length = struct.unpack("<4sI", await self._reader.exactly(8))
        if length > _LONGEST_PATH:
            await self._fail("path too long")
        path = (await self._reader.exactly(length)).decode("utf-8", "surrogateescape")
        fault = self._phone.mishaps.at_transfer(kind.decode("ascii", "replace"), path)
        if fault is not None:
            await self._suffer(fault)
        if kind == b"QUIT":
            return False
        if kind in {b"STAT", b"STA2", b"LST2"}:
            await self._stat(kind, path)
        elif kind in {b"LIST", b"LIS2"}:
            await self._list(kind, path)
        elif kind == b"RECV":
            await self._receive(path)
        elif kind == b"RCV2":
            kind, flags = struct.unpack("<4sI", await self._reader.exactly(8))
            await self._accept_flags(kind == b"RCV2", flags)
            await self._receive(path)
        elif kind == b"SEND":
            await self._send_v1(path)
        elif kind == b"SND2":
            kind, mode, flags = struct.unpack("<4sII", await self._reader.exactly(12))
            await self._accept_flags(kind == b"SND2", flags & ~_DRY_RUN)
            await self._send(path, mode, dry=bool(flags & _DRY_RUN))
        else:
            await self._fail(f"unknown command {struct.unpack('<I', kind)[0]:08x}")
        return True

    async def _suffer(self, fault: Fault) -> None:
        """Let a fault strike a transfer. Noise goes into the transfer, not on the cable: after that adb 36 connects
        again and again over TCP without a word, until somebody disconnects it (seen here).
        """
        if fault.name == "unplug":
            await self._phone.pull_cable(fault.seconds("back", -1))
        elif fault.name == "server-dies":
            await self._phone.kill_server(fault.seconds("restart", -1))
        elif fault.name == "stall":
            await asyncio.sleep(fault.seconds("seconds", 60))
        elif fault.name == "garbage":
            await self._stream.write(b"\xff" * 64)
            raise _Ended
        elif fault.name in {"truncated", "no-exit-code"}:
            raise _Ended

    async def _accept_flags(self, expected: bool, flags: int) -> None:
        if not expected or flags:
            await self._fail(f"unknown flags: {flags}")

    async def _stat(self, kind: bytes, path: str) -> None:
        try:
            status, error = self._phone.files.status(path), 0
        except FileProblem as problem:
            status, error = FileStatus(0, 0, 0, 0), _ERRNO.get(str(problem), 5)
        if kind == b"STAT":
            await self._stream.write(struct.pack("<4sIII", kind, status.mode, status.size, status.modified))
        else:
            await self._stream.write(_v2(kind, status, error))

    async def _list(self, kind: bytes, path: str) -> None:
        files = self._phone.files
        answer = bytearray()
        try:
            names = files.names(path)
        except FileProblem:
            names = []
        for name in names:
            try:
                status = files.status(f"{files.absolute(path).rstrip('/')}/{name}")
            except FileProblem:
                continue
            encoded = name.encode("utf-8", "surrogateescape")
            if kind == b"LIST":
                answer += struct.pack("<4sIII", b"DENT", status.mode, status.size, status.modified)
            else:
                answer += _v2(b"DNT2", status, 0)
            answer += struct.pack("<I", len(encoded)) + encoded
        answer += b"DONE" + bytes(16 if kind == b"LIST" else 72)
        await self._stream.write(bytes(answer))

    async def _receive(self, path: str) -> None:
        try:
            data = self._phone.files.read(path)
        except FileProblem as problem:
            verb = "read" if str(problem) in {"I/O error", "Is a directory"} else "open"
            await self._fail(f"{verb} failed: {problem}")
            return
        await self._phone.latency.for_transfer(len(data))
        for at in range(0, len(data), DATA_MAX):
            piece = data[at : at + DATA_MAX]
            await self._stream.write(struct.pack("<4sI", b"DATA", len(piece)) + piece)
        await self._stream.write(struct.pack("<4sI", b"DONE", 0))

    async def _send_v1(self, specification: str) -> None:
        path, comma, mode = specification.rpartition(",")
        if not comma:
            await self._fail("missing , in ID_SEND_V1")
        try:
            number = int(mode, 0)
        except ValueError:
            number = 0
        await self._send(path, number, dry=False)

    async def _send(self, path: str, mode: int, dry: bool) -> None:
        pieces: list[bytes] = []
        total = 0
        while True:
            kind, length = struct.unpack("<4sI", await self._reader.exactly(8))
            if kind == b"DONE":
                break
            if kind != b"DATA" or length > DATA_MAX:
                await self._fail("invalid data message")
            total += length
            piece = await self._reader.exactly(length)
            if total <= _LARGEST:
                pieces.append(piece)
        await self._phone.latency.for_transfer(total)
        if not dry:
            try:
                self._store(path, mode, b"".join(pieces), length, total)
            except FileProblem as problem:
                verb = "write failed" if "space" in str(problem) else "couldn't create file"
                await self._fail(f"{verb}: {problem}")
        await self._stream.write(struct.pack("<4sI", b"OKAY", 0))

    def _store(self, path: str, mode: int, data: bytes, modified: int, total: int) -> None:
        if total > _LARGEST:
            raise FileProblem("No space left on device")
        if self._phone.files.is_folder(path):
            raise FileProblem("Is a directory")
        # The owner's bits are copied to group and others (send_impl).
        owner = mode & 0o700
        self._phone.files.write(path, data, owner | owner >> 3 | owner >> 6, modified)

    async def _fail(self, reason: str) -> None:
        text = reason.encode()
        await self._stream.write(struct.pack("<4sI", b"FAIL", len(text)) + text)
        raise _Ended


def _v2(kind: bytes, status: FileStatus, error: int) -> bytes:
    present = error == 0
    return struct.pack(
        "<4sIQQIIIIQqqq",
        kind,
        error,
        0xFD00 if present else 0,
        status.inode,
        status.mode,
        1 if present else 0,
        2000 if present else 0,
        2000 if present else 0,
        status.size,
        status.modified,
        status.modified,
        status.modified,
    )
