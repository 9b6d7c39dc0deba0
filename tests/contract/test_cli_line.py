"""The whole mission by commands, as another program would drive it."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from cli_bench import CLEAR, IN_DOUBT, NOT_CLEAR, POLICY, UNKNOWN, USAGE, desk_on_rack


def signature(folder: Path) -> Path:
    """Draw a signature, a black bar on white, as PNG."""
    width, height = 120, 40
    rows = b"".join(
        b"\x00" + bytes(0 if 10 < x < 110 and abs(y - 20 - (x % 17) // 4) < 2 else 255 for x in range(width))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    file = folder / "signature.png"
    file.write_bytes(png)
    return file


def test_from_plug_in_to_a_receipt_that_a_stranger_can_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command that a technician needs is a program here; what is asked of the books besides runs within."""
    with desk_on_rack(tmp_path, "--iphones", "1", "--androids", "1") as (desk, rack):
        within = replace(desk, within=capsys)
        attached = desk.call("handsets").document
        serials = {one["serial_number"] for one in rack.announcement["handsets"]}
        assert {one["serial_number"] for one in attached} == serials
        assert set(attached[0]) == {
            "serial_number", "platform", "model", "os_version", "udid", "imei", "bay", "state",
        }  # fmt: skip
        assert desk.call("inspect", *POLICY).code == NOT_CLEAR, "what is not enrolled is not clear"

        provisioned = desk.call("provision", *POLICY)
        assert provisioned.code == CLEAR, provisioned.document
        stages = [stage["name"] for stage in provisioned.document[0]["stages"]]
        assert stages == ["identify", "trust", "preflight", "enrol", "apply", "verify"]
        inspected = desk.call("inspect", *POLICY)
        assert inspected.code == CLEAR
        for verdict in inspected.document:
            assert verdict["verdict"] == "clear"
            assert verdict["not_checked"] == []
            assert verdict["apps_seen"] > 50
            assert len(verdict["record"]) == 64

        serial = rack.of("ios")[0]["serial_number"]
        pdf = tmp_path / "receipt.pdf"
        handed = desk.call(
            "handover", serial, "--officer", "P 12345", "--signature", str(signature(tmp_path)),
            "--countersignature", str(signature(tmp_path)), "--accessory", "charger", "--pdf", str(pdf),
        )  # fmt: skip
        assert handed.code == CLEAR, handed.document
        assert handed.document["training"] is True
        number = handed.document["receipt"]
        again = tmp_path / "again.pdf"
        assert within.call("receipt", "pdf", number, str(again)).code == CLEAR
        assert again.read_bytes() == pdf.read_bytes(), "the same receipt is the same document"

        twice = within.call("handover", serial, "--officer", "P 999", "--declined", "hand in plaster")
        assert twice.code == USAGE
        assert "P 12345" in twice.document["error"]

        key = tmp_path / "desk.pub"
        key.write_bytes((desk.home / "keys" / "desk.pub").read_bytes())
        elsewhere = ["--key", str(key)]
        by_pdf = desk.call("receipt", "verify", "--pdf", str(pdf), *elsewhere)
        assert (by_pdf.code, by_pdf.document["ok"]) == (CLEAR, True)
        assert by_pdf.document["items"][0]["serial_number"] == serial
        assert by_pdf.document["does_not_prove"]
        forged = bytearray(pdf.read_bytes())
        forged[len(forged) // 2] ^= 1
        pdf.write_bytes(bytes(forged))
        assert within.call("receipt", "verify", "--pdf", str(pdf), *elsewhere).code == IN_DOUBT

        shown = within.call("ledger", "show", "--receipt", number).document
        assert [entry["kind"] for entry in shown] == ["handed_over"]
        assert within.call("ledger", "show", "--officer", "P 12345").document[-1:] == shown
    whole = desk.call("ledger", "verify")
    assert (whole.code, whole.document["ok"], whole.document["first_bad"]) == (CLEAR, True, None)
    database = desk.home / "ledger.sqlite"
    data = database.read_bytes()
    place = data.rindex(b'"P 12345"') + 1  # in the handover itself: without the quotes it may be an index's copy
    database.write_bytes(data[:place] + b"Q" + data[place + 1 :])
    doubt = within.call("ledger", "verify")
    assert (doubt.code, doubt.document["ok"]) == (IN_DOUBT, False)
    assert doubt.document["first_bad"] == shown[0]["number"]


def test_a_receipts_code_verifies_by_its_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import zxingcpp
    from PIL import Image

    with desk_on_rack(tmp_path, "--iphones", "0", "--androids", "1", within=capsys) as (desk, rack):
        desk.call("provision", *POLICY)
        serial = rack.of("android")[0]["serial_number"]
        handed = desk.call("handover", serial, "--officer", "A1", "--declined", "hand in plaster")
        assert handed.code == CLEAR, handed.document
    from provisioning.home.home import open_home
    from provisioning.paper import receipt_pages

    home = open_home(desk.home)
    with home.read_ledger() as ledger:
        from provisioning.counter import receipt_in_ledger

        pages = receipt_pages(home, receipt_in_ledger(ledger, handed.document["receipt"]), 150)
    page = tmp_path / "page.png"
    page.write_bytes(pages[0])
    with Image.open(page) as image:
        codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    text = codes[0].text
    assert text.startswith("HV1:")
    read = desk.call("receipt", "verify", "--code", text)
    assert (read.code, read.document["items"][0]["serial_number"]) == (CLEAR, serial)
    spoilt = text[:-3] + ("0" if text[-3] != "0" else "1") + text[-2:]
    assert desk.call("receipt", "verify", "--code", spoilt).code == IN_DOUBT
    script = Path(__file__).parents[1] / "clients" / "check_records.py"
    records = sorted((desk.home / "records").glob("*.dsse.json"))
    by_others = subprocess.run(
        [sys.executable, script, desk.home / "keys" / "desk.pub", *records, "--code", text],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert by_others.returncode == 0, by_others.stdout + by_others.stderr
    assert records
    assert by_others.stdout.count("verified") >= len(records) + 1


def test_a_denied_app_fails_its_handset_and_a_pulled_cable_leaves_it_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = """
        [[handset]]
        profile = "iphone-15"
        apps = ["com.zhiliaoapp.musically"]
        [[handset]]
        profile = "iphone-15"
        faults = ["unplug at=Browse skip=1"]
        [[handset]]
        profile = "pixel-8"
        faults = ['unplug at="pm list" skip=1']
        [[handset]]
        profile = "pixel-8"
    """
    with desk_on_rack(tmp_path, scenario=scenario, within=capsys) as (desk, rack):
        tiktok, iphone, pixel, clean = (one["serial_number"] for one in rack.announcement["handsets"])
        provisioned = desk.call("provision", *POLICY, "--wait", "2")
        inspected = desk.call("inspect", *POLICY, tiktok, iphone, pixel, clean)
    verdicts = {one["serial_number"]: one for one in inspected.document}
    assert inspected.code == UNKNOWN, "the highest exit code wins"
    assert verdicts[clean]["verdict"] == "clear"
    finding = verdicts[tiktok]["findings"][0]
    assert (verdicts[tiktok]["verdict"], finding["family"], finding["severity"]) == ("not_clear", "TikTok", "denied")
    assert finding["rule"]
    assert finding["where"]
    assert finding["evidence"]
    assert "TikTok" in finding["sentence"]
    for serial in (iphone, pixel):
        assert verdicts[serial]["verdict"] == "unknown", verdicts[serial]
        assert verdicts[serial]["not_checked"]
    assert provisioned.code >= NOT_CLEAR


@pytest.mark.parametrize("moment", [0.4, 1.2])
def test_a_provision_that_is_killed_is_finished_by_the_next_one_without_doubles(tmp_path: Path, moment: float) -> None:
    with desk_on_rack(tmp_path, "--iphones", "3", "--androids", "3") as (desk, rack):
        process = subprocess.Popen(
            desk.command("provision", *POLICY), env=desk.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        wait_for_entries(desk.home, 2)
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        finished = desk.call("provision", *POLICY)
        assert finished.code == CLEAR, finished.document
        assert len(finished.document) == len(rack.announcement["handsets"])
        assert desk.call("ledger", "verify").document["ok"] is True
        entries = desk.call("ledger", "show").document
    once = Counter(
        (entry["serial_number"], entry["kind"])
        for entry in entries
        if entry["kind"] in {"identified", "enrolled", "applied"}
    )
    assert [what for what, count in once.items() if count > 1] == []
    bodies = Counter(json.dumps([entry["kind"], entry["serial_number"], entry["body"]]) for entry in entries)
    assert max(bodies.values()) == 1, "nothing is said twice"


def wait_for_entries(home: Path, number: int, seconds: float = 30.0) -> None:
    """Wait until the ledger has more than ``number`` entries."""
    from provisioning.home.home import open_home

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with open_home(home).read_ledger() as ledger:
            if len(ledger.entries(since=number, limit=1)) > 0:
                return
        time.sleep(0.02)
    raise AssertionError("the ledger did not grow")
