"""A replayed change names the handsets that it judges differently, exactly those, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from policy_bench import ANDROID, IOS, catalogue, effective, system_apps, whole

from provisioning.catalogue.catalogue import Catalogue
from provisioning.fleet_apps import Interned, Stored
from provisioning.inventory import App, HandsetUser, Inventory, WebClip
from provisioning.policy.effective import EffectivePolicy, PermitGrant, Person
from provisioning.verification.judge import judge
from provisioning.verification.judgement import Finding, Judgement, Verdict
from provisioning.what_if import Affected, Side, replay

HOLDER = Person("P1", permits=(PermitGrant("WA-1", "WhatsApp", "2099-12-31"),))


def stored(inventory: Inventory, serial: str = "S1", policy: str = "met-police") -> Stored:
    return Stored(serial, "P1", "aa" * 32, "2026-03-01T09:30:00.000Z", policy, inventory)


def side(policy: EffectivePolicy, of: Catalogue | None = None) -> Side:
    return Side(of or catalogue(), lambda _: policy)


def replayed(inventory: Inventory, before: Side, after: Side) -> Affected | None:
    return next(replay([stored(inventory)], before, after), None)


def test_a_stricter_policy_names_the_app_that_it_denies() -> None:
    inventory = whole(IOS, "com.burbn.instagram")
    found = replayed(inventory, side(effective("uk-government")), side(effective("met-police")))
    assert found is not None
    assert found.after is Verdict.NOT_CLEAR
    assert [one.subject for one in found.appeared] == ["com.burbn.instagram"]
    assert "Instagram" in found.appeared[0].sentence


def test_a_permit_that_ends_is_why_a_handset_is_no_longer_clear() -> None:
    inventory = whole(ANDROID, App("com.whatsapp", system=False, installer="com.android.vending"))
    found = replayed(inventory, side(effective("met-police", HOLDER)), side(effective("met-police")))
    assert found is not None
    assert (found.before, found.after) == (Verdict.CLEAR, Verdict.NOT_CLEAR)
    assert [one.rule for one in found.appeared] == ["whatsapp-by-permit"]


def test_a_catalogue_that_learns_an_app_names_the_handsets_that_carry_it() -> None:
    inventory = whole(ANDROID, "org.example.newnet")
    learned = Catalogue(
        reference=catalogue().reference,
        classes=catalogue().classes,
        families=catalogue().families,
        entries=(*catalogue().entries, replace(catalogue().entries[0], identifier="org.example.newnet",
                                               platform=ANDROID, family="Fediverse", app_class="decentralised")),
        innocents=(),
        listed=(),
        made=None,
        signals=catalogue().signals,
        sites=catalogue().sites,
    )  # fmt: skip
    policy = effective("met-police")
    found = replayed(inventory, side(policy), side(policy, learned))
    assert found is not None
    assert [(one.subject, str(one.severity)) for one in found.appeared] == [("org.example.newnet", "denied")]


def test_what_nobody_changed_affects_nobody() -> None:
    policy = effective("met-police")
    assert replayed(whole(IOS, "com.burbn.instagram"), side(policy), side(policy)) is None


def test_pages_and_further_users_count_too() -> None:
    clips = whole(IOS, clips=[WebClip("T", "https://www.tiktok.com/")])
    found = replayed(clips, side(effective("london-fire-brigade")), side(effective("city-hall")))
    back = replayed(clips, side(effective("city-hall")), side(effective("london-fire-brigade")))
    assert (found is None) == (back is None)
    second = whole(ANDROID, App("com.instagram.android", user=10, system=False))
    found = replayed(second, side(effective("uk-government")), side(effective("met-police")))
    assert found is not None
    assert any("com.instagram.android" in one.subject for one in found.appeared)


_IDS = {
    IOS: ("com.burbn.instagram", "com.zhiliaoapp.musically", "net.whatsapp.WhatsApp", "x.y", "pinterest"),
    ANDROID: ("com.facebook.katana", "com.whatsapp", "com.yammer.v1", "a.b.c", "com.discord", "com.lbe.parallel.intl"),
}
_POLICIES = ("met-police", "uk-government", "city-hall", "london-fire-brigade", "bbc-advice", "allow-list-only")


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    platform = draw(st.sampled_from([IOS, ANDROID]))
    users = st.sampled_from([0, 0, 10, 150]) if platform is ANDROID else st.just(0)
    apps = draw(st.lists(st.builds(App, st.sampled_from(_IDS[platform]), user=users, system=st.booleans()), max_size=6))
    base = system_apps(platform) if draw(st.booleans()) else ()
    numbers = sorted({0, *(app.user for app in apps)})
    clips = draw(st.lists(st.builds(WebClip, st.just("t"), st.sampled_from(["https://x.com/", "https://bbc.co.uk"]))))
    return Inventory(platform, (*base, *apps), tuple(HandsetUser(n) for n in numbers), tuple(clips))


@settings(max_examples=60, deadline=None)
@given(st.lists(inventories(), min_size=1, max_size=4), st.sampled_from(_POLICIES), st.sampled_from(_POLICIES))
def test_a_replay_finds_what_two_whole_judgements_find(fleet: list[Inventory], one: str, two: str) -> None:
    same = Interned()
    handsets = [stored(same.inventory(inventory), f"S{number}") for number, inventory in enumerate(fleet)]
    found = {a.stored.serial_number: a for a in replay(handsets, side(effective(one)), side(effective(two)))}
    for handset in handsets:
        was, becomes = (judge(handset.inventory, effective(name), catalogue()) for name in (one, two))
        differs = was.verdict is not becomes.verdict or _meaning(was).keys() != _meaning(becomes).keys()
        assert (handset.serial_number in found) is differs
        if differs:
            affected = found[handset.serial_number]
            assert (affected.before, affected.after) == (was.verdict, becomes.verdict)
            assert {_key(f) for f in affected.appeared} == _meaning(becomes).keys() - _meaning(was).keys()
            assert {_key(f) for f in affected.gone} == _meaning(was).keys() - _meaning(becomes).keys()


def _key(finding: Finding) -> tuple[bool, str, str, str]:
    return (not finding.blocks, str(finding.severity), finding.subject, finding.where)


def _meaning(judgement: Judgement) -> Mapping[tuple[bool, str, str, str], Finding]:
    return {_key(finding): finding for finding in judgement.findings}


def test_equal_apps_become_one() -> None:
    same = Interned()
    first, second = (same.inventory(Inventory(ANDROID, (App("a.b", version="1"),))) for _ in range(2))
    assert first.apps[0] is second.apps[0]
