"""Personal details in a desk's own ledger and in one that desks share: sealed, read, held, erased for good."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from booked_receipt import book_handover
from ledger_place import PASSWORD, a_database
from privacy_desk import (
    KEEP,
    LATER,
    brought_back,
    clear_words,
    desk,
    handover,
    join,
    of,
    of_an_administrator,
    on_disk,
    permitted,
    shared_template,
    wrapped_keys,
)
from receipt_samples import check, item

from provisioning.canonical import Json
from provisioning.errors import HomeError, UsageError
from provisioning.home.home import Home, open_home
from provisioning.ledger.entry import Entry, EntryKind, Withheld
from provisioning.ledger.erasure import erasure_body
from provisioning.ledger.opening import owner_of
from provisioning.ledger.postgres import rewrite_record_keys
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.postgres_guards import SCHEMA
from provisioning.printing.destination import parse_destination
from provisioning.printing.job import JobState
from provisioning.printing.office import PrintOffice
from provisioning.printing.queue import PrintQueue
from provisioning.privacy.erasing import erase_due, erasures_in, reapply_erasures, standings
from provisioning.privacy.holds import end_hold, holds_now, set_hold
from provisioning.privacy.reading import NotOpened, Opened, read_personal
from provisioning.privacy.retention import RecordClass
from provisioning.receipts.form import Form
from provisioning.receipts.parts import placed, receipt_in_ledger
from provisioning.receipts.receipt import Signed


@pytest.fixture
def address() -> str:
    """A shared ledger's address without a login, with logins for two desks and one that may erase."""
    return a_database(like=shared_template()).replace(f"desk4:{PASSWORD}@", "@")


@pytest.fixture(params=["alone", "shared"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    if request.param == "alone":
        return desk(tmp_path / "home")
    address: str = request.getfixturevalue("address")
    made = desk(tmp_path / "home", address=address, login="line1")
    monkeypatch.setattr(made, "database", address, raising=False)
    return made


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
            if getattr(home, "database", ""):
                body = erasure_body([(home.identity.desk, found[0].held[0][0].number)], "by hand", "2030-01-01")
                with pytest.raises(HomeError, match="legal hold"):
                    ledger.append(EntryKind.LAWFULLY_ERASED, None, body, technician=None)
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
        by = (home.identity.desk, ledger.append(EntryKind.LAWFULLY_ERASED, None, body, technician=None).number)
        assert wrapped_keys(home) == []
    with closing(sqlite3.connect(home.ledger_file, isolation_level=None)) as database:
        database.execute("INSERT INTO record_keys VALUES (?, ?, ?)", (home.identity.desk, entry.number, wrapped))
        assert wrapped_keys(home) == [], "what was erased does not come back"
        assert home.check_ledger().ok
        database.execute("INSERT INTO erased VALUES (?, 1, ?, ?, 'r', 't')", (home.identity.desk, *by))
    assert "no entry says so" in home.check_ledger().reason


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
    inventory = home.records_folder / f"{check().record_id}.inventory.sealed"
    inventory.write_bytes(b"sealed")
    office = PrintOffice(home, PrintQueue(home.path))
    with home.open_ledger() as ledger:
        to = parse_destination("escpos://127.0.0.1:9")
        job = office.order_receipt(ledger, number, Form.SLIP_80, to, technician="A. Khan")
        (entry,) = ledger.entries(kind=EntryKind.HANDED_OVER)
        named: list[Json] = [number, "../../identity"]
        body = {**erasure_body([(home.identity.desk, entry.number)], "r", "2030-01-01"), "receipts": named}
        ledger.append(EntryKind.LAWFULLY_ERASED, None, body, technician=None)
        assert pdf.exists()
        assert reapply_erasures(home, ledger) == 0
    assert not pdf.exists()
    assert not inventory.exists()
    assert office.queue.job(job.number).state is JobState.CANCELLED
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
