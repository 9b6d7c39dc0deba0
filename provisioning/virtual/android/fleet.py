"""All virtual Androids of a rack, behind one real adb server.

Each handset's adbd listens on its own loopback port; the server is told to connect and disconnect as cables move. A
pulled cable is "disconnect": only then the line vanishes at once, as it does with USB, instead of staying ``offline``
for a minute while the server tries again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from provisioning.errors import UsageError
from provisioning.virtual.android.adb_server import AdbServer
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.android.reachability import Cable
from provisioning.virtual.android.smart_socket import ServerError
from provisioning.virtual.android.usb_states import WORDS as USB_STATES
from provisioning.virtual.android.usb_states import UsbStates
from provisioning.virtual.scenario import HandsetPlan

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 15.0
_CONNECT_TRIES = 5
_AT_ONCE = 16
_SETTLE_SECONDS = 20.0
_LOOK_SECONDS = 0.02


class AndroidFleet(Cable):
    """The handsets of ``plans``, switched on while the context is open.

    ``program`` replaces the adb program of the server (for tests with another version).
    """

    def __init__(
        self, plans: Sequence[HandsetPlan], latency: Literal["none", "usb"] = "none", program: Path | None = None
    ) -> None:
        self._handsets: dict[str, VirtualAndroid] = {}
        for plan in plans:
            phone = VirtualAndroid(plan, latency)
            if phone.serial_number in self._handsets:
                raise UsageError(f"serial number {phone.serial_number} is on the rack twice.")
            phone.cable = self
            self._handsets[phone.serial_number] = phone
        self.server = AdbServer(program)
        self._connecting = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = False
        self._front: UsbStates | None = None

    @property
    def adb_server_port(self) -> int:
        """Give the port of the adb server, or of what stands in front of it."""
        return self._front.port if self._front is not None else self.server.port

    @property
    def handsets(self) -> Mapping[str, VirtualAndroid]:
        """Give the handsets by serial number, in the order of the plans."""
        return self._handsets

    @property
    def bays(self) -> Mapping[str, str]:
        """Give transport serial -> label of the bay: that of the plan, else one by its position on the rack."""
        return {
            phone.adbd.address: phone.plan.bay or f"{phone.plan.position // 15 + 1}-{phone.plan.position % 15 + 1}"
            for phone in self._handsets.values()
            if phone.has_adb
        }

    def handset(self, serial: str) -> VirtualAndroid:
        """Give one handset. Raises UsageError for a serial number that is not here."""
        try:
            return self._handsets[serial]
        except KeyError:
            raise UsageError(f"There is no virtual handset {serial} on the rack.") from None

    def adbd_address(self, serial: str) -> str:
        """Give ``127.0.0.1:PORT``, which is also its serial on the server; empty for a handset without adb."""
        phone = self.handset(serial)
        return phone.adbd.address if phone.has_adb else ""

    def planned(self, plan: HandsetPlan) -> VirtualAndroid:
        """Give the handset that was made from ``plan``. Raises UsageError for a plan of another rack."""
        for phone in self._handsets.values():
            if phone.plan is plan:
                return phone
        raise UsageError("That plan is not on this rack.")

    def unplug(self, serial: str) -> asyncio.Task[None]:
        """Pull a handset's cable; await the result to know that the server has forgotten it."""
        return self._start(self.handset(serial).unplug())

    def replug(self, serial: str) -> asyncio.Task[None]:
        """Put a handset's cable back; await the result to know that adbd listens again."""
        return self._start(self.handset(serial).plug())

    async def appeared(self, phone: VirtualAndroid) -> None:
        """Let the server connect to a handset, in the background: one that never answers keeps it for seconds."""
        if self._open:
            self._start(self._connect(phone))

    async def disappeared(self, phone: VirtualAndroid) -> None:
        """Let the server forget a handset."""
        if self._open and phone.has_adb:
            try:
                await self.server.ask(f"host:disconnect:{phone.adbd.address}")
            except ServerError as error:
                logger.debug("disconnect: %s", error)

    async def kill_server(self, restart: float) -> None:
        """Kill the adb server; start it again on its port after ``restart`` seconds, never if negative."""
        await self.server.kill()
        if restart >= 0:
            await asyncio.sleep(restart)
            await self.restart_server()

    async def restart_server(self) -> None:
        """Start a killed server again and plug everything in."""
        await self.server.start()
        for phone in self._handsets.values():
            if phone.reachable:
                self._start(self._connect(phone))

    async def __aenter__(self) -> Self:
        """Start the server, switch everything on, and wait until what can be seen is seen."""
        try:
            await self.server.start()
            self._open = True
            on_usb = {phone.adbd.address: phone.state for phone in self._handsets.values() if phone.state in USB_STATES}
            if on_usb:
                self._front = UsbStates(on_usb)
                await self._front.open(self.server.port)
            await asyncio.gather(*(phone.switch_on() for phone in self._handsets.values()))
            await self._until_seen()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Switch everything off; no process, port or file is left."""
        await self._close()

    async def _until_seen(self) -> None:
        """Wait until the server lists every handset, and as ``device`` those whose dialog is accepted at once."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _SETTLE_SECONDS
        wanted_of = {p: (p.restarted or "device") if p.accepts_at_once else "" for p in self._handsets.values()}
        expected = {p.adbd.address: wanted_of[p] for p in self._handsets.values() if p.reachable}
        while loop.time() < deadline:
            try:
                lines = (await self.server.ask("host:devices")).splitlines()
            except ServerError:
                if self.server.running:
                    raise
                # Debian's 29.0.6 dies about once in ten starts while several handsets authenticate at once (seen here).
                await self.restart_server()
                continue
            states = dict(line.split("\t", 1) for line in lines if "\t" in line)
            if all(a in states and (states[a] == wanted or not wanted) for a, wanted in expected.items()):
                return
            await asyncio.sleep(_LOOK_SECONDS)
        logger.warning("not all virtual handsets were seen by their adb server in %g s", _SETTLE_SECONDS)

    async def _close(self) -> None:
        self._open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._front is not None:
            await self._front.close()
        await asyncio.gather(*(phone.switch_off() for phone in self._handsets.values()))
        await self.server.close()

    async def _connect(self, phone: VirtualAndroid) -> None:
        if phone.silent:
            await self._ask_connect(phone)
            return
        async with self._connecting:
            await self._ask_connect(phone)

    async def _ask_connect(self, phone: VirtualAndroid) -> None:
        # A server on a busy machine may still be forgetting a handset whose cable is back already, or miss a try: USB
        # would see the cable, so it is asked again for as long as it does not list what is plugged in.
        for _ in range(_CONNECT_TRIES):
            try:
                answer = await self.server.ask(f"host:connect:{phone.adbd.address}", _CONNECT_SECONDS)
                logger.debug("%s: %s", phone.serial_number, answer)
                listed = await self.server.ask("host:devices")
            except ServerError as error:
                logger.debug("connect %s: %s", phone.serial_number, error)
                return
            if phone.silent or not (self._open and phone.reachable) or f"{phone.adbd.address}\t" in listed:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
