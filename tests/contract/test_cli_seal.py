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


def test_handsets_are_handed_over_and_sealed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Verified, handed over, sealed as its policy asks; after that no computer reads it, and the ledger says by what
    that is known. One that goes out unsealed is said to be open.
    """
    scenario = '[[handset]]\nprofile = "pixel-8"\ncount = 3\n'
    with desk_on_rack(tmp_path, scenario=scenario, within=capsys) as (desk, rack):
        first, second, third = (one["serial_number"] for one in rack.announcement["handsets"])
        early = desk.call("seal", first, "R5NOSUCH")
        assert early.code == UNKNOWN, "not clear and not here, so not sealed either: the higher code wins"
        assert [(one["verdict"], one["sealed"]) for one in early.document] == [("not_clear", False), ("unknown", False)]
        (desk.home / "policies" / "met-sealed.toml").write_text(SEALED, "utf-8")
        provisioned = desk.call("provision", "--policy", "met-sealed")
        assert provisioned.code == CLEAR, provisioned.document
        assert [one["after_seal"] for one in provisioned.document] == [["no_debugging_features"]] * 3
        said = provisioned.document[0]["stages"][-1]["sentence"]
        assert "in force but for no_debugging_features, which the seal sets" in said
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
        seen = desk.call("inspect", *POLICY)
        assert (seen.code, [one["serial_number"] for one in seen.document]) == (CLEAR, [second])
        assert desk.call("ledger", "verify").document["ok"] is True
