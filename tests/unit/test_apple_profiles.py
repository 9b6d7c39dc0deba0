"""Configuration profiles: what each preset becomes on each system, never a key that the system does not take."""

from __future__ import annotations

import plistlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_bench import IOS, REFERENCE, effective

from provisioning.errors import UsageError
from provisioning.platforms import Platform
from provisioning.policy.apple import ConfigurationProfile, compile_profiles, restriction_keys
from provisioning.policy.effective import EffectivePolicy, LockDownOrders, LockedValue, PermitGrant, Person
from provisioning.policy.load import policy_names
from provisioning.policy.versions import older

SYSTEMS = ("16.4", "17.0", "17.7.2", "18.0", "18.6.2", "26.0", "26.1", "26.4", "27.0")
COMMON = {"PayloadType", "PayloadIdentifier", "PayloadVersion", "PayloadUUID"}


def profiles(policy: str | EffectivePolicy, version: str = "26.1") -> tuple[ConfigurationProfile, ...]:
    chosen = effective(policy) if isinstance(policy, str) else policy
    return compile_profiles(chosen, "Met Police", version)


def payloads(made: tuple[ConfigurationProfile, ...]) -> list[dict[str, Any]]:
    return [payload for profile in made for payload in plistlib.loads(profile.content)["PayloadContent"]]


def ordering(restrictions: Mapping[str, LockedValue], **orders: Any) -> EffectivePolicy:
    return replace(effective("bbc-advice"), orders=LockDownOrders(ios=dict(restrictions), **orders))


@pytest.mark.parametrize("version", SYSTEMS)
@pytest.mark.parametrize("name", policy_names())
def test_no_key_is_sent_that_the_system_does_not_take(name: str, version: str) -> None:
    keys = restriction_keys()
    for payload in payloads(profiles(name, version)):
        if payload["PayloadType"] != "com.apple.applicationaccess":
            continue
        for key in payload.keys() - COMMON:
            assert key in keys, key
            assert not older(version, keys[key].introduced), key
            assert not keys[key].removed or older(version, keys[key].removed), key
            assert keys[key].by_hand, key


@pytest.mark.parametrize("version", SYSTEMS)
@pytest.mark.parametrize("name", policy_names())
def test_what_verification_must_find_is_what_was_sent(name: str, version: str) -> None:
    for profile in profiles(name, version):
        content = plistlib.loads(profile.content)
        sent: dict[str, object] = {
            key: tuple(cast("list[str]", value)) if isinstance(value, list) else value
            for payload in content["PayloadContent"] if payload["PayloadType"] == "com.apple.applicationaccess"
            for key, value in payload.items() if key not in COMMON
        }  # fmt: skip
        assert sent == dict(profile.restrictions)


@pytest.mark.parametrize("name", policy_names())
def test_every_profile_is_whole_and_can_only_be_removed_by_us(name: str) -> None:
    made = profiles(name)
    uuids: set[str] = set()
    for profile in made:
        content = plistlib.loads(profile.content)
        assert content["PayloadType"] == "Configuration"
        assert content["PayloadRemovalDisallowed"] is True
        assert content["PayloadVersion"] == 1
        assert content["PayloadOrganization"] == "Met Police"
        assert content["PayloadIdentifier"] == profile.identifier
        assert content["PayloadUUID"] == profile.uuid
        for payload in content["PayloadContent"]:
            assert payload["PayloadIdentifier"].startswith(f"{profile.identifier}.")
            uuids.add(payload["PayloadUUID"])
        uuids.add(profile.uuid)
    assert len(uuids) == sum(1 + len(plistlib.loads(p.content)["PayloadContent"]) for p in made)
    assert len({profile.identifier for profile in made}) == len(made)


def test_pairing_is_closed_last_and_alone() -> None:
    made = profiles("met-police")
    assert [profile.identifier.rpartition(".")[2] for profile in made] == ["restrictions", "web", "pairing"]
    assert dict(made[-1].restrictions) == {"allowHostPairing": False}
    assert all("allowHostPairing" not in profile.restrictions for profile in made[:-1])


