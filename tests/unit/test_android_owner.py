"""Owners, refusals and the controller's words: Android's texts of every release, held to what they mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.android.controller import NoService, read_said
from provisioning.android.enrolment import base_apk
from provisioning.android.install import refusal_of_install, refusal_of_owner
from provisioning.android.owner import Ownership, ProfileOwner, agreed, full_component, read_owner_dump, read_owner_list
from provisioning.android.reading import Unreadable
from provisioning.android.script import Answer

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "android"
recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the reference recordings are not beside this checkout")


def answer(out: str = "", err: str = "", code: int = 0) -> Answer:
    return Answer("dpm", out.encode(), err.encode(), code)


HEADWIND = "com.hmdm.launcher/com.hmdm.launcher.AdminReceiver"


@recorded
def test_a_recorded_motorola_with_a_device_owner_is_read() -> None:
    found = read_owner_dump(
        (RECORDINGS / "samples" / "device_policy_A12_motorola_headwind_device_owner.txt").read_text("utf-8")
    )
    assert found == Ownership(HEADWIND, (), {HEADWIND: False})


SECURE_FOLDER = (
    "com.samsung.knox.securefolder/com.samsung.knox.securefolder.containeragent.detector.KnoxDeviceAdminReceiver"
)


@recorded
def test_a_recorded_samsung_with_secure_folder_has_no_device_owner() -> None:
    text = (RECORDINGS / "samples" / "device_policy_A14plus_samsung_secure_folder_snippets.txt").read_text("utf-8")
    kept = [line for line in text.split("\n") if not line.startswith(("#", "---"))]
    found = read_owner_dump("\n".join(kept))
    assert found.device_owner is None
    assert found.profile_owners == (ProfileOwner(150, SECURE_FOLDER),)
    assert found.test_only == {
        "com.samsung.android.kgclient/com.samsung.android.kgclient.agent.KGDeviceAdminReceiver": False
    }


POLICY = """Current Device Policy Manager state:
  Immutable state:
    mHasFeature=true
  Device Owner: 
    admin=ComponentInfo{com.a/com.a.Rcv}
    name=Someone
    package=com.a
    isOrganizationOwnedDevice=true
    User ID: 0

  Enabled Device Admins (User 0, provisioningState: 3):
    com.a/.Rcv:
      uid=10170
      testOnlyAdmin=false
      policies:
        wipe-data
    com.b/.Other:
      testOnlyAdmin=true

    mPasswordOwner=-1
