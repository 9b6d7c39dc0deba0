"""What shell may do on a production handset and what it only seems to: installs, removals, suspensions,
restrictions."""

from __future__ import annotations

import pytest
from virtual_android_phone import Said, phone, say

from provisioning.virtual.android.apk.build import Manifest, build_apk, build_training_dpc
from provisioning.virtual.android.apk.signing import Signer
from provisioning.virtual.android.handset import VirtualAndroid

APP = "org.example.app"
DPC = "org.issuingdesk.trainingdpc"
CHANNEL = f"dumpsys activity --user 0 service {DPC}"


async def install(handset: VirtualAndroid, manifest: Manifest, options: str = "-r", seed: str = "app") -> Said:
    """Push an APK and install it."""
    handset.files.write("/data/local/tmp/a.apk", build_apk(manifest, Signer.derived(seed)), 0o644)
    return await say(handset, f"pm install {options} --user 0 /data/local/tmp/a.apk")


async def owned(profile: str = "pixel-8", *faults: str, **plan: object) -> VirtualAndroid:
    """A handset with the training controller as owner."""
    handset = phone(profile, *faults, **plan)
    handset.files.write("/data/local/tmp/dpc.apk", build_training_dpc(), 0o644)
    assert (await say(handset, "pm install /data/local/tmp/dpc.apk")).code == 0
    assert (await say(handset, f"dpm set-device-owner {DPC}/.AdminReceiver")).code == 0
    return handset


async def told(handset: VirtualAndroid, command: str) -> str:
    """What the controller wrote, without what ActivityManager puts around it."""
    lines = (await say(handset, f"{CHANNEL} {command}")).out.splitlines()
    assert lines[0].startswith(f"SERVICE {DPC}/.AdminService ")
    assert lines[1] == "  Client:"
    return "".join(f"{line.removeprefix('    ')}\n" for line in lines[2:])


@pytest.mark.parametrize("profile", ["nokia-6-1", "galaxy-a21s", "pixel-8", "pixel-9-work"])
async def test_an_installed_app_is_there(profile: str) -> None:
    handset = phone(profile)
    said = await install(handset, Manifest(APP, version_code=5))
    assert (said.out, said.err, said.code) == ("Success\n", "", 0)
    assert f"package:{APP}" in (await say(handset, "pm list packages -3 --user 0")).out
    dump = (await say(handset, f"dumpsys package {APP}")).out
    assert "versionCode=5 " in dump
    assert ("initiatingPackageName=com.android.shell" in dump) == (handset.android >= 13)
    gone = await say(handset, f"pm uninstall --user 0 {APP}")
    assert gone.out == "Success\n"
    assert (await say(handset, f"pm uninstall --user 0 {APP}")).out == "Failure [not installed for 0]\n"
    assert (await say(handset, f"pm uninstall {APP}")).out == "Failure [DELETE_FAILED_INTERNAL_ERROR]\n"


@pytest.mark.parametrize(
    ("profile", "manifest", "options", "failure"),
    [
        ("pixel-8", Manifest(APP, test_only=True), "-r", "INSTALL_FAILED_TEST_ONLY: "),
        ("pixel-8", Manifest(APP, min_sdk=99), "-r", "INSTALL_FAILED_OLDER_SDK: "),
        ("pixel-8", Manifest(APP, min_sdk=1, target_sdk=22), "-r",
         "INSTALL_FAILED_DEPRECATED_SDK_VERSION: App package must target at least SDK version 23, but found 22"),
        ("xiaomi-13t", Manifest(APP), "-r -t", "INSTALL_FAILED_USER_RESTRICTED: Install canceled by user"),
    ],
)  # fmt: skip
async def test_an_install_that_fails_says_why(profile: str, manifest: Manifest, options: str, failure: str) -> None:
    said = await install(phone(profile), manifest, options)
    assert said.out.startswith(f"Failure [{failure}")
    assert said.out.endswith("]\n")
    assert said.code == 1


async def test_a_downgrade_and_a_foreign_signature_are_refused() -> None:
    handset = phone("pixel-8")
    await install(handset, Manifest(APP, version_code=9))
    older = await install(handset, Manifest(APP, version_code=8))
    assert older.out == (
        "Failure [INSTALL_FAILED_VERSION_DOWNGRADE: "
        "Downgrade detected: Update version code 8 is older than current 9]\n"
    )
    assert (await install(handset, Manifest(APP, version_code=8), "-r -d")).out == "Success\n"
    foreign = await install(handset, Manifest(APP, version_code=10), seed="somebody else")
    assert foreign.out.startswith("Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: ")


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("storage-full", "INSTALL_FAILED_INSUFFICIENT_STORAGE"),
        ("install-refused reason=INSTALL_FAILED_VERIFICATION_FAILURE", "INSTALL_FAILED_VERIFICATION_FAILURE"),
    ],
)
async def test_a_planned_refusal_strikes_every_install(fault: str, failure: str) -> None:
    handset = phone("pixel-8", fault)
    data = build_apk(Manifest(APP), Signer.derived("app"))
    said = await say(handset, f"cmd package install -S {len(data)}", data)
    assert said.out.startswith(f"Failure [{failure}")


