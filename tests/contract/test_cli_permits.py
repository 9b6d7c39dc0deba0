"""Permits by commands: what one makes of a handset, for whom, on which handset, and what it leaves to be done."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_bench import CLEAR, NOT_CLEAR, POLICY, Result, desk_on_rack

APPROVED = ("--requester", "Sgt A", "--approver", "Insp B", "--reason", "Operation C", "--until", "2099-12-31")
SCENARIO = """
    [[handset]]
    profile = "iphone-15"
    apps = ["net.whatsapp.WhatsApp"]
    [[handset]]
    profile = "pixel-8"
    apps = ["com.zhiliaoapp.musically"]
"""


def families(result: Result) -> set[str]:
    return {finding["family"] for verdict in result.document for finding in verdict["findings"]}


def test_a_permit_opens_one_family_to_one_officer_and_its_end_is_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with desk_on_rack(tmp_path, scenario=SCENARIO, within=capsys) as (desk, rack):
        phone, teams = (one["serial_number"] for one in rack.announcement["handsets"])
        assert desk.call("permit", "add", "--officer", "P1", "--family", "WhatsApp", *APPROVED).code == CLEAR
        refused = desk.call("provision", phone, *POLICY)
        assert (refused.code, families(refused)) == (NOT_CLEAR, {"WhatsApp"})
        allowed = desk.call("provision", phone, *POLICY, "--officer", "P1")
        assert allowed.code == CLEAR, allowed.document
        assert desk.call("inspect", phone, *POLICY, "--officer", "P2").code == NOT_CLEAR, "a permit is one person's"

        role = ("permit", "add", "--officer", "P1", "--role", "communications", "--serial", teams)
        assert desk.call("provision", teams, *POLICY, "--officer", "P1").code == NOT_CLEAR
        assert desk.call(*role, *APPROVED).code == CLEAR
        named = desk.call("provision", teams, *POLICY, "--officer", "P1")
        assert named.code == CLEAR, named.document
        both = desk.call("inspect", *POLICY, "--officer", "P1")
        assert (both.code, families(both)) == (NOT_CLEAR, {"TikTok"}), "a role holds on the handsets that it names only"
        assert "Name them, or it is left out" in both.said
        together = desk.call("inspect", phone, teams, *POLICY, "--officer", "P1")
        assert together.code == CLEAR, "named together with others it holds on the one that it names"

        assert desk.call("handover", phone, "--officer", "P1", "--declined", "no pen").code == CLEAR
        assert desk.call("permit", "tasks").code == CLEAR
        due = desk.call("permit", "tasks", "--on", "2100-01-01")
        assert due.code == NOT_CLEAR, due.document
        assert phone in str(due.document)

        assert desk.call("handover", teams, "--officer", "P1", "--declined", "no pen").code == CLEAR
        shown = str(desk.call("ledger", "show", "--serial", teams).document)
        assert "'family': 'role communications'" in shown, "the receipt says by which permit TikTok is on the handset"
        assert teams in str(desk.call("permit", "tasks", "--on", "2100-01-01").document)
