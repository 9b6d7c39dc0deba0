"""No handset with a denied app on it is ever clear, whatever else it says: thousands of made-up ones, seeded."""

from __future__ import annotations

import os
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from policy_bench import ANDROID, IOS, STORE, catalogue, effective, system_apps, verdict_on

from provisioning.catalogue.entries import Entry
from provisioning.fleet_apps import Interned, Stored
from provisioning.inventory import App, HandsetUser, Inventory, Presence, Unread, WebClip
from provisioning.platforms import Platform
from provisioning.policy.decision import RESTRICTING
from provisioning.policy.effective import Severity
from provisioning.verification.judge import judge
from provisioning.verification.judgement import Verdict
from provisioning.verification.verdict import all_apps, verdict_object
from provisioning.what_if import Side, standing

HANDSETS = int(os.environ.get("HANDSETS", "1000"))
FLEET = int(os.environ.get("FLEET", "100000"))
TRICKS = ("\u200b", "\u00ad", "\ufeff", "\u2060", "\ufe0f", "\t", "\n", "\x00", "\u202e", " ")
NAMES = ("Calculator", "Notes", "", None, "Settings\n", "\u202egnittes", "Bank", "Tik\u200bTok", "clear")


@cache
def denied(platform: Platform) -> tuple[Entry, ...]:
    """Give every identifier that the Met's policy restricts; installers and what makes a handset unknown apart."""
    policy = effective("met-police")
    return tuple(
        entry for entry in catalogue().entries
        if entry.platform is platform and entry.app_class not in {"stub", "container"}
        and (rule := policy.families.get(entry.family) or policy.classes.get(entry.app_class)) is not None
        and rule.decision in RESTRICTING
    )  # fmt: skip


@cache
def harmless(platform: Platform) -> tuple[str, ...]:
    return tuple(innocent.identifier for innocent in catalogue().innocents if innocent.platform is platform)


def disguised(identifier: str, chance: random.Random) -> str:
    """Write an identifier in a way that a hostile handset might."""
    match chance.randrange(5):
        case 0:
            return identifier.upper()
        case 1:
            return "".join(c.upper() if chance.random() < 0.5 else c for c in identifier)
        case 2:
            place = chance.randrange(len(identifier) + 1)
            return identifier[:place] + chance.choice(TRICKS) + identifier[place:]
        case 3:
            return "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" and chance.random() < 0.3 else c for c in identifier)
        case _:
            return identifier


def planted(platform: Platform, chance: random.Random) -> tuple[App, Entry]:
    """Give a denied app as it may lie on a handset that would rather not say so."""
    entry = chance.choice(denied(platform))
    system = chance.choice((True, False, None))
    ways = [presence for presence in Presence if presence is not Presence.HIDDEN or system is not True]
    app = App(
        disguised(entry.identifier, chance),
        name=chance.choice(NAMES),
        user=0 if platform is IOS else chance.choice((0, 0, 10, 95, 150)),
        system=system,
        presence=chance.choice(ways),
        installer=chance.choice((None, "", "null", "com.android.vending")),
        certificate_sha256=chance.choice((None, "ab" * 32)),
        signer=chance.choice((None, STORE, "iPhone Developer: X (AAAAAAAAAA)")),
        store_genre=chance.choice((None, "Weather", "Finance")),
        store_genre_id=chance.choice((None, 6001, 6015)),
        store_item_id=chance.choice((None, 1, 2**40)),
    )
    return app, entry


