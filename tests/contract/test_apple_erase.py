"""Erasing a used iPhone: confirmed, ordered once, followed until it is back as new, and never where it would lock."""

from __future__ import annotations

from pathlib import Path

import pytest
from walk_bench import errand, home_from, kinds_of, rack_of, serials

from console import assembly
from console.commands.erasing import confirmed
from provisioning.errors import UsageError
from provisioning.ledger.entry import EntryKind
from provisioning.stages import erase
from provisioning.status import Errand, Phase
from provisioning.walk import ERASE, PROVISION, PROVISION_ANEW, StageName

USED = """
[[handset]]
profile = "iphone-15"
state = "set-up"
apps = ["com.zhiliaoapp.musically"]
faults = ["trust-dialog after=0.1", "erase seconds=0.5"]
"""


@pytest.fixture(scope="module", name="template")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "home"
    assembly.make_home(folder, training=True, organisation=None, desk_name=None)
    return folder


async def test_a_used_iphone_is_erased_and_provisioned_in_one_walk(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, USED) as rack, assembly.engine(home, "test") as engine:
        await engine.desk.settle()
        plain = await errand(engine)
        [serial] = serials(rack)
        [session] = engine.desk.sessions
        status = await engine.desk.begin(session, Errand(PROVISION_ANEW, plain.effective, 30.0))
        assert status.phase is Phase.READY, status.stages[-1]
        phone = rack.handset(serial)
        assert phone.data_plan_present
        assert phone.apps.find("com.zhiliaoapp.musically") is None
    kinds = kinds_of(home, serial)
    assert (kinds[EntryKind.ERASED], kinds[EntryKind.ENROLLED]) == (1, 1)


async def test_an_erase_goes_on_after_the_cable_was_pulled_in_the_middle_and_is_ordered_once(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_from(template, tmp_path)
    scenario = USED.replace('"erase seconds=0.5"', '"erase seconds=0.5", "unplug at=SetCloudConfiguration back=0.3"')
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        await engine.desk.settle()
        plain = await errand(engine)
        [session] = engine.desk.sessions
        status = await engine.desk.begin(session, Errand(PROVISION_ANEW, plain.effective, 30.0))
        assert status.phase is Phase.READY, status.stages[-1]
        [serial] = serials(rack)
    assert kinds_of(home, serial)[EntryKind.ERASED] == 1


@pytest.mark.parametrize(
    ("state", "words"),
    [("find-my", "Find My"), ("foreign", "Northgate Logistics"), ("activation-locked", "as new")],
)
async def test_what_would_come_back_locked_is_left_as_it_is(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, words: str
) -> None:
    home = home_from(template, tmp_path)
    scenario = f'[[handset]]\nprofile = "iphone-15"\nstate = "{state}"\nfaults = ["trust-dialog after=0.1"]\n'
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        await engine.desk.settle()
        plain = await errand(engine)
        [session] = engine.desk.sessions
        status = await engine.desk.begin(session, Errand(ERASE, plain.effective, 20.0))
        outcome = status.stages[-1].outcome
        if state == "activation-locked":  # it was erased before; nothing but its activation shows the lock
            assert outcome == erase.Erased(already=True)
        else:
            assert isinstance(outcome, erase.NotErased)
            assert words in f"{outcome.obstacles} {outcome.obstacles[0].hindrance}"
        [serial] = serials(rack)
        assert rack.handset(serial).setup_done is (state != "activation-locked")


async def test_an_android_is_not_erased_over_the_cable(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_from(template, tmp_path)
    async with rack_of(monkeypatch, tmp_path, iphones=0) as _, assembly.engine(home, "test") as engine:
        await engine.desk.settle()
        plain = await errand(engine)
        [session] = engine.desk.sessions
        status = await engine.desk.begin(session, Errand(ERASE, plain.effective, 20.0))
        assert isinstance(status.stages[-1].outcome, erase.NotFromHere)


def test_an_erase_is_named_twice() -> None:
    confirmed(["A", "B"], ["B", "A"])
    for serials_given, again in ((["A"], None), (["A", "B"], ["A"]), ([], ["A"])):
        with pytest.raises(UsageError):
            confirmed(serials_given, again)


def test_a_plain_walk_never_erases() -> None:
    assert StageName.ERASE not in PROVISION
