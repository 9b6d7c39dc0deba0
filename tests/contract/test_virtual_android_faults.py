"""What can go wrong with a real handset goes wrong with a virtual one, where and when a scenario says."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from virtual_android_bench import (
    Host,
    alone,
    android_public_key,
    ask_server,
    host_key,
    listed,
    racked,
    shell_packets,
    until,
)

from provisioning.virtual.android.apk.build import build_training_dpc
from provisioning.virtual.android.wire.keys import parse_host_key

PIXEL = '[[handset]]\nprofile = "pixel-8"\n'
V2 = "shell,v2,raw:"


def with_faults(*faults: str) -> str:
    """A scenario of one handset with faults."""
    return PIXEL + "faults = [" + ", ".join(f"'{fault}'" for fault in faults) + "]\n"


async def test_a_fault_strikes_once_unless_told_otherwise(tmp_path: Path) -> None:
    async with alone(tmp_path, with_faults('garbage at="pm list packages" bytes=32')) as (phone, address):
        host = await Host.connect(address)
        await host.authorise()
        out, err, code = shell_packets(await host.said(V2 + "cmd package list packages --user 0"))
        assert (len(out), err, code) == (32, b"", 0)
        out, _, code = shell_packets(await host.said(V2 + "pm list packages --user 0"))
        assert out.startswith(b"package:")
        assert phone.mishaps.struck == ["garbage at pm list packages --user 0"]
        await host.close()


async def test_it_strikes_a_command_inside_a_line_and_in_abb(tmp_path: Path) -> None:
    async with alone(tmp_path, with_faults('no-exit-code at="pm path" times=2')) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        first = shell_packets(await host.said(V2 + "echo before; pm path android; echo after"))
        assert first == (b"before\npackage:/system/framework/framework-res.apk\n", b"", None)
        second = shell_packets(await host.said("abb:package\0path\0android"))
        assert second == (b"package:/system/framework/framework-res.apk\n", b"", None)
        await host.close()


@pytest.mark.parametrize(("options", "ends_with_code"), [("", None), (" code=0", 0), (" bytes=100 code=0", 0)])
async def test_output_that_breaks_off(tmp_path: Path, options: str, ends_with_code: int | None) -> None:
    async with alone(tmp_path, with_faults(f'truncated at="pm list packages"{options}')) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        short, _, code = shell_packets(await host.said(V2 + "pm list packages --user 0"))
        whole, _, _ = shell_packets(await host.said(V2 + "pm list packages --user 0"))
        assert code == ends_with_code
        assert whole.startswith(short)
        assert len(short) == (100 if "bytes" in options else len(whole) // 2)
        await host.close()


async def test_a_service_that_was_too_slow_says_so_in_dumpsys_own_words(tmp_path: Path) -> None:
    async with alone(tmp_path, with_faults("dump-timeout at=dumpsys")) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        out, _, code = shell_packets(await host.said(V2 + "dumpsys package"))
        assert out.endswith(b"*** SERVICE 'package' DUMP TIMEOUT (10000ms) EXPIRED ***\n\n")
        assert code == 0
        await host.close()


async def test_a_stall_keeps_only_its_own_stream(tmp_path: Path) -> None:
    async with alone(tmp_path, with_faults("stall at=getprop seconds=0.3")) as (_, address):
        host, other = await Host.connect(address), await Host.connect(address)
        await host.authorise()
        await other.authorise()
        started = time.monotonic()
        slow = asyncio.ensure_future(host.said("shell:getprop ro.product.device"))
        assert await other.said("shell:echo quick") == b"quick\n"
        assert time.monotonic() - started < 0.3
        assert await slow == b"shiba\n"
        assert time.monotonic() - started >= 0.3
        await host.close()
        await other.close()


async def test_a_drip_is_one_byte_at_a_time(tmp_path: Path) -> None:
    async with alone(tmp_path, with_faults("drip at=whoami every=0.01")) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        mine, theirs = await host.open("shell:whoami")
        sizes: list[int] = []
        while (packet := await host.receive()).command == "WRTE":
            sizes.append(len(packet.data))
            host.okay(mine, theirs, len(packet.data))
        assert sizes == [1] * 6
        await host.close()


async def test_the_cable_pulled_in_mid_command_takes_everything_with_it(tmp_path: Path) -> None:
    async with racked(tmp_path, with_faults('unplug at="pm list packages" after=200 back=0.5')) as fleet:
        (serial,) = fleet.handsets
        address = fleet.adbd_address(serial)
        said = await ask_server(fleet.adb_server_port, f"host:transport:{address}", f"{V2}pm list packages --user 0")
        assert shell_packets(said)[2] is None
        await until({}, lambda: listed(fleet.adb_server_port))
        await until({address: "device"}, lambda: listed(fleet.adb_server_port))


async def test_the_cable_pulled_during_a_push(tmp_path: Path) -> None:
    async with racked(tmp_path, with_faults("unplug at='sync SEND'".replace("'", '"'))) as fleet:
        ((serial, phone),) = fleet.handsets.items()
        port = fleet.adb_server_port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in (f"host:transport:{fleet.adbd_address(serial)}", "sync:"):
            writer.write(f"{len(request):04x}{request}".encode())
            assert await reader.readexactly(4) == b"OKAY"
        path = b"/data/local/tmp/x,33261"
        writer.write(b"SEND" + len(path).to_bytes(4, "little") + path)
        assert await reader.read() == b""
        writer.close()
        await until({}, lambda: listed(port))
        assert not phone.plugged


async def test_auto_blocker_takes_adb_away_soon_after_the_desk_was_let_in(tmp_path: Path) -> None:
    toml = '[[handset]]\nprofile = "galaxy-a54"\nfaults = ["auto-blocker after=0.2"]\n'
    async with racked(tmp_path, toml) as fleet:
        ((serial, phone),) = fleet.handsets.items()
        assert await listed(fleet.adb_server_port) == {fleet.adbd_address(serial): "device"}
        await until({}, lambda: listed(fleet.adb_server_port))
        assert phone.settings.get("global", "adb_enabled") == "1"
        assert phone.settings.get("secure", "rampart_blocked_adb_cmd") == "1"


async def test_a_charge_only_cable_shows_nothing(tmp_path: Path) -> None:
    async with racked(tmp_path, with_faults("charge-only")) as fleet:
        (serial,) = fleet.handsets
        assert await listed(fleet.adb_server_port) == {}
        assert fleet.adbd_address(serial) == ""


async def test_an_install_under_a_locked_screen_waits_for_a_person(tmp_path: Path) -> None:
    async with alone(tmp_path, with_faults("locked-screen")) as (phone, address):
        remembered = parse_host_key(android_public_key(host_key()))
        assert remembered is not None
        phone.adbd.trusted.append(remembered)
        phone.files.write("/data/local/tmp/d.apk", build_training_dpc(), 0o644)
        host = await Host.connect(address)
        await host.authorise()
        install = asyncio.ensure_future(host.said("shell:pm install /data/local/tmp/d.apk"))
        await asyncio.sleep(0.1)
        assert not install.done()
        phone.unlock()
        assert await install == b"Success\n"
        await host.close()


async def test_services_that_are_busy_after_start(tmp_path: Path) -> None:
    async with alone(tmp_path, with_faults("services-busy seconds=0.3")) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        assert await host.said("shell:pm list packages") == b"cmd: Can't find service: package\n"
        deadline = time.monotonic() + 5
        while b"Can't find" in await host.said("shell:pm list packages"):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        await host.close()


async def test_a_handset_that_is_still_starting_gets_there(tmp_path: Path) -> None:
    async with alone(tmp_path, with_faults("boot seconds=0.2")) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        assert await host.said("shell:getprop sys.boot_completed") == b"\n"
        deadline = time.monotonic() + 5
        while await host.said("shell:getprop sys.boot_completed") != b"1\n":
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        await host.close()


async def test_small_oddities_of_cheap_handsets(tmp_path: Path) -> None:
    async with alone(tmp_path, with_faults("crlf", "duplicate-serial", "storage-full")) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        assert await host.said("shell:getprop ro.serialno") == b"0123456789ABCDEF\r\n"
        assert shell_packets(await host.said(V2 + "getprop ro.serialno"))[0] == b"0123456789ABCDEF\n"
        full = await host.said("shell:echo x > /data/local/tmp/x")
        assert b"No space left on device" in full
        await host.close()
