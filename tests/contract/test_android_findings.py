"""What a verification must name besides apps by their identifiers, each played by a virtual handset and read over adb.

The names of users are never looked at: here they all claim to be the owner, or try to break out of their line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from walk_bench import errand, home_from, rack_of, serials

from console import assembly
from provisioning.status import SessionStatus
from provisioning.verification.judgement import Finding
from provisioning.virtual.android.apk.build import TRAINING_COMPONENT, TRAINING_DPC, TRAINING_SEED, build_apk
from provisioning.virtual.android.apk.signing import Signer
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.android.shell.interpreter import Shell
from provisioning.virtual.android.shell.streams import Collected, Given

PIXEL, GALAXY, A21S = "pixel-8", "galaxy-a54", "galaxy-a21s"
WEB_APK = "org.chromium.webapk.a0123456789abcdef_v2"
TIKTOK = "com.zhiliaoapp.musically"
FLOOR = "2023-10-01"
"""Between the patches of the two profiles that are used for it."""
HOSTILE = ("Owner", "", "x:c13} running", "Owner:4c13}\\n\\tUserInfo{0:Owner:4c13} running", "\\u202e\\u0007")


@dataclass(frozen=True, slots=True)
class Row:
    """A handset and what of it must be found: the finding's subject, a part of where, a part of its sentence."""

    name: str
    profile: str
    body: str
    subject: str
    where: str = "handset"
    sentence: str = ""


def app(**keys: object) -> str:
    fields = ", ".join(f"{key} = {value!r}".replace("'", '"') for key, value in keys.items())
    return f"users = [{{id = 0, apps = [{{{fields}}}]}}]"


def prop(key: str, value: str) -> str:
    return f"faults = ['property key={key} value={value}']"


def user(kind: str, number: int, name: str, flags: str = "") -> str:
    return f'users = [{{id = {number}, kind = "{kind}", name = "{name}"{flags}, apps = ["{TIKTOK}"]}}]'


KINDS = [
    (PIXEL, "private-space", 11, "Private Space", ""),
    (PIXEL, "work-profile", 10, "work profile", ""),
    (PIXEL, "clone", 999, "clone profile", ""),
    (GALAXY, "dual-messenger", 95, "Dual Messenger", ""),
    (GALAXY, "secure-folder", 150, "Secure Folder", ""),
    (GALAXY, "secure-folder", 151, "Secure Folder", ", flags = 0x61010"),
    ("xiaomi-13t", "second-user", 10, "second user", ""),
    (PIXEL, "guest", 12, "guest", ""),
]
ROWS = [
    Row("verified boot", PIXEL, prop("ro.boot.verifiedbootstate", "yellow"), "ro.boot.verifiedbootstate",
        sentence="not verified as the maker's own"),
    Row("unlocked boot loader", PIXEL, prop("ro.boot.flash.locked", "0"), "ro.boot.flash.locked",
        sentence="boot loader is unlocked"),
    Row("unlocked boot loader, by AVB", PIXEL, prop("ro.boot.vbmeta.device_state", "unlocked"),
        "ro.boot.vbmeta.device_state", sentence="Set it aside"),
    Row("burnt warranty bit", GALAXY, prop("ro.boot.warranty_bit", "1"), "ro.boot.warranty_bit"),
    Row("debuggable build", PIXEL, prop("ro.debuggable", "1"), "ro.debuggable", sentence="lets anybody debug it"),
    Row("build for developers", PIXEL, prop("ro.build.type", "userdebug"), "ro.build.type"),
    Row("adb without a prompt", PIXEL, prop("ro.adb.secure", "0"), "ro.adb.secure"),
    Row("old patches", A21S, "", "2022-06-01", sentence=f"wants {FLOOR} or newer"),
    Row("test-only owner", PIXEL, "", "testOnlyAdmin", sentence="wanted false, found true"),
    Row("TWA", PIXEL, app(id="org.example.reader", link_domains=["www.facebook.com"]), "org.example.reader", "user 0",
        "it may be Facebook"),
    Row("WebAPK", PIXEL, app(id=WEB_APK, web_start_url="https://m.facebook.com/home?source=pwa"), WEB_APK, "user 0",
        "Facebook"),
    Row("scheme", PIXEL, app(id="org.example.calc", url_schemes=["snssdk1233"]), "org.example.calc", "user 0",
        "it may be TikTok"),
    *(Row(f"{kind} called {name!r}", profile, user(kind, number, name, flags), TIKTOK, f"user {number} ({word})")
      for profile, kind, number, word, flags in KINDS for name in HOSTILE[:: 1 if kind == "clone" else 3]),
    *(Row(f"{kind}: that it is there", profile, user(kind, number, "Owner", flags), f"user {number} ({word})", word)
      for profile, kind, number, word, flags in KINDS),
]  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "home"
    assembly.make_home(folder, training=True, organisation=None, desk_name=None)
    return folder


async def own_for_tests_only(phone: VirtualAndroid) -> None:
    """Make our controller the owner in a build that anybody with adb can remove."""
    build = build_apk(replace(TRAINING_DPC, test_only=True), Signer.derived(TRAINING_SEED))
    phone.files.write("/data/local/tmp/t.apk", build, 0o644)
    said = Collected()
    command = f"pm install -t /data/local/tmp/t.apk && dpm set-device-owner {TRAINING_COMPONENT}"
    assert await Shell(phone).run(command, Given(b""), said, said) == 0, said.data


def found(status: SessionStatus, row: Row) -> Sequence[Finding]:
    assert status.judgement is not None, row.name
    return [
        one
        for one in status.judgement.findings
        if one.subject == row.subject and row.where in one.where and row.sentence in one.sentence
    ]


async def test_each_is_a_finding_and_none_is_found_where_it_is_not(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_from(template, tmp_path)
    scenario = "".join(f'[[handset]]\nprofile = "{row.profile}"\n{row.body}\n' for row in ROWS)
    scenario += f'[[handset]]\nprofile = "{PIXEL}"\n'
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        for serial, row in zip(serials(rack), ROWS, strict=False):
            if row.name == "test-only owner":
                await own_for_tests_only(rack.handset(serial))
        await engine.desk.settle()
        order = await errand(engine, changing=False)
        order = replace(order, effective=replace(order.effective, patch_floor=FLOOR))
        async with asyncio.timeout(240):
            statuses = {one.serial_number: one for one in await engine.desk.run(engine.desk.sessions, order)}
        *told, plain = serials(rack)
    missing = [row.name for serial, row in zip(told, ROWS, strict=True) if not found(statuses[serial], row)]
    assert missing == []
    untouched = {row.subject for row in ROWS}
    judgement = statuses[plain].judgement
    assert judgement is not None
    assert {one.subject for one in judgement.findings} & untouched == {"testOnlyAdmin"}, (
        "without an owner there is none"
    )
