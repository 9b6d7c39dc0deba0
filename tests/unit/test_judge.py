"""Verdicts: never clear what was not read, every way a denied app can lie there, every condition beside the apps."""

from __future__ import annotations

import time as time_zone
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from policy_bench import ANDROID, IOS, REFERENCE, STORE, catalogue, effective, only, system_apps, verdict_on, whole

from provisioning.handset import Identity, LockDown, Requirement, Strength
from provisioning.inventory import App, HandsetUser, Inventory, Presence, Unread, WebClip
from provisioning.platforms import Platform
from provisioning.policy.effective import BlockedSuffices, PermitGrant, Person, Severity
from provisioning.verification.formats import read_inventory
from provisioning.verification.judge import judge
from provisioning.verification.judgement import Social, Verdict
from provisioning.verification.verdict import all_apps, verdict_object

TIKTOK = "com.zhiliaoapp.musically"
CLEAR, NOT_CLEAR, UNKNOWN = Verdict.CLEAR, Verdict.NOT_CLEAR, Verdict.UNKNOWN
IPHONE = Identity(IOS, "F2LXK0V1Q6", "iPhone15,4", "iPhone 15", "26.1", "23B85")
PIXEL = Identity(ANDROID, "3XTESTFDJH1234", "Pixel 8", "Pixel 8", "16", "BP31", security_patch="2026-10-05")
IN_FORCE = LockDown((Requirement("allowAppInstallation", True, "false", "false", Strength.EFFECTIVE),))


@pytest.mark.parametrize("platform", list(Platform))
def test_a_new_handset_is_clear(platform: Platform) -> None:
    judgement = verdict_on(whole(platform))
    assert judgement.verdict is CLEAR
    assert judgement.findings == ()
    assert judgement.not_checked == ()
    assert judgement.users_seen == (0,)
    assert judgement.policy.name == "met-police"
    assert judgement.catalogue == catalogue().reference


@pytest.mark.parametrize("platform", list(Platform))
def test_a_denied_app_is_found_and_named(platform: Platform) -> None:
    finding = only(verdict_on(whole(platform, TIKTOK)))
    assert (finding.severity, finding.family, finding.app_class) == (Severity.DENIED, "TikTok", "short_video")
    assert finding.blocks
    whom = "" if platform is IOS else " for user 0"
    assert finding.sentence == (
        f"TikTok ({TIKTOK}) is installed{whom}; met-police denies short-video apps: "
        "social media apps are not allowed on issued handsets."
    )


def test_what_was_not_read_is_never_clear() -> None:
    unread = Unread("apps of user 10", "Shell does not have permission to access user 10")
    read = replace(whole(ANDROID), unread=(unread,))
    assert verdict_on(read).verdict is UNKNOWN
    assert unread in verdict_on(read).not_checked
    worse = replace(whole(ANDROID, TIKTOK), unread=(unread,))
    assert verdict_on(worse).verdict is NOT_CLEAR
    assert verdict_on(worse).not_checked == (unread,)
    advice = replace(whole(ANDROID, TIKTOK), unread=(unread,))
    assert verdict_on(advice, "bbc-advice").verdict is UNKNOWN


def test_advice_is_a_finding_that_keeps_nobody_back() -> None:
    judgement = verdict_on(whole(IOS, TIKTOK), "bbc-advice")
    finding = only(judgement)
    assert judgement.verdict is CLEAR
    assert finding.severity is Severity.REVIEW
    assert not finding.blocks
    assert "delete TikTok" in finding.sentence


def test_only_what_the_policy_calls_blocking_blocks() -> None:
    lenient = replace(effective("met-police"), blocking=frozenset({Severity.DENIED}))
    assert verdict_on(whole(IOS, "com.nobody.knows"), lenient).verdict is CLEAR
    assert verdict_on(whole(IOS, "net.whatsapp.WhatsApp"), lenient).verdict is CLEAR
    assert verdict_on(whole(IOS, TIKTOK), lenient).verdict is NOT_CLEAR


