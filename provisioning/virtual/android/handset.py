"""One virtual Android: its state, its screen, its cable.

What each command says lives in ``commands``; here is what a person or a cable does, and when adb can be reached at all.
Known from: AdbService and AdbDebuggingManager (Samsung One UI 6.1 sources), ``daemon/tradeinmode.cpp`` of adb, and the
project's collected knowledge of Android handsets.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from provisioning.errors import UsageError
from provisioning.virtual.android import identity
from provisioning.virtual.android.commands.registry import PROGRAMS
from provisioning.virtual.android.kernel_files import Layers, kernel_files
from provisioning.virtual.android.latency import Kind, Latency
from provisioning.virtual.android.mishaps import Mishaps
from provisioning.virtual.android.occupants import populate
from provisioning.virtual.android.profile import load_profile
from provisioning.virtual.android.properties import fixed_properties, running_properties
from provisioning.virtual.android.reachability import Reachability
from provisioning.virtual.android.shell.process import Program
from provisioning.virtual.android.state.files import Files
from provisioning.virtual.android.state.packages import Packages
from provisioning.virtual.android.state.policy import NO_DEBUGGING, Policy
from provisioning.virtual.android.state.sessions import InstallSessions
from provisioning.virtual.android.state.settings import Settings
from provisioning.virtual.android.state.users import User
from provisioning.virtual.android.usb_states import WORDS as USB_STATES
from provisioning.virtual.android.vocabulary import state_word
from provisioning.virtual.android.wire.adbd import Adbd
from provisioning.virtual.scenario import HandsetPlan

STATES = (
    "", "set-up", "unauthorized", "offline", "factory-fresh", "trade-in", "set-up-with-account", "owned-by-another",
    "owned-by-us", "booting", "locked", "recovery", "sideload", "rescue", "bootloader", "host", "debugging-off",
    *USB_STATES,
)  # fmt: skip


RESTARTED = frozenset({"recovery", "sideload", "rescue", "bootloader", "host"})
"""States in which it is on but not in Android: adb lists it under that word and it opens no shell. ``host`` is what adb
makes of any word that it does not know."""


class VirtualAndroid(Reachability):
    """A handset on the rack; made switched off, see :meth:`switch_on`."""

    def __init__(self, plan: HandsetPlan, latency: Kind = "none") -> None:
        state = state_word(plan.state)
        if state not in STATES:
            raise UsageError(
                f"state “{plan.state}” is unknown to Android handsets; there are: {', '.join(STATES[1:])}."
            )
        self.plan = plan
        self.profile = load_profile(plan.profile, plan.details)
        self.state = state or self.profile.state
        self.latency = Latency(latency)
        self.mishaps = Mishaps(plan.faults)
        seed = f"{plan.profile} {plan.position}"
        self.serial_number = plan.serial_number or identity.serial_number(self.profile.serial_pattern, seed)
        self.imei = plan.imei or identity.imei(self.profile.type_allocation_code, seed)
        self.recordings: dict[str, tuple[bytes, bytes, int]] = {}
        self.programs: Mapping[str, Program] = PROGRAMS
        self._begin()
        self.adbd = Adbd(self)
        super().__init__()

    def forget_everything(self, state: str) -> None:
        """Lose what a factory reset loses: users, accounts, apps, owner, files, settings and trusted hosts."""
        self.plan = replace(self.plan, users=(), accounts=(), apps=_preloaded(self.plan.apps), state=state)
        self.profile = replace(self.profile, users=(), accounts=(), owner={}, apps=_preloaded(self.profile.apps))
        self.state = state
        self.adbd.trusted.clear()
        self._begin()

    def _begin(self) -> None:
        self.trade_in = self.state == "trade-in"
        self.restarted = self.state if self.state in RESTARTED else ""
        if self.trade_in and self.android < 16:
            raise UsageError("state “trade-in” exists from Android 16 on.")
        self.owned_at_boot = False
        self.users: dict[int, User] = {}
        self.policy = Policy()
        self.packages = Packages()
        self.sessions = InstallSessions()
        self.settings = Settings(_first_settings(self))
        kernel = kernel_files(self)
        self.files = Files(self.now, lambda: Layers(kernel, self.packages.borrowed_files()))
        self.files.full = self.mishaps.lasting("storage-full") is not None
        self.app_operations: dict[tuple[str, int], dict[str, str]] = {}
        populate(self)
        self._fixed = fixed_properties(self)
        self._changed: dict[str, str] = {}

    @property
    def itself(self) -> VirtualAndroid:
        """Give the handset."""
        return self

    @property
    def android(self) -> int:
        """Give the Android version, 10 to 16."""
        return self.profile.android

    @property
    def model(self) -> str:
        """Give the maker's model number."""
        return self.profile.model

    @property
    def model_name(self) -> str:
        """Give what people call it."""
        return self.profile.model_name

    @property
    def reported_serial(self) -> str:
        """Give what ro.serialno says; cheap handsets share one."""
        fault = self.mishaps.lasting("duplicate-serial")
        return fault.options.get("serial", "0123456789ABCDEF") if fault else self.serial_number

    @property
    def environment(self) -> dict[str, str]:
        """Give the variables of a fresh shell."""
        return {
            "PATH": "/product/bin:/apex/com.android.runtime/bin:/apex/com.android.art/bin:/system_ext/bin:/system/bin:"
            "/system/xbin:/odm/bin:/vendor/bin:/vendor/xbin",
            "HOME": "/", "SHELL": "/bin/sh", "USER": "shell", "LOGNAME": "shell", "TMPDIR": "/data/local/tmp",
            "ANDROID_DATA": "/data", "ANDROID_ROOT": "/system", "EXTERNAL_STORAGE": "/sdcard",
            "HOSTNAME": self.profile.device,
            "TERM": "dumb",
        }  # fmt: skip

    @property
    def owner(self) -> str | None:
        """Give the device owner's component in short form."""
        return self.policy.device_owner.short if self.policy.device_owner else None

    @property
    def properties(self) -> Mapping[str, str]:
        """Give what getprop prints now."""
        return self._fixed | dict(running_properties(self)) | self._changed

    def set_property(self, key: str, value: str) -> bool:
        """Set a property as shell may; False where the platform refuses."""
        if key.startswith(("ro.", "persist.sys.", "sys.", "init.", "gsm.")) and not key.startswith("sys.powerctl"):
            return False
        self._changed[key] = value
        return True

    @staticmethod
    def now() -> int:
        """Give the handset's clock in seconds since 1970."""
        return int(time.time())

    def restricted(self, restriction: str, user: int = 0) -> bool:
        """Tell whether ``restriction`` is in force for a user."""
        found = self.users.get(user)
        return found is not None and restriction in self.policy.effective(found)

    def shell_may_see(self, user: int) -> bool:
        """Tell whether shell may touch a user (``UserController.handleIncomingUser``)."""
        return not self.restricted(NO_DEBUGGING, user)


