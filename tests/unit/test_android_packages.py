"""Package lists, the dump of packages, links and schemes: whole or unreadable, never short."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.android import links
from provisioning.android.links import AppLinks
from provisioning.android.package_dump import read_package_dump
from provisioning.android.package_list import commands, read_package_list, read_user_packages
from provisioning.android.reading import Unreadable, dump, whole
from provisioning.android.script import Answer
from provisioning.inventory import Presence

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "android"
recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the reference recordings are not beside this checkout")

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}(\.[a-z][a-z0-9_]{0,8}){1,3}", fullmatch=True)
paths = st.from_regex(r"/data/app/~~[A-Za-z0-9_=-]{1,8}==/[a-z.]{1,12}-[A-Za-z0-9_=-]{1,8}==/base\.apk", fullmatch=True)


@given(st.dictionaries(names, st.tuples(paths, st.integers(0, 2**40), names, st.integers(0, 99_999)), min_size=1))
def test_every_column_of_the_list_is_read(packages: dict[str, tuple[str, int, str, int]]) -> None:
    text = "".join(
        f"package:{path}={name} versionCode:{version}  installer={installer} uid:{15_000_000 + uid}\n"
        for name, (path, version, installer, uid) in packages.items()
    )
    found = read_package_list(text, 150)
    assert {n: (p.path, p.version_code, p.installer, (p.uid or 0) - 15_000_000) for n, p in found.items()} == packages


def test_a_path_may_hold_blanks_and_equals_signs() -> None:
    found = read_package_list("package:/system/app/My App=1/a.apk=com.a versionCode:7  installer=null uid:10001\n", 0)
    assert found["com.a"].path == "/system/app/My App=1/a.apk"


def test_a_list_without_flags_is_read_too() -> None:
    found = read_package_list("package:android\r\npackage:com.android.systemui\r\n", 0)
    assert list(found) == ["android", "com.android.systemui"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "package:\n",
        "package:com.a\npackage:com.a\n",
        "package:com.a uid:10001,1010001\n",
        "package:com.a uid:15010001\n",
        "package:com.a\nException occurred while executing 'list':\n",
        "package:com.a/../b\n",
        "com.a\n",
        "Error: Could not access the Package Manager.  Is the system running?\n",
    ],
    ids=["empty", "no name", "twice", "two users", "other user", "error", "path", "no prefix", "no manager"],
)
def test_what_is_no_list_of_one_user_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_package_list(text, 0)


@given(st.text(max_size=300))
def test_no_text_crashes_the_list(text: str) -> None:
    try:
        read_package_list(text, 0)
    except Unreadable:
        pass


def test_every_list_is_asked_for_one_user() -> None:
    assert commands(150) == (
        "pm list packages -s -u -f -U -i --show-versioncode --user 150",
        "pm list packages -3 -u -f -U -i --show-versioncode --user 150",
        "pm list packages --user 150",
    )


def answer(out: str = "", err: str = "", code: int = 0) -> Answer:
    return Answer("pm", out.encode(), err.encode(), code)


def test_the_lists_of_a_user_say_what_is_the_systems_and_what_can_be_seen() -> None:
    said = (answer("package:android\npackage:com.stub\n"), answer("package:com.a\n"), answer("package:android\n"))
    found = read_user_packages(said, 0)
    assert (set(found.system), set(found.others), found.visible) == ({"android", "com.stub"}, {"com.a"}, {"android"})
    assert found.names == {"android", "com.stub", "com.a"}
    assert not read_user_packages((said[0], answer(""), said[2]), 0).others


@pytest.mark.parametrize(
    ("system", "others", "visible"),
    [
        ("package:android\n", "package:android\n", "package:android\n"),
        ("package:android\n", "", "package:android\npackage:com.b\n"),
        ("", "package:com.a\n", "package:com.a\n"),
        ("package:android\n", "", ""),
    ],
    ids=["in both", "seen but not there", "no system", "nothing seen"],
)
def test_lists_that_contradict_each_other_are_unreadable(system: str, others: str, visible: str) -> None:
    with pytest.raises(Unreadable):
        read_user_packages((answer(system), answer(others), answer(visible)), 0)


@pytest.mark.parametrize(
    "silent_skip",
    [
        answer(
            "package:com.a\n", "Error: java.lang.SecurityException: Shell does not have permission to access user 10\n"
        ),
        answer(
            "", "\nException occurred while executing 'list':\njava.lang.SecurityException: Shell does not have\n", 255
        ),
        answer("package:com.a\n", "", 1),
    ],
    ids=["A16", "A14", "code"],
)
def test_an_answer_with_a_complaint_or_a_code_is_not_whole(silent_skip: Answer) -> None:
    with pytest.raises(Unreadable):
        whole(silent_skip)


def test_the_complaint_is_told_without_its_stack() -> None:
    reason = "java.lang.SecurityException: no access to user 150"
    error = f"\nException occurred while executing 'list':\n{reason}\n\tat com.x(Y.java:1)\n"
    with pytest.raises(Unreadable, match=r"^java\.lang\.SecurityException: no access to user 150$"):
        whole(answer("", error, 255))


@pytest.mark.parametrize(
    "text",
    [
        "Packages:\n*** SERVICE 'package' DUMP TIMEOUT (10000ms) EXPIRED ***\n",
        "Permission Denial: can't dump package from pid=1\n",
        "",
    ],
)
def test_a_dump_that_was_cut_or_forbidden_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        dump(answer(text))


def package(name: str, users: dict[int, str], **fields: str) -> str:
    facts = {"codePath": f"/data/app/{name}", "versionCode": "7 minSdk=23 targetSdk=34", "versionName": "1.2"} | fields
    rows = [f"  Package [{name}] (1a2b3c):", "    appId=10234", *(f"    {key}={value}" for key, value in facts.items())]
    rows += [
        "    pkgFlags=[ HAS_CODE ALLOW_CLEAR_USER_DATA ]",
        "    requested permissions:",
        "      android.permission.X",
    ]
    for number, state in users.items():
        rows += [f"    User {number}: ceDataInode=1 {state}", "      installReason=0", "      gids=[3003]"]
    return "\n".join(rows) + "\n"


HERE = (
    "installed=true hidden=false suspended=false distractionFlags=0 stopped=false notLaunched=false enabled=0 "
    "instant=false virtual=false"
)
AWAY = HERE.replace("installed=true", "installed=false")
ANDROID_17 = (
    "deDataInode=1866 pccCeDataInode=0 pccDeDataInode=0 installed=true hidden=false suspended=false "
    "appLockEnabled=false distractionFlags=0 stopped=false notLaunched=false enabled=0 instant=false virtual=false "
    "quarantined=false"
)
"""As GrapheneOS on a Pixel prints it (a public capture of September 2026)."""
HIDDEN = HERE.replace("hidden=false", "hidden=true")


def test_the_dump_tells_of_every_user() -> None:
    text = "Packages:\n" + package(
        "com.whatsapp", {0: AWAY, 95: HERE, 150: HIDDEN}, installerPackageName="com.android.vending"
    )
    found = read_package_dump(text)["com.whatsapp"]
    assert {user: state.presence for user, state in found.states.items()} == {
        0: Presence.REMOVED_FOR_USER,
        95: Presence.INSTALLED,
        150: Presence.HIDDEN,
    }
    assert (found.system, found.version_name, found.version_code, found.installer) == (
        False,
        "1.2",
        7,
        "com.android.vending",
    )


@pytest.mark.parametrize(
    ("state", "presence"),
    [
        (HERE, Presence.INSTALLED),
        (HERE.replace("enabled=0", "enabled=1"), Presence.INSTALLED),
        (HERE.replace("enabled=0", "enabled=2"), Presence.DISABLED),
        (HERE.replace("enabled=0", "enabled=3"), Presence.DISABLED),
        (HERE.replace("enabled=0", "enabled=4"), Presence.DISABLED),
        (HERE.replace("suspended=false", "suspended=true"), Presence.SUSPENDED),
        (HIDDEN, Presence.HIDDEN),
        (AWAY, Presence.REMOVED_FOR_USER),
        (HERE.replace("distractionFlags=0 ", ""), Presence.INSTALLED),
        ("deDataInode=-77 " + HERE, Presence.INSTALLED),
        (HERE.replace("suspended=false", "suspended=false quarantined=false"), Presence.INSTALLED),
        (ANDROID_17, Presence.INSTALLED),
        (ANDROID_17.replace("hidden=false", "hidden=true"), Presence.HIDDEN),
        (ANDROID_17.replace("suspended=false", "suspended=true"), Presence.SUSPENDED),
    ],
)
def test_a_state_is_read_in_every_release(state: str, presence: Presence) -> None:
    assert read_package_dump("Packages:\n" + package("com.a", {0: state}))["com.a"].states[0].presence is presence


def test_null_is_nothing() -> None:
    text = "Packages:\n" + package("com.a", {0: HERE}, versionName="null", installerPackageName="null")
    found = read_package_dump(text)["com.a"]
    assert (found.version_name, found.installer) == (None, None)


def test_sections_that_follow_and_blank_lines_within_are_no_packages() -> None:
    """Android 15 on has a blank line before a developer's verification, and states below shared users (AOSP)."""
    archived = "      archiveTime=2026-01-01 00:00:00\n      unarchiveInstallerTitle=Play Store\n"
    text = (
        "Packages:\n"
        + package("com.a", {0: HERE}).replace("    codePath", "\n    developerVerificationStatus=none\n    codePath", 1)
        + package("com.b", {0: AWAY})
        + archived
        + "\nShared users:\n  SharedUser [android.uid.system] (5d1d5b3):\n    appId=1000\n    Packages\n"
        + "      PackageSetting{1 com.c/1000}\n    User 0: \n      gids=[3003]\n"
    )
    found = read_package_dump(text)
    assert {name: one.states[0].installed for name, one in found.items()} == {"com.a": True, "com.b": False}


