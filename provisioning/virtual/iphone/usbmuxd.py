"""usbmuxd: one socket of the host, many phones behind it.

The plist protocol of usbmuxd 2efa75a (src/client.c, src/usbmuxd-proto.h): 16 bytes of header in little endian, an XML
property list; a socket carries many requests until Connect succeeds and then is the phone's; a listening one takes no
more requests; requests longer than 64 KiB end it; what cannot be parsed is not answered. The binary protocol of 2010 is
not served: its requests get a Result that says so.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import struct
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from provisioning.virtual.iphone.bus import Attached, Bus, Chores, Event
from provisioning.virtual.iphone.conversation import meet
from provisioning.virtual.iphone.lockdownd import LOCKDOWN_PORT, serve_lockdown, start_tls
from provisioning.virtual.iphone.phone import StartedService, VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist, WireError, parse_message, xml
from provisioning.virtual.iphone.services import SERVICES
from provisioning.virtual.iphone.stream import DeviceStream
from provisioning.virtual.scenario import Fault

logger = logging.getLogger(__name__)

_HEADER = struct.Struct("<IIII")
_LONGEST: Final = 0x10000
_LAZIEST: Final = 1 << 20
"""A listener that lets that many bytes of events wait is dropped."""
_PLIST_VERSION, _PLIST_MESSAGE, _RESULT_MESSAGE = 1, 8, 1
_OK, _BAD_COMMAND, _BAD_DEVICE, _REFUSED, _BAD_VERSION = 0, 1, 2, 3, 6
_DARK: Final = 0.3
"""Seconds that a daemon takes to come back when it has died."""


class _Client:
    """One program on the host."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.reader = reader
        self.writer = writer
        self.listening = False
        self.program = "unknown"
        self.library_version = 0

    def send(self, tag: int, body: Mapping[str, Plist]) -> None:
        """Queue a property list; a client that does not read is dropped."""
        if self.writer.is_closing():
            return
        data = xml(body)
        self.writer.write(_HEADER.pack(_HEADER.size + len(data), _PLIST_VERSION, _PLIST_MESSAGE, tag) + data)
        if self.writer.transport.get_write_buffer_size() > _LAZIEST:
            self.writer.transport.abort()

    def result(self, tag: int, number: int) -> None:
        """Queue a Result."""
        self.send(tag, {"MessageType": "Result", "Number": number})


