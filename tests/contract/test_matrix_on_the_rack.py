"""The printed matrix and a handset read over the wire agree: same apps, same policies, same people, same decisions."""

from __future__ import annotations

from pathlib import Path

import android_bench
import apple_bench
import pytest

from provisioning.catalogue.load import load_catalogue
from provisioning.inventory import Inventory
from provisioning.platforms import Platform
from provisioning.policy.compilation import compile_policy
from provisioning.policy.load import load_policy, policy_names
from provisioning.policy.matrix import APPS, matrix
from provisioning.verification.judge import judge


def listed(platform: Platform) -> list[str]:
    return sorted({(asked.ios if platform is Platform.IOS else asked.android).id for asked in APPS})


def differences(inventory: Inventory) -> list[str]:
    """Give every cell of the matrix that the handset does not bear out."""
    catalogue, platform = load_catalogue(), inventory.platform
    cells = {(cell.policy, cell.title): cell.decision for cell in matrix(catalogue) if cell.platform is platform}
    assert {policy for policy, _ in cells} == set(policy_names())
    wrong: list[str] = []
    for name in policy_names():
        policy = load_policy(name)
        for asked in APPS:
            person = asked.person
            if person is not None and set(person.roles) - set(policy.roles):
                person = None  # a role that this policy does not have is nobody's
            judgement = judge(inventory, compile_policy(policy, catalogue, person), catalogue)
            identifier = (asked.ios if platform is Platform.IOS else asked.android).id
            (app,) = [app for app in judgement.apps if app.id == identifier]
            if app.decision is not cells[name, asked.title]:
                wrong.append(
                    f"{name}, {asked.title}: {cells[name, asked.title]} printed, {app.decision} on the handset"
                )
    return wrong


async def test_an_iphone_bears_out_the_matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = f'[[handset]]\nprofile = "iphone-15"\napps = {listed(Platform.IOS)}\n'
    async with apple_bench.bench(tmp_path, monkeypatch, scenario) as desk:
        inventory = await (await desk.trusted()).inventory()
    assert set(listed(Platform.IOS)) <= {app.id for app in inventory.apps}
    assert differences(inventory) == []


async def test_an_android_bears_out_the_matrix(tmp_path: Path) -> None:
    async with android_bench.bench(tmp_path, f'profile = "pixel-8"\napps = {listed(Platform.ANDROID)}') as desk:
        inventory = await desk.handset.inventory()
    assert set(listed(Platform.ANDROID)) <= {app.id for app in inventory.apps}
    assert differences(inventory) == []
