"""The USB tree, its ports in three tongues, and what a look before forty handsets says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from usb_bench import HUB_20, HUB_21, HUB_30, IPHONE, Plugged, sysfs

from provisioning.bays.port_path import PortPath, path_of_location, path_of_windows, read_path
from provisioning.bays.usb_preflight import UsbTrouble, usb_preflight, use_of
from provisioning.bays.usb_tree import read_tree

FRONT, REAR = "0000:00:14.0", "0000:03:00.0"
TWO = {FRONT: {1: " 2.00", 2: " 3.10"}, REAR: {3: " 2.00", 4: " 3.10"}}


def test_a_tree_is_read_with_its_controllers_hubs_and_twins(tmp_path: Path) -> None:
    root = sysfs(
        tmp_path,
        TWO,
        {"1-1": HUB_21, "2-1": HUB_30, "1-1.3": replace(IPHONE, endpoints=("03", "02"))},
        {"1-1.3": "2-1.3"},
    )
    tree = read_tree(root)
    assert tree is not None
    assert tree.controllers == (FRONT, REAR)
    assert [str(one.path) for one in tree.devices] == ["1-1", "1-1.3", "2-1"]
    assert [one.ports for one in tree.devices] == [4, 0, 4]
    assert tree.devices[1].endpoints == 6, "two interfaces of three and two, and the control endpoint"
    assert tree.peers["1-1.3"] == "2-1.3"
    assert {one.controller for one in tree.roots if one.xhci} == {FRONT, REAR}


def test_no_tree_is_no_all_clear(tmp_path: Path) -> None:
    (finding,) = usb_preflight(read_tree(tmp_path / "nothing"), 40)
    assert finding.trouble is UsbTrouble.NOT_READ
    (tmp_path / "empty").mkdir()
    assert read_tree(tmp_path / "empty") is None, "a container lists none, which is not a machine without devices"


def test_hostile_attributes_are_bounded_and_shown_plainly(tmp_path: Path) -> None:
    odd = Plugged("\x1b[31mhub\u202e" + "x" * 5000, "nan", " 9z.1", 255, "zz", "05e3", ("ffff",))
    tree = read_tree(sysfs(tmp_path, TWO, {"1-1": odd}))
    assert tree is not None
    (device,) = tree.devices
    assert "\x1b" not in device.product and len(device.product) <= 61  # noqa: PT018
    assert (device.speed, device.usb) == (0.0, (0, 1))
    assert device.endpoints <= 256
    usb_preflight(tree, 40)


def test_more_handsets_than_a_controller_holds_are_told_with_the_socket_to_use(tmp_path: Path) -> None:
    hubs = {f"1-{n}": HUB_20 for n in (1, 2, 3, 4, 5)}
    phones = {f"1-{n}.{port}": IPHONE for n in (1, 2, 3) for port in range(1, 6)}
    tree = read_tree(sysfs(tmp_path, TWO, {**hubs, **phones}))
    assert tree is not None
    assert [(use.controller, use.devices, use.free_ports, use.takes) for use in use_of(tree)] == [
        (FRONT, 20, 20, 12),
        (REAR, 0, 0, 0),
    ]
    assert not [one for one in usb_preflight(tree, 12) if one.blocking], "twelve more have room"
    full = next(one for one in usb_preflight(tree, 13) if one.trouble is UsbTrouble.CONTROLLER_FULL)
    assert full.blocking
    assert f"Controller {FRONT} holds 20 of about 32 devices" in full.sentence
    assert "12 of its 20 free sockets can be used" in full.sentence
    assert full.mend == (
        "Move the hub at 1-5 (USB 2.0 Hub) to a socket of controller 0000:03:00.0 (often the rear ones), "
        "there 0 of 32 are in use."
    )
    named = usb_preflight(tree, 13, lambda path: "hub 2" if path == "1-5" else "")
    assert named[0].mend.startswith("Move hub 2 to a socket of controller 0000:03:00.0")
    assert UsbTrouble.TOO_FEW_PORTS in {one.trouble for one in usb_preflight(tree, 21)}


def test_everything_on_one_controller_while_another_is_idle_is_said(tmp_path: Path) -> None:
    tree = read_tree(sysfs(tmp_path, TWO, {"1-1": HUB_20, "1-2": HUB_20, "3-1": Plugged("Keyboard", "1.5")}))
    (finding,) = usb_preflight(tree)
    assert finding.trouble is UsbTrouble.ONE_SIDED
    assert "there 1 of 32 are in use" in finding.mend


def test_hubs_on_the_board_are_not_moved_and_their_sockets_are_the_machines(tmp_path: Path) -> None:
    board = replace(HUB_20, product="Integrated Rate Matching Hub", vendor="8087", ports=8)
    fixed = replace(HUB_20, removable="fixed")
    hubs = {"1-1": board, "1-1.4": HUB_20, "1-1.5": HUB_20, "1-1.5.1": HUB_20, "1-2": fixed}
    tree = read_tree(sysfs(tmp_path, TWO, hubs))
    assert tree is not None
    assert use_of(tree)[0].free_ports == 7 + 6 + 7
    (finding,) = usb_preflight(tree)
    assert finding.mend.startswith("Move the hub at 1-1.5 (USB 2.0 Hub)")


@pytest.mark.parametrize(
    ("hub", "trouble"),
    [
        (replace(HUB_20, speed="12"), UsbTrouble.SLOW_HUB),
        (HUB_21, UsbTrouble.USB_2_CABLE),
        (replace(HUB_20, attributes="80"), UsbTrouble.BUS_POWERED),
    ],
)
def test_a_bad_hub_is_told_by_its_port(tmp_path: Path, hub: Plugged, trouble: UsbTrouble) -> None:
    (finding,) = usb_preflight(read_tree(sysfs(tmp_path, TWO, {"1-4": hub})))
    assert finding.trouble is trouble
    assert finding.sentence.startswith(f"The hub at 1-4 ({hub.product})")


def test_a_good_hub_is_not_spoken_of(tmp_path: Path) -> None:
    assert usb_preflight(read_tree(sysfs(tmp_path, TWO, {"1-4": HUB_21, "2-4": HUB_30}))) == ()


def test_the_fifth_hub_in_a_row_is_the_last(tmp_path: Path) -> None:
    chain = {".".join(["1-1", *["1"] * depth]): HUB_20 for depth in range(5)}
    found = [one for one in usb_preflight(read_tree(sysfs(tmp_path, TWO, chain))) if one.trouble is UsbTrouble.TOO_DEEP]
    assert len(found) == 1
    assert "hub number 5 in a row" in found[0].sentence


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(3)#USB(2)", "PCIROOT(0)#PCI(1400)#USBROOT(0)-3.2"),
        ("PCIROOT(0)#PCI(1C00)#PCI(0000)#USBROOT(0)#USB(1)#USBMI(1)", "PCIROOT(0)#PCI(1C00)#PCI(0000)#USBROOT(0)-1"),
    ],
)
def test_windows_location_paths_are_read(said: str, path: str) -> None:
    assert str(path_of_windows(said)) == path


@pytest.mark.parametrize(
    "said",
    ["", "PCIROOT(0)#PCI(1400)", "PCIROOT(0)#PCI(1400)#USBROOT(0)", "ACPI(_SB_)#ACPI(PCI0)#ACPI(XHC_)#ACPI(RHUB)",
     "PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(0)", "PCIROOT(0)#PCI(1400)#USBROOT(0)" + "#USB(1)" * 100, "x" * 10**6],
)  # fmt: skip
def test_other_location_paths_are_none(said: str) -> None:
    assert path_of_windows(said) is None


@given(st.integers(1, 255), st.lists(st.integers(1, 15), min_size=1, max_size=6))
def test_a_location_id_and_its_path_are_one(bus: int, chain: list[int]) -> None:
    location = bus << 24
    for level, port in enumerate(chain):
        location |= port << (20 - 4 * level)
    path = path_of_location(location)
    assert path == PortPath(str(bus), tuple(chain))
    assert read_path(str(path)) == path
    assert read_path(f"usb:{path}") == path


@given(st.text(max_size=80), st.integers(-(2**70), 2**70))
def test_nothing_breaks_the_readers_of_ports(text: str, number: int) -> None:
    for path in (read_path(text), path_of_windows(text), path_of_location(number)):
        assert path is None or path.chain
