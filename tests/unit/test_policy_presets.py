"""What each policy that ships makes of each app, for whom, and how it says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from policy_bench import ANDROID, IOS, STORE, believed, catalogue, effective

from console.cli import run
from provisioning.inventory import App
from provisioning.platforms import Platform
from provisioning.policy.android import compile_restrictions
from provisioning.policy.decision import decide
from provisioning.policy.effective import Decision, EffectivePolicy, PermitGrant, Person, Severity
from provisioning.policy.explanation import explain
from provisioning.policy.load import load_policy, policy_names
from provisioning.policy.matrix import APPS, matrix

PRESETS = ("allow-list-only", "bbc-advice", "city-hall", "london-fire-brigade", "met-police", "uk-government")
DENIED, ALLOWED, PERMIT, REVIEW = Decision.DENIED, Decision.ALLOWED, Decision.NEEDS_PERMIT, Decision.REVIEW
HOLDER = Person("P1", permits=(PermitGrant("WA-2026-17", "WhatsApp", "2026-12-31"),))
COMMUNICATIONS = Person("P2", roles=("communications",))


class Expected(NamedTuple):
    """The decisions of the six presets, in the order of their names."""

    allow_list: Decision
    bbc: Decision
    city_hall: Decision
    fire: Decision
    met: Decision
    government: Decision


NOT_TIKTOK = Expected(DENIED, ALLOWED, ALLOWED, DENIED, DENIED, ALLOWED)
ANY = Expected(ALLOWED, ALLOWED, ALLOWED, ALLOWED, ALLOWED, ALLOWED)
EXPECTED = {
    "TikTok": Expected(DENIED, REVIEW, DENIED, DENIED, DENIED, DENIED),
    "TikTok, communications role": Expected(ALLOWED, REVIEW, DENIED, DENIED, ALLOWED, DENIED),
    "Instagram": NOT_TIKTOK,
    "X": NOT_TIKTOK,
    "Facebook": NOT_TIKTOK,
    "Snapchat": NOT_TIKTOK,
    "Reddit": NOT_TIKTOK,
    "LinkedIn": NOT_TIKTOK,
    "WhatsApp": Expected(DENIED, ALLOWED, ALLOWED, PERMIT, PERMIT, ALLOWED),
    "WhatsApp, with a permit": ANY,
    "Telegram": Expected(DENIED, ALLOWED, ALLOWED, PERMIT, PERMIT, ALLOWED),
    "Viva Engage (Yammer)": Expected(DENIED, ALLOWED, ALLOWED, ALLOWED, DENIED, ALLOWED),
    "YouTube": Expected(DENIED, ALLOWED, ALLOWED, REVIEW, REVIEW, ALLOWED),
    "Microsoft Teams": ANY,
    "Google Maps": ANY,
    "BBC News": ANY,
    "Citymapper": ANY,
}


def test_six_policies_ship() -> None:
    assert tuple(policy_names()) == PRESETS


def test_the_table_of_decisions_is_as_published() -> None:
    cells = list(matrix(catalogue()))
    assert len(cells) == len(PRESETS) * len(APPS) * len(Platform)
    for cell in cells:
        wanted = EXPECTED[cell.title][PRESETS.index(cell.policy)]
        assert cell.decision is wanted, (cell.policy, cell.platform, cell.title)
        assert "\n" not in cell.sentence
        assert "(rule " in cell.sentence


@pytest.mark.parametrize("name", PRESETS)
def test_every_rule_has_a_reason_and_a_basis(name: str) -> None:
    policy = load_policy(name)
    rules = [*policy.classes.values(), *policy.families.values(), *policy.identifiers.values()]
    for rule in rules:
        assert rule.reason
        assert "assumption" in rule.basis or any(c.isdigit() for c in rule.basis)
    assert policy.declaration


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("version", ["12", "13", "14", "15", "16"])
def test_every_restriction_of_a_preset_is_one_that_android_has(name: str, version: str) -> None:
    orders = compile_restrictions(effective(name), version)
    assert set(orders.restrictions) | set(orders.seal) == set(effective(name).orders.android)


def test_the_met_blocks_on_all_that_is_wrong() -> None:
    assert effective("met-police").blocking == frozenset(Severity)


def test_the_bbcs_advice_keeps_nobody_back() -> None:
    advice = effective("bbc-advice")
    assert advice.blocking == frozenset()
    assert not advice.orders.ios
    assert not advice.orders.android


def test_what_no_list_names_is_looked_at_by_the_met() -> None:
    for platform in (IOS, ANDROID):
        assert _decision("met-police", platform, App("com.nobody.knows", system=False)) is REVIEW
        assert _decision("met-police", platform, App("com.nobody.knows", system=True)) is ALLOWED
        assert _decision("met-police", platform, App("com.nobody.knows", name="Instagram")) is REVIEW


def test_a_suspicion_never_denies_by_itself() -> None:
    suspicious = App("com.somebody.clone", url_schemes=("instagram",))
    assert believed(IOS, suspicious).family == "Instagram"
    assert _decision("met-police", IOS, suspicious) is REVIEW
    assert _decision("uk-government", IOS, suspicious) is ALLOWED
    assert _decision("uk-government", IOS, App("com.somebody.clone", url_schemes=("snssdk1233",))) is REVIEW


def test_a_clone_under_an_allowed_identifier_is_not_that_app() -> None:
    maps = App("com.google.Maps", signer=STORE)
    assert _decision("met-police", IOS, maps) is ALLOWED
    clone = App("com.google.Maps", signer=STORE, url_schemes=("instagram",))
    assert _decision("met-police", IOS, clone) is REVIEW
    assert _decision("met-police", IOS, App("com.google.Maps", store_item_id=835599320)) is DENIED
    assert _decision("met-police", IOS, App("com.google.Maps", signer="iPhone Developer: X (AAAAAAAAAA)")) is REVIEW


@pytest.mark.parametrize(
    ("app", "how"),
    [
        (App("com.notes", signer="iPhone Developer: A. Person (ABCDE12345)"), "signed by a developer"),
        (App("com.notes", signer="iPhone Distribution: A Company Ltd"), "signed by a developer"),
        (App("com.notes", signer="TestFlight Beta Distribution"), "TestFlight"),
    ],
)
def test_side_loaded_apps_of_iphones_are_said_to_be_that(app: App, how: str) -> None:
    decided = decide(effective("uk-government"), IOS, app, believed(IOS, app))
    assert decided.decision is REVIEW
    assert how in decided.sideloaded


def test_side_loaded_apps_of_androids_are_told_from_the_firmware() -> None:
    policy = effective("uk-government")
    for installer, system, decision in (
        ("com.android.shell", False, REVIEW),
        ("null", False, REVIEW),
        ("com.google.android.packageinstaller", False, REVIEW),
        ("com.android.vending", False, ALLOWED),
        ("null", True, ALLOWED),
        ("null", None, ALLOWED),
        (None, False, ALLOWED),
    ):
        app = App("com.notes", installer=installer, system=system)
        assert decide(policy, ANDROID, app, believed(ANDROID, app)).decision is decision, installer


def test_a_denied_app_stays_denied_however_it_was_installed() -> None:
    tinder = App("com.cardify.tinder", name="Tinder++", signer="iPhone Developer: A. Person (ABCDE12345)")
    decided = decide(effective("met-police"), IOS, tinder, believed(IOS, tinder))
    assert decided.decision is DENIED
    assert decided.sideloaded


def test_installers_of_a_network_have_their_own_rule() -> None:
    stub = App("com.facebook.appmanager", system=True)
    decided = decide(effective("met-police"), ANDROID, stub, believed(ANDROID, stub))
    assert decided.rule.id == "stub-noted"
    assert decided.rule.id in effective("met-police").notes


def test_permits_and_roles_say_who_and_why() -> None:
    permitted = explain(effective("met-police", HOLDER), catalogue(), IOS, "net.whatsapp.WhatsApp")
    assert "is allowed for officer P1" in permitted
    assert "permit WA-2026-17 allows it until 2026-12-31" in permitted
    role = explain(effective("met-police", COMMUNICATIONS), catalogue(), ANDROID, "com.zhiliaoapp.musically")
    assert "is allowed for officer P2" in role
    assert "role.communications" in role
    assert "corporate social media TikTok account" in role
    others = explain(effective("met-police", COMMUNICATIONS), catalogue(), ANDROID, "com.instagram.android")
    assert "is denied" in others


def test_what_a_permit_allows_is_not_blocked_on_the_handset() -> None:
    plain, held = effective("met-police").orders, effective("met-police", HOLDER).orders
    assert "net.whatsapp.WhatsApp" in plain.blocked_ids[IOS]
    assert "net.whatsapp.WhatsApp" not in held.blocked_ids[IOS]
    assert "https://whatsapp.com" in plain.web_deny_urls
    assert "https://whatsapp.com" not in held.web_deny_urls
    assert set(plain.blocked_ids[ANDROID]) - set(held.blocked_ids[ANDROID]) >= {"com.whatsapp", "com.whatsapp.w4b"}


def test_an_explanation_names_rule_and_source_in_one_sentence() -> None:
    said = explain(effective("met-police"), catalogue(), IOS, "com.zhiliaoapp.musically")
    assert said.startswith("TikTok (com.zhiliaoapp.musically) is denied under met-police 2026.1: ")
    assert "one of the short-video apps" in said
    assert "Evening Standard, 1 April 2023" in said
    unknown = explain(effective("met-police"), catalogue(), ANDROID, "com.no\u202ebody\nknows")
    assert "must be looked at" in unknown
    assert "\n" not in unknown
    assert "\u202e" not in unknown


def test_an_allow_list_lets_the_system_and_the_list_through_and_nothing_else() -> None:
    assert _decision("allow-list-only", IOS, App("com.apple.Preferences", system=True)) is ALLOWED
    assert _decision("allow-list-only", ANDROID, App("com.android.systemui", system=True)) is ALLOWED
    assert _decision("allow-list-only", IOS, App("com.microsoft.Office.Outlook")) is ALLOWED
    assert _decision("allow-list-only", IOS, App("com.nobody.knows")) is DENIED
    assert _decision("allow-list-only", ANDROID, App("com.ChillyRoom.DungeonShooter", system=False)) is DENIED
    allowed = effective("allow-list-only").orders.allowed_ids
    assert {"com.apple.Preferences", "com.apple.mobilephone", "com.apple.webapp"} <= set(allowed[IOS])


def _decision(policy: str | EffectivePolicy, platform: Platform, app: App) -> Decision:
    chosen = effective(policy) if isinstance(policy, str) else policy
    return decide(chosen, platform, app, believed(platform, app)).decision


def test_what_the_shell_alone_can_do_is_marked_as_cosmetic(tmp_path: Path) -> None:
    """The controller applies what a policy wants; what anybody with a cable undoes is never counted."""
    output = tmp_path / "orders.json"
    home = ("--home", str(tmp_path / "home"))
    assert (
        run([*home, "policy", "compile", "met-police", "--platform", "android", "--os", "14", "-o", str(output)]) == 0
    )
    document = json.loads(output.read_text("utf-8"))
    assert set(document["applied_by"].values()) == {"controller", "controller, after the verification"}
    cosmetic = document["cosmetic"]
    assert cosmetic["counts_as_lock_down"] is False
    assert all(one["undone_by"] for one in cosmetic["orders"])
    assert set(cosmetic["not_by_the_shell"]) == {*document["restrictions"], *document["seal"]}
    assert document["seal"] == ["no_debugging_features"]
