"""`dpm` says on each Android version what that version says: every row of what stands in a device owner's way."""

from __future__ import annotations

import pytest
from virtual_android_phone import phone, say

from provisioning.virtual.android.apk.build import TRAINING_DPC, Manifest, build_apk, build_training_dpc
from provisioning.virtual.android.apk.signing import Signer
from provisioning.virtual.android.handset import VirtualAndroid

DPC = "org.issuingdesk.trainingdpc"
COMMAND = f"dpm set-device-owner {DPC}/.AdminReceiver"
VERSIONS = {10: "nokia-6-1", 12: "galaxy-a21s", 14: "galaxy-a54", 15: "galaxy-s23-rooted", 16: "pixel-9-work"}
STATE = "java.lang.IllegalStateException"


async def ready(android: int, apk: bytes | None = None, **plan: object) -> VirtualAndroid:
    """A handset of that version with the controller on it, sound and without other users."""
    details: dict[str, object] = {"quirks": {}, "users": plan.pop("profile_users", [])}
    handset = phone(VERSIONS[android], details=details, **plan)
    handset.files.write("/data/local/tmp/dpc.apk", apk or build_training_dpc(), 0o644)
    said = await say(handset, "pm install -r -t --user 0 /data/local/tmp/dpc.apk")
    assert said.out == "Success\n"
    return handset


def expected_error(android: int, kind: str, message: str) -> tuple[str, int]:
    """The beginning of standard error, and the code."""
    if android < 12:
        return f"{kind}: {message}\n\tat ", 1
    return f"\nException occurred while executing 'set-device-owner':\n{kind}: {message}\n\tat ", 255


@pytest.mark.parametrize("android", [12, 14, 15, 16])
async def test_success_since_android_12(android: int) -> None:
    handset = await ready(android)
    said = await say(handset, COMMAND)
    assert said.out == (
        f"Success: Device owner set to package {DPC}/.AdminReceiver\n"
        f"Active admin set to component {DPC}/.AdminReceiver\n"
    )
    assert (said.err, said.code) == ("", 0)
    owners = await say(handset, "dpm list-owners")
    assert owners.out == f"1 owner:\nUser  0: admin={DPC}/.AdminReceiver,DeviceOwner\n"
    policy = (await say(handset, "dumpsys device_policy")).out
    assert f"  Device Owner: \n    admin=ComponentInfo{{{DPC}/{DPC}.AdminReceiver}}\n" in policy
    assert "testOnlyAdmin=false" in policy
    base = (
        ["no_add_managed_profile"]
        + ["no_add_clone_profile"] * (android >= 14)
        + ["no_add_private_profile"] * (android >= 15)
    )
    user = (await say(handset, "dumpsys user")).out
    assert all(f"      {name}\n" in user.split("Effective restrictions:")[1] for name in base)


async def test_success_on_android_10() -> None:
    handset = await ready(10)
    said = await say(handset, COMMAND)
    assert said.out == (
        f"Success: Device owner set to package ComponentInfo{{{DPC}/{DPC}.AdminReceiver}}\n"
        f"Active admin set to component {{{DPC}/{DPC}.AdminReceiver}}\n"
    )
    assert (said.err, said.code) == ("", 0)


@pytest.mark.parametrize("android", VERSIONS)
async def test_an_owner_is_there_already(android: int) -> None:
    handset = await ready(android, state="owned-by-another")
    said = await say(handset, COMMAND)
    named = (f" ({DPC}/.AdminReceiver)", " (com.hmdm.launcher/.AdminReceiver)") if android >= 12 else ("", "")
    begin, code = expected_error(
        android, STATE, f"Trying to set the device owner{named[0]}, but device owner{named[1]} is already set."
    )
    assert said.err.startswith(begin)
    assert (said.out, said.code) == ("", code)
    assert handset.owner == "com.hmdm.launcher/.AdminReceiver"


@pytest.mark.parametrize("android", VERSIONS)
async def test_several_users(android: int) -> None:
    handset = await ready(android, users=({"kind": "second-user", "id": 12},))
    said = await say(handset, COMMAND)
    dot = "." if android >= 12 else ""
    begin, code = expected_error(
        android,
        STATE,
        f"Not allowed to set the device owner because there are already several users on the device{dot}",
    )
    assert said.err.startswith(begin)
    assert said.code == code
    assert handset.owner is None
    assert not handset.policy.admin_named(DPC)


@pytest.mark.parametrize("android", VERSIONS)
async def test_accounts(android: int) -> None:
    handset = await ready(android, accounts=("somebody@example.com",))
    said = await say(handset, COMMAND)
    dot = "." if android >= 12 else ""
    begin, code = expected_error(
        android,
        STATE,
        f"Not allowed to set the device owner because there are already some accounts on the device{dot}",
    )
    assert said.err.startswith(begin)
    assert said.code == code


async def test_accounts_of_another_user_count_since_android_14() -> None:
    users = ({"kind": "second-user", "id": 12, "accounts": ["other@example.com"]},)
    new, old = await ready(14, users=users), await ready(12, users=users)
    for handset in (new, old):
        handset.users[12].flags |= 0
    assert "several users" in (await say(new, COMMAND)).err
    assert "several users" in (await say(old, COMMAND)).err


