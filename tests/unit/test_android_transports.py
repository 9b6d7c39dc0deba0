"""What the adb server's list says, line by line, as adb 29 and 36 write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.android.transports import Transport, read_transports, udev_rule

REASON = "no permissions (missing udev rules? user is in the plugdev group); see [http://developer.android.com/x.html]"
OLD_REASON = "no permissions (user in plugdev group; are your udev rules wrong?); see [http://x]"


@pytest.mark.parametrize(
    ("serial", "state", "tags", "transport"),
    [
        (
            "R58T00TEST",
            "device",
            "usb:1-1 product:a14xx model:SM_A145R device:a14 transport_id:3",
            Transport("R58T00TEST", "device", 3, "usb:1-1", "SM_A145R"),
        ),
        (
            "127.0.0.1:16999",
            "device",
            "product:x model:y device:z transport_id:1",
            Transport("127.0.0.1:16999", "device", 1, "", "y"),
        ),
        ("X", "unauthorized", "usb:1-1.4.2 transport_id:12", Transport("X", "unauthorized", 12, "usb:1-1.4.2")),
        ("X", "authorizing", "transport_id:12", Transport("X", "authorizing", 12)),
        ("X", "offline", "transport_id:12", Transport("X", "offline", 12)),
        ("X", "recovery", "usb:3-2 transport_id:2", Transport("X", "recovery", 2, "usb:3-2")),
        ("X", "sideload", "usb:3-2 transport_id:2", Transport("X", "sideload", 2, "usb:3-2")),
        ("X", "bootloader", "transport_id:9", Transport("X", "bootloader", 9)),
        ("X", "later", "usb:3-2 transport_id:2", Transport("X", "later", 2, "usb:3-2")),
        ("(no serial number)", REASON, "usb:1-4 transport_id:7", Transport("(no serial number)", REASON, 7, "usb:1-4")),
        ("X", OLD_REASON, "usb:3-2 transport_id:2", Transport("X", OLD_REASON, 2, "usb:3-2")),
    ],
)
def test_each_state_is_told_apart(serial: str, state: str, tags: str, transport: Transport) -> None:
    assert read_transports(f"{serial:<22} {state} {tags}\n") == [transport]


def test_an_empty_list_is_empty() -> None:
    assert read_transports("") == []


def test_handsets_with_one_serial_are_two_transports() -> None:
    listing = "0123456789ABCDEF device usb:1-1 transport_id:1\n0123456789ABCDEF device usb:1-2 transport_id:2\n"
    assert [one.number for one in read_transports(listing)] == [1, 2]


def test_a_server_without_transport_numbers_is_too_old() -> None:
    with pytest.raises(ValueError, match=r"older than 1\.0\.40"):
        read_transports("R58T00TEST device\n")


@given(st.text(max_size=200))
def test_no_text_crashes_the_reader(text: str) -> None:
    try:
        for transport in read_transports(text):
            assert transport.serial
            assert transport.number >= 0
    except ValueError:
        pass


def test_the_udev_rule_names_the_port() -> None:
    rule = udev_rule(Transport("x", REASON, 7, "usb:1-4.1"))
    assert 'KERNEL=="1-4.1"' in rule
    assert "KERNEL" not in udev_rule(Transport("x", REASON, 7, 'usb:1", RUN+="rm'))
