"""adb's file service, as far as it is needed: push one file, with a deadline and with the handset's reason.

adbutils' ``sync.push`` has no timeout at all (it opens its transport without one) and drops the reason of a ``FAIL``.
Protocol: AOSP ``packages/modules/adb/SYNC.TXT``; version 1, which every adbd speaks.
"""

from __future__ import annotations

import stat
import struct
from pathlib import Path

from provisioning.android.wire import Garbage, Refused, Wire

_CHUNK = 64 << 10
"""Bytes; the protocol's largest."""
_MODE = stat.S_IFREG | 0o644
_LONGEST_REASON = 4096


def push(wire: Wire, source: Path, target: str) -> None:
    """Copy ``source`` to the path ``target`` on the handset. Raises Refused with the handset's reason.

    The time of last change is set to the beginning of the epoch: the same bytes are the same file.
    """
    wire.request("sync:")
    destination = f"{target},{_MODE}".encode()
    with source.open("rb") as file:
        wire.send(b"SEND" + struct.pack("<I", len(destination)) + destination)
        while chunk := file.read(_CHUNK):
            wire.send(b"DATA" + struct.pack("<I", len(chunk)) + chunk)
    wire.send(b"DONE" + struct.pack("<I", 0))
    kind, length = struct.unpack("<4sI", wire.receive(8))
    if kind == b"FAIL":
        if length > _LONGEST_REASON:
            raise Garbage(f"a reason of {length} bytes")
        raise Refused(wire.receive(length).decode("utf-8", "replace"))
    if kind != b"OKAY":
        raise Garbage(f"sync status {kind!r}")
    wire.send(b"QUIT" + struct.pack("<I", 0))
