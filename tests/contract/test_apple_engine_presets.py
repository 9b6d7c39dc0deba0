"""Every policy that ships comes into force on every model that ships, one after the other on the same handsets."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from apple_bench import bench, who

from provisioning.catalogue.load import load_catalogue
from provisioning.handset import Strength
from provisioning.platforms import Platform
from provisioning.policy.compilation import compile_policy
from provisioning.policy.effective import Severity
from provisioning.policy.load import load_policy, policy_names
from provisioning.verification.judge import judge
from provisioning.virtual.scenario import profiles

REAL_BROWSE = Path(__file__).parents[3] / "shared" / "data" / "ios" / "browse_real_ios11.json"
MODELS = [name for name, platform in profiles().items() if platform is Platform.IOS]


async def test_every_policy_comes_into_force_on_every_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = load_catalogue()
    policies = {name: compile_policy(load_policy(name), catalogue) for name in policy_names()}
    assert len(MODELS) >= 6
    assert len(policies) >= 3
    scenario = "".join(f'[[handset]]\nprofile = "{model}"\n' for model in MODELS)
    async with bench(tmp_path, monkeypatch, scenario) as desk:
        handsets = [await desk.trusted(serial) for serial in desk.serials]
        await asyncio.gather(*(handset.enrol() for handset in handsets))
        for name, effective in policies.items():
            applied = await asyncio.gather(*(handset.apply(effective) for handset in handsets))
            for model, lock_down in zip(MODELS, applied, strict=True):
                missing = [one for one in lock_down.requirements if not one.holds]
                assert lock_down.in_force, (name, model, missing, lock_down.strangers)
                declared = [one.name for one in lock_down.requirements if one.strength is Strength.DECLARED]
                assert declared in ([], ["uk.issuing-desk.lockdown.web"])


@pytest.mark.skipif(not REAL_BROWSE.exists(), reason="the reference data is not beside this repository")
async def test_the_apps_of_a_real_handset_all_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = {entry["CFBundleIdentifier"]: entry for entry in json.loads(REAL_BROWSE.read_text("utf-8"))}
    scenario = f'[[handset]]\nprofile = "iphone-15"\ninventory = "{REAL_BROWSE}"\n'
    catalogue = load_catalogue()
    async with bench(tmp_path, monkeypatch, scenario) as desk:
        handset = await desk.trusted()
        inventory = await handset.inventory()
        assert inventory.unread == ()
        read = {app.id: app for app in inventory.apps}
        assert set(real) <= set(read)
        for identifier, entry in real.items():
            assert read[identifier].signer == entry.get("SignerIdentity")
            assert read[identifier].system is (entry["ApplicationType"] == "System")
            assert read[identifier].version == entry.get("CFBundleShortVersionString", entry.get("CFBundleVersion"))
        effective = compile_policy(load_policy("met-police"), catalogue)
        judgement = judge(inventory, effective, catalogue, await handset.lock_down(effective), await who(handset))
        subjects = {finding.subject: finding for finding in judgement.findings}
        assert "com.apple.facetime" not in subjects
        assert subjects["com.toyopagroup.picaboo"].severity is Severity.DENIED
        side_loaded = {one for one, entry in real.items() if "Developer" in entry.get("SignerIdentity", "")}
        assert len(side_loaded) == 3
        for identifier in side_loaded:
            assert "signed by a developer and not by the store" in subjects[identifier].sentence


async def test_the_organisations_own_pages_are_put_there_and_are_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = load_catalogue()
    effective = compile_policy(load_policy("met-police"), catalogue)
    clips = (("Duty roster", "https://roster.example.org/"),)
    effective = replace(effective, orders=replace(effective.orders, web_clips=clips))
    scenario = '[[handset]]\nprofile = "iphone-15"\nweb_clips = ["https://www.tiktok.com/"]\n'
    async with bench(tmp_path, monkeypatch, scenario) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        lock_down = await handset.apply(effective)
        inventory = await handset.inventory()
        assert {clip.title for clip in inventory.web_clips} == {"Duty roster", "www.tiktok.com"}
        judgement = judge(inventory, effective, catalogue, lock_down, await who(handset))
        assert [finding.subject for finding in judgement.findings] == ["https://www.tiktok.com/"]
