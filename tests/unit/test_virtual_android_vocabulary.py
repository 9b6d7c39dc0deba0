"""Every word that a scenario may use for an Android is understood, and what nobody understands is said."""

from __future__ import annotations

from typing import Any

import pytest
from virtual_android_phone import phone, say

from provisioning.errors import UsageError


@pytest.mark.parametrize(
    ("users", "seen"),
    [
        ([150, 95], {150: "10061030", 95: "20001010"}),
        (["150", "dual_messenger", "Secure Folder"], {150: "10061030", 95: "20001010", 151: "10061030"}),
        ([{"id": 150, "apps": ["com.whatsapp"]}], {150: "10061030"}),
        ([{"id": 95, "name": "DUAL_APP"}, {"id": 999}], {95: "20001010", 999: "1010"}),
        ([{"id": 10, "name": "Work", "flags": "1030", "type": "android.os.usertype.profile.MANAGED"}], {10: "1030"}),
        (["\tUserInfo{10:Work profile:1030} running", "150:Secure Folder:61010"], {10: "1030", 150: "61010"}),
        ([{"id": 0, "apps": ["com.whatsapp"]}, "work"], {10: "1030"}),
    ],
)
async def test_users_in_every_spelling(users: list[Any], seen: dict[int, str]) -> None:
    handset = phone("galaxy-a54", users=tuple(users))
    listed = (await say(handset, "pm list users")).out
    for number, flags in seen.items():
        assert f"UserInfo{{{number}:" in listed
        assert f":{flags}}}" in listed
    if any(isinstance(one, dict) and "apps" in one for one in users):
        assert "com.whatsapp" in (await say(handset, "dumpsys package com.whatsapp")).out


@pytest.mark.parametrize("restricted", [{"restricted": True}, {"restrictions": ["no_debugging_features"]},
                                        {"debugging": False}])  # fmt: skip
async def test_a_user_is_closed_in_every_spelling(restricted: dict[str, Any]) -> None:
    handset = phone("pixel-9-work", users=({"id": 12, "kind": "second-user", **restricted},))
    said = await say(handset, "pm list packages --user 12")
    assert "does not have permission to access user 12" in said.err


@pytest.mark.parametrize(
    ("said", "state"),
    [("setup-assistant", "factory-fresh"), ("Unauthorised", "unauthorized"), ("owned", "owned-by-another"),
     ("fastboot", "bootloader"), ("sealed", "debugging-off"), ("set_up", "set-up")],
)  # fmt: skip
def test_states_in_every_spelling(said: str, state: str) -> None:
    assert phone("pixel-8", state=said).state == state


@pytest.mark.parametrize(
    "fault",
    ["pm-busy", "kill-server at=getprop", "truncate at='pm list packages'", "prompt-never", "denied",
     "slow at=pm seconds=1", "unplug after=3", "older-version", "other-signature", "never-enrols", "unplug at=push",
     "stall at=shell",
     "garbage at='adb shell getprop'", "unplug at='cmd package list'", "stall at='dumpsys package' seconds=60",
     "unplug at=install", "unplug at=dpm", "no_exit_code at=pm", "prompt-denied", "always-not-ticked",
     "charge-only-cable", "auto-blocker", "locked-screen", "boot-not-complete", "storage-full", "target-sdk-too-low",
     "pm-latency", "crlf", "same-serial", "seal-refused"],
)  # fmt: skip
def test_faults_in_every_spelling(fault: str) -> None:
    """All that goes wrong on real desks can be switched on; accounts, profiles, a seal are how a handset lies there."""
    phone("pixel-8", fault)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"users": (True,)}, "list of tables, numbers, kinds"),
        ({"users": ("nobody",)}, "kind “nobody” in users is unknown; there are: work-profile"),
        ({"users": ({"id": 150}, {"id": 150})}, "user 150 is there twice"),
        ({"users": ({"id": 10, "flags": "xyz"},)}, "not hexadecimal"),
        ({"state": "activation-locked"}, "is unknown to Android handsets; there are: set-up"),
    ],
)
def test_what_nobody_understands_is_said(plan: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        phone("pixel-8", **plan)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unplug at=InstallProfileSilent", "knows no command “InstallProfileSilent”"),
        ("accounts", "is no fault; write accounts ="),
        ("explode", "unknown to Android handsets; there are: auto-blocker"),
    ],
)
def test_a_fault_that_would_never_strike_is_said(fault: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        phone("pixel-8", fault)


async def test_a_handset_that_is_ours_already_has_our_controller() -> None:
    handset = phone("pixel-8", state="ours")
    owners = (await say(handset, "dpm list-owners")).out
    assert "org.issuingdesk.trainingdpc" in owners
    path = (await say(handset, "pm path org.issuingdesk.trainingdpc")).out
    assert path.startswith("package:/data/app/")
    channel = "dumpsys activity --user 0 service org.issuingdesk.trainingdpc list-user-restrictions"
    assert "SERVICE org.issuingdesk.trainingdpc" in (await say(handset, channel)).out


@pytest.mark.parametrize("at", ["dumpsys package", "dumpsys -t 60 package", "dumpsys"])
async def test_how_long_dumpsys_may_wait_is_no_part_of_what_is_asked(at: str) -> None:
    handset = phone("pixel-8", f"garbage at='{at}' bytes=8")
    assert len((await say(handset, "dumpsys -t 30 package packages")).out) == 8
