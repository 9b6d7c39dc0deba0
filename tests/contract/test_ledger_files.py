"""The embedded ledger survives crashes and bad disks, and bytes changed in its file are found."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from ledger_place import DESK, OWNER, SIGNER, STRANGER, RefusedError, SqlitePlace, fill

from provisioning.errors import HomeError, LedgerError
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.opening import check_ledger_file, open_ledger_file
from provisioning.ledger.sqlite import open_sqlite

ENTRIES = 60


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> SqlitePlace:
    """A closed ledger in one file, nothing left in the write-ahead log."""
    place = SqlitePlace(tmp_path_factory.mktemp("ledger"))
    with place.create() as ledger:
        fill(ledger, ENTRIES)
    assert not place.file.with_name("ledger.sqlite-wal").exists()
    return place


@pytest.fixture
def place(filled: SqlitePlace, tmp_path: Path) -> SqlitePlace:
    return filled.copy(tmp_path / "ledger")


def everything(place: SqlitePlace) -> list[object]:
    return [*place.look("SELECT * FROM entries ORDER BY number"), *place.look("SELECT * FROM heads")]


def flip(place: SqlitePlace, position: int, mask: int) -> None:
    with place.file.open("r+b") as file:
        file.seek(position)
        (byte,) = file.read(1)
        file.seek(position)
        file.write(bytes([byte ^ mask]))


def test_a_flipped_byte_in_any_entry_is_found_in_its_entry(place: SqlitePlace) -> None:
    data = place.file.read_bytes()
    chance = random.Random(7)
    for number, content, signature in place.look("SELECT number, canonical, signature FROM entries"):
        for piece in (content, signature):
            assert isinstance(piece, bytes)
            start = data.index(piece)
            position, mask = start + chance.randrange(len(piece)), 1 << chance.randrange(8)
            flip(place, position, mask)
            check = check_ledger_file(place.file, SIGNER.public)
            assert (check.ok, check.first_bad) == (False, number), check
            flip(place, position, mask)
    assert check_ledger_file(place.file, SIGNER.public).ok


def test_every_byte_of_one_entry_counts(place: SqlitePlace) -> None:
    ((content,),) = place.look("SELECT canonical FROM entries WHERE number = 30")
    assert isinstance(content, bytes)
    start = place.file.read_bytes().index(content)
    for position in range(start, start + len(content)):
        flip(place, position, 0x04)
        check = check_ledger_file(place.file, SIGNER.public)
        assert (check.ok, check.first_bad) == (False, 30), (position - start, check)
        flip(place, position, 0x04)


def test_a_flipped_byte_anywhere_is_found_or_changes_nothing(place: SqlitePlace) -> None:
    whole = place.file.read_bytes()
    before = everything(place)
    chance = random.Random(11)
    harmless = 0
    for _ in range(600):
        position, mask = chance.randrange(len(whole)), 1 << chance.randrange(8)
        flip(place, position, mask)
        if check_ledger_file(place.file, SIGNER.public).ok:
            harmless += 1
            assert everything(place) == before, position
        place.file.write_bytes(whole)
    assert harmless < 600 * 0.9, "most of a page is content or free space"


@pytest.mark.parametrize("length", [0, 1, 15, 16, 99, 100, 512, 4095, 4096, 8192, 40_000])
def test_a_file_cut_short_is_found(place: SqlitePlace, length: int) -> None:
    os.truncate(place.file, length)
    check = check_ledger_file(place.file, SIGNER.public)
    assert not check.ok
    assert check.reason.endswith(".")
    with pytest.raises((LedgerError, HomeError)), place.open() as ledger:
        assert ledger.append("noted", None, {}, technician=None) in ledger.entries()


@pytest.mark.parametrize("content", [b"not a database at all" * 500, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_a_result_and_no_traceback(place: SqlitePlace, content: bytes) -> None:
    place.file.write_bytes(content)
    check = check_ledger_file(place.file, SIGNER.public)
    assert not check.ok
    assert "ledger.sqlite" in check.reason


def test_another_program_s_database_is_not_taken_for_a_ledger(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    database = sqlite3.connect(other)
    database.execute("CREATE TABLE t (x)")
    database.commit()
    database.close()
    with pytest.raises(LedgerError, match="no ledger of a desk"):
        open_sqlite(other, writing=False)
    with pytest.raises(LedgerError, match="missing"):
        open_sqlite(tmp_path / "nothing", writing=True)


def test_a_ledger_of_a_newer_program_is_left_alone(place: SqlitePlace) -> None:
    place.forge("PRAGMA user_version = 99")
    with pytest.raises(LedgerError, match="newer version"):
        place.open()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET kind = 'x' WHERE number = 3",
        "DELETE FROM entries WHERE number = 3",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE number = 3",
        "INSERT INTO entries (desk, number, canonical, hash, signature, time, kind) "
        "SELECT desk, 99, canonical, hash, signature, time, kind FROM entries WHERE number = 3",
        "UPDATE heads SET number = 2",
        "DELETE FROM heads",
        "INSERT OR REPLACE INTO heads SELECT * FROM heads",
    ],
)
def test_the_database_itself_refuses_changes(place: SqlitePlace, statement: str) -> None:
    with pytest.raises(RefusedError, match=r"never|only"):
        place.forge(statement)
    assert check_ledger_file(place.file, SIGNER.public).ok


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER entries_are_not_changed",
        "CREATE TRIGGER later AFTER INSERT ON entries BEGIN SELECT 1; END",
    ],
)
def test_guards_taken_away_or_added_are_found(place: SqlitePlace, statement: str) -> None:
    place.forge(statement)
    check = check_ledger_file(place.file, SIGNER.public)
    assert (check.ok, check.entries, check.first_bad) == (False, ENTRIES, None)


def test_a_search_index_that_hides_an_entry_is_found(place: SqlitePlace) -> None:
    ((root,),) = place.look("SELECT rootpage FROM sqlite_master WHERE name LIKE 'ix_entries_subject%'")
    data = bytearray(place.file.read_bytes())
    page = data[(int(str(root)) - 1) * 4096 : int(str(root)) * 4096]
    position = page.index(b"F2LXK0V003")
    flip(place, (int(str(root)) - 1) * 4096 + position + 9, 0x01)
    check = check_ledger_file(place.file, SIGNER.public)
    assert (check.ok, check.first_bad) == (False, None)
    assert "damaged" in check.reason


def test_a_crash_between_commit_and_head_file_is_no_tampering(place: SqlitePlace) -> None:
    behind = place.head.read_bytes()
    with place.open() as ledger:
        ledger.append("noted", None, {}, technician=None)
        ledger.append("noted", None, {}, technician=None)
    place.head.write_bytes(behind)
    with place.open() as ledger:
        assert ledger.verify().ok
        ledger.append("noted", None, {}, technician=None)
        assert ledger.verify().entries == ENTRIES + 3
    assert place.head.read_bytes() != behind
    head = HeadFile(place.head).read(SIGNER.public)
    assert head is not None
    assert head.number == ENTRIES + 3


def test_a_head_file_ahead_of_the_ledger_means_that_the_tail_was_cut(place: SqlitePlace) -> None:
    whole = place.file.read_bytes()
    with place.open() as ledger:
        ledger.append("noted", None, {}, technician=None)
    place.file.write_bytes(whole)
    with place.open() as ledger:
        check = ledger.verify()
        assert (check.ok, check.first_bad) == (False, ENTRIES + 1), check
        with pytest.raises(LedgerError, match="cut off"):
            ledger.append("noted", None, {}, technician=None)
    assert everything(place) == everything(place)


def test_a_forked_ledger_is_found_by_its_head_file(place: SqlitePlace) -> None:
    """Yesterday's database goes on with other entries than the ones that were written, head file left as it was."""
    whole = place.file.read_bytes()
    with place.open() as ledger:
        ledger.append("noted", None, {"true": True}, technician=None)
    place.file.write_bytes(whole)
    with place.open(head_file=False) as ledger:
        ledger.append("noted", None, {"true": False}, technician=None)
        ledger.append("noted", None, {"true": False}, technician=None)
    with place.open(writing=False) as ledger:
        check = ledger.verify()
        assert not check.ok
        assert "head beside the ledger" in check.reason


