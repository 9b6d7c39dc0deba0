"""Engine, policy, catalogue and judge together: virtual handsets are enrolled, locked down, read and judged."""

from __future__ import annotations

from pathlib import Path

import android_bench
import apple_bench
import pytest

from provisioning.catalogue.load import load_catalogue
from provisioning.handset import Handset, Identity
from provisioning.policy.compilation import compile_policy
from provisioning.policy.effective import Severity
from provisioning.policy.load import load_policy
from provisioning.verification.judge import judge
from provisioning.verification.judgement import Judgement, Verdict

TIKTOK = "com.zhiliaoapp.musically"


async def judged(handset: Handset) -> Judgement:
    """Take a trusting handset through everything that comes before handover."""
    catalogue = load_catalogue()
    effective = compile_policy(load_policy("met-police"), catalogue)
    await handset.enrol()
    lock_down = await handset.apply(effective)
    identity = await handset.identify()
    assert isinstance(identity, Identity)
    return judge(await handset.inventory(), effective, catalogue, lock_down, identity)


@pytest.mark.parametrize("model", ["iphone-15", "iphone-17", "ipad-10"])
async def test_a_new_iphone_becomes_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    async with apple_bench.bench(tmp_path, monkeypatch, f'[[handset]]\nprofile = "{model}"\n') as desk:
        judgement = await judged(await desk.trusted())
    assert judgement.findings == ()
    assert judgement.verdict is Verdict.CLEAR


async def test_an_iphone_with_tiktok_is_not_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = f'[[handset]]\nprofile = "iphone-15"\napps = ["{TIKTOK}"]\n'
    async with apple_bench.bench(tmp_path, monkeypatch, scenario) as desk:
        judgement = await judged(await desk.trusted())
    assert judgement.verdict is Verdict.NOT_CLEAR
    assert [finding.family for finding in judgement.findings if finding.severity is Severity.DENIED] == ["TikTok"]


@pytest.mark.parametrize("model", ["pixel-8", "galaxy-a54"])
async def test_a_new_android_becomes_clear_with_our_controller_on_it(tmp_path: Path, model: str) -> None:
    async with android_bench.bench(tmp_path, f'profile = "{model}"') as desk:
        judgement = await judged(desk.handset)
    assert judgement.findings == ()
    assert judgement.verdict is Verdict.CLEAR
    (controller,) = [app for app in judgement.apps if app.id == android_bench.PACKAGE]
    assert controller.rule == "own-controller"


async def test_an_android_with_tiktok_is_not_clear_although_it_is_hidden(tmp_path: Path) -> None:
    async with android_bench.bench(tmp_path, f'profile = "pixel-8"\napps = ["{TIKTOK}"]') as desk:
        judgement = await judged(desk.handset)
    assert judgement.verdict is Verdict.NOT_CLEAR
    (finding,) = judgement.findings
    assert (finding.family, finding.where) == ("TikTok", "user 0, hidden")


async def test_the_preinstalled_facebook_of_a_firmware_is_blocked_and_known(tmp_path: Path) -> None:
    async with android_bench.bench(tmp_path, 'profile = "galaxy-a21s"') as desk:
        judgement = await judged(desk.handset)
    facebook = {finding.subject: finding for finding in judgement.findings if finding.family == "Facebook"}
    assert set(facebook) == {
        "com.facebook.katana",
        "com.facebook.appmanager",
        "com.facebook.services",
        "com.facebook.system",
    }
    assert not any(finding.blocks for finding in facebook.values())
    assert {finding.subject for finding in judgement.findings if finding.blocks} == {"com.linkedin.android"}