async def test_sessions_install_what_was_written_to_them() -> None:
    handset = phone("pixel-8")
    data = build_apk(Manifest(APP), Signer.derived("app"))
    created = (await say(handset, f"pm install-create -S {len(data)}")).out
    number = created.removeprefix("Success: created install session [").removesuffix("]\n")
    written = await say(handset, f"pm install-write -S {len(data)} {number} base.apk -", data)
    assert written.out == f"Success: streamed {len(data)} bytes\n"
    assert (await say(handset, f"pm install-commit {number}")).out == "Success\n"
    assert APP in handset.packages
    assert (await say(handset, f"pm install-commit {number}")).code == 255


async def test_a_removed_system_app_comes_back_with_one_command() -> None:
    handset = phone("galaxy-a21s")
    katana = "com.facebook.katana"
    assert (await say(handset, f"pm uninstall {katana}")).out == "Failure [DELETE_FAILED_INTERNAL_ERROR]\n"
    assert (await say(handset, f"pm uninstall --user 0 {katana}")).out == "Success\n"
    assert katana not in (await say(handset, "pm list packages --user 0")).out
    assert katana in (await say(handset, "pm list packages -u --user 0")).out
    back = await say(handset, f"cmd package install-existing --user 0 {katana}")
    assert back.out == f"Package {katana} installed for user: 0\n"
    assert katana in (await say(handset, "pm list packages --user 0")).out


async def test_disabling_is_for_whole_packages_that_are_not_protected() -> None:
    handset = phone("pixel-8", apps=[APP])
    assert (await say(handset, f"pm disable-user --user 0 {APP}")).out == f"Package {APP} new state: disabled-user\n"
    dump = (await say(handset, f"dumpsys package {APP}")).out
    assert " enabled=3 " in dump
    assert "lastDisabledCaller: shell:2000" in dump
    refused = await say(handset, f"pm disable --user 0 {APP}")
    assert f"java.lang.SecurityException: Shell cannot change component state for {APP}/null to 2" in refused.err
    protected = await say(handset, "pm disable-user --user 0 com.android.systemui")
    assert "java.lang.SecurityException: Cannot disable a protected package: com.android.systemui" in protected.err
    assert protected.code == 255


async def test_a_refused_suspension_is_no_error() -> None:
    handset = phone("pixel-8", apps=[APP])
    launcher = handset.profile.launcher
    said = await say(handset, f"pm suspend --user 0 {APP} {launcher}")
    assert said.out == f"Package {APP} new suspended state: true\nPackage {launcher} new suspended state: false\n"
    assert (said.err, said.code) == ("", 0)
    assert "suspendingPackage=com.android.shell" in (await say(handset, f"dumpsys package {APP}")).out


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (f"pm hide {APP}", "Neither user 2000 nor current process has android.permission.MANAGE_USERS."),
        ("pm set-user-restriction no_install_apps 1", "You need MANAGE_USERS permission to: setUserRestriction"),
    ],
)
async def test_shell_can_neither_hide_nor_restrict(command: str, message: str) -> None:
    handset = phone("pixel-8", apps=[APP])
    said = await say(handset, command)
    assert f"java.lang.SecurityException: {message}\n" in said.err
    assert said.code == 255
    ten = await say(phone("nokia-6-1", apps=[APP]), command)
    assert ten.err.startswith(f"Security exception: {message}\n\njava.lang.SecurityException: {message}\n")


async def test_samsung_closes_its_own_packages_to_shell() -> None:
    handset = phone("galaxy-a54")
    assert (await say(handset, "pm suspend com.samsung.android.kgclient")).err == (
        "Error: cmd restricted - package: com.samsung.android.kgclient\n"
    )
    assert (await say(handset, "pm clear com.samsung.klmsagent")).err == (
        "Error: package cmd restricted - package: com.samsung.klmsagent\n"
    )


async def test_users_can_be_removed_by_shell() -> None:
    handset = phone("galaxy-a54-used")
    assert (await say(handset, "pm remove-user 150")).out == "Success: removed user\n"
    assert "com.whatsapp" not in handset.packages
    assert (await say(handset, "pm remove-user 150")).err == "Error: couldn't remove user id 150\n"


async def test_an_administrator_cannot_be_uninstalled() -> None:
    handset = await owned()
    said = await say(handset, f"pm uninstall --user 0 {DPC}")
    assert said.out == "Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\n"


async def test_nobodys_channel_answers_but_the_owners() -> None:
    handset = phone("pixel-8")
    handset.files.write("/data/local/tmp/dpc.apk", build_training_dpc(), 0o644)
    await say(handset, "pm install /data/local/tmp/dpc.apk")
    said = await say(handset, f"{CHANNEL} list-user-restrictions")
    assert (said.out, said.code) == (f"No services match: {DPC}\nUse -h for help.\n", 0)


