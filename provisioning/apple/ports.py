"""Which physical USB port a handset hangs on, as far as the operating system can tell from usbmuxd's LocationID."""

from __future__ import annotations

import sys
from pathlib import Path

from provisioning.bays.port_path import path_of_location

SYSFS = Path("/sys/bus/usb/devices")
_FIRST_OF_A_MAC = 1 << 24
"""Linux has at most 255 buses, so its LocationIDs are smaller; macOS keeps the bus in the byte above."""


def path_of(location: int | None, serial: str, *, platform: str = sys.platform, sysfs: Path = SYSFS) -> str | None:
    """Give the port path (``1-1.3``: bus, then port by port); None where it cannot be known.

    On Linux LocationID is ``bus << 16 | address`` and changes at each replug (usbmuxd ``src/usb.c``), so the path
    is looked up in sysfs, and taken only if the serial number there is this handset's: the hub may be a remote one.
    On macOS LocationID is the path itself: a byte of bus, then a hexadecimal digit for each port. A number that
    Linux never gives is read that way there too: the hub is a Mac's. What Windows gives has not been seen.
    """
    if location is None or location < 0 or platform not in {"darwin", "linux"}:
        return None
    if platform == "darwin" or location >= _FIRST_OF_A_MAC:
        path = path_of_location(location)
        return str(path) if path is not None else None
    return _linux_path(location, serial, sysfs)


def port_of(location: int | None, path: str | None) -> str:
    """Name the port for good: its path, else a LocationID that stays the same at each plug; empty where neither is."""
    if path is None and location is not None and location >= _FIRST_OF_A_MAC:
        return str(location)
    return path or ""


def _linux_path(location: int, serial: str, sysfs: Path) -> str | None:
    bus, address = str(location >> 16), str(location & 0xFFFF)
    try:
        for device in sysfs.iterdir():
            if (
                _line(device / "devnum") == address
                and _line(device / "busnum") == bus
                and _line(device / "serial").replace("-", "") == serial.replace("-", "")
            ):
                return device.name
    except OSError:
        return None
    return None


def _line(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace").strip()
    except OSError:
        return ""
