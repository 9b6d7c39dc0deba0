"""Orders for Android's device owner: what each release knows, what cuts the cable, what is hidden, what must stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from policy_bench import ANDROID, effective

from provisioning.errors import UsageError
from provisioning.policy.android import API_LEVELS, api_level, compile_restrictions, user_restrictions
from provisioning.policy.effective import EffectivePolicy, LockDownOrders
from provisioning.policy.load import policy_names


def ordering(*restrictions: str, blocked: Sequence[str] = ()) -> EffectivePolicy:
    orders = LockDownOrders(android=restrictions, blocked_ids={ANDROID: tuple(blocked)})
    return replace(effective("bbc-advice"), orders=orders)


@pytest.mark.parametrize(
    ("release", "level"),
    [("16", 36), ("15", 35), ("14", 34), ("13", 33), ("12", 31), ("8.1.0", 27), ("8.0", 26), ("7.1.1", 25), ("99", 36),
     ("", 0), ("Baklava", 0)],
)  # fmt: skip
def test_releases_have_their_api_levels(release: str, level: int) -> None:
    assert api_level(release) == level


def test_what_ends_the_cable_is_kept_apart() -> None:
    orders = compile_restrictions(effective("met-police"), "14")
    assert orders.seal == ("no_debugging_features",)
    assert "no_debugging_features" not in orders.restrictions
    assert {"no_install_apps", "no_add_user", "no_factory_reset", "no_safe_boot"} <= set(orders.restrictions)


@pytest.mark.parametrize("release", [str(number) for number in API_LEVELS])
@pytest.mark.parametrize("name", policy_names())
def test_no_release_is_given_a_restriction_that_it_does_not_know(name: str, release: str) -> None:
    orders = compile_restrictions(effective(name), release)
    for key in (*orders.restrictions, *orders.seal):
        assert user_restrictions()[key].since <= api_level(release)


def test_newer_restrictions_wait_for_their_release() -> None:
    policy = ordering("no_add_private_profile", "no_add_user", "no_install_unknown_sources_globally")
    assert compile_restrictions(policy, "9").restrictions == ("no_add_user",)
    assert "no_add_private_profile" in compile_restrictions(policy, "15").restrictions


def test_what_is_denied_is_hidden_and_what_is_required_stays() -> None:
    orders = compile_restrictions(effective("met-police"), "14")
    assert {"com.zhiliaoapp.musically", "com.facebook.katana", "com.facebook.appmanager"} <= set(orders.hide)
    assert "android" not in orders.hide
    assert "com.android.systemui" not in orders.hide
    assert compile_restrictions(effective("bbc-advice"), "14").hide == ()
    policy = replace(effective("met-police"), required_apps={ANDROID: ("org.police.app",)})
    assert compile_restrictions(policy, "14").keep == ("org.police.app",)


def test_nothing_that_a_handset_cannot_do_without_is_ever_hidden() -> None:
    """A hidden dialler, launcher, settings or store of the maker would end the handset's use."""
    vital = {"com.android.settings", "com.android.phone", "com.google.android.gms", "com.android.vending",
             "com.google.android.dialer", "com.samsung.android.dialer", "com.sec.android.app.launcher",
             "com.google.android.apps.nexuslauncher", "com.android.providers.telephony"}  # fmt: skip
    for name in policy_names():
        assert vital.isdisjoint(compile_restrictions(effective(name), "14").hide)


def test_a_key_that_android_does_not_have_is_refused() -> None:
    with pytest.raises(UsageError, match="no_tiktok"):
        compile_restrictions(ordering("no_tiktok"), "14")


def test_every_restriction_says_what_it_forbids_and_where_it_is_known_from() -> None:
    for restriction in user_restrictions().values():
        assert restriction.forbids
        assert "UserManager" in restriction.source
        assert restriction.key.startswith("no_")
