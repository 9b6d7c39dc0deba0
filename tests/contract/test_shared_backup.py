"""The shared ledger in one file: checked by public keys alone, put into an empty database whole or not at all."""

from __future__ import annotations

import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from cli_bench import CLEAR, IN_DOUBT, UNKNOWN, USAGE, Desk
from ledger_place import OWNER, PASSWORD, SIGNER, STRANGER, a_database, a_shared_ledger, fill
from sqlalchemy.engine import URL

from provisioning.errors import FileError, UsageError
from provisioning.ledger.check_shared import check_shared
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.postgres import open_postgres, registered_keys
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.shared_backup import back_up_shared, check_backup, restore_shared
from provisioning.ledger.shared_making import make_shared_ledger


def a_filled_ledger() -> URL:
    address = postgres_url(a_shared_ledger())
    with Ledger(open_postgres(address, writing=True), OWNER, signer=lambda: SIGNER, shared=True) as ledger:
        fill(ledger, 25)
    return address


def an_empty_ledger() -> URL:
    """Give an empty database's address, as its owner has it."""
    address = postgres_url(a_database(like="template1")).set(username="postgres")
    make_shared_ledger(address)
    return address


def test_what_is_put_back_is_the_same_ledger(tmp_path: Path) -> None:
    address, file = a_filled_ledger(), tmp_path / "shared.backup"
    made = back_up_shared(address, file)
    assert (made.check.ok, made.check.entries) == (True, 25)
    assert file.stat().st_mode & 0o077 == 0
    assert not check_backup(file, [STRANGER.public]).check.ok, "by another's key nothing of it is believed"
    assert check_backup(file, [OWNER.key], {OWNER.desk: made.check.desks[OWNER.desk].head}).check.ok
    new = an_empty_ledger()
    restore_shared(file, new, [OWNER.key])
    store = open_postgres(new, writing=False)
    assert check_shared(store, registered_keys(new)).ok, "guards included"
    store.close()
    desk = new.set(username="desk4")
    with Ledger(open_postgres(desk, writing=True), OWNER, signer=lambda: SIGNER, shared=True) as ledger:
        with Ledger(open_postgres(address, writing=False), OWNER, shared=True) as before:
            assert ledger.entries() == before.entries(), "in the order in which they came in"
        assert ledger.append("noted", None, {}, technician=None).number == 26
        assert ledger.entries(newest_first=True, limit=1)[0].number == 26
        assert ledger.verify().ok
    with pytest.raises(UsageError, match="not empty"):
        restore_shared(file, new)
    with pytest.raises(FileError, match="is there already"):
        back_up_shared(address, file)


def test_a_byte_changed_anywhere_is_refused_in_a_sentence_or_changes_nothing(tmp_path: Path) -> None:
    file, changed = tmp_path / "shared.backup", tmp_path / "changed.backup"
    whole = back_up_shared(a_filled_ledger(), file)
    data = file.read_bytes()
    for place in range(0, len(data), max(1, len(data) // 300)):
        changed.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        try:
            assert check_backup(changed) == whole
        except FileError:
            pass


def test_whatever_is_missing_or_changed_is_found(tmp_path: Path) -> None:
    file, bad = tmp_path / "shared.backup", tmp_path / "bad.backup"
    back_up_shared(a_filled_ledger(), file)
    empty = an_empty_ledger()
    with zipfile.ZipFile(file) as archive:
        pieces = {name: archive.read(name) for name in archive.namelist()}
    for name, data in pieces.items():
        for forged in (None, data[:-5], data.replace(b"e", b"f", 1)):
            if forged == data:
                continue
            with zipfile.ZipFile(bad, "w") as archive:
                for other, kept in pieces.items():
                    if other != name or forged is not None:
                        archive.writestr(other, forged if other == name and forged is not None else kept)
            with pytest.raises(FileError):
                restore_shared(bad, empty)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(FileError, match="no whole backup"):
        check_backup(file)
    with closing(open_postgres(empty, writing=False)) as store:
        assert not check_shared(store, [OWNER.key]).entries, "nothing was put there"


def test_by_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk, file = Desk(tmp_path / "nowhere", within=capsys), tmp_path / "shared.backup"
    address = a_filled_ledger().render_as_string(hide_password=False)
    key = tmp_path / "desk.pub"
    key.write_text(OWNER.key.newest.pem())
    made = desk.call("ledger", "backup", address, str(file))
    assert (made.code, made.document["entries"]) == (CLEAR, 25)
    assert desk.call("ledger", "check-backup", str(file), "--key", str(key)).document == made.document
    key.write_text(STRANGER.public.pem())
    assert desk.call("ledger", "check-backup", str(file), "--key", str(key)).code == IN_DOUBT
    new = an_empty_ledger().render_as_string(hide_password=False)
    assert desk.call("ledger", "restore", str(file), new).code == CLEAR
    assert desk.call("ledger", "restore", str(file), new).code == USAGE
    assert made.document["desks"][OWNER.desk]["ok"]


def test_a_desk_that_was_put_back_goes_on_behind_what_it_had_handed_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By commands: a backup, entries after it, the computer lost; the backup put back, and the entries come back."""
    desk4 = postgres_url(a_shared_ledger()).username  # makes that login
    address = an_empty_ledger()
    administrator = address.render_as_string(hide_password=False)
    desk, file = Desk(tmp_path / "home", within=capsys), tmp_path / "desk.backup"
    assert desk.call("init", "--training").code == CLEAR
    assert desk.call("ledger", "admit", administrator, "--login", str(desk4)).code == CLEAR
    settings = desk.home / "desk.toml"
    shared = f"postgresql+psycopg://{desk4}@{address.host}:{address.port}/{address.database}"
    settings.write_text(settings.read_text().replace("[desk]\n", f'[desk]\nledger = "{shared}"\n'))
    desk.environment["ISSUING_DESK_LEDGER_PASSWORD"] = PASSWORD
    assert desk.call("ledger", "hand-in").code == CLEAR
    assert desk.call("home", "backup", str(file)).code == CLEAR
    roster = tmp_path / "officers.csv"
    roster.write_text("number,name\nP1,A. Khan\n")
    assert desk.call("officers", "import", str(roster), "--column", "number=number").code == CLEAR
    head = desk.call("ledger", "verify").document
    again = Desk(tmp_path / "again", desk.environment, within=capsys)
    assert again.call("home", "restore", str(file)).code == CLEAR
    behind = again.call("ledger", "state")
    assert (behind.code, behind.document["waiting"] < 0) == (UNKNOWN, True)
    brought = again.call("ledger", "hand-in")
    assert brought.code == CLEAR
    assert "came back" in brought.said
    assert again.call("ledger", "verify").document == head
    assert again.call("ledger", "state").document["waiting"] == 0
