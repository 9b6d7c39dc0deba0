"""Personal details in a desk's own ledger and in one that desks share: sealed, read, held, erased for good."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import psycopg
import pytest
from booked_receipt import book_handover
from cli_bench import USAGE, Result, called
from ledger_place import PASSWORD, a_database
from postgres_server import server
from receipt_samples import item, receipt

from provisioning.errors import HomeError, UsageError
from provisioning.home.backup import back_up
from provisioning.home.creation import create_home
from provisioning.home.home import Home, open_home
from provisioning.ledger.entry import Entry, EntryKind, Withheld
from provisioning.ledger.erasure import erasure_body
from provisioning.ledger.opening import joint_store, owner_of
from provisioning.ledger.postgres import rewrite_record_keys
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.postgres_guards import SCHEMA
from provisioning.ledger.shared_making import let_desk_in, make_shared_ledger
from provisioning.paper import receipt_code, receipt_pdf
from provisioning.people.permits import Permit
from provisioning.privacy.erasing import erase_due, erasures_in, reapply_erasures, standings
from provisioning.privacy.holds import end_hold, holds_now, set_hold
from provisioning.privacy.reading import NotOpened, Opened, read_personal
from provisioning.privacy.retention import RecordClass, Retention
from provisioning.receipts.attachment import attachment_of
from provisioning.receipts.extract import extract_of
from provisioning.receipts.parts import placed, receipt_in_ledger
from provisioning.receipts.reading import verify_json, verify_pdf
from provisioning.receipts.receipt import Declined, Officer, Proxy, Receipt, ReturnReason, Signed
from provisioning.return_reasons import ReturnedHandset
from provisioning.returns import ReturnOrder, take_back

PERSONAL = (
    "Gwenllian", "Pritchard", "Constable", "Ffion", "letter of the 3rd", "grandmother", "C. Requester", "D. Approver",
    "covert work", "sick since May",
)  # fmt: skip
"""Words of people that nothing on a disk may hold in clear."""
LATER = datetime.now(UTC) + timedelta(days=366 * 8)
KEEP = Retention()
ADMINISTRATOR = "keeper"


def handover(number: int = 0) -> Receipt:
    given = receipt(place=None, training=True, items=(replace(item(number), condition="chipped by his grandmother"),))
    return replace(given, proxy=Proxy(Officer("P77", "Ffion Roe", "Sergeant"), "letter of the 3rd"))


def brought_back(home: Home, number: int = 0) -> Entry:
    serial = item(number).serial_number
    order = ReturnOrder(
        Officer("1234567", "Gwenllian Pritchard"), ReturnReason.RETURNED, Declined("sick since May"),
        (ReturnedHandset(serial),),
    )  # fmt: skip
    with home.open_ledger() as ledger:
        return take_back(home, ledger, order, "A. Khan").entry


def permitted(home: Home) -> None:
    ends = datetime.now(UTC).date()
    permit = Permit("P-1", "1234567", "WhatsApp", "C. Requester", "D. Approver", "covert work", ends, ends)
    with home.open_ledger() as ledger:
        ledger.append(EntryKind.PERMIT_ADDED, None, permit.to_body(), technician="A. Khan")


@cache
def _template() -> str:
    """An empty shared ledger; databases of single tests are copies of it."""
    for login in ("line1", "line2", ADMINISTRATOR):
        server().execute(
            f"DO $$ BEGIN CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}'; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    server().execute("CREATE DATABASE privacy_template")
    make_shared_ledger(postgres_url(server().url("privacy_template")))
    return "privacy_template"


@pytest.fixture
def address() -> str:
    """A shared ledger's address without a login, with logins for two desks and one that may erase."""
    return a_database(like=_template()).replace(f"desk4:{PASSWORD}@", "@")


def of(address: str, login: str) -> str:
    return address.replace("//@", f"//{login}@")


