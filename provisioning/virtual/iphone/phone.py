"""One virtual iPhone or iPad: its state, what a person does to it, and what befalls it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from provisioning.virtual.faults import FaultBox, Pace
from provisioning.virtual.iphone.apps import AppShelf, InstalledApp, Lying, store_app, system_apps
from provisioning.virtual.iphone.home_screen import Clip, clip_of, icon_state
from provisioning.virtual.iphone.identity import draw_identity
from provisioning.virtual.iphone.management import PLACEHOLDER, Management
from provisioning.virtual.iphone.model import Model, read_model
from provisioning.virtual.iphone.plist import Plist
from provisioning.virtual.iphone.profiles import Profile
from provisioning.virtual.iphone.settings import Settings
from provisioning.virtual.iphone.trust import Answer, PairedHost, Trust
from provisioning.virtual.scenario import HandsetPlan

logger = logging.getLogger(__name__)

ACTIVATED: Final = "Activated"
UNACTIVATED: Final = "Unactivated"
_FIRST_PORT: Final = 49152
_OPEN_PORTS: Final = 256
"""More service ports than this wait for nobody; the oldest are closed."""


class Cable(Protocol):
    """What a phone can do to the cable it hangs on."""

    def unplug(self, phone: VirtualIPhone) -> None:
        """Pull it."""
        ...

    def plug(self, phone: VirtualIPhone) -> None:
        """Put it in; does nothing where it is in."""
        ...

    def restart(self) -> None:
        """Let the host's daemon die and come back: every connection of every phone breaks."""
        ...


@dataclass(frozen=True, slots=True)
class StartedService:
    """A port that lockdownd opened for one connection; ``host`` is None for a service without TLS."""

    name: str
    host: PairedHost | None


