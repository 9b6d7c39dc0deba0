"""Where usbmuxd is looked for, what is said where there is none, and which port a LocationID means."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.apple import ports, usbmux
from provisioning.apple.usbmux import Plugged
from provisioning.errors import HubError


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("127.0.0.1:27015", ("127.0.0.1", 27015)),
        ("[::1]:5000", ("::1", 5000)),
        ("desk-hub.local:80", ("desk-hub.local", 80)),
        ("UNIX:/run/mux", "/run/mux"),
        ("/run/mux", "/run/mux"),
    ],
)
def test_the_variable_is_read_in_every_tool_s_form(monkeypatch: pytest.MonkeyPatch, told: str, address: object) -> None:
    monkeypatch.setenv(usbmux.ADDRESS_VARIABLE, told)
    assert usbmux.address() == address


@pytest.mark.parametrize("told", ["27015", "host:", ":1", "host:http", "host:70000", "host:0", "host:²"])
def test_a_variable_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv(usbmux.ADDRESS_VARIABLE, told)
    with pytest.raises(HubError, match="USBMUXD_SOCKET_ADDRESS"):
        usbmux.address()


@pytest.mark.parametrize(("platform", "word"), [("linux", "usbmuxd"), ("win32", "Apple Devices"), ("darwin", "macOS")])
def test_each_operating_system_has_its_own_advice(monkeypatch: pytest.MonkeyPatch, platform: str, word: str) -> None:
    monkeypatch.delenv(usbmux.ADDRESS_VARIABLE, raising=False)
    assert word in usbmux.sentence_for_none(platform)


def test_advice_names_the_variable_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(usbmux.ADDRESS_VARIABLE, "127.0.0.1:9")
    assert "127.0.0.1:9" in usbmux.sentence_for_none("linux")


def test_udids_of_usb_and_of_lockdown_are_one() -> None:
    assert usbmux.with_dash("00008110000A1B2C3D4E801E") == "00008110-000A1B2C3D4E801E"
    assert usbmux.with_dash("00008110-000A1B2C3D4E801E") == "00008110-000A1B2C3D4E801E"
    assert usbmux.with_dash("5b98c87e742570f10e22113b7dd8502638011e16") == "5b98c87e742570f10e22113b7dd8502638011e16"


def test_a_handset_on_the_network_is_not_on_the_desk() -> None:
    cable, radio = Plugged(1, "a", usb=True), Plugged(2, "a", usb=False)
    assert usbmux.handsets([radio, cable]) == [cable]


def test_a_mac_s_location_is_the_path_itself() -> None:
    assert ports.path_of(0x14130000, "x", platform="darwin") == "20-1.3"
    assert ports.path_of(0x14000000, "x", platform="darwin") is None


def _sysfs(folder: Path, name: str, **files: str) -> None:
    device = folder / name
    device.mkdir()
    for file, content in files.items():
        (device / file).write_text(f"{content}\n")


def test_linux_looks_the_path_up_by_bus_address_and_serial(tmp_path: Path) -> None:
    serial = "00008110-000A1B2C3D4E801E"
    _sysfs(tmp_path, "usb1", busnum="1", devnum="1")
    _sysfs(tmp_path, "1-1.2", busnum="1", devnum="7", serial="someone else's")
    _sysfs(tmp_path, "1-1.3", busnum="1", devnum="9", serial=serial.replace("-", ""))
    assert ports.path_of(1 << 16 | 9, serial, platform="linux", sysfs=tmp_path) == "1-1.3"
    assert ports.path_of(1 << 16 | 7, serial, platform="linux", sysfs=tmp_path) is None
    assert ports.path_of(2 << 16 | 9, serial, platform="linux", sysfs=tmp_path) is None


def test_no_location_no_path(tmp_path: Path) -> None:
    assert ports.path_of(None, "x") is None
    assert ports.path_of(5, "x", platform="win32") is None
    assert ports.path_of(5, "x", platform="linux", sysfs=tmp_path / "none") is None
