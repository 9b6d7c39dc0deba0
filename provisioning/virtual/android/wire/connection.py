"""One host connected to adbd: CNXN, AUTH, then streams.

Order and refusals follow AOSP ``adb.cpp`` (``handle_new_connection``, ``handle_packet``) and ``daemon/auth.cpp``: the
host speaks first; an unknown signature gets a new token; an offered public key gets silence until a person answers;
what arrives before that is dropped; a packet that cannot be one drops the connection and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Coroutine
from typing import Protocol

from provisioning.virtual.android.wire.features import DELAYED_ACK
from provisioning.virtual.android.wire.keys import HostKey, parse_host_key
from provisioning.virtual.android.wire.packets import (
    OLDEST_PAYLOAD,
    VERSION_WITHOUT_CHECKSUMS,
    Command,
    MalformedPacket,
    Packet,
    read_packet,
)
from provisioning.virtual.android.wire.streams import Stream, StreamClosed

logger = logging.getLogger(__name__)

AUTH_TOKEN, AUTH_SIGNATURE, AUTH_PUBLIC_KEY = 1, 2, 3
_MOST_STREAMS = 1024
_PATIENCE_AFTER_FAILURES = 256

Service = Callable[[Stream], Coroutine[None, None, None]]


class Daemon(Protocol):
    """What a connection asks of the handset behind it."""

    @property
    def largest_payload(self) -> int:
        """Give the maxdata that it announces."""
        ...

    @property
    def protocol_version(self) -> int:
        """Give the protocol version that it announces."""
        ...

    def answers(self) -> bool:
        """Tell whether it answers a CNXN at all; one that does not is shown as ``offline``."""
        ...

    def needs_authorisation(self) -> bool:
        """Tell whether it asks for the host's key (not in trade-in mode)."""
        ...

    def banner(self) -> bytes:
        """Give the system identity string of its CNXN."""
        ...

    def recognises(self, token: bytes, signature: bytes) -> bool:
        """Tell whether a remembered key made ``signature``."""
        ...

    async def confirm(self, key: HostKey) -> bool:
        """Show the dialog and wait for a person; False for No. May wait for ever."""
        ...

    def went_online(self, connection: Connection) -> None:
        """Hear that a host is authorised."""
        ...

    def service(self, name: str, connection: Connection) -> Service | None:
        """Find the service for ``name``; None refuses it (the host sees ``closed``)."""
        ...


