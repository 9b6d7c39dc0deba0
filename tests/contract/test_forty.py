"""Forty handsets at a time, nine of them odd: the others are ready, each odd one has its sentence, the books are right.

One morning on one rack, then everything that is said of it afterwards by commands, at this desk and at another.
"""

from __future__ import annotations

import asyncio
import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cli_bench import CLEAR, UNKNOWN, USAGE, Result, called
from walk_bench import errand, rack_of

from console import assembly
from console.batch_reading import import_manifest
from provisioning.batches.batch_folder import BatchFolder
from provisioning.home.home import Home, open_home
from provisioning.status import Errand, Phase, SessionStatus
from provisioning.walk import StageName
from ui.phrases import headline

SCENARIO = Path(__file__).with_name("forty.toml")
STRANGER, TWICE = 7, 8
ODD = {
    0: "with its passcode",
    1: "was told not to trust this desk",
    2: "locked to its previous owner",
    3: "is managed by com.hmdm.launcher",
    4: "holds accounts",
    5: "Secure Folder",
    6: "was unplugged while",
    STRANGER: "is not on the manifest",
    TWICE: "stands on the manifest twice, in lines 9, 41",
}
"""Place on the rack, and what the lane says of it."""
PATIENCE = 4.0


def home_for(folder: Path, name: str) -> Home:
    assembly.make_home(folder / name, training=True, organisation=None, desk_name=name)
    return open_home(folder / name)


