"""Returns, holds and recalls by commands, on a home whose handovers were booked before; no handset is needed."""

from __future__ import annotations

import csv
import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from booked_receipt import book_handover
from cli_bench import CLEAR, NOT_CLEAR, USAGE, Result, called

from provisioning.home.home import open_home
from provisioning.ledger.entry import EntryKind
from provisioning.platforms import Platform
from provisioning.receipts.receipt import (
    UNNUMBERED,
    Declined,
    HandsetItem,
    ItemKind,
    Officer,
    OtherItem,
    Receipt,
    ReceiptKind,
    Technician,
)

CallDesk = Any


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CallDesk:
    home = tmp_path / "home"
    assert called(home, capsys, "init", "--training").code == CLEAR

    def call(*arguments: str) -> Result:
        return called(home, capsys, *arguments)

    return call


def hand_over(tmp_path: Path, officer: str, *serials: str, sim: str = "") -> str:
    """Book a handover as the counter does."""
    home = open_home(tmp_path / "home")
    items = tuple(
        HandsetItem(
            serial, Platform.IOS, "iPhone15,4", "iPhone 15", "26.1", asset_tag=f"=T{n}", accessories=("charger",)
        )
        for n, serial in enumerate(serials)
    )
    others = (OtherItem(ItemKind.SIM, "Vodafone", sim),) if sim else ()
    whole = Receipt(
        ReceiptKind.HANDOVER, training=True, number=UNNUMBERED, issued=datetime.now().astimezone(), organisation="Met",
        desk="Desk 4", technician=Technician("A. Khan"), officer=Officer(officer), items=(*items, *others),
        signature=Declined("plaster"),
    )  # fmt: skip
    return book_handover(home, whole)


def test_several_come_back_on_one_receipt_with_proof_of_an_erase_or_none(tmp_path: Path, desk: CallDesk) -> None:
    out = hand_over(tmp_path, "P1", "SERIAL1", "SERIAL2", "SERIAL3")
    home = open_home(tmp_path / "home")
    with home.open_ledger() as ledger:
        body = {"data_plan": "preserved", "was_as_new": False}
        erased = ledger.append(EntryKind.ERASED, "SERIAL1", body, technician="B. Hope")
    back = desk(
        "return", "SERIAL1", "SERIAL2", "SERIAL3", "--officer", "P1", "--reason", "exchange", "--proxy", "P2",
        "--authority", "e-mail of Sgt Dee, 1 March", "--condition", "SERIAL2=screen cracked", "--condition", "worn",
        "--next", "SERIAL2=repair", "--next", "SERIAL3=evidence-hold", "--reference", "EX/7",
    )  # fmt: skip
    assert back.code == CLEAR, back.document
    first, second, third = back.document["items"]
    assert first["erased"] == {
        "entry": erased.number, "time": erased.moment.astimezone().isoformat(), "by": "B. Hope",
        "sha256": erased.hash, "by_this_desk": True,
    }  # fmt: skip
    assert (second["erased"], second["next"], second["condition"]) == (None, "repair", "screen cracked worn")
    assert (third["next"], third["issued_by"], first["next"]) == ("evidence-hold", out, "re-issue")
    shown = desk("ledger", "show", "--receipt", back.document["receipt"]).document
    assert [one["kind"] for one in shown] == ["returned", "returned", "returned", "evidence_held"]
    assert shown[0]["body"]["document"]["proxy"]["officer"]["number"] == "P2"
    assert desk("return", "SERIAL2", "--officer", "P1", "--reason", "returned").code == USAGE, "only once"
    held = desk("hold", "list").document
    assert [(one["serial_number"], one["reference"]) for one in held] == [("SERIAL3", "EX/7")]
    assert desk("hold", "add", "SERIAL3", "--reason", "again").code == USAGE
    assert desk("hold", "release", "SERIAL3", "--reason", " ").code == USAGE
    assert desk("hold", "release", "SERIAL3", "--reason", "copied; DI Fox").code == CLEAR
    assert desk("hold", "list").document == []
    assert desk("ledger", "verify").document["ok"] is True