class Connection:
    """A host on one TCP connection, from the first byte until it hangs up or is dropped."""

    def __init__(self, daemon: Daemon, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._daemon = daemon
        self._reader = reader
        self._writer = writer
        self._checksums = True
        self._largest = OLDEST_PAYLOAD
        self._delayed = False
        self._online = False
        self._token = b""
        self._failures = 0
        self._streams: dict[int, Stream] = {}
        self._next_id = 1
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped = False

    async def serve(self) -> None:
        """Talk until the host hangs up, the handset drops it, or a packet cannot be one."""
        try:
            while not self._dropped:
                packet = await read_packet(self._reader, self._daemon.largest_payload, self._checksums)
                await self._take(packet)
        except (asyncio.IncompleteReadError, ConnectionError):
            # A connect without a CNXN is normal: `adb connect` probes an address before it uses it.
            logger.debug("host hung up")
        except MalformedPacket as error:
            logger.info("dropping a host: %s", error)
        finally:
            await self._end()

    def drop(self) -> None:
        """Cut the connection as a pulled cable does: nothing more is sent, services die where they are."""
        self._dropped = True
        transport = self._writer.transport
        if not transport.is_closing():
            transport.abort()
        for stream in self._streams.values():
            stream.abort()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()

    async def send(self, packet: Packet) -> None:
        """Send one packet; silently nothing once the connection is gone."""
        if self._dropped or self._writer.is_closing():
            return
        greeting = packet.command in {Command.CNXN, Command.AUTH}
        self._writer.write(packet.encode(self._checksums or greeting))
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def _take(self, packet: Packet) -> None:
        if packet.command == Command.CNXN:
            await self._hello(packet)
        elif packet.command == Command.AUTH:
            await self._authorise(packet)
        elif not self._online:
            return
        elif packet.command == Command.OPEN:
            await self._open(packet)
        elif packet.command in {Command.OKAY, Command.WRTE, Command.CLSE}:
            await self._to_stream(packet)

    async def _hello(self, packet: Packet) -> None:
        self._online = False
        for stream in self._streams.values():
            stream.abort()
        self._checksums = min(packet.arg0, self._daemon.protocol_version) < VERSION_WITHOUT_CHECKSUMS
        self._largest = max(1, min(packet.arg1, self._daemon.largest_payload))
        offered = _features_of(packet.payload)
        self._delayed = DELAYED_ACK in offered and DELAYED_ACK in _features_of(self._daemon.banner())
        if not self._daemon.answers():
            return
        if self._daemon.needs_authorisation():
            await self._send_token()
        else:
            await self._go_online()

    async def _send_token(self) -> None:
        self._token = os.urandom(20)
        await self.send(Packet(Command.AUTH, AUTH_TOKEN, 0, self._token))

    async def _authorise(self, packet: Packet) -> None:
        if self._online or not self._token:
            return
        if packet.arg0 == AUTH_SIGNATURE:
            if self._daemon.recognises(self._token, packet.payload):
                await self._go_online()
                return
            self._failures += 1
            if self._failures > _PATIENCE_AFTER_FAILURES:
                await asyncio.sleep(1)
            await self._send_token()
        elif packet.arg0 == AUTH_PUBLIC_KEY:
            key = parse_host_key(packet.payload)
            if key is not None:
                self._start(self._ask(key))

    async def _ask(self, key: HostKey) -> None:
        if await self._daemon.confirm(key) and not self._online:
            await self._go_online()

    async def _go_online(self) -> None:
        self._online = True
        await self.send(
            Packet(Command.CNXN, self._daemon.protocol_version, self._daemon.largest_payload, self._daemon.banner())
        )
        self._daemon.went_online(self)

    async def _open(self, packet: Packet) -> None:
        if packet.arg0 == 0:
            return
        name = packet.payload.rstrip(b"\0").decode("utf-8", "surrogateescape")
        service = None
        if bool(packet.arg1) == self._delayed and len(self._streams) < _MOST_STREAMS:
            service = self._daemon.service(name, self)
        if service is None:
            await self.send(Packet(Command.CLSE, 0, packet.arg0))
            return
        local = self._next_id
        self._next_id += 1
        stream = Stream(local, packet.arg0, self.send, self._largest, packet.arg1 if self._delayed else None)
        self._streams[local] = stream
        self._start(self._run(stream, service))

    async def _run(self, stream: Stream, service: Service) -> None:
        try:
            await stream.accept()
            await service(stream)
        except StreamClosed:
            pass
        finally:
            if not self._dropped:
                await stream.close()
            self._streams.pop(stream.local, None)

    async def _to_stream(self, packet: Packet) -> None:
        stream = self._streams.get(packet.arg1)
        if stream is None or packet.arg0 not in {0, stream.remote}:
            if packet.command in {Command.WRTE, Command.OKAY} and packet.arg0:
                await self.send(Packet(Command.CLSE, 0, packet.arg0))
        elif packet.command == Command.CLSE:
            stream.closed_by_host()
        elif packet.command == Command.OKAY:
            stream.granted(packet.payload)
        else:
            stream.arrived(packet.payload)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a service of the virtual handset failed", exc_info=error)

    async def _end(self) -> None:
        self._dropped = True
        for stream in self._streams.values():
            stream.abort()
        own = asyncio.current_task()
        pending = [task for task in self._tasks if task is not own]
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.gather(*pending, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            await self._writer.wait_closed()


def _features_of(banner: bytes) -> frozenset[str]:
    for part in banner.decode("utf-8", "replace").split("::", 1)[-1].split(";"):
        key, _, value = part.strip("\0").partition("=")
        if key == "features":
            return frozenset(value.split(","))
    return frozenset()