class VirtualIPhone:
    """A phone on the rack. Its public attributes are its state, for tests of the virtual fleet to look at.

    ``cable`` is set by the fleet before the phone is plugged in.
    """

    def __init__(self, plan: HandsetPlan, pace: Pace) -> None:
        self.plan = plan
        self.model: Model = read_model(plan.profile, plan.details)
        self.identity = draw_identity(plan, self.model)
        self.faults = FaultBox(plan.faults)
        self.pace = pace
        self.cable: Cable | None = None
        self.locked = False
        self.passcode_set = False
        self.setup_done = False
        self.activation_state = ACTIVATED
        self.find_my = False
        self.activation_locked = False
        self.lockdown_mode = False
        self.data_plan_present = self.model.telephony
        self.battery_percent = 84
        self.hidden_from_cable = False
        self.clock_skew = 0.0
        self.settings = Settings(self.model.device_class)
        self.apps = AppShelf(system_apps(self.model))
        self.clips: list[Clip] = [clip_of(url) for url in plan.web_clips]
        self.media: dict[str, bytes | None] = {}
        self.management = Management(self.model, self._management_changed, self._check_in)
        self.trust = Trust(self, self.later, self.notify)
        self.icons_twice: list[str] = []
        self.only_set_restrictions = False
        self._observers: list[Callable[[str], None]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._ports: dict[int, StartedService] = {}
        self._next_port = _FIRST_PORT
        for app in plan.apps:
            self.install(app)

    @property
    def serial_number(self) -> str:
        """Its serial number."""
        return self.identity.serial_number

    @property
    def udid(self) -> str:
        """Its UDID, in the form that usbmuxd announces."""
        return self.identity.udid

    @property
    def at_setup_assistant(self) -> bool:
        """True before the Home screen was reached."""
        return not self.setup_done

    @property
    def pairing_closed(self) -> bool:
        """True if only supervising hosts may pair."""
        return self.management.pairing_closed

    @property
    def supervisors(self) -> list[bytes]:
        """Certificates of supervising hosts, DER."""
        return self.management.supervisors

    @property
    def now(self) -> float:
        """Its clock, in seconds since 1970."""
        return time.time() + self.clock_skew

    def install(self, neutral: Mapping[str, Any]) -> InstalledApp:
        """Put an app on the phone, described by a neutral dictionary (at least ``id``)."""
        app = store_app(neutral, 1000 + 4 * (len(self.apps) + self.apps.revision), self.model)
        self.apps.put(app)
        return app

    def icon_state(self) -> list[Plist]:
        """Give the Home screen as SpringBoard has it, the web clips of profiles included."""
        managed = (Clip(str(c.get("URL", "")), str(c.get("Label", ""))) for c in self.management.web_clips())
        return icon_state(self.apps, [*self.clips, *managed], self.management.restrictions, self.icons_twice)

    def unlock(self) -> None:
        """Enter the passcode."""
        self.locked = False
        if self.hidden_from_cable:
            self.hidden_from_cable = False
            self._cable().plug(self)

    def lock(self) -> None:
        """Press the side button; without a passcode that locks nothing."""
        self.locked = self.passcode_set

    def tap_trust(self) -> None:
        """Tap Trust on the dialog and enter the passcode."""
        self.unlock()
        self.trust.tap(Answer.TRUST)

    def tap_dont_trust(self) -> None:
        """Tap Don't Trust."""
        self.trust.tap(Answer.DENY)

    def rename(self, name: str) -> None:
        """Give the phone another name in Settings."""
        self.settings.set("", "DeviceName", name, at_setup=True)

    def finish_setup_assistant(self) -> None:
        """Swipe through what is left of the Setup Assistant; a phone managed by nobody gets its placeholder."""
        self.setup_done = True
        if self.management.cloud_configuration is None:
            self.management.cloud_configuration = dict(PLACEHOLDER)
        if self.management.stored_profile is not None:
            logger.debug("%s: a stored profile waits for its installation", self.serial_number)
        self.notify("com.apple.purplebuddy.setupdone")

    def activate(self) -> None:
        """Connect to a network at the Hello screen, which activates the phone unless Activation Lock is on."""
        if not self.activation_locked:
            self.activation_state = ACTIVATED
            self.notify("com.apple.mobile.lockdown.activation_state")

    def confirm_profiles(self) -> list[str]:
        """Install in Settings the profiles that wait there; gives their identifiers."""
        waiting = dict(self.management.awaiting_consent)
        self.management.awaiting_consent.clear()
        self.management.profiles.update(waiting)
        self.management.refresh()
        return list(waiting)

    def erase(self, preserve_data_plan: bool) -> None:
        """Erase all content and settings: vanish from the cable, come back as new.

        Comes back unpaired, unactivated, without cloud configuration and apps, as after MDM's EraseDevice; Find My
        turns into Activation Lock, which then shows nowhere but in activation. The eSIM goes unless it is preserved.
        Some time after its return somebody at the desk gives it a network, which activates it; that time, or
        ``never``, is the fault ``activation after=``.
        """
        self._cable().unplug(self)
        self._forget(preserve_data_plan)
        fault = self.faults.standing("erase")
        away = fault.seconds("seconds", 1.0) if fault else self.pace.seconds("Erase") or 0.4
        self.later(away, self._return_erased)

    def replugged(self) -> None:
        """Take note of a fresh connection: refusals are forgotten, ports and observers gone."""
        self.trust.replugged()
        self._ports.clear()
        self._observers.clear()

    def unplug(self, back: float | None = None) -> None:
        """Lose the cable, for ``back`` seconds or until somebody plugs it in."""
        self._cable().unplug(self)
        if back is not None:
            self.later(back, lambda: self._cable().plug(self))

    def restart_host_daemon(self) -> None:
        """Let the host's usbmuxd die and come back."""
        self._cable().restart()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after a time, unless the phone is switched off before."""
        handle: asyncio.TimerHandle

        def act() -> None:
            self._timers.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(seconds, act)
        self._timers.add(handle)

    def observe(self, observer: Callable[[str], None]) -> Callable[[], None]:
        """Call ``observer`` with the name of each notification; gives what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer) if observer in self._observers else None

    def notify(self, name: str) -> None:
        """Post a notification."""
        for observer in tuple(self._observers):
            observer(name)

    def open_port(self, service: StartedService) -> int:
        """Open a port for one connection to a service."""
        port = self._next_port
        self._next_port = _FIRST_PORT if port >= 65535 else port + 1
        self._ports[port] = service
        while len(self._ports) > _OPEN_PORTS:
            del self._ports[next(iter(self._ports))]
        return port

    def take_port(self, port: int) -> StartedService | None:
        """Give the service behind a port and close the port: it serves one connection."""
        return self._ports.pop(port, None)

    def switch_off(self) -> None:
        """Cancel everything that was to happen later; safe twice."""
        for handle in self._timers:
            handle.cancel()
        self._timers.clear()

    def _forget(self, preserve_data_plan: bool) -> None:
        self.activation_locked = self.activation_locked or self.find_my
        self.find_my = self.locked = self.passcode_set = self.setup_done = self.lockdown_mode = False
        self.activation_state = UNACTIVATED
        self.data_plan_present = self.data_plan_present and preserve_data_plan
        self.settings = Settings(self.model.device_class)
        self.apps = AppShelf(system_apps(self.model))
        self.clips.clear()
        self.media.clear()
        self.icons_twice.clear()
        self.trust.erase()
        self.management.erase()

    def _return_erased(self) -> None:
        self._cable().plug(self)
        fault = self.faults.standing("activation")
        after = fault.options.get("after", "") if fault else ""
        if fault and after == "never":
            return
        self.later(fault.seconds("after", 0.2) if fault else self.pace.seconds("Activate") or 0.2, self.activate)

    async def _check_in(self, profile: Profile) -> None:
        # the check-in meets this phone's faults, and the module of those knows phones
        from provisioning.virtual.iphone.check_in import check_in

        await check_in(self, profile)

    def _management_changed(self) -> None:
        if not self.management.restrictions.allows("allowAppClips"):
            self._remove_clips(app for app in self.apps if app.lying is Lying.APP_CLIP)
        self.notify("com.apple.ManagedConfiguration.profileListChanged")

    def _remove_clips(self, clips: Iterable[InstalledApp]) -> None:
        for app in clips:
            self.apps.take(app.bundle_id)

    def _cable(self) -> Cable:
        if self.cable is None:
            raise RuntimeError("the phone is on no fleet")
        return self.cable