@pytest.mark.parametrize("content", [b"", b"{}", b"garbage\xff", b'{"head": {}, "signature": "00"}', b"x" * 10_000])
def test_a_head_file_that_is_no_head_is_found(place: SqlitePlace, content: bytes) -> None:
    place.head.write_bytes(content)
    with place.open() as ledger:
        check = ledger.verify()
        assert not check.ok
        assert "ledger.head" in check.reason
        with pytest.raises(LedgerError, match=r"ledger\.head"):
            ledger.append("noted", None, {}, technician=None)


def test_a_removed_or_foreign_head_file_is_found(place: SqlitePlace) -> None:
    with place.open() as ledger:
        head = ledger.head()
        assert head is not None
        place.head.write_bytes(head.signed(STRANGER).text())
        assert not ledger.verify().ok
        place.head.unlink()
        assert not ledger.verify().ok
        # The next entry puts it back.
        ledger.append("noted", None, {}, technician=None)
        assert ledger.verify().ok


def test_a_ledger_away_from_its_home_says_whose_it_is(filled: SqlitePlace, tmp_path: Path) -> None:
    shutil.copy(filled.file, tmp_path / "backup.sqlite")
    with open_ledger_file(tmp_path / "backup.sqlite", SIGNER.public) as ledger:
        assert ledger.owner.desk == DESK
        assert ledger.verify(every_signature=True).entries == ENTRIES
    assert not check_ledger_file(tmp_path / "backup.sqlite", STRANGER.public).ok
    assert not check_ledger_file(tmp_path / "nothing.sqlite", SIGNER.public).ok


