"""What the kernel says of a USB port, from a tree laid out as under /sys/bus/usb/devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.android.usb_ports import PortSight, UsbPorts

MTP = ("06", "01", "01")
ADB = ("ff", "42", "01")


def device(root: Path, port: str, *interfaces: tuple[str, str, str]) -> None:
    (root / port).mkdir(parents=True)
    for number, said in enumerate(interfaces):
        folder = root / f"{port}:1.{number}"
        folder.mkdir()
        for name, text in zip(("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"), said, strict=True):
            (folder / name).write_text(f"{text}\n")


def test_a_port_tells_a_pulled_cable_from_a_closed_adb(tmp_path: Path) -> None:
    device(tmp_path, "usb1", ("09", "00", "00"))
    device(tmp_path, "1-1.3", MTP)
    device(tmp_path, "1-1.30", MTP, ADB)
    ports = UsbPorts(tmp_path)
    assert ports.look("usb:1-1.3") is PortSight.WITHOUT_ADB
    assert ports.look("usb:1-1.30") is PortSight.WITH_ADB
    assert ports.look("usb:1-1.4") is PortSight.EMPTY


@pytest.mark.parametrize(
    "devpath", ["", "unknown", "usb:", "usb:../../etc", "usb:1-1.3:1.0", "usb:X", "127.0.0.1:5555"]
)
def test_what_is_no_port_says_nothing(tmp_path: Path, devpath: str) -> None:
    device(tmp_path, "1-1", MTP)
    assert UsbPorts(tmp_path).look(devpath) is PortSight.UNKNOWN


def test_a_machine_without_that_list_says_nothing(tmp_path: Path) -> None:
    assert UsbPorts(tmp_path / "none").look("usb:1-1") is PortSight.UNKNOWN
    (tmp_path / "empty").mkdir()
    assert UsbPorts(tmp_path / "empty").look("usb:1-1") is PortSight.UNKNOWN


def test_what_cannot_be_read_is_no_proof_that_adb_is_gone(tmp_path: Path) -> None:
    device(tmp_path, "1-1", MTP)
    (tmp_path / "1-1:1.0" / "bInterfaceClass").unlink()
    assert UsbPorts(tmp_path).look("usb:1-1") is PortSight.WITH_ADB
    device(tmp_path, "1-2")
    assert UsbPorts(tmp_path).look("usb:1-2") is PortSight.UNKNOWN
