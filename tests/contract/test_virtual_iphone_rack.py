"""A rack announces itself in the form that the command line promises, with and without handsets of either platform."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from virtual_iphone_bench import Host, plans_of

from provisioning.errors import UsageError
from provisioning.virtual.iphone.latency import pace_of
from provisioning.virtual.rack import Rack
from provisioning.virtual.scenario import plain_rack


async def test_an_empty_rack_is_two_daemons_with_nothing_on_them() -> None:
    async with Rack([], "none") as rack:
        announced = rack.announcement()
        assert (announced["handsets"], announced["bays"]) == ([], {})
        assert announced["usbmuxd"] == rack.usbmux_address
        assert announced["adb_server_port"] == rack.adb_server_port > 0
        assert await Host(rack.usbmux_address).devices() == []
        with pytest.raises(UsageError):
            rack.unplug("NOBODY")


async def test_a_rack_of_iphones_announces_them_in_the_order_of_the_plans(tmp_path: Path) -> None:
    toml = (
        '[[handset]]\nprofile = "iphone-15"\nserial_number = "F2LXK0V1Q6"\nbay = "3-4"\n'
        '[[handset]]\nprofile = "ipad-10"\ncount = 2\n'
    )
    async with Rack(plans_of(tmp_path, toml), "none") as rack:
        announced = json.loads(json.dumps(rack.announcement()))
        first, second, third = announced["handsets"]
        assert first == {
            "serial_number": "F2LXK0V1Q6",
            "platform": "ios",
            "model": "iPhone15,4",
            "adbd": None,
            "udid": rack.handset("F2LXK0V1Q6").udid,
        }
        assert (second["model"], third["model"]) == ("iPad13,18", "iPad13,18")
        assert second["serial_number"] != third["serial_number"]
        host = Host(rack.usbmux_address)
        locations = {device["SerialNumber"]: str(device["LocationID"]) for device in await host.devices()}
        assert rack.bays[locations[first["udid"]]] == "3-4"
        assert rack.bays[locations[second["udid"]]] == "1-2"
        rack.unplug("F2LXK0V1Q6")
        assert len(await host.devices()) == 2
        rack.replug("F2LXK0V1Q6")


async def test_a_plain_rack_is_the_same_at_each_start() -> None:
    async with Rack(plain_rack(3, 0), "none") as one, Rack(plain_rack(3, 0), "none") as other:
        assert one.announcement()["handsets"] == other.announcement()["handsets"]
        assert one.usbmux_address != other.usbmux_address


async def test_a_rack_of_both_platforms(tmp_path: Path) -> None:
    plans = plain_rack(1, 1)
    async with Rack(plans, "none") as rack:
        iphone, android = rack.announcement()["handsets"]
        assert (iphone["platform"], android["platform"]) == ("ios", "android")
        assert android["adbd"].startswith("127.0.0.1:")
        assert android["udid"] is None
        assert rack.announcement()["adb_server_port"] == rack.adb_server_port > 0


def test_a_real_cable_takes_its_time() -> None:
    assert pace_of("none").seconds("Browse") == 0
    assert 0 < pace_of("usb").seconds("GetValue") < pace_of("usb").seconds("Browse") < pace_of("usb").seconds("Erase")
