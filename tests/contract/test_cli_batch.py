"""A delivery by commands: its manifest, the handsets that it means, and how far it has come."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_bench import CLEAR, POLICY, UNKNOWN, desk_on_rack


def test_only_what_the_manifest_means_is_worked_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with desk_on_rack(tmp_path, "--iphones", "2", "--androids", "2", within=capsys) as (desk, rack):
        imeis = {one["serial_number"]: one["imei"] for one in desk.call("handsets").document}
        (iphone, stranger), (android, twice) = (
            [one["serial_number"] for one in rack.of(platform)] for platform in ("ios", "android")
        )
        file = tmp_path / "delivery.csv"
        file.write_text(
            "Serial number,IMEI,Asset tag,Order\n"
            f"{iphone},{imeis[iphone]},MET-1,PO-7\n{android},{imeis[android]},MET-2,PO-7\n"
            f"{twice},,MET-3,PO-7\n{twice},,MET-4,PO-7\nNEVERCAME1,,MET-5,PO-7\n,,,\nX,bad,,\n"
        )
        provisioned = desk.call("provision", *POLICY, "--manifest", str(file))
        assert provisioned.code == UNKNOWN
        assert "line 5" in provisioned.said
        verdicts = {one["serial_number"]: one for one in provisioned.document}
        assert (verdicts[iphone]["verdict"], verdicts[android]["verdict"]) == ("clear", "clear")
        for serial, words in ((stranger, "is not on the manifest"), (twice, "stands on the manifest twice")):
            assert verdicts[serial]["verdict"] == "unknown"
            assert words in verdicts[serial]["not_checked"][0]["why"]
            kinds = {entry["kind"] for entry in desk.call("ledger", "show", "--serial", serial).document}
            assert "enrolled" not in kinds, "it was left as it was"

        imported = desk.call("batch", "import", str(file), "--name", "June")
        assert (imported.code, imported.document["handsets"], imported.document["refused"]) == (CLEAR, 5, 2)
        assert desk.call("batch", "list").document == ["June"]
        handed = desk.call("handover", iphone, "--officer", "P1", "--declined", "hand in plaster")
        assert handed.code == CLEAR
        receipt = desk.call("ledger", "show", "--receipt", handed.document["receipt"]).document[0]
        assert receipt["body"]["document"]["items"][0]["asset_tag"] == "MET-1"
        shown = desk.call("batch", "show", "June")
        assert shown.code == UNKNOWN
        states = {one["serial_number"]: one["state"] for one in shown.document["handsets"]}
        assert states == {iphone: "handed over", android: "clear", twice: "stopped", "NEVERCAME1": "never seen"}
        assert shown.document["counts"]["never seen"] == 1
