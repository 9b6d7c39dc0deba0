"""All Androids that this machine's adb server sees, and their comings and goings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from provisioning.android.deadlines import UNHURRIED, Deadlines
from provisioning.android.handset import AndroidHandset
from provisioning.android.server import AdbServer
from provisioning.android.tracker import Tracker
from provisioning.android.transports import Transport, remedy
from provisioning.android.wire import Line
from provisioning.bays.port_path import path_of_location
from provisioning.errors import HubError
from provisioning.handset import Arrived, Attachment, Changed, Departed, Handset, HubFound, HubLost, Movement
from provisioning.organisation import Organisation
from provisioning.platforms import Platform
from provisioning.turns import Turns

logger = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between two looks at the list. adb 29.0.6 keeps silent about ``unauthorized``, and a tracker can die."""
BACK_OFF = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds before the server is looked for again; the last one stays."""


class AndroidHub:
    """The Android side of the desk.

    ``bays`` maps what names a port, its devpath (``usb:1-1.3``, also without ``usb:``) or a transport serial, to a
    label; it is looked into at each plug, so it may change meanwhile. An attachment's ``connection`` is the transport
    serial; where two handsets share one (``0123456789ABCDEF`` and blank ones exist), the later gets ``#`` and its
    transport number after it.
    """

    def __init__(
        self,
        organisation: Organisation,
        host: str,
        port: int,
        bays: Mapping[str, str],
        deadlines: Deadlines = UNHURRIED,
        *,
        turns: Turns | None = None,
    ) -> None:
        self._organisation = organisation
        self._server = AdbServer(host, port)
        self._bays = bays
        self._deadlines = deadlines
        self._turns = turns or Turns()
        self._known: dict[int, tuple[Transport, Attachment]] = {}
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="adb hub")
        self._lines: set[Line] = set()
        self._trackers: set[Tracker] = set()
        self._closed = False

    @property
    def platform(self) -> Platform:
        """Android."""
        return Platform.ANDROID

    async def attached(self) -> list[Attachment]:
        """List what is attached now, in whatever state. Raises HubError with a sentence."""
        self._take(await self._listing())
        return [attachment for _, attachment in self._known.values()]

    async def movements(self) -> AsyncGenerator[Movement, None]:
        """Yield what comes, goes and changes state; while the server cannot be reached, HubLost once, then HubFound.

        The list itself decides, each time as a whole; the tracker only says when to look. So adbutils' “absent” before
        each change of state is never seen, and an event that a server does not send is found at the next look.
        """
        reported: dict[int, Attachment] = {}
        failures = 0
        nudge = asyncio.Event()
        tracker = Tracker(self._server, asyncio.get_running_loop(), nudge)
        self._trackers.add(tracker)
        try:
            while not self._closed:
                nudge.clear()
                try:
                    transports = await self._listing()
                except HubError as error:
                    # What hung on that server hangs nowhere now; its sockets are dead.
                    for attachment in reported.values():
                        yield Departed(attachment)
                    reported, self._known = {}, {}
                    if failures == 0:
                        yield HubLost(Platform.ANDROID, str(error))
                    await asyncio.sleep(BACK_OFF[min(failures, len(BACK_OFF) - 1)])
                    failures += 1
                    continue
                if failures:
                    yield HubFound(Platform.ANDROID)
                failures = 0
                tracker.begin()
                self._take(transports)
                now = {number: attachment for number, (_, attachment) in self._known.items()}
                for movement in _differences(reported, now):
                    yield movement
                reported = now
                try:
                    async with asyncio.timeout(POLL):
                        await nudge.wait()
                except TimeoutError:
                    pass
        finally:
            self._trackers.discard(tracker)
            tracker.stop()

    def handset(self, attachment: Attachment) -> Handset:
        """Open the handset that hangs on a connection from this hub's last list; no traffic yet.

        One that is not on it any more opens too, and is gone at the first word.
        """
        found = next((one for one, known in self._known.values() if known.connection == attachment.connection), None)
        transport = found or Transport(attachment.connection, attachment.state, 0)
        return AndroidHandset(
            attachment, transport, self._server, self._organisation, self._deadlines, turns=self._turns
        )

    async def close(self) -> None:
        """Stop watching, end the threads, and stop the adb server if this hub started it."""
        if self._closed:
            return
        self._closed = True
        for tracker in tuple(self._trackers):
            tracker.stop()
        for line in tuple(self._lines):
            line.cut()
        await asyncio.get_running_loop().run_in_executor(self._executor, self._server.stop_if_ours)
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _listing(self) -> list[Transport]:
        if self._closed:
            raise HubError("The Android hub is closed.")
        line = Line()
        self._lines.add(line)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, self._server.transports_starting, line)
        finally:
            line.cut()
            self._lines.discard(line)

    def _take(self, transports: Iterable[Transport]) -> None:
        """Keep the list, giving each new transport a connection name that no other has."""
        known: dict[int, tuple[Transport, Attachment]] = {}
        fresh: list[Transport] = []
        for transport in transports:
            before = self._known.get(transport.number)
            if before is not None and before[0].serial == transport.serial:
                known[transport.number] = (
                    transport,
                    replace(before[1], state=transport.state, remedy=remedy(transport)),
                )
            else:
                fresh.append(transport)
        taken = {attachment.connection for _, attachment in known.values()}
        for transport in fresh:
            name = transport.serial if transport.serial not in taken else f"{transport.serial}#{transport.number}"
            taken.add(name)
            known[transport.number] = (transport, self._attachment(transport, name))
            if rule := remedy(transport):
                logger.warning("no permission for %s; udev rule: %s", transport.devpath, rule)
        self._known = known

    def _attachment(self, transport: Transport, name: str) -> Attachment:
        port = _port(transport.devpath)
        label = next(
            (self._bays[key] for key in (transport.devpath, port, transport.serial) if key in self._bays), None
        )
        return Attachment(
            Platform.ANDROID,
            name,
            label or port or name,
            state=transport.state,
            remedy=remedy(transport),
            # A handset by TCP has a socket of its own; any other serial is the handset's and names no port.
            port=port or (transport.serial if ":" in transport.serial else ""),
        )


def _port(devpath: str) -> str:
    """Give the port of a devpath: ``usb:1-1.3``, or on macOS without libusb ``usb:338886656X``, the LocationID."""
    port = devpath.removeprefix("usb:")
    if port.endswith("X") and port[:-1].isascii() and port[:-1].isdigit() and len(port) <= 11:
        path = path_of_location(int(port[:-1]))
        return str(path) if path is not None else port
    return port


def _differences(before: Mapping[int, Attachment], now: Mapping[int, Attachment]) -> list[Movement]:
    """Tell departures first: a connection name may go on to the next handset in the same look."""
    gone = [Departed(one) for number, one in before.items() if number not in now or _other(one, now[number])]
    new = [Arrived(one) for number, one in now.items() if number not in before or _other(one, before[number])]
    changed = [Changed(one) for number, one in now.items() if number in before and _changed(before[number], one)]
    return [*gone, *new, *changed]


def _other(one: Attachment, another: Attachment) -> bool:
    return one.connection != another.connection or one.bay != another.bay


def _changed(before: Attachment, now: Attachment) -> bool:
    return not _other(before, now) and before.state != now.state
