"""Which physical USB port a handset hangs on, as far as the operating system can tell from usbmuxd's LocationID."""

from __future__ import annotations

import sys
from pathlib import Path

SYSFS = Path("/sys/bus/usb/devices")
LONGEST_TREE = 6
"""Hubs can be stacked at most this deep on macOS, one hexadecimal digit each."""


def path_of(location: int | None, serial: str, *, platform: str = sys.platform, sysfs: Path = SYSFS) -> str | None:
    """Give the port path (``1-1.3``: bus, then port by port); None where it cannot be known.

    On Linux LocationID is ``bus << 16 | address`` and changes at each replug (usbmuxd ``src/usb.c``), so the path
    is looked up in sysfs, and taken only if the serial number there is this handset's: the hub may be a remote one.
    On macOS LocationID is the path itself: a byte of bus, then a hexadecimal digit for each port.
    """
    if location is None or location < 0:
        return None
    if platform == "darwin":
        return _mac_path(location)
    return _linux_path(location, serial, sysfs) if platform == "linux" else None


def _mac_path(location: int) -> str | None:
    ports: list[str] = []
    for shift in range(20, 20 - 4 * LONGEST_TREE, -4):
        digit = location >> shift & 0xF
        if not digit:
            break
        ports.append(str(digit))
    return f"{location >> 24}-{'.'.join(ports)}" if ports else None


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
