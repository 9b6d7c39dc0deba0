"""What a USB port of this machine holds, without asking adb: the kernel's own list under ``/sys/bus/usb/devices``.

A device stands there as a folder named after its port (``1-1.3``), each of its interfaces as ``1-1.3:1.0`` with the
files ``bInterfaceClass``, ``bInterfaceSubClass``, ``bInterfaceProtocol``; adb's interface is ff/42/01 (AOSP
``client/usb_linux.cpp``). Linux only; elsewhere, and for handsets that are not on USB, nothing is known.
"""

from __future__ import annotations

import re
from enum import StrEnum, unique
from pathlib import Path

_PORT = re.compile(r"\d{1,3}-\d{1,3}(\.\d{1,3}){0,6}")
_ADB = ("ff", "42", "01")
_FILES = ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")


@unique
class PortSight(StrEnum):
    """What is in a port."""

    UNKNOWN = "unknown"
    EMPTY = "empty"
    WITHOUT_ADB = "without adb"
    WITH_ADB = "with adb"


class UsbPorts:
    """The USB ports of this machine; ``root`` is where the kernel lists them."""

    def __init__(self, root: Path = Path("/sys/bus/usb/devices")) -> None:
        self._root = root

    def look(self, devpath: str) -> PortSight:
        """Say what the port of an adb transport (``usb:1-1.3``) holds now; UNKNOWN for what names no port."""
        port = devpath.removeprefix("usb:")
        if _PORT.fullmatch(port) is None:
            return PortSight.UNKNOWN
        try:
            names = [entry.name for entry in self._root.iterdir()]
        except OSError:
            return PortSight.UNKNOWN
        if not names:
            return PortSight.UNKNOWN  # a container without USB; a machine with USB lists at least its root hubs
        if port not in names:
            return PortSight.EMPTY
        interfaces = [name for name in names if name.startswith(f"{port}:")]
        if not interfaces:
            return PortSight.UNKNOWN  # it is just being enumerated
        return PortSight.WITH_ADB if any(map(self._is_adb, interfaces)) else PortSight.WITHOUT_ADB

    def _is_adb(self, interface: str) -> bool:
        try:
            said = tuple((self._root / interface / name).read_text("ascii").strip().lower() for name in _FILES)
        except (OSError, UnicodeDecodeError):
            return True  # it went while it was read; whatever cannot be read is no proof that adb is gone
        return said == _ADB
