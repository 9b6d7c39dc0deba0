"""The words of a scenario that an iPhone knows: states, faults with their options, and the messages of ``at=``.

One thing may be called by several names, because scenarios are written by people: ``denied`` is a Trust dialog
answered with no, ``silent-lockdown`` a daemon that stalls at everything. Whatever is not known here is refused in
one sentence that says what is, so that a misspelt fault never passes for a phone on which nothing goes wrong.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Final

from provisioning.errors import UsageError
from provisioning.virtual.scenario import Fault

MESSAGES: Final = frozenset({
    # usbmuxd
    "ListDevices", "Listen", "ListListeners", "ReadBUID", "ReadPairRecord", "SavePairRecord", "DeletePairRecord",
    "Connect", "TLS",
    # lockdownd
    "QueryType", "GetValue", "SetValue", "RemoveValue", "Pair", "Unpair", "ValidatePair", "StartSession",
    "StopSession", "StartService", "EnterRecovery", "Goodbye",
    # MCInstall, before and after escalation
    "HelloHostIdentifier", "Flush", "GetProfileList", "InstallProfile", "RemoveProfile", "StoreProfile",
    "GetStoredProfile", "GetCloudConfiguration", "SetCloudConfiguration", "Escalate", "EscalateResponse",
    "EraseDevice", "SetWiFiPowerState", "EstablishProvisionalEnrollment", "DownloadAndApplyCloudConfiguration",
    "PollMDMIfNetworkTethered", "ProceedWithKeybagMigration", "InstallProfileSilent", "Restrictions", "ProfileList",
    "SecurityInfo", "InstalledApplicationList", "DeviceInformation", "CertificateList", "ProvisioningProfileList",
    "Settings", "RequestUnlockToken", "DeviceLock", "RestartDevice", "ShutDownDevice", "ClearRestrictionsPassword",
    "ClearPasscode", "DeviceConfigured", "ClearActivationLockBypassCode", "DefaultMDMOptions", "SetDefaultMDMOptions",
    # installation_proxy, SpringBoard, mobileactivationd, diagnostics_relay, notification_proxy, AFC
    "Browse", "Lookup", "Uninstall", "Install", "Upgrade", "CheckCapabilitiesMatch", "LookupArchives",
    "getIconState", "setIconState", "getIconPNGData", "getHomeScreenWallpaperPNGData", "getInterfaceOrientation",
    "getHomeScreenIconMetrics", "GetActivationStateRequest", "DeactivateRequest", "All", "GasGauge", "WiFi", "NAND",
    "IORegistry", "MobileGestalt", "Restart", "Shutdown", "Sleep", "ObserveNotification", "PostNotification", "AFC",
    # the phone's own requests to an MDM server
    "Authenticate", "TokenUpdate",
})  # fmt: skip
_CANONICAL: Final = {message.lower(): message for message in MESSAGES}

STATE_ALIASES: Final[Mapping[str, str]] = {
    "new": "setup-assistant",
    "hello": "setup-assistant",
    "at-setup-assistant": "setup-assistant",
    "setup": "set-up",
    "home-screen": "set-up",
    "unmanaged": "set-up",
    "placeholder": "set-up",
    "set-up-unmanaged": "set-up",
    "activation-lock": "activation-locked",
    "icloud-locked": "activation-locked",
    "find-my-on": "find-my",
    "not-activated": "unactivated",
    "supervised": "foreign",
    "supervised-by-another": "foreign",
    "owned-by-another": "foreign",
    "managed-by-another": "foreign",
    "mdm": "foreign",
    "sealed": "foreign-sealed",
    "lockdown": "lockdown-mode",
    "unseen": "not-on-cable",
    "automated-enrolment": "ade",
    "dep": "ade",
}
_SECONDS: Final = frozenset({"seconds", "late", "after", "until", "back"})
_NUMBERS: Final = frozenset({"times", "skip", "count", "polls", "code", "percent", "number", "provisional"})
_LONGEST: Final = 1e6
_COUNTED: Final = frozenset({"at", "times", "skip"})
_TIMED: Final = frozenset({"after"})
_APP: Final = frozenset({"app"})
OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    # those that may wait for a message; without one some strike after a time
    "unplug": _COUNTED | _TIMED | {"back", "seconds", "when"},
    "stall": _COUNTED | {"seconds"},
    "hang-up": _COUNTED | {"seconds"},
    "garbage": _COUNTED,
    "truncate": _COUNTED,
    "error": _COUNTED | {"name", "number"},
    "refuse-tls": _COUNTED,
    "usbmuxd-restart": _COUNTED | _TIMED,
    "reboot": _COUNTED | _TIMED | {"seconds"},
    "lock": _COUNTED | _TIMED,
    "unlock": _COUNTED | _TIMED,
    "rename": _COUNTED | _TIMED | {"name"},
    "install": _COUNTED | _TIMED | _APP,
    "remove-app": _COUNTED | _TIMED | _APP,
    "remove-profile": _COUNTED | _TIMED | {"id"},
    # those that stand from the start
    "trust-dialog": frozenset({"late", "after", "answer", "preflight", "polls"}),
    "pairing-closed": frozenset[str](),
    "locked": frozenset({"until"}),
    "not-on-cable": frozenset({"until"}),
    "keybag-migration": frozenset({"seconds", "code"}),
    "erase": frozenset({"seconds"}),
    "activation": frozenset({"after"}),
    "find-my": frozenset[str](),
    "activation-locked": frozenset[str](),
    "offloaded": _APP,
    "downloading": _APP,
    "app-clip": _APP,
    "side-loaded": _APP | {"signer"},
    "app-library": _APP,
    "icon-twice": _APP,
    "many-apps": frozenset({"count"}),
    "web-clip": frozenset({"url", "title"}),
    "unknown-profile": frozenset({"id", "name", "restrict"}),
    "foreign-mdm": frozenset[str](),
    "usb-restricted-profile": frozenset[str](),
    "clock-skew": frozenset({"seconds"}),
    "renamed": frozenset({"name"}),
    "battery": frozenset({"percent"}),
    "lockdown-mode": frozenset[str](),
    "tls": frozenset({"version"}),
    "terse-restrictions": frozenset[str](),
    "silent-lockdown": frozenset({"seconds"}),
    "ade": frozenset({"organisation", "certificate", "magic", "provisional"}),
    "no-network": frozenset({"times"}),
    "mdm-refuses": frozenset({"times", "number"}),
    "mdm-slow": frozenset({"seconds", "times"}),
    "mdm-tls": frozenset({"times"}),
}
_ALIASES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "dialog": ("trust-dialog", {}),
    "late-dialog": ("trust-dialog", {"late": "30"}),
    "late-trust-dialog": ("trust-dialog", {"late": "30"}),
    "denied": ("trust-dialog", {"answer": "deny"}),
    "trust-denied": ("trust-dialog", {"answer": "deny"}),
    "mcprotected": ("pairing-closed", {}),
    "mc-protected": ("pairing-closed", {}),
    "activation-lock": ("activation-locked", {}),
    "tls-stall": ("stall", {"at": "TLS"}),
    "stalled-tls": ("stall", {"at": "TLS"}),
    "tls-refused": ("refuse-tls", {}),
    "browse-error": ("error", {"at": "Browse", "name": "APIInternalError"}),
    "hangup": ("hang-up", {}),
    "silent": ("silent-lockdown", {}),
    "restart-usbmuxd": ("usbmuxd-restart", {}),
    "replug": ("unplug", {"after": "1", "back": "0.3"}),
    "device-id-change": ("unplug", {"after": "1", "back": "0.3"}),
    "deviceid-change": ("unplug", {"after": "1", "back": "0.3"}),
    "keybag": ("keybag-migration", {}),
    "sideloaded": ("side-loaded", {}),
    "side-loaded-app": ("side-loaded", {}),
    "offloaded-app": ("offloaded", {}),
    "placeholder-app": ("downloading", {}),
    "webclip": ("web-clip", {}),
    "apps": ("many-apps", {}),
    "profile-removed": ("remove-profile", {"after": "5"}),
    "device-renamed": ("renamed", {}),
    "clock": ("clock-skew", {}),
    "offline": ("no-network", {}),
    "mdm-refused": ("mdm-refuses", {}),
}


def state_word(state: str) -> str:
    """Give a state by its first name; unknown ones come back as they are."""
    word = state.strip().lower().replace("_", "-").replace(" ", "-")
    return STATE_ALIASES.get(word, word)


def understood(fault: Fault) -> Fault:
    """Give a fault by its first name, its message as it stands on the wire. Raises UsageError for what is unknown."""
    word = fault.name.strip().lower().replace("_", "-")
    name, implied = _ALIASES[word] if word in _ALIASES else (word, dict[str, str]())
    known = OPTIONS.get(name)
    if known is None:
        raise UsageError(f"fault “{fault.name}” is unknown to an iPhone{_near(word, [*OPTIONS, *_ALIASES])}.")
    options = {**implied, **fault.options}
    unknown = sorted(set(options) - known)
    if unknown:
        has = ", ".join(sorted(known)) or "none"
        raise UsageError(f"fault “{fault.name}” has no option “{unknown[0]}”; an iPhone's has: {has}.")
    if "at" in options:
        options["at"] = _message(fault, options["at"])
    meant = Fault(name, options)
    for key in _SECONDS & set(options) if name != "clock-skew" and options.get("after") != "never" else ():
        if not 0 <= meant.seconds(key, 0.0) < _LONGEST:
            raise UsageError(f"fault “{fault.name}”: {key}={options[key]} is no time that can be waited for.")
    if options.get("after") == "never" and name != "activation":
        raise UsageError(f"fault “{fault.name}”: after=never is for activation alone.")
    for key in _NUMBERS & set(options):
        meant.number(key, 0)
    return meant


def _message(fault: Fault, at: str) -> str:
    if at == "*":
        return at
    first, blank, rest = at.partition(" ")
    message = _CANONICAL.get(first.lower())
    if message is None or (blank and message != "StartService"):
        raise UsageError(
            f"fault “{fault.name}”: at={at} is no message that an iPhone hears{_near(first.lower(), _CANONICAL)}."
        )
    return f"{message}{blank}{rest}"


def _near(word: str, known: Mapping[str, str] | list[str]) -> str:
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if not found:
        return f"; there are: {', '.join(sorted(known))}" if len(known) < 100 else ""
    near = known[found[0]] if isinstance(known, Mapping) else found[0]
    return f" (did you mean “{near}”?)"
