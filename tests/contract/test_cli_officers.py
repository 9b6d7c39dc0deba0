"""The roster by commands, and what it means for a handover."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_bench import CLEAR, NOT_CLEAR, POLICY, USAGE, called, desk_on_rack

ROSTER = "Pers No;Full name;Grade;Team\nP1;Siân O’Neill;PC;North\n;Nobody;;\nP2;Bob Hope;SO;South\n"


def test_with_a_roster_a_stranger_is_refused_unless_it_is_said_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, "utf-8")
    with desk_on_rack(tmp_path, "--iphones", "0", "--androids", "1", within=capsys) as (desk, rack):
        unclear = desk.call("officers", "import", str(file))
        assert unclear.code == USAGE
        assert "--column number=HEADING" in unclear.document["error"]
        imported = desk.call("officers", "import", str(file), "--column", "number=Pers No")
        assert (imported.code, imported.document["added"], imported.document["refused"]) == (CLEAR, 2, 1)
        assert imported.document["bad_rows"] == [{"line": 3, "reason": "no officer number"}]
        again = desk.call("officers", "import", str(file))
        assert (again.code, again.document["unchanged"], again.document["officers"]) == (CLEAR, 2, 2), "remembered"
        assert b"O\xe2\x80\x99Neill" not in b"".join(p.read_bytes() for p in desk.home.rglob("*") if p.is_file())

        serial = rack.of("android")[0]["serial_number"]
        assert desk.call("provision", *POLICY).code == CLEAR
        stranger = desk.call("handover", serial, "--officer", "X9", "--declined", "hand in plaster")
        assert stranger.code == USAGE
        assert "not on the roster of 2" in stranger.document["error"]
        out = desk.call(
            "handover", serial, "--officer", "X9", "--declined", "hand in plaster", "--not-on-roster", "seconded today"
        )
        assert out.code == CLEAR
        shown = desk.call("ledger", "show", "--receipt", out.document["receipt"]).document
        officer = shown[0]["body"]["document"]["officer"]
        assert (officer.get("on_roster", False), officer["roster_reason"]) == (False, "seconded today")
        assert desk.call("return", serial, "--officer", "X9", "--reason", "returned").code == CLEAR
        known = desk.call("handover", serial, "--officer", "p1", "--declined", "hand in plaster")
        shown = desk.call("ledger", "show", "--receipt", known.document["receipt"]).document
        officer = shown[0]["body"]["document"]["officer"]
        assert (officer["name"], officer["unit"], officer["on_roster"]) == ("Siân O’Neill", "North", True)

        register = desk.call("report", "exceptions")
        kinds = [one["kind"] for one in register.document]
        assert kinds == ["not on the roster", "not signed", "not signed"]
        rollout = desk.call("report", "rollout").document
        assert (rollout["handovers"], rollout["out"], rollout["returns"]) == (2, 1, {"returned": 1})
        assert rollout["issued_by"]["unit"] == {"North": 1, "not known": 1}
        public = desk.call("report", "foi").document
        assert public["handsets_issued"] == "fewer than 5"
        assert "Siân" not in json.dumps(public, ensure_ascii=False)
        assert serial not in json.dumps(public)

        pages = tmp_path / "statement.pdf"
        statement = desk.call("report", "person", "p1", "--pdf", str(pages)).document
        has = next(part for part in statement["parts"] if part["title"] == "Has now")
        assert [row[1] for row in has["rows"]] == [serial]
        assert pages.read_bytes().startswith(b"%PDF")
        life = desk.call("report", "handset", serial.lower()).document
        assert {"handed_over", "returned"} <= {one["kind"] for one in life["entries"] if one["officer"] == "X9"}
        found = desk.call("ledger", "find", f"{serial[:4]}-{serial[4:]}").document
        assert [one["serial_number"] for one in found["matches"]] == [serial]
        named = desk.call("ledger", "find", "oneill").document
        assert [(one["value"], one["how"]) for one in named["matches"]] == [("P1", "is called so")]
        assert desk.call("ledger", "find", "nothing of the kind").code == NOT_CLEAR
        looks = [one["body"]["look"] for one in desk.call("ledger", "show").document if one["kind"] == "viewed"]
        assert {"statement", "record", "search", "ledger"} <= set(looks)
        paper = desk.home / "receipts"  # of a training desk, and for the officer who has it anyway
        lying = b"".join(p.read_bytes() for p in desk.home.rglob("*") if p.is_file() and p.parent != paper)
        for word in ("O’Neill", "Siân", "seconded today", "hand in plaster", "Bob Hope"):
            assert word.encode() not in lying, word


def test_nobody_leaves_because_a_row_could_not_be_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, file = tmp_path / "home", tmp_path / "roster.csv"
    assert called(home, capsys, "init", "--training").code == CLEAR
    whole = ("officers", "import", str(file), "--replace")

    def imported(*rows: str) -> tuple[int, int, int]:
        file.write_text("\n".join(["Officer number,Name,E-mail", *rows]), "utf-8")
        document = called(home, capsys, *whole).document
        return document["officers"], document["removed"], document["refused"]

    assert imported("P1,Ann,", "P2,Bob,", "P3,Cid,") == (3, 0, 0)
    assert imported("P1,Ann,", "P2,Bob,no mail") == (2, 1, 1), "P3 has left, P2 has not"
    assert imported("P1,Ann,", ",Who,") == (2, 0, 1), "whoever has no number may be anybody"