@pytest.mark.parametrize("android", [14, 15, 16])
async def test_compatible_accounts_with_a_controller_that_is_not_for_testing(android: int) -> None:
    handset = await ready(android, accounts=({"name": "work", "type": "com.example.owner-allowed"},))
    said = await say(handset, COMMAND)
    begin, code = expected_error(
        android,
        "java.lang.RuntimeException",
        f"Can't set package ComponentInfo{{{DPC}/{DPC}.AdminReceiver}} as device owner.",
    )
    assert said.err.startswith(begin)
    assert said.code == code


async def test_a_samsung_with_a_burnt_warranty_bit_only_says_no() -> None:
    handset = phone("galaxy-s23-rooted")
    handset.files.write("/data/local/tmp/dpc.apk", build_training_dpc(), 0o644)
    await say(handset, "pm install --user 0 /data/local/tmp/dpc.apk")
    said = await say(handset, COMMAND)
    assert "java.lang.RuntimeException: Can't set package ComponentInfo{" in said.err
    assert said.code == 255
    assert (await say(handset, "getprop ro.boot.warranty_bit")).out == "1\n"


@pytest.mark.parametrize("android", VERSIONS)
async def test_a_profile_owner_on_user_0(android: int) -> None:
    handset = await ready(android)
    handset.users[0].owner = "com.example.dpc/.Admin"
    said = await say(handset, COMMAND)
    assert "but the user already has a profile owner" in said.err
    assert (" (com.example.dpc/.Admin)." in said.err) == (android >= 12)


@pytest.mark.parametrize("android", VERSIONS)
async def test_another_user_than_0(android: int) -> None:
    handset = await ready(android, users=({"kind": "second-user", "id": 10},))
    handset.packages.find(DPC).users[10] = handset.packages.find(DPC).user(0)  # pyright: ignore[reportOptionalMemberAccess] - installed above
    said = await say(handset, f"dpm set-device-owner --user 10 {DPC}/.AdminReceiver")
    assert ("User 10 is not system user." if android >= 12 else "User is not system user\n") in said.err


@pytest.mark.parametrize("android", VERSIONS)
async def test_user_0_is_not_running(android: int) -> None:
    handset = await ready(android)
    handset.users[0].running = False
    assert ("User 0 not running." if android >= 12 else "User not running: 0") in (await say(handset, COMMAND)).err


@pytest.mark.parametrize("android", VERSIONS)
async def test_a_component_that_is_not_there(android: int) -> None:
    handset = await ready(android)
    said = await say(handset, "dpm set-device-owner com.nobody/.Admin")
    unknown = "ComponentInfo{com.nobody/com.nobody.Admin}"
    if android < 12:
        assert said.err.endswith(f"Error: Unknown admin: {unknown}\n")
        assert said.code == 0  # the trap: usage on standard error and code 0
    elif android < 15:
        assert f"java.lang.IllegalArgumentException: Unknown admin: {unknown}" in said.err
        assert (said.out, said.code) == ("", 255)
    else:
        assert said.out == "com.nobody/.Admin was already an admin for user 0. No need to set it again.\n"
        assert f"java.lang.IllegalArgumentException: Invalid component {unknown} for device owner" in said.err
        assert said.code == 255


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (
            Manifest(DPC, admin=".AdminReceiver", admin_protected=False),
            "must be protected with android.permission.BIND_DEVICE_ADMIN",
        ),
        (Manifest(DPC, admin=".AdminReceiver", admin_described=False), "Bad admin: ComponentInfo{"),
    ],
)
async def test_a_receiver_that_cannot_administer(manifest: Manifest, message: str) -> None:
    handset = await ready(14, build_apk(manifest, Signer.derived("bad")))
    said = await say(handset, COMMAND)
    assert message in said.err
    assert said.code == 255
    newer = await ready(16, build_apk(manifest, Signer.derived("bad")))
    newest = await say(newer, COMMAND)
    assert "was already an admin" in newest.out
    assert "Not active admin: ComponentInfo{" in newest.err


async def test_only_a_test_owner_can_be_stripped_over_adb() -> None:
    command = f"dpm remove-active-admin {DPC}/.AdminReceiver"
    sound = await ready(14)
    await say(sound, COMMAND)
    refused = await say(sound, command)
    assert (
        f"java.lang.SecurityException: Attempt to remove non-test admin ComponentInfo{{{DPC}/{DPC}.AdminReceiver}} 0"
        in refused.err
    )
    assert sound.owner is not None
    careless = await ready(14, build_apk(Manifest(DPC, admin=".AdminReceiver", test_only=True), Signer.derived("t")))
    await say(careless, COMMAND)
    assert "testOnlyAdmin=true" in (await say(careless, "dumpsys device_policy")).out
    assert (await say(careless, command)).code == 0
    assert careless.owner is None


async def test_during_setup_nothing_stands_in_the_way() -> None:
    handset = await ready(14, users=({"kind": "second-user"},), accounts=("a@example.com",))
    handset.settings.put("secure", "user_setup_complete", "0")
    assert (await say(handset, COMMAND)).code == 0


async def test_android_10_has_no_list_of_owners() -> None:
    said = await say(phone("nokia-6-1"), "dpm list-owners")
    assert said.err.endswith("Error: unknown command 'list-owners'\n")
    assert said.code == 0


def test_the_training_controller_is_never_for_testing_only() -> None:
    assert not TRAINING_DPC.test_only
