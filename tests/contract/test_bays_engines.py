"""Bays are learnt from handsets of both platforms through both engines, and hold from the next plug on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Never

import pytest

from provisioning.android.hub import AndroidHub
from provisioning.apple.hub import AppleHub
from provisioning.bays.desk_bays import DeskBays
from provisioning.bays.learning import Step
from provisioning.organisation import Organisation
from provisioning.virtual.rack import Rack
from provisioning.virtual.scenario import plain_rack
from provisioning.watch import watch


def nothing() -> Never:
    raise AssertionError("who only looks needs neither supervision nor a controller")


ORGANISATION = Organisation("Test", "00000000-0000-0000-0000-000000000000", nothing, nothing)


async def until(found: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not found():
            await asyncio.sleep(0.02)


async def test_learning_through_both_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Rack(plain_rack(1, 1)) as rack:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", rack.usbmux_address)
        desk = DeskBays(tmp_path / "bays", {}, {})
        hubs = [
            AppleHub(ORGANISATION, tmp_path, "desk", desk.labels),
            AndroidHub(ORGANISATION, "127.0.0.1", rack.adb_server_port, desk.labels),
        ]
        iphone, android = (one["serial_number"] for one in rack.announcement()["handsets"])

        async def pull(serial: str) -> None:
            task = rack.unplug(serial)
            if task is not None:
                await task

        async def plug(serial: str) -> Step:
            before = desk.last_step
            task = rack.replug(serial)
            if task is not None:
                await task
            await until(lambda: desk.last_step is not before)
            assert desk.last_step is not None
            return desk.last_step

        async def follow() -> None:
            async with aclosing(watch(hubs)) as movements:
                async for movement in movements:
                    desk.move(movement)

        following = asyncio.create_task(follow())
        try:
            for serial in (iphone, android):
                await pull(serial)
            # Nothing hangs there any more for either daemon, so whatever arrives now was plugged in by a hand.
            for hub in hubs:
                while await hub.attached():
                    await asyncio.sleep(0.05)
            await asyncio.sleep(0)
            desk.begin_learning("7")
            assert (await plug(iphone)).label == "7-1"
            assert (await plug(android)).label == "7-2"
            await pull(iphone)
            again = await plug(iphone)
            assert (again.label, again.new) == ("7-1", False)
            assert [bay.label for bay in desk.finish_learning()] == ["7-1", "7-2"]
            await pull(iphone)
            rack.replug(iphone)
            bays: list[str] = []
            while not bays:
                bays = [attachment.bay for attachment in await hubs[0].attached()]
                await asyncio.sleep(0.02)
            assert bays == ["7-1"]
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            for hub in hubs:
                await hub.close()
