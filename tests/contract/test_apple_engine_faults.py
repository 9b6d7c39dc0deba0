"""Whatever breaks at whatever message of a provisioning run: one clear error in time, nothing false, and it goes on.

The messages are enumerated from a run, not chosen, and each kind of fault strikes each of them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from apple_bench import Bench, bench, messages, policy

from provisioning.apple.deadlines import Deadlines
from provisioning.apple.failures import TRAFFIC
from provisioning.errors import HandsetError
from provisioning.handset import Identity, LockDown, Ownership, Trust
from provisioning.inventory import Inventory
from provisioning.virtual.scenario import parse_fault

KINDS = ("unplug", "stall", "garbage", "hang-up", "truncate", "error", "refuse-tls", "usbmuxd-restart")
MESSAGES = (
    "Browse", "Connect", "Escalate", "EscalateResponse", "Flush", "GetCloudConfiguration", "GetProfileList", "GetValue",
    "InstallProfileSilent", "InstalledApplicationList", "ProceedWithKeybagMigration", "ProfileList", "ReadPairRecord",
    "Restrictions", "SecurityInfo", "SetCloudConfiguration", "StartService", "StartSession", "getIconState",
)  # fmt: skip
"""Every message of a run on a handset that usbmuxd has paired; a test below keeps the list honest."""
PAIRING = ("GetValue", "Pair", "ReadBUID", "ReadPairRecord", "SavePairRecord", "StartSession")
"""Every message of becoming trusted where no record is to be had."""

IMPATIENT = Deadlines(
    hub=0.5, connect=0.5, answer=0.5, handshake=0.5, pair=1, configuration=0.5, keybag=0.5, installation=0.5, apps=0.5,
    all_apps=5, icons=0.5, farewell=0.2,
)  # fmt: skip
LONGEST = 15.0
"""Seconds for one step that meets one fault: a deadline or two (a fault lasts twice as long), and a busy machine."""
TRIES = 4

Given = TypeVar("Given")


@dataclass(slots=True)
class Told:
    """What one walk was told, so that falsehoods can be looked for afterwards."""

    inventories: list[Inventory] = field(default_factory=list[Inventory])
    lock_downs: list[LockDown] = field(default_factory=list[LockDown])
    error: HandsetError | None = None


async def _walk(desk: Bench) -> Told:
    told = Told()
    handset = await desk.handset()
    try:
        await _timely(handset.identify())
        async with asyncio.timeout(10):
            while await _timely(handset.trust()) is not Trust.TRUSTED:
                await asyncio.sleep(0.02)
        assert isinstance(await _timely(handset.identify()), Identity)
        await _timely(handset.condition())
        assert (await _timely(handset.enrol())).ownership is Ownership.OURS
        told.lock_downs.append(await _timely(handset.apply(policy())))
        told.inventories.append(await _timely(handset.inventory()))
        told.lock_downs.append(await _timely(handset.lock_down(policy())))
    except HandsetError as error:
        told.error = error
    finally:
        await handset.close()
    return told


async def _timely(work: Coroutine[Any, Any, Given]) -> Given:
    began = time.monotonic()
    try:
        return await work
    finally:
        assert time.monotonic() - began < LONGEST


async def _until_done(desk: Bench) -> Told:
    """Walk again after each error, as a session does; give the walk that came through."""
    errors: list[HandsetError] = []
    for _ in range(TRIES):
        told = await _walk(desk)
        if told.error is None:
            return told
        assert str(told.error)
        errors.append(told.error)
        desk.rack.replug(desk.serials[0])
    raise AssertionError(f"never came through: {errors}")


async def _whole(desk: Bench) -> set[str]:
    """Give the identifiers of everything on the handset, read when nothing goes wrong."""
    patient = desk.another_desk("desk 4")
    handset = patient.handset(await desk.attachment())
    assert await handset.trust() is Trust.TRUSTED
    inventory = await handset.inventory()
    assert not inventory.unread
    await patient.close()
    return {app.id for app in inventory.apps}


async def test_the_messages_of_a_run_are_all_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(TRAFFIC, "provisioning.apple")
    async with bench(tmp_path, monkeypatch) as desk:
        assert (await _walk(desk)).error is None
        assert set(messages(caplog)) - {"ListDevices"} == set(MESSAGES)
        caplog.clear()
        await desk.forget_record()
        await desk.trusted()
        assert set(messages(caplog)) - {"ListDevices", "Connect", "DeletePairRecord"} == set(PAIRING)


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_fault_at_a_message_delays_and_never_deceives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, message: str
) -> None:
    async with bench(tmp_path, monkeypatch, deadlines=IMPATIENT) as desk:
        everything = await _whole(desk)
        desk.rack.handset(desk.serials[0]).faults.arm(parse_fault(f"{kind} at={message} seconds=30"))
        told = await _until_done(desk)
        assert told.lock_downs[-1].in_force
        for inventory in told.inventories:
            read = {app.id for app in inventory.apps}
            assert inventory.unread or read == everything


@pytest.mark.parametrize("kind", ["unplug", "hang-up", "garbage"])
async def test_a_fault_at_each_single_step_delays_and_never_deceives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(TRAFFIC, "provisioning.apple")
    async with bench(tmp_path, monkeypatch) as desk:
        everything = await _whole(desk)
        caplog.clear()
        assert (await _walk(desk)).error is None
        steps = [name for name in messages(caplog) if name != "ListDevices"]
    caplog.set_level(logging.WARNING, "provisioning.apple")
    assert len(steps) > 35
    for number, message in enumerate(steps):
        passed = steps[:number].count(message)
        async with bench(tmp_path / f"{kind} {number}", monkeypatch, deadlines=IMPATIENT) as desk:
            await _whole(desk)
            desk.rack.handset(desk.serials[0]).faults.arm(parse_fault(f"{kind} at={message} skip={passed}"))
            told = await _until_done(desk)
            assert told.lock_downs[-1].in_force
            for inventory in told.inventories:
                assert inventory.unread or {app.id for app in inventory.apps} == everything


@pytest.mark.parametrize("message", PAIRING)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_fault_while_pairing_leaves_a_handset_that_can_be_paired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, message: str
) -> None:
    async with bench(tmp_path, monkeypatch, deadlines=IMPATIENT) as desk:
        await desk.handset()
        await desk.forget_record()
        desk.rack.handset(desk.serials[0]).faults.arm(parse_fault(f"{kind} at={message} seconds=30"))
        for _ in range(TRIES):
            handset = await desk.handset()
            try:
                standing = await _timely(handset.trust())
            except HandsetError:
                desk.rack.replug(desk.serials[0])
                continue
            finally:
                await handset.close()
            if standing is Trust.TRUSTED:
                break
        again = await desk.handset()
        assert await again.trust() is Trust.TRUSTED
        assert isinstance(await again.identify(), Identity)


async def test_one_iphone_that_stalls_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = """
[[handset]]
profile = "iphone-15"
faults = ["stall at=Browse seconds=60"]
[[handset]]
profile = "iphone-13"
count = 3
"""
    async with bench(tmp_path, monkeypatch, scenario) as desk:
        stalling, *others = [await desk.trusted(serial) for serial in desk.serials]
        began = time.monotonic()
        held_up = asyncio.create_task(stalling.inventory())
        inventories = await asyncio.gather(*(handset.inventory() for handset in others))
        assert time.monotonic() - began < LONGEST, "it stalls for a minute"
        assert all(not inventory.unread for inventory in inventories)
        with pytest.raises(HandsetError):
            await held_up


async def test_a_walk_that_is_cancelled_anywhere_can_begin_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        for milliseconds in range(0, 60, 4):
            walk = asyncio.create_task(_provision(handset))
            await asyncio.wait({walk}, timeout=milliseconds / 1000)
            walk.cancel()
            await asyncio.wait({walk})
        await _provision(handset)
        assert (await handset.lock_down(policy())).in_force
        assert not (await handset.inventory()).unread


async def _provision(handset: Any) -> None:
    await handset.enrol()
    await handset.apply(policy())
    await handset.inventory()
