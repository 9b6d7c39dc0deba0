"""The seal: what ends adb for good, and everything that only looks like it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from android_bench import COMPONENT, Bench, bench, eventually, policy, who

from provisioning.android.deadlines import UNHURRIED
from provisioning.errors import HandsetGone, HandsetRefused
from provisioning.handset import Seal, SealState
from provisioning.policy.effective import EffectivePolicy
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.scenario import parse_fault

PIXEL = 'profile = "pixel-8"\n'
ORDER = "dumpsys activity --user 0 service org.issuingdesk.trainingdpc set-user-restriction no_debugging_features"
QUICK = replace(UNHURRIED, seal_gone=1.0, seal_lingering=4.0, seal_quiet=0.6, orders=4.0, controller_awake=2.0)


@asynccontextmanager
async def ours(tmp_path: Path, body: str = PIXEL, count: int = 1) -> AsyncGenerator[tuple[Bench, VirtualAndroid]]:
    """Put an enrolled handset with its lock-down in force on the bench."""
    async with bench(tmp_path, *([body] * count), deadlines=QUICK) as desk:
        for handset in desk.handsets:
            await who(handset)
            await handset.trust()
            await handset.enrol()
            await handset.apply(policy())
        serial = desk.handsets[0].cable.serial
        assert serial is not None
        yield desk, desk.rack.handset(serial)


async def sealed(desk: Bench, effective: EffectivePolicy | None = None) -> Seal:
    async with asyncio.timeout(20):
        return await desk.handsets[0].seal(effective or policy())


async def test_a_sealed_handset_is_away_for_good_and_its_controller_said_so(tmp_path: Path) -> None:
    async with ours(tmp_path) as (desk, phone):
        found = await sealed(desk)
        assert found.state is SealState.SEALED
        assert found.evidence == ("away from adb for 0.6 s", "the controller said that it forbade debugging")
        assert phone.settings.get("global", "adb_enabled") == "0"
        assert await desk.hub.attached() == []


async def test_one_is_sealed_and_its_neighbours_stay(tmp_path: Path) -> None:
    async with ours(tmp_path, count=3) as (desk, phone):
        assert (await sealed(desk)).state is SealState.SEALED
        assert len(await desk.hub.attached()) == 2
        assert not phone.reachable


async def test_a_policy_that_leaves_debugging_open_seals_nothing(tmp_path: Path) -> None:
    async with ours(tmp_path) as (desk, phone):
        found = await sealed(desk, policy(restrictions=("no_install_apps",)))
        assert found.state is SealState.NOTHING_TO_SEAL
        assert phone.reachable


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("seal-refused", "still on adb (device)"),
        (f'unplug at="{ORDER}"', "went before its controller confirmed"),
        (f'unplug at="{ORDER}" back=0.4', "still on adb"),
        (f'server-dies at="{ORDER}" restart=0.2', "adb server ended meanwhile"),
        (f'server-dies at="{ORDER}"', "adb server ended meanwhile"),
        (f'garbage at="{ORDER}"', ""),
        (f'truncated at="{ORDER}" bytes=10', ""),
        (f'no-exit-code at="{ORDER}"', ""),
    ],
)  # fmt: skip
async def test_what_only_looks_like_a_seal_is_none(tmp_path: Path, fault: str, words: str) -> None:
    """Either the handset is really closed (the fault spoilt its answer only), or it is not called sealed."""
    async with ours(tmp_path) as (desk, phone):
        phone.mishaps.arm(parse_fault(fault))
        found = await sealed(desk)
        closed = phone.settings.get("global", "adb_enabled") == "0"
        assert found.state is SealState.NOT_SEALED or closed
        if words:
            assert found.state is SealState.NOT_SEALED
            assert words in found.detail


async def test_a_controller_that_keeps_silent_is_told(tmp_path: Path) -> None:
    async with ours(tmp_path) as (desk, phone):
        phone.mishaps.arm(parse_fault("controller-silent"))
        with pytest.raises(HandsetRefused, match="does not take orders"):
            await sealed(desk)
        assert phone.reachable


async def test_what_is_not_ours_is_not_sealed(tmp_path: Path) -> None:
    async with bench(tmp_path, PIXEL, deadlines=QUICK) as desk:
        await who(desk.handset)
        with pytest.raises(HandsetRefused, match="does not own it"):
            await desk.handset.seal(policy())


async def test_a_handset_that_went_before_the_order_is_gone(tmp_path: Path) -> None:
    async with ours(tmp_path) as (desk, phone):
        await phone.unplug()
        with pytest.raises(HandsetGone):
            await sealed(desk)


async def test_the_desks_key_lapses_where_the_policy_asks(tmp_path: Path) -> None:
    async with ours(tmp_path) as (desk, phone):
        assert phone.adbd.trusted
        effective = policy()
        effective = replace(effective, orders=replace(effective.orders, revoke_adb_key=True))
        assert (await sealed(desk, effective)).state is SealState.SEALED
        # A person who opens debugging again in the settings, as after a release, is asked for this computer anew.
        phone.mishaps.arm(parse_fault("trust-dialog answer=never"))
        admin = phone.policy.owner_admin()
        assert admin is not None
        assert admin.component.short == COMPONENT
        admin.restrictions = set()
        phone.settings.put("global", "adb_enabled", "1")
        await phone.plug()

        async def asked() -> bool:
            return [one.state for one in await desk.hub.attached()] == ["unauthorized"]

        await eventually(asked)
