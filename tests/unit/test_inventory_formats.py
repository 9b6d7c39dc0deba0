"""Lists that other tools exported: told by their content, the same handset the same verdict, nothing lost."""

from __future__ import annotations

import json
import plistlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_bench import ANDROID, IOS, REFERENCE, catalogue, effective, system_apps, verdict_on

from provisioning.errors import FileError
from provisioning.inventory import Inventory, Presence
from provisioning.platforms import Platform
from provisioning.verification.formats import read_inventory, scope_of_file
from provisioning.verification.judgement import Judgement, Verdict

FILE = Path("list")
TIKTOK = "com.zhiliaoapp.musically"
PATH = "/data/app/~~dT5Fw0eQyA==/{}-kZ0Ww==/base.apk"
here = pytest.mark.skipif(not REFERENCE.exists(), reason="the reference data is not beside this repository")


@cache
def androids() -> tuple[str, ...]:
    """Give packages of a real kind: what makers preinstall, three apps, and one that nobody knows."""
    known = [one.identifier for one in catalogue().innocents if one.platform is ANDROID and one.what == "preinstalled"]
    chosen = [name for name in known if name.startswith(("com.android.", "com.samsung."))][:180]
    return tuple(
        dict.fromkeys(["android", "com.android.systemui", *chosen, TIKTOK, "com.whatsapp", "org.nobody.knows"])
    )


@cache
def iphones() -> tuple[str, ...]:
    return (*(app.id for app in system_apps(IOS)), TIKTOK, "net.whatsapp.WhatsApp", "org.nobody.knows")


def read(data: str | bytes, platform: Platform) -> Inventory:
    return read_inventory(data.encode() if isinstance(data, str) else data, platform, FILE)


def attempt(data: bytes, platform: Platform) -> Inventory | FileError:
    try:
        return read(data, platform)
    except FileError as error:
        return error


def entries() -> list[dict[str, Any]]:
    return [
        {"CFBundleIdentifier": name, "CFBundleDisplayName": "Name", "CFBundleShortVersionString": "1.2",
         "ApplicationType": "System" if name.startswith("com.apple.") else "User"}
        for name in iphones()
    ]  # fmt: skip


def by_identifier() -> dict[str, dict[str, Any]]:
    return {entry["CFBundleIdentifier"]: entry for entry in entries()}


def answers(*statuses: str) -> list[dict[str, Any]]:
    half = len(entries()) // 2
    return [
        {"Status": status, "CurrentList": part, "CurrentAmount": len(part)}
        for status, part in zip(statuses, (entries()[:half], entries()[half:]), strict=True)
    ]


def lines(*each: str) -> str:
    return "".join(f"{line}\n" for line in each)


def neutral(platform: Platform) -> str:
    names = androids() if platform is ANDROID else iphones()
    return json.dumps({"platform": str(platform), "users": [0], "apps": [{"id": name} for name in names]})


