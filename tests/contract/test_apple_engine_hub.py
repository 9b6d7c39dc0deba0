"""The hub sees iPhones come and go through whatever usbmuxd does: start late, restart, stay mute, talk nonsense.

The usbmuxd here is the smallest that can be pulled away in the middle; handsets behind it are tested on the rack.
"""

from __future__ import annotations

import asyncio
import plistlib
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from provisioning.apple.deadlines import Deadlines
from provisioning.apple.hub import AppleHub
from provisioning.errors import HubError, UsageError
from provisioning.handset import Arrived, Departed, HubFound, HubLost, Movement
from provisioning.organisation import DeviceController, Organisation, SupervisionIdentity
from provisioning.platforms import Platform

UDID = "00008110-000A1B2C3D4E801E"
OTHER = "00008120-001905DE2E9B401E"
HEADER = struct.Struct("<IIII")


class TinyUsbmuxd:
    """Lists and tells of handsets. ``mute`` answers nothing, ``nonsense`` replaces the body of every answer."""

    def __init__(self) -> None:
        self.port = 0
        self.mute = False
        self.nonsense: bytes | None = None
        self.records: dict[int, dict[str, Any]] = {}
        self.sockets_seen = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._listening: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    def attach(self, device_id: int, udid: str, kind: str = "USB", location: int = 65537) -> None:
        properties = {"ConnectionType": kind, "DeviceID": device_id, "LocationID": location, "ProductID": 4776,
                      "SerialNumber": udid}  # fmt: skip
        self.records[device_id] = {"MessageType": "Attached", "DeviceID": device_id, "Properties": properties}
        self._tell(self.records[device_id])

    def detach(self, device_id: int) -> None:
        del self.records[device_id]
        self._tell({"MessageType": "Detached", "DeviceID": device_id})

    def pair(self, device_id: int) -> None:
        self._tell({"MessageType": "Paired", "DeviceID": device_id})

    def _tell(self, message: Mapping[str, Any]) -> None:
        for writer in self._listening:
            self._send(writer, message, 0)

    def _send(self, writer: asyncio.StreamWriter, message: Mapping[str, Any], tag: int) -> None:
        body = plistlib.dumps(dict(message)) if self.nonsense is None else self.nonsense
        writer.write(HEADER.pack(HEADER.size + len(body), 1, 8, tag) + body)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sockets_seen += 1
        self._writers.add(writer)
        try:
            while True:
                length, _, _, tag = HEADER.unpack(await reader.readexactly(HEADER.size))
                request = plistlib.loads(await reader.readexactly(length - HEADER.size))
                if self.mute:
                    continue
                if request["MessageType"] == "ListDevices":
                    self._send(writer, {"DeviceList": list(self.records.values())}, tag)
                else:
                    self._send(writer, {"MessageType": "Result", "Number": 0}, tag)
                    self._listening.add(writer)
                    for record in self.records.values():
                        self._send(writer, record, 0)
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            self._writers.discard(writer)
            self._listening.discard(writer)
            writer.transport.abort()


@pytest.fixture
async def usbmuxd(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TinyUsbmuxd]:
    daemon = TinyUsbmuxd()
    await daemon.start()
    monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", f"127.0.0.1:{daemon.port}")
    yield daemon
    await daemon.stop()


@pytest.fixture
async def hub(usbmuxd: TinyUsbmuxd, tmp_path: Path) -> AsyncIterator[AppleHub]:
    hub = AppleHub(_organisation(), tmp_path / "pairing", "desk 4", {"65537": "bay 1"}, deadlines=Deadlines(hub=0.5))
    yield hub
    await hub.close()


def _organisation() -> Organisation:
    def identity() -> SupervisionIdentity:
        raise UsageError("no identity")

    def controller() -> DeviceController:
        raise UsageError("no controller")

    return Organisation("Met Police", "0F0E0D0C-0000-4000-8000-000000000001", identity, controller)


async def _next(movements: AsyncGenerator[Movement, None]) -> Movement:
    async with asyncio.timeout(10):
        return await anext(movements)


async def test_what_is_attached_is_listed_with_its_bay(usbmuxd: TinyUsbmuxd, hub: AppleHub) -> None:
    usbmuxd.attach(1, UDID.replace("-", ""))
    usbmuxd.attach(2, OTHER, location=99)
    usbmuxd.attach(3, OTHER, kind="Network")
    first, second = await hub.attached()
    assert (first.platform, first.connection, first.bay, first.udid) == (Platform.IOS, "1", "bay 1", UDID)
    assert (second.bay, second.udid) == ("2", OTHER)
    assert usbmuxd.sockets_seen == 1


