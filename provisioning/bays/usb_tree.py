"""The USB tree of this machine as Linux tells it: controllers, hubs and devices, each at its port.

``/sys/bus/usb/devices`` lists every device under its port (``1-1.3``), each interface as ``1-1.3:1.0``, each root hub
as ``usb1``; all of them are links into the tree of the controllers (kernel ``Documentation/ABI/testing/sysfs-bus-usb``,
``sysfs-driver-usb``). What a device says of itself (``product``) is hostile text. Other systems give no such list.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.bays.port_path import PortPath, read_path
from provisioning.plain_text import one_line

SYSFS = Path("/sys/bus/usb/devices")
MOST_DEVICES = 2048
"""More than any machine has; a folder that lists more is not read on."""
_LONGEST_FILE = 256
_HUB_CLASS = 0x09
_BELONGS_TO_ITSELF = 0x40
"""Bit 6 of bmAttributes: self-powered (USB 2.0, table 9-10)."""
_ROOT = re.compile(r"usb(\d{1,3})", re.ASCII)
_INTERFACE = re.compile(r"(\d{1,3}-[\d.]{1,40}):\d{1,3}\.\d{1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """A device at a port. ``speed`` in Mbit/s (0: not told); ``usb`` is bcdUSB as (2, 10); ``ports`` of a hub, else 0.

    ``endpoints`` counts those in use, the control endpoint among them. ``fixed`` is True for what is built in.
    """

    path: PortPath
    product: str
    speed: float
    usb: tuple[int, int]
    ports: int
    is_hub: bool
    self_powered: bool
    milliamperes: int
    endpoints: int
    fixed: bool
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class RootHub:
    """A bus of a controller: USB 2 and USB 3 are two buses of one xHCI."""

    bus: str
    controller: str
    usb: tuple[int, int]
    ports: int
    xhci: bool


@dataclass(frozen=True, slots=True)
class UsbTree:
    """Everything on USB at one moment, in the order of its ports. ``peers`` maps a port to its twin on the other bus.

    A USB 3 socket is a port of a USB 2 bus and a port of a USB 3 bus; a handset uses one or the other.
    """

    roots: tuple[RootHub, ...] = ()
    devices: tuple[UsbDevice, ...] = ()
    peers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def controllers(self) -> tuple[str, ...]:
        """Give the controllers in order, each once."""
        return tuple(dict.fromkeys(root.controller for root in self.roots))

    def root_of(self, path: PortPath) -> RootHub | None:
        """Give the bus that a port is on."""
        return next((root for root in self.roots if root.bus == path.bus), None)

    def on(self, controller: str) -> tuple[UsbDevice, ...]:
        """Give what hangs on a controller, on whichever of its buses; root hubs are not among it."""
        buses = {root.bus for root in self.roots if root.controller == controller}
        return tuple(device for device in self.devices if device.path.bus in buses)


def read_tree(sysfs: Path = SYSFS) -> UsbTree | None:
    """Read the tree; None where this system lists none (another system, a container without USB)."""
    try:
        with os.scandir(sysfs) as entries:
            names = sorted(entry.name for _, entry in zip(range(MOST_DEVICES), entries, strict=False))
    except OSError:
        return None
    roots = tuple(sorted((_root(sysfs, name) for name in names if _ROOT.fullmatch(name)), key=lambda r: int(r.bus)))
    if not roots:
        return None
    endpoints: dict[str, int] = {}
    for name in names:
        if match := _INTERFACE.fullmatch(name):
            endpoints[match[1]] = endpoints.get(match[1], 0) + _number(sysfs / name / "bNumEndpoints", 16)
    found = [(path, name) for name in names if (path := read_path(name)) is not None and str(path) == name]
    found.sort(key=lambda pair: (int(pair[0].bus), pair[0].chain))
    devices = tuple(_device(sysfs / name, path, endpoints.get(name, 0)) for path, name in found)
    return UsbTree(roots, devices, dict(_peers(sysfs, names)))


def _root(sysfs: Path, name: str) -> RootHub:
    folder = sysfs / name
    controller = folder.resolve().parent.name if folder.is_symlink() else "unknown controller"
    try:
        driver = (folder.resolve().parent / "driver").resolve().name
    except OSError:
        driver = ""
    words = f"{driver} {_line(folder / 'product')}".casefold()
    return RootHub(
        name.removeprefix("usb"),
        one_line(controller, 60),
        _version(folder / "version"),
        min(_number(folder / "maxchild"), 255),
        "xhci" in words,
    )


def _device(folder: Path, path: PortPath, endpoints: int) -> UsbDevice:
    try:
        speed = float(_line(folder / "speed") or 0)
    except ValueError:
        speed = 0.0
    is_hub = _number(folder / "bDeviceClass", 16) == _HUB_CLASS
    attributes = _line(folder / "bmAttributes")
    return UsbDevice(
        path=path,
        product=one_line(_line(folder / "product"), 60),
        speed=speed if 0 <= speed < 1e6 else 0.0,
        usb=_version(folder / "version"),
        ports=min(_number(folder / "maxchild"), 255) if is_hub else 0,
        is_hub=is_hub,
        # Not configured yet, or not told: nothing is held against it.
        self_powered=not attributes or bool(_number(folder / "bmAttributes", 16) & _BELONGS_TO_ITSELF),
        milliamperes=_number_in(_line(folder / "bMaxPower").removesuffix("mA"), 10),
        endpoints=min(endpoints, 255) + 1,
        fixed=_line(folder / "removable") == "fixed",
        vendor=one_line(_line(folder / "idVendor"), 4),
    )


def _peers(sysfs: Path, names: list[str]) -> Iterator[tuple[str, str]]:
    """Find the twins: each port of a hub is a folder ``1-1-port3`` below the hub's interface, with a link ``peer``."""
    for name in names:
        hub = name.partition(":")[0]
        if not name.endswith(":1.0") or not _line(sysfs / name / "bInterfaceClass").startswith("09"):
            continue
        try:
            ports = [entry for entry in os.listdir(sysfs / name) if "-port" in entry][:255]
        except OSError:
            continue
        for port in ports:
            try:
                twin = Path(os.readlink(sysfs / name / port / "peer")).name
            except OSError:
                continue
            here, there = _port_path(port, hub), _port_path(twin, "")
            if here and there:
                yield here, there


def _port_path(port: str, hub: str) -> str:
    """Turn the name of a port's folder into its path: ``1-1-port3`` is 1-1.3, ``usb1-port2`` is 1-2."""
    owner, _, number = port.rpartition("-port")
    owner = owner or hub
    text = f"{owner.removeprefix('usb')}-{number}" if owner.startswith("usb") else f"{owner}.{number}"
    return str(path) if (path := read_path(text)) is not None else ""


def _version(file: Path) -> tuple[int, int]:
    """Read ``bcdUSB`` as the kernel writes it, `` 2.10``."""
    major, _, minor = _line(file).partition(".")
    return _number_in(major, 10), _number_in(minor, 10)


def _number(file: Path, base: int = 10) -> int:
    return _number_in(_line(file), base)


def _number_in(text: str, base: int) -> int:
    try:
        return max(int(text[:12], base), 0)
    except ValueError:
        return 0


def _line(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST_FILE).decode("utf-8", "replace").strip()
    except OSError:
        return ""
