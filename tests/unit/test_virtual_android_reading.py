"""What a handset says of its users, packages, owner and restrictions, version by version, with the traps that it
sets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from virtual_android_phone import phone, say

from provisioning.virtual.android.handset import VirtualAndroid

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "android"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the reference data is not beside the repository")
SECURE_FOLDER = {"id": 150, "kind": "secure-folder", "apps": ["com.whatsapp"]}
DUAL = {"id": 95, "kind": "dual-messenger", "apps": ["com.facebook.katana"]}
WORK = {"id": 10, "kind": "work-profile", "apps": ["com.example.mail"]}


def names(out: str) -> list[str]:
    """The package names of a plain list."""
    return [line.removeprefix("package:") for line in out.splitlines()]


# --- users ---------------------------------------------------------------------------------------------------------


@needs_data
@pytest.mark.parametrize(
    ("block", "profile", "users"),
    [
        (0, "galaxy-a54", ({**SECURE_FOLDER},)),
        (2, "galaxy-a54", (DUAL, {**SECURE_FOLDER, "flags": 0x61010})),
        (3, "galaxy-a54", ({"id": 12, "kind": "work-profile"}, SECURE_FOLDER)),
        (4, "nokia-6-1", ()),
    ],
)
async def test_users_are_listed_as_real_handsets_list_them(block: int, profile: str, users: tuple[object, ...]) -> None:
    text = (DATA / "samples" / "pm_list_users_real.txt").read_text()
    recorded = re.split(r"^# .*\n", text, flags=re.MULTILINE)[1:][block]
    assert (await say(phone(profile, users=users), "pm list users")).out == recorded


async def test_verbose_users_have_types_since_13_and_not_before() -> None:
    new = phone("pixel-8", users=(WORK,), state="owned-by-another")
    assert (await say(new, "pm list users -v")).out == (
        "2 users:\n\n"
        "0: id=0, name=Owner, type=full.SYSTEM, flags=ADMIN|FULL|INITIALIZED|MAIN|PRIMARY|SYSTEM (running)"
        " (device-owner) (current) (visible)\n"
        "1: id=10, name=Work profile, type=profile.MANAGED, flags=INITIALIZED|MANAGED_PROFILE|PROFILE (parentId=0)"
        " (running) (profile-owner) (visible)\n"
    )
    assert (await say(phone("galaxy-a21s"), "pm list users -v")).out == (
        "1 users:\n\n0: id=0, name=Owner, flags=ADMIN|FULL|INITIALIZED|PRIMARY|SYSTEM (running) (current)\n"
    )
    assert (await say(phone("nokia-6-1"), "pm list users -v")).out == "Users:\n\tUserInfo{0:Owner:13} running\n"


# --- packages ------------------------------------------------------------------------------------------------------


async def test_before_13_a_list_without_user_is_that_of_user_0() -> None:
    handset = phone("galaxy-a21s", users=(SECURE_FOLDER, DUAL))
    plain, zero = await say(handset, "pm list packages"), await say(handset, "pm list packages --user 0")
    assert plain == zero
    assert plain.code == 0
    assert "com.whatsapp" not in names(plain.out)


async def test_13_and_14_fail_whole_at_a_closed_profile() -> None:
    handset = phone("galaxy-a54", users=(SECURE_FOLDER,))
    said = await say(handset, "pm list packages")
    assert (said.out, said.code) == ("", 255)
    assert said.err.startswith(
        "\nException occurred while executing 'list':\n"
        "java.lang.SecurityException: Shell does not have permission to access user 150\n"
    )
    assert (await say(handset, "pm list packages --user 0")).code == 0


@pytest.mark.parametrize(("profile", "users"), [("pixel-9-work", ()), ("galaxy-s23-rooted", (WORK,))])
async def test_15_and_16_leave_a_closed_profile_out_and_say_so_on_standard_error_only(
    profile: str, users: tuple[object, ...]
) -> None:
    handset = phone(profile, users=users)
    said = await say(handset, "pm list packages")
    assert said.code == 0
    assert said.err == "Error: java.lang.SecurityException: Shell does not have permission to access user 10\n"
    assert len(names(said.out)) > 100
    assert not {"com.example.workmail", "com.example.mail"} & set(names(said.out))
    only = await say(handset, "pm list packages --user 10")
    assert (only.out, only.code) == ("", 0)
    assert only.err == said.err


async def test_since_13_uids_of_several_users_share_a_line() -> None:
    handset = phone("pixel-8", users=({**WORK, "debugging": True},))
    line = next(line for line in (await say(handset, "pm list packages -U")).out.splitlines() if "gms " in line)
    uid = handset.packages.find("com.google.android.gms").app_id  # pyright: ignore[reportOptionalMemberAccess] - preloaded
    assert line == f"package:com.google.android.gms uid:{uid},{1000000 + uid}"


@pytest.mark.parametrize("profile", ["nokia-6-1", "galaxy-a21s", "pixel-8", "pixel-9-work"])
async def test_every_column_and_filter_of_the_list(profile: str) -> None:
    handset = phone(profile, apps=[{"id": "org.example.app", "installer": "com.android.vending", "version_code": 42}])
    setting = handset.packages.find("org.example.app")
    assert setting is not None
    said = await say(handset, "pm list packages --user 0 -f -i -U --show-versioncode org.example")
    assert said.out == (
        f"package:{setting.facts.apk}=org.example.app versionCode:42  installer=com.android.vending"
        f" uid:{setting.app_id}\n"
    )
    third = names((await say(handset, "pm list packages -3 --user 0")).out)
    assert "org.example.app" in third
    assert "android" not in third
    assert "android" in names((await say(handset, "pm list packages -s --user 0")).out)
    assert (await say(handset, "pm list packages --user 0 --nonsense")).code == 255


async def test_third_party_lists_hide_the_facebook_stubs_and_show_preloads() -> None:
    handset = phone("galaxy-a21s")
    third = names((await say(handset, "pm list packages -3")).out)
    everything = names((await say(handset, "pm list packages")).out)
    stubs = {f"com.facebook.{name}" for name in ("katana", "system", "services", "appmanager")}
    assert stubs <= set(everything)
    assert not stubs & set(third)
    assert {"com.linkedin.android", "com.spotify.music"} <= set(third)
    dump = (await say(handset, "dumpsys package com.facebook.katana")).out
    assert "versionCode=1 minSdk=9 targetSdk=31\n    versionName=stub (75.0.18)\n" in dump
    assert "signatures:[c412e90e], past signatures:[]" in dump


async def test_hidden_is_listed_only_with_u_disabled_and_suspended_are_listed() -> None:
    apps = [{"id": f"org.example.{word}", "presence": word} for word in ("hidden", "suspended", "disabled")]
    handset = phone("pixel-8", apps=apps)
    plain = names((await say(handset, "pm list packages --user 0 org.example")).out)
    assert sorted(plain) == ["org.example.disabled", "org.example.suspended"]
    assert len(names((await say(handset, "pm list packages -u --user 0 org.example")).out)) == 3
    assert names((await say(handset, "pm list packages -d --user 0")).out) == ["org.example.disabled"]
    assert (await say(handset, "pm path --user 0 org.example.hidden")).code == 1


async def test_a_dump_of_one_package_shows_every_user_without_asking() -> None:
    handset = phone("galaxy-a54-used")
    dump = (await say(handset, "dumpsys package com.whatsapp")).out
    assert re.search(r"^    User 0: ceDataInode=0 installed=false ", dump, re.MULTILINE)
    assert re.search(r"^    User 150: ceDataInode=\d+ installed=true hidden=false ", dump, re.MULTILINE)
    katana = (await say(handset, "dumpsys package com.facebook.katana")).out
    assert re.search(r"^    User 95: ceDataInode=\d+ installed=true", katana, re.MULTILINE)
    assert "com.whatsapp" not in (await say(handset, "pm list packages -u --user 0")).out


async def test_the_words_for_a_package_that_is_not_there() -> None:
    new, old = phone("pixel-8"), phone("galaxy-a21s")
    assert (await say(new, "dumpsys package com.nope")).out == "Unable to find package: com.nope\n"
    assert (await say(old, "dumpsys package com.nope")).out == ""
    for handset in (new, old):
        missing = await say(handset, "pm path --user 0 com.nope")
        assert (missing.out, missing.err, missing.code) == ("", "", 1)


async def test_an_update_of_a_system_app_leaves_the_factory_copy_in_a_second_block() -> None:
    handset = phone("galaxy-a21s", apps=[])
    from provisioning.virtual.android.apk.build import Manifest, build_apk
    from provisioning.virtual.android.apk.signing import Signer

    setting = handset.packages.find("com.netflix.mediaclient")
    assert setting is not None
    from dataclasses import replace

    signer = Signer.derived("netflix")
    setting.facts = replace(setting.facts, certificate_sha256=signer.certificate_sha256, version_code=1)
    handset.files.write(
        "/data/local/tmp/n.apk", build_apk(Manifest("com.netflix.mediaclient", version_code=9), signer), 0o644
    )
    assert (await say(handset, "pm install -r /data/local/tmp/n.apk")).out == "Success\n"
    dump = (await say(handset, "dumpsys package com.netflix.mediaclient")).out
    current, hidden = dump.split("Hidden system packages:")
    assert "versionCode=9" in current
    assert "UPDATED_SYSTEM_APP" in current
    assert "versionCode=1" in hidden


async def test_link_domains_and_web_apps_show_in_the_resolver_table() -> None:
    apps = [
        {"id": "com.zhiliaoapp.musically", "link_domains": ["www.tiktok.com"], "url_schemes": ["snssdk1233"]},
        {"id": "org.chromium.webapk.a0123456789abcdef_v2", "web_start_url": "https://www.facebook.com/home"},
    ]
    handset = phone("pixel-8", apps=apps)
    tiktok = (await say(handset, "dumpsys package com.zhiliaoapp.musically")).out
    assert '          Authority: "www.tiktok.com": -1\n' in tiktok
    assert "          AutoVerify=true\n" in tiktok
    assert '          Scheme: "snssdk1233"\n' in tiktok
    links = (await say(handset, "pm get-app-links com.zhiliaoapp.musically")).out
    assert re.search(r"^    Signatures: \[([0-9A-F]{2}:){31}[0-9A-F]{2}\]$", links, re.MULTILINE)
    assert "      www.tiktok.com: verified\n" in links
    web = (await say(handset, "dumpsys package org.chromium.webapk.a0123456789abcdef_v2")).out
    assert '          Authority: "www.facebook.com": -1\n' in web
    assert "org.chromium.webapk.shell_apk.h2o.H2OOpaqueMainActivity" in web


@needs_data
async def test_a_package_block_has_the_fields_of_a_real_one_in_their_order() -> None:
    recorded = (DATA / "mvt" / "dumpsys_packages.txt").read_text()
    block = recorded[recorded.index("  Package [com.samsung.android.provider.filterprovider]") :]
    block = block[: block.index("  Package [com.sec")]
    own = (await say(phone("galaxy-a21s"), "dumpsys package com.samsung.android.provider.filterprovider")).out
    own = own[own.index("  Package [") :]

    def keys(text: str) -> list[str]:
        return re.findall(r"^    (\w+)=", text, re.MULTILINE)

    # The handset of the recording runs Android 10 or 11; 11 added forceQueryable and queriesPackages.
    added = {"forceQueryable", "queriesPackages"}
    assert [key for key in keys(own) if key not in added] == [k for k in keys(block) if k not in {"usesLibraries"}]


@needs_data
async def test_packages_stand_in_the_order_of_a_real_dump() -> None:
    recorded = re.findall(r"Package \[(.+?)\]", (DATA / "mvt" / "dumpsys_packages.txt").read_text())
    own = re.findall(r"  Package \[(.+?)\]", (await say(phone("galaxy-a21s"), "dumpsys package")).out)
    both = [name for name in own if name in recorded]
    assert both[:2] == [name for name in recorded if name in own][:2] == recorded[:2]


async def test_the_bytes_of_a_scenarios_app_can_be_pulled_and_carry_its_certificate() -> None:
    from provisioning.virtual.android.apk.reading import read_apk

    handset = phone("pixel-8", apps=["com.gbwhatsapp"])
    path = (await say(handset, "pm path --user 0 com.gbwhatsapp")).out.strip().removeprefix("package:")
    facts = read_apk(handset.files.read(path), path)
    assert facts.name == "com.gbwhatsapp"
    assert facts.certificate_sha256 == handset.packages.find("com.gbwhatsapp").facts.certificate_sha256  # pyright: ignore[reportOptionalMemberAccess] - installed above
    vendor = await say(handset, "cat /system/framework/framework-res.apk")
    assert vendor.err == "cat: /system/framework/framework-res.apk: I/O error\n"


# --- owner and restrictions ----------------------------------------------------------------------------------------


@needs_data
async def test_the_owned_motorola_says_what_the_recorded_one_said() -> None:
    recorded = (DATA / "samples" / "device_policy_A12_motorola_headwind_device_owner.txt").read_text()
    own = (await say(phone("moto-owned"), "dumpsys device_policy")).out
    head = recorded[: recorded.index("    PersonalAppsSuspensionHelper")].rstrip("\n")
    assert own.startswith(head)


async def test_a_samsung_without_owner_still_has_an_administrator() -> None:
    said = (await say(phone("galaxy-a54"), "dumpsys device_policy")).out
    assert "Device Owner:" not in said
    assert "  Enabled Device Admins (User 0, provisioningState: 0):\n    com.samsung.android.kgclient/.agent." in said
    assert (await say(phone("galaxy-a54"), "dpm list-owners")).out == "no owners\n"


async def test_secure_folder_is_a_profile_owner_whose_restriction_is_in_the_engine() -> None:
    handset = phone("galaxy-a54-used")
    policy = (await say(handset, "dumpsys device_policy")).out
    assert "  Profile Owner (User 150): \n    admin=ComponentInfo{com.samsung.knox.securefolder/" in policy
    assert "      UserRestrictionPolicyKey userRestriction_no_debugging_features\n" in policy
    users = (await say(handset, "dumpsys user")).out.split("UserInfo{")[1:]
    closed = next(text for text in users if text.startswith("150:xxx:10061030}"))
    assert "    Effective restrictions:\n      no_debugging_features\n" in closed


@pytest.mark.parametrize(
    ("profile", "header"),
    [("galaxy-a21s", "    Device policy global restrictions:\n"), ("pixel-8", "    Device policy restrictions:\n")],
)
async def test_restrictions_have_the_headers_of_their_version(profile: str, header: str) -> None:
    said = (await say(phone(profile), "dumpsys user")).out
    assert header in said
    assert "    Effective restrictions:\n      none\n" in said
    assert ("UserInfo{0:xxx:" in said) == (profile == "pixel-8")


async def test_get_user_restriction_exists_since_15() -> None:
    assert (await say(phone("pixel-9-work"), "pm get-user-restriction --user 0 no_install_apps")).out == "false\n"
    assert (await say(phone("pixel-8"), "pm get-user-restriction no_install_apps")).code == 255


async def test_accounts_are_counted_per_user() -> None:
    said = (await say(phone("galaxy-a54-used"), "dumpsys account")).out
    assert re.findall(r"^  Accounts: (\d+)$", said, re.MULTILINE) == ["2", "0", "0"]
    assert "    Account {name=resident@example.com, type=com.google}\n" in said


@needs_data
async def test_samsungs_battery_has_samsungs_lines() -> None:
    recorded = (DATA / "samples" / "battery_samsung.txt").read_text()
    own = (await say(phone("galaxy-a54"), "dumpsys battery")).out

    def keys(text: str) -> list[str]:
        return [line.split(":")[0] for line in text.splitlines()]

    assert keys(own) == keys(recorded)


async def test_a_recording_is_played_back_byte_for_byte() -> None:
    handset = phone("pixel-8")
    handset.recordings["dumpsys battery"] = (b"as it was\r\n\xff", b"", 0)
    assert (await say(handset, "dumpsys battery")).out.encode("utf-8", "surrogateescape") == b"as it was\r\n\xff"


# --- what is not there yet -----------------------------------------------------------------------------------------


async def test_a_handset_that_still_boots_has_no_services() -> None:
    handset: VirtualAndroid = phone("pixel-8", state="booting")
    assert (await say(handset, "getprop sys.boot_completed")).out == "\n"
    said = await say(handset, "pm list packages")
    assert (said.out, said.err, said.code) == ("", "cmd: Can't find service: package\n", 20)
    dump = await say(handset, "dumpsys package")
    assert (dump.err, dump.code) == ("Can't find service: package\n", 0)
    handset.finish_booting()
    assert (await say(handset, "pm list packages")).code == 0


async def test_unset_settings_read_as_the_word_null() -> None:
    handset = phone("pixel-8")
    assert (await say(handset, "settings get global nothing_here")).out == "null\n"
    assert (await say(handset, "settings get global adb_enabled")).out == "1\n"
    await say(handset, "settings put secure some_key ''")
    assert (await say(handset, "settings get secure some_key")).out == "\n"


async def test_the_imei_parcel_has_the_documented_form() -> None:
    handset = phone("pixel-8")
    said = (await say(handset, "service call iphonesubinfo 1 s16 com.android.shell")).out
    assert said.startswith("Result: Parcel(\n  0x00000000: 00000000 0000000f 00")
    digits = "".join(re.findall(r"'(.*?)'", said)).replace(".", "")
    assert digits.strip() == handset.imei


async def test_trade_in_mode_knows_one_command() -> None:
    handset = phone("pixel-trade-in")
    assert handset.imei in (await say(handset, "tradeinmode getstatus")).out
    assert (await say(phone("pixel-8"), "tradeinmode getstatus")).code == 127