async def test_movements_begin_with_those_already_there(usbmuxd: TinyUsbmuxd, hub: AppleHub) -> None:
    usbmuxd.attach(1, UDID)
    usbmuxd.attach(2, OTHER, kind="Network")
    async with aclosing(hub.movements()) as movements:
        arrived = await _next(movements)
        assert isinstance(arrived, Arrived)
        usbmuxd.pair(1)
        usbmuxd.attach(3, OTHER)
        usbmuxd.detach(1)
        assert isinstance(await _next(movements), Arrived)
        assert await _next(movements) == Departed(arrived.attachment)


async def test_a_number_that_names_another_handset_is_a_departure_and_an_arrival(
    usbmuxd: TinyUsbmuxd, hub: AppleHub
) -> None:
    usbmuxd.attach(1, UDID)
    async with aclosing(hub.movements()) as movements:
        await _next(movements)
        usbmuxd.attach(1, UDID)
        usbmuxd.attach(1, OTHER)
        gone, come = await _next(movements), await _next(movements)
    assert isinstance(gone, Departed)
    assert isinstance(come, Arrived)
    assert (gone.attachment.udid, come.attachment.udid) == (UDID, OTHER)


async def test_a_restart_of_usbmuxd_is_survived(usbmuxd: TinyUsbmuxd, hub: AppleHub) -> None:
    usbmuxd.attach(1, UDID)
    async with aclosing(hub.movements()) as movements:
        await _next(movements)
        await usbmuxd.stop()
        assert isinstance(await _next(movements), Departed)
        lost = await _next(movements)
        assert isinstance(lost, HubLost)
        usbmuxd.records.clear()
        usbmuxd.attach(7, UDID)
        await usbmuxd.start()
        assert await _next(movements) == HubFound(Platform.IOS)
        back = await _next(movements)
        assert isinstance(back, Arrived)
        assert back.attachment.connection == "7"


async def test_no_usbmuxd_is_one_movement_with_advice_not_many(usbmuxd: TinyUsbmuxd, hub: AppleHub) -> None:
    await usbmuxd.stop()
    async with aclosing(hub.movements()) as movements:
        lost = await _next(movements)
        assert isinstance(lost, HubLost)
        assert "USBMUXD_SOCKET_ADDRESS" in lost.sentence
        waiting = asyncio.ensure_future(_next(movements))
        await asyncio.wait({waiting}, timeout=1)
        assert not waiting.done()
        await usbmuxd.start()
        assert await waiting == HubFound(Platform.IOS)
    await usbmuxd.stop()
    with pytest.raises(HubError, match="No iPhone can be seen"):
        await hub.attached()
    await usbmuxd.start()


async def test_a_mute_usbmuxd_is_not_waited_for(usbmuxd: TinyUsbmuxd, hub: AppleHub) -> None:
    usbmuxd.mute = True
    with pytest.raises(HubError, match="does not answer"):
        await hub.attached()
    async with aclosing(hub.movements()) as movements:
        assert isinstance(await _next(movements), HubLost)
        usbmuxd.mute = False
        assert isinstance(await _next(movements), HubFound)


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"nonsense", plistlib.dumps([]), plistlib.dumps({"DeviceList": [{"DeviceID": "x"}]}),
     plistlib.dumps({"DeviceList": [{"DeviceID": 1, "Properties": {"SerialNumber": "../../etc/passwd"}}]})],
)  # fmt: skip
async def test_nonsense_is_an_error_and_never_an_empty_desk(
    usbmuxd: TinyUsbmuxd, hub: AppleHub, nonsense: bytes
) -> None:
    usbmuxd.nonsense = nonsense
    with pytest.raises(HubError):
        await hub.attached()


async def test_closing_the_hub_ends_the_watch(usbmuxd: TinyUsbmuxd, hub: AppleHub) -> None:
    usbmuxd.attach(1, UDID)
    seen: list[Movement] = []

    async def watch() -> None:
        async with aclosing(hub.movements()) as movements:
            async for movement in movements:
                seen.append(movement)

    watching = asyncio.create_task(watch())
    async with asyncio.timeout(10):
        while not seen:
            await asyncio.sleep(0)
        await hub.close()
        await hub.close()
        await watching
    assert [type(movement) for movement in seen] == [Arrived]


async def test_opening_a_handset_makes_no_traffic(usbmuxd: TinyUsbmuxd, hub: AppleHub) -> None:
    usbmuxd.attach(1, UDID)
    (attachment,) = await hub.attached()
    handset = hub.handset(attachment)
    assert handset.attachment == attachment
    assert usbmuxd.sockets_seen == 1
    await handset.close()
