"""Apps that keep other apps inside: what no list of the handset's names is not cleared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from policy_bench import ANDROID, IOS, effective, verdict_on, whole

from provisioning.inventory import App, Presence
from provisioning.platforms import Platform
from provisioning.policy.effective import Decision, Rule
from provisioning.verification.judgement import Verdict

PARALLEL_SPACE = "com.lbe.parallel.intl"
LIVE_CONTAINER = "com.kdt.livecontainer"
TIKTOK = "com.zhiliaoapp.musically"


@pytest.mark.parametrize("policy", ["met-police", "uk-government", "city-hall", "london-fire-brigade"])
@pytest.mark.parametrize(
    ("platform", "container"), [(ANDROID, PARALLEL_SPACE), (IOS, LIVE_CONTAINER), (IOS, f"{LIVE_CONTAINER}.7RW4T6K2XQ")]
)
def test_what_is_kept_inside_an_app_is_not_cleared(policy: str, platform: Platform, container: str) -> None:
    judgement = verdict_on(whole(platform, container), policy)
    assert judgement.verdict is Verdict.UNKNOWN
    (unread,) = judgement.not_checked
    assert container in unread.area
    assert any(finding.subject == container and "inside" in finding.sentence for finding in judgement.findings)


def test_a_denied_app_beside_it_decides_all_the_same() -> None:
    assert verdict_on(whole(ANDROID, PARALLEL_SPACE, TIKTOK), "uk-government").verdict is Verdict.NOT_CLEAR


def test_a_second_users_container_is_as_good_a_hiding_place() -> None:
    there = whole(ANDROID, App(PARALLEL_SPACE, user=10, system=False))
    assert verdict_on(there, "uk-government").verdict is Verdict.UNKNOWN
    assert "user 10" in verdict_on(there, "uk-government").not_checked[0].area


def test_what_was_removed_keeps_nothing_and_advice_keeps_nobody_back() -> None:
    removed = App(PARALLEL_SPACE, system=True, presence=Presence.REMOVED_FOR_USER)
    assert verdict_on(whole(ANDROID, removed), "uk-government").not_checked == ()
    assert verdict_on(whole(ANDROID, PARALLEL_SPACE), "bbc-advice").verdict is Verdict.CLEAR


def test_a_body_may_allow_one_by_its_very_identifier() -> None:
    policy = effective("uk-government")
    rule = Rule("its-own", Decision.ALLOWED, "it is this body's own", "assumption")
    allowed = replace(policy, identifiers={**policy.identifiers, (ANDROID, PARALLEL_SPACE): rule})
    assert verdict_on(whole(ANDROID, PARALLEL_SPACE), allowed).verdict is Verdict.CLEAR
