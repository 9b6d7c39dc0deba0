"""usbmuxd of the rack speaks as the real daemon does: lists, events, pair records, cables that break streams."""

from __future__ import annotations

import asyncio
import plistlib
import struct
from pathlib import Path

import pytest
from virtual_iphone_bench import Host, plans_of, rack_of, until_shown

from provisioning.errors import UsageError
from provisioning.virtual.iphone.bays import default_bay, location_of
from provisioning.virtual.iphone.fleet import IPhoneFleet


async def test_a_phone_at_setup_assistant_is_shown_and_paired_without_anybody(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        [device] = await host.devices()
        assert device["SerialNumber"] == phone.udid
        assert (device["ConnectionType"], device["ConnectionSpeed"], device["ProductID"]) == ("USB", 480_000_000, 4776)
        assert device["LocationID"] == 0x01100000
        record = await host.record()
        assert {"HostID", "SystemBUID", "EscrowBag", "HostPrivateKey", "DeviceCertificate"} <= record.keys()
        assert list(phone.trust.hosts) == [record["HostID"]]


async def test_a_listener_hears_of_everything(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        listener = await host.link()
        assert (await listener.mux(MessageType="Listen"))["Number"] == 0
        tag, event = await listener.mux_event()
        assert (tag, event["MessageType"]) == (0, "Attached")
        first = event["DeviceID"]
        phone.unplug()
        assert await listener.mux_event() == (0, {"MessageType": "Detached", "DeviceID": first})
        assert await host.devices() == []
        phone.unplug(back=0.01)
        assert phone.cable is not None
        phone.cable.plug(phone)
        _, event = await listener.mux_event()
        assert event["DeviceID"] == first + 1
        assert event["Properties"]["LocationID"] == 0x01100000


async def test_saving_a_pair_record_tells_listeners_only_with_the_device_id(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        listener, client = await host.link(), await host.link()
        await listener.mux(MessageType="Listen")
        _, attached = await listener.mux_event()
        save = {"MessageType": "SavePairRecord", "PairRecordID": phone.udid, "PairRecordData": b"x"}
        assert (await client.mux(**save))["Number"] == 0
        assert (await client.mux(**save, DeviceID=attached["DeviceID"]))["Number"] == 0
        _, event = await listener.mux_event()
        assert event == {"MessageType": "Paired", "DeviceID": attached["DeviceID"]}
        assert (await client.mux(MessageType="ReadPairRecord", PairRecordID=phone.udid))["PairRecordData"] == b"x"
        assert (await client.mux(MessageType="DeletePairRecord", PairRecordID=phone.udid))["Number"] == 0
        assert (await client.mux(MessageType="DeletePairRecord", PairRecordID=phone.udid))["Number"] == 2
        assert (await client.mux(MessageType="ReadPairRecord", PairRecordID=phone.udid))["Number"] == 2
        assert (await client.mux(MessageType="ReadPairRecord"))["Number"] == 22


async def test_one_socket_carries_many_requests_and_then_the_phone(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await host.link()
        assert len((await link.mux(MessageType="ReadBUID"))["BUID"]) == 36
        assert (await link.mux(MessageType="Nonsense"))["Number"] == 1
        assert (await link.mux(MessageType="Connect", DeviceID=99, PortNumber=32498))["Number"] == 2
        assert (await link.mux(MessageType="Connect", DeviceID=1, PortNumber=1))["Number"] == 3
        assert (await link.mux(MessageType="Connect", DeviceID=1, PortNumber=32498))["Number"] == 0
        assert (await link.ask({"Request": "QueryType"}))["Type"] == "com.apple.mobile.lockdown"


async def test_listeners_are_listed_and_may_ask_nothing_more(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        listener, other = await host.link(), await host.link()
        await listener.mux(MessageType="Listen")
        await listener.mux_event()
        [entry] = (await other.mux(MessageType="ListListeners"))["ListenerList"]
        assert entry["ProgName"] == "bench"
        assert (await listener.mux(MessageType="ListDevices"))["Number"] == 1
        assert await listener.ended()


async def test_what_is_too_long_or_of_another_version_is_turned_away(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        long = await host.link()
        long.writer.write(struct.pack("<IIII", 0x10001, 1, 8, 1))
        assert await long.ended()
        old = await host.link()
        old.writer.write(struct.pack("<IIII", 16, 7, 3, 5))
        assert struct.unpack("<IIIII", await old.reader.readexactly(20))[2:] == (1, 5, 6)


async def test_a_pulled_cable_breaks_open_streams(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.session()
        phone.unplug()
        assert await link.ended()


async def test_the_daemon_dies_and_comes_back_on_its_port(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        listener = await host.link()
        await listener.mux(MessageType="Listen")
        await listener.mux_event()
        phone.restart_host_daemon()
        assert await listener.ended()
        [device] = await until_shown(host)
        assert device["DeviceID"] == 1
        assert await host.record()


async def test_a_phone_that_was_set_up_shows_the_dialog_and_is_shown_meanwhile(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "set-up", faults=["trust-dialog answer=never"]) as (host, phone):
        assert await host.devices()
        assert await host.record() == {}
        assert phone.trust.dialog_shown
        listener = await host.link()
        await listener.mux(MessageType="Listen")
        await listener.mux_event()
        phone.tap_trust()
        _, event = await listener.mux_event()
        assert event["MessageType"] == "Paired"
        assert (await host.record())["HostID"] in phone.trust.hosts


async def test_a_preflight_that_gives_up_hides_the_phone_until_it_is_plugged_in_again(tmp_path: Path) -> None:
    faults = ["trust-dialog answer=never preflight=gives-up"]
    async with rack_of(tmp_path, "set-up", profile="iphone-15", faults=faults) as (host, phone):
        assert await host.devices() == []
        phone.tap_trust()
        phone.unplug()
        assert phone.cable is not None
        phone.cable.plug(phone)
        assert await until_shown(host)


async def test_nothing_is_on_the_cable_until_the_phone_is_unlocked(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "set-up", faults=["not-on-cable"]) as (host, phone):
        assert await host.devices() == []
        phone.unlock()
        assert await until_shown(host)


async def test_the_recorded_list_devices_request_is_understood(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.link()
        body = plistlib.dumps({"MessageType": "ListDevices", "ProgName": "go-usbmux", "ClientVersionString": "go"})
        link.writer.write(struct.pack("<IIII", 16 + len(body), 1, 8, 0) + body)
        _, answer = await link.mux_event()
        assert answer["DeviceList"][0]["Properties"]["SerialNumber"] == phone.udid


@pytest.mark.parametrize(
    ("bay", "location"), [("1-1", 0x01100000), ("1-3.2", 0x01320000), ("20-15.1.2.3.4.5", 0x14F12345)]
)
def test_a_bay_is_a_location_that_stays(bay: str, location: int) -> None:
    assert location_of(bay) == location


def test_bays_are_numbered_through_and_other_labels_keep_a_number_of_their_own() -> None:
    assert [default_bay(position) for position in (0, 14, 15)] == ["1-1", "1-15", "2-1"]
    assert location_of("Shelf A") == location_of("Shelf A") != location_of("Shelf B")


async def test_an_empty_fleet_is_a_daemon_alone() -> None:
    async with IPhoneFleet([], "none") as fleet:
        assert await Host(fleet.usbmux_address).devices() == []


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ('[[handset]]\nprofile = "iphone-15"\nstate = "asleep"', "asleep"),
        ('[[handset]]\nprofile = "iphone-15"\nfaults = ["gremlins"]', "gremlins"),
        ('[[handset]]\nprofile = "iphone-15"\nfaults = ["gremlins at=Pair"]', "gremlins"),
        ('[[handset]]\nprofile = "iphone-15"\nserial_number = "A"\n' * 2, "serial number"),
        ('[[handset]]\nprofile = "iphone-15"\nbay = "1-9"\n' * 2, "same bay"),
    ],
)
async def test_a_plan_that_no_iphone_can_carry_out_is_refused(tmp_path: Path, toml: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        async with IPhoneFleet(plans_of(tmp_path, toml), "none"):
            pass


async def test_fifty_phones_serve_fifty_hosts_side_by_side(tmp_path: Path) -> None:
    plans = plans_of(tmp_path, '[[handset]]\nprofile = "iphone-15"\ncount = 50\napps = ["com.zhiliaoapp.musically"]')
    loop = asyncio.get_running_loop()
    async with IPhoneFleet(plans, "none") as fleet:
        host = Host(fleet.usbmux_address)
        devices = await host.devices()
        assert len({device["SerialNumber"] for device in devices}) == 50
        started, lag = loop.time(), 0.0

        async def watch() -> None:
            nonlocal lag
            while True:
                before = loop.time()
                await asyncio.sleep(0.005)
                lag = max(lag, loop.time() - before - 0.005)

        async def one(number: int) -> str:
            link = await host.link()
            assert (await link.mux(MessageType="Connect", DeviceID=number, PortNumber=32498))["Number"] == 0
            return (await link.ask({"Request": "GetValue", "Key": "UniqueDeviceID"}))["Value"]

        watcher = asyncio.create_task(watch())
        udids = await asyncio.gather(*(one(device["DeviceID"]) for device in devices))
        watcher.cancel()
        await host.close()
        assert list(udids) == [device["SerialNumber"] for device in devices]
        assert loop.time() - started < 10
