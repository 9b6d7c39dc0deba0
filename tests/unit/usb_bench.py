"""Builds the kernel's USB folder as it lies on a machine: links into the controllers, one file for each attribute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Plugged:
    """One device as sysfs shows it; ``attributes`` is bmAttributes (e0: self-powered, 80: bus-powered)."""

    product: str
    speed: str = "480"
    version: str = " 2.00"
    ports: int = 0
    attributes: str = "c0"
    vendor: str = "05ac"
    endpoints: tuple[str, ...] = ("02",)
    removable: str = "removable"


HUB_20 = Plugged("USB 2.0 Hub", ports=7, attributes="e0", vendor="1a40", endpoints=("01",))
HUB_21 = Plugged("USB2.1 Hub", version=" 2.10", ports=4, attributes="e0", vendor="05e3", endpoints=("01",))
HUB_30 = Plugged("USB3.1 Hub", "5000", " 3.20", ports=4, attributes="e0", vendor="05e3", endpoints=("01",))
IPHONE = Plugged("iPhone")


def sysfs(
    root: Path,
    controllers: Mapping[str, Mapping[int, str]],
    devices: Mapping[str, Plugged],
    peers: Mapping[str, str] | None = None,
    driver: str = "xhci_hcd",
) -> Path:
    """Lay a tree out below ``root``; ``controllers`` maps a PCI address to its buses with their bcdUSB."""
    listed = root / "bus" / "usb" / "devices"
    listed.mkdir(parents=True)
    (root / "drivers" / driver).mkdir(parents=True)
    home: dict[int, Path] = {}
    for address, buses in controllers.items():
        controller = root / "devices" / "pci0000:00" / address
        controller.mkdir(parents=True)
        (controller / "driver").symlink_to(root / "drivers" / driver)
        for bus, version in buses.items():
            folder = controller / f"usb{bus}"
            folder.mkdir()
            home[bus] = folder
            _write(folder, {"version": version, "maxchild": "10", "product": "xHCI Host Controller"})
            (listed / f"usb{bus}").symlink_to(folder)
    for name, one in devices.items():
        folder = home[int(name.partition("-")[0])] / name
        folder.mkdir()
        _write(
            folder,
            {
                "speed": one.speed, "version": one.version, "product": one.product, "bmAttributes": one.attributes,
                "bMaxPower": "100mA", "idVendor": one.vendor, "removable": one.removable,
                "bDeviceClass": "09" if one.ports else "00",
                **({"maxchild": str(one.ports)} if one.ports else {"maxchild": "0"}),
            },
        )  # fmt: skip
        (listed / name).symlink_to(folder)
        for number, endpoints in enumerate(one.endpoints):
            interface = folder / f"{name}:1.{number}"
            interface.mkdir()
            _write(interface, {"bNumEndpoints": endpoints, "bInterfaceClass": "09" if one.ports else "ff"})
            (listed / interface.name).symlink_to(interface)
    for here, there in (peers or {}).items():
        hub, _, port = here.rpartition(".")
        folder = listed / f"{hub}:1.0" / f"{hub}-port{port}"
        folder.mkdir()
        twin, _, other = there.rpartition(".")
        (folder / "peer").symlink_to(f"../../../{twin}/{twin}:1.0/{twin}-port{other}")
    return listed


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text + "\n", "utf-8")
