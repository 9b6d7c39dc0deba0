"""Names of USB ports, in the three tongues of the operating systems, as one path: ``1-1.3`` is bus 1, port 1, port 3.

Linux writes that path itself (``/sys/bus/usb/devices/1-1.3``; adb's ``usb:1-1.3``). macOS gives a LocationID: a byte
of bus, then four bits for each port on the way. Windows gives location paths (``DEVPKEY_Device_LocationPaths``):
``PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(3)#USB(2)``, which name the controller by its place on PCI and not by a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_CHAIN = 6
"""Ports from the root hub to a device: USB allows five hubs in a row (USB 2.0, 4.1.1: seven tiers)."""
_LINUX = re.compile(r"(\d{1,3})-(\d{1,3}(?:\.\d{1,3}){0,6})", re.ASCII)
_WINDOWS = re.compile(
    r"((?:[A-Za-z]{3,8}\([0-9A-Fa-f]{1,8}\)#){0,12}?PCI\([0-9A-Fa-f]{4}\))#USBROOT\((\d{1,3})\)"
    r"((?:#USB\(\d{1,3}\)){1,7})(?:#USBMI\(\d{1,3}\))?",
    re.ASCII,
)
_USB = re.compile(r"USB\((\d{1,3})\)", re.ASCII)


@dataclass(frozen=True, slots=True)
class PortPath:
    """A port: which bus, and the way from its root hub port by port. ``bus`` is a number, or on Windows a place."""

    bus: str
    chain: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.bus}-{'.'.join(map(str, self.chain))}"

    @property
    def hub(self) -> str:
        """Give the path of the hub that the port is on; that of the root hub is the bus alone."""
        return f"{self.bus}-{'.'.join(map(str, self.chain[:-1]))}" if len(self.chain) > 1 else self.bus

    @property
    def tier(self) -> int:
        """Give the tier of what hangs on it: the root hub is tier 1."""
        return len(self.chain) + 1


def read_path(text: str) -> PortPath | None:
    """Read ``1-1.3``, with or without adb's ``usb:``; None for anything else."""
    match = _LINUX.fullmatch(text.removeprefix("usb:"))
    if match is None:
        return None
    return PortPath(str(int(match[1])), tuple(int(port) for port in match[2].split(".")))


def path_of_location(location: int) -> PortPath | None:
    """Read a LocationID of macOS; None where it is none, a root hub's among them.

    All of it must be read: a number with a port after a gap means something else, and would share another's path.
    """
    if not 0 < location < 1 << 32:
        return None
    digits = [location >> shift & 0xF for shift in range(20, -4, -4)]
    chain = digits[: digits.index(0)] if 0 in digits else digits
    if not chain or any(digits[len(chain) :]):
        return None
    return PortPath(str(location >> 24), tuple(chain))


def path_of_windows(location: str) -> PortPath | None:
    """Read one location path of Windows; None where it leads to no USB port of a PCI controller.

    ``bus`` is the controller's place (``PCIROOT(0)#PCI(1400)``), which stays the same over starts of the machine, with
    the root hub's number after it. The interface of a composite device (``#USBMI(1)``) is the device's own port. Paths
    through ACPI (``ACPI(_SB_)#…``) say the same another way and are passed over: Windows lists the PCI one first.
    """
    match = _WINDOWS.fullmatch(location.strip()) if len(location) <= 400 else None
    if match is None:
        return None
    chain = tuple(int(port) for port in _USB.findall(match[3]))
    return PortPath(f"{match[1].upper()}#USBROOT({int(match[2])})", chain) if all(chain) else None
