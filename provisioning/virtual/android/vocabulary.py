"""What people call things in a scenario, and what they are called here: states, faults, kinds of users.

The design names few of the words and the field has many for the same thing; each is understood once, here. What is
understood by nobody is refused with a list of what there is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.virtual.scenario import Fault

_STATES = {
    "new": "", "ready": "", "setup": "set-up", "set up": "set-up", "setup-done": "set-up", "provisioned": "set-up",
    "unauthorised": "unauthorized", "unauthorized-forever": "unauthorized",
    "no-permission": "no-permissions", "udev": "no-permissions",
    "unauthorised-forever": "unauthorized", "untrusted": "unauthorized",
    "setup-assistant": "factory-fresh", "setup-wizard": "factory-fresh", "fresh": "factory-fresh",
    "factory": "factory-fresh", "factory-reset": "factory-fresh", "out-of-box": "factory-fresh",
    "tradeinmode": "trade-in", "trade-in-mode": "trade-in", "tradein": "trade-in",
    "with-account": "set-up-with-account", "account": "set-up-with-account", "used": "set-up-with-account",
    "owned": "owned-by-another", "foreign": "owned-by-another", "managed": "owned-by-another",
    "owned-by-other": "owned-by-another", "owned-by-others": "owned-by-another",
    "ours": "owned-by-us", "enrolled": "owned-by-us", "enrolled-by-us": "owned-by-us",
    "starting": "booting", "boot": "booting", "screen-locked": "locked", "locked-screen": "locked",
    "fastboot": "bootloader", "download": "bootloader", "download-mode": "bootloader",
    "sealed": "debugging-off", "adb-off": "debugging-off", "no-debugging": "debugging-off",
}  # fmt: skip
_FAULTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "truncate": ("truncated", {}),
    "noise": ("garbage", {}),
    "hang": ("stall", {}),
    "slow": ("stall", {}),
    "delay": ("stall", {}),
    "pm-latency": ("stall", {"at": "pm", "seconds": "1", "times": "0"}),
    "kill-server": ("server-dies", {}),
    "server-killed": ("server-dies", {}),
    "server-death": ("server-dies", {}),
    "no-code": ("no-exit-code", {}),
    "missing-exit-code": ("no-exit-code", {}),
    "pm-busy": ("services-busy", {}),
    "boot-incomplete": ("boot", {}),
    "boot-not-complete": ("boot", {}),
    "prompt-never": ("trust-dialog", {"answer": "never"}),
    "prompt-never-answered": ("trust-dialog", {"answer": "never"}),
    "prompt-denied": ("trust-dialog", {"answer": "deny"}),
    "denied": ("trust-dialog", {"answer": "deny"}),
    "prompt-once": ("trust-dialog", {"answer": "once"}),
    "always-not-ticked": ("trust-dialog", {"answer": "once"}),
    "charge-only-cable": ("charge-only", {}),
    "autoblocker": ("auto-blocker", {}),
    "screen-locked": ("locked-screen", {}),
    "insufficient-storage": ("storage-full", {}),
    "version-downgrade": ("install-refused", {"reason": "INSTALL_FAILED_VERSION_DOWNGRADE"}),
    "older-version": ("install-refused", {"reason": "INSTALL_FAILED_VERSION_DOWNGRADE"}),
    "other-signature": ("install-refused", {"reason": "INSTALL_FAILED_UPDATE_INCOMPATIBLE"}),
    "signature-conflict": ("install-refused", {"reason": "INSTALL_FAILED_UPDATE_INCOMPATIBLE"}),
    "target-sdk-too-low": ("install-refused", {"reason": "INSTALL_FAILED_DEPRECATED_SDK_VERSION"}),
    "deprecated-sdk": ("install-refused", {"reason": "INSTALL_FAILED_DEPRECATED_SDK_VERSION"}),
    "install-via-usb-off": ("install-refused", {"reason": "INSTALL_FAILED_USER_RESTRICTED"}),
    "same-serial": ("duplicate-serial", {}),
    "never-enrols": ("controller-silent", {}),
    "dpc-silent": ("controller-silent", {}),
    "dpc-never-enrols": ("controller-silent", {}),
}
_NOT_FAULTS = {
    "accounts": 'accounts = ["person@example.com"]',
    "secure-folder": 'users = ["secure-folder"]',
    "dual-messenger": 'users = ["dual-messenger"]',
    "silent-skip": 'users = ["work-profile"] on a profile of Android 15 or 16',
    "seal-applied": 'state = "debugging-off"',
}
_PLACES = {"push": "sync SEND", "pull": "sync RECV", "install": "pm install", "uninstall": "pm uninstall",
           "shell": "*", "any": "*", "everything": "*"}  # fmt: skip
_KINDS = {
    "work": "work-profile", "managed": "work-profile", "managed-profile": "work-profile",
    "profile.managed": "work-profile", "securefolder": "secure-folder", "knox": "secure-folder",
    "dual-app": "dual-messenger", "dualapp": "dual-messenger", "dual-apps": "dual-messenger",
    "dualmessenger": "dual-messenger", "profile.clone": "clone", "clone-profile": "clone", "app-clone": "clone",
    "private": "private-space", "privatespace": "private-space", "profile.private": "private-space",
    "private-profile": "private-space", "second": "second-user", "secondary": "second-user",
    "full.secondary": "second-user", "second-space": "second-user", "user": "second-user", "full.guest": "guest",
}  # fmt: skip
_LISTED = re.compile(r"(?:UserInfo\{)?(?P<id>\d{1,9}):(?P<name>.*):(?P<flags>[0-9a-fA-F]{1,8})\}?(?:\s+running)?")
_TYPE_PREFIX = "android.os.usertype."
_MANAGED, _SECURE_FOLDER, _KNOX, _DUAL_APP = 0x20, 0x20000, 0x10000000, 0x20000000


def state_word(said: str) -> str:
    """Give the state that a scenario means; one that nobody knows comes back as it is."""
    word = said.strip().lower().replace("_", "-")
    return _STATES.get(word, word)


def fault_word(fault: Fault, programs: frozenset[str]) -> Fault:
    """Give the fault that a scenario means. Raises UsageError for what is written elsewhere, and for a place that no
    Android comes to: such a fault would never strike, and nobody would notice.
    """
    name = fault.name.strip().lower().replace("_", "-")
    if name in _NOT_FAULTS:
        raise UsageError(f"“{name}” is no fault; write {_NOT_FAULTS[name]}.")
    known, options = _FAULTS.get(name, (name, {}))
    found = {**options, **fault.options}
    if known == "unplug" and "at" not in found and "after" in found:
        found["seconds"] = found.pop("after").removesuffix("s")
    place = found.get("at", "").strip()
    if place:
        place = _PLACES.get(place.lower(), place)
        place = place.removeprefix("adb ").removeprefix("shell ")
        first = place.split()[0].rsplit("/", 1)[-1] if place.split() else ""
        if first not in programs | {"*", "sync", "package", "device_policy"}:
            raise UsageError(
                f"Fault “{known} at={one_line(place, 60)}”: an Android knows no command “{one_line(first, 40)}”."
            )
        found["at"] = place
    return Fault(known, found)


def user_table(entry: object) -> dict[str, Any]:
    """Give one entry of ``users`` as a table with ``kind``: from a number, a word, a line of ``pm list users``.

    Where no kind is said, the id, the type or the flags say it: 150 to 160 are Samsung's Secure Folder, 95 to 99 its
    Dual Messenger, 999 a maker's clone. Raises UsageError.
    """
    table = _as_table(entry)
    if "flags" in table and isinstance(table["flags"], str):
        try:
            table["flags"] = int(table["flags"].removeprefix("0x"), 16)
        except ValueError:
            raise UsageError(f"flags “{one_line(str(table['flags']), 20)}” in users are not hexadecimal.") from None
    said = table.pop("type", None)
    if "kind" not in table and said is not None:
        table["kind"] = str(said).removeprefix(_TYPE_PREFIX)
    if "kind" in table:
        word = str(table["kind"]).strip().lower().replace("_", "-").replace(" ", "-")
        table["kind"] = _KINDS.get(word, word)
    else:
        table["kind"] = _guess(table)
    for key in ("restricted", "forbidden", "closed"):
        if key in table:
            table.setdefault("debugging", not table.pop(key))
    if "restrictions" in table:
        table.setdefault("debugging", "no_debugging_features" not in cast("list[str]", table.pop("restrictions")))
    return table


def _as_table(entry: object) -> dict[str, Any]:
    if isinstance(entry, Mapping):
        return dict(cast("Mapping[str, Any]", entry))
    if isinstance(entry, int) and not isinstance(entry, bool):
        return {"id": entry}
    if isinstance(entry, str):
        text = entry.strip()
        if text.isdigit():
            return {"id": int(text)}
        listed = _LISTED.fullmatch(text)
        if listed is not None:
            return {"id": int(listed["id"]), "name": listed["name"], "flags": int(listed["flags"], 16)}
        return {"kind": text}
    raise UsageError("users must be a list of tables, numbers, kinds or lines of “pm list users”.")


def _guess(table: Mapping[str, Any]) -> str:
    number, flags = table.get("id"), table.get("flags")
    if isinstance(flags, int) and flags:
        for bit, kind in (
            (_SECURE_FOLDER, "secure-folder"),
            (_DUAL_APP, "dual-messenger"),
            (_KNOX, "secure-folder"),
            (_MANAGED, "work-profile"),
            (0x4, "guest"),
            (0x400, "second-user"),
            (0x1000, "clone"),
        ):
            if flags & bit:
                return kind
    name = str(table.get("name", "")).casefold()
    for words, kind in (
        ("secure folder", "secure-folder"),
        ("dual", "dual-messenger"),
        ("work", "work-profile"),
        ("private", "private-space"),
        ("clone", "clone"),
    ):
        if words in name:
            return kind
    if isinstance(number, int):
        if 150 <= number <= 160:
            return "secure-folder"
        if 95 <= number <= 99:
            return "dual-messenger"
        if number == 999:
            return "clone"
    return "second-user"
