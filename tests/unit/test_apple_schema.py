"""Every profile that a preset becomes, key by key against Apple's published schema, on iOS 17, 18, 26 and 27."""

from __future__ import annotations

import plistlib
from collections.abc import Mapping
from typing import Any

import pytest
from policy_bench import REFERENCE, effective

from provisioning.policy.apple import compile_profiles
from provisioning.policy.declaration import app_settings
from provisioning.policy.load import policy_names
from provisioning.policy.versions import older

SCHEMA = REFERENCE / "ios" / "profile_keys.tsv"
SYSTEMS = ("17.7", "18.6", "26.1", "27.0")
KINDS: Mapping[str, type | tuple[type, ...]] = {
    "<string>": str, "<integer>": int, "<boolean>": bool, "<array>": list, "<dictionary>": dict, "<data>": bytes,
    "<real>": (int, float), "<any>": object,
}  # fmt: skip
REMOVED_IN_27 = (
    "forceDelayedSoftwareUpdates", "enforcedSoftwareUpdateDelay", "allowRapidSecurityResponseInstallation",
    "allowRapidSecurityResponseRemoval",
)  # fmt: skip
LATER = {"allowSafariHistoryClearing", "allowSafariPrivateBrowsing", "allowDefaultBrowserModification",
         "allowRCSMessaging", "allowSatelliteConnection", "allowCallRecording"}  # fmt: skip
"""Keys that are newer than the published table (October 2024); their facts stand in our own."""

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason="the reference data is not beside this repository")


def schema() -> dict[str, dict[str, dict[str, str]]]:
    lines = SCHEMA.read_text("utf-8").splitlines()
    names = next(line for line in lines if line.startswith("payload\t")).split("\t")
    table: dict[str, dict[str, dict[str, str]]] = {}
    for line in lines:
        if line.startswith(("#", "payload\t")):
            continue
        row = dict(zip(names, [*line.split("\t"), *[""] * len(names)], strict=False))
        table.setdefault(row["payload"], {})[row["key"]] = row
    return table


def check(known: Mapping[str, Mapping[str, str]], given: Mapping[str, Any], version: str, where: str) -> int:
    """Check one dictionary of a profile; gives how many keys were checked."""
    for key, value in given.items():
        if key in LATER:
            continue
        row = known.get(key)
        assert row is not None, f"{where}: {key} is in no schema"
        assert isinstance(value, KINDS[row["type"]]), f"{where}: {key} is no {row['type']}"
        assert row["type"] == "<boolean>" or not isinstance(value, bool), f"{where}: {key}"
        assert not row["introduced"] or not older(version, row["introduced"]), f"{where}: {key} is unknown to {version}"
        assert not row["removed"] or older(version, row["removed"]), f"{where}: {key} was removed"
        assert row["manual_install"] == "yes", f"{where}: {key} is for management servers only"
        if row["range"] and "-" in row["range"] and isinstance(value, int):
            low, _, high = row["range"].strip("[]() ").partition("-")
            if low.strip().isdecimal() and high.strip().isdecimal():
                assert int(low) <= value <= int(high), f"{where}: {key}={value}"
    for key, row in known.items():
        if row["presence"] == "required" and "." not in key:
            assert key in given, f"{where}: {key} is required"
    return len(given)


@pytest.mark.parametrize("version", SYSTEMS)
@pytest.mark.parametrize("name", policy_names())
def test_every_key_of_every_preset_is_apples_for_that_system(name: str, version: str) -> None:
    table = schema()
    checked = 0
    for profile in compile_profiles(effective(name), "Met Police", version):
        content = plistlib.loads(profile.content)
        checked += check(table["TopLevel"], content, version, f"{name} {version} {profile.identifier}")
        for payload in content["PayloadContent"]:
            known = {**table["CommonPayloadKeys"], **table[payload["PayloadType"]]}
            where = f"{name} {version} {payload['PayloadType']}"
            checked += check(known, payload, version, where)
            if not older(version, "27"):
                assert not set(REMOVED_IN_27) & set(payload), where
    if effective(name).orders.ios:
        assert checked > 10


@pytest.mark.parametrize("name", policy_names())
def test_the_declaration_for_ios_27_says_what_the_profile_says(name: str) -> None:
    chosen = effective(name)
    declaration = app_settings(chosen, "27.0")
    lists = {
        key: value
        for profile in compile_profiles(chosen, "Met Police", "27.0")
        for key, value in profile.restrictions.items()
        if key in ("blockedAppBundleIDs", "allowListedAppBundleIDs")
    }
    assert app_settings(chosen, "26.4") is None
    if not lists:
        assert declaration is None
        return
    assert declaration is not None
    assert declaration["Type"] == "com.apple.configuration.app.settings"
    [(key, identifiers)] = declaration["Payload"]["Allowed"].items()
    assert key == ("AllowedApps" if chosen.allow_list else "DeniedApps")
    assert tuple(identifiers) in lists.values()
    assert declaration == app_settings(chosen, "27.1")