def handset(platform: Platform, chance: random.Random, *apps: App) -> Inventory:
    """Make up a whole list: what every handset has, many harmless apps, some of them twice, in any order."""
    known = harmless(platform)
    others = [App(chance.choice(known), system=False, name=chance.choice(NAMES)) for _ in range(chance.randrange(12))]
    listed: list[App] = [*system_apps(platform), *others, *apps, *chance.sample(others, len(others) // 2)]
    if chance.random() < 0.3:
        chance.shuffle(listed)
    users = tuple(HandsetUser(number) for number in sorted({0, *(app.user for app in listed)}))
    return Inventory(platform, tuple(listed), users)


def test_a_planted_app_is_always_found() -> None:
    """Whole lists, each with one denied app on it; not one of them may be clear, and each names the family.

    HANDSETS=100000 makes up more of them than there is time for every day.
    """
    chance, policy = random.Random(20261123), effective("met-police")
    missed: list[tuple[str, App]] = []
    for _ in range(HANDSETS):
        platform = chance.choice((IOS, IOS, ANDROID))
        app, entry = planted(platform, chance)
        judgement = judge(handset(platform, chance, app), policy, catalogue())
        named = any(finding.family == entry.family and finding.blocks for finding in judgement.findings)
        if judgement.verdict is not Verdict.NOT_CLEAR or not named:
            missed.append((entry.family, app))
    assert missed == []


def test_of_a_hundred_thousand_handsets_none_with_a_denied_app_is_clear() -> None:
    """The same by sets (see ``provisioning.what_if``, which a property test holds to whole judgements)."""
    chance, same = random.Random(20261126), Interned()
    bases = [(platform, same.inventory(handset(platform, chance))) for platform in (IOS, ANDROID) for _ in range(8)]
    planted_on: dict[str, Entry] = {}

    def fleet() -> Iterator[Stored]:
        for number in range(FLEET):
            platform, base = chance.choice(bases)
            serial = str(number)
            app, planted_on[serial] = planted(platform, chance)
            kept.append(app)  # what is judged by sets is known by its address in memory
            users = base.users if app.user == 0 else (*base.users, HandsetUser(app.user))
            inventory = Inventory(platform, (*base.apps, app), users)
            yield Stored(serial, None, "", "", "met-police", inventory)

    kept: list[App] = []
    policy = effective("met-police")
    missed: list[str] = []
    for stored, verdict, findings in standing(fleet(), Side(catalogue(), lambda _: policy)):
        family = planted_on.pop(stored.serial_number).family
        named = any(finding.family == family and finding.blocks for finding in findings.values())
        if verdict is not Verdict.NOT_CLEAR or not named:
            missed.append(f"{family}: {kept[-1]}")
    assert missed == []


def test_harmless_handsets_are_clear() -> None:
    """The other way round: whole lists of harmless apps only, so that the above is no triviality."""
    chance = random.Random(20261124)
    verdicts = {verdict_on(handset(platform, chance)).verdict for platform in (IOS, ANDROID) for _ in range(100)}
    assert verdicts == {Verdict.CLEAR}


TEXT = st.text(max_size=40) | st.sampled_from(
    ["com.zhiliaoapp.musically", "com.instagram.android", "android", "x" * 900]
)
APPS = st.builds(
    App,
    id=TEXT,
    name=st.none() | TEXT,
    user=st.integers(0, 3),
    system=st.none() | st.booleans(),
    presence=st.sampled_from(Presence),
    installer=st.none() | TEXT,
    certificate_sha256=st.none() | TEXT,
    signer=st.none() | TEXT,
    store_item_id=st.none() | st.integers(),
    store_genre=st.none() | TEXT,
    store_genre_id=st.none() | st.integers(),
    url_schemes=st.lists(TEXT, max_size=3).map(tuple),
    link_domains=st.lists(TEXT, max_size=3).map(tuple),
    web_start_url=st.none() | TEXT,
)
INVENTORIES = st.builds(
    Inventory,
    platform=st.sampled_from(Platform),
    apps=st.lists(APPS, max_size=12).map(tuple),
    users=st.lists(st.builds(HandsetUser, st.integers(0, 3), TEXT), max_size=3, unique_by=lambda u: u.id).map(tuple),
    web_clips=st.lists(st.builds(WebClip, TEXT, TEXT), max_size=3).map(tuple),
    unread=st.lists(st.builds(Unread, TEXT, TEXT), max_size=2).map(tuple),
)


@settings(max_examples=150)
@given(INVENTORIES)
def test_any_inventory_is_judged_in_lines_that_fit(inventory: Inventory) -> None:
    judgement = verdict_on(inventory)
    assert judgement.verdict is not Verdict.CLEAR
    said = verdict_object(judgement)
    for finding in said["findings"]:
        for key, longest in (("sentence", 480), ("subject", 200), ("where", 200)):
            assert _fits(finding[key], longest)
    assert all(_fits(app["sentence"], 480) and _fits(app["id"], 200) for app in all_apps(judgement))
    assert len(judgement.apps) == len(inventory.apps)


def _fits(text: str, longest: int) -> bool:
    """One line in which nothing is invisible, as long as it may be."""
    return len(text) <= longest and all(
        unicodedata.category(c) == "Zs" or unicodedata.category(c)[0] not in "CZ" for c in text
    )


@settings(max_examples=200)
@given(INVENTORIES, st.randoms(use_true_random=False))
def test_the_verdict_does_not_depend_on_the_order(inventory: Inventory, chance: random.Random) -> None:
    apps, clips = list(inventory.apps), list(inventory.web_clips)
    chance.shuffle(apps)
    chance.shuffle(clips)
    turned = replace(inventory, apps=tuple(apps), web_clips=tuple(clips))
    first, second = verdict_on(inventory), verdict_on(turned)
    assert first.verdict is second.verdict
    assert {f.rule for f in first.findings} == {f.rule for f in second.findings}
    assert first.inventory_sha256 == second.inventory_sha256


@settings(max_examples=150)
@given(st.sampled_from(Platform), st.lists(APPS, max_size=5))
def test_more_apps_never_make_a_verdict_better(platform: Platform, added: list[App]) -> None:
    worst = Inventory(platform, (*system_apps(platform), App("com.zhiliaoapp.musically")))
    more = replace(worst, apps=(*worst.apps, *added))
    assert verdict_on(more).verdict is Verdict.NOT_CLEAR
    assert any(f.family == "TikTok" and f.severity is Severity.DENIED for f in verdict_on(more).findings)