@pytest.mark.parametrize("profile", ["nokia-6-1", "galaxy-a21s", "pixel-8", "pixel-9-work"])
async def test_the_controllers_restrictions_are_in_force(profile: str) -> None:
    details: dict[str, object] = {"users": []}
    handset = await owned(profile, details=details)
    assert (
        await told(handset, "set-user-restriction no_install_apps true")
        == "User restriction 'no_install_apps' set to true\n"
    )
    assert await told(handset, "list-user-restrictions") == "1 user restriction:\n  no_install_apps\n"
    effective = (await say(handset, "dumpsys user")).out.split("Effective restrictions:\n")[1]
    assert "      no_install_apps\n" in effective
    refused = await install(handset, Manifest(APP))
    assert "java.lang.SecurityException: User restriction prevents installing\n" in refused.err
    assert (refused.out, refused.code) == ("", 255)
    own = (await say(handset, "dumpsys device_policy")).out
    if handset.android >= 14:
        assert "      userRestrictions:\n        none\n" in own
        assert "      UserRestrictionPolicyKey userRestriction_no_install_apps\n" in own
    else:
        assert "      userRestrictions:\n        no_install_apps\n" in own
    await told(handset, "set-user-restriction no_install_apps false")
    assert (await install(handset, Manifest(APP))).code == 0


async def test_an_unknown_restriction_is_set_with_success_and_without_effect() -> None:
    handset = await owned()
    assert (
        await told(handset, "set-user-restriction no_fun_at_all true")
        == "User restriction 'no_fun_at_all' set to true\n"
    )
    assert await told(handset, "list-user-restrictions") == "No user restrictions\n"
    assert "SecurityException" in await told(handset, "set-user-restriction no_oem_unlock true")


async def test_the_controller_hides_suspends_and_keeps_apps() -> None:
    handset = await owned("galaxy-a21s")
    katana = "com.facebook.katana"
    assert await told(handset, f"set-hidden-package {katana} true") == f"Set {katana} as HIDDEN\n"
    assert await told(handset, f"is-hidden-package {katana}") == f"{katana}: HIDDEN\n"
    assert await told(handset, "is-hidden-package com.nope") == "Invalid package name: com.nope\n"
    assert " hidden=true " in (await say(handset, f"dumpsys package {katana}")).out
    said = await told(handset, f"set-suspended-packages true com.linkedin.android {handset.profile.launcher}")
    launcher = handset.profile.launcher
    assert said == f"Set [com.linkedin.android, {launcher}] (but not [{launcher}]) to SUSPENDED\n"
    assert "suspendingPackage=android" in (await say(handset, "dumpsys package com.linkedin.android")).out
    assert await told(handset, "set-uninstall-blocked com.linkedin.android true") == (
        "Blocked uninstall of pacakge com.linkedin.android\n"
    )
    blocked = await say(handset, "pm uninstall --user 0 com.linkedin.android")
    assert blocked.out == "Failure [DELETE_FAILED_OWNER_BLOCKED]\n"


async def test_no_uninstalling_and_no_control_hold_for_shell() -> None:
    handset = await owned(apps=[APP])
    await told(handset, "set-user-restriction no_uninstall_apps true")
    assert (await say(handset, f"pm uninstall --user 0 {APP}")).out == "Failure [DELETE_FAILED_USER_RESTRICTED]\n"
    assert (await say(handset, f"pm suspend {APP}")).out == f"Package {APP} new suspended state: false\n"


async def test_a_controller_without_network_never_answers() -> None:
    handset = await owned("pixel-8", "controller-silent")
    said = await say(handset, f"{CHANNEL} set-user-restriction no_install_apps true")
    assert "Failure while dumping the service" in said.out
    assert not handset.restricted("no_install_apps")


async def test_wrong_words_to_the_controller_are_named() -> None:
    handset = await owned()
    assert await told(handset, "no-such-command") == "Command 'no-such-command' was not found.\n"
    assert await told(handset, "set-user-restriction no_fun") == "Ordinal parameter 'enabled' was not provided.\n"
    assert "could not be parsed" in await told(handset, "set-user-restriction no_fun maybe")


async def test_settings_that_the_owner_closed_stay_closed() -> None:
    handset = await owned()
    handset.policy.owner_admin().restrictions = {"no_debugging_features"}  # pyright: ignore[reportOptionalMemberAccess] - owned above
    said = await say(handset, "settings put global adb_enabled 1")
    assert "java.lang.SecurityException" in said.err
    assert said.code == 255


async def test_xiaomi_keeps_shell_from_writing_settings() -> None:
    said = await say(phone("xiaomi-13t"), "settings put global stay_on_while_plugged_in 3")
    assert "WRITE_SECURE_SETTINGS" in said.err