def _first_settings(phone: VirtualAndroid) -> Mapping[str, Mapping[str, str]]:
    fresh = phone.state in {"factory-fresh", "trade-in"}
    done = "0" if fresh else "1"
    initial: dict[str, dict[str, str]] = {
        "global": {
            "adb_enabled": "0" if fresh or phone.state == "debugging-off" else "1",
            "development_settings_enabled": "0" if fresh else "1",
            "device_provisioned": done,
            "device_name": phone.profile.model_name,
            "adb_wifi_enabled": "0",
            "adb_allowed_connection_time": "604800000",
            "verifier_verify_adb_installs": "1",
            "package_verifier_user_consent": "1",
            "airplane_mode_on": "0",
            "stay_on_while_plugged_in": "0",
        },
        "secure": {"user_setup_complete": done, "android_id": uuid.uuid5(uuid.NAMESPACE_OID, phone.imei).hex[:16]},
        "system": {"screen_off_timeout": "30000", "screen_brightness": "102"},
    }
    for space, table in phone.profile.settings.items():
        initial.setdefault(space, {}).update(table)
    return initial


def _preloaded(apps: Iterable[Any]) -> tuple[Any, ...]:
    """Give those that a factory reset does not take away."""
    tables = (cast("Mapping[str, Any]", app) for app in apps if isinstance(app, Mapping))
    return tuple(app for app in tables if app.get("system"))
