"""Whether a handset can be reached: cable, debugging, boot.

What closes adb: the cable, the setting ``adb_enabled``, Samsung's Auto Blocker (``AdbService``, One UI 6.1: the secure
setting ``rampart_blocked_adb_cmd`` wins over adb_enabled), a restart. Services answer some time after adbd does.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from abc import abstractmethod
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Protocol

from provisioning.virtual.android.latency import Latency
from provisioning.virtual.android.mishaps import Mishaps
from provisioning.virtual.android.state.policy import Policy
from provisioning.virtual.android.state.settings import Settings
from provisioning.virtual.android.usb_states import WORDS as USB_STATES
from provisioning.virtual.android.wire.adbd import Adbd

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid

logger = logging.getLogger(__name__)

_BOOT_TAIL_SHARE = 0.3
_ADBD_ENDS_AFTER = 0.1
"""Seconds from the setting to the end of adbd: the setting is observed, a handler stops the service."""


class Cable(Protocol):
    """What the handset's other end is told: the fleet moves the adb server along."""

    async def appeared(self, phone: VirtualAndroid) -> None:
        """Hear that adbd answers (again)."""
        ...

    async def disappeared(self, phone: VirtualAndroid) -> None:
        """Hear that the handset is gone from adb, as a pulled cable or a closed debugging makes it."""
        ...

    async def kill_server(self, restart: float) -> None:
        """Kill the adb server; start it again after ``restart`` seconds, never if negative."""
        ...


class _NoCable(Cable):
    async def appeared(self, phone: VirtualAndroid) -> None:
        pass

    async def disappeared(self, phone: VirtualAndroid) -> None:
        pass

    async def kill_server(self, restart: float) -> None:
        pass


