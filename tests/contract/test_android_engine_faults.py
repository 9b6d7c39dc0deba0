"""Every message of a full run struck in turn: an error or a named gap, never a false complete; then it goes on."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import pytest
from android_bench import (
    SHORT,
    TIKTOK,
    Bench,
    apps_of,
    bench,
    eventually,
    life,
    policy,
    who,
)
from walk_bench import rack_of, serials, walk

from console import assembly
from provisioning.android.handset import AndroidHandset
from provisioning.errors import HandsetError, HandsetGarbled, HandsetGone, HandsetSilent, HandsetStarting
from provisioning.handset import Arrived, Departed, HubFound, HubLost, LockDown
from provisioning.home.home import open_home
from provisioning.inventory import Inventory
from provisioning.status import Phase

MESSAGES = 260
"""A little fewer than a full run on a Pixel 8 has: every fault strikes in the first run, none in the second."""
STRIDE = 8


def bodies(fault: str) -> list[str]:
    """Plan one handset for each message that is to be struck.

    Every command of a script is three messages, itself and its two marks, so a stride that is no multiple of three
    meets all of them in turn.
    """
    return [
        f'profile = "pixel-8"\nserial_number = "P{number:03d}"\napps = ["{TIKTOK}"]\n'
        f'faults = ["{fault} at=* skip={number}"]'
        for number in range(0, MESSAGES, STRIDE)
    ]


async def outcome(handset: AndroidHandset) -> tuple[LockDown, Inventory] | HandsetError:
    try:
        return await life(handset)
    except HandsetError as error:
        return error


def check(found: tuple[LockDown, Inventory] | HandsetError, complete: Inventory) -> bool:
    """Say if the reading was complete; it then must be the very same as an undisturbed one's."""
    if isinstance(found, HandsetError):
        assert not isinstance(found, HandsetGarbled) or found.detail
        return False
    lock_down, inventory = found
    if inventory.unread:
        assert all(one.area and one.why for one in inventory.unread)
    elif lock_down.in_force:
        assert apps_of(inventory) == apps_of(complete)
        return True
    return False


async def undisturbed(tmp_path: Path) -> Inventory:
    async with bench(tmp_path, f'profile = "pixel-8"\napps = ["{TIKTOK}"]') as desk:
        _, inventory = await life(desk.handset)
        return inventory


async def all_on_the_desk(desk: Bench, wanted: int) -> None:
    async def there() -> bool:
        return len([one for one in await desk.hub.attached() if one.state == "device"]) == wanted

    await eventually(there, 60)
    await desk.open()


@pytest.mark.parametrize("fault", ["garbage", "no-exit-code", "unplug"])
async def test_no_struck_message_gives_a_false_complete_and_the_next_run_finishes(tmp_path: Path, fault: str) -> None:
    complete = await undisturbed(tmp_path)
    async with bench(tmp_path, *bodies(fault), deadlines=SHORT) as desk:
        found = await asyncio.gather(*(outcome(one) for one in desk.handsets))
        struck = [check(one, complete) for one in found]
        assert not all(struck)
        if fault == "unplug":
            for number in range(0, MESSAGES, STRIDE):
                desk.rack.replug(f"P{number:03d}")
        await all_on_the_desk(desk, len(struck))
        again = await asyncio.gather(*(outcome(one) for one in desk.handsets))
        assert all(check(one, complete) for one in again), [one for one in again if not check(one, complete)]


COMMANDS = [
    "getprop",
    "settings get",
    "pm list users",
    "dumpsys",
    "dpm list-owners",
    "pm install",
    "dpm set-device-owner",
    "pm path",
    "tail",
    "pm list packages",
]


async def test_a_handset_that_stalls_anywhere_is_given_up_in_time_and_goes_on_later(tmp_path: Path) -> None:
    complete = await undisturbed(tmp_path)
    plans = [
        f'profile = "pixel-8"\napps = ["{TIKTOK}"]\nfaults = [\'stall at="{one}" seconds=60\']' for one in COMMANDS
    ]
    async with bench(tmp_path, *plans, deadlines=SHORT) as desk:
        begun = time.monotonic()
        found = await asyncio.gather(*(outcome(one) for one in desk.handsets))
        assert time.monotonic() - begun < 40
        assert all(isinstance(one, HandsetSilent) for one in found), found
        again = await asyncio.gather(*(outcome(one) for one in desk.handsets))
        assert all(check(one, complete) for one in again), again


async def test_a_reply_that_drips_is_cut_at_the_deadline_of_the_whole_call(tmp_path: Path) -> None:
    body = 'profile = "pixel-8"\nfaults = [\'drip at="pm list packages"\']'
    async with bench(tmp_path, body, deadlines=SHORT) as desk:
        await who(desk.handset)
        begun = time.monotonic()
        with pytest.raises(HandsetSilent):
            await desk.handset.inventory()
        assert time.monotonic() - begun < SHORT.packages + 2
        assert (await desk.handset.inventory()).unread == ()