@given(st.data())
def test_a_list_is_whole_or_unreadable_or_lacks_whole_lines(data: st.DataObject) -> None:
    rows = data.draw(st.lists(names, min_size=1, max_size=8, unique=True))
    text = "".join(f"package:/system/{name}.apk={name} versionCode:1  installer=null uid:1000\n" for name in rows)
    cut = data.draw(st.integers(0, len(text) - 1))
    try:
        found = read_package_list(text[:cut], 0)
    except Unreadable:
        return
    assert list(found) == rows[: text[:cut].count("\n")]
    assert text[cut - 1] == "\n"


def test_factory_versions_further_down_do_not_count() -> None:
    text = "Packages:\n" + package("com.a", {0: HERE}) + "\nHidden system packages:\n" + package("com.a", {0: AWAY})
    assert read_package_dump(text)["com.a"].states[0].installed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Unable to find package: com.nope\n",
        "Packages:\n",
        "Packages:\n" + package("com.a", {}),
        "Packages:\n" + package("com.a", {0: HERE}) * 2,
        "Packages:\n" + package("com.a", {0: HERE, 150: HERE}) + package("com.b", {0: HERE}),
        "Packages:\n" + package("com.a", {0: "installed=yes"}),
        "Packages:\n" + package("com.a", {0: HERE.replace("hidden=false ", "")}),
        "Packages:\n" + package("com.a", {0: f"{HERE} installed=false"}),
        "Packages:\n" + package("com.a", {0: HERE.replace("enabled=0", "enabled=9")}),
        "Packages:\n" + package("com.a", {0: HERE})[:-140],
        "Packages:\n" + package("com.a", {0: HERE}, versionName=f"1\n    User 0: ceDataInode=1 {AWAY}"),
        "Packages:\n" + package("com.a", {0: HERE}, versionName="1\n  Package [com.b] (1):\n    appId=1000"),
        "Packages:\n" + package("com.a", {0: HERE}, versionName="1\n    codePath=/system/app/A"),
        "Packages:\n" + package("com.a", {0: HERE}, versionName="1\n\nHidden system packages:"),
    ],
    ids=["nothing", "none", "empty", "no users", "twice", "a user missing", "state", "no field", "field twice",
         "no such state", "cut", "forged state",
         "forged package", "forged field", "forged end"],
)  # fmt: skip
def test_a_dump_that_cannot_be_trusted_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_package_dump(text)