def test_what_is_stolen_is_so_for_each_and_one_that_was_never_issued_is_said(tmp_path: Path, desk: CallDesk) -> None:
    hand_over(tmp_path, "P1", "SERIAL1", "SERIAL2")
    wrong = desk("return", "SERIAL1", "SERIAL2", "--officer", "P1", "--reason", "stolen", "--next", "repair")
    assert (wrong.code, desk("ledger", "show", "--serial", "SERIAL1").document[-1]["kind"]) == (USAGE, "handed_over")
    stolen = desk("return", "SERIAL1", "SERIAL2", "--officer", "P1", "--reason", "stolen", "--reference", "CR/9")
    assert [one["next"] for one in stolen.document["items"]] == ["missing", "missing"]
    found = desk("return", "SERIAL2", "--officer", "P9", "--reason", "returned")
    assert "was reported stolen" in found.document["remarks"][0]
    unknown = desk("return", "SERIAL7", "--officer", "P9", "--reason", "returned", "--never-issued", "left at the desk")
    assert (unknown.code, "never seen at this desk" in unknown.document["error"]) == (USAGE, True)
    home = open_home(tmp_path / "home")
    with home.open_ledger() as ledger:
        seen = {"platform": "ios", "model": "iPhone15,4", "model_name": "iPhone 15", "os_version": "26.1", "imei": None}
        ledger.append(EntryKind.IDENTIFIED, "SERIAL7", seen, technician="A. Khan")
    assert desk("return", "SERIAL7", "--officer", "P9", "--reason", "returned").code == USAGE
    taken = desk("return", "SERIAL7", "--officer", "P9", "--reason", "returned", "--never-issued", "left at the desk")
    assert taken.code == CLEAR, taken.document
    assert "never handed over" in taken.document["remarks"][0]


def test_other_things_come_back_by_their_number_and_an_exchange_names_its_counterpart(
    tmp_path: Path, desk: CallDesk
) -> None:
    sim = "8944110068256270054"
    out = hand_over(tmp_path, "P1", "SERIAL1", sim=sim)
    back = desk(
        "return", "--officer", "P1", "--reason", "exchange", "--item", f"sim: {sim}; condition=scratched",
        "--item", "charger: 20 W", "--identity", "warrant-card:99887766", "--language", "cy-GB",
    )  # fmt: skip
    assert back.code == CLEAR, back.document
    assert (back.document["others"], back.document["items"]) == ([sim, "charger"], [])
    document = desk("ledger", "show", "--receipt", back.document["receipt"]).document[0]["body"]["document"]
    assert (document["language"], document["identity"]["reference"]) == ("cy-GB", "…7766")
    twice = desk("return", "--officer", "P1", "--reason", "returned", "--item", f"sim: {sim}")
    assert (twice.code, "nobody has" in twice.document["error"]) == (USAGE, True)
    assert desk("return", "--officer", "P1", "--reason", "returned").code == USAGE, "nothing comes back"

    later = hand_over(tmp_path, "P1", "SERIAL2")
    other = hand_over(tmp_path, "P2", "SERIAL3")
    give = ("return", "SERIAL1", "--officer", "P1", "--exchange")
    assert desk(*give, later, "--reason", "returned").code == USAGE, "only an exchange has a counterpart"
    assert desk(*give, other, "--reason", "exchange").code == USAGE, "that was given to somebody else"
    assert desk(*give, back.document["receipt"], "--reason", "exchange").code == USAGE, "that is no handover"
    swapped = desk(*give, later, "--reason", "exchange")
    assert (swapped.code, swapped.document["exchange"]) == (CLEAR, later)
    assert out != later


def test_a_return_says_why_the_template_of_the_force_is_not_used(tmp_path: Path, desk: CallDesk) -> None:
    hand_over(tmp_path, "P1", "SERIAL1")
    folder = tmp_path / "home" / "receipt"
    folder.mkdir()
    (folder / "template.toml").write_text("[[[", "utf-8")
    back = desk("return", "SERIAL1", "--officer", "P1", "--reason", "returned")
    assert back.code == CLEAR, back.document
    assert "template.toml" in back.said


