"""What the books know of a handset is said when it is plugged in; evidence is left as it lies, and the others go on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from walk_bench import home_from, kinds_of, rack_of, serials, walk

from console import assembly
from provisioning.canonical import Json
from provisioning.home.home import Home
from provisioning.ledger.entry import EntryKind
from provisioning.notices import (
    BroughtByAnother,
    CalledBack,
    IssuedTwice,
    Missing,
    ReturnedUnissued,
    StillOut,
    UnderEvidenceHold,
)
from provisioning.noticing import notices_of
from provisioning.people.recalls import Cause
from provisioning.receipts.receipt import ReturnReason
from provisioning.status import Errand, Phase
from provisioning.walk import ERASE
from ui.notice_phrases import notice_sentence, notice_word
from ui.phrases import headline, notices_member

OUT, BACK = EntryKind.HANDED_OVER, EntryKind.RETURNED


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "home"
    assembly.make_home(path, training=True, organisation=None, desk_name=None)
    return path


def book(home: Home, *entries: tuple[EntryKind, str | None, Mapping[str, Json]]) -> None:
    with home.open_ledger() as ledger:
        for kind, serial, body in entries:
            ledger.append(kind, serial, body, technician="A. Khan")


def test_every_case_is_told_from_the_books_alone(template: Path, tmp_path: Path) -> None:
    home = home_from(template, tmp_path)
    book(
        home,
        (OUT, "OUT", {"officer": "P1", "receipt": "D4-000001"}),
        (OUT, "TWICE", {"officer": "P1", "receipt": "D4-000002"}),
        (OUT, "TWICE", {"officer": "P2", "receipt": "D5-000009"}),
        (OUT, "RECALLED", {"officer": "P3", "receipt": "D4-000003"}),
        (EntryKind.OFFICER_RECALLED, None, {"officer": "P3", "cause": "suspended", "reason": "PSD 12"}),
        (OUT, "LEFT", {"officer": "P4", "receipt": "D4-000004"}),
        (EntryKind.OFFICER_RECALLED, None, {"officer": "P4", "cause": "left", "reason": ""}),
        (EntryKind.OFFICER_REINSTATED, None, {"officer": "P4", "reason": "came back"}),
        (OUT, "OTHER", {"officer": "P1", "receipt": "D4-000005"}),
        (BACK, "OTHER", {"officer": "P9", "receipt": "D4-000006", "reason": "returned"}),
        (BACK, "UNISSUED", {"officer": "P9", "receipt": "D4-000007", "reason": "returned"}),
        (OUT, "STOLEN", {"officer": "P1", "receipt": "D4-000008"}),
        (BACK, "STOLEN", {"officer": "P1", "receipt": "D4-000009", "reason": "stolen"}),
        (OUT, "FOUND", {"officer": "P1", "receipt": "D4-000010"}),
        (BACK, "FOUND", {"officer": "P1", "receipt": "D4-000011", "reason": "lost"}),
        (BACK, "FOUND", {"officer": "P1", "receipt": "D4-000012", "reason": "returned"}),
        (EntryKind.EVIDENCE_HELD, "HELD", {"reason": "op. Larch", "reference": "EX/7"}),
        (EntryKind.EVIDENCE_HELD, "FREE", {"reason": "op. Larch", "reference": ""}),
        (EntryKind.EVIDENCE_RELEASED, "FREE", {"reason": "copied"}),
    )
    with home.read_ledger() as ledger:
        day = ledger.entries(serial="OUT")[0].moment.astimezone().date().isoformat()
        told = {
            serial: notices_of(ledger, serial)
            for serial in (
                "OUT",
                "TWICE",
                "RECALLED",
                "LEFT",
                "OTHER",
                "UNISSUED",
                "STOLEN",
                "FOUND",
                "HELD",
                "FREE",
                "X",
            )
        }
    assert told == {
        "OUT": (StillOut("P1", "D4-000001", day),),
        "TWICE": (IssuedTwice("P1", "D4-000002", "P2", "D5-000009"),),
        "RECALLED": (CalledBack("P3", "D4-000003", Cause.SUSPENDED), StillOut("P3", "D4-000003", day)),
        "LEFT": (StillOut("P4", "D4-000004", day),),
        "OTHER": (BroughtByAnother("P1", "P9", "D4-000006"),),
        "UNISSUED": (ReturnedUnissued("D4-000007"),),
        "STOLEN": (Missing(ReturnReason.STOLEN, "P1", "D4-000009"),),
        "FOUND": (),
        "HELD": (UnderEvidenceHold("op. Larch", "EX/7", day),),
        "FREE": (),
        "X": (),
    }
    words = {notice_word(one) for notices in told.values() for one in notices}
    assert words == {
        "still_out", "issued_twice", "called_back", "brought_by_another", "returned_unissued", "reported_stolen",
        "evidence_hold",
    }  # fmt: skip
    for notices in told.values():
        for one in notices:
            said = notice_sentence(one, "the iPhone 15 in bay 1-3")
            assert said.startswith("The iPhone 15 in bay 1-3 ")
            assert said.endswith(".")


async def test_at_plug_in_each_is_said_and_evidence_is_left_as_it_lies(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_from(template, tmp_path)
    scenario = '[[handset]]\nprofile = "iphone-15"\n\n[[handset]]\nprofile = "galaxy-a54"\ncount = 7\n'
    async with rack_of(monkeypatch, tmp_path, scenario) as rack:
        iphone = serials(rack, "ios")[0]
        out, stolen, fresh, twice, other, unissued, found = serials(rack, "android")
        book(
            home,
            (OUT, out, {"officer": "P1", "receipt": "D4-000001"}),
            (OUT, stolen, {"officer": "P2", "receipt": "D4-000002"}),
            (BACK, stolen, {"officer": "P2", "receipt": "D4-000003", "reason": "stolen"}),
            (EntryKind.EVIDENCE_HELD, iphone, {"reason": "op. Larch", "reference": "EX/7"}),
            (OUT, twice, {"officer": "P3", "receipt": "D4-000004"}),
            (OUT, twice, {"officer": "P4", "receipt": "D5-000001"}),
            (OUT, other, {"officer": "P5", "receipt": "D4-000005"}),
            (BACK, other, {"officer": "P6", "receipt": "D4-000006", "reason": "returned"}),
            (BACK, unissued, {"officer": "P7", "receipt": "D4-000007", "reason": "returned"}),
            (OUT, found, {"officer": "P8", "receipt": "D4-000008"}),
            (BACK, found, {"officer": "P8", "receipt": "D4-000009", "reason": "lost"}),
            (BACK, found, {"officer": "P8", "receipt": "D4-000010", "reason": "returned"}),
        )
        async with assembly.engine(home, "test") as engine:
            await engine.desk.settle()
            seen = {one.status().serial_number: one.status().notices for one in engine.desk.sessions}
            assert isinstance(seen[out][0], StillOut), "before any walk"
            assert isinstance(seen[stolen][0], Missing)
            words = {serial: [notice_word(one) for one in seen[serial]] for serial in (twice, other, unissued, found)}
            assert words == {
                twice: ["issued_twice"], other: ["brought_by_another"], unissued: ["returned_unissued"], found: [],
            }  # fmt: skip
            statuses = await walk(engine)
            assert statuses[fresh].phase is Phase.READY
            assert statuses[fresh].notices == ()
            assert statuses[out].phase is Phase.READY, "it is said, and it may be prepared anew"
            assert (
                "still out to officer P1 by receipt D4-000001"
                in notices_member(statuses[out])["notices"][0]["sentence"]
            )
            for serial, said in ((stolen, "was reported stolen by officer P2"), (iphone, "kept as evidence")):
                assert statuses[serial].phase is Phase.STOPPED
                assert said in headline(statuses[serial])
                assert set(kinds_of(home, serial)) <= {"identified", "stopped", "walked", *(str(kind) for kind in
                    (OUT, BACK, EntryKind.EVIDENCE_HELD))}, "nothing was done to it"  # fmt: skip
            session = engine.desk.find(stolen)
            assert session is not None
            effective = engine.counter.effective("met-police", None)
            erased = await engine.desk.begin(session, Errand(ERASE, effective, 5.0))
            assert erased.phase is Phase.STOPPED
            inspected = await walk(engine, changing=False)
            assert inspected[iphone].judgement is None, "reading writes to it too"
            book(home, (EntryKind.EVIDENCE_RELEASED, iphone, {"reason": "copied"}))
            again = await walk(engine)
            assert again[iphone].phase is Phase.READY, headline(again[iphone])


async def test_one_that_is_ours_and_was_never_issued_here_is_told_apart_from_our_own_work(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, elsewhere = home_from(template, tmp_path / "here"), home_from(template, tmp_path / "elsewhere")
    async with rack_of(monkeypatch, tmp_path, iphones=0, androids=1) as rack:
        (serial,) = serials(rack)
        for _ in range(2):
            async with assembly.engine(elsewhere, "test") as engine:
                statuses = await walk(engine)
                assert statuses[serial].notices == (), "this desk enrolled it itself"
        for _ in range(2):
            async with assembly.engine(ours, "test") as engine:
                statuses = await walk(engine)
                assert statuses[serial].notices == (ReturnedUnissued(""),)
                assert statuses[serial].phase is Phase.READY
