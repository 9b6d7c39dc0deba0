"""Faults strike where the scenario says and nowhere else; nothing that a host sends brings the daemon down."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from virtual_iphone_bench import (
    Host,
    escalated,
    plans_of,
    profile,
    rack_of,
    supervision,
    until_shown,
)

from provisioning.virtual.faults import FaultBox, Pace
from provisioning.virtual.iphone.fleet import IPhoneFleet
from provisioning.virtual.scenario import Fault, parse_fault

VERSION = {"Request": "GetValue", "Key": "ProductVersion"}


def fault(text: str) -> Fault:
    """Read a fault."""
    return parse_fault(text)


def test_a_fault_strikes_at_its_message_as_often_as_it_says() -> None:
    box = FaultBox([fault("stall at=Browse skip=1 times=2"), fault("unplug at=Browse times=0"), fault("renamed")])
    names = [struck.name if (struck := box.strike("Browse")) else "" for _ in range(5)]
    assert names == ["unplug", "stall", "stall", "unplug", "unplug"]
    assert box.strike("Lookup") is None
    assert box.standing("renamed") is not None
    box.disarm("unplug")
    assert box.strike("Browse") is None


def test_a_message_with_arguments_is_met_by_its_beginning() -> None:
    box = FaultBox([fault('stall at="pm list packages" times=0')])
    assert box.strike("pm list packages --user 0")
    assert box.strike("pm list packages")
    assert box.strike("pm list packagesx") is None
    assert FaultBox([fault("stall at=*")]).strike("anything")


async def test_no_delay_costs_no_turn_of_the_loop() -> None:
    assert Pace({"Browse": 0.5}, 0.1).seconds("Lookup") == 0.1
    await Pace({"Browse": 0.01}).wait("Browse")
    await Pace({}).wait("Browse")


async def test_a_cable_pulled_before_the_request_leaves_it_undone(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["unplug at=SetCloudConfiguration back=0.05"]) as (host, phone):
        link = await host.mcinstall()
        await link.tell(supervision())
        assert await link.ended()
        assert not phone.management.supervised
        await until_shown(host)
        assert (await (await host.mcinstall()).ask(supervision()))["Status"] == "Acknowledged"


@pytest.mark.parametrize("when", ["middle", "after"])
async def test_a_cable_pulled_later_leaves_it_done(tmp_path: Path, when: str) -> None:
    async with rack_of(tmp_path, faults=[f"unplug at=SetCloudConfiguration when={when}"]) as (host, phone):
        link = await host.mcinstall()
        await link.tell(supervision())
        if when == "after":
            assert (await link.hear())["Status"] == "Acknowledged"
        else:
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await link.hear()
        assert await link.ended()
        assert phone.management.supervised
        assert await host.devices() == []


async def test_a_phone_falls_silent_and_then_answers(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["stall at=GetValue seconds=0.2"]) as (host, _):
        link = await host.connect()
        started = asyncio.get_running_loop().time()
        assert (await link.ask(VERSION))["Value"] == "26.1"
        assert asyncio.get_running_loop().time() - started >= 0.19
        assert (await link.ask(VERSION))["Value"] == "26.1"


@pytest.mark.parametrize("name", ["hang-up", "truncate", "unplug", "usbmuxd-restart", "reboot seconds=0.05"])
async def test_connections_break(tmp_path: Path, name: str) -> None:
    kind, *options = name.split()
    async with rack_of(tmp_path, faults=[" ".join([kind, "at=GetValue", *options])]) as (host, _):
        link = await host.connect()
        await link.tell(VERSION)
        assert await _breaks(link.reader)


async def test_noise_comes_as_a_whole_frame(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["garbage at=GetValue"]) as (host, _):
        link = await host.connect()
        await link.tell(VERSION)
        assert not (await link.hear_raw()).startswith(b"<?xml")
        assert (await link.ask(VERSION))["Value"] == "26.1"


async def test_errors_come_in_each_services_own_form(tmp_path: Path) -> None:
    faults = [
        "error at=GetValue name=GetProhibited",
        "error at=Browse name=APIInternalError",
        "error at=Escalate name=CertificateRejected",
        'error at=GetProfileList name="14004 Could not create"',
        "error at=Connect number=3 skip=4",
    ]
    async with rack_of(tmp_path, faults=faults) as (host, _):
        link = await host.connect()
        assert (await link.ask(VERSION))["Error"] == "GetProhibited"
        proxy = await host.service("com.apple.mobile.installation_proxy")
        answer = await proxy.ask({"Command": "Browse", "ClientOptions": {}})
        assert answer["Error"] == "APIInternalError"
        with pytest.raises(ConnectionRefusedError):
            await host.mcinstall()
        link = await host.mcinstall()
        assert (await link.ask({"RequestType": "Escalate"})) == {"Status": "CertificateRejected"}
        chain = (await link.ask({"RequestType": "GetProfileList"}))["ErrorChain"]
        assert (chain[-1]["ErrorCode"], chain[-1]["LocalizedDescription"]) == (14004, "Could not create")


@pytest.mark.parametrize("name", ["hang-up at=TLS", "garbage at=TLS", "truncate at=TLS", "unplug at=TLS", "refuse-tls"])
async def test_a_handshake_that_goes_wrong_ends_and_the_next_one_works(tmp_path: Path, name: str) -> None:
    async with rack_of(tmp_path, faults=[name]) as (host, phone):
        record = await host.record()
        with pytest.raises((OSError, EOFError)):
            await host.session(record)
        if name.startswith("unplug"):
            assert phone.cable is not None
            phone.cable.plug(phone)
            await until_shown(host)
        assert (await (await host.session(record)).ask(VERSION))["Value"] == "26.1"


async def test_tls_1_3_where_the_scenario_wants_it(tmp_path: Path) -> None:
    for faults, version in (([], "TLSv1.2"), (["tls version=1.3"], "TLSv1.3")):
        async with rack_of(tmp_path, faults=faults) as (host, _):
            link = await host.session()
            assert link.writer.get_extra_info("ssl_object").version() == version
            assert (await link.ask(VERSION))["Value"] == "26.1"


async def test_somebody_acts_behind_the_desks_back(tmp_path: Path) -> None:
    faults = [
        "rename at=GetValue name=Mine",
        "remove-profile at=GetProfileList id=org.example.lock skip=1",
        "install at=Browse app=com.zhiliaoapp.musically",
        "lock at=Flush",
    ]
    async with rack_of(tmp_path, faults=faults) as (host, phone):
        link = await host.connect()
        assert (await link.ask({"Request": "GetValue", "Key": "DeviceName"}))["Value"] == "Mine"
        mc = await host.mcinstall()
        await mc.ask({"RequestType": "InstallProfile", "Payload": profile()})
        assert (await mc.ask({"RequestType": "GetProfileList"}))["OrderedIdentifiers"] == ["org.example.lock"]
        assert (await mc.ask({"RequestType": "GetProfileList"}))["OrderedIdentifiers"] == []
        phone.passcode_set = True
        await mc.ask({"RequestType": "Flush"})
        assert phone.locked
        phone.unlock()
        proxy = await host.service("com.apple.mobile.installation_proxy")
        await proxy.tell({"Command": "Browse", "ClientOptions": {"ApplicationType": "User"}})
        assert (await proxy.hear())["CurrentList"][0]["CFBundleIdentifier"] == "com.zhiliaoapp.musically"


async def test_strange_management_can_lie_on_a_phone_from_the_start(tmp_path: Path) -> None:
    faults = ["unknown-profile id=org.example.x restrict=allowSafari", "usb-restricted-profile", "foreign-mdm"]
    async with rack_of(tmp_path, faults=[*faults, "clock-skew seconds=3600", "battery percent=9"]) as (host, phone):
        listed = await (await host.mcinstall()).ask({"RequestType": "GetProfileList"})
        assert listed["OrderedIdentifiers"] == [
            "org.example.x",
            "com.apple.configurator.usbrestrictedmode",
            "com.northgate.mdm",
        ]
        values = (await (await host.session()).ask({"Request": "GetValue"}))["Value"]
        assert values["TimeIntervalSince1970"] == pytest.approx(phone.now, abs=5)
        assert phone.battery_percent == 9


async def test_a_supervised_phone_survives_the_daemons_death(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["usbmuxd-restart at=InstallProfileSilent"]) as (host, phone):
        await (await host.mcinstall()).ask(supervision())
        link = await escalated(host)
        await link.tell({"RequestType": "InstallProfileSilent", "Payload": profile()})
        assert await _breaks(link.reader)
        assert not phone.management.profiles
        await until_shown(host)
        again = await escalated(host)
        assert (await again.ask({"RequestType": "InstallProfileSilent", "Payload": profile()}))[
            "Status"
        ] == "Acknowledged"


async def test_a_faulty_phone_leaves_the_others_alone(tmp_path: Path) -> None:
    toml = '[[handset]]\nprofile = "iphone-15"\nfaults = ["stall at=* times=0"]\n[[handset]]\nprofile = "iphone-13"\n'
    async with IPhoneFleet(plans_of(tmp_path, toml), "none") as fleet:
        host = Host(fleet.usbmux_address)
        assert len(await host.devices()) == 2
        link = await host.link()
        answer = await asyncio.wait_for(link.mux(MessageType="Connect", DeviceID=2, PortNumber=32498), 2)
        assert answer["Number"] == 0
        assert (await link.ask(VERSION))["Value"] == "18.6.2"
        await host.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=400), framed=st.booleans(), port=st.sampled_from(["mux", "lockdown", "service", "tls"]))
async def test_no_noise_kills_the_daemon(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, noise: bytes, framed: bool, port: str
) -> None:
    async with rack_of(tmp_path) as (host, _):
        await _shout(host, noise, framed, port)
        assert (await (await host.connect()).ask(VERSION))["Value"] == "26.1"
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def _shout(host: Host, noise: bytes, framed: bool, port: str) -> None:
    """Send noise to one of the daemons, as it is or in a valid frame, and leave."""
    if port == "mux":
        link = await host.link()
        link.writer.write(struct.pack("<IIII", 16 + len(noise), 1, 8, 1) * framed + noise)
    elif port == "service":
        link = await host.mcinstall()
        link.writer.write(struct.pack(">I", len(noise)) * framed + noise)
    else:
        link = await host.connect()
        if port == "tls":
            record = await host.record()
            await link.ask({"Request": "StartSession", "HostID": record["HostID"]})
        link.writer.write(struct.pack(">I", len(noise)) * framed + noise)
    await asyncio.sleep(0)
    await link.close()


async def _breaks(reader: asyncio.StreamReader) -> bool:
    """Tell whether a connection ends without a whole frame."""
    try:
        async with asyncio.timeout(5):
            return len(await reader.read()) < 200
    except ConnectionError:
        return True