def manifest_of(handsets: list[dict[str, Any]], file: Path) -> None:
    listed = [one for place, one in enumerate(handsets) if place != STRANGER] + [handsets[TWICE]]
    with file.open("w", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(["Serial number", "Model", "Asset tag", "Order"])
        for number, one in enumerate(listed):
            model = "=HYPERLINK(1)" if number == 20 else one["model"]
            table.writerow([one["serial_number"], model, f"MET-{number:03d}", "PO-7"])


async def morning(
    home: Home, folder: Path, patch: pytest.MonkeyPatch
) -> tuple[list[dict[str, Any]], list[SessionStatus]]:
    async with rack_of(patch, folder, SCENARIO.read_text()) as rack:
        handsets = rack.announcement()["handsets"]
        manifest_of(handsets, folder / "June.csv")
        with home.open_ledger() as ledger:
            import_manifest(home, ledger, folder / "June.csv", "June", "tester")
        async with assembly.engine(home, "test") as engine:
            await engine.desk.settle()
            work = await errand(engine, patience=PATIENCE)
            whole = Errand(work.stages, work.effective, PATIENCE, BatchFolder(home.path).load("June"))
            return handsets, await engine.desk.run(engine.desk.sessions, whole)


def test_thirty_one_are_ready_and_nine_are_in_the_lane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_for(tmp_path, "Desk A")
    handsets, statuses = asyncio.run(morning(home, tmp_path, monkeypatch))
    assert len(handsets) == len(statuses) == 40
    by_name = {name: status for status in statuses for name in (status.serial_number, status.attachment.udid) if name}
    for place, one in enumerate(handsets):
        status = by_name[one["serial_number"]] if one["serial_number"] in by_name else by_name[one["udid"]]
        if place in ODD:
            assert status.phase in {Phase.STOPPED, Phase.UNPLUGGED}, (place, status.phase)
            assert ODD[place] in headline(status), place
        else:
            assert status.phase is Phase.READY, (place, headline(status))

    def call(*arguments: str) -> Result:
        return called(home.path, capsys, *arguments)

    serial = [one["serial_number"] for one in handsets]
    shown = call("batch", "show", "June")
    assert shown.code == UNKNOWN
    document = shown.document
    counted = [document[name] for name in ("handsets_in_all", "done", "to_come", "needs_hands")]
    assert counted == [39, 31, 2, 6]
    states = Counter(one["state"] for one in document["handsets"])
    assert states == {"clear": 31, "stopped": 6, "never seen": 2}
    said = {one["serial_number"]: one["sentence"] for one in (*document["handsets"], *document["strangers"])}
    for place in (2, 3, 4, 5, 6, STRANGER, TWICE):
        assert ODD[place] in said[serial[place]]
    assert len(document["nameless"]) == 2, "locked and denied iPhones never say their serial number"
    assert all(any(ODD[place] in one["sentence"] for one in document["nameless"]) for place in (0, 1))
    assert document["estimate"]["measured_walks"] == 31
    assert document["estimate"]["low_seconds"] <= document["estimate"]["middle_seconds"]

    matched = call("batch", "match", "June", "--no-look", "--portal", str(portal_of(handsets, tmp_path)))
    assert matched.code == UNKNOWN
    assert matched.document["counts"] == {
        "on it twice": 1, "not on the manifest": 1, "missing still": 2, "other IMEI": 0, "not in the portal": 1,
        "on all three": 16, "as listed": 19,
    }  # fmt: skip

    refused = call("batch", "close", "June")
    assert (refused.code, refused.document["closed"], refused.document["ready"]) == (UNKNOWN, False, 31)
    differs = Counter(one["what"] for one in refused.document["differences"])
    assert differs == {"never seen": 2, "stopped": 5, "on it twice": 1, "not on the manifest": 1}

    numbers = call("report", "numbers", "--batch", "June", "--csv", str(tmp_path / "numbers.csv")).document
    assert (numbers[0]["ready"], numbers[0]["ready_at_first"], numbers[0]["handsets"]) == (31, 31, 37)
    assert numbers[0]["handsets_per_hour"] > 31
    steps = {one["step"]: one for one in numbers[0]["steps"]}
    assert steps["verify"]["walks"] == 31
    assert all(one["p95_seconds"] >= one["median_seconds"] > 0 for one in steps.values())

    report = call("batch", "report", "June", "--csv", str(tmp_path / "r.csv"), "--pdf", str(tmp_path / "r.pdf"))
    assert report.code == CLEAR
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    assert Counter(row["state"] for row in rows) == {"clear": 31, "stopped": 7, "never seen": 2}
    assert [row["model"] for row in rows if "HYPERLINK" in row["model"]] == ["'=HYPERLINK(1)"]
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")

    goes_on_at_another_desk(tmp_path, capsys, home)
    closed = call("batch", "close", "June", "--override", "nine go back to the supplier")
    assert (closed.code, closed.document["closed"], len(closed.document["differences"])) == (CLEAR, True, 9)
    (entry,) = [one for one in call("ledger", "show").document if one["kind"] == "batch_closed"]
    assert entry["body"]["reason"] == "nine go back to the supplier"
    assert (entry["body"]["handsets"], entry["body"]["ready"], len(entry["body"]["differences"])) == (39, 31, 9)
    assert call("batch", "close", "June", "--override", "again").code == USAGE
    assert call("ledger", "verify").document["ok"]
    told_about(home, capsys, tmp_path)


def portal_of(handsets: list[dict[str, Any]], folder: Path) -> Path:
    """Write what Apple Business Manager would, one of the good iPhones left out."""
    iphones = [one["serial_number"] for one in handsets if one["platform"] == "ios"]
    file = folder / "business-manager.csv"
    file.write_text("Serial Number,MDM Server\n" + "".join(f"{one},Intune\n" for one in iphones[:-1]))
    return file


def goes_on_at_another_desk(folder: Path, capsys: pytest.CaptureFixture[str], home: Home) -> None:
    state = folder / "state.json"
    assert called(home.path, capsys, "batch", "export-state", "June", str(state)).code == CLEAR
    assert called(home.path, capsys, "batch", "import-state", str(state)).code == USAGE, "it is its own"
    other = home_for(folder, "Desk B")
    key = str(other.public_key_file)
    assert called(other.path, capsys, "batch", "import-state", str(state), "--key", key).code == USAGE
    taken = called(other.path, capsys, "batch", "import-state", str(state), "--key", str(home.public_key_file))
    assert (taken.code, taken.document["done"], taken.document["from_desk"]) == (CLEAR, 31, "Desk A")
    here = called(home.path, capsys, "batch", "show", "June").document
    there = called(other.path, capsys, "batch", "show", "June").document
    assert here["handsets"] == there["handsets"]
    assert here["estimate"] == there["estimate"]
    by_desk = called(other.path, capsys, "report", "numbers").document
    assert [one["name"] for one in by_desk if one["by"] == "desk"] == ["Desk A"]
    (kept,) = (other.path / "batches" / "elsewhere").iterdir()
    kept.write_bytes(kept.read_bytes().replace(b'"not_clear"', b'"clear"').replace(b'"stopped"', b'"ready"'))
    forged = called(other.path, capsys, "batch", "show", "June")
    assert forged.code == USAGE
    assert "is not the file that the ledger names" in forged.said


def told_about(home: Home, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """A manifest that somebody changed behind the ledger's back is not believed; a corrected one is imported."""
    kept = home.path / "batches" / "June.json"
    kept.write_bytes(kept.read_bytes().replace(b"MET-001", b"MET-999"))
    assert called(home.path, capsys, "batch", "show", "June").code == USAGE
    lines = (folder / "June.csv").read_text().splitlines()
    (folder / "corrected.csv").write_text("\n".join(lines[:-1]))
    again = called(home.path, capsys, "batch", "import", str(folder / "corrected.csv"), "--name", "June")
    assert (again.code, again.document["removed"], again.document["refused"]) == (CLEAR, 0, 0)
    assert called(home.path, capsys, "batch", "show", "June").document["closed"] is None, "it is open again"


def test_every_stage_of_a_walk_stands_in_the_ledger_with_its_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_for(tmp_path, "Desk A")

    async def walk() -> None:
        scenario = '[[handset]]\nprofile = "iphone-15"\nfaults = ["unplug at=InstallProfileSilent back=2"]\n'
        async with rack_of(monkeypatch, tmp_path, scenario), assembly.engine(home, "test") as engine:
            await engine.desk.settle()
            (status,) = await engine.desk.run(engine.desk.sessions, await errand(engine))
            assert status.phase is Phase.READY

    asyncio.run(walk())
    with home.read_ledger() as ledger:
        (walked,) = ledger.entries(kind="walked")
    told: Any = walked.body["steps"]
    steps: dict[str, Any] = {step["step"]: step for step in told}
    assert list(steps) == [str(one) for one in (StageName.IDENTIFY, StageName.TRUST, StageName.PREFLIGHT,
                                                StageName.ENROL, StageName.APPLY, StageName.VERIFY)]  # fmt: skip
    assert steps["apply"]["waited"] > 0.5, "the cable was out, and that is nobody's work"
    for step in steps.values():
        assert step["done"]
        assert 0 <= step["waited"] + step["queued"] <= step["seconds"] <= walked.body["seconds"]