ANDROID_LISTS = {
    "pm list packages": lambda: lines(*(f"package:{name}" for name in androids())),
    "pm list packages -f": lambda: lines(*(f"package:{PATH.format(name)}={name}" for name in androids())),
    "pm list packages -U": lambda: lines(*(f"package:{name} uid:{10000 + n}" for n, name in enumerate(androids()))),
    "pm list packages -U --user all": lambda: lines(*(f"package:{name} uid:10123" for name in androids())),
    "pm list packages -i": lambda: lines(*(f"package:{name}  installer=com.android.vending" for name in androids())),
    "pm list packages --show-versioncode": lambda: lines(*(f"package:{name} versionCode:33" for name in androids())),
    "pm list packages -f -U -i --show-versioncode": lambda: lines(
        *(f"package:{PATH.format(name)}={name} versionCode:33  installer=null uid:10001" for name in androids())
    ),
    "pm list packages, Windows line ends": lambda: lines(*(f"package:{name}\r" for name in androids())),
    "one identifier a line": lambda: lines("# from a spreadsheet", "", *androids()),
    "paths and names": lambda: lines(*(f"{PATH.format(name)}={name}" for name in androids())),
    "UTF-16 from PowerShell": lambda: lines(*(f"package:{name}\r" for name in androids())).encode("utf-16"),
    "UTF-16 without a mark": lambda: lines(*(f"package:{name}" for name in androids())).encode("utf-16-le"),
    "UTF-16, the other way round": lambda: lines(*(f"package:{name}" for name in androids())).encode("utf-16-be"),
    "line ends of an old Mac": lambda: "".join(f"package:{name}\r" for name in androids()),
    "neutral JSON in UTF-16": lambda: neutral(ANDROID).encode("utf-16-le"),
    "androidqf, one a line": lambda: lines(*(json.dumps({"name": name, "files": []}) for name in androids())),
    "UTF-8 with a mark": lambda: lines(*(f"package:{name}" for name in androids())).encode("utf-8-sig"),
    "neutral JSON": lambda: neutral(ANDROID),
    "androidqf": lambda: json.dumps(
        [{"name": name, "files": [], "uid": 10001, "system": False} for name in androids()]
    ),
    "MVT": lambda: json.dumps([{"package_name": name, "third_party": True} for name in androids()]),
    "list of names": lambda: json.dumps(list(androids())),
}
IOS_LISTS = {
    "ideviceinstaller": lambda: lines(
        "CFBundleIdentifier, CFBundleShortVersionString, CFBundleDisplayName",
        *(f'{name}, "1.2", "Name"' for name in iphones()),
    ),
    "old ideviceinstaller": lambda: lines(
        f"Total: {len(iphones())} apps", *(f"{name} - A Name 1.2" for name in iphones())
    ),
    "ideviceinstaller -o xml": lambda: plistlib.dumps(entries()),
    "property list in UTF-16": lambda: (
        plistlib.dumps(entries()).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    ),
    "go-ios, one app a line": lambda: lines(*(json.dumps(entry) for entry in entries())),
    "binary property list": lambda: plistlib.dumps(entries(), fmt=plistlib.FMT_BINARY),
    "Browse": lambda: plistlib.dumps(answers("BrowsingApplications", "Complete")),
    "Lookup": lambda: plistlib.dumps({"Status": "Complete", "LookupResult": by_identifier()}, sort_keys=False),
    "table": lambda: plistlib.dumps(by_identifier(), sort_keys=False),
    "reduced Browse as JSON": lambda: json.dumps(entries()),
    "go-ios": lambda: json.dumps({"apps": entries()}),
    "go-ios with its log": lambda: f'{{"level":"info","msg":"connected"}}\n{json.dumps(entries())}\n',
    "go-ios --list": lambda: lines(*(f"{name} A Name 1.2" for name in iphones())),
    "pymobiledevice3": lambda: json.dumps(by_identifier()),
    "one identifier a line": lambda: lines(*iphones()),
    "neutral JSON": lambda: neutral(IOS),
    "list of identifiers": lambda: json.dumps(list(iphones())),
}  # fmt: skip


@pytest.mark.parametrize("name", ANDROID_LISTS)
def test_the_same_android_has_the_same_verdict_in_every_format(name: str) -> None:
    inventory = read(ANDROID_LISTS[name](), ANDROID)
    assert [app.id for app in inventory.apps] == list(androids())
    assert _essence(verdict_on(inventory)) == _essence(verdict_on(read(neutral(ANDROID), ANDROID)))


@pytest.mark.parametrize("name", IOS_LISTS)
def test_the_same_iphone_has_the_same_verdict_in_every_format(name: str) -> None:
    inventory = read(IOS_LISTS[name](), IOS)
    assert [app.id for app in inventory.apps] == list(iphones())
    assert _essence(verdict_on(inventory)) == _essence(verdict_on(read(neutral(IOS), IOS)))


@here
def test_a_firmware_image_is_read_and_is_never_a_whole_handset() -> None:
    file = next((REFERENCE / "android/firmware").glob("samsung*.inventory.json"))
    inventory = read(file.read_bytes(), ANDROID)
    assert len(inventory.apps) == 202
    assert all(app.system and len(app.certificate_sha256 or "") == 64 for app in inventory.apps)
    verdict = verdict_on(inventory)
    assert verdict.verdict is Verdict.NOT_CLEAR
    assert "apps that are not of the firmware" in {area.area for area in verdict.not_checked}


