"""The whole line on real protocols: plug in, trust, enrol, lock down, verify; and what life does to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from walk_bench import errand, home_from, kinds_of, rack_of, said_twice, serials, until_at, walk

from console import assembly
from console.verdicts import verdict_of, worst
from provisioning.stages import apply, enrol, trust, verify
from provisioning.status import Phase
from provisioning.verification.judgement import Verdict
from provisioning.walk import StageName
from provisioning.watchdog import USUAL_LIMIT


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "home"
    assembly.make_home(folder, training=True, organisation=None, desk_name=None)
    return folder


async def test_new_handsets_walk_to_ready_and_are_clear_when_read_again(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, iphones=2, androids=2) as rack:
        async with assembly.engine(home, "test") as engine:
            before = await walk(engine, changing=False)
            assert {status.phase for status in before.values()} == {Phase.NOT_CLEAR}, "not enrolled is not clear"
            provisioned = await walk(engine)
        async with assembly.engine(home, "test again") as engine:
            inspected = await walk(engine, changing=False)
        assert set(provisioned) == set(serials(rack))
    for statuses in (provisioned, inspected):
        for status in statuses.values():
            assert status.phase is Phase.READY, status.judgement and status.judgement.findings
            assert status.judgement is not None
            assert status.judgement.verdict is Verdict.CLEAR
    assert said_twice(home) == []
    check = home.check_ledger()
    assert check.ok, check.reason


async def test_a_second_walk_finds_its_work_done(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path):
        async with assembly.engine(home, "first") as engine:
            await walk(engine)
        async with assembly.engine(home, "second") as engine:
            again = await walk(engine)
    for status in again.values():
        outcomes = {record.name: record.outcome for record in status.stages}
        enrolled, applied = outcomes[StageName.ENROL], outcomes[StageName.APPLY]
        assert isinstance(enrolled, enrol.Enrolled)
        assert enrolled.already
        assert isinstance(applied, apply.Applied)
        assert applied.already
    assert said_twice(home) == []


async def test_a_denied_app_is_found_named_and_left_where_it_is(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = """
        [[handset]]
        profile = "iphone-15"
        apps = ["com.zhiliaoapp.musically"]
        [[handset]]
        profile = "pixel-8"
        apps = ["com.zhiliaoapp.musically"]
        [[handset]]
        profile = "pixel-8"
    """
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        statuses = await walk(engine)
        iphone, pixel, clean = serials(rack)
    for serial in (iphone, pixel):
        judgement = statuses[serial].judgement
        assert statuses[serial].phase is Phase.NOT_CLEAR
        assert judgement is not None
        finding = judgement.findings[0]
        assert (finding.subject, finding.family) == ("com.zhiliaoapp.musically", "TikTok")
        assert finding.rule
        assert finding.where
        assert "TikTok" in finding.sentence
    assert statuses[clean].phase is Phase.READY


@pytest.mark.parametrize(
    "stage", [StageName.TRUST, StageName.PREFLIGHT, StageName.ENROL, StageName.APPLY, StageName.VERIFY]
)
@pytest.mark.parametrize("platform", ["ios", "android"])
async def test_a_cable_pulled_at_any_stage_costs_nothing_and_stops_nobody(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: StageName, platform: str
) -> None:
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, iphones=2, androids=2) as rack, assembly.engine(home, "test") as engine:
        await engine.desk.settle()
        pulled, other = serials(rack, platform)
        session = engine.desk.find(pulled)
        assert session is not None
        running = asyncio.create_task(engine.desk.run(engine.desk.sessions, await errand(engine)))
        await until_at(session, stage)
        gone = rack.unplug(pulled)
        if gone is not None:
            await gone
        async with asyncio.timeout(20):
            while session.status().phase not in {Phase.UNPLUGGED, Phase.READY}:
                await asyncio.sleep(0.01)
        back = rack.replug(pulled)
        if back is not None:
            await back
        statuses = {status.serial_number: status for status in await running}
        async with asyncio.timeout(30):
            while engine.desk.walking(session):
                await asyncio.sleep(0.01)
    assert statuses[other].phase is Phase.READY
    assert statuses[pulled].phase is Phase.READY or session.status().judgement is not None
    assert statuses[pulled].judgement is not None
    assert said_twice(home) == []


async def test_a_cable_that_stays_out_ends_in_unknown_with_the_rest_unchecked(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = """
        [[handset]]
        profile = "iphone-15"
        faults = ["unplug at=Browse"]
        [[handset]]
        profile = "pixel-8"
        faults = ['unplug at="pm list packages"']
        [[handset]]
        profile = "pixel-8"
    """
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        statuses = await walk(engine, patience=1.0)
        iphone, pixel, other = serials(rack)
    for serial in (iphone, pixel):
        assert statuses[serial].judgement is None
        assert statuses[serial].phase is Phase.UNPLUGGED
        assert kinds_of(home, serial)["stopped"] == 1
        assert kinds_of(home, serial)["verified"] == 0
    assert statuses[other].phase is Phase.READY


async def test_a_person_who_is_needed_holds_up_nobody_else(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = """
        [[handset]]
        profile = "iphone-15"
        state = "locked"
        [[handset]]
        profile = "iphone-15"
        [[handset]]
        profile = "pixel-8"
    """
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test", parallel=1) as engine:
        await engine.desk.settle()
        locked, *others = serials(rack)
        run = asyncio.create_task(engine.desk.run(engine.desk.sessions, await errand(engine, patience=None)))
        sessions = [engine.desk.find(serial) for serial in others]
        async with asyncio.timeout(30):
            while not all(session and session.status().phase is Phase.READY for session in sessions):
                await asyncio.sleep(0.02)
        udid = rack.handset(locked).udid
        waiting = engine.desk.find(udid)
        assert waiting is not None
        assert waiting.status().phase is Phase.WAITING
        assert isinstance(waiting.status().stages[-1].outcome, trust.AwaitingUnlock)
        run.cancel()


async def test_one_that_goes_before_it_said_its_name_ends_nobody_elses_walk_and_is_not_lost(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = """
        [[handset]]
        profile = "pixel-8"
        state = "unauthorized"
        [[handset]]
        profile = "pixel-8"
    """
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        await engine.desk.settle()
        silent, other = serials(rack)
        run = asyncio.create_task(engine.desk.run(engine.desk.sessions, await errand(engine, patience=3.0)))
        (nameless,) = [one for one in engine.desk.sessions if one.status().identity is None]
        await until_at(nameless, StageName.IDENTIFY)
        rack.unplug(silent)
        ended = {status.serial_number: status for status in await asyncio.wait_for(run, 30)}
    assert set(ended) == {None, other}
    assert ended[other].phase is Phase.READY
    assert ended[None].phase is Phase.UNPLUGGED
    assert ended[None].judgement is None


async def test_one_that_is_pulled_under_its_first_answer_is_led_on_when_it_is_back(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = """
        [[handset]]
        profile = "pixel-8"
        faults = ['unplug at="getprop" back=1']
        [[handset]]
        profile = "pixel-8"
        faults = ['unplug at="getprop" back=1 after=64']
        [[handset]]
        profile = "pixel-8"
    """
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        statuses = await walk(engine, changing=False)
        assert set(statuses) == set(serials(rack))
    assert all(status.judgement is not None for status in statuses.values())


async def test_one_that_is_pulled_under_its_first_answer_and_stays_away_is_unknown_by_its_connection(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = """
        [[handset]]
        profile = "pixel-8"
        faults = ['unplug at="getprop" after=64']
        [[handset]]
        profile = "pixel-8"
    """
    monkeypatch.setattr("provisioning.desk.COME_BACK", 0.2)
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        statuses = await walk(engine, changing=False, patience=0.5)
        gone, other = serials(rack)
        (where,) = [one["adbd"] for one in rack.announcement()["handsets"] if one["serial_number"] == gone]
    (nameless,) = [status for key, status in statuses.items() if key != other]
    assert statuses[other].judgement is not None
    assert (nameless.serial_number, nameless.attachment.connection, nameless.judgement) == (None, where, None)
    assert nameless.phase is Phase.UNPLUGGED
    document = verdict_of(nameless, (await errand(engine)).effective, engine.catalogue.reference, stages=False)
    assert (document["verdict"], document["connection"]) == ("unknown", where)
    assert "was unplugged while being identified" in document["not_checked"][0]["why"]
    assert worst([document]) == 3


async def test_an_adb_server_that_dies_while_handsets_are_recognised_loses_none_of_them(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = """
        [[handset]]
        profile = "pixel-8"
        faults = ['server-dies restart=1 at="getprop"']
        [[handset]]
        profile = "pixel-8"
    """
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        statuses = await walk(engine, changing=False)
        assert set(statuses) == set(serials(rack))
    assert all(status.judgement is not None for status in statuses.values())


async def test_a_walk_that_was_killed_goes_on_where_the_handset_stands(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path) as rack:
        for stage in (StageName.ENROL, StageName.APPLY, StageName.VERIFY):
            async with assembly.engine(home, f"killed at {stage}") as engine:
                await engine.desk.settle()
                task = asyncio.create_task(engine.desk.run(engine.desk.sessions, await errand(engine)))
                await until_at(engine.desk.sessions[0], stage)
                task.cancel()
        async with assembly.engine(home, "last") as engine:
            statuses = await walk(engine)
        assert len(statuses) == len(serials(rack))
    assert {status.phase for status in statuses.values()} == {Phase.READY}
    assert said_twice(home) == []
    assert home.check_ledger().ok


async def test_a_handset_that_keeps_silent_is_given_up_in_time_and_the_other_is_not(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(USUAL_LIMIT, StageName.VERIFY, 2.0)
    scenario = """
        [[handset]]
        profile = "iphone-15"
        faults = ["stall at=Browse seconds=600 times=0"]
        [[handset]]
        profile = "iphone-15"
    """
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        async with asyncio.timeout(40):
            statuses = await walk(engine)
        silent, other = serials(rack)
    assert statuses[silent].phase is Phase.STOPPED
    assert statuses[silent].judgement is None
    assert statuses[other].seconds < statuses[silent].seconds, "each its own, not the run's"
    assert isinstance(statuses[other].stages[-1].outcome, verify.Verified)
