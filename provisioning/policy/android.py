"""Turn an effective policy into what a device policy controller must do; the shell alone can lock nothing down.

What ends USB debugging is kept apart as the seal: the moment it is set adb is gone (AOSP UserRestrictionsUtils writes
``adb_enabled=0``), so it comes after everything was verified and recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.policy.versions import parts

API_LEVELS = {5: 21, 6: 23, 7: 24, 8: 26, 9: 28, 10: 29, 11: 30, 12: 31, 13: 33, 14: 34, 15: 35, 16: 36}
"""First API level of each release (AOSP Build.VERSION_CODES)."""


@dataclass(frozen=True, slots=True)
class UserRestriction:
    """One user restriction by its key; ``since`` is the first API level that knows it."""

    key: str
    since: int
    cuts_adb: bool
    forbids: str
    source: str


@dataclass(frozen=True, slots=True)
class AndroidOrders:
    """What the controller is to set. ``hide`` may name packages that are not there; ``keep`` may not be uninstalled."""

    restrictions: tuple[str, ...]
    seal: tuple[str, ...]
    hide: tuple[str, ...]
    keep: tuple[str, ...]
    revoke_key: bool = False
    """Whether the keys of computers that may debug it are to lapse with the seal."""
    seal_at_handover: bool = False


@dataclass(frozen=True, slots=True)
class ShellOrder:
    """What the shell alone could do about something that the policy wants, and how anybody with a cable undoes it."""

    does: str
    command: str
    undone_by: str


SHELL_ORDERS = (
    ShellOrder(
        "takes a hidden app off user 0; of a system app it clears the installed bit alone",
        "pm uninstall --user 0 PACKAGE",
        "cmd package install-existing --user 0 PACKAGE",
    ),
    ShellOrder("disables a hidden app", "pm disable-user --user 0 PACKAGE", "pm enable PACKAGE, or Settings"),
    ShellOrder(
        "suspends a hidden app, unless it says false with code 0",
        "pm suspend --user 0 PACKAGE",
        "pm unsuspend --user 0 PACKAGE",
    ),
    ShellOrder(
        "switches debugging off without forbidding it",
        "settings put global adb_enabled 0",
        "USB debugging in Developer options",
    ),
)
"""Cosmetic, all of it: never counted as lock-down, and not done by this desk but where a policy says
``denied_apps = "remove"``. A user restriction the shell cannot set on a user build: it has not MANAGE_USERS (AOSP
Shell's manifest; ``setUserRestriction``)."""


def compile_restrictions(effective: EffectivePolicy, os_version: str) -> AndroidOrders:
    """Compile the orders for one release. Raises UsageError for a key that Android does not have."""
    level = api_level(os_version)
    known = user_restrictions()
    strange = [key for key in effective.orders.android if key not in known]
    if strange:
        raise UsageError(
            f"Policy {effective.reference.name}: “{one_line(strange[0], 60)}” is no user restriction of Android's."
        )
    wanted = [known[key] for key in effective.orders.android if known[key].since <= level]
    return AndroidOrders(
        restrictions=tuple(sorted(one.key for one in wanted if not one.cuts_adb)),
        seal=tuple(sorted(one.key for one in wanted if one.cuts_adb)),
        hide=effective.orders.blocked_ids.get(Platform.ANDROID, ()),
        keep=effective.required_apps.get(Platform.ANDROID, ()),
        revoke_key=effective.orders.revoke_adb_key,
        seal_at_handover=effective.orders.seal_at_handover,
    )


def in_force_after_seal(effective: EffectivePolicy, os_version: str) -> tuple[str, ...]:
    """Name what the policy forbids on that release that no verification can find in force: the seal sets it."""
    known = user_restrictions()
    level = api_level(os_version)
    found = (known.get(key) for key in effective.orders.android)
    return tuple(sorted(one.key for one in found if one is not None and one.cuts_adb and one.since <= level))


def api_level(os_version: str) -> int:
    """Give the API level of a release (“14”, “8.1”); newer ones than we know count as the newest."""
    numbers = parts(os_version) or (0,)
    if numbers[:2] == (8, 1):
        return 27
    if numbers[:2] == (7, 1):
        return 25
    return API_LEVELS.get(numbers[0], max(API_LEVELS.values()) if numbers[0] > max(API_LEVELS) else 0)


@lru_cache(maxsize=1)
def user_restrictions() -> Mapping[str, UserRestriction]:
    """Give all user restrictions that a policy may name, by key; data, not code."""
    text = files("resources").joinpath("policies", "android_restrictions.tsv").read_text("utf-8")
    found: dict[str, UserRestriction] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            key, since, cuts_adb, forbids, source = line.split("\t")
            found[key] = UserRestriction(key, int(since), cuts_adb == "yes", forbids, source)
    return found
