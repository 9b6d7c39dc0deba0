"""The way back by commands: who had it, who brings it, what became of it, and what may be issued again."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_bench import CLEAR, POLICY, USAGE, desk_on_rack
from test_cli_line import signature


def test_a_handset_comes_back_and_may_go_out_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with desk_on_rack(tmp_path, "--iphones", "0", "--androids", "1", within=capsys) as (desk, rack):
        serial = rack.of("android")[0]["serial_number"]
        early = desk.call("return", serial, "--officer", "P1", "--reason", "returned")
        assert early.code == USAGE
        assert "never handed over" in early.document["error"]
        assert desk.call("provision", *POLICY).code == CLEAR
        out = desk.call("handover", serial, "--officer", "P1", "--declined", "hand in plaster")
        assert out.code == CLEAR

        pdf = tmp_path / "back.pdf"
        back = desk.call(
            "return", serial, "--officer", "P2", "--reason", "returned",
            "--signature", str(signature(tmp_path)), "--pdf", str(pdf),
        )  # fmt: skip
        assert back.code == CLEAR, back.document
        assert "erase" in back.document["next"]
        assert "P1" in back.document["remarks"][0], "somebody else brought it, which is said"
        assert desk.call("receipt", "verify", "--pdf", str(pdf)).document["kind"] == "return"
        again = desk.call("return", serial, "--officer", "P1", "--reason", "returned")
        assert (again.code, "came back already" in again.document["error"]) == (USAGE, True)
        assert desk.call("handover", serial, "--officer", "P3", "--declined", "hand in plaster").code == CLEAR

        stolen = desk.call("return", serial, "--officer", "P3", "--reason", "stolen")
        assert "stolen" in stolen.document["next"]
        refused = desk.call("handover", serial, "--officer", "P4", "--declined", "hand in plaster")
        assert refused.code == USAGE
        assert "was reported stolen" in refused.document["error"]
        found = desk.call("return", serial, "--officer", "P3", "--reason", "returned")
        assert found.code == CLEAR
        assert "was found" in found.document["remarks"][0]
        assert desk.call("handover", serial, "--officer", "P4", "--declined", "hand in plaster").code == CLEAR
        assert desk.call("ledger", "verify").document["ok"] is True
