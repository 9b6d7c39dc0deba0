"""A ledger file that an earlier version of this program made is brought forward, whole, once, with a copy beside it.

``earlier/`` holds files that those versions wrote, of the desk of ``ledger_place``: ``first`` is the layout of the very
first version, ``second`` that of the one before keys of personal fields came.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from ledger_place import OWNER, SIGNER, SqlitePlace, a_database, a_shared_ledger, fill

from provisioning.errors import HomeError, LedgerError
from provisioning.home.lock import HomeLock
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.postgres import open_postgres
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.schema import VERSION
from provisioning.ledger.shared_making import let_desk_in, make_shared_ledger
from provisioning.ledger.sqlite import create_sqlite, open_sqlite, wipe_remnants
from provisioning.ledger.sqlite_forward import copy_of
from provisioning.ledger.store import Query

EARLIER = Path(__file__).with_name("earlier")
LAYOUTS = sorted(file.stem for file in EARLIER.glob("*.sqlite"))
ENTRIES = 7


@pytest.fixture(params=LAYOUTS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> SqlitePlace:
    for ending in ("sqlite", "head"):
        shutil.copy(EARLIER / f"{request.param}.{ending}", tmp_path / f"ledger.{ending}")
    return SqlitePlace(tmp_path)


def schema(file: Path) -> dict[str, str]:
    """Give what the file is made of, by name, in plain words."""
    with closing(sqlite3.connect(file)) as database:
        made = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {str(name): " ".join(str(sql).replace("(", " ( ").replace(")", " ) ").split()) for name, sql in made}


def test_there_are_files_of_earlier_versions() -> None:
    assert LAYOUTS == ["first", "second"]


def test_it_is_read_and_checked_as_it_is(place: SqlitePlace) -> None:
    before = place.file.read_bytes()
    with place.open(writing=False) as ledger:
        assert ledger.verify(every_signature=True).ok
        assert [entry.receipt for entry in ledger.entries(officer="P1")] == [None, "D4-000002"]
    assert place.file.read_bytes() == before
    assert not copy_of(place.file, 1).exists()


def test_it_is_brought_forward_when_something_is_to_be_added(place: SqlitePlace, tmp_path: Path) -> None:
    before = place.file.read_bytes()
    with place.open() as ledger:
        head = ledger.head()
        assert ledger.verify(every_signature=True).ok
        entry = ledger.append_receipt("handed_over", "S9", lambda _: {"officer": "P9"}, technician=None)
        assert (entry.number, entry.receipt) == (ENTRIES + 1, "D4-000003")
        assert head is not None
        assert ledger.verify(head.hash).ok
        assert len(ledger.entries(serial="S1")) == 2
    assert place.look("PRAGMA user_version") == [(VERSION,)]
    copy = copy_of(place.file, 1)
    assert copy.stat().st_mode & 0o077 == 0
    (tmp_path / "then.sqlite").write_bytes(before)
    with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(tmp_path / "then.sqlite")) as then:
        assert list(old.iterdump()) == list(then.iterdump()), "the copy is what was there"
    create_sqlite(tmp_path / "new.sqlite").close()
    here, new = schema(place.file), schema(tmp_path / "new.sqlite")
    assert here.keys() == new.keys()
    for name in here.keys() - {"entries"}:  # which keeps the unique constraints that the very first version gave it
        assert here[name] == new[name]


def test_a_second_opening_changes_nothing(place: SqlitePlace) -> None:
    place.open().close()
    kept = copy_of(place.file, 1).read_bytes()
    for _ in range(2):
        with place.open() as ledger:
            assert ledger.verify().ok
    assert copy_of(place.file, 1).read_bytes() == kept
    wipe_remnants(place.file)
    assert not copy_of(place.file, 1).exists(), "what is erased must be nowhere"


def test_readers_beside_it_are_not_disturbed(place: SqlitePlace) -> None:
    with place.open(writing=False) as reader, reader._store.snapshot() as picture:  # pyright: ignore[reportPrivateUsage]
        before = [row.canonical for row in picture.walk(OWNER.desk)]
        with place.open() as writer:
            writer.append("noted", None, {}, technician=None)
        assert [row.canonical for row in picture.walk(OWNER.desk)] == before
        assert len(reader.entries()) == ENTRIES + 1
        assert reader.verify().ok


def test_nobody_brings_it_forward_under_another_who_holds_the_home(place: SqlitePlace) -> None:
    script = (
        "import sys; from pathlib import Path; from provisioning.home.lock import HomeLock\n"
        "with HomeLock(Path(sys.argv[1]), 'the window'):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(place.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(HomeError, match="in use by “the window”"):
            open_sqlite(place.file, writing=True)
        with place.open(writing=False) as reader:
            assert reader.verify().ok
        holder.stdin.close()
    with HomeLock(place.folder, "this one"), place.open() as ledger:
        assert ledger.verify().ok


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    place.create().close()
    place.forge(f"PRAGMA user_version={VERSION + 1}")
    for writing in (False, True):
        with pytest.raises(LedgerError, match="newer version of this program"):
            place.open(writing=writing)


@pytest.mark.parametrize("before", ["0001", "0002"])
def test_a_shared_ledger_is_brought_forward_too(tmp_path: Path, before: str) -> None:
    a_shared_ledger()  # which makes the desk's login, once for all databases
    administrator = postgres_url(a_database(like="template1")).set(username="postgres")
    made = make_shared_ledger(administrator, until=before)
    assert made == before
    let_desk_in(administrator, OWNER, "Desk 4", "desk4", supervisor=True)
    with SqlitePlace(tmp_path).create() as own:
        fill(own, 12)
        rows = own._store.find(OWNER.desk, Query())  # pyright: ignore[reportPrivateUsage]
        with own._store.snapshot() as picture:  # pyright: ignore[reportPrivateUsage]
            head = picture.head(OWNER.desk)
    assert head is not None
    with psycopg.connect(
        administrator.set(drivername="postgresql", username="desk4").render_as_string(hide_password=False),
        options="-c search_path=issuing_desk",
    ) as then:
        for row in rows:
            columns = {"canonical": row.canonical, "hash": row.hash, "signature": row.signature}
            columns |= row.columns._asdict()
            names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
            then.execute(f"INSERT INTO entries ({names}) VALUES ({marks})".encode(), list(columns.values()))
        moved = (OWNER.desk, head.number, head.canonical, head.signature)
        then.execute(b"SELECT advance_head(%s, %s, %s, %s)", moved)
    newest = make_shared_ledger(administrator)
    assert newest > before
    desk = administrator.set(username="desk4")
    with Ledger(open_postgres(desk, writing=True), OWNER, signer=lambda: SIGNER, shared=True) as ledger:
        assert ledger.verify(every_signature=True).ok
        assert ledger.append("noted", None, {}, technician=None).number == 13
        assert ledger.verify().ok, "guards included"


def test_guards_that_go_with_the_version_are_missed(place: SqlitePlace) -> None:
    """Whoever takes the newer guards away and calls the file an older one is found out."""
    with place.open() as ledger:
        ledger.append("noted", None, {}, technician=None)
    for name in ("record_keys_go_lawfully", "erasures_are_not_undone"):
        place.forge(f"DROP TRIGGER {name}")
    place.forge("PRAGMA user_version=1")
    with place.open(writing=False) as ledger:
        assert "guard" in ledger.verify().reason
    assert SIGNER.public == OWNER.key.newest
