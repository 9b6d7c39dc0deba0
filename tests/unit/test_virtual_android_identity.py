"""A virtual handset is the same handset every time, with numbers that pass for real ones and are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual_android_phone import phone

from provisioning.errors import UsageError
from provisioning.platforms import Platform
from provisioning.virtual.android.identity import imei, luhn_digit
from provisioning.virtual.android.state.java_order import array_map_order, hash_map_order, java_hash
from provisioning.virtual.scenario import plain_rack, profiles

ANDROIDS = [name for name, platform in profiles().items() if platform is Platform.ANDROID]


@given(st.from_regex(r"\A\d{8}\Z"), st.text(max_size=20))
def test_an_imei_has_fifteen_digits_and_a_luhn_digit(code: str, seed: str) -> None:
    number = imei(code, seed)
    assert len(number) == 15
    assert number.startswith(code)
    assert luhn_digit(number[:-1]) == number[-1]


def test_the_luhn_digit_is_that_of_3gpp() -> None:
    # The example of 3GPP TS 23.003 Annex B.
    assert luhn_digit("26053179311383") == "7"


@pytest.mark.parametrize("profile", ANDROIDS)
async def test_every_profile_makes_the_same_handset_twice(profile: str) -> None:
    one, two = phone(profile), phone(profile)
    assert (one.serial_number, one.imei) == (two.serial_number, two.imei)
    assert one.properties["ro.serialno"] == one.serial_number
    assert len(one.packages) > 150
    assert {"android", "com.android.systemui", "com.android.settings"} <= {s.name for s in one.packages}


def test_a_plain_rack_takes_turns_over_common_profiles_free_of_social_apps() -> None:
    plans = plain_rack(0, 4)
    assert {plan.profile for plan in plans} >= {"pixel-8", "galaxy-a54"}
    for plan in plans:
        assert not {"facebook", "linkedin", "tiktok", "netflix", "youtube"} & set(
            ".".join(
                s.name for s in phone(plan.profile).packages if s.name != "com.google.android.apps.youtube.music"
            ).split(".")
        )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"state": "melted"}, "state “melted” is unknown"),
        ({"users": ({"kind": "ghost"},)}, "kind “ghost” in users is unknown"),
        ({"users": ({"id": 10}, {"id": 10})}, "user 10 is there twice"),
        ({"apps": ({"name": "x"},)}, "an app must be"),
        ({"state": "trade-in"}, "from Android 16 on"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused(words: dict[str, object], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        phone("pixel-8", **words)


async def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown to Android handsets"):
        phone("pixel-8", "meteor")


def test_java_hashes_are_javas() -> None:
    assert java_hash("") == 0
    assert java_hash("hello") == 99162322
    assert java_hash("com.samsung.android.provider.filterprovider") < java_hash("com.sec.android.app.DataCreate") < 0
    assert array_map_order(["b", "a"]) == ["a", "b"]
    assert sorted(hash_map_order(["x", "y", "z", "x"])) == ["x", "y", "z"]