def test_users_are_told_from_the_uids() -> None:
    text = lines("package:android uid:1000,1001000,15001000", "package:com.android.systemui uid:10123")
    inventory = read(text, ANDROID)
    assert [user.id for user in inventory.users] == [0, 10, 150]
    assert [(app.id, app.user) for app in inventory.apps] == [
        ("android", 0), ("android", 10), ("android", 150), ("com.android.systemui", 0),
    ]  # fmt: skip


def test_where_an_apk_lies_tells_the_firmware() -> None:
    text = lines(
        "package:/system/priv-app/SystemUI/SystemUI.apk=com.android.systemui",
        f"package:{PATH.format(TIKTOK)}={TIKTOK}",
        "package:/product/app/=odd=/x.apk=com.odd.one",
    )
    assert [(app.id, app.system) for app in read(text, ANDROID).apps] == [
        ("com.android.systemui", True), (TIKTOK, None), ("com.odd.one", True),
    ]  # fmt: skip


def test_what_an_entry_of_an_iphone_says_is_kept() -> None:
    metadata = plistlib.dumps({"itemId": 835599320, "genre": "Entertainment", "genreId": 6016})
    entry = {
        "CFBundleIdentifier": "com.x", "CFBundleName": "X", "ApplicationType": "User", "SignerIdentity": "Somebody",
        "IsDemotedApp": True, "iTunesMetadata": metadata,
        "CFBundleURLTypes": [{"CFBundleURLSchemes": ["a", "b"]}, {"CFBundleURLSchemes": ["b", 3]}, "odd"],
        "Entitlements": {"com.apple.developer.associated-domains": ["applinks:x.example?mode=developer", "odd"]},
    }  # fmt: skip
    clip = {"CFBundleIdentifier": "com.x.Clip", "IsAppClip": True}
    coming = {"CFBundleIdentifier": "com.y", "IsPlaceholder": True}
    app, second, third = read(plistlib.dumps([entry, clip, coming]), IOS).apps
    assert (app.name, app.system, app.signer, app.presence) == ("X", False, "Somebody", Presence.OFFLOADED)
    assert (app.store_item_id, app.store_genre, app.store_genre_id) == (835599320, "Entertainment", 6016)
    assert (app.url_schemes, app.link_domains) == (("a", "b"), ("x.example",))
    assert (second.presence, third.presence) == (Presence.APP_CLIP, Presence.PLACEHOLDER)


def test_what_a_package_of_androidqf_says_is_kept() -> None:
    digest = "9041803E91BCB814B4B4399FB5C85A91640B755E5E8BA76813814BF4CF2AB5BA"
    entry = {
        "name": "com.x", "installer": "com.android.vending", "uid": 1010123, "system": False, "disabled": True,
        "third_party": True, "files": [{"path": "/data/app/x"}, {"certificate": {"Sha256": digest}}],
    }  # fmt: skip
    (app,) = read(json.dumps([entry]), ANDROID).apps
    assert (app.installer, app.user, app.system, app.presence) == ("com.android.vending", 10, False, Presence.DISABLED)
    assert app.certificate_sha256 == digest.lower()


def test_the_neutral_form_comes_back_as_it_went() -> None:
    text = json.dumps(
        {
            "platform": "android", "users": [0, 10], "user_kinds": {"10": "work profile"},
            "apps": [{"id": TIKTOK, "user": 10, "name": "n", "presence": "hidden", "system": True},
                     {"id": "com.y", "enabled": False}],
            "web_clips": [{"title": "t", "url": "https://x.example"}, "https://y.example"],
            "unread": [{"area": "a", "why": "w"}],
        }
    )  # fmt: skip
    inventory = read(text, ANDROID)
    assert inventory.apps[0].presence is Presence.HIDDEN
    assert inventory.apps[1].presence is Presence.DISABLED
    assert inventory.users[1].kind == "work profile"
    assert [clip.url for clip in inventory.web_clips] == ["https://x.example", "https://y.example"]
    assert inventory.unread[0].area == "a"
    again = read(json.dumps(inventory.neutral()), ANDROID)
    assert again.digest() == inventory.digest()


