"""How a device owner is set, and what stands in the way.

Checks, their order and their words: ``DevicePolicyManagerService`` of Android 11, 14 (One UI 6.1) and 15 (One UI 7):
``setActiveAdmin``, ``setDeviceOwner``, ``checkDeviceOwnerProvisioningPreConditionLocked``,
``computeProvisioningErrorString``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provisioning.virtual.android.commands.java import Thrown, illegal_argument, illegal_state, security
from provisioning.virtual.android.occupants import base_restrictions
from provisioning.virtual.android.state.packages import AdminReceiver
from provisioning.virtual.android.state.policy import ActiveAdmin, Component

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid

_LONG_WORDS_SINCE = 12
_FINALISED = 3


def activate_admin(phone: VirtualAndroid, component: Component, user: int, refreshing: bool) -> ActiveAdmin:
    """Make a receiver an active admin (``setActiveAdmin``). Raises Thrown."""
    setting = phone.packages.find(component.package)
    receiver: AdminReceiver | None = None
    if setting is not None and setting.user(user).installed:
        receiver = next((a for a in setting.facts.admins if a.name == component.name), None)
    if setting is None or receiver is None:
        raise illegal_argument(f"Unknown admin: {component.info}")
    if not receiver.protected and setting.facts.target_sdk > 23:
        raise illegal_argument(
            f"DeviceAdminReceiver {component.info} must be protected with android.permission.BIND_DEVICE_ADMIN"
        )
    if not receiver.described:
        raise illegal_argument(f"Bad admin: {component.info}")
    existing = phone.policy.admin(component, user)
    if existing is not None:
        if not refreshing:
            raise illegal_argument("Admin is already added")
        return existing
    admin = ActiveAdmin(component, receiver, setting.facts.test_only)
    phone.policy.admins.setdefault(user, []).append(admin)
    return admin


def set_device_owner(phone: VirtualAndroid, component: Component, user: int, name: str) -> None:
    """Make an active admin the device owner (``setDeviceOwner``). Raises Thrown, or what :func:`refused` makes."""
    if phone.profile.samsung and not phone.profile.quirk("integrity", default=True):
        raise refused(component)
    told = phone.mishaps.lasting("owner-refused")
    if told is not None:
        raise illegal_state(told.options.get("says", "Cannot set the device owner if the device is already set-up"))
    incompatible = _incompatible_accounts(phone)
    admin = phone.policy.admin(component, user)
    if phone.android >= 14 and not incompatible and _accounts(phone) and not (admin and admin.test_only):
        raise refused(component)
    problem = _precondition(phone, component, user, incompatible)
    if problem is not None:
        raise illegal_state(problem)
    setting = phone.packages.find(component.package)
    if setting is None or not setting.user(user).installed:
        raise illegal_argument(f"Invalid component {component.info} for device owner")
    if admin is None:
        raise illegal_argument(f"Not active admin: {component.info}")
    phone.policy.device_owner = component
    phone.policy.device_owner_name = name
    for number, found in phone.users.items():
        if number == user or phone.android >= 15:
            found.restrictions = (found.restrictions or set()) | base_restrictions(phone.android)
    phone.policy.provisioning_state[user] = _FINALISED


def remove_admin(phone: VirtualAndroid, component: Component, user: int) -> None:
    """Remove a test-only admin by force (``forceRemoveActiveAdmin``). Raises Thrown for any other."""
    admin = phone.policy.admin(component, user)
    if admin is None or not admin.test_only:
        raise security(f"Attempt to remove non-test admin {component.info} {user}")
    owner = phone.policy.device_owner == component
    phone.policy.remove_admin(component, user)
    if owner and phone.users[0].restrictions is not None:
        phone.users[0].restrictions -= base_restrictions(phone.android)


def refused(component: Component) -> Thrown:
    """Make what dpm throws when the service only says no; the reason is in logcat alone."""
    return Thrown("java.lang.RuntimeException", f"Can't set package {component.info} as device owner.")


def _accounts(phone: VirtualAndroid) -> bool:
    # Android 14 looks at every user, 11 only at user 0 (hasAccountsOnAnyUser / hasIncompatibleAccountsOrNonAdbNoLock).
    users = phone.users.values() if phone.android >= 14 else [phone.users[0]]
    return any(user.accounts for user in users)


def _incompatible_accounts(phone: VirtualAndroid) -> bool:
    # DEVICE_OR_PROFILE_OWNER_ALLOWED is an account's feature; here the account's type says so.
    users = phone.users.values() if phone.android >= 14 else [phone.users[0]]
    return any("owner-allowed" not in kind for user in users for _, kind in user.accounts)


def _precondition(phone: VirtualAndroid, component: Component, user: int, incompatible: bool) -> str | None:
    named = phone.android >= _LONG_WORDS_SINCE
    new = f" ({component.short})" if named else ""
    owner = phone.policy.device_owner
    found = phone.users.get(user)
    if owner is not None:
        old = f" ({owner.short})" if named else ""
        return f"Trying to set the device owner{new}, but device owner{old} is already set."
    if found is not None and found.owner is not None:
        mark = f" ({found.owner})" if named else ""
        return f"Trying to set the device owner{new}, but the user already has a profile owner{mark}."
    if found is None or not found.running:
        return f"User {user} not running." if named else f"User not running: {user}"
    if user != 0:
        return f"User {user} is not system user." if named else "User is not system user"
    if phone.settings.get("secure", "user_setup_complete") == "1":
        dot = "." if named else ""
        if len(phone.users) > 1:
            return f"Not allowed to set the device owner because there are already several users on the device{dot}"
        if incompatible:
            return f"Not allowed to set the device owner because there are already some accounts on the device{dot}"
    return None
