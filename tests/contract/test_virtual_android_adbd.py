"""adbd of the virtual handset keeps adb's protocol against a host that was written apart from it."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from virtual_android_bench import FEATURES, NEW, OLD, Host, alone, android_public_key, host_key, shell_packets

PIXEL = '[[handset]]\nprofile = "pixel-8"\n'


async def test_a_known_key_is_let_in_and_an_unknown_one_is_asked_for(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (phone, address):
        first = await Host.connect(address)
        banner = await first.authorise()
        assert banner.data.startswith(
            b"device::ro.product.name=shiba;ro.product.model=Pixel 8;ro.product.device=shiba;features="
        )
        assert (banner.arg0, banner.arg1) == (NEW, 1024 * 1024)
        assert b"zstd" not in banner.data
        assert [key.comment for key in phone.adbd.offered] == ["desk@test"]
        await first.close()
        second = await Host.connect(address)
        await second.authorise()
        assert len(phone.adbd.offered) == 1
        await second.close()


async def test_the_dialog_shows_the_keys_fingerprint(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (phone, address):
        host = await Host.connect(address)
        await host.authorise()
        fingerprint = phone.adbd.offered[0].fingerprint
        assert len(fingerprint.split(":")) == 16
        await host.close()


@pytest.mark.parametrize(
    ("toml", "accepted_by_tapping"),
    [
        (PIXEL + 'state = "unauthorized"\n', True),
        (PIXEL + 'faults = ["trust-dialog answer=never"]\n', True),
        (PIXEL + 'faults = ["trust-dialog answer=deny"]\n', False),
    ],
)
async def test_until_somebody_taps_it_stays_silent(tmp_path: Path, toml: str, accepted_by_tapping: bool) -> None:
    async with alone(tmp_path, toml) as (phone, address):
        host = await Host.connect(address)
        host.hello()
        token = await host.receive()
        host.sign(token.data, host_key())
        await host.receive()
        host.send("AUTH", 3, 0, android_public_key(host_key()))
        host.send("OPEN", 1, 0, b"shell:id\0")
        assert await host.nothing_comes()
        phone.tap_allow()
        if accepted_by_tapping:
            assert (await host.receive()).command == "CNXN"
        else:
            assert await host.nothing_comes()
        await host.close()


async def test_a_locked_screen_shows_no_dialog(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL + 'state = "locked"\n') as (phone, address):
        host = await Host.connect(address)
        going = asyncio.ensure_future(host.authorise())
        await asyncio.sleep(0.1)
        assert not going.done()
        phone.unlock()
        assert (await going).command == "CNXN"
        await host.close()


async def test_allowed_once_asks_again_at_the_next_plug(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL + 'faults = ["trust-dialog answer=once"]\n') as (phone, address):
        for expected in (1, 2):
            host = await Host.connect(address)
            await host.authorise()
            assert len(phone.adbd.offered) == expected
            await host.close()


async def test_a_wrong_signature_gets_a_new_token(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        await host.close()
        stranger = await Host.connect(address)
        stranger.hello()
        token = await stranger.receive()
        stranger.send("AUTH", 2, 0, bytes(256))
        again = await stranger.receive()
        assert (again.command, again.arg0) == ("AUTH", 1)
        assert again.data != token.data
        stranger.sign(again.data, host_key())
        assert (await stranger.receive()).command == "CNXN"
        await stranger.close()


async def test_shell_v1_shell_v2_and_exec(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        assert await host.said("shell:echo out; echo err >&2; exit 3") == b"out\nerr\n"
        assert shell_packets(await host.said("shell,v2,TERM=xterm-256color,raw:echo out; echo err >&2; exit 3")) == (
            b"out\n", b"err\n", 3,
        )  # fmt: skip
        assert shell_packets(await host.said("shell,v2:whoami")) == (b"shell\n", b"", 0)
        assert await host.said("exec:getprop ro.product.device") == b"shiba\n"
        assert await host.said("abb_exec:settings\0get\0global\0adb_enabled") == b"1\n"
        assert shell_packets(await host.said("abb:package\0path\0nothing.here")) == (b"", b"", 1)
        await host.close()


@pytest.mark.parametrize(
    "service", ["jdwp:1", "track-jdwp", "framebuffer:", "tcp:80", "localabstract:x", "nonsense:", "", "shell"]
)
async def test_what_a_production_handset_refuses_is_refused(tmp_path: Path, service: str) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        with pytest.raises(ConnectionRefusedError):
            await host.open(service)
        assert await host.said("root:") == b"adbd cannot run as root in production builds\n"
        assert await host.said("reverse:list-forward") == b"OKAY0000"
        await host.close()


async def test_one_piece_is_under_way_until_it_is_acknowledged(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise(maximum=4096)
        mine, theirs = await host.open("shell:dumpsys package")
        first = await host.receive()
        assert len(first.data) == 4096
        assert await host.nothing_comes(0.1)
        host.okay(mine, theirs, 4096)
        await host.close()


async def test_with_delayed_acknowledgement_pieces_come_one_after_the_other(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        banner = await host.authorise(maximum=65536, features=FEATURES + ",delayed_ack")
        assert b"delayed_ack" in banner.data
        _, theirs = await host.open("shell:dumpsys package")
        total = 0
        for _ in range(3):
            packet = await host.receive()
            assert (packet.command, packet.arg0) == ("WRTE", theirs)
            total += len(packet.data)
        assert total == 3 * 65536
        await host.close()


async def test_an_open_that_does_not_fit_the_negotiation_is_refused(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        host.send("OPEN", 9, 32 * 1024 * 1024, b"shell:id\0", check=False)
        refused = await host.receive()
        assert (refused.command, refused.arg0, refused.arg1) == ("CLSE", 0, 9)
        await host.close()


async def test_an_old_host_gets_checksums_and_must_send_them(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise(version=OLD, maximum=4096)
        host.send("OPEN", 5, 0, b"shell:echo sum\0")
        okay, text = await host.receive(), await host.receive()
        assert okay.command == "OKAY"
        assert (text.data, text.checksum) == (b"sum\n", sum(b"sum\n"))
        host.send("OKAY", 5, text.arg0)
        assert (await host.receive()).command == "CLSE"
        host.send("OPEN", 6, 0, b"shell:echo wrong sum\0", check=False)
        assert await host.reader.read() == b""
        await host.close()


async def test_input_goes_in_and_its_end_too(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        mine, theirs = await host.open("shell,v2,raw:cat; echo end")
        data = struct.pack("<BI", 0, 5) + b"hello" + struct.pack("<BI", 4, 0)
        host.send("WRTE", mine, theirs, data, check=False)
        collected = b""
        while (packet := await host.receive()).command != "CLSE":
            if packet.command == "WRTE":
                collected += packet.data
                host.okay(mine, theirs, len(packet.data))
        assert shell_packets(collected) == (b"helloend\n", b"", 0)
        await host.close()


async def test_a_conversation_keeps_its_variables(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        mine, theirs = await host.open("shell,v2,raw:")
        for line in (b"x=kept\n", b"echo $x\n", b"exit 4\n"):
            host.send("WRTE", mine, theirs, struct.pack("<BI", 0, len(line)) + line, check=False)
        collected = b""
        while (packet := await host.receive()).command != "CLSE":
            if packet.command == "WRTE":
                collected += packet.data
                host.okay(mine, theirs, len(packet.data))
        assert shell_packets(collected) == (b"kept\n", b"", 4)
        await host.close()


async def test_many_services_at_once_do_not_wait_for_each_other(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        await host.open("shell:sleep 100")
        hosts = [await Host.connect(address) for _ in range(5)]
        for one in hosts:
            await one.authorise()
        assert await asyncio.gather(*(one.said("shell:echo quick") for one in hosts)) == [b"quick\n"] * 5
        for one in (*hosts, host):
            await one.close()


async def test_files_go_there_and_back_in_both_versions_of_sync(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (_, address):
        host = await Host.connect(address)
        await host.authorise()
        payload = bytes(range(256)) * 600
        path = b"/data/local/tmp/f"
        pieces = b"".join(
            struct.pack("<4sI", b"DATA", len(payload[at : at + 65536])) + payload[at : at + 65536]
            for at in range(0, len(payload), 65536)
        )
        done = struct.pack("<4sI", b"DONE", 1_700_000_000)
        v1 = struct.pack("<4sI", b"SEND", len(path) + 6) + path + b",33261" + pieces + done
        v2 = struct.pack("<4sI", b"SND2", len(path)) + path + struct.pack("<4sII", b"SND2", 0o100644, 0) + pieces + done
        for upload in (v1, v2):
            assert await sync(host, upload, 8) == b"OKAY\0\0\0\0"
            stat = await sync(host, struct.pack("<4sI", b"STAT", len(path)) + path, 16)
            _, mode, size, modified = struct.unpack("<4sIII", stat)
            assert (size, modified) == (len(payload), 1_700_000_000)
            assert mode & 0o170000 == 0o100000
        stat2 = await sync(host, struct.pack("<4sI", b"STA2", len(path)) + path, 72)
        assert struct.unpack_from("<4sI", stat2) == (b"STA2", 0)
        missing = await sync(host, struct.pack("<4sI", b"LST2", 8) + b"/nothing", 72)
        assert struct.unpack_from("<4sI", missing) == (b"LST2", 2)
        gone = await sync(host, struct.pack("<4sI", b"RECV", 8) + b"/nothing", 8 + 38)
        assert gone == struct.pack("<4sI", b"FAIL", 38) + b"open failed: No such file or directory"
        compressed = struct.pack("<4sI", b"SND2", len(path)) + path + struct.pack("<4sII", b"SND2", 0o100644, 4)
        assert (await sync(host, compressed, 8))[:4] == b"FAIL"
        readonly = struct.pack("<4sI", b"SEND", 13) + b"/system/x,420" + done
        assert b"Read-only file system" in await sync(host, readonly, 30)
        await host.close()


async def sync(host: Host, request: bytes, size: int) -> bytes:
    """Send one request to a fresh sync service and read ``size`` bytes of the answer."""
    mine, theirs = await host.open("sync:")
    answer = b""
    for at in range(0, len(request), 65536):
        host.send("WRTE", mine, theirs, request[at : at + 65536], check=False)
        while (packet := await host.receive()).command != "OKAY":
            assert packet.command == "WRTE"
            answer += packet.data
            host.okay(mine, theirs, len(packet.data))
    closed = False
    while len(answer) < size and not closed:
        packet = await host.receive()
        closed = packet.command == "CLSE"
        if packet.command == "WRTE":
            answer += packet.data
            host.okay(mine, theirs, len(packet.data))
    host.send("CLSE", mine, theirs, check=False)
    while not closed:
        closed = (await host.receive()).command == "CLSE"
    return answer


async def test_a_restart_has_a_new_boot_id(tmp_path: Path) -> None:
    async with alone(tmp_path, PIXEL) as (phone, address):
        host = await Host.connect(address)
        await host.authorise()
        before = phone.boot_id
        mine, theirs = await host.open("reboot:")
        assert (await host.receive()).command == "CLSE"
        del mine, theirs
        assert await host.reader.read() == b""
        while not phone.reachable:
            await asyncio.sleep(0.02)
        again = await Host.connect(address)
        await again.authorise()
        assert phone.boot_id != before
        await again.close()
        await host.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=120), min_size=1, max_size=4), st.booleans())
def test_garbage_never_kills_adbd(tmp_path: Path, pieces: list[bytes], online: bool) -> None:
    async def run() -> None:
        async with alone(tmp_path, PIXEL) as (_, address):
            vandal = await Host.connect(address)
            if online:
                await vandal.authorise()
            for piece in pieces:
                vandal.writer.write(piece)
            await vandal.close()
            honest = await Host.connect(address)
            await honest.authorise()
            assert await honest.said("shell:echo alive") == b"alive\n"
            await honest.close()

    asyncio.run(run())


commands = st.sampled_from(["CNXN", "AUTH", "OPEN", "OKAY", "WRTE", "CLSE", "SYNC", "STLS", "XXXX"])
numbers = st.integers(0, 5) | st.integers(0, 2**32 - 1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(commands, numbers, numbers, st.binary(max_size=40)), min_size=1, max_size=12))
def test_packets_in_any_order_never_kill_adbd(tmp_path: Path, packets: list[tuple[str, int, int, bytes]]) -> None:
    async def run() -> None:
        async with alone(tmp_path, PIXEL) as (_, address):
            vandal = await Host.connect(address)
            await vandal.authorise()
            for packet in packets:
                vandal.send(*packet)
            await vandal.close()
            honest = await Host.connect(address)
            await honest.authorise()
            assert await honest.said("shell:echo alive") == b"alive\n"
            await honest.close()

    asyncio.run(run())
