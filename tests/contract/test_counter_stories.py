"""The counter at the real window against the real engine: what is said there, and what is in the ledger afterwards."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cli_bench import CLEAR, Desk
from test_cli_permits import APPROVED

from console.duty import account_name
from provisioning.printing.destination import parse_destination
from provisioning.printing.memory import SLIP, PrinterMemory

HERE = Path(__file__).parent


def run(desk: Desk, story: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Play a story in a process of its own."""
    return subprocess.run(
        [sys.executable, str(HERE / "counter_stories.py"), story, str(desk.home), *words],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        timeout=150,
        check=False,
    )


def played(desk: Desk, story: str, *words: str) -> dict[str, Any]:
    """Play a story to its end; gives what the window said."""
    done = run(desk, story, *words)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    said = json.loads(done.stdout)
    assert said["code"] == CLEAR
    return said


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    made = Desk(tmp_path / "home", within=capsys)
    assert made.call("init", "--training").code == CLEAR
    return made


@pytest.mark.timeout(180)
def test_nothing_begins_before_somebody_signs_in_and_every_entry_names_who(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = {"A. Khan": "740193", "B. Jones": "917302"}
    monkeypatch.setenv("ISSUING_DESK_NEW_PIN", pins["A. Khan"])
    assert desk.call("technicians", "add", "A. Khan").code == CLEAR
    monkeypatch.setenv("ISSUING_DESK_NEW_PIN", pins["B. Jones"])
    monkeypatch.setenv("ISSUING_DESK_PIN", pins["A. Khan"])
    assert desk.call("--technician", "A. Khan", "technicians", "add", "B. Jones").code == CLEAR

    said = played(desk, "technicians", *(f"{name}={pin}" for name, pin in pins.items()))
    assert said["before"] == said["after a wrong PIN"] == ["seen", "seen"]
    assert "Sign in to start" in said["wall"][0]
    assert said["then"] == []
    assert said["locked"] == "seen"
    shown = desk.call("ledger", "show").document
    handed = {one["body"]["receipt"]: one["technician"] for one in shown if one["kind"] == "handed_over"}
    assert handed == {said["by Khan"]: "A. Khan", said["by Jones"]: "B. Jones"}
    begun = next(place for place, one in enumerate(shown) if one["kind"] == "signed_in")
    assert not [one for one in shown[:begun] if one["serial_number"]], "nothing was done with a handset before"
    work = [one for one in shown[begun:] if one["kind"] not in {"sign_in_failed", "signed_out"}]
    assert {one["technician"] for one in work} == set(pins), "no entry without a who"
    assert desk.call("ledger", "verify").document["ok"] is True


SIM = "8944110068308532105"
ROSTER = """Warrant number,Name
P10001,Officer One
P10002,Officer Two
P10003,Officer Three
P10009,Officer Nine
"""


def document(desk: Desk, receipt: str) -> dict[str, Any]:
    """Give what the ledger has of a receipt, as one item after the other would show it."""
    (first, *_) = desk.call("ledger", "show", "--receipt", receipt).document
    return first["body"]["document"]


@pytest.mark.timeout(180)
def test_every_way_of_agreeing_stands_on_its_receipt(desk: Desk, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER, "utf-8")
    assert desk.call("officers", "import", str(roster)).code == CLEAR
    enrolled = str(desk.call("officers", "authenticator", "P10002").document["otpauth"])
    secret = parse_qs(urlsplit(enrolled).query)["secret"][0]
    permit = ("permit", "add", "--officer", "P10003", "--family", "WhatsApp")
    assert desk.call(*permit, *APPROVED).code == CLEAR

    said = played(desk, "agreements", SIM, secret)
    proxy, typed, refused, exchange = (document(desk, said[one]) for one in ("proxy", "typed", "refused", "exchange"))
    assert (proxy["officer"]["number"], proxy["proxy"]["officer"]["number"]) == ("P10001", "P10009")
    assert (proxy["proxy"]["authority"], proxy["identity"]["seen"]) == ("Memo 12/26", "warrant-card")

    assert said["texts"] == ["Officer’s declaration", "Terms for a SIM card"]
    assert said["in Welsh"] == [one["title"] for one in typed["declarations"]] != said["texts"]
    assert "one-time code" in said["wrong code"]
    assert typed["signature"]["kind"] == "typed"
    assert (typed["signature"]["name"], typed["signature"]["factor"]) == ("Officer Two", "one-time-code")
    assert [one["terms"] for one in typed["items"]] == ["handset-handover", "item-sim"], "one signature, two terms"
    assert typed["technician"]["signature"]["media_type"] == "image/svg+xml", "countersigned"

    assert said["permits"] == ["Permits: WhatsApp until 2099-12-31 (P-0001)"]
    assert [one["reference"] for one in refused["permits"]] == ["P-0001"]
    assert refused["signature"] == {"kind": "declined", "reason": "Disagrees with the second statement"}
    ticks = [one["ticked"] for one in refused["declarations"][0]["clauses"]]
    assert (ticks[0], any(ticks[1:])) == (True, False)

    assert "is no exchange of officer P10001" in said["wrong exchange"]
    assert exchange["exchange"] == said["came back"]
    assert desk.call("ledger", "verify").document["ok"] is True
    shown = desk.call("ledger", "show").document
    assert {one["technician"] for one in shown} == {account_name()}, "where nobody signs in, it is the account"


@pytest.mark.timeout(180)
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_no_pulled_cable_no_swap_no_absent_printer_and_no_kill_costs_a_handover_or_its_paper(
    desk: Desk, tmp_path: Path
) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    printer = f"escpos://127.0.0.1:{port}"
    PrinterMemory(desk.home).keep(SLIP, parse_destination(printer))
    told = tmp_path / "told.json"
    killed = run(desk, "chaos", str(told))
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-3000:]
    said = json.loads(told.read_text("utf-8"))
    assert "was unplugged before it was handed over" in said["pulled"]
    handsets, still_there, why = said["swapped"]
    assert (len(handsets), still_there, "not verified as clear" in why) == (1, True, True)
    assert said["still signed"]
    assert said["paper"] == [f"It is being printed on “{printer}”.", "1 not printed"]

    shown = desk.call("ledger", "show").document
    handed = [one for one in shown if one["kind"] == "handed_over"]
    assert [one["body"]["officer"] for one in handed] == ["P10001", "P10002"]
    assert (handed[0]["serial_number"], handed[0]["body"]["receipt"]) == (handsets[0], said["first"])
    receipts = [one["body"]["receipt"] for one in handed]

    after = played(desk, "restarted", str(port))
    assert after["jobs"] == [True, True], "both are ESC/POS"
    (notice,) = after["notices"]
    assert receipts[1] in notice
    assert f"It is being printed on “{printer}”." in notice
    printed = [one["body"] for one in desk.call("ledger", "show").document if one["kind"] == "receipt_printed"]
    assert [(one["receipt"], one["copy"]) for one in printed] == [(one, 0) for one in receipts]
    assert not list((desk.home / "unfinished").glob("*.json"))
    assert (desk.home / "receipts" / f"receipt-{receipts[1]}.pdf").is_file()
