"""The Android hub against an adb server that is played here byte by byte: states and ports that no rack can show."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from provisioning.android.hub import AndroidHub
from provisioning.android.server import AdbServer, bundled_adb
from provisioning.errors import HandsetGarbled, HandsetGone, HubError, UsageError
from provisioning.handset import (
    Arrived,
    Attachment,
    Changed,
    Departed,
    Glimpse,
    HubFound,
    HubLost,
    Movement,
    Trust,
)
from provisioning.organisation import DeviceController, Organisation, SupervisionIdentity
from provisioning.stages.trust import trust as trust_stage
from ui.connection_phrases import connection_sentence
from ui.phrases import sentence

PATIENCE = 10.0


def no_controller() -> DeviceController:
    raise UsageError("No controller is configured.")


def no_supervision() -> SupervisionIdentity:
    raise UsageError("No supervision identity is configured.")


ORGANISATION = Organisation("Test", "00000000-0000-0000-0000-000000000000", no_supervision, no_controller)


class PlayedServer:
    """An adb server's two lists, for as many clients as come; ``listing`` is what ``devices-l`` says."""

    def __init__(self) -> None:
        self.listing = ""
        self.refusal = "device offline"
        self.tells = True
        self.port = 0
        self._server: asyncio.Server | None = None
        self._trackers: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._clients):
            writer.close()
        await self._server.wait_closed()

    def show(self, *lines: str) -> None:
        self.listing = "".join(f"{line}\n" for line in lines)
        for writer in self._trackers if self.tells else ():
            writer.write(b"0000")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            request = (await reader.readexactly(int(await reader.readexactly(4), 16))).decode()
            if request == "host:devices-l":
                text = self.listing.encode()
                writer.write(b"OKAY%04x" % len(text) + text)
            elif request == "host:track-devices":
                writer.write(b"OKAY0000")
                self._trackers.add(writer)
                await reader.read()
            else:
                text = self.refusal.encode()
                writer.write(b"FAIL%04x" % len(text) + text)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._trackers.discard(writer)
            self._clients.discard(writer)
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[PlayedServer]:
    played = PlayedServer()
    await played.start()
    yield played
    await played.stop()


@asynccontextmanager
async def hub_at(port: int, bays: Mapping[str, str] | None = None) -> AsyncGenerator[AndroidHub]:
    hub = AndroidHub(ORGANISATION, "127.0.0.1", port, bays or {})
    try:
        yield hub
    finally:
        await hub.close()


async def upcoming(movements: AsyncGenerator[Movement], count: int) -> list[Movement]:
    async with asyncio.timeout(PATIENCE):
        return [await anext(movements) for _ in range(count)]


async def test_bays_come_from_the_port_then_the_serial_then_the_connection(server: PlayedServer) -> None:
    server.show(
        "R1 device usb:1-1.3 product:a model:b device:c transport_id:1",
        "R2 device usb:1-1.4 product:a model:b device:c transport_id:2",
        "127.0.0.1:5 device product:a model:b device:c transport_id:3",
        "127.0.0.1:6 device product:a model:b device:c transport_id:4",
    )
    async with hub_at(server.port, {"usb:1-1.3": "A1", "127.0.0.1:5": "A2"}) as hub:
        assert [(one.connection, one.bay) for one in await hub.attached()] == [
            ("R1", "A1"),
            ("R2", "1-1.4"),
            ("127.0.0.1:5", "A2"),
            ("127.0.0.1:6", "127.0.0.1:6"),
        ]


async def test_two_handsets_with_one_serial_are_two_attachments(server: PlayedServer) -> None:
    server.show("0123456789ABCDEF device usb:1-1 transport_id:1", "0123456789ABCDEF device usb:1-2 transport_id:2")
    async with hub_at(server.port) as hub:
        first, second = await hub.attached()
        assert first.connection == "0123456789ABCDEF"
        assert second.connection == "0123456789ABCDEF#2"
        server.show("0123456789ABCDEF device usb:1-2 transport_id:2")
        assert await hub.attached() == [second]