def test_only_the_owner_can_read_the_files(place: SqlitePlace, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    with SqlitePlace(folder).create() as ledger:
        fill(ledger, 2)
        assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o600"}
    with pytest.raises(HomeError, match="cannot be made"):
        SqlitePlace(folder).create()


SMALL_DISK = """
import subprocess, sys
from pathlib import Path
from ledger_place import SqlitePlace
from provisioning.errors import HomeError
folder = Path(sys.argv[1])
place = SqlitePlace(folder)
added = 0
with place.create() as ledger:
    try:
        while True:
            ledger.append("noted", None, {"x": "y" * 3000}, technician=None)
            added += 1
    except HomeError as full:
        print(full)
    check = ledger.verify()
    assert check.ok and check.entries == added > 3, check
with place.open() as ledger:
    assert ledger.verify().ok
    subprocess.run(["mount", "-o", "remount,size=4m", str(folder)], check=True)
    ledger.append("noted", None, {}, technician=None)
    assert ledger.verify().entries == added + 1
subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
with place.open(writing=False) as ledger:
    assert ledger.verify().ok
    assert len(ledger.entries()) == added + 1
with place.open() as ledger:
    try:
        ledger.append("noted", None, {}, technician=None)
    except HomeError as readonly:
        print(readonly)
print("done")
"""


def test_a_full_and_a_read_only_disk_say_so_and_lose_nothing(tmp_path: Path) -> None:
    disk, here = tmp_path / "disk", Path(__file__).parent
    disk.mkdir()
    run = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
         f'mount -t tmpfs -o size=600k tmpfs "{disk}" || exit 77; exec "$0" -c "$1" "{disk}"',
         sys.executable, SMALL_DISK],
        capture_output=True, text=True, timeout=60, check=False, cwd=here,
        env={**os.environ, "PYTHONPATH": f"{here}:{here.parents[1]}"},
    )  # fmt: skip
    if run.returncode == 77 or "unshare" in run.stderr:
        pytest.skip("this system lets nobody make a small disk")
    assert run.stdout.splitlines()[-1:] == ["done"], run.stderr
    full, readonly, _ = run.stdout.splitlines()
    assert "disk is full" in full
    assert "read-only" in readonly


def test_importing_the_ledger_loads_no_database() -> None:
    code = (
        "import sys, provisioning.ledger.ledger, provisioning.ledger.opening, provisioning.ledger.export, "
        "provisioning.home.home, provisioning.home.creation; "
        "print([name for name in ('sqlalchemy', 'sqlite3', 'keyring', 'pydantic') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_believed_head_is_not_believed_after_it_was_replaced(place: SqlitePlace) -> None:
    """The process keeps the head it checked last; a forger who replaces it while the process runs is found."""
    with place.open() as ledger:
        ledger.append("noted", None, {}, technician=None)
        head = ledger.head()
        assert head is not None
        place.drop_guards()
        forged = head.signed(STRANGER)
        place.forge("UPDATE heads SET signature = ?", forged.signature)
        with pytest.raises(LedgerError, match="not signed"):
            ledger.append("noted", None, {}, technician=None)
    assert isinstance(ledger, Ledger)
    assert OWNER.desk == DESK