PRESENCES = [
    (Presence.INSTALLED, "is installed"),
    (Presence.DISABLED, "switched off, and can be switched on again"),
    (Presence.SUSPENDED, "suspended"),
    (Presence.HIDDEN, "blocked so that it cannot be started"),
    (Presence.OFFLOADED, "one tap brings it back"),
    (Presence.PLACEHOLDER, "being downloaded or restored"),
    (Presence.APP_CLIP, "app clip"),
    (Presence.REMOVED_FOR_USER, "one command brings it back"),
]


def test_every_way_of_lying_there_has_its_words() -> None:
    assert {presence for presence, _ in PRESENCES} == set(Presence)


@pytest.mark.parametrize(("presence", "says"), PRESENCES)
@pytest.mark.parametrize("platform", list(Platform))
def test_a_denied_app_is_found_however_it_lies_there(platform: Platform, presence: Presence, says: str) -> None:
    judgement = verdict_on(whole(platform, App(TIKTOK, system=False, presence=presence)))
    assert judgement.verdict is NOT_CLEAR
    assert says in only(judgement).sentence
    assert (presence is Presence.INSTALLED) == (only(judgement).where == "user 0")


def test_a_preinstalled_app_that_the_handset_blocks_is_known_and_suffices() -> None:
    facebook = App("com.facebook.katana", system=True, presence=Presence.HIDDEN)
    judgement = verdict_on(whole(ANDROID, facebook))
    assert judgement.verdict is CLEAR
    assert only(judgement).severity is Severity.WEAKNESS
    assert "Being blocked suffices." in only(judgement).sentence
    strict = replace(effective("met-police"), blocked_suffices=BlockedSuffices.NONE)
    assert verdict_on(whole(ANDROID, facebook), strict).verdict is NOT_CLEAR
    disabled = replace(facebook, presence=Presence.DISABLED)
    assert verdict_on(whole(ANDROID, disabled)).verdict is NOT_CLEAR


def test_a_blocked_app_that_somebody_installed_does_not_suffice_unless_said() -> None:
    hidden = App(TIKTOK, system=False, presence=Presence.HIDDEN)
    assert verdict_on(whole(ANDROID, hidden)).verdict is NOT_CLEAR
    lenient = replace(effective("met-police"), blocked_suffices=BlockedSuffices.ALL)
    assert verdict_on(whole(ANDROID, hidden), lenient).verdict is CLEAR


def test_installers_of_a_network_are_noted() -> None:
    stubs = [App(f"com.facebook.{name}", system=True) for name in ("system", "appmanager", "services")]
    judgement = verdict_on(whole(ANDROID, *stubs))
    assert judgement.verdict is CLEAR
    assert [finding.severity for finding in judgement.findings] == [Severity.WEAKNESS] * 3
    assert "does not keep the handset back" in judgement.findings[0].sentence


def test_every_user_is_judged_and_a_second_one_is_a_finding() -> None:
    inventory = replace(
        whole(ANDROID, App(TIKTOK, user=150, system=False)),
        users=(HandsetUser(0), HandsetUser(150, "Secure Folder")),
    )
    judgement = verdict_on(inventory)
    assert judgement.users_seen == (0, 150)
    assert {finding.where for finding in judgement.findings} == {"user 150 (Secure Folder)"}
    assert {finding.severity for finding in judgement.findings} == {Severity.DENIED, Severity.REVIEW}
    assert "for user 150 (Secure Folder)" in judgement.findings[0].sentence


def test_a_user_of_whom_nothing_was_listed_was_not_read() -> None:
    silent = replace(whole(ANDROID), users=(HandsetUser(0), HandsetUser(10, "work profile")))
    judgement = verdict_on(silent, "bbc-advice")
    assert judgement.verdict is UNKNOWN
    assert judgement.not_checked[0].area == "apps of user 10 (work profile)"


