"""All iPhones and iPads on this machine's cables, as usbmuxd sees them come and go."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from provisioning.apple import ports, usbmux
from provisioning.apple.deadlines import Deadlines
from provisioning.apple.handset import AppleHandset
from provisioning.apple.usbmux import Plugged, Unplugged, Usbmux
from provisioning.errors import HubError
from provisioning.handset import Arrived, Attachment, Departed, HubFound, HubLost, Movement
from provisioning.organisation import Organisation
from provisioning.platforms import Platform
from provisioning.turns import Turns

SHORTEST_PAUSE = 0.2
"""Seconds before usbmuxd is tried again; systemd restarts it within a second."""
LONGEST_PAUSE = 5.0

logger = logging.getLogger(__name__)


class AppleHub:
    """The iPhones of this desk.

    ``pairing_folder`` keeps pair records for hubs that lose theirs (mode 0700). ``host_seed`` makes this desk's
    HostID, so it must differ from desk to desk and stay the same for this one: a home's own identifier, say.
    ``bays`` maps a LocationID in decimal, or a port path such as ``1-1.3``, to a label; it is looked into at each
    plug, so it may change meanwhile.
    """

    def __init__(
        self,
        organisation: Organisation,
        pairing_folder: Path,
        host_seed: str,
        bays: Mapping[str, str],
        *,
        deadlines: Deadlines | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._organisation = organisation
        self._pairing_folder = pairing_folder
        self._host_seed = host_seed
        self._bays = bays
        self._deadlines = deadlines or Deadlines()
        self._turns = turns or Turns()
        self._watching: weakref.WeakSet[Usbmux] = weakref.WeakSet()
        self._handsets: weakref.WeakSet[AppleHandset] = weakref.WeakSet()
        self._closing = asyncio.Event()

    @property
    def platform(self) -> Platform:
        """Which platform it serves."""
        return Platform.IOS

    async def attached(self) -> list[Attachment]:
        """List what is attached now. Raises HubError where usbmuxd cannot be reached or stays mute."""
        async with await Usbmux.open(self._deadlines.hub) as mux:
            plugged = usbmux.handsets(await mux.plugged())
        return [await self._attachment(one) for one in plugged]

    async def movements(self) -> AsyncGenerator[Movement, None]:
        """Yield arrivals and departures as they happen, beginning with those already there.

        While usbmuxd is away (one HubLost) it is tried again with growing pauses; HubFound follows when it is back.
        Ends when the hub is closed.
        """
        present: dict[int, Attachment] = {}
        lost = False
        pause = SHORTEST_PAUSE
        while not self._closing.is_set():
            try:
                async with await self._listening() as mux:
                    if lost:
                        lost = False
                        yield HubFound(Platform.IOS)
                    pause = SHORTEST_PAUSE
                    while True:
                        for movement in await self._movements(await mux.event(), present):
                            yield movement
            except HubError as error:
                if self._closing.is_set():
                    return
                logger.debug("usbmuxd is not to be had: %s", error)
                for gone in tuple(present.values()):
                    yield Departed(gone)
                present.clear()
                if not lost:
                    lost = True
                    yield HubLost(Platform.IOS, str(error))
            await self._rest(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def handset(self, attachment: Attachment) -> AppleHandset:
        """Open a handset on a connection; no traffic yet."""
        handset = AppleHandset(
            attachment,
            organisation=self._organisation,
            pairing_folder=self._pairing_folder,
            host_seed=self._host_seed,
            deadlines=self._deadlines,
            turns=self._turns,
        )
        self._handsets.add(handset)
        return handset

    async def close(self) -> None:
        """Stop watching and cut every connection, those of its handsets included. Safe twice."""
        self._closing.set()
        for mux in tuple(self._watching):
            mux.close()
        for handset in tuple(self._handsets):
            await handset.close()

    async def _listening(self) -> Usbmux:
        mux = await Usbmux.open(self._deadlines.hub)
        self._watching.add(mux)
        try:
            await mux.listen()
        except BaseException:
            mux.close()
            raise
        return mux

    async def _movements(self, event: Plugged | Unplugged, present: dict[int, Attachment]) -> list[Movement]:
        if isinstance(event, Unplugged):
            gone = present.pop(event.device_id, None)
            return [] if gone is None else [Departed(gone)]
        if not event.usb:
            return []
        before = present.get(event.device_id)
        if before is not None and before.udid == event.serial:
            return []
        attachment = await self._attachment(event)
        present[event.device_id] = attachment
        return [Arrived(attachment)] if before is None else [Departed(before), Arrived(attachment)]

    async def _attachment(self, plugged: Plugged) -> Attachment:
        connection = str(plugged.device_id)
        path = await asyncio.to_thread(ports.path_of, plugged.location, plugged.serial)
        labels = [label for label in (str(plugged.location), path) if label]
        bay = next((self._bays[label] for label in labels if label in self._bays), path or connection)
        return Attachment(Platform.IOS, connection, bay, plugged.serial, port=ports.port_of(plugged.location, path))

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
