"""Personal details by commands and on paper: erased, looked at, handed out, locked away."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from booked_receipt import book_handover
from cli_bench import USAGE, Result, called
from privacy_desk import (
    PERSONAL,
    brought_back,
    clear_words,
    desk,
    handover,
    permitted,
)
from receipt_samples import item

from console.assembly import engine
from console.viewing import receipt_looked_at
from provisioning.errors import UsageError
from provisioning.home.backup import back_up
from provisioning.home.creation import create_home
from provisioning.home.home import open_home
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.erasure import erasure_body
from provisioning.paper import receipt_code, receipt_pdf
from provisioning.receipts.attachment import attachment_of
from provisioning.receipts.extract import extract_of
from provisioning.receipts.parts import receipt_in_ledger
from provisioning.receipts.reading import verify_json, verify_pdf
from provisioning.receipts.receipt import Officer, Receipt


def test_a_receipt_that_was_erased_is_printed_saying_so_and_its_pdf_is_genuine(tmp_path: Path) -> None:
    home = desk(tmp_path / "home")
    number = book_handover(home, replace(handover(), items=(replace(item(), check=None),)))
    with home.open_ledger() as ledger:
        whole = receipt_in_ledger(ledger, number)
        before = receipt_code(home, whole)
        body = erasure_body([(home.identity.desk, 2)], "receipts: 7 years", "2034-01-01")
        ledger.append(EntryKind.LAWFULLY_ERASED, None, body, technician=None)
        left = receipt_in_ledger(ledger, number)
    pdf = receipt_pdf(home, left)
    reading = verify_pdf(pdf, home.public_key())
    assert reading.genuine, reading.sentence
    assert any("lawfully erased under rule receipts: 7 years on 2034-01-01" in said for said in reading.does_not_prove)
    assert receipt_code(home, left) == before
    with pytest.raises(UsageError, match="lawfully erased"):
        extract_of(left, "1")
    forged = {**attachment_of(replace(left, officer=Officer("666"))), "code": before}
    assert not verify_json(json.dumps(forged).encode(), home.public_key()).genuine, "nothing vouches for what it says"
    assert left.digest() == whole.digest()
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    assert "lawfully erased under rule receipts: 7 years on 2034-01-01" in " ".join(text.split())
    assert "Gwenllian" not in text
    assert item().serial_number in text


def test_who_looked_at_whom_is_recorded_once_for_looks_that_belong_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = desk(tmp_path / "home")
    number = book_handover(home, replace(handover(), items=(replace(item(), check=None),)))

    def looks() -> list[Entry]:
        with home.read_ledger() as ledger:
            return ledger.entries(kind=EntryKind.VIEWED)

    for _ in range(3):
        shown = called(home.path, capsys, "ledger", "show", "--officer", "1234567", "--why", "complaint 12")
        assert shown.document[0]["body"]["document"]["officer"]["name"] == "Gwenllian Ŵyn-Pritchard"
    (look,) = looks()
    assert (look.body["of_officer"], look.body["look"], look.body["why"]) == ("1234567", "record", "complaint 12")
    assert called(home.path, capsys, "receipt", "pdf", number, str(tmp_path / "r.pdf")).code == 0
    assert [one.body["look"] for one in looks()] == ["record", "receipt"]
    assert called(home.path, capsys, "ledger", "verify").document["ok"]
    (home.path / "keys" / "training.passphrase").unlink()
    sealed = called(home.path, capsys, "ledger", "show", "--officer", "1234567")
    assert "name" not in sealed.document[0]["body"]["document"]["officer"]
    assert "sealed" in sealed.document[0]["withheld"]
    assert len(looks()) == 2, "who sees nothing personal looked at nobody"


def test_a_subject_access_pack_has_all_of_one_person_and_nothing_of_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = desk(tmp_path / "home")
    unchecked = replace(handover(), items=(replace(item(), check=None),))
    number = book_handover(home, unchecked)
    permitted(home)
    mine = replace(unchecked, items=(replace(item(1), check=None),), proxy=None, officer=Officer("P77", "Ffion Roe"))
    other = book_handover(home, mine)
    brought_back(home)
    file = tmp_path / "pack.zip"
    refused = called(home.path, capsys, "privacy", "pack", str(file), "--officer", "Z9", "--why", "SAR 7")
    assert (refused.code, file.exists()) == (2, False)
    called(home.path, capsys, "ledger", "show", "--officer", "1234567")
    made = called(home.path, capsys, "privacy", "pack", str(file), "--officer", "1234567", "--why", "SAR 7")
    assert made.code == 0, made.said
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    assert {one["name"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "manifest.json"
    }
    with home.read_ledger() as ledger:
        (entry,) = [one for one in ledger.entries(kind=EntryKind.VIEWED) if one.body["look"] == "subject-access pack"]
    assert entry.body["manifest_sha256"] == hashlib.sha256(files["manifest.json"].rstrip(b"\n")).hexdigest()
    assert entry.body["why"] == "SAR 7"
    record = json.loads(files["record.json"])
    assert [one["kind"] for one in record["entries"]] == ["handed_over", "permit_added", "returned"]
    assert [look["look"] for look in record["looks"]] == ["record"]
    told = files["record.json"] + files["record.html"]
    for word in ("Gwenllian", "covert work", "sick since May", item().serial_number, number):
        assert word.encode() in told, word
    for word in ("A. Khan", "C. Requester", "D. Approver", "Ffion", "P77", other, item(1).serial_number):
        assert word.encode() not in told, word
    assert made.document["typed_texts"] > 0
    assert verify_pdf(files[f"receipts/receipt-{number}.pdf"], home.public_key()).genuine
    assert files["record.pdf"].startswith(b"%PDF")
    assert not [name for name in files if other in name]

    proxy = called(home.path, capsys, "privacy", "pack", str(file), "--officer", "P77", "--why", "SAR 8")
    assert proxy.code == 0, proxy.said
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert b"Gwenllian" not in b"".join(files[name] for name in ("record.json", "record.html"))
    assert f"signatures/receipt-{number}.svg" in files, "they signed it in somebody's place"
    assert f"receipts/receipt-{number}.pdf" not in files, "it is somebody else's receipt"
    looks = called(home.path, capsys, "privacy", "looks", "--officer", "1234567")
    assert [one["look"] for one in looks.document] == ["record", "subject-access pack"]


def test_periods_holds_and_erasing_by_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = desk(tmp_path / "home")
    book_handover(home, handover())
    brought_back(home)
    home.settings_file.write_text("[retention]\nreceipts = 1\npermits = 0\n")

    def privacy(*arguments: str) -> Result:
        return called(home.path, capsys, "privacy", *arguments)

    classes = {one["class"]: one for one in privacy("classes").document}
    assert (classes["receipts"]["rule"], classes["receipts"]["kept"], classes["receipts"]["due"]) == (
        "receipts: 1 year after the last item came back", 2, 0,
    )  # fmt: skip
    assert classes["permits"]["rule"] == "permits: kept for ever"
    assert classes["evidence"]["rule"].startswith("evidence: 7 years")
    assert privacy("erase").document["due"] == 0
    assert privacy("erase", "--on", "2099-01-01").document["due"] == 2
    assert privacy("erase", "--on", "2099-01-01", "--confirm", "2").code == USAGE
    assert privacy("erase", "--confirm", "2").code == USAGE, "none is due today"
    hold = privacy("hold", "add", "--officer", "1234567", "--reason", "complaint 12").document["hold"]
    later = privacy("erase", "--on", "2099-01-01").document
    assert (later["due"], {one["hold"] for one in later["held"]}) == (0, {hold})
    assert [one["on"] for one in privacy("hold", "list").document] == ["officer 1234567"]
    assert privacy("hold", "lift", hold, "--reason", "closed").code == 0
    assert privacy("hold", "list").document == []
    asked = ("erase", "--officer", "1234567")
    assert privacy(*asked).code == USAGE, "why?"
    number = book_handover(home, handover(1))
    told = privacy(*asked, "--because", "Art. 17 request 9").document
    assert told["due"] == 4, "handover, return, the hold and its end; what is out is needed still"
    assert privacy(*asked, "--because", "Art. 17 request 9", "--confirm", "4").code == 0
    shown = called(home.path, capsys, "ledger", "show", "--officer", "1234567").document
    assert "lawfully erased under rule decision: Art. 17 request 9 on" in shown[0]["withheld"]
    with home.open_ledger() as ledger:
        assert receipt_in_ledger(ledger, number).officer.name is not None
    assert [len(one["records"]) for one in privacy("erased").document] == [2, 2]
    export = tmp_path / "newer.jsonl"
    assert called(home.path, capsys, "ledger", "export", str(export)).code == 0
    assert not [word for word in PERSONAL if word in export.read_text("utf-8")]
    assert privacy("reapply", str(export)).document == {"erased": 0}
    home.settings_file.write_text("[retention]\nreceipts = -1\n")
    assert privacy("classes").code == USAGE


def test_a_real_home_that_is_locked_shows_nothing_personal_and_a_backup_of_one_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ISSUING_DESK_PASSPHRASE", raising=False)
    home = create_home(
        tmp_path / "real", training=False, organisation_name="Met", desk_name="Desk 4",
        passphrase=lambda: "correct horse", keyring=lambda: None,
    )  # fmt: skip
    number = book_handover(home, replace(handover(), training=False))
    back_up(home, tmp_path / "home.backup")
    with zipfile.ZipFile(tmp_path / "home.backup") as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
    assert [word for word in PERSONAL if word.encode() in inside] == clear_words(home) == []

    def read() -> Receipt:
        with open_home(home.path, keyring=lambda: None).read_ledger() as ledger:
            assert ledger.verify().ok
            return receipt_in_ledger(ledger, number)

    assert "sealed" in read().withheld
    monkeypatch.setenv("ISSUING_DESK_PASSPHRASE", "wrong horse")
    assert "sealed" in read().withheld
    monkeypatch.setenv("ISSUING_DESK_PASSPHRASE", "correct horse")
    assert read().officer.name == "Gwenllian Ŵyn-Pritchard"


def test_the_window_records_a_receipt_that_is_opened_but_not_the_one_that_was_just_booked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = desk(tmp_path / "home")
    number = book_handover(home, handover())
    monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", "127.0.0.1:9")
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", "9")

    async def looks(technician: str) -> list[str]:
        async with engine(home, "test") as running:
            monkeypatch.setattr(running.sign_in, "_account", technician)
            for _ in range(2):
                await asyncio.to_thread(receipt_looked_at, running, number)
            return [str(one.body["of_receipt"]) for one in running.ledger.entries(kind=EntryKind.VIEWED)]

    assert asyncio.run(looks("A. Khan")) == [], "who booked it just now sees what they did"
    assert asyncio.run(looks("B. Ali")) == [number]