def test_pages_on_the_home_screen_are_judged_by_their_address() -> None:
    clips = (WebClip("Videos", "https://www.tiktok.com/"), WebClip("Work", "https://intranet.example/"))
    judgement = verdict_on(whole(IOS, clips=clips))
    denied, unlisted = judgement.findings
    assert (denied.severity, denied.family, denied.where) == (Severity.DENIED, "TikTok", "home screen")
    assert denied.sentence.startswith("The page “Videos” of TikTok (https://www.tiktok.com/) is on the home screen;")
    assert unlisted.severity is Severity.REVIEW
    assert verdict_on(whole(IOS, clips=clips[1:]), "uk-government").verdict is CLEAR


def test_side_loaded_apps_are_said_to_be_that() -> None:
    signer = "iPhone Developer: A. Person (ABCDE12345)"
    tool, tinder = App("com.example.tool", signer=signer), App("com.cardify.tinder", name="Tinder++", signer=signer)
    judgement = verdict_on(whole(IOS, tool, tinder, App("com.google.Maps", signer=STORE)))
    assert [finding.subject for finding in judgement.findings] == ["com.cardify.tinder", "com.example.tool"]
    for finding in judgement.findings:
        assert "signed by a developer and not by the store" in finding.sentence


@pytest.mark.parametrize("platform", list(Platform))
def test_a_list_without_what_every_handset_has_is_not_whole(platform: Platform) -> None:
    for lost in system_apps(platform)[:2] if platform is ANDROID else [system_apps(platform)]:
        gone = {lost.id} if isinstance(lost, App) else {app.id for app in lost[:4]}
        inventory = whole(platform)
        cut = replace(inventory, apps=tuple(app for app in inventory.apps if app.id not in gone))
        judgement = verdict_on(cut)
        assert judgement.verdict is UNKNOWN
        assert "cut or partial" in judgement.not_checked[0].area


@pytest.mark.parametrize(("platform", "fewest"), [(ANDROID, 150), (IOS, 25)])
def test_a_list_that_is_too_short_is_not_whole(platform: Platform, fewest: int) -> None:
    apps = system_apps(platform)
    assert verdict_on(Inventory(platform, apps[: fewest - 1])).verdict is UNKNOWN
    assert verdict_on(Inventory(platform, apps[:fewest])).verdict is CLEAR
    assert verdict_on(Inventory(platform, ())).verdict is UNKNOWN
    assert verdict_on(Inventory(platform, tuple(app for app in apps[:10] for _ in range(50)))).verdict is UNKNOWN


def test_removed_apps_do_not_make_a_short_list_long() -> None:
    apps = system_apps(IOS)
    gone = tuple(replace(app, presence=Presence.REMOVED_FOR_USER) for app in apps[3:])
    assert verdict_on(Inventory(IOS, (*apps[:3], *gone))).verdict is UNKNOWN


def test_order_and_repetition_do_not_matter() -> None:
    inventory = whole(ANDROID, TIKTOK, "com.whatsapp", "com.nobody.knows")
    turned = replace(inventory, apps=(*reversed(inventory.apps), *inventory.apps))
    first, second = verdict_on(inventory), verdict_on(turned)
    assert (first.verdict, first.findings, first.apps_seen) == (second.verdict, second.findings, second.apps_seen)
    assert [finding.severity for finding in first.findings] == [
        Severity.DENIED, Severity.NEEDS_PERMIT, Severity.REVIEW,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ["COM.ZHILIAOAPP.MUSICALLY", "com.zhiliaoapp.music\u200bally", " com.zhiliaoapp.musically\n",
     "com.zhiliaoapp.musically\x00", "ｃｏｍ.zhiliaoapp.musically", "com.zhiliaoapp.music\u00adally",
     "\u202ecom.zhiliaoapp.musically"],
)  # fmt: skip
def test_no_spelling_hides_a_denied_app(written: str) -> None:
    for platform in Platform:
        judgement = verdict_on(whole(platform, App(written, name="Calculator", system=True)))
        assert judgement.verdict is NOT_CLEAR
        assert only(judgement).family == "TikTok"