class Usbmuxd:
    """The host's daemon. ``phones`` are all that may ever be plugged in, with their LocationIDs."""

    def __init__(self, phones: Mapping[VirtualIPhone, int]) -> None:
        self._buid = str(uuid.uuid4()).upper()
        self._chores = Chores()
        self._bus = Bus(phones, self._buid, self._chores, self._tell)
        self._clients: set[_Client] = set()
        self._client_count = 0
        self._server: asyncio.Server | None = None
        self._port = 0
        self._stopped = False

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen, plug in every phone and wait until those are shown that need no person."""
        await self._listen()
        for phone in self._bus.phones:
            self.plug(phone)
        await self._bus.settle()

    async def stop(self) -> None:
        """Close every socket and end every task; safe twice."""
        self._stopped = True
        self._drop_clients()
        self._bus.reset()
        if self._server is not None:
            self._server.close()
            with suppress(OSError):
                await self._server.wait_closed()
        await self._chores.end()

    def plug(self, phone: VirtualIPhone) -> None:
        """Plug a phone in; see :meth:`Bus.plug`."""
        if not self._stopped:
            self._bus.plug(phone)

    def unplug(self, phone: VirtualIPhone) -> None:
        """Pull a phone's cable."""
        self._bus.unplug(phone)

    def restart(self) -> None:
        """Die and come back on the same port a moment later; DeviceIDs begin again, pair records lie on disk."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        self._drop_clients()
        plugged = self._bus.reset()
        self._chores.start(lambda: self._come_back(plugged))

    async def _come_back(self, phones: list[VirtualIPhone]) -> None:
        await asyncio.sleep(_DARK)
        await self._listen()
        for phone in phones:
            self.plug(phone)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._meet_client, "127.0.0.1", self._port, backlog=256)
        self._port = self._server.sockets[0].getsockname()[1]

    def _drop_clients(self) -> None:
        """Break every connection at once; nobody is told anything any more."""
        for client in tuple(self._clients):
            client.writer.transport.abort()
        self._clients.clear()

    def _tell(self, event: Event) -> None:
        for client in self._clients:
            if client.listening:
                client.send(0, event)

    def _meet_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._client_count += 1
        client = _Client(self._client_count, reader, writer)
        self._clients.add(client)
        self._chores.start(lambda: self._serve_client(client))

    async def _serve_client(self, client: _Client) -> None:
        try:
            await self._serve_requests(client)
        finally:
            self._clients.discard(client)
            client.writer.close()

    async def _serve_requests(self, client: _Client) -> None:
        while True:
            try:
                length, version, message, tag = _HEADER.unpack(await client.reader.readexactly(_HEADER.size))
                if not _HEADER.size <= length <= _LONGEST:
                    return
                body = await client.reader.readexactly(length - _HEADER.size)
            except (asyncio.IncompleteReadError, OSError):
                return
            if client.listening:
                client.result(tag, _BAD_COMMAND)
                return
            if version not in (0, _PLIST_VERSION) or message != _PLIST_MESSAGE:
                wrong = _BAD_COMMAND if version == _PLIST_VERSION else _BAD_VERSION
                client.writer.write(_HEADER.pack(20, version & 1, _RESULT_MESSAGE, tag) + struct.pack("<I", wrong))
                continue
            try:
                request = parse_message(body)
            except WireError:
                continue
            if not await self._answer(client, tag, request):
                return
            with suppress(OSError):
                await client.writer.drain()

    async def _answer(self, client: _Client, tag: int, request: Message) -> bool:
        """Answer one request; gives False where the socket has served its time."""
        client.program = request.text("ProgName") or client.program
        client.library_version = request.number("kLibUSBMuxVersion") or 0
        kind = request.text("MessageType")
        if kind == "Connect":
            return not await self._connect(client, tag, request)
        if not await self._meet_faults(client, kind, request):
            return False
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, client, tag, request)
        elif kind:
            client.result(tag, _BAD_COMMAND)
        return True

    async def _meet_faults(self, client: _Client, kind: str, request: Message) -> bool:
        """Let a fault strike that some phone has for this request; gives False where the socket broke.

        These are the host's messages, so a phone's ``at=*`` leaves them alone.
        """
        named = request.text("PairRecordID")
        for attached in self._bus.attached:
            if named in ("", attached.phone.udid) and attached.phone.faults.waits_for(kind):
                stream = DeviceStream(client.reader, client.writer)
                if await meet(attached.phone, stream, kind) is not None:
                    await stream.send(bytes(range(64)))
                    return False
        return True

    def list_devices(self, client: _Client, tag: int, request: Message) -> None:
        """List the phones that preflight has shown."""
        del request
        client.send(tag, {"DeviceList": [attached.announcement() for attached in self._bus.shown]})

    def listen(self, client: _Client, tag: int, request: Message) -> None:
        """Tell of all phones now and of every coming and going."""
        del request
        client.result(tag, _OK)
        client.listening = True
        for attached in self._bus.shown:
            client.send(0, attached.announcement())

    def list_listeners(self, client: _Client, tag: int, request: Message) -> None:
        """List the programs that listen."""
        del request
        listeners: list[Plist] = [
            {
                "Blacklisted": False,
                "ConnType": 0,
                "ID String": f"{other.number}-{other.program}",
                "ProgName": other.program,
                "kLibUSBMuxVersion": other.library_version,
            }
            for other in self._clients
            if other.listening
        ]
        client.send(tag, {"ListenerList": listeners})

    def read_buid(self, client: _Client, tag: int, request: Message) -> None:
        """Tell the host's own identifier."""
        del request
        client.send(tag, {"BUID": self._buid})

    def read_pair_record(self, client: _Client, tag: int, request: Message) -> None:
        """Give a pair record as data."""
        name = request.text("PairRecordID")
        record = self._bus.records.get(name)
        if record is None:
            client.result(tag, errno.ENOENT if name else errno.EINVAL)
        else:
            client.send(tag, {"PairRecordData": record})

    def save_pair_record(self, client: _Client, tag: int, request: Message) -> None:
        """Keep a pair record, and tell listeners if it says which DeviceID it belongs to."""
        name, record = request.text("PairRecordID"), request.data("PairRecordData")
        if not name or record is None:
            client.result(tag, errno.EINVAL)
            return
        self._bus.store(name, record, request.number("DeviceID"))
        client.result(tag, _OK)

    def delete_pair_record(self, client: _Client, tag: int, request: Message) -> None:
        """Forget a pair record."""
        name = request.text("PairRecordID")
        if not name:
            client.result(tag, errno.EINVAL)
        else:
            client.result(tag, errno.ENOENT if self._bus.records.pop(name, None) is None else _OK)

    async def _connect(self, client: _Client, tag: int, request: Message) -> bool:
        """Connect to a port of a phone and serve it to the end; gives False where that was refused."""
        attached = self._bus.find(request.number("DeviceID"))
        port = request.number("PortNumber")
        if attached is None or port is None:
            client.result(tag, _BAD_DEVICE if attached is None else _BAD_COMMAND)
            return False
        port = int.from_bytes((port & 0xFFFF).to_bytes(2, "little"), "big")
        stream = DeviceStream(client.reader, client.writer)
        await attached.phone.pace.wait("Connect")
        fault = await meet(attached.phone, stream, "Connect")
        service = None if port == LOCKDOWN_PORT else attached.phone.take_port(port)
        refused = port != LOCKDOWN_PORT and service is None
        if refused or (fault is not None and fault.name == "error"):
            client.result(tag, fault.number("number", _REFUSED) if fault else _REFUSED)
            return False
        client.result(tag, _OK)
        await self._serve_phone(attached, stream, service, fault)
        return True

    async def _serve_phone(
        self, attached: Attached, stream: DeviceStream, service: StartedService | None, fault: Fault | None
    ) -> None:
        attached.streams.add(stream)
        try:
            if fault is not None:
                await stream.send(bytes(range(32)))
            elif service is None:
                await serve_lockdown(attached.phone, stream)
            else:
                if service.host is not None:
                    await start_tls(attached.phone, stream, service.host)
                await SERVICES[service.name].serve(attached.phone, stream)
        finally:
            attached.streams.discard(stream)


_HANDLERS: Final[Mapping[str, Callable[[Usbmuxd, _Client, int, Message], None]]] = {
    "ListDevices": Usbmuxd.list_devices,
    "Listen": Usbmuxd.listen,
    "ListListeners": Usbmuxd.list_listeners,
    "ReadBUID": Usbmuxd.read_buid,
    "ReadPairRecord": Usbmuxd.read_pair_record,
    "SavePairRecord": Usbmuxd.save_pair_record,
    "DeletePairRecord": Usbmuxd.delete_pair_record,
}
