"""What a desk meets, row by row, as the project's notes on Android list it: setting a device owner, what the shell may
do, and the states in which adb shows a handset. Each row can be laid on a rack by its scenario alone.
"""

from __future__ import annotations

from dataclasses import dataclass

PIXEL, GALAXY, A21S = 'profile = "pixel-8"', 'profile = "galaxy-a54"', 'profile = "galaxy-a21s"'
A10, A15, A16 = 'profile = "nokia-6-1"', 'profile = "galaxy-s23-rooted"', 'profile = "pixel-9-work"\nusers = [{id = 0}]'
PACKAGE = "org.issuingdesk.trainingdpc"
DPC = f"{PACKAGE}/.AdminReceiver"
TIKTOK, KATANA = "com.zhiliaoapp.musically", "com.facebook.katana"
FOLDER = "/data/local/tmp"
"""Where the tests put three builds of the controller: ``dpc``, ``unprotected`` and ``undescribed``."""


def own(component: str = DPC, build: str = "dpc", options: str = "") -> str:
    """Ask for a device owner in a way that leaves a handset which refuses it as it was."""
    return (
        f"pm install -r {FOLDER}/{build}.apk > /dev/null; dpm set-device-owner {options}{component}; code=$?; "
        f"pm uninstall {PACKAGE} > /dev/null; exit $code"
    )


@dataclass(frozen=True, slots=True)
class Owning:
    """Setting a device owner: what is asked as shell, what is said with which code, by which reason the engine knows
    it, and what the walk comes to. An empty ``asked`` asks nothing beside the walk.
    """

    name: str
    toml: str
    asked: str
    said: str
    code: int
    reason: str
    outcome: str
    sentence: str


SETUP = "Cannot set the device owner if the device is already set-up"
ACCOUNT = 'accounts = ["a@example.com"]'
COMPATIBLE = 'accounts = [{name = "work", type = "com.example.owner-allowed"}]'
PROFILE_OWNER = 'users = [{id = 0, owner = "com.example.dpc/.Admin"}]'
USERS_WORDS = "already several users on the device"
ACCOUNTS_WORDS = "already some accounts on the device"
FIRST_USER, LOCKED = "its first user is not the one in the foreground", "its owner's storage is locked"
COMPONENT, NO_ADMIN = "does not hold the configured component", "is not a device administrator"