def test_a_sentence_about_a_person_is_in_no_log(desk: CallDesk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    refused = desk("return", "X1", "--officer", "P77", "--reason", "exchange", "--exchange", "R1")
    assert (refused.code, "P77" in refused.document["error"]) == (USAGE, True)
    assert "ended with 2: UsageError" in caplog.text
    assert "P77" not in caplog.text


def test_a_return_that_makes_no_sense_is_answered_in_a_sentence(desk: CallDesk) -> None:
    assert desk("return", "X1", "--officer", "P1", "--reason", "eaten").code == USAGE
    assert desk("return", "X1", "--officer", "P\x1b1", "--reason", "lost").code == USAGE
    assert desk("return", "X1\n<b>", "--officer", "P1", "--reason", "lost").code == USAGE
    assert desk("ledger", "verify").document["entries"] == 1


def test_a_recall_lists_by_person_all_that_is_out(tmp_path: Path, desk: CallDesk) -> None:
    receipt_number = hand_over(tmp_path, "P1", "SERIAL1", "SERIAL2", sim="8944110068256270054")
    hand_over(tmp_path, "P2", "SERIAL3")
    assert desk("recall").document == []
    suspended = desk("officers", "suspend", "p1", "--reason", "PSD 12/26")
    assert (suspended.code, suspended.document["holds"]) == (CLEAR, 3)
    assert desk("officers", "suspend", "P1", "--reason", "again").code == USAGE
    table = tmp_path / "recall.csv"
    listed = desk("recall", "--csv", str(table))
    assert listed.code == NOT_CLEAR
    (one,) = listed.document
    assert (one["officer"], one["cause"], len(one["holds"])) == ("P1", "suspended", 3)
    assert {held["receipt"] for held in one["holds"]} == {receipt_number}
    rows = list(csv.reader(table.read_text("utf-8-sig").splitlines()))
    assert [row[4] for row in rows[1:]] == ["SERIAL1", "SERIAL2", "8944110068256270054"]
    assert rows[1][6] == "'=T0", "no cell is a formula"
    assert [len(who["holds"]) for who in desk("recall", "P2").document] == [1]
    pages = tmp_path / "recall.pdf"
    assert desk("recall", "--cause", "suspended", "--pdf", str(pages)).code == NOT_CLEAR
    assert b"pdfuaid" in pages.read_bytes(), "tagged, as the receipts are"
    assert desk("recall", "--cause", "left").document == []
    assert "is not called back" in desk("recall", "P2", "--pdf", str(pages)).document["error"]
    for serial in ("SERIAL1", "SERIAL2"):
        assert desk("return", serial, "--officer", "P1", "--reason", "recalled").code == CLEAR
    assert [held["identifier"] for held in desk("recall").document[0]["holds"]] == ["8944110068256270054"]
    assert desk("officers", "reinstate", "P1", "--reason", "no case").code == CLEAR
    assert desk("recall").document == []


def test_who_is_not_on_the_whole_roster_has_left_and_is_called_back(tmp_path: Path, desk: CallDesk) -> None:
    both, one = tmp_path / "both.csv", tmp_path / "one.csv"
    both.write_text("Officer number,Name\nP1,Ann\nP2,Bob\nP3,Cy\n")
    one.write_text("Officer number,Name\nP2,Bob\n")
    hand_over(tmp_path, "P1", "SERIAL1")
    assert desk("officers", "import", str(both)).document["recalled"] == []
    assert desk("officers", "import", str(one), "--replace").document["recalled"] == ["P1"]
    (left,) = desk("recall").document
    assert (left["officer"], left["cause"]) == ("P1", "left")
    assert desk("officers", "import", str(both)).document["added"] == 2
    assert desk("recall").document == []
    assert "Ann" not in json.dumps(desk("ledger", "show").document)