def desk(folder: Path, name: str = "Desk 4", address: str = "", login: str = "") -> Home:
    """A desk alone, or one that shares the ledger at ``address``."""
    home = create_home(folder, training=True, organisation_name="Met", desk_name=name)
    if address:
        join(home, address, login)
    return home


def join(home: Home, address: str, login: str) -> None:
    """Let a desk in, and hand in what it wrote alone."""
    whole = address.replace("//@", f"//postgres:{PASSWORD}@")
    owner, name = owner_of(home.identity, home.public_key()), home.identity.desk_name
    let_desk_in(postgres_url(whole), owner, name, login, supervisor=True)
    home.settings_file.write_text(f'[desk]\nledger = "{of(address, login)}"\n')
    with joint_store(home, writing=True) as (store, _):
        store.hand_in(home.identity.desk)


@pytest.fixture(params=["alone", "shared"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    if request.param == "alone":
        return desk(tmp_path / "home")
    address: str = request.getfixturevalue("address")
    made = desk(tmp_path / "home", address=address, login="line1")
    monkeypatch.setattr(made, "database", address, raising=False)
    return made


def of_an_administrator(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on commands at this desk use a login that may erase, as ISSUING_DESK_LEDGER names one."""
    address = getattr(home, "database", "")
    if not address:
        return
    whole = postgres_url(address.replace("//@", f"//postgres:{PASSWORD}@"))
    owner = owner_of(home.identity, home.public_key())
    let_desk_in(whole, owner, home.identity.desk_name, ADMINISTRATOR, administrator=True, every_desk=True)
    monkeypatch.setenv("ISSUING_DESK_LEDGER", of(address, ADMINISTRATOR))


def on_disk(home: Home) -> bytes:
    """Everything that lies anywhere: the files of the home, and the tables of the shared ledger."""
    found = [path.read_bytes() for path in home.path.rglob("*") if path.is_file()]
    address = getattr(home, "database", "")
    if address:
        url = address.replace("+psycopg", "").replace("//@", f"//postgres:{PASSWORD}@")
        with psycopg.connect(url, autocommit=True, options=f"-c search_path={SCHEMA}") as database:
            tables = database.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace", (SCHEMA,)
            ).fetchall()
            for (name,) in tables:
                for row in database.execute(f"SELECT * FROM {name}".encode()):
                    found += [one if isinstance(one, bytes) else str(one).encode() for one in row]
    return b"\n".join(found)


def clear_words(home: Home) -> list[str]:
    lying = on_disk(home)
    return [word for word in PERSONAL if word.encode() in lying]


def wrapped_keys(home: Home) -> list[bytes]:
    with closing(sqlite3.connect(home.ledger_file)) as database:
        return [bytes(key) for (key,) in database.execute("SELECT wrapped FROM record_keys")]


def test_what_is_personal_is_read_by_the_desk_and_lies_nowhere_in_clear(home: Home) -> None:
    number = book_handover(home, handover())
    permitted(home)
    brought_back(home)
    with home.open_ledger() as ledger:
        read = receipt_in_ledger(ledger, number)
        assert ledger.verify(every_signature=True).ok
        (permit,) = ledger.entries(kind=EntryKind.PERMIT_ADDED)
    assert read.officer.name == "Gwenllian Ŵyn-Pritchard"
    assert (read.officer.unit, read.officer.number) == ("Central East BCU", "1234567")
    assert read.proxy is not None
    assert read.proxy.authority == "letter of the 3rd"
    assert read.handsets[0].condition == "chipped by his grandmother"
    assert isinstance(read.signature, Signed)
    assert b"<svg" in read.signature.image.content
    assert permit.body["approver"] == "D. Approver"
    assert isinstance(opened := read_personal(permit), Opened)
    assert opened.value("reason") == "covert work"
    assert clear_words(home) == []
    assert b"<svg" not in on_disk(home)


def test_whoever_has_no_keys_checks_the_chain_and_reads_nothing_of_people(home: Home, tmp_path: Path) -> None:
    number = book_handover(home, handover())
    shutil.copytree(home.path, tmp_path / "copy", ignore=shutil.ignore_patterns("*.sealed", "training.passphrase"))
    stranger = open_home(tmp_path / "copy")
    with stranger.read_ledger() as ledger:
        assert ledger.verify(every_signature=True).ok
        (entry,) = ledger.entries(receipt=number, kind=EntryKind.HANDED_OVER)
    assert entry.withheld is Withheld.SEALED
    found = placed(entry)
    assert (found.officer.number, found.officer.name, found.proxy) == ("1234567", None, None)
    assert found.handsets[0].serial_number == item().serial_number
    assert "sealed" in found.withheld
    with home.read_ledger() as ledger:
        assert receipt_in_ledger(ledger, number).digest() == found.digest(), "a code on paper can still be checked"


def test_what_is_due_is_erased_for_good_and_the_chain_stays_whole(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    number = book_handover(home, handover())
    permitted(home)
    still_out = book_handover(home, handover(1))
    back = brought_back(home)
    pdf = home.receipts_folder / f"receipt-{number}.pdf"
    pdf.write_bytes(b"%PDF")
    shutil.copytree(home.path, tmp_path / "backup")
    of_an_administrator(home, monkeypatch)
    before = wrapped_keys(home)
    with home.open_ledger() as ledger:
        assert not [record for one in standings(ledger, KEEP, datetime.now(UTC)) for record in one.due]
        due = {one.of: [r.number for r in one.due] for one in standings(ledger, KEEP, LATER) if one.due}
        assert due.keys() == {RecordClass.RECEIPTS, RecordClass.PERMITS}
        assert back.number in due[RecordClass.RECEIPTS]
        with pytest.raises(UsageError, match="3 records are due now, not 7"):
            erase_due(home, ledger, KEEP, LATER, "A. Khan", expected=7)
        done = erase_due(home, ledger, KEEP, LATER, "A. Khan", expected=3)
        assert not done.unfinished
        assert len(done.entries) == 2
        assert ledger.verify(every_signature=True).ok
        (entry,) = ledger.entries(receipt=number, kind=EntryKind.HANDED_OVER)
        assert receipt_in_ledger(ledger, still_out).officer.name == "Gwenllian Ŵyn-Pritchard"
        assert not [record for one in standings(ledger, KEEP, LATER) for record in one.due]
    rule = "receipts: 7 years after the last item came back"
    sentence = f"Entry {entry.number} lawfully erased under rule {rule} on {LATER.date().isoformat()}."
    assert read_personal(entry) == NotOpened(Withheld.ERASED, sentence)
    assert placed(entry).withheld == sentence
    assert placed(entry).officer.name is None
    assert not pdf.exists()
    address = getattr(home, "database", "")
    if address:
        assert not rewrite_record_keys(postgres_url(of(address, "line1"))), "only the owner of the table can"
        assert rewrite_record_keys(postgres_url(of(address, "postgres")))
    gone = set(before) - set(wrapped_keys(home))
    assert len(gone) == 3
    lying = on_disk(home)
    assert not [key for key in gone if key in lying or key[8:] in lying], "no remnant of a key is left"
    assert clear_words(home) == []

    # A backup from before: the same again, by what the chain says.
    with home.read_ledger() as newer:
        told = erasures_in(newer)
    restored = open_home(tmp_path / "backup")
    monkeypatch.delenv("ISSUING_DESK_LEDGER", raising=False)
    if not getattr(home, "database", ""):
        with restored.open_ledger() as ledger:
            assert receipt_in_ledger(ledger, number).officer.name is not None
            assert reapply_erasures(restored, ledger, told) == 3
            assert reapply_erasures(restored, ledger, told) == 0
            assert receipt_in_ledger(ledger, number).withheld == sentence
            assert ledger.verify(every_signature=True).ok
        lying = on_disk(restored)
        assert not [key for key in gone if key in lying]


def test_what_is_held_is_not_erased(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    book_handover(home, handover())
    brought_back(home)
    of_an_administrator(home, monkeypatch)
    with home.open_ledger() as ledger:
        holds: list[Callable[[], Entry]] = [
            lambda: set_hold(ledger, "complaint 12", "", "A. Khan", officer="1234567"),
            lambda: set_hold(ledger, "inquest", "", "A. Khan", serial=item().serial_number),
        ]
        for place in holds:
            name = str(place().body["hold"])
            found = standings(ledger, KEEP, LATER)
            assert [len(one.due) for one in found if one.of is RecordClass.RECEIPTS] == [0]
            assert {hold.name for one in found for _, hold in one.held} == {name}
            end_hold(ledger, name, "closed", "A. Khan")
            with pytest.raises(UsageError, match="no legal hold"):
                end_hold(ledger, name, "closed", "A. Khan")
        assert holds_now(ledger) == []
        with pytest.raises(UsageError, match="Say why"):
            set_hold(ledger, " ", "", "A. Khan", officer="1234567")
        assert [len(one.due) for one in standings(ledger, KEEP, LATER) if one.of is RecordClass.RECEIPTS] == [2]


def test_no_key_goes_without_an_entry_and_none_comes_back(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    book_handover(home, handover())
    (wrapped,) = wrapped_keys(home)
    with closing(sqlite3.connect(home.ledger_file, isolation_level=None)) as database:
        for statement in ("DELETE FROM record_keys", "UPDATE record_keys SET wrapped = x'00'"):
            with pytest.raises(sqlite3.IntegrityError):
                database.execute(statement)
        with pytest.raises(sqlite3.IntegrityError, match="said by an entry"):
            database.execute("INSERT INTO erased VALUES ('d', 2, 'd', 1, 'r', 't')")
    address = getattr(home, "database", "")
    if address:
        for login in ("line1", "postgres"):
            url = address.replace("+psycopg", "").replace("//@", f"//{login}:{PASSWORD}@")
            with psycopg.connect(url, autocommit=True, options=f"-c search_path={SCHEMA}") as database:
                for words in ("DELETE FROM record_keys", "UPDATE record_keys SET wrapped = ''", "TRUNCATE record_keys"):
                    with pytest.raises(psycopg.Error, match=r"permission denied|goes only with|never changed"):
                        database.execute(words.encode())
        with home.open_ledger() as ledger, pytest.raises(HomeError):
            ledger.append(
                EntryKind.LAWFULLY_ERASED, None, erasure_body([(home.identity.desk, 2)], "r", "d"), technician=None
            )
    assert wrapped_keys(home) == [wrapped]
    of_an_administrator(home, monkeypatch)
    with home.open_ledger() as ledger:
        (entry,) = ledger.entries(kind=EntryKind.HANDED_OVER)
        body = erasure_body([(home.identity.desk, entry.number)], "by hand", "2030-01-01")
        ledger.append(EntryKind.LAWFULLY_ERASED, None, body, technician=None)
        assert wrapped_keys(home) == []
    with closing(sqlite3.connect(home.ledger_file, isolation_level=None)) as database:
        database.execute("INSERT INTO record_keys VALUES (?, ?, ?)", (home.identity.desk, entry.number, wrapped))
    assert wrapped_keys(home) == [], "what was erased does not come back"


def test_another_desk_reads_and_prints_and_what_one_erases_is_gone_at_the_other(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    one = desk(tmp_path / "one", "Desk 1")
    number = book_handover(one, handover())
    join(one, address, "line1")
    two = desk(tmp_path / "two", "Desk 2", address, "line2")
    with two.open_ledger() as ledger:
        assert receipt_in_ledger(ledger, number).withheld, "nobody has given it a key yet"
    brought_back(one)
    two = open_home(tmp_path / "two")
    with two.open_ledger() as ledger:
        read = receipt_in_ledger(ledger, number)
    assert read.officer.name == "Gwenllian Ŵyn-Pritchard"
    assert isinstance(read.signature, Signed)
    assert read.signature.image.content
    monkeypatch.setattr(two, "database", address, raising=False)
    assert clear_words(two) == []
    of_an_administrator(two, monkeypatch)
    with two.open_ledger() as ledger:
        due = sum(len(standing.due) for standing in standings(ledger, KEEP, LATER))
        assert due == 2
        assert not erase_due(two, ledger, KEEP, LATER, "B. Ali", expected=2).unfinished
    monkeypatch.delenv("ISSUING_DESK_LEDGER")
    one = open_home(tmp_path / "one")
    before = wrapped_keys(one)
    with one.open_ledger() as ledger:
        assert "lawfully erased" in receipt_in_ledger(ledger, number).withheld
        assert reapply_erasures(one, ledger) == 2
        assert ledger.verify(every_signature=True).ok
    assert len(before) == 2
    assert wrapped_keys(one) == []


def test_an_erasure_that_was_interrupted_is_finished_at_the_next_use(tmp_path: Path) -> None:
    home = desk(tmp_path / "home")
    number = book_handover(home, handover())
    (key,) = wrapped_keys(home)
    pdf = home.receipts_folder / f"receipt-{number}.pdf"
    pdf.write_bytes(b"%PDF")
    with home.open_ledger() as ledger:
        (entry,) = ledger.entries(kind=EntryKind.HANDED_OVER)
        body = {**erasure_body([(home.identity.desk, entry.number)], "r", "2030-01-01"), "receipts": [number]}
        ledger.append(EntryKind.LAWFULLY_ERASED, None, body, technician=None)
        assert pdf.exists()
        assert reapply_erasures(home, ledger) == 0
    assert not pdf.exists()
    assert not (home.path / "erasing").exists()
    assert key not in on_disk(home)


def test_a_key_that_is_lost_or_changed_is_said_to_be_so(tmp_path: Path) -> None:
    home = desk(tmp_path / "home")
    number = book_handover(home, handover())
    with closing(sqlite3.connect(home.ledger_file, isolation_level=None)) as database:
        database.execute("DROP TRIGGER record_keys_are_not_changed")
        database.execute("UPDATE record_keys SET wrapped = CAST(substr(wrapped, 1, 20) || randomblob(48) AS BLOB)")
    with home.read_ledger() as ledger:
        assert "no entry says why" in receipt_in_ledger(ledger, number).withheld
        assert sum(one.lost for one in standings(ledger, KEEP, LATER)) == 1
        assert not ledger.verify().ok, "a guard is gone"


def test_a_ledger_of_the_first_version_goes_on(tmp_path: Path) -> None:
    home = desk(tmp_path / "home")
    with closing(sqlite3.connect(home.ledger_file, isolation_level=None)) as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('record_keys', 'erased')"
        ).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("DROP TABLE record_keys")
        database.execute("DROP TABLE erased")
        database.execute("PRAGMA user_version = 1")
    with home.read_ledger() as ledger:
        assert len(ledger.entries()) == 1, "it is read as it is"
    number = book_handover(home, handover())
    with home.read_ledger() as ledger:
        assert receipt_in_ledger(ledger, number).officer.name
        assert ledger.verify().ok


def test_an_older_entry_in_clear_is_read_as_it_is(tmp_path: Path) -> None:
    from provisioning.ledger.headfile import HeadFile
    from provisioning.ledger.ledger import Ledger
    from provisioning.ledger.sqlite import open_sqlite

    home = desk(tmp_path / "home")
    old = Ledger(
        open_sqlite(home.ledger_file, writing=True), owner_of(home.identity, home.public_key()),
        head_file=HeadFile(home.path / "ledger.head"), signer=home.signer,
    )  # fmt: skip
    with old:
        old.append(
            EntryKind.OFFICER_RECALLED, None, {"officer": "P1", "cause": "left", "reason": "moved"}, technician=None
        )
    with home.read_ledger() as ledger:
        (entry,) = ledger.entries(kind=EntryKind.OFFICER_RECALLED)
    assert entry.body["reason"] == "moved"
    assert entry.withheld is None


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
