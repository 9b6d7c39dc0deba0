"""The seal by commands: only what is clear is sealed, and what is sealed is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_bench import CLEAR, POLICY, UNKNOWN, desk_on_rack

SEALED = """
[policy]
name = "met-sealed"
version = "1"
title = "Metropolitan Police, sealed at the counter"
inherits = "met-police"
[lockdown.android]
seal_at_handover = true
"""


@pytest.mark.timeout(400)  # over TCP the adb server keeps a sealed handset as offline for a minute
def test_handsets_are_handed_over_and_sealed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Verified, handed over, sealed as its policy asks; after that no computer reads it, and the ledger says by what
    that is known. One that goes out unsealed is said to be open.
    """
    scenario = '[[handset]]\nprofile = "pixel-8"\ncount = 3\n'
    with desk_on_rack(tmp_path, scenario=scenario, within=capsys) as (desk, rack):
        first, second, third = (one["serial_number"] for one in rack.announcement["handsets"])
        early = desk.call("seal", first)
        assert early.code == UNKNOWN, "not clear, and not sealed either: the higher code wins"
        assert (early.document[0]["verdict"], early.document[0]["sealed"]) == ("not_clear", False)
        (desk.home / "policies" / "met-sealed.toml").write_text(SEALED, "utf-8")
        provisioned = desk.call("provision", "--policy", "met-sealed")
        assert provisioned.code == CLEAR, provisioned.document
        assert [one["after_seal"] for one in provisioned.document] == [["no_debugging_features"]] * 3
        handing = ("--officer", "A1", "--declined", "hand in plaster")
        left = desk.call("handover", second, *handing, "--no-seal")
        assert (left.code, left.document["handed_over"], left.document["sealed"]) == (CLEAR, True, False)
        assert "no_debugging_features of the policy comes into force only with the seal" in left.document["seal"]
        handed = desk.call("handover", first, third, *handing)
        assert (handed.code, handed.document["handed_over"], handed.document["sealed"]) == (CLEAR, True, True), (
            handed.document
        )
        for serial in (first, third):
            shown = desk.call("ledger", "show", "--serial", serial).document
            assert [entry["kind"] for entry in shown][-3:] == ["handed_over", "verified", "sealed"]
        gone = desk.call("inspect", first, third, *POLICY)
        assert (gone.code, [one["verdict"] for one in gone.document]) == (UNKNOWN, ["unknown"] * 2)
        assert desk.call("inspect", second, *POLICY).code == CLEAR
        assert desk.call("seal", "R5NOSUCH").code == UNKNOWN
        assert desk.call("ledger", "verify").document["ok"] is True