def test_hostile_names_stay_in_one_bounded_line() -> None:
    name = "Notes\n\x1b[31mclear\u202e" + "A" * 5000
    judgement = verdict_on(whole(IOS, App("com.x" + "y" * 4000 + "\r\n", name=name, signer=name)))
    said = verdict_object(judgement)
    for text in (said["findings"][0]["sentence"], said["findings"][0]["subject"], all_apps(judgement)[-1]["name"]):
        assert len(text) <= 480
        assert text.isprintable()


def test_an_unmet_requirement_is_a_weakness() -> None:
    lock_down = LockDown(
        (Requirement("allowAppInstallation", False, "false", "not set", Strength.EFFECTIVE),
         Requirement("allowHostPairing", True, "false", "false", Strength.EFFECTIVE)),
        ("profile com.stranger.vpn",),
    )  # fmt: skip
    judgement = verdict_on(whole(IOS), lock_down=lock_down, identity=IPHONE)
    assert judgement.verdict is NOT_CLEAR
    assert [finding.rule for finding in judgement.findings] == ["lockdown.allowAppInstallation", "lockdown.stranger"]
    assert {finding.severity for finding in judgement.findings} == {Severity.WEAKNESS}
    assert "wanted false, found not set" in judgement.findings[0].sentence


def test_a_lock_down_that_could_not_be_read_is_not_checked() -> None:
    lock_down = replace(IN_FORCE, unread=(Unread("effective restrictions", "the handset did not answer"),))
    assert verdict_on(whole(IOS), lock_down=lock_down, identity=IPHONE).verdict is UNKNOWN
    assert verdict_on(whole(IOS), lock_down=IN_FORCE, identity=IPHONE).verdict is CLEAR


def test_a_policy_can_ask_for_more_than_what_is_declared() -> None:
    declared = LockDown((Requirement("uk.issuing-desk.lockdown", True, "x", "x", Strength.DECLARED),))
    assert verdict_on(whole(IOS), lock_down=declared, identity=IPHONE).verdict is CLEAR
    strict = replace(effective("met-police"), required_strength="effective")
    finding = only(verdict_on(whole(IOS), strict, lock_down=declared, identity=IPHONE))
    assert finding.rule == "lockdown.strength"


def test_systems_below_the_floor_are_a_weakness() -> None:
    old = replace(IPHONE, os_version="16.7.2")
    assert only(verdict_on(whole(IOS), lock_down=IN_FORCE, identity=old)).rule == "floor.os"
    silent = replace(IPHONE, os_version="")
    assert verdict_on(whole(IOS), lock_down=IN_FORCE, identity=silent).verdict is UNKNOWN


def test_old_security_patches_are_a_weakness() -> None:
    policy = replace(effective("met-police"), patch_floor="2026-06-01")
    assert verdict_on(whole(ANDROID), policy, identity=PIXEL).verdict is CLEAR
    old = replace(PIXEL, security_patch="2026-05-05")
    assert only(verdict_on(whole(ANDROID), policy, identity=old)).rule == "floor.patch"
    for said in (None, "", "soon", "2026-99"):
        assert verdict_on(whole(ANDROID), policy, identity=replace(PIXEL, security_patch=said)).verdict is UNKNOWN


def test_apps_that_must_be_there_are_missed() -> None:
    policy = replace(effective("met-police"), required_apps={IOS: ("uk.police.Example",)})
    assert only(verdict_on(whole(IOS), policy)).rule == "required"
    inhouse = App("uk.police.example", signer="iPhone Distribution: A Police Force")
    assert "required" not in {f.rule for f in verdict_on(whole(IOS, inhouse), policy).findings}
    gone = replace(inhouse, presence=Presence.OFFLOADED)
    assert "required" in {f.rule for f in verdict_on(whole(IOS, gone), policy).findings}


