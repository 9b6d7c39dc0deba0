"""The ten handsets that the project's notes on Android ask for, one by one: what each is, has, and answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from virtual_android_phone import phone, say

from provisioning.platforms import Platform
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.android.wire.features import features
from provisioning.virtual.scenario import profiles

ANDROIDS = [name for name, platform in profiles().items() if platform is Platform.ANDROID]
UNKNOWN_OWNER = "dpm set-device-owner a.b/.C"
INSTALL = "pm install /data/local/tmp/dpc.apk"


@dataclass(frozen=True, slots=True)
class Handset:
    """``users`` by id with their flags in hexadecimal; ``answers`` by command: exit code and a text that is said."""

    number: int
    profile: str
    android: int
    model: str
    users: dict[int, str]
    accounts: int
    owner: str | None
    answers: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])


STUB = "versionName=stub (75.0.18)"
MATRIX = [
    Handset(1, "pixel-8", 14, "Pixel 8", {0: "4c13"}, 0, None, {
        "settings get secure user_setup_complete": (0, "1"),
        "dpm list-owners": (0, "no owners"),
        "getprop ro.build.id": (0, "UD1A.230803.041"),
        "pm path com.facebook.katana": (1, ""),
        INSTALL: (0, "Success"),
    }),
    Handset(2, "galaxy-a54-used", 14, "SM-A546B", {0: "4c13", 95: "20001010", 150: "10061030"}, 2, None, {
        "dumpsys account": (0, "type=com.google"),
        "pm list packages --user 95": (0, "package:com.facebook.katana"),
        "pm list packages --user 150": (255, "Shell does not have permission to access user 150"),
        "pm list packages": (255, "Shell does not have permission to access user 150"),
        "dumpsys package com.whatsapp": (0, "    User 150: ceDataInode="),
        "dumpsys device_policy": (0, "com.samsung.android.kgclient/.agent.KGDeviceAdminReceiver:"),
        "getprop ro.build.version.oneui": (0, "60101"),
    }),
    Handset(3, "galaxy-a21s", 12, "SM-A217F", {0: "c13"}, 0, None, {
        "dumpsys package com.facebook.katana": (0, STUB),
        "pm list packages -s com.facebook.": (0, "com.facebook.appmanager"),
        "pm list packages -3 com.linkedin": (0, "package:com.linkedin.android"),
        "pm list packages -3 com.facebook": (0, ""),
        "getprop ro.build.PDA": (0, "A217FXXU8DVF6"),
    }),
    Handset(4, "moto-owned", 12, "motorola edge 20 lite", {0: "c13"}, 0, "com.hmdm.launcher/.AdminReceiver", {
        "dpm list-owners": (0, "User  0: admin=com.hmdm.launcher/.AdminReceiver,DeviceOwner"),
        "dumpsys device_policy": (0, "      testOnlyAdmin=false"),
        "dumpsys user": (0, "no_safe_boot"),
        "dumpsys package com.facebook.katana": (0, STUB),
    }),
    Handset(5, "pixel-9-work", 16, "Pixel 9", {0: "4c13", 10: "1030"}, 0, None, {
        "pm list packages": (0, "Error: java.lang.SecurityException: Shell does not have permission to access user 10"),
        "pm list packages --user 0": (0, "package:android"),
        "dumpsys package com.example.workmail": (0, "    User 10: ceDataInode="),
        "tradeinmode getstatus": (0, '"manufacturer":"Google"'),
    }),
    Handset(6, "xiaomi-13t", 14, "2306EPN60G", {0: "4c13"}, 0, None, {
        INSTALL: (1, "Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]"),
        "settings put secure x 1": (255, "SecurityException"),
        "getprop ro.miui.ui.version.name": (0, "V816"),
        "getprop ro.product.marketname": (0, "Xiaomi 13T"),
    }),
    Handset(7, "nokia-6-1", 10, "Nokia 6.1", {0: "13"}, 0, None, {
        UNKNOWN_OWNER: (0, "Error: Unknown admin"),
        "dpm list-owners": (0, "usage: dpm"),
        "pm list users": (0, "UserInfo{0:"),
        "cmd device_policy list-owners": (20, "cmd: Can't find service: device_policy"),
        "dumpsys package android": (0, "userId=1000"),
    }),
    Handset(8, "galaxy-s23-rooted", 15, "SM-S911B", {0: "4c13"}, 0, None, {
        f"{INSTALL} > /dev/null; dpm set-device-owner org.issuingdesk.trainingdpc/.AdminReceiver": (
            255, "java.lang.RuntimeException: Can't set package ComponentInfo{"),
        UNKNOWN_OWNER: (255, "a.b/.C was already an admin for user 0. No need to set it again."),
        "getprop ro.boot.verifiedbootstate": (0, "orange"),
        "getprop ro.boot.flash.locked": (0, "0"),
        "getprop ro.boot.warranty_bit": (0, "1"),
        "getprop ro.product.first_api_level": (0, "33"),
    }),
    Handset(9, "pixel-trade-in", 16, "Pixel 9", {0: "4c13"}, 0, None, {
        "tradeinmode getstatus": (0, '"serial"'),
        "settings get secure user_setup_complete": (0, "0"),
        "settings get global device_provisioned": (0, "0"),
    }),
    Handset(10, "galaxy-unauthorised", 14, "SM-A546B", {0: "4c13"}, 0, None),
]  # fmt: skip


def test_all_ten_are_here() -> None:
    assert [row.number for row in MATRIX] == list(range(1, 11))
    assert {row.profile for row in MATRIX} <= set(ANDROIDS)


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.profile)
async def test_a_handset_of_the_matrix_is_what_the_notes_say(row: Handset) -> None:
    handset = phone(row.profile)
    handset.files.write("/data/local/tmp/dpc.apk", controller(), 0o644)
    assert (handset.android, handset.model, handset.owner) == (row.android, row.model, row.owner)
    assert {number: f"{user.flags:x}" for number, user in handset.users.items()} == row.users
    assert sum(len(user.accounts) for user in handset.users.values()) == row.accounts
    listed = (await say(handset, "pm list users")).out
    assert set(re.findall(r"UserInfo\{(\d+):.*:([0-9a-f]+)\}", listed)) == {(str(n), f) for n, f in row.users.items()}
    for command, (code, text) in row.answers.items():
        said = await say(handset, command)
        assert (said.code, text in f"{said.out}{said.err}") == (code, True), (command, said)
        assert text or not said.out, command


async def test_what_only_their_connection_shows() -> None:
    trade_in, unauthorised, old = phone("pixel-trade-in"), phone("galaxy-unauthorised"), phone("nokia-6-1")
    assert trade_in.debugging_on
    assert trade_in.accepts_at_once
    assert not unauthorised.accepts_at_once
    announced = features(old.android, frozenset(old.profile.quirks["without_features"]))
    assert {"shell_v2", "cmd"} <= set(announced)
    assert not {"abb", "abb_exec"} & set(announced)


@pytest.mark.parametrize("profile", ANDROIDS)
async def test_what_a_profile_says_of_itself_agrees_with_its_fingerprint(profile: str) -> None:
    handset = phone(profile)
    said = handset.properties
    brand, product, device, build, incremental, _ = re.split(r"[/]", handset.profile.fingerprint)
    assert (said["ro.product.brand"], said["ro.product.name"]) == (brand, product)
    assert f"{said['ro.product.device']}:{said['ro.build.version.release']}" == device
    assert (said["ro.build.id"], f"{said['ro.build.version.incremental']}:user") == (build, incremental)
    assert said["ro.build.fingerprint"] == handset.profile.fingerprint
    assert int(said["ro.product.first_api_level"]) <= int(said["ro.build.version.sdk"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", said["ro.build.version.security_patch"])
    assert said["ro.product.vendor.model"] == handset.model
    assert said["ro.serialno"] == handset.serial_number


def controller() -> bytes:
    from importlib.resources import files

    return files("resources").joinpath("virtual", "training-dpc.apk").read_bytes()


def test_a_profile_that_extends_another_keeps_what_it_does_not_say() -> None:
    rooted: VirtualAndroid = phone("galaxy-s23-rooted")
    assert rooted.properties["ro.config.knox"] == "v30"
    assert rooted.properties["ro.build.version.oneui"] == "70000"
