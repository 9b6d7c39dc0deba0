"""Everything that goes over the cable of one handset: one lockdown session, kept, and services when they are needed."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

from provisioning.apple import answers, usbmux
from provisioning.apple.answers import Answer
from provisioning.apple.deadlines import Deadlines
from provisioning.apple.failures import within
from provisioning.apple.lockdown import PORT, Lockdown, LockdownRefused
from provisioning.apple.pair_records import PairRecord, PairRecords
from provisioning.apple.usbmux import HubMute, NotReachable, Usbmux
from provisioning.apple.wire import RecordRejected, Wire
from provisioning.errors import HandsetGone, HandsetRefused, HandsetSilent, HubError

Given = TypeVar("Given")

logger = logging.getLogger(__name__)


class Cable:
    """The way to one handset. ``device_id`` is usbmuxd's number for the connection, ``udid`` whose it is said to be.

    lockdownd hangs up after some ten seconds of idleness; the session is then opened again, once, by itself. Only
    reading and starting services goes that way: nothing that changes a handset is ever repeated here.
    Services may be started side by side; what lockdownd is asked for them goes one after the other.
    """

    def __init__(self, device_id: int, udid: str, records: PairRecords, deadlines: Deadlines) -> None:
        self.device_id = device_id
        self.udid = udid
        self.records = records
        self.deadlines = deadlines
        self._lockdown: Lockdown | None = None
        self._turn = asyncio.Lock()

    async def lockdown(self, doing: str) -> Lockdown:
        """Give the conversation with lockdownd, in a session if the handset knows one of our pair records."""
        if self._lockdown is not None and self._lockdown.wire.alive:
            return self._lockdown
        await self._drop()
        self._lockdown = await self._open_lockdown(doing)
        return self._lockdown

    async def introduction(self, doing: str) -> tuple[Answer, bool]:
        """Read all values, in a session or not, and say whether it was in one."""
        kept = self._lockdown
        try:
            lockdown = await self.lockdown(doing)
            # a conversation that has just begun has begun with reading them
            values = await lockdown.all_values(doing) if lockdown is kept else lockdown.values
        except HandsetGone:
            if kept is None:
                raise
            await self._drop()
            lockdown = await self.lockdown(doing)
            values = lockdown.values
        return values, lockdown.record is not None

    async def has_record(self, doing: str) -> bool:
        """Say whether a pair record for it is to be had, be it one that the handset does not know."""
        try:
            async with await Usbmux.open(self.deadlines.hub) as mux:
                return bool(await self.records.find(self.udid, mux))
        except HubError as error:
            raise HandsetGone(doing) from error

    async def values(self, doing: str) -> Answer:
        """Read all values in a session. Raises HandsetRefused where there is none."""
        return await self._in_session(doing, lambda lockdown: lockdown.all_values(doing))

    async def value(self, doing: str, domain: str | None, key: str) -> object:
        """Read one value in a session; None where the handset has none."""
        return await self._in_session(doing, lambda lockdown: lockdown.value(doing, domain, key))

    async def service(self, doing: str, name: str) -> Wire:
        """Start a service and connect to it."""
        port, tls = await self._in_session(doing, lambda lockdown: lockdown.start_service(doing, name))
        return await self._connect(doing, port, name.rpartition(".")[2], tls)

    async def close(self) -> None:
        """End the session. Safe at any time; the next call opens another."""
        await self._drop()

    async def _in_session(self, doing: str, work: Callable[[Lockdown], Awaitable[Given]]) -> Given:
        async with self._turn:
            return await self._in_this_session(doing, work)

    async def _in_this_session(self, doing: str, work: Callable[[Lockdown], Awaitable[Given]]) -> Given:
        kept = self._lockdown is not None
        try:
            return await work(await self._session(doing))
        except HandsetGone:
            if not kept:
                raise
        except LockdownRefused as refusal:
            if refusal.word != "SessionInactive":
                raise
        logger.debug("lockdownd had hung up while %s; connecting again", doing)
        await self._drop()
        return await work(await self._session(doing))

    async def _session(self, doing: str) -> Lockdown:
        lockdown = await self.lockdown(doing)
        if lockdown.record is None:
            raise HandsetRefused(doing, "it does not trust this desk; unlock it and tap “Trust”.")
        return lockdown

    async def _drop(self) -> None:
        if self._lockdown is not None:
            lockdown, self._lockdown = self._lockdown, None
            await lockdown.wire.close()

    async def _open_lockdown(self, doing: str) -> Lockdown:
        records: list[PairRecord] = []
        wire = await self._connect(doing, PORT, "lockdown", None, records)
        lockdown = Lockdown(wire, self.deadlines)
        try:
            values = await lockdown.all_values(doing)
            told = answers.text(values, "UniqueDeviceID")
            if self.udid and told is not None and usbmux.with_dash(told).casefold() != self.udid.casefold():
                # usbmuxd counts DeviceIDs from 1 again when it restarts: this one now names another handset
                raise HandsetGone(doing)
            for record in records:
                if await self._known(lockdown, record, doing):
                    break
        except BaseException:
            await wire.cut()
            raise
        if not wire.alive:  # the handset refused a record by ending TLS, and with it the connection
            wire = await self._connect(doing, PORT, "lockdown", None)
            lockdown = Lockdown(wire, self.deadlines)
            await lockdown.all_values(doing)
        return lockdown

    async def _known(self, lockdown: Lockdown, record: PairRecord, doing: str) -> bool:
        if not lockdown.wire.alive:
            return False
        try:
            await lockdown.start_session(doing, record)
        except RecordRejected:
            return False
        except LockdownRefused as refusal:
            if refusal.word != "InvalidHostID":
                raise
            return False
        return True

    async def _connect(
        self,
        doing: str,
        port: int,
        name: str,
        context: ssl.SSLContext | None,
        records: list[PairRecord] | None = None,
    ) -> Wire:
        reader, writer = await within(self.deadlines.connect, doing, self._dial(doing, port, records))
        wire = Wire(reader, writer, name, self.deadlines)
        if context is not None:
            await wire.secure(context, doing)
        return wire

    async def _dial(
        self, doing: str, port: int, records: list[PairRecord] | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with await Usbmux.open(self.deadlines.hub) as mux:
                if records is not None:
                    records += await self.records.find(self.udid, mux)
                return await mux.connect(self.device_id, port)
        except HubMute as error:
            raise HandsetSilent(doing, self.deadlines.hub) from error
        except (NotReachable, HubError) as error:
            raise HandsetGone(doing) from error