@given(st.text(max_size=300))
def test_no_text_crashes_the_dump(text: str) -> None:
    for read in (read_package_dump, links.read_schemes):
        try:
            read(text)
        except Unreadable:
            pass


@recorded
def test_recorded_dumps_of_real_phones_are_read() -> None:
    whole_dump = read_package_dump((RECORDINGS / "mvt" / "dumpsys_packages.txt").read_text("utf-8"))
    assert set(whole_dump) == {"com.samsung.android.provider.filterprovider", "com.sec.android.app.DataCreate"}
    assert all(package.system for package in whole_dump.values())
    bugreport = (RECORDINGS / "mvt" / "dumpstate.txt").read_text("utf-8").split("DUMP OF SERVICE package:\n")[1]
    instagram = read_package_dump(bugreport)["com.instagram.android"]
    assert instagram.states[0].presence is Presence.DISABLED
    assert (instagram.system, instagram.installer) == (False, "com.android.vending")


APP_LINKS = """  com.zhiliaoapp.musically:
    ID: 2d3a
    Signatures: [{one}, {two}]
    Domain verification state:
      m.tiktok.com: verified
      www.TikTok.com: 1024
  com.google.android.youtube:
    ID: 01
    Signatures: [{two}]
    Invalid autoVerify domains:
      bad_domain
    Domain verification state:
      youtu.be: legacy_failure
""".format(one=":".join(["AB"] * 32), two=":".join(["CD"] * 32))