def test_ones_own_controller_is_known_by_what_the_handset_proved_and_not_by_its_name() -> None:
    ours = App("org.police.controller", system=False, installer="null")
    owner = Requirement("device owner", True, "org.police.controller/.Admin", "…", Strength.EFFECTIVE)
    genuine = Requirement("controller certificate", True, "ab" * 32, "ab" * 32, Strength.EFFECTIVE)
    known = LockDown((owner, genuine))
    assert verdict_on(whole(ANDROID, ours), lock_down=known, identity=PIXEL).verdict is CLEAR
    for lock_down in (None, LockDown((owner,)), LockDown((owner, replace(genuine, holds=False))), LockDown((genuine,))):
        assert verdict_on(whole(ANDROID, ours), lock_down=lock_down, identity=PIXEL).verdict is NOT_CLEAR


def test_a_permit_that_has_ended_since_is_not_relied_on() -> None:
    person = Person("P1", permits=(PermitGrant("WA-1", "WhatsApp", "2026-06-30"),))
    inventory = whole(IOS, App("net.whatsapp.WhatsApp", signer=STORE))
    within, after = datetime(2026, 6, 30, 12, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)
    policy = effective("met-police", person)
    assert judge(inventory, policy, catalogue(), now=within).verdict is CLEAR
    late = judge(inventory, policy, catalogue(), now=after)
    assert late.verdict is UNKNOWN
    assert "permit WA-1 has ended" in late.not_checked[0].why


def test_a_permit_ends_at_midnight_by_the_calendar_of_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    role = Person("P1", ("communications",), exemptions=(PermitGrant("R-1", "role communications", "2026-06-30"),))
    summer = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    monkeypatch.setenv("TZ", "Europe/London")
    time_zone.tzset()
    try:
        last, first = (
            judge(Inventory(IOS, system_apps(IOS)), effective(person=role), catalogue(), None, None, now=when)
            for when in (summer, summer + timedelta(hours=1))
        )
    finally:
        monkeypatch.undo()
        time_zone.tzset()
    assert "permits" not in {area.area for area in last.not_checked}
    assert "permit R-1 has ended" in first.not_checked[0].why


def test_the_verdict_object_has_what_the_contract_asks_for() -> None:
    inventory = replace(whole(ANDROID, TIKTOK), unread=(Unread("an\narea", "why\x00"),))
    judgement = verdict_on(inventory)
    said = verdict_object(judgement)
    assert set(said) == {"verdict", "apps_seen", "users_seen", "findings", "not_checked", "policy", "catalogue"}
    assert said["verdict"] == "not_clear"
    assert said["apps_seen"] == 203
    finding = said["findings"][0]
    assert set(finding) == {
        "rule", "severity", "subject", "family", "class", "where", "evidence", "sentence", "blocks",
    }  # fmt: skip
    assert (finding["class"], finding["family"], finding["severity"]) == ("short_video", "TikTok", "denied")
    assert finding["evidence"] == [{"kind": "identifier", "value": TIKTOK}]
    assert said["not_checked"] == [{"area": "an\\x0aarea", "why": "why\\x00"}]
    assert len(said["policy"]["sha256"]) == len(said["catalogue"]["sha256"]) == 64
    apps = all_apps(judgement)
    assert len(apps) == 203
    assert apps[-1]["social"] == "yes"
    assert apps[-1]["decision"] == "denied"
    assert judgement.inventory_sha256 == inventory.digest()