"""  # noqa: W291 - Android prints this blank


def test_owner_and_test_only_admins_are_told_apart() -> None:
    found = read_owner_dump(POLICY)
    assert found == Ownership("com.a/com.a.Rcv", (), {"com.a/com.a.Rcv": False, "com.b/com.b.Other": True})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Can't find service: device_policy\n",
        POLICY.split("  Enabled")[0],
        POLICY.replace("    admin=ComponentInfo{com.a/com.a.Rcv}\n", ""),
        POLICY.replace("name=Someone", "name=x\n  Device Owner: \n    admin=ComponentInfo{com.z/com.z.Z}"),
        POLICY.replace("com.a/com.a.Rcv}", "com.a}"),
    ],
    ids=["nothing", "no service", "cut", "no admin", "forged in the name", "no component"],
)
def test_a_policy_that_cannot_be_trusted_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_owner_dump(text)


@pytest.mark.parametrize(
    ("text", "ownership"),
    [
        ("no owners\n", Ownership(None)),
        ("1 owner:\nUser  0: admin=com.a/.Rcv,DeviceOwner\n", Ownership("com.a/com.a.Rcv")),
        ("1 owner:\nUser  0: admin=com.a/com.b.Rcv,DeviceOwner,Affiliated\n", Ownership("com.a/com.b.Rcv")),
        (
            "2 owners:\nUser  0: admin=com.a/.Rcv,DeviceOwner\n"
            "User 10: admin=com.w/.R,ManagedProfileOwner(parentUserId=0)\n",
            Ownership("com.a/com.a.Rcv", (ProfileOwner(10, "com.w/com.w.R"),)),
        ),
    ],
)
def test_the_list_of_owners_is_read(text: str, ownership: Ownership) -> None:
    assert read_owner_list(text) == ownership


@pytest.mark.parametrize(
    "text", ["", "2 owners:\nUser  0: admin=com.a/.Rcv,DeviceOwner\n", "1 owner:\n", "Unknown command: list-owners\n"]
)
def test_a_list_of_owners_with_another_count_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_owner_list(text)


def test_two_sources_that_differ_are_unreadable() -> None:
    with pytest.raises(Unreadable):
        agreed(read_owner_dump(POLICY), Ownership(None))
    assert agreed(read_owner_dump(POLICY), None).device_owner == "com.a/com.a.Rcv"


@given(st.text(max_size=300))
def test_no_text_crashes_the_readers_of_owners(text: str) -> None:
    for read in (read_owner_dump, read_owner_list, full_component):
        try:
            read(text)
        except Unreadable:
            pass


STACK = "\n\tat com.android.server.devicepolicy.DevicePolicyManagerService.x(DevicePolicyManagerService.java:9472)\n"


def thrown(message: str, kind: str = "java.lang.IllegalStateException") -> Answer:
    return answer("", f"\nException occurred while executing 'set-device-owner':\n{kind}: {message}{STACK}", 255)


NOT_ALLOWED = "Not allowed to set the device owner because there are already some"
ILLEGAL = "java.lang.IllegalArgumentException"
ALREADY_ADMIN = "com.x/.Rcv was already an admin for user 0. No need to set it again.\n"
WHOLE = "ComponentInfo{com.x/com.x.Rcv}"


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (thrown("Trying to set the device owner, but device owner is already set."), "has a device owner"),
        (
            thrown("Trying to set the device owner (com.x/.Rcv), but device owner (com.y/.A) is already set."),
            "has a device",
        ),
        (thrown("Trying to set the device owner, but the user already has a profile owner."), "profile owner"),
        (thrown(NOT_ALLOWED.replace("some", "several users on the device.")), "Secure Folder"),
        (thrown(f"{NOT_ALLOWED} accounts on the device."), "accounts"),
        (answer("", f"java.lang.IllegalStateException: {NOT_ALLOWED} accounts on the device\n\tat x\n", 1), "accounts"),
        (thrown(f"Can't set package {WHOLE} as device owner.", "java.lang.RuntimeException"), "Knox Guard"),
        (thrown("Cannot set the device owner if the device is already set-up"), "reset"),
        (thrown("User 10 is not system user."), "foreground"),
        (thrown("User not running: 0"), "unlock"),
        (thrown(f"Unknown admin: {WHOLE}", ILLEGAL), "does not hold"),
        (answer("", f"usage: dpm [subcommand] [options]\n\nError: Unknown admin: {WHOLE}\n", 0), "does not hold"),
        (
            answer(
                ALREADY_ADMIN, f"\nException occurred while executing 'x':\n{ILLEGAL}: Invalid component {WHOLE}\n", 255
            ),
            "does not hold",
        ),
        (thrown(f"Bad admin: {WHOLE}", ILLEGAL), "not a device administrator"),
        (thrown("Trying to set device owner but device is already provisioned."), "reset"),
        (thrown("Something new."), "Something new."),
        (answer("", "", 7), "code 7"),
        (answer(ALREADY_ADMIN), "already an admin"),
    ],
)
def test_every_refusal_of_an_owner_is_told_in_words(said: Answer, word: str) -> None:
    reason = refusal_of_owner(said)
    assert reason is not None
    assert word in reason


@pytest.mark.parametrize(
    "out",
    [
        "Success: Device owner set to package com.x/.Rcv\nActive admin set to component com.x/.Rcv\n",
        "Success: Device owner set to package ComponentInfo{com.x/com.x.Rcv}\nActive admin set to component {x}\n",
    ],
)
def test_success_is_told_in_both_forms(out: str) -> None:
    assert refusal_of_owner(answer(out)) is None
    assert refusal_of_owner(answer(out, code=255)) is not None


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (answer("", "Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]\n", 1), "Install via USB"),
        (answer("Failure [INSTALL_FAILED_TEST_ONLY: installPackageLI]\n", "", 1), "test-only"),
        (answer("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE]\n", "", 1), "storage"),
        (answer("Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: signatures do not match]\n", "", 1), "signature"),
        (answer("", "Failure [INSTALL_FAILED_DEPRECATED_SDK_VERSION: App package must target 23]", 1), "too old"),
        (answer("", "java.lang.SecurityException: User restriction prevents installing", 255), "restriction"),
        (answer("", "cmd: Can't find service: package\n", 20), "starting"),
        (answer("Error: Could not access the Package Manager.  Is the system running?\n", "", 1), "starting"),
        (answer("Failure [INSTALL_FAILED_NEW_WORD: why]\n", "", 1), "INSTALL_FAILED_NEW_WORD: why"),
        (answer("", "", 137), "137"),
        (answer("Success\n", "", 1), "Success"),
    ],
)
def test_every_refusal_to_install_is_told_in_words(said: Answer, word: str) -> None:
    reason = refusal_of_install(said)
    assert reason is not None
    assert word in reason


def test_an_install_that_succeeded_or_was_not_needed_is_no_refusal() -> None:
    assert refusal_of_install(answer("Success\n")) is None
    assert refusal_of_install(answer("Failure [INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected]\n", "", 1)) is None


@given(st.binary(max_size=100), st.binary(max_size=100), st.integers(0, 255))
def test_no_answer_crashes_the_reasons(out: bytes, err: bytes, code: int) -> None:
    said = Answer("x", out, err, code)
    for read in (refusal_of_install, refusal_of_owner):
        reason = read(said)
        assert reason is None or (reason and "\n" not in reason)


def test_the_controllers_words_come_out_of_their_frame() -> None:
    said = answer(
        "SERVICE com.x/.AdminService 1a2b3c pid=4711 user=0\n  Client:\n    User restriction 'no_sms' set to true\n"
    )
    assert read_said(said) == "User restriction 'no_sms' set to true"


@pytest.mark.parametrize(
    "text",
    [
        "No services match: com.x\nUse -h for help.\n",
        "SERVICE com.x/.DeviceAdminService 1a2b3c pid=(not running)\n",
        "SERVICE com.x/.S 1a pid=12\n  Client:\n    Failure while dumping the service: java.io.IOException: Timeout\n",
    ],
)
def test_a_controller_that_does_not_listen_is_told(text: str) -> None:
    with pytest.raises(NoService):
        read_said(answer(text))


def test_where_an_app_lies_or_that_it_is_not_there() -> None:
    assert base_apk(
        answer("package:/data/app/~~a==/com.x-b==/split_x.apk\npackage:/data/app/~~a==/com.x-b==/base.apk\n")
    ) == ("/data/app/~~a==/com.x-b==/base.apk")
    assert base_apk(answer("", "", 1)) is None
    with pytest.raises(Unreadable):
        base_apk(answer("", "cmd: Can't find service: package\n", 20))
    with pytest.raises(Unreadable):
        base_apk(answer(""))