TROUBLES = [
    (
        "Exception occurred while executing 'list':\njava.lang.SecurityException: Shell does not have permission",
        "it says",
    ),
    ("Error: java.lang.SecurityException: Permission Denial: get/set setting for user", "it says"),
    ("\tat android.os.Parcel.createExceptionOrNull(Parcel.java:3057)", "it says"),
    ("Killed", "it says"),
    ("adb: device offline", "it says"),
    ("Broken pipe (32)", "it says"),
    ("a line of something else", "cannot be read"),
    ("package:", "cannot be read"),
    ("package:/data/app/base.apk", "cannot be read"),
]


@pytest.mark.parametrize(("trouble", "says"), TROUBLES)
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_what_a_tool_complained_of_is_never_silence(trouble: str, says: str, place: str) -> None:
    each = [f"package:{name}" for name in androids() if name not in {TIKTOK, "com.whatsapp", "org.nobody.knows"}]
    assert verdict_on(read(lines(*each), ANDROID)).verdict is Verdict.CLEAR
    each.insert({"first": 0, "middle": 90, "last": len(each)}[place], trouble)
    judgement = verdict_on(read(lines(*each), ANDROID))
    assert judgement.verdict is Verdict.UNKNOWN
    assert says in judgement.not_checked[0].why


def test_words_of_trouble_within_an_identifier_are_none() -> None:
    each = ["com.microappvalley.unauthorizedapp", "com.fatal.error", "com.killed.it", "org.exception"]
    inventory = read(lines(*(f"package:{name}" for name in (*androids(), *each))), ANDROID)
    assert inventory.unread == ()
    assert read(lines(*androids(), *each), ANDROID).unread == ()


@pytest.mark.parametrize("cut", [1, 2, 9, 30])
def test_a_cut_last_line_is_noticed(cut: int) -> None:
    whole = lines(*(f"package:{name}" for name in androids()))
    assert any("cut" in unread.area for unread in read(whole[:-cut], ANDROID).unread)
    assert read(whole, ANDROID).unread == ()


def test_a_total_that_does_not_agree_is_noticed() -> None:
    text = lines(f"Total: {len(iphones()) + 1} apps", *(f"{name} - Name 1" for name in iphones()))
    assert "announces" in read(text, IOS).unread[0].why


@pytest.mark.parametrize(
    "document",
    [answers("BrowsingApplications", "BrowsingApplications"), [*answers("x", "y"), {"Error": "APIInternalError"}]],
)
def test_a_browse_without_an_end_is_not_whole(document: list[dict[str, Any]]) -> None:
    judgement = verdict_on(read(plistlib.dumps(document), IOS), "bbc-advice")
    assert judgement.verdict is Verdict.UNKNOWN


def test_an_error_in_the_log_of_go_ios_is_noticed() -> None:
    text = f'{{"level":"error","msg":"timeout"}}\n{json.dumps(entries())}'
    assert "timeout" in read(text, IOS).unread[0].why


def test_entries_without_an_identifier_are_noticed() -> None:
    inventory = read(json.dumps([*entries(), {"CFBundleName": "TikTok"}, 7]), IOS)
    assert "2 entries" in inventory.unread[0].why
    named: list[dict[str, Any]] = [{"name": "a.b", "files": []}, {"name": ""}, {"files": []}]
    assert "2 entries" in read(json.dumps(named), ANDROID).unread[0].why


