"""The USB side of the virtual usbmuxd: which phones are plugged in, under what number, and who is shown to clients."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import Plist, WireError
from provisioning.virtual.iphone.preflight import Preflight
from provisioning.virtual.iphone.stream import DeviceStream, HungUp

logger = logging.getLogger(__name__)

_USB_2: Final = 480_000_000
Event = Mapping[str, Plist]


@dataclass(slots=True, eq=False)
class Attached:
    """One phone on the bus, from plug to pull. ``settled`` is set once it is shown, or will not be without a person."""

    number: int
    phone: VirtualIPhone
    location: int
    visible: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    preflight: asyncio.Task[None] | None = None
    streams: set[DeviceStream] = field(default_factory=set[DeviceStream])

    def announcement(self) -> Event:
        """Give the Attached event, as usbmuxd's client.c writes it."""
        properties: dict[str, Plist] = {
            "ConnectionSpeed": _USB_2,
            "ConnectionType": "USB",
            "DeviceID": self.number,
            "LocationID": self.location,
            "ProductID": self.phone.model.usb_product_id,
            "SerialNumber": self.phone.udid,
        }
        return {"MessageType": "Attached", "DeviceID": self.number, "Properties": properties}


class Chores:
    """Background tasks with one end: nothing is left running, and nothing that one of them raises harms the others."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Begin some work."""
        task = asyncio.get_running_loop().create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def end(self) -> None:
        """Cancel everything and wait until it is over; safe twice."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Bus:
    """All phones that may be plugged in, with their LocationIDs, and those that are.

    ``tell`` sends an event to whoever listens. Pair records outlive the daemon, as they do in /var/lib/lockdown.
    """

    def __init__(self, phones: Mapping[VirtualIPhone, int], buid: str, chores: Chores, tell: Callable[[Event], None]):
        self.phones = dict(phones)
        self.records: dict[str, bytes] = {}
        self._buid = buid
        self._chores = chores
        self._tell = tell
        self._attached: dict[int, Attached] = {}
        self._last_number = 0

    @property
    def attached(self) -> tuple[Attached, ...]:
        """Give what is plugged in, shown or not."""
        return tuple(self._attached.values())

    @property
    def shown(self) -> tuple[Attached, ...]:
        """Give what preflight has shown."""
        return tuple(attached for attached in self._attached.values() if attached.visible)

    def find(self, number: int | None) -> Attached | None:
        """Give the phone with that DeviceID."""
        return self._attached.get(number or 0)

    def plug(self, phone: VirtualIPhone) -> None:
        """Plug a phone in under a new DeviceID; does nothing where it is plugged in or lets nothing be seen."""
        if phone.hidden_from_cable or self._attachment_of(phone) is not None:
            return
        self._last_number += 1
        attached = Attached(self._last_number, phone, self.phones[phone])
        self._attached[attached.number] = attached
        phone.replugged()
        attached.preflight = self._chores.start(lambda: self._run_preflight(attached))

    def unplug(self, phone: VirtualIPhone) -> None:
        """Pull a phone's cable: its streams break, listeners hear of it."""
        attached = self._attachment_of(phone)
        if attached is None:
            return
        del self._attached[attached.number]
        if attached.preflight is not None:
            attached.preflight.cancel()
        attached.settled.set()
        for stream in tuple(attached.streams):
            stream.cut()
        if attached.visible:
            self._tell({"MessageType": "Detached", "DeviceID": attached.number})

    def reset(self) -> list[VirtualIPhone]:
        """Lose every phone as a dying daemon does, DeviceIDs with them; gives those that are still on their cable."""
        plugged = [attached.phone for attached in self.attached]
        for phone in plugged:
            self.unplug(phone)
        self._last_number = 0
        return plugged

    async def settle(self) -> None:
        """Wait until every phone is shown or waits for a person."""
        await asyncio.gather(*(attached.settled.wait() for attached in self.attached))

    def store(self, udid: str, record: bytes, number: int | None) -> None:
        """Keep a pair record, and tell listeners if it belongs to a phone that is plugged in under that number."""
        self.records[udid] = record
        attached = self.find(number)
        if attached is not None and attached.phone.udid == udid:
            self._tell({"MessageType": "Paired", "DeviceID": attached.number})

    def _attachment_of(self, phone: VirtualIPhone) -> Attached | None:
        return next((attached for attached in self._attached.values() if attached.phone is phone), None)

    async def _run_preflight(self, attached: Attached) -> None:
        udid = attached.phone.udid

        def show() -> None:
            attached.visible = True
            attached.settled.set()
            self._tell(attached.announcement())

        def store(record: bytes) -> None:
            self.store(udid, record, attached.number)

        try:
            await Preflight(attached.phone, self._buid, self.records.get(udid), show, store).run()
        finally:
            attached.settled.set()


async def _guarded(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except (HungUp, WireError) as error:
        logger.debug("connection ended: %s", error)
    except Exception:  # the daemon is an edge: one client's connection must never take the others with it
        logger.exception("a connection of the virtual usbmuxd failed")