def test_app_links_give_domains_and_certificates() -> None:
    assert links.read_app_links(APP_LINKS) == {
        "com.zhiliaoapp.musically": AppLinks(("m.tiktok.com", "www.tiktok.com"), "ab" * 32),
        "com.google.android.youtube": AppLinks(("youtu.be",), "cd" * 32),
    }


def test_app_links_that_name_a_package_twice_are_unreadable() -> None:
    with pytest.raises(Unreadable):
        links.read_app_links(APP_LINKS * 2)


def test_older_releases_give_domains_only() -> None:
    text = (
        "App verification status:\n\n  Package: com.a\n  Domains: a.example B.example\n  Status:  always : 200000000\n"
    )
    assert links.read_legacy_links(text) == {"com.a": AppLinks(("a.example", "b.example"))}


ACTIVITIES = """Activity Resolver Table:
  Full MIME Types:
      text/plain:
        1 com.other/.Share

  Schemes:
      snssdk1233:
        a8101e7 com.zhiliaoapp.musically/com.ss.android.Deep (2 filters)
      https:
        a8101e7 com.zhiliaoapp.musically/com.ss.android.Deep (9 filters)
        2 com.other/.View

  Non-Data Actions:
      android.intent.action.MAIN:
        3 com.third/.Main
"""


def test_schemes_are_given_to_the_packages_that_claim_them() -> None:
    assert links.read_schemes(ACTIVITIES) == {
        "com.zhiliaoapp.musically": ("https", "snssdk1233"),
        "com.other": ("https",),
    }


def test_a_scheme_that_ends_its_section_early_is_found_out() -> None:
    forged = ACTIVITIES.replace("      https:", "      x\n\n  Non-Data Actions:\n      https:")
    with pytest.raises(Unreadable, match="twice"):
        links.read_schemes(forged)


@recorded
def test_a_recorded_table_without_schemes_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        links.read_schemes((RECORDINGS / "mvt" / "dumpsys_packages.txt").read_text("utf-8"))


WEB_APK = """Activity Resolver Table:
  Schemes:
      https:
        1f2e org.chromium.webapk.a0123456789abcdef_v2/org.chromium.webapk.shell_apk.h2o.H2OOpaqueMainActivity filter 77
          Action: "android.intent.action.VIEW"
          Category: "android.intent.category.DEFAULT"
          Category: "android.intent.category.BROWSABLE"
          Scheme: "https"
          Authority: "m.facebook.com": -1
          Path: "PatternMatcher{PREFIX: /}"
          AutoVerify=true
"""


def test_a_web_app_gives_the_address_that_it_opens_for() -> None:
    assert links.is_web_apk("org.chromium.webapk.a0123456789abcdef_v2")
    assert not links.is_web_apk("com.webapkeeper")
    assert links.read_web_address(WEB_APK) == "https://m.facebook.com/"
    assert links.read_web_address(WEB_APK.replace('Authority: "m.f', 'Other: "m.f')) is None


@pytest.mark.parametrize("text", ["\x00garbage\x01", "    ID: 1\n", "Error: unknown command\n", "  com.a:\nmore\n"])
def test_what_is_no_list_of_links_is_unreadable(text: str) -> None:
    for read in (links.read_app_links, links.read_legacy_links):
        with pytest.raises(Unreadable):
            read(text)