@pytest.mark.parametrize(
    ("data", "platform", "says", "line"),
    [
        (b"", ANDROID, "names no app", None),
        (b"\n\n# nothing\n", IOS, "names no app", None),
        (b"package:com.x\n\xff\xfe\n", ANDROID, "neither UTF-8", 2),
        (b'{"apps": [{"id": "com.x"}', ANDROID, "not whole JSON", 1),
        (b'{\n"apps": [\n{"id": 3}]}', ANDROID, "app 1 has no", None),
        (b'{"apps": [{"id": "com.x", "user": "zero"}]}', ANDROID, "“user” must be a whole number", None),
        (b'{"apps": [{"id": "com.x", "presence": "maybe"}]}', ANDROID, "“presence” is none of", None),
        (b'{"apps": [{"id": "com.x", "system": "yes"}]}', IOS, "“system” must be true or false", None),
        (b'{"apps": [{"id": "com.x", "url_schemes": [1]}]}', IOS, "“url_schemes” must be a list", None),
        (b'{"apps": [{"id": "com.tiktok", "id": "com.notes"}]}', ANDROID, "named twice", None),
        (b'{"platform": "ios", "apps": [{"id": "com.x"}]}', ANDROID, "Say --platform ios", None),
        (b'{"apps": 7}', ANDROID, "no list", None),
        (b"[NaN]", IOS, "cannot be read", None),
        (b"[]", IOS, "names no app", None),
        (b'[1]\n[2]', IOS, "2 JSON documents", None),
        (b"[" * 100_000, IOS, "JSON", None),
        (b'<?xml version="1.0"?><plist><array><dict>', IOS, "not a whole property list", 1),
        (b"<?xml version='1.0'?><plist><string>x</string></plist>", IOS, "no list of apps", None),
        (b"bplist00garbage", IOS, "property list", None),
        (plistlib.dumps([{"CFBundleIdentifier": "com.x"}]), ANDROID, "Say --platform ios", None),
        (b"package:com.x\n", IOS, "Say --platform android", 1),
        (b"one word and\nmany others\nthat are prose\n", ANDROID, "is no list of apps", 1),
        (b"ro.build.id=BP31\nro.product.model=Pixel 8\n", ANDROID, "is no list of apps", 1),
    ],
)  # fmt: skip
def test_what_is_no_list_is_told_with_its_reason(data: bytes, platform: Platform, says: str, line: int | None) -> None:
    with pytest.raises(FileError, match=says) as raised:
        read(data, platform)
    assert raised.value.line == line
    assert str(raised.value).startswith("list")


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [({}, Verdict.NOT_CLEAR), ({"CFBundleIdentifier": "com.maker.clock"}, Verdict.NOT_CLEAR), ("", Verdict.UNKNOWN)],
)
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_table_names_an_app_by_its_key_whatever_stands_behind_it(entry: Any, verdict: Verdict, wrapped: bool) -> None:
    table: dict[str, Any] = {**by_identifier(), "com.zhiliaoapp.musically": entry}
    found = read(plistlib.dumps({"LookupResult": table} if wrapped else table), IOS)
    assert verdict_on(found, "uk-government").verdict is verdict


def test_a_key_that_stands_twice_is_refused() -> None:
    text = plistlib.dumps([{"CFBundleIdentifier": TIKTOK, "Other": "com.apple.notes"}]).replace(
        b"<key>Other</key>", b"<key>CFBundleIdentifier</key>"
    )
    with pytest.raises(FileError, match="stands twice"):
        read(text, IOS)


def test_entities_do_not_grow() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><plist>&b;</plist>'
    with pytest.raises(FileError):
        read(bomb, IOS)


def test_what_is_too_much_is_refused() -> None:
    with pytest.raises(FileError, match="no handset has more"):
        read(lines(*(f"package:com.x{number}" for number in range(20_001))), ANDROID)
    with pytest.raises(FileError, match="more than"):
        read("\n" * 200_001, ANDROID)
    with pytest.raises(FileError, match="64 MB"):
        read(b"\n" * ((64 << 20) + 1), ANDROID)
    with pytest.raises(FileError, match="no iPhone has more"):
        read(json.dumps([{"CFBundleIdentifier": "com.x"}] * 20_001), IOS)


def test_a_file_says_what_it_cannot_show() -> None:
    said = scope_of_file(read(ANDROID_LISTS["pm list packages"](), ANDROID))
    assert any("lock-down cannot be seen" in sentence for sentence in said)
    assert any("user 0; other users" in sentence for sentence in said)
    assert any("browser" in sentence for sentence in said)
    assert all(sentence.endswith(".") for sentence in said)
    assert not any("other users" in sentence for sentence in scope_of_file(read(neutral(IOS), IOS)))