async def test_a_cancelled_call_ends_at_once_and_the_next_one_answers(tmp_path: Path) -> None:
    body = 'profile = "pixel-8"\nfaults = [\'stall at="pm list packages" seconds=60\']'
    async with bench(tmp_path, body) as desk:
        await who(desk.handset)
        before = desk.handset.cable.calls
        call = asyncio.create_task(desk.handset.inventory())
        await eventually(lambda: desk.handset.cable.calls > before)
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await desk.handset.inventory()).unread == ()
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ('unplug at="pm list packages"', HandsetGone),
        ('no-exit-code at="pm list packages"', HandsetGone),
        ('truncated at="pm list packages"', HandsetGone),
    ],
)
async def test_a_cable_pulled_during_a_list_is_never_a_short_list(
    tmp_path: Path, fault: str, error: type[HandsetError]
) -> None:
    async with bench(tmp_path, f"profile = \"pixel-8\"\nfaults = ['{fault}']") as desk:
        await who(desk.handset)
        with pytest.raises(error):
            await desk.handset.inventory()


async def test_a_dump_that_timed_out_is_named(tmp_path: Path) -> None:
    body = 'profile = "pixel-8"\nfaults = [\'dump-timeout at="dumpsys" times=0\']'
    async with bench(tmp_path, body) as desk:
        inventory = await desk.handset.inventory()
        areas = {one.area for one in inventory.unread}
        assert areas == {"state of every package", "types of users", "URL schemes of the apps", "device owner"}
        assert len(apps_of(inventory)) > 100


async def test_carriage_returns_hide_nothing_and_what_they_spoil_is_no_success(tmp_path: Path) -> None:
    plain = await undisturbed(tmp_path)
    body = f'profile = "pixel-8"\napps = ["{TIKTOK}"]\nfaults = ["crlf'
    async with bench(tmp_path, f'{body}"]', f'{body} v2=true"]') as desk:
        at = {handset.attachment.connection: handset for handset in desk.handsets}
        lines, everything = (at[one["adbd"]] for one in desk.rack.announcement()["handsets"])
        lock_down, inventory = await life(lines)
        assert lock_down.in_force
        assert apps_of(inventory) == apps_of(plain)
        await who(everything)
        with pytest.raises(HandsetError, match="certificate of the installed controller"):
            await everything.enrol()  # the controller's file comes back with bytes that are not in it
        read = await everything.inventory()
        assert (read.unread, apps_of(read)) == ((), apps_of(plain))
        assert not (await everything.lock_down(policy())).in_force


async def test_services_that_are_not_up_yet_are_no_empty_handset(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "pixel-8"\nfaults = ["services-busy"]') as desk:
        assert (await desk.handset.condition()).obstacles
        for attempt in (desk.handset.enrolment(), desk.handset.inventory(), desk.handset.read(policy())):
            with pytest.raises(HandsetStarting):
                await attempt


async def test_a_handset_that_is_starting_is_waited_for_in_the_same_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    assembly.make_home(home, training=True, organisation=None, desk_name=None)
    scenario = '[[handset]]\nprofile = "pixel-8"\nfaults = ["services-busy seconds=3"]\n'
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(open_home(home), "test") as engine:
        statuses = await walk(engine)
        assert statuses[serials(rack)[0]].phase is Phase.READY


async def test_a_controller_that_keeps_silent_is_told_and_nothing_is_in_force(tmp_path: Path) -> None:
    body = 'profile = "pixel-8"\nfaults = ["controller-silent"]'
    async with bench(tmp_path, body, deadlines=SHORT) as desk:
        await desk.handset.enrol()
        with pytest.raises(HandsetError, match=r"controller|answer"):
            await desk.handset.apply(policy())
        assert not (await desk.handset.lock_down(policy())).in_force


async def test_a_server_that_dies_mid_run_is_lost_and_found_and_the_run_goes_on(tmp_path: Path) -> None:
    body = 'profile = "pixel-8"\nfaults = [\'server-dies at="dpm set-device-owner" restart=1\']'
    async with bench(tmp_path, body) as desk, aclosing(desk.hub.movements()) as movements:
        arrived = await anext(movements)
        assert isinstance(arrived, Arrived)
        with pytest.raises(HandsetGone):
            await life(desk.handset)
        async with asyncio.timeout(60):
            assert await anext(movements) == Departed(arrived.attachment)
            assert isinstance(await anext(movements), HubLost)
            assert isinstance(await anext(movements), HubFound)
        await all_on_the_desk(desk, 1)
        lock_down, inventory = await life(desk.handset)
        assert lock_down.in_force
        assert inventory.unread == ()
