"""Whom and what the books keep from a handover, and a handover in exchange, by commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_bench import CLEAR, POLICY, USAGE, desk_on_rack


def test_what_the_books_forbid_is_not_handed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with desk_on_rack(tmp_path, "--iphones", "0", "--androids", "2", within=capsys) as (desk, rack):
        first, second = (one["serial_number"] for one in rack.of("android"))
        orders = tmp_path / "June.csv"
        orders.write_text(f"Serial number,Order,Officer number\n{first},PO-7,P2\n")
        assert desk.call("batch", "import", str(orders)).code == CLEAR
        assert desk.call("provision", *POLICY).code == CLEAR

        def refused(officer: str, *more: str) -> str:
            said = desk.call("handover", first, "--officer", officer, "--declined", "plaster", *more)
            assert (said.code, said.document.get("handed_over", False)) == (USAGE, False), said.document
            return said.document["error"]

        assert desk.call("officers", "suspend", "P2", "--reason", "PSD 12/26").code == CLEAR
        suspended = refused("P2")
        assert "Officer P2 is suspended" in suspended
        assert "PSD 12/26" not in suspended, "why is nobody's business at the counter"
        assert "Officer P2 is suspended" in refused("P1", "--proxy", "P2", "--authority", "Memo 4"), "nor for another"
        assert desk.call("officers", "reinstate", "P2", "--reason", "no case").code == CLEAR
        assert desk.call("hold", "add", first, "--reason", "Op Heron", "--reference", "EX/7").code == CLEAR
        assert f"{first} is kept as evidence" in refused("P2")
        assert f"{first} is kept as evidence" in refused("P1", "--override", "P2 is away")
        assert desk.call("hold", "release", first, "--reason", "copied; DI Fox").code == CLEAR
        other = refused("P1")
        assert "P2" in other
        assert "--override REASON" in other
        shown = desk.call("ledger", "show", "--serial", first).document
        assert not [one for one in shown if one["kind"] == "handed_over"], "none of them left a trace of a handover"

        giving = ("--officer", "P1", "--declined", "plaster")
        out = desk.call("handover", first, *giving, "--override", "P2 is away")
        assert out.code == CLEAR, out.document
        (entry,) = desk.call("ledger", "show", "--receipt", out.document["receipt"]).document
        order = entry["body"]["document"]["items"][0]["order"]
        assert (order["reference"], order["officer"], order["override"]) == ("PO-7", "P2", "P2 is away")

        back = desk.call("return", first, "--officer", "P1", "--reason", "exchange")
        assert back.code == CLEAR, back.document
        number = back.document["receipt"]
        anew = ("handover", second, "--declined", "plaster", "--exchange")
        for wrong in ((*anew, number, "--officer", "P3"), (*anew, out.document["receipt"], "--officer", "P1")):
            assert "is no exchange of officer" in desk.call(*wrong).document["error"]
        (tmp_path / "July.csv").write_text(f"Officer number,Model\nP4,{rack.of('android')[1]['model']}\n")
        assert desk.call("orders", "import", str(tmp_path / "July.csv")).code == CLEAR
        last = desk.call(*anew, number, "--officer", "P1")
        assert f"{second} is the last" in last.document["error"], "P4 still waits for one of that model"
        replaced = desk.call(*anew, number, "--officer", "P1", "--override", "P4 is away")
        assert (replaced.code, replaced.document["exchange"]) == (CLEAR, number)
        (entry,) = desk.call("ledger", "show", "--receipt", replaced.document["receipt"]).document
        assert entry["body"]["document"]["exchange"] == number