class Reachability:
    """The part of a handset that a cable and a power button touch."""

    state: str
    latency: Latency
    mishaps: Mishaps
    settings: Settings
    policy: Policy
    adbd: Adbd
    trade_in: bool
    restarted: str
    owned_at_boot: bool
    serial_number: str

    def __init__(self) -> None:
        self.cable: Cable = _NoCable()
        self.plugged = False
        self.unlocked = asyncio.Event()
        if self.state != "locked" and self.mishaps.lasting("locked-screen") is None:
            self.unlocked.set()
        self.finger = asyncio.Event()
        self.boot_id = str(uuid.uuid4())
        self.boot_completed = self.state != "booting"
        self.reboots = 0
        self._booted_at = time.monotonic()
        self._busy_until = 0.0
        self.says_not_ready: tuple[str, int] | None = None
        """What ``cmd`` says, and with which code, while the services are not there, if it is not the usual."""
        self._rebooting = False
        self._was_online = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    @abstractmethod
    def itself(self) -> VirtualAndroid:
        """Give the whole handset."""

    @property
    def has_adb(self) -> bool:
        """Tell whether it could ever be seen by adb as it lies there."""
        return self.state != "factory-fresh" and self.mishaps.lasting("charge-only") is None

    @property
    def debugging_on(self) -> bool:
        """Tell whether adbd runs: the setting, Samsung's Auto Blocker and trade-in mode decide."""
        if self.trade_in:
            return True
        blocked = self.settings.get("secure", "rampart_blocked_adb_cmd") == "1"
        return self.has_adb and self.settings.get("global", "adb_enabled") == "1" and not blocked

    @property
    def reachable(self) -> bool:
        """Tell whether a host can connect now."""
        return self.plugged and self.debugging_on and not self._rebooting

    @property
    def silent(self) -> bool:
        """Tell whether its adbd answers nobody, as a hung one does."""
        return self.state == "offline" or self.state in USB_STATES

    @property
    def accepts_at_once(self) -> bool:
        """Tell whether a host that comes now is let in without waiting for a person or a hung daemon."""
        asked = self.silent or self.state == "unauthorized" or self.mishaps.lasting("trust-dialog") is not None
        return self.trade_in or bool(self.restarted) or (self.unlocked.is_set() and not asked)

    @property
    def services_ready(self) -> bool:
        """Tell whether the system's services answer; adbd is up before them."""
        return self.boot_completed and time.monotonic() >= self._busy_until

    @property
    def uptime(self) -> float:
        """Give the seconds since it was started."""
        return time.monotonic() - self._booted_at

    async def switch_on(self) -> None:
        """Plug it in for the first time."""
        boot = self.mishaps.lasting("boot")
        if boot is not None:
            self.boot_completed = False
            self.start(self._finish_boot(boot.seconds("seconds", 5)))
        await self.plug()

    async def switch_off(self) -> None:
        """Cut everything and let go of the port."""
        self.plugged = False
        self.adbd.close()
        pending = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def plug(self) -> None:
        """Put the cable in."""
        self.plugged = True
        await asyncio.sleep(self.latency.appear_seconds)
        await self._settle()

    async def unplug(self) -> None:
        """Pull the cable."""
        self.plugged = False
        await self._settle()

    async def pull_cable(self, back: float) -> None:
        """Pull the cable from inside a command, and put it back after ``back`` seconds unless negative. Never
        returns.
        """
        self.start(self._pulled(back))
        await asyncio.Event().wait()

    async def vanish(self) -> None:
        """Let a changed setting take adb away from inside a command. Returns only if adb stays."""
        if not self.debugging_on:
            self.start(self._close_debugging())
            await asyncio.Event().wait()

    async def kill_server(self, restart: float) -> None:
        """Kill the adb server from inside a command. Never returns."""
        self.start(self.cable.kill_server(restart))
        await asyncio.Event().wait()

    def tap_allow(self) -> None:
        """Accept the debugging dialog, now or when it shows."""
        self.finger.set()

    def unlock(self) -> None:
        """Unlock the screen."""
        self.mishaps.end("locked-screen")
        if self.state == "locked":
            self.state = ""
        self.unlocked.set()

    def finish_booting(self) -> None:
        """Let a handset in the state ``booting`` finish."""
        self.boot_completed = True

    def reboot(self) -> None:
        """Restart it: gone from adb, then back with a new boot id, services a little later."""
        self.start(self._restart())

    def online(self) -> None:
        """Hear that a host was authorised: what begins from there begins now."""
        busy = self.mishaps.lasting("services-busy")
        if busy is not None:
            self._busy_until = time.monotonic() + busy.seconds("seconds", 5)
            if (said := busy.options.get("says")) is not None:
                self.says_not_ready = (said, busy.number("code", 1))
            self.mishaps.end("services-busy")
        blocker = self.mishaps.lasting("auto-blocker")
        if blocker is not None:
            self.start(self._block(blocker.seconds("after", 1)))
        if not self._was_online:
            self._was_online = True
            for fault in self.mishaps.timed_unplugs:
                self.start(self._pulled(fault.seconds("back", -1), fault.seconds("seconds", 0)))

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run something that outlives the command which caused it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("virtual handset %s failed", self.serial_number, exc_info=error)

    async def erase(self, state: str = "factory-fresh") -> None:
        """Reset it to the factory's settings; afterwards it lies there in ``state``, with nothing of its old life."""
        self._rebooting = True
        await self._settle()
        await asyncio.sleep(self.latency.boot_seconds)
        self.itself.forget_everything(state)
        self.finger.clear()
        self.boot_id = str(uuid.uuid4())
        self._booted_at = time.monotonic()
        self.boot_completed = True
        self._rebooting = False
        await self._settle()

    async def _close_debugging(self) -> None:
        await asyncio.sleep(_ADBD_ENDS_AFTER)
        await self._settle()

    async def _settle(self) -> None:
        if self.reachable:
            await self.adbd.listen()
            await self.cable.appeared(self.itself)
        else:
            self.adbd.go_silent()
            await self.cable.disappeared(self.itself)

    async def _pulled(self, back: float, after: float = 0) -> None:
        await asyncio.sleep(after)
        await self.unplug()
        if back >= 0:
            await asyncio.sleep(back)
            await self.plug()

    async def _block(self, after: float) -> None:
        await asyncio.sleep(after)
        self.settings.put("secure", "rampart_blocked_adb_cmd", "1")
        await self._settle()

    async def _restart(self) -> None:
        self._rebooting = True
        self.reboots += 1
        await self._settle()
        await asyncio.sleep(self.latency.boot_seconds * (1 - _BOOT_TAIL_SHARE))
        self.boot_id = str(uuid.uuid4())
        self._booted_at = time.monotonic()
        self.owned_at_boot = self.policy.device_owner is not None
        self.boot_completed = False
        self._rebooting = False
        await self._settle()
        await self._finish_boot(self.latency.boot_seconds * _BOOT_TAIL_SHARE)

    async def _finish_boot(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.boot_completed = True
