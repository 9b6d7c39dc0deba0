"""A restriction holds only if the handset says so, in the kind that was ordered."""

from __future__ import annotations

import plistlib
from typing import Any

import pytest

from provisioning.apple.profiles import order_of
from provisioning.apple.restrictions import declared_requirement, effective_requirement
from provisioning.handset import Strength
from provisioning.policy.effective import LockedValue

GLOBAL: dict[str, Any] = {
    "restrictedBool": {"allowAppInstallation": {"value": False}, "allowCamera": {"value": True}, "odd": {"value": 0}},
    "restrictedValue": {"ratingApps": {"value": 200}},
    "union": {"blockedAppBundleIDs": {"values": ["com.tiktok", "com.other"]}},
    "intersection": {"allowListedAppBundleIDs": {"values": ["com.apple.mobilephone"]}},
}


@pytest.mark.parametrize(
    ("key", "wanted", "holds"),
    [
        ("allowAppInstallation", False, True),
        ("allowCamera", False, False),
        ("allowSafari", False, False),
        ("odd", False, False),
        ("ratingApps", 200, True),
        ("ratingApps", 100, False),
        ("ratingApps", True, False),
        ("blockedAppBundleIDs", ("com.tiktok",), True),
        ("blockedAppBundleIDs", ("com.tiktok", "com.instagram"), False),
        ("allowListedAppBundleIDs", ("com.apple.mobilephone", "com.apple.MobileSMS"), True),
        ("allowListedAppBundleIDs", (), False),
    ],
)
def test_what_is_enforced_is_compared(key: str, wanted: LockedValue, holds: bool) -> None:
    requirement = effective_requirement(key, wanted, GLOBAL)
    assert requirement.holds is holds
    assert requirement.strength is Strength.EFFECTIVE
    assert requirement.wanted
    assert requirement.found


def test_lists_are_found_under_their_old_names_too() -> None:
    restrictions = {"union": {"blacklistedAppBundleIDs": {"values": ["com.tiktok"]}}}
    assert effective_requirement("blockedAppBundleIDs", ("com.tiktok",), restrictions).holds


def test_what_a_deny_list_lacks_is_named() -> None:
    requirement = effective_requirement("blockedAppBundleIDs", ("com.instagram", "com.tiktok"), GLOBAL)
    assert "com.instagram" in requirement.found


@pytest.mark.parametrize("restrictions", [{}, {"restrictedBool": []}, {"restrictedBool": {"allowCamera": "no"}}])
def test_a_misshapen_answer_never_holds(restrictions: dict[str, Any]) -> None:
    assert not effective_requirement("allowCamera", False, restrictions).holds
    assert not effective_requirement("blockedAppBundleIDs", ("a",), restrictions).holds


def test_a_declared_restriction_holds_by_its_profile_alone() -> None:
    assert declared_requirement("allowCamera", False, "org.desk.restrictions").holds
    requirement = declared_requirement("allowCamera", False, None)
    assert not requirement.holds
    assert requirement.strength is Strength.DECLARED


def test_an_order_is_read_from_the_bytes_that_are_installed() -> None:
    payload: dict[str, Any] = {"PayloadType": "com.apple.applicationaccess", "PayloadUUID": "A", "allowCamera": False}
    payload |= {"ratingApps": 1, "blockedAppBundleIDs": ["com.tiktok"]}
    web_filter = {"PayloadType": "com.apple.webcontent-filter", "FilterType": "BuiltIn"}
    profile: dict[str, Any] = {"PayloadIdentifier": "org.desk", "PayloadUUID": "B", "PayloadRemovalDisallowed": True}
    profile["PayloadContent"] = [payload, web_filter]
    order = order_of(plistlib.dumps(profile))
    assert (order.identifier, order.uuid, order.removal_disallowed) == ("org.desk", "B", True)
    assert order.restrictions == {"allowCamera": False, "ratingApps": 1, "blockedAppBundleIDs": ("com.tiktok",)}