OWNING = [
    Owning("success, A12+", PIXEL, "", "", 0, "", "Verified", "is clear"),
    Owning("success, A10", A10, "", "", 0, "", "NotClear", "version 10"),
    Owning("owner exists, A14", f'{PIXEL}\nstate = "owned-by-another"', own(),
        f"Trying to set the device owner ({DPC}), but device owner (com.hmdm.launcher/.AdminReceiver) is already set.",
        255, "has a device owner already", "NotFit", "is managed by com.hmdm.launcher. It was not touched"),
    Owning("owner exists, A10", f'{A10}\nstate = "owned-by-another"', own(),
        "Trying to set the device owner, but device owner is already set.", 1, "has a device owner already", "NotFit",
        "is managed by com.hmdm.launcher. It was not touched"),
    Owning("profile owner on user 0, A14", f"{PIXEL}\n{PROFILE_OWNER}", own(),
        "but the user already has a profile owner (com.example.dpc/.Admin).", 255, "has a profile owner",
        "EnrolmentRefused", "has a profile owner"),
    Owning("profile owner on user 0, A10", f"{A10}\n{PROFILE_OWNER}", own(),
        "Trying to set the device owner, but the user already has a profile owner.", 1, "has a profile owner",
        "EnrolmentRefused", "has a profile owner"),
    Owning("several users, A14", f'{PIXEL}\nusers = ["second-user"]', own(), f"{USERS_WORDS}.", 255,
        "other users or profiles", "NeedsHands", "further users or profiles"),
    Owning("several users, A10", f'{A10}\nusers = ["second-user"]', own(), f"{USERS_WORDS}\n", 1,
        "other users or profiles", "NeedsHands", "further users or profiles"),
    Owning("Secure Folder", f"{GALAXY}\nusers = [150]", own(), USERS_WORDS, 255, "Secure Folder", "NeedsHands",
        "user 150 (Secure Folder)"),
    Owning("Dual Messenger", f"{GALAXY}\nusers = [95]", own(), USERS_WORDS, 255, "Dual Messenger", "NeedsHands",
        "user 95 (Dual Messenger)"),
    Owning("maker's clone", f"{PIXEL}\nusers = [999]", own(), USERS_WORDS, 255, "clones", "NeedsHands", "user 999"),
    Owning("work profile", f'{PIXEL}\nusers = ["work-profile"]', own(), USERS_WORDS, 255, "a work profile",
        "NeedsHands", "(work profile)"),
    Owning("accounts, A14", f"{PIXEL}\n{ACCOUNT}", own(), f"{ACCOUNTS_WORDS}.", 255, "accounts are present",
        "NeedsHands", "holds accounts (1 account). Remove them in Settings, or reset it"),
    Owning("accounts, A10", f"{A10}\n{ACCOUNT}", own(), f"{ACCOUNTS_WORDS}\n", 1, "accounts are present",
        "NeedsHands", "holds accounts (1 account)"),
    Owning("compatible accounts, admin not testOnly", f"{PIXEL}\n{COMPATIBLE}", own(),
        "java.lang.RuntimeException: Can't set package ComponentInfo{", 255, "forbids any device owner", "NeedsHands",
        "holds accounts (1 account)"),
    Owning("Samsung, integrity", A15, own(), "java.lang.RuntimeException: Can't set package ComponentInfo{", 255,
        "integrity check failed", "EnrolmentRefused", "integrity check failed"),
    Owning("set up, caller not adb", f'{PIXEL}\nfaults = ["owner-refused"]', own(), SETUP, 255, "set up too far",
        "EnrolmentRefused", "set up too far"),
    Owning("not user 0, A14", f'{PIXEL}\nusers = ["second-user"]', own(options="--user 10 "),
        "User 10 is not system user.", 255, FIRST_USER, "NeedsHands", "further users or profiles"),
    Owning("user 0 locked, A14", f"{PIXEL}\nusers = [{{id = 0, running = false}}]", own(), "User 0 not running.", 255,
        LOCKED, "EnrolmentRefused", "unlock it and try again"),
    Owning("user 0 locked, A10", f"{A10}\nusers = [{{id = 0, running = false}}]", own(), "User not running: 0", 1,
        LOCKED, "EnrolmentRefused", "unlock it and try again"),
    Owning("wrong component, A14", f'{PIXEL}\nserial_number = "X1"', own("a.b/.C"),
        "java.lang.IllegalArgumentException: Unknown admin: ComponentInfo{a.b/a.b.C}", 255, COMPONENT, "Verified",
        "is clear"),
    Owning("wrong component, A10: code 0", f'{A10}\nserial_number = "X2"', own("a.b/.C"), "Error: Unknown admin", 0,
        COMPONENT, "NotClear", "version 10"),
    Owning("wrong component, A15+", A16, own("a.b/.C"),
        "a.b/.C was already an admin for user 0. No need to set it again.", 255, COMPONENT, "Verified", "is clear"),
    Owning("receiver without metadata", f'{PIXEL}\nserial_number = "X3"', own(build="undescribed"),
        "IllegalArgumentException: Bad admin: ", 255, NO_ADMIN, "Verified", "is clear"),
    Owning("receiver without permission", f'{PIXEL}\nserial_number = "X4"', own(build="unprotected"),
        "android.permission.BIND_DEVICE_ADMIN", 255, NO_ADMIN, "Verified", "is clear"),
    Owning("Android 5's words",
        f'{PIXEL}\nfaults = [\'owner-refused says="Trying to set device owner but device is already provisioned."\']',
        own(), "but device is already provisioned.", 255, "set up too far", "EnrolmentRefused", "set up too far"),
    Owning("no install over USB", 'profile = "xiaomi-13t"', "", "", 0, "", "EnrolmentRefused", "“Install via USB”"),
    Owning("storage full", f'{PIXEL}\nfaults = ["storage-full"]', "", "", 0, "", "EnrolmentRefused",
        "too little free storage"),
    Owning("another signature", f'{PIXEL}\nfaults = ["other-signature"]', "", "", 0, "", "EnrolmentRefused",
        "another signature"),
    Owning("SDK too old", f'{PIXEL}\nfaults = ["deprecated-sdk"]', "", "", 0, "", "EnrolmentRefused",
        "built for an Android that is too old"),
    Owning("services not up", f'{PIXEL}\nfaults = ["services-busy seconds=600"]', "", "", 0, "", "StillStarting",
        "still starting"),
    *(
        Owning(f"services not up: {said}", f'{profile}\nfaults = [\'services-busy seconds=600 says="{said}"\']',
            "pm path android", said, 1, "", "StillStarting", "still starting. Wait for its home screen")
        for profile, said in [
            (PIXEL, "Error: Could not access the Package Manager.  Is the system running?"),
            (A10, "Error: Could not access the Package Manager.  Is the system running?"),
            (PIXEL, "cmd: Failure calling service package: Broken pipe (32)"),
            (PIXEL, "android.os.DeadSystemException"),
        ]
    ),
    Owning("still booting", f'{PIXEL}\nstate = "booting"', "", "", 0, "", "StillStarting", "still starting"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """A state of adb: the word in its list, what the walk comes to, and the sentence."""

    name: str
    toml: str
    word: str
    outcome: str
    sentence: str


NO_ANSWER = "seen but does not answer"
STATES = [
    Standing("unauthorized", f'{PIXEL}\nstate = "unauthorized"', "unauthorized", "AwaitingTrust",
        "tap “Allow” (USB debugging)"),
    Standing("prompt denied", f'{PIXEL}\nfaults = ["prompt-denied"]', "unauthorized", "AwaitingTrust", "tap “Allow”"),
    Standing("authorizing", f'{PIXEL}\nstate = "authorizing"', "authorizing", "AwaitingTrust", "tap “Allow”"),
    Standing("no permissions", f'{PIXEL}\nstate = "no-permissions"', "no permissions (missing udev rules?",
        "Unreachable", "may not open"),
    Standing("connecting", f'{PIXEL}\nstate = "connecting"', "connecting", "Unreachable", "is just being connected"),
    Standing("detached", f'{PIXEL}\nstate = "detached"', "detached", "Unreachable", "is just being connected"),
    Standing("offline", f'{PIXEL}\nstate = "offline"', "offline", "Unreachable", NO_ANSWER),
    Standing("recovery", f'{PIXEL}\nstate = "recovery"', "recovery", "Unreachable", "is in recovery mode"),
    Standing("sideload", f'{PIXEL}\nstate = "sideload"', "sideload", "Unreachable", "is in sideload mode"),
    Standing("rescue", f'{PIXEL}\nstate = "rescue"', "rescue", "Unreachable", "is in rescue mode"),
    Standing("bootloader", f'{PIXEL}\nstate = "bootloader"', "bootloader", "Unreachable", "is in bootloader mode"),
    Standing("host: a word unknown to adb", f'{PIXEL}\nstate = "host"', "host", "Unreachable", "cannot be reached"),
    Standing("device, in trade-in mode", 'profile = "pixel-trade-in"', "device", "NotFit",
        "trade-in mode. Finish its setup"),
    Standing("device", PIXEL, "device", "Verified", "is clear"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shelling:
    """What the shell may do: first what the controller is told, then what is asked as shell and what is said.

    ``denied`` names an app that must still fail the handset afterwards; empty where the shell really took it away.
    """

    name: str
    toml: str
    told: str
    asked: str
    said: str
    code: int
    denied: str = TIKTOK


CHANNEL = f"dumpsys activity --user 0 service {PACKAGE}"
SHELL = [
    Shelling("install", PIXEL, "", f"pm install -r -t --user 0 {FOLDER}/app.apk", "Success", 0),
    Shelling("install under no_install_apps", PIXEL, "set-user-restriction no_install_apps true",
        f"pm install -r -t --user 0 {FOLDER}/app.apk", "SecurityException: User restriction prevents installing", 255),
    Shelling("install while storage is full", f'{PIXEL}\nfaults = ["storage-full"]', "",
        f"pm install -r -t --user 0 {FOLDER}/app.apk", "INSTALL_FAILED_INSUFFICIENT_STORAGE", 1),
    Shelling("uninstall an app for user 0", PIXEL, "", f"pm uninstall --user 0 {TIKTOK}", "Success", 0, denied=""),
    Shelling("uninstall what is not there", PIXEL, "", "pm uninstall --user 0 a.b.c", "Failure [not installed for 0]",
        1),
    Shelling("uninstall a stub for user 0", A21S, "", f"pm uninstall --user 0 {KATANA}", "Success", 0),
    Shelling("uninstall a system app for all", A21S, "", f"pm uninstall {KATANA}",
        "Failure [DELETE_FAILED_INTERNAL_ERROR]", 1, denied=KATANA),
    Shelling("uninstall under no_uninstall_apps", PIXEL, "set-user-restriction no_uninstall_apps true",
        f"pm uninstall --user 0 {TIKTOK}", "DELETE_FAILED_USER_RESTRICTED", 1),
    Shelling("uninstall what is blocked", PIXEL, f"set-uninstall-blocked {TIKTOK} true",
        f"pm uninstall --user 0 {TIKTOK}", "DELETE_FAILED_OWNER_BLOCKED", 1),
    Shelling("uninstall the controller", PIXEL, "", f"pm uninstall --user 0 {PACKAGE}",
        "DELETE_FAILED_DEVICE_POLICY_MANAGER", 1),
    Shelling("bring a removed stub back", A21S, "",
        f"pm uninstall --user 0 {KATANA}; cmd package install-existing --user 0 {KATANA}",
        f"Package {KATANA} installed for user: 0", 0, denied=KATANA),
    Shelling("disable", PIXEL, "", f"pm disable-user --user 0 {TIKTOK}", "new state: disabled-user", 0),
    Shelling("disable a protected app", PIXEL, "", f"pm disable-user --user 0 {PACKAGE}",
        f"SecurityException: Cannot disable a protected package: {PACKAGE}", 255),
    Shelling("disable for good", PIXEL, "", f"pm disable --user 0 {TIKTOK}",
        f"SecurityException: Shell cannot change component state for {TIKTOK}/null to 2", 255),
    Shelling("suspend", PIXEL, "", f"pm suspend --user 0 {TIKTOK}", "new suspended state: true", 0),
    Shelling("suspend the launcher: refused with code 0", PIXEL, "",
        "pm suspend --user 0 com.google.android.apps.nexuslauncher", "new suspended state: false", 0),
    Shelling("hide", PIXEL, "", f"pm hide {TIKTOK}",
        "SecurityException: Neither user 2000 nor current process has android.permission.MANAGE_USERS.", 255),
    Shelling("restrict", PIXEL, "", "pm set-user-restriction no_install_apps 1",
        "SecurityException: You need MANAGE_USERS permission to: setUserRestriction", 255),
    Shelling("remove a user", f"{GALAXY}\nusers = [95]", "", "pm remove-user 95", "Success: removed user", 0),
    Shelling("remove a user under no_remove_user", f"{GALAXY}\nusers = [95]",
        "set-user-restriction no_remove_user true", "pm remove-user 95", "Error: couldn't remove user id 95", 1),
    Shelling("appops and settings: silent", PIXEL, "",
        f"appops set {TIKTOK} CAMERA ignore && settings put global stay_on_while_plugged_in 3", "", 0),
    Shelling("grant: silent", PIXEL, "",
        f"pm install {FOLDER}/app.apk > /dev/null && pm grant org.example.app android.permission.CAMERA", "", 0),
    Shelling("read a forbidden profile, A14", f"{GALAXY}\nusers = [150]", "", "pm list packages --user 150",
        "SecurityException: Shell does not have permission to access user 150", 255),
    Shelling("Samsung: clear a protected agent", GALAXY, "", "pm clear com.samsung.klmsagent",
        "Error: package cmd restricted - package: com.samsung.klmsagent", 1),
    Shelling("Samsung: suspend a protected agent", GALAXY, "", "pm suspend com.samsung.klmsagent",
        "cmd restricted - package: com.samsung.klmsagent", 1),
]  # fmt: skip
