"""The way back at the real window, on virtual handsets that went out from this desk before: every way, every reason."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cli_bench import CLEAR, POLICY, Desk
from rack_process import served

WORK = Path(__file__).with_name("returns_on_the_rack.py")
FIRST = """
[[handset]]
profile = "iphone-15"
count = 2

[[handset]]
profile = "galaxy-a54"
count = 7
"""
NAMES = ("erased", "find my", "android", "evidence", "stolen", "dead", "old", "suspended", "new")


@pytest.mark.timeout(240)
def test_everything_comes_back_through_the_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    plan = went_out(home, tmp_path, capsys)
    with served("--scenario", str(second(tmp_path, plan)), "--latency", "none") as rack:
        desk = Desk(home, rack.environment, capsys)
        file = tmp_path / "plan.json"
        file.write_text(json.dumps(plan), "utf-8")
        done = subprocess.run(
            [sys.executable, str(WORK), str(home), str(file)],
            env={**rack.environment, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(WORK.parents[2])},
            capture_output=True,
            timeout=200,
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    said = json.loads(done.stdout)
    entries = desk.call("ledger", "show").document

    def document(receipt: str) -> dict[str, Any]:
        (one,) = [
            one
            for one in entries
            if one["body"].get("receipt") == receipt and one["kind"] in {"returned", "handed_over"}
        ]
        return one["body"]["document"]

    first = document(said["both_sign"]["receipt"])
    (item,) = first["items"]
    assert (item["condition"], item["accessories"]) == ("Good", ["Case"])
    assert item["back"]["lacks"] == ["USB-C cable"]
    erased = next(one for one in entries if one["number"] == item["back"]["erased"]["entry"])
    assert (erased["kind"], erased["serial_number"]) == ("erased", plan["erased"])
    assert first["signature"]["kind"] == "signed"
    assert first["technician"]["signature"]["media_type"] == "image/svg+xml"
    assert "Still out by receipt" in first["remarks"]
    assert "sim" in first["remarks"].casefold()

    kept = document(said["will_not_be_erased"]["receipt"])
    assert "Find My" in said["will_not_be_erased"]["said"]
    assert "Not erased." in said["will_not_be_erased"]["line"]
    assert "erased" not in kept["items"][0]["back"]
    assert kept["signature"] == {"kind": "declined", "reason": "Absent: it came by internal post"}
    assert not any(clause["ticked"] for text in kept["declarations"] for clause in text["clauses"])

    typed = document(said["by_name_and_code"]["receipt"])
    assert (typed["signature"]["kind"], typed["signature"]["name"]) == ("typed", "Officer Three")
    assert "erased" not in typed["items"][0]["back"]

    evidence = said["kept_as_evidence"]
    assert not any("will be erased" in clause for clause in evidence["clauses"])
    assert all("evidence" in sentence for sentence in evidence["refused"]), evidence["refused"]
    (hold,) = [one for one in entries if one["kind"] == "evidence_held"]
    assert (hold["serial_number"], hold["body"]["reference"]) == (plan["evidence"], "EX/7")

    missing = document(said["stolen_then_found"]["stolen"])
    assert (missing["reason"], missing.get("declarations", [])) == ("stolen", [])
    assert "Reported stolen" in said["stolen_then_found"]["line"]
    assert "was found" in document(said["stolen_then_found"]["receipt"])["remarks"]

    dead = document(said["dead_and_not_here"]["receipt"])
    assert (dead["items"][0]["serial_number"], dead["items"][0]["back"]["after"]) == (plan["dead"], "repair")

    exchange = said["exchanged"]
    assert document(exchange["receipt"])["reason"] == "exchange"
    assert document(exchange["given"])["exchange"] == exchange["receipt"]
    assert document(exchange["given"])["officer"]["number"] == document(exchange["receipt"])["officer"]["number"]

    assert document(said["suspended"]["receipt"])["reason"] == "recalled"
    assert all("is still out to officer" in " ".join(said["noticed"][one]) for one in plan["plugged in"][:-1])
    for name in ("both_sign", "by_name_and_code", "exchanged"):
        pdf = home / "receipts" / f"receipt-{said[name]['receipt']}.pdf"
        assert desk.call("receipt", "verify", "--pdf", str(pdf)).document["kind"] == "return"
    assert desk.call("ledger", "verify").document["ok"] is True


def went_out(home: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Hand eight handsets to eight officers; one more is left. Give who is who."""
    roster = folder / "roster.csv"
    roster.write_text("Warrant number,Name\n" + "".join(f"P1000{n},Officer {n}\n" for n in range(1, 10)), "utf-8")
    scenario = folder / "first.toml"
    scenario.write_text(FIRST, "utf-8")
    with served("--scenario", str(scenario), "--latency", "none") as rack:
        desk = Desk(home, rack.environment, capsys)
        assert desk.call("init", "--training").code == CLEAR
        assert desk.call("officers", "import", str(roster)).code == CLEAR
        handsets = rack.announcement["handsets"]
        plan: dict[str, Any] = {name: one["serial_number"] for name, one in zip(NAMES, handsets, strict=True)}
        manifest = folder / "delivery.csv"
        manifest.write_text(f"Serial number,Asset tag\n{plan['dead']},MPS-104432\n", "utf-8")
        assert desk.call("batch", "import", str(manifest)).code == CLEAR
        assert desk.call("provision", *POLICY).code == CLEAR
        receipts: dict[str, str] = {}
        for number, name in enumerate(NAMES[:-1], start=1):
            more = (
                "--accessory",
                "USB-C cable",
                "--accessory",
                "Case",
                "--item",
                "sim: Vodafone; number=8944110065012345675",
            )
            out = desk.call(
                "handover", plan[name], "--officer", f"P1000{number}", "--declined", "in a hurry",
                *(more if name == "erased" else ()),
            )  # fmt: skip
            assert out.code == CLEAR, out.document
            receipts[plan[name]] = out.document["receipt"]
        seen = desk.call("handsets").document
        address: str = desk.call("officers", "authenticator", "P10003").document["otpauth"]
    return plan | {
        "receipts": receipts,
        "imei": next(one["imei"] for one in seen if one["serial_number"] == plan["android"]),
        "secret": parse_qs(urlsplit(address).query)["secret"][0],
        "tag": "MPS-104432",
        "plugged in": [plan[name] for name in NAMES if name != "dead"],
    }


def second(folder: Path, plan: dict[str, Any]) -> Path:
    """Plug all but the dead one in again: as they come back from people."""

    def one(name: str, profile: str, **more: str) -> str:
        told = {"profile": profile, "serial_number": plan[name], **more}
        return "[[handset]]\n" + "".join(f'{key} = "{value}"\n' for key, value in told.items())

    lines = [
        one("erased", "iphone-15", state="set-up"),
        one("find my", "iphone-15", state="find-my"),
        *(one(name, "galaxy-a54") for name in NAMES[2:] if name != "dead"),
    ]
    file = folder / "second.toml"
    file.write_text("\n".join(lines), "utf-8")
    return file
