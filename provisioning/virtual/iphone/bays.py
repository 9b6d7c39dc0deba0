"""Where a phone is plugged in: the label of its bay and the LocationID that usbmuxd announces for it.

usbmuxd on Linux announces ``(bus << 16) | address``, which changes at each plug and so names no port; Apple's on macOS
announces the path of the port, a byte for the bus and four bits for each hub and port on the way. The rack announces
the latter, because it stays the same when a phone is plugged in again and a console can turn it back into a label;
bay ``1-3.2`` is LocationID 0x01320000.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

_PATH = re.compile(r"(\d{1,3})-(\d{1,2}(?:\.\d{1,2}){0,5})")
_PORTS: Final = 15
_MADE_UP: Final = 0x80000000


def default_bay(position: int) -> str:
    """Give the bay of the handset at that position of the rack: ``1-1`` to ``1-15``, then ``2-1``."""
    return f"{1 + position // _PORTS}-{1 + position % _PORTS}"


def location_of(bay: str) -> int:
    """Give the LocationID of a bay; a label that is no port path gets a number of its own, always the same."""
    match = _PATH.fullmatch(bay)
    ports = [int(port) for port in match.group(2).split(".")] if match else []
    if match is None or int(match.group(1)) > 127 or not all(1 <= port <= _PORTS for port in ports):
        return _MADE_UP | (zlib.crc32(bay.encode()) >> 1)
    location = int(match.group(1)) << 24
    for level, port in enumerate(ports):
        location |= port << (20 - 4 * level)
    return location
