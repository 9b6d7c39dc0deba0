"""What the controller's channel does about restrictions, ownership and the handset itself (TestDPC's words)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.java_order import array_map_order
from provisioning.virtual.android.state.policy import KNOWN, NO_DEBUGGING, NOT_FOR_OWNERS, ActiveAdmin

Reply = Callable[[Process, list[str]], str]


def missing(name: str) -> str:
    """Say that a parameter is missing, as ``Flags`` does."""
    return f"Ordinal parameter '{name}' was not provided.\n"


def boolean(word: str) -> bool | None:
    """Read a truth value; None where it is none."""
    return {"true": True, "false": False}.get(word.lower())


def owner(process: Process) -> ActiveAdmin:
    """Give the owner's admin; the channel exists only for an owner."""
    admin = process.phone.policy.owner_admin()
    assert admin is not None, "the channel is only there for a device owner"
    return admin


def _set_restriction(process: Process, words: list[str]) -> str:
    if len(words) < 2:
        return missing("restriction" if not words else "enabled")
    key, enabled = words[0], boolean(words[1])
    if enabled is None:
        return "Parameter 'enabled' could not be parsed as 'boolean'.\n"
    word = str(enabled).lower()
    if key in NOT_FOR_OWNERS:
        return (
            f"Error setting user restriction '{key}' to {word}: "
            f"java.lang.SecurityException: Calling identity cannot set user restriction {key}\n"
        )
    admin = owner(process)
    sealing = key == NO_DEBUGGING and enabled
    refused = sealing and process.phone.mishaps.lasting("seal-refused") is not None
    # A key that the platform does not know is dropped in silence, and the controller says that all went well.
    if key in KNOWN and not refused:
        kept = admin.restrictions or set[str]()
        admin.restrictions = kept | {key} if enabled else kept - {key}
        if sealing:
            process.phone.settings.put("global", "adb_enabled", "0")
            process.phone.settings.put("global", "adb_wifi_enabled", "0")
    return f"User restriction '{key}' set to {word}\n"


def _list_restrictions(process: Process, _words: list[str]) -> str:
    names = array_map_order(owner(process).restrictions or set[str]())
    return collection("user restriction", names)


def collection(name: str, items: list[str]) -> str:
    """Print a list as TestDPC's ``printCollection``."""
    if not items:
        return f"No {name}s\n"
    return f"{len(items)} {name}{'' if len(items) == 1 else 's'}:\n" + "".join(f"  {item}\n" for item in items)


def _dump(process: Process, _words: list[str]) -> str:
    affiliated = str(bool(owner(process).affiliation)).lower()
    return (
        "isDeviceOwner: true\nisProfileOwner: false\nisOrganizationOwnedDeviceWithManagedProfile: false\n"
        f"isAffiliatedUser: {affiliated}\nisUserForeground: true\nisDeviceIdAttestationSupported: true\n"
        "isUniqueDeviceAttestationSupported: true\n"
    )


def _usb(process: Process, words: list[str]) -> str:
    if not words:
        return missing("enabled")
    enabled = boolean(words[0])
    if enabled is None:
        return "Parameter 'enabled' could not be parsed as 'boolean'.\n"
    if process.phone.android < 12:
        return (
            f"Error setting USB data signaling to {words[0]}: "
            "java.lang.UnsupportedOperationException: USB data signaling cannot be disabled.\n"
        )
    owner(process).usb_data = enabled
    if not enabled:
        process.phone.settings.put("global", "adb_enabled", "0")
    return f"USB data signaling set to {str(enabled).lower()}\n"


def _can_disable_usb(process: Process, _words: list[str]) -> str:
    return f"canUsbDataSignalingBeDisabled: {str(process.phone.android >= 12).lower()}\n"


def _affiliate(process: Process, words: list[str]) -> str:
    owner(process).affiliation = tuple(sorted(set(words)))
    return _affiliation(process, [])


def _affiliation(process: Process, _words: list[str]) -> str:
    ids = owner(process).affiliation
    return f"{len(ids)} affiliation ids: [{', '.join(ids)}]\n" if ids else "no affiliation ids\n"


def _organisation(process: Process, words: list[str]) -> str:
    if not words:
        return missing("name")
    owner(process).organisation = " ".join(words)
    return f"Set organization name to {owner(process).organisation}\n"


def _get_organisation(process: Process, _words: list[str]) -> str:
    return f"{owner(process).organisation or 'Not set'}\n"


def _clear_owner(process: Process, _words: list[str]) -> str:
    policy = process.phone.policy
    component = owner(process).component
    policy.remove_admin(component, 0)
    return f"Removed {component.package} as device owner\n"


def _global_setting(process: Process, words: list[str]) -> str:
    return _setting(process, "global", words)


def _secure_setting(process: Process, words: list[str]) -> str:
    return _setting(process, "secure", words)


def _setting(process: Process, namespace: str, words: list[str]) -> str:
    if len(words) < 2:
        return missing("setting" if not words else "value")
    process.phone.settings.put(namespace, words[0], words[1])
    return f"Set {namespace} setting '{words[0]}' to '{words[1]}'\n"


def _reboot(process: Process, _words: list[str]) -> str:
    process.phone.reboot()
    return ""


def _wipe(process: Process, _words: list[str]) -> str:
    process.phone.start(process.phone.erase())
    return ""


def _lock(_process: Process, _words: list[str]) -> str:
    return "Device locked\n"


COMMANDS: Mapping[str, Reply] = {
    "dump": _dump,
    "set-user-restriction": _set_restriction,
    "list-user-restrictions": _list_restrictions,
    "set-usb-data-signaling-enabled": _usb,
    "can-usb-data-signaling-be-disabled": _can_disable_usb,
    "set-affiliation-ids": _affiliate,
    "get-affiliation-ids": _affiliation,
    "set-organization-name": _organisation,
    "get-organization-name": _get_organisation,
    "clear-device-owner": _clear_owner,
    "set-global-setting": _global_setting,
    "set-secure-setting": _secure_setting,
    "reboot": _reboot,
    "lock-now": _lock,
    "wipe-data": _wipe,
}