@settings(max_examples=300)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode), st.sampled_from(Platform))
def test_any_bytes_are_an_inventory_or_a_sentence(data: bytes, platform: Platform) -> None:
    found = attempt(data, platform)
    if isinstance(found, FileError):
        assert "\n" not in found.reason
    else:
        assert found.apps or found.unread
        assert verdict_on(found).verdict is not Verdict.CLEAR


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["id", "com.zhiliaoapp.musically", "CFBundleIdentifier"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["apps", "id", "name", "user", "files", "CFBundleIdentifier", "CurrentList", "Status", "Error",
                         "LookupResult", "users", "web_clips", "unread", "platform", "package_name", "uid", "level",
                         "msg", "Entitlements", "CFBundleURLTypes", "iTunesMetadata"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300)
@given(JSON, st.sampled_from(Platform))
def test_any_json_is_an_inventory_or_a_sentence(document: object, platform: Platform) -> None:
    for data in (json.dumps(document).encode(), _plist(document)):
        found = attempt(data, platform)
        assert isinstance(found, Inventory) or found.reason.endswith(".")


@settings(max_examples=100)
@given(st.integers(0, 10**6))
def test_a_list_that_was_cut_anywhere_is_never_clear(place: int) -> None:
    """Whatever is lost from the end of a list of a clear handset, the rest of it is not called clear."""
    clear = [name for name in androids() if name not in {TIKTOK, "com.whatsapp", "org.nobody.knows"}]
    whole = lines(*(f"package:{name}" for name in clear))
    cut = whole[: place % len(whole)]
    if cut.endswith("\n") and cut.count("\n") >= 150:
        return  # cut between two lines: nothing in it shows that; a file is judged for what it says
    found = attempt(cut.encode(), ANDROID)
    assert isinstance(found, FileError) or verdict_on(found).verdict is not Verdict.CLEAR


@here
@pytest.mark.parametrize(
    ("name", "platform", "seen", "denied", "whole"),
    [
        ("ios/browse_real_ios11.json", IOS, 96, ["Snapchat"], True),
        ("android/inventories/android_google_pixel8pro_husky_partial.txt", ANDROID, 149, [], False),
        ("android/inventories/android_samsung_s10e_SM-G970F_A12_HWA3.txt", ANDROID, 403, ["Facebook"], True),
        ("android/inventories/android_xiaomi_redmi4x.txt", ANDROID, 386, ["Facebook"], True),
        ("android/mvt/androidqf_packages.json", ANDROID, 7, [], False),
    ],
)
def test_real_lists_are_read(name: str, platform: Platform, seen: int, denied: list[str], whole: bool) -> None:
    path = REFERENCE / name
    judgement = verdict_on(read_inventory(path.read_bytes(), platform, path))
    assert judgement.apps_seen == seen
    assert [finding.family for finding in judgement.findings if finding.severity == "denied"] == denied
    assert (judgement.not_checked == ()) == whole
    advice = verdict_on(read_inventory(path.read_bytes(), platform, path), effective("bbc-advice"))
    assert advice.verdict is (Verdict.CLEAR if whole else Verdict.UNKNOWN)


@here
def test_other_real_files_are_no_lists() -> None:
    """Build properties, battery dumps, lists of users: none of them may come out clear."""
    others = [*(REFERENCE / "android/samples").iterdir(), *(REFERENCE / "android/firmware").iterdir()]
    others += [path for path in (REFERENCE / "android/mvt").iterdir() if path.suffix == ".txt"]
    assert len(others) > 20
    for path in others:
        found = attempt(path.read_bytes(), ANDROID)
        assert isinstance(found, FileError) or verdict_on(found, "bbc-advice").verdict is Verdict.UNKNOWN, path.name


def _essence(judgement: Judgement) -> tuple[Verdict, set[tuple[str, str, str]]]:
    return judgement.verdict, {(f.subject, f.rule, f.severity) for f in judgement.findings}


def _plist(document: Any) -> bytes:
    try:
        return plistlib.dumps(document)
    except (TypeError, OverflowError, ValueError):
        return b""