def test_advice_becomes_no_profile() -> None:
    assert profiles("bbc-advice") == ()


def test_the_met_blocks_what_it_denies_by_the_catalogues_identifiers() -> None:
    blocked = profiles("met-police")[0].restrictions["blockedAppBundleIDs"]
    assert isinstance(blocked, tuple)
    assert {"com.zhiliaoapp.musically", "com.burbn.instagram", "com.toyopagroup.picaboo", "pinterest"} <= set(blocked)
    assert not any(identifier.startswith("com.apple.") for identifier in blocked)
    assert "com.google.Maps" not in blocked
    assert profiles("met-police")[0].restrictions["allowAppInstallation"] is False


def test_a_permit_takes_its_family_out() -> None:
    person = Person("P1", permits=(PermitGrant("WA-1", "WhatsApp", "2026-12-31"),))
    plain, held = profiles("met-police"), profiles(effective("met-police", person))
    lost = set(_blocked(plain)) - set(_blocked(held))
    assert "net.whatsapp.WhatsApp" in lost
    assert "com.zhiliaoapp.musically" not in lost
    assert plain[0].uuid != held[0].uuid


def test_an_allow_list_names_web_clips_and_what_must_stay() -> None:
    restrictions = profiles("allow-list-only")[0].restrictions
    allowed = restrictions["allowListedAppBundleIDs"]
    assert isinstance(allowed, tuple)
    assert {"com.apple.webapp", "com.apple.Preferences", "com.apple.mobilephone", "azdev.citymapper"} <= set(allowed)
    assert len(allowed) == len(set(allowed))
    assert "blockedAppBundleIDs" not in restrictions
    assert "net.whatsapp.WhatsApp" not in allowed


def test_the_web_filter_denies_addresses_and_is_left_out_where_it_is_not_known() -> None:
    (filtered,) = [p for p in payloads(profiles("met-police")) if p["PayloadType"] == "com.apple.webcontent-filter"]
    assert filtered["FilterType"] == "BuiltIn"
    assert filtered["AutoFilterEnabled"] is False
    assert "https://tiktok.com" in filtered["DenyListURLs"]
    assert len(filtered["DenyListURLs"]) <= 500
    kinds = {payload["PayloadType"] for payload in payloads(profiles("met-police", "14.4"))}
    assert kinds == {"com.apple.applicationaccess"}


def test_equal_contents_have_equal_uuids_and_others_others() -> None:
    first, again = profiles("met-police"), profiles("met-police")
    assert [profile.uuid for profile in first] == [profile.uuid for profile in again]
    assert [profile.content for profile in first] == [profile.content for profile in again]
    other = compile_profiles(effective("met-police"), "City of London Police", "26.1")
    assert {profile.uuid for profile in first}.isdisjoint(profile.uuid for profile in other)


def test_keys_come_and_go_with_the_system() -> None:
    policy = ordering({"allowSafariPrivateBrowsing": False, "allowRapidSecurityResponseRemoval": False,
                       "allowAppClips": False, "allowiPhoneMirroring": False})  # fmt: skip
    sent = {version: set(profiles(policy, version)[0].restrictions) for version in SYSTEMS}
    assert sent["17.0"] == {"allowAppClips", "allowRapidSecurityResponseRemoval"}
    assert sent["18.0"] == sent["17.0"] | {"allowiPhoneMirroring"}
    assert sent["26.1"] == sent["18.0"] | {"allowSafariPrivateBrowsing"}
    assert sent["27.0"] == sent["26.1"] - {"allowRapidSecurityResponseRemoval"}


