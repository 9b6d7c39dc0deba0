"""A home in one file: taken while the desk works, put back whole or not at all, whatever became of the file."""

from __future__ import annotations

import shutil
import threading
import zipfile
from pathlib import Path

import pytest
from cli_bench import CLEAR, IN_DOUBT, USAGE, Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.errors import FileError, HomeError, IssuingDeskError, LedgerError, UsageError
from provisioning.home.backup import back_up, check_backup, restore
from provisioning.home.creation import create_home
from provisioning.home.home import Home, open_home
from provisioning.ledger.entry import EntryKind
from provisioning.signatures import DeskSigner


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "home"
    home = create_home(path, training=True, organisation_name="Met", desk_name="Desk 4")
    with home.open_ledger() as ledger:
        for number in range(5):
            ledger.append_receipt("handed_over", f"S{number}", lambda _: {"officer": "P1"}, technician="A. Khan")
    (path / "records" / ("ab" * 32 + ".dsse.json")).write_text("{}")
    home.change_key("in turn", None)
    return path


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Home:
    shutil.copytree(made, tmp_path / "home")
    return open_home(tmp_path / "home")


@pytest.fixture(scope="module")
def whole(made: Path) -> bytes:
    """A backup of that home."""
    file = made.parent / "whole.backup"
    back_up(open_home(made), file)
    return file.read_bytes()


def test_what_is_put_back_is_the_same_desk(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "desk.backup"
    backup = back_up(home, file)
    assert file.stat().st_mode & 0o077 == 0
    assert backup.entries == 7
    assert check_backup(file, home.keys()) == backup
    restore(file, tmp_path / "again", home.public_key())
    again = open_home(tmp_path / "again")
    assert again.identity == home.identity
    assert again.signer().public == home.signer().public
    assert not again.exposed()
    with home.open_ledger() as old, again.open_ledger() as new:
        assert new.verify(every_signature=True).ok
        assert list(new.walk()) == list(old.walk())
        assert new.head() == old.head()
        assert new.append_receipt("handed_over", "S9", lambda _: {}, technician=None).receipt == "TD4-000006"
    for path in home.path.rglob("*"):
        within = path.relative_to(home.path)
        if path.is_file() and not within.name.startswith(("ledger.", "engine.", ".change")):
            assert (again.path / within).read_bytes() == path.read_bytes(), within


def test_it_is_taken_while_the_desk_works(home: Home, tmp_path: Path) -> None:
    ending = threading.Event()

    def work() -> None:
        with home.open_ledger() as ledger:
            while not ending.is_set():
                ledger.append(EntryKind.NOTED, None, {}, technician=None)

    worker = threading.Thread(target=work)
    with home.lock("the window"):
        worker.start()
        try:
            backups = [back_up(home, tmp_path / f"{number}.backup") for number in range(3)]
        finally:
            ending.set()
            worker.join()
    assert backups[0].entries <= backups[1].entries <= backups[2].entries
    restore(tmp_path / "2.backup", tmp_path / "again")
    with home.read_ledger() as ledger:
        assert ledger.verify(backups[2].head).ok


def test_nothing_is_overwritten(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "desk.backup"
    back_up(home, file)
    before = file.read_bytes()
    with pytest.raises(FileError, match="is there already"):
        back_up(home, file)
    assert file.read_bytes() == before
    with pytest.raises(HomeError, match="There is a home at"):
        restore(file, home.path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="thesis"):
        restore(file, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_a_ledger_that_does_not_hold_is_not_backed_up_as_if_it_did(home: Home, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(home.ledger_file) as database:
        database.execute("DROP TRIGGER entries_are_not_changed")
        database.execute("UPDATE entries SET officer = 'P9' WHERE number = 3")
    with pytest.raises(LedgerError, match="Entry 3"):
        back_up(home, tmp_path / "desk.backup")
    assert [path.name for path in tmp_path.iterdir()] == ["home"], "nothing is left lying about"


def test_another_desk_s_backup_is_refused(home: Home, tmp_path: Path, whole: bytes) -> None:
    file = tmp_path / "desk.backup"
    file.write_bytes(whole)
    with pytest.raises(FileError, match="another desk"):
        restore(file, tmp_path / "again", DeskSigner.generate().public)
    assert not (tmp_path / "again" / "identity.json").exists()


def rewritten(whole: Path, target: Path, leave_out: str = "", change: str = "", add: str = "") -> None:
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(target, "w") as sink:
        for name in source.namelist():
            data = source.read(name)
            if name != leave_out:
                sink.writestr(name, bytes([data[0] ^ 1]) + data[1:] if name == change and data else data)
        if add:
            sink.writestr(add, b"evil")


def test_whatever_is_missing_changed_or_added_is_named(tmp_path: Path, whole: bytes) -> None:
    file, bad = tmp_path / "whole.backup", tmp_path / "bad.backup"
    file.write_bytes(whole)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    for number, name in enumerate(names):
        for kind in ("leave_out", "change"):
            rewritten(file, bad, **{kind: name})
            with pytest.raises(FileError) as refused:
                restore(bad, tmp_path / f"again-{number}-{kind}")
            assert name in str(refused.value) or name in {"manifest.json", "keys/desk.pub", "desk.toml"}, refused.value
            assert not (tmp_path / f"again-{number}-{kind}" / "identity.json").exists()
    for add in ("../evil", "/evil", "more.txt"):
        rewritten(file, bad, add=add)
        with pytest.raises(FileError, match="more in it"):
            restore(bad, tmp_path / "again")
    assert not (tmp_path / "evil").exists()


@given(where=st.integers(0, 1 << 20), cut=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_file_that_was_cut_or_changed_anywhere_is_refused_or_the_same(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, where: int, cut: bool
) -> None:
    folder, place = tmp_path_factory.mktemp("hurt"), where % len(whole)
    hurt = whole[:place] if cut else whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :]
    (folder / "hurt.backup").write_bytes(hurt)
    (folder / "whole.backup").write_bytes(whole)
    try:
        found = check_backup(folder / "hurt.backup")
    except IssuingDeskError:
        return
    assert found == check_backup(folder / "whole.backup"), "a byte that says nothing, a date in the archive for one"


def test_by_commands(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk, file = Desk(home.path, within=capsys), tmp_path / "desk.backup"
    made = desk.call("home", "backup", str(file))
    assert made.code == CLEAR, made.said
    with home.read_ledger() as ledger:
        head = ledger.head()
        assert head is not None
        assert made.document["head"] == head.hash
    assert desk.call("home", "check-backup", str(file), "--key", str(home.public_key_file)).code == CLEAR
    assert desk.call("home", "restore", str(file)).code == USAGE
    again = Desk(tmp_path / "again", within=capsys)
    assert again.call("home", "restore", str(file)).document["entries"] == made.document["entries"]
    assert again.call("ledger", "verify").code == CLEAR
    file.write_bytes(file.read_bytes()[:-100])
    refused = Desk(tmp_path / "third", within=capsys).call("home", "restore", str(file))
    assert refused.code in {USAGE, IN_DOUBT}
    assert "no whole backup" in refused.document["error"]
