"""A list that is short, on the wire: whatever was cut, wherever, it is never taken for a handset with less on it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from android_bench import TIKTOK, WHATSAPP, bench, policy
from walk_bench import home_from, rack_of, serials, walk

from console import assembly
from provisioning.android.handset import AndroidHandset
from provisioning.errors import HandsetError
from provisioning.handset import Reading
from provisioning.status import Phase
from provisioning.virtual.android.shell.interpreter import Shell
from provisioning.virtual.android.shell.streams import Collected, Given

PROFILE = f'profile = "pixel-8"\napps = ["{TIKTOK}", "{WHATSAPP}"]'
SOURCES = [
    ("pm list packages -s", "pm list packages -s -u -f -U -i --show-versioncode --user 0"),
    ("pm list packages -3", "pm list packages -3 -u -f -U -i --show-versioncode --user 0"),
    ("pm list packages --user", "pm list packages --user 0"),
    ("pm list users", "pm list users"),
    ("dumpsys user", "dumpsys user"),
    ("dumpsys package packages", "dumpsys package packages"),
]
"""Where a fault strikes, and the command whose output it cuts."""


def cuts(output: bytes) -> list[int]:
    """Give a position of every kind: nothing, within and between lines, around each separator, the very last bytes."""
    last = output.rfind(b"\n", 0, len(output) - 1) + 1
    line = output[last:]
    found = {0, 1, 8, output.find(b"\n"), output.find(b"\n") + 1, len(output) // 2, last - 1, last, last + 3}
    found |= {last + line.rfind(mark) + offset for mark in (b"=", b" ", b":") if mark in line for offset in (0, 1)}
    found |= {len(output) - 3, len(output) - 2, len(output) - 1}
    return sorted(cut for cut in found if 0 <= cut < len(output))


async def read(handset: AndroidHandset) -> Reading | HandsetError:
    try:
        return await handset.read(policy())
    except HandsetError as error:
        return error


async def test_a_list_that_was_cut_anywhere_is_named_or_is_no_reading(tmp_path: Path) -> None:
    async with bench(tmp_path, PROFILE) as desk:
        complete = (await desk.handset.read(policy())).inventory
        assert complete.unread == ()
        (phone,) = (desk.rack.handset(one["serial_number"]) for one in desk.rack.announcement()["handsets"])
        outputs: dict[str, bytes] = {}
        for at, command in SOURCES:
            kept = Collected()
            await Shell(phone).run(command, Given(b""), kept, Collected())
            outputs[at] = kept.data
    plans = [(at, cut, 0) for at, output in outputs.items() for cut in cuts(output)]
    plans += [(at, len(output) - 1, 1) for at, output in outputs.items()]
    bodies = [f"{PROFILE}\nfaults = ['truncated bytes={cut} code={code} at=\"{at}\"']" for at, cut, code in plans]
    whole = 0
    async with bench(tmp_path, *bodies) as desk:
        at_address = {handset.attachment.connection: handset for handset in desk.handsets}
        addresses = [one["adbd"] for one in desk.rack.announcement()["handsets"]]
        readings = await asyncio.gather(*(read(at_address[address]) for address in addresses))
        for (at, cut, code), reading in zip(plans, readings, strict=True):
            if isinstance(reading, HandsetError) or reading.inventory.unread:
                continue
            # Of a dump, or of the users that a dump confirms, the end may be missing that is not about what is read;
            # of a list of packages nothing may.
            assert not at.startswith("pm list packages"), (at, cut, code)
            assert code == 0, (at, cut)
            assert reading.inventory.digest() == complete.digest(), (at, cut)
            assert reading.inventory.users == complete.users, (at, cut)
            whole += 1
    assert whole < len(plans) // 4


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "home"
    assembly.make_home(folder, training=True, organisation=None, desk_name=None)
    return folder


FOLDER, DUAL = "apps of user 150 (Secure Folder)", "user 95"
PROFILES = [
    # What lies on the handset, the verdict, and what is named: the app's place, or the area that was not read.
    (f'profile = "galaxy-a54"\nusers = [{{id = 150, apps = ["{WHATSAPP}"]}}]', Phase.NOT_CLEAR, "user 150"),
    (f'profile = "galaxy-a54"\nusers = [{{id = 150, apps = ["{TIKTOK}"]}}]', Phase.NOT_CLEAR, "user 150"),
    (f'profile = "galaxy-a54"\nusers = [{{id = 95, apps = ["{WHATSAPP}"]}}]', Phase.NOT_CLEAR, DUAL),
    (f'profile = "galaxy-a54"\nusers = [{{id = 95, apps = ["{TIKTOK}"]}}]', Phase.NOT_CLEAR, DUAL),
    ('profile = "galaxy-a54"\nusers = [150]', Phase.UNKNOWN, FOLDER),
    ('profile = "pixel-8"\nusers = ["work-profile"]', Phase.UNKNOWN, "apps of user 10 (work profile)"),
    ('profile = "pixel-9-work"\nusers = [{kind = "work-profile"}]', Phase.UNKNOWN, "apps of user 10 (work profile)"),
]  # fmt: skip


async def test_what_lies_in_other_profiles_is_found_or_named(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_from(template, tmp_path)
    scenario = "".join(f'[[handset]]\n{body}\nstate = "ours"\n' for body, _, _ in PROFILES)
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        statuses = await walk(engine, changing=False, patience=1.0)
        for serial, (body, phase, named) in zip(serials(rack), PROFILES, strict=True):
            judgement = statuses[serial].judgement
            assert judgement is not None, body
            assert statuses[serial].phase is phase, (body, judgement.findings)
            if phase is Phase.UNKNOWN:
                assert named in {one.area for one in judgement.not_checked}, body
            else:
                places = {one.where for one in judgement.findings if one.subject in {TIKTOK, WHATSAPP}}
                assert any(named in place for place in places), (body, places)