def test_every_kind_of_evidence_is_a_word_of_the_contract() -> None:
    apps = [
        App("com.a", certificate_sha256="9041803e91bcb814b4b4399fb5c85a91640b755e5e8ba76813814bf4cf2ab5ba"),
        App("com.b", store_genre_id=6005),
        App("com.c", link_domains=("facebook.com",)),
        App("com.d", url_schemes=("instagram",)),
        App("com.e", web_start_url="https://tiktok.com"),
        App("com.f", name="Instagram"),
        App("com.zhiliaoapp.musically"),
    ]
    kinds = {e.kind for app in apps for e in catalogue().classify(ANDROID, app).evidence}
    kinds |= {e.kind for e in catalogue().classify_web("https://tiktok.com", "").evidence}
    assert kinds == {
        "identifier", "certificate", "store_genre", "link_domain", "url_scheme", "web_clip", "web_apk", "name",
    }  # fmt: skip


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference data is not beside this repository")
def test_a_real_iphone_has_snapchat_and_no_facetime_among_its_findings() -> None:
    path = REFERENCE / "ios" / "browse_real_ios11.json"
    inventory = read_inventory(path.read_bytes(), IOS, path)
    judgement = verdict_on(inventory)
    assert judgement.verdict is NOT_CLEAR
    assert judgement.apps_seen == 96
    denied = [finding.family for finding in judgement.findings if finding.severity is Severity.DENIED]
    assert denied == ["Snapchat"]
    assert not any(finding.subject.startswith("com.apple.") for finding in judgement.findings)
    side_loaded = {f.subject for f in judgement.findings if "not by the store" in f.sentence}
    assert {"org.coolstar.electra", "com.tweakmo.TwekMo-Silver", "com.nianticlabs.pokemongo"} <= side_loaded
    facetime = next(app for app in judgement.apps if app.id == "com.apple.facetime")
    assert facetime.classification.social is Social.NO


@pytest.mark.parametrize(
    ("day", "allowed", "verdict"),
    [(0, 400, CLEAR), (400, 400, CLEAR), (401, 400, UNKNOWN), (-30, 400, CLEAR), (4000, 0, CLEAR)],
)
def test_a_catalogue_that_is_too_old_makes_a_verdict_unknown(day: int, allowed: int, verdict: Verdict) -> None:
    made = catalogue().made
    assert made is not None
    rules = replace(effective(), catalogue_max_age_seconds=allowed * 86_400)
    now = datetime.combine(made + timedelta(days=day), time(12), UTC)
    judgement = judge(whole(ANDROID), rules, catalogue(), now=now)
    assert judgement.verdict is verdict
    if verdict is UNKNOWN:
        assert "install a newer one" in judgement.not_checked[0].why
        assert judge(whole(ANDROID, TIKTOK), rules, catalogue(), now=now).verdict is NOT_CLEAR


@pytest.mark.parametrize(
    ("platform", "written"),
    [
        (ANDROID, "com.maker.to\u200bol"), (ANDROID, "com.maker.tool;x"), (ANDROID, '"com.maker.tool"'),
        (ANDROID, "com.maker.\u0442ool"), (ANDROID, "com.maker.tool\x1b[2K"), (IOS, "com.maker.tool\u0301"),
        (IOS, "com.maker.tool\x00"),
    ],
)  # fmt: skip
def test_a_list_with_an_identifier_that_cannot_be_is_no_reading_of_a_handset(platform: Platform, written: str) -> None:
    """Also where the policy restricts nothing that it does not name."""
    judgement = verdict_on(whole(platform, written), "uk-government")
    assert judgement.verdict is UNKNOWN
    assert "changed or damaged" in judgement.not_checked[0].why


def test_apples_older_identifiers_may_hold_a_space() -> None:
    assert verdict_on(whole(IOS, App("com.maker.Poland 1.4.1", signer=STORE)), "uk-government").not_checked == ()


@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.parametrize(
    "written", ["c\u043em.zhiliaoapp.musically", "com.zhiliaoapp.musically\u0301", "com\u3002zhiliaoapp\u3002musically",
                "com.zhi\u217cia\u03bfapp.musically", ".com.zhiliaoapp.musically", "com..zhiliaoapp.musically"],
)  # fmt: skip
def test_letters_that_look_alike_are_no_hiding_place(platform: Platform, written: str) -> None:
    judgement = verdict_on(whole(platform, written), "uk-government")
    assert judgement.verdict is NOT_CLEAR
    assert [finding.family for finding in judgement.findings] == ["TikTok"]