def test_what_the_system_does_by_itself_is_no_restriction() -> None:
    assert profiles(ordering({"allowCamera": True, "allowAppClips": True})) == ()
    (profile,) = profiles(ordering({"allowCamera": True, "allowAppClips": False}))
    assert dict(profile.restrictions) == {"allowAppClips": False}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("allowTikTok", False),
        ("allowCamera", "no"),
        ("allowCamera", 1),
        ("blockedAppBundleIDs", "com.x"),
        ("x\n", True),
    ],
)
def test_a_restriction_that_apple_does_not_have_is_refused(key: str, value: LockedValue) -> None:
    with pytest.raises(UsageError, match="no restriction of Apple's"):
        profiles(ordering({key: value}))


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(sorted(name for name, key in restriction_keys().items() if key.kind == "boolean")),
        st.booleans(),
        max_size=25,
    ),
    st.sampled_from(SYSTEMS),
    st.lists(st.from_regex(r"[a-z]{2,4}(\.[a-zA-Z-]{1,6}){1,3}", fullmatch=True), max_size=5),
)
def test_any_locked_values_become_profiles_that_say_them(
    wanted: dict[str, bool], version: str, blocked: list[str]
) -> None:
    policy = ordering(wanted, blocked_ids={IOS: tuple(sorted(set(blocked)))})
    made = profiles(policy, version)
    found = {key: value for profile in made for key, value in profile.restrictions.items()}
    for key, value in wanted.items():
        known = restriction_keys()[key]
        sends = known.known_to(version) and known.by_hand and known.default != str(value).lower()
        assert found.get(key) == (value if sends else None)
    if "allowHostPairing" in found:
        assert dict(made[-1].restrictions) == {"allowHostPairing": False}


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference data is not beside this repository")
def test_the_table_of_keys_agrees_with_apples_schema() -> None:
    """The schema is of iOS 18.1; what the table says otherwise must come from the later notes, and say so."""
    rows = [
        line.split("\t") for line in (REFERENCE / "ios/profile_keys.tsv").read_text("utf-8").splitlines()
        if line.startswith("com.apple.applicationaccess\t")
    ]  # fmt: skip
    keys = restriction_keys()
    assert len(rows) > 150
    for _, name, kind, _, default, introduced, deprecated, removed, supervised, by_hand, *_ in rows:
        if "." in name or kind == "<real>":
            continue  # what the lists are made of, and a kind of value that no policy can lock
        key = keys[name]
        if "26" in key.source:
            continue
        assert kind.strip("<>") in {key.kind, "array"}, name
        assert (key.introduced, key.deprecated, key.removed) == (introduced, deprecated, removed), name
        assert key.supervised_only == (supervised == "yes"), name
        assert key.by_hand == (by_hand == "yes"), name
        if key.kind == "boolean" and default:
            assert key.default == default.lower(), name


def test_every_key_says_where_it_is_known_from() -> None:
    for key in restriction_keys().values():
        assert key.source
        assert key.kind in {"boolean", "integer", "string", "list", "real", "dictionary"}


def _blocked(made: tuple[ConfigurationProfile, ...]) -> tuple[str, ...]:
    blocked = made[0].restrictions["blockedAppBundleIDs"]
    assert isinstance(blocked, tuple)
    return blocked


def test_the_platforms_are_two() -> None:
    assert set(effective("met-police").orders.blocked_ids) == set(Platform)


def test_the_organisations_pages_are_put_on_the_home_screen_before_pairing_is_closed() -> None:
    clips = (("Duty roster", "https://roster.example.org/"), ("Handbook", "https://handbook.example.org/"))
    made = profiles(ordering({"allowHostPairing": False}, web_clips=clips))
    assert [profile.identifier.rsplit(".", 1)[-1] for profile in made] == ["clips", "pairing"]
    for payload, (label, address) in zip(plistlib.loads(made[0].content)["PayloadContent"], clips, strict=True):
        assert (payload["Label"], payload["URL"], payload["IsRemovable"]) == (label, address, False)
        assert payload["PayloadType"] == "com.apple.webClip.managed"
