"""A virtual iPhone's identifiers have the forms of real ones, are its own, and are the same at each start."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import UsageError
from provisioning.virtual.faults import NO_DELAY
from provisioning.virtual.iphone.identity import draw_identity, luhn_digit
from provisioning.virtual.iphone.model import read_model, version_key
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.scenario import HandsetPlan, plain_rack, profiles

PROFILES = sorted(name for name, platform in profiles().items() if platform == "ios")


def plan_of(profile: str, position: int = 0, **fields: Any) -> HandsetPlan:
    """Make a plan of a profile that ships."""
    details = tomllib.loads(files("resources").joinpath("virtual", f"{profile}.toml").read_text("utf-8"))
    [plan] = plain_rack(1, 0)
    return replace(plan, profile=profile, position=position, details=details, **fields)


def test_the_models_are_those_that_a_desk_meets() -> None:
    models = [read_model(name, plan_of(name).details) for name in PROFILES]
    assert {(model.product_type, model.os_major) for model in models} == {
        ("iPhone14,6", 17),
        ("iPhone14,5", 18),
        ("iPhone15,4", 26),
        ("iPhone18,3", 27),
        ("iPad13,18", 18),
        ("iPad16,4", 26),
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_identifiers_have_the_forms_of_real_ones(profile: str) -> None:
    phone = VirtualIPhone(plan_of(profile, 7), NO_DELAY)
    assert re.fullmatch(r"[CDFGHJKLMNPQRTVWXY][0-9CDFGHJKLMNPQRTVWXY]{9}", phone.serial_number)
    assert re.fullmatch(rf"{phone.model.chip_id:08X}-00[0-9A-F]{{11}}01E", phone.udid)
    assert int(phone.udid.split("-")[1], 16) == phone.identity.ecid
    assert len(phone.identity.imeis) == (2 if phone.model.telephony else 0)
    for imei in phone.identity.imeis:
        assert len(imei) == 15
        assert luhn_digit(imei[:14]) == imei[14]


def test_the_ipad_without_a_modem_has_no_imei() -> None:
    assert not read_model("ipad-10", plan_of("ipad-10").details).telephony
    assert read_model("ipad-pro", plan_of("ipad-pro").details).telephony


@pytest.mark.parametrize(("digits", "check"), [("49015420323751", "8"), ("35000000000000", "6")])
def test_the_check_digit_is_luhns(digits: str, check: str) -> None:
    assert luhn_digit(digits) == check


def test_a_rack_of_phones_differs_in_everything_and_is_the_same_each_time() -> None:
    plans = [plan_of("iphone-15", position) for position in range(200)]
    model = read_model("iphone-15", plans[0].details)
    drawn = [draw_identity(plan, model) for plan in plans]
    assert drawn == [draw_identity(plan, model) for plan in plans]
    for name in ("serial_number", "udid", "ecid", "wifi_address"):
        assert len({getattr(identity, name) for identity in drawn}) == 200
    assert len({imei for identity in drawn for imei in identity.imeis}) == 400


def test_what_a_plan_says_is_kept() -> None:
    udid = "00008120-001905DE2E9B401E"
    plan = plan_of("iphone-15", serial_number="F2LXK0V1Q6", imei="490154203237518", udid=udid)
    identity = draw_identity(plan, read_model("iphone-15", plan.details))
    assert (identity.serial_number, identity.udid, identity.imeis[0]) == ("F2LXK0V1Q6", udid, "490154203237518")
    assert identity.ecid == 0x001905DE2E9B401E


def test_a_profile_that_lacks_something_is_refused_by_name() -> None:
    details = {**plan_of("iphone-15").details}
    del details["chip_id"]
    with pytest.raises(UsageError, match="chip_id"):
        read_model("iphone-15", details)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.lists(st.integers(0, 99), min_size=1, max_size=4))
def test_versions_compare_by_their_numbers(one: list[int], other: list[int]) -> None:
    def text(numbers: list[int]) -> str:
        return ".".join(map(str, numbers))

    assert (version_key(text(one)) < version_key(text(other))) == (one < other)
