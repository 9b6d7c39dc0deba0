"""The 24-byte packets between an adb host and adbd.

Known from AOSP ``packages/modules/adb/docs/dev/protocol.md`` and ``adb.h``; ``docs/dev/delayed_ack.md`` for the
payload of OKAY.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from enum import IntEnum, unique

VERSION_WITH_CHECKSUMS = 0x01000000
VERSION_WITHOUT_CHECKSUMS = 0x01000001
OLDEST_PAYLOAD = 4096
LARGEST_PAYLOAD = 1024 * 1024
_HEADER = struct.Struct("<6I")


@unique
class Command(IntEnum):
    """The packet types; STLS is known only so that it can be refused."""

    SYNC = 0x434E5953
    CNXN = 0x4E584E43
    AUTH = 0x48545541
    OPEN = 0x4E45504F
    OKAY = 0x59414B4F
    CLSE = 0x45534C43
    WRTE = 0x45545257
    STLS = 0x534C5453


class MalformedPacket(ValueError):
    """Raised for bytes that adbd answers by dropping the connection (``check_header`` in ``transport.cpp``)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; what ``arg0`` and ``arg1`` mean depends on the command."""

    command: int
    arg0: int
    arg1: int
    payload: bytes = b""

    def encode(self, with_checksum: bool) -> bytes:
        """Give the bytes for the wire; the checksum is the sum of the payload's bytes, or 0 when left out."""
        checksum = sum(self.payload) & 0xFFFFFFFF if with_checksum else 0
        header = _HEADER.pack(
            self.command, self.arg0, self.arg1, len(self.payload), checksum, self.command ^ 0xFFFFFFFF
        )
        return header + self.payload


async def read_packet(reader: asyncio.StreamReader, largest: int, check: bool) -> Packet:
    """Read one packet.

    ``check`` verifies the checksum, as adbd does while the peer's version is below 0x01000001.
    Raises MalformedPacket, and asyncio.IncompleteReadError where the peer hangs up.
    """
    command, arg0, arg1, length, checksum, magic = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    if magic != command ^ 0xFFFFFFFF:
        raise MalformedPacket("magic does not fit the command")
    if length > largest:
        raise MalformedPacket(f"{length} bytes announced, {largest} allowed")
    payload = await reader.readexactly(length) if length else b""
    if check and sum(payload) & 0xFFFFFFFF != checksum:
        raise MalformedPacket("checksum does not fit the payload")
    return Packet(command, arg0, arg1, payload)
