"""The way back by commands: who had it, who brings it, what became of it, and what may be issued again."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cli_bench import CLEAR, IN_DOUBT, POLICY, USAGE, desk_on_rack
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

        # An auditor has copies of the ledger and of the papers, and the public key; one command tells all.
        copy, papers = tmp_path / "copy", tmp_path / "papers"
        copy.mkdir()
        papers.mkdir()
        for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.head"):
            if (desk.home / name).exists():
                shutil.copy(desk.home / name, copy / name)
        shutil.copy(pdf, papers / "back.pdf")
        audit = (
            "ledger", "audit", "--ledger", str(copy), "--key", str(desk.home / "keys" / "desk.pub"),
            "--receipts", str(papers),
        )  # fmt: skip
        told = desk.call(*audit)
        assert told.code == CLEAR, told.document
        assert (told.document["ok"], told.document["receipts"]["genuine"]) == (True, 1)
        assert back.document["receipt"] not in told.document["receipts"]["without_a_file"]
        data = bytearray(pdf.read_bytes())
        data[len(data) // 3] ^= 1
        (papers / "forged.pdf").write_bytes(data)
        told = desk.call(*audit)
        assert (told.code, [Path(one["file"]).name for one in told.document["receipts"]["bad"]]) == (
            IN_DOUBT, ["forged.pdf"],
        )  # fmt: skip
        (papers / "forged.pdf").unlink()
        with closing(sqlite3.connect(copy / "ledger.sqlite", isolation_level=None)) as raw:
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute("DELETE FROM entries WHERE number = (SELECT max(number) FROM entries)")
        assert desk.call(*audit).code == IN_DOUBT