async def test_arrival_change_and_departure_are_told_as_they_happen(server: PlayedServer) -> None:
    async with hub_at(server.port) as hub, aclosing(hub.movements()) as movements:
        told = asyncio.create_task(upcoming(movements, 4))
        for line in ("R1 offline usb:1-1 transport_id:7", "R1 unauthorized usb:1-1 transport_id:7",
                     "R1 device usb:1-1 product:p model:m device:d transport_id:7"):  # fmt: skip
            await asyncio.sleep(0.05)
            server.show(line)
        await asyncio.sleep(0.05)
        server.show()
        kinds = [
            (type(one), one.attachment.state) for one in await told if isinstance(one, Arrived | Changed | Departed)
        ]
    assert kinds[0][0] is Arrived
    assert kinds[-1] == (Departed, "device")
    assert all(kind is Changed for kind, _ in kinds[1:-1])


async def test_what_the_server_keeps_to_itself_is_seen_within_a_second(server: PlayedServer) -> None:
    server.tells = False
    server.show("R1 offline usb:1-1 transport_id:7")
    async with hub_at(server.port) as hub, aclosing(hub.movements()) as movements:
        assert isinstance((await upcoming(movements, 1))[0], Arrived)
        server.show("R1 unauthorized usb:1-1 transport_id:7")
        (changed,) = await upcoming(movements, 1)
        assert isinstance(changed, Changed)
        assert changed.attachment.state == "unauthorized"


async def test_a_replug_is_a_departure_and_an_arrival(server: PlayedServer) -> None:
    server.show("R1 device usb:1-1 transport_id:7")
    async with hub_at(server.port) as hub, aclosing(hub.movements()) as movements:
        await upcoming(movements, 1)
        server.show("R1 device usb:1-1 transport_id:8")
        assert [type(one) for one in await upcoming(movements, 2)] == [Departed, Arrived]


async def test_a_dying_server_is_lost_and_found_and_all_begins_anew(server: PlayedServer) -> None:
    server.show("R1 device usb:1-1 transport_id:7")
    async with hub_at(server.port) as hub, aclosing(hub.movements()) as movements:
        await upcoming(movements, 1)
        await server.stop()
        departed, lost = await upcoming(movements, 2)
        assert isinstance(departed, Departed)
        assert isinstance(lost, HubLost)
        assert str(server.port) in lost.sentence
        await server.start()
        found, arrived = await upcoming(movements, 2)
        assert isinstance(found, HubFound)
        assert isinstance(arrived, Arrived)


async def test_nobody_listening_is_said_and_nothing_is_started() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with hub_at(port) as hub:
        with pytest.raises(HubError, match=f"No adb server listens on 127.0.0.1:{port}"):
            await hub.attached()
        async with aclosing(hub.movements()) as movements:
            assert isinstance((await upcoming(movements, 1))[0], HubLost)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 1.0)


async def test_a_stranger_on_the_port_is_said(server: PlayedServer) -> None:
    async def chat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read(100)
        writer.close()

    stranger = await asyncio.start_server(chat, "127.0.0.1", 0)
    async with stranger, hub_at(stranger.sockets[0].getsockname()[1]) as hub:
        with pytest.raises(HubError, match="does not answer like an adb server"):
            await hub.attached()


@pytest.mark.parametrize(
    ("state", "trust", "words"),
    [
        ("unauthorized", Trust.ASKING, "Unlock it and tap “Allow”"),
        ("authorizing", Trust.ASKING, "its prompt comes up in a moment"),
        ("device", Trust.TRUSTED, ""),
        ("offline", Trust.UNREACHABLE, "seen but does not answer"),
        ("connecting", Trust.UNREACHABLE, "just being connected"),
        ("recovery", Trust.UNREACHABLE, "Choose “Reboot system now”"),
        ("sideload", Trust.UNREACHABLE, "waits for an update"),
        ("bootloader", Trust.UNREACHABLE, "Choose “Start” with its volume keys"),
        ("no permissions (missing udev rules?); see [http://x]", Trust.UNREACHABLE,
         'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", KERNEL=="1-1", MODE="0660", GROUP="plugdev"'),
    ],
)  # fmt: skip
async def test_each_state_is_told_apart(server: PlayedServer, state: str, trust: Trust, words: str) -> None:
    """And said: to whoever lists the handsets, and by the stage that waits for it."""
    server.show("R1 offline usb:1-1 transport_id:7")
    async with hub_at(server.port) as hub:
        handset = hub.handset((await hub.attached())[0])
        server.show(f"R1 {state} usb:1-1 transport_id:7")
        assert await handset.trust() is trust
        assert handset.attachment.state == state
        said = connection_sentence(handset.attachment, "it")
        assert words in said
        assert bool(words) is bool(said)
        if trust is Trust.UNREACHABLE:
            assert words in sentence(await trust_stage(handset), "it")
        await handset.close()


async def test_a_handset_that_does_not_trust_says_nothing_of_itself(server: PlayedServer) -> None:
    server.refusal = "device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set"
    server.show("R1 unauthorized usb:1-1 transport_id:7")
    async with hub_at(server.port) as hub:
        handset = hub.handset((await hub.attached())[0])
        assert await handset.identify() == Glimpse(handset.attachment.platform)
        await handset.close()


@pytest.mark.parametrize(
    "refusal", ["device offline", "no device with transport id '7'", "device 'R1' not found", "closed"]
)
async def test_a_handset_that_is_not_there_any_more_is_gone(server: PlayedServer, refusal: str) -> None:
    server.refusal = refusal
    server.show("R1 device usb:1-1 transport_id:7")
    async with hub_at(server.port) as hub:
        handset = hub.handset((await hub.attached())[0])
        with pytest.raises(HandsetGone):
            await handset.identify()
        server.show()
        with pytest.raises(HandsetGone):
            await handset.trust()
        await handset.close()
        with pytest.raises(HandsetGone):
            await handset.inventory()


async def test_a_server_that_stops_mid_run_ends_the_call(server: PlayedServer) -> None:
    server.show("R1 device usb:1-1 transport_id:7")
    async with hub_at(server.port) as hub:
        handset = hub.handset((await hub.attached())[0])
        await server.stop()
        with pytest.raises((HandsetGone, HandsetGarbled)):
            await handset.identify()
        await handset.close()
        await server.start()


async def test_an_attachment_from_elsewhere_opens_and_is_gone(server: PlayedServer) -> None:
    async with hub_at(server.port) as hub:
        handset = hub.handset(Attachment(hub.platform, "R9", "1-1"))
        with pytest.raises(HandsetGone):
            await handset.trust()
        await handset.close()


async def test_closing_twice_is_harmless_and_ends_every_thread(server: PlayedServer) -> None:
    import threading

    before = threading.active_count()
    hub = AndroidHub(ORGANISATION, "127.0.0.1", server.port, {})
    movements = hub.movements()
    server.show("R1 device usb:1-1 transport_id:7")
    await upcoming(movements, 1)
    await movements.aclose()
    await hub.close()
    await hub.close()
    async with asyncio.timeout(PATIENCE):
        while threading.active_count() > before:
            await asyncio.sleep(0.01)


async def answers(hub: AndroidHub) -> bool:
    try:
        return await hub.attached() == []
    except HubError:
        return False


@pytest.mark.skipif(bundled_adb() is None, reason="adbutils brings no adb for this platform")
async def test_a_real_adb_server_is_listed_and_its_death_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "HOME": str(tmp_path), "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553", "ADB_MDNS": "0"}
    with subprocess.Popen(
        [str(bundled_adb()), "-P", str(port), "nodaemon", "server"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            async with hub_at(port) as hub:
                async with asyncio.timeout(PATIENCE):
                    while not await answers(hub):
                        await asyncio.sleep(0.05)
                async with aclosing(hub.movements()) as movements:
                    told = asyncio.create_task(upcoming(movements, 1))
                    # The first look at an empty list tells nothing; the movement is the server's end.
                    await asyncio.sleep(0.2)
                    process.terminate()
                    assert isinstance((await told)[0], HubLost)
        finally:
            process.kill()


@pytest.mark.skipif(bundled_adb() is None, reason="adbutils brings no adb for this platform")
async def test_only_a_server_that_was_started_here_is_stopped(
    server: PlayedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ADB_LOCAL_TRANSPORT_MAX_PORT", "5553")
    # The desk's port itself belongs to whoever runs these tests.
    monkeypatch.setattr("provisioning.android.server.DESK_PORT", port)
    ours = AdbServer("127.0.0.1", port)
    assert await asyncio.to_thread(ours.transports_starting) == []
    visitor = AdbServer("127.0.0.1", port)
    assert await asyncio.to_thread(visitor.transports_starting) == []
    visitor.stop_if_ours()
    assert await asyncio.to_thread(visitor.transports) == []
    ours.stop_if_ours()
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await asyncio.to_thread(visitor.transports)
            except HubError:
                break
            await asyncio.sleep(0.05)
