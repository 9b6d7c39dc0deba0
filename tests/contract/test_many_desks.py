"""Several desks on one shared ledger: cut off, merged, contradicting each other; never two officers for one handset."""

from __future__ import annotations

import queue
import shutil
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from cable import Cable
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ledger_place import PASSWORD, a_shared_ledger
from postgres_server import server

from provisioning.conflicts import find_conflicts
from provisioning.errors import HomeError, LedgerError, LedgerUnreachable
from provisioning.ledger.check_shared import check_shared
from provisioning.ledger.draft import Body, Draft, LedgerOwner
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.joint import JointStore
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.postgres import Ear, open_postgres
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.shared_making import let_desk_in
from provisioning.ledger.sharing import Sharer, Sharing
from provisioning.ledger.sqlite import create_sqlite, open_sqlite
from provisioning.ledger.store import Query
from provisioning.signatures import DeskSigner


class AlreadyOut(Exception):
    pass


@dataclass
class Desk:
    """A desk with keys, a file and a cable of its own."""

    owner: LedgerOwner
    store: JointStore
    ledger: Ledger
    cable: Cable
    folder: Path

    def hand_over(self, serial: str, officer: str) -> Entry:
        def body(draft: Draft) -> Body:
            out = draft.entries(serial=serial, kind=("handed_over", "returned"), newest_first=True, limit=1)
            if out and out[0].kind == "handed_over":
                raise AlreadyOut(out[0].officer)
            return {"officer": officer}

        return self.ledger.append_receipt("handed_over", serial, body, technician="A. Khan")


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[list[Desk]]:
    address = postgres_url(a_shared_ledger())
    administrator = address.set(username="postgres")
    made: list[Desk] = []
    for number in range(1, 4):
        signer = DeskSigner(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))
        owner = LedgerOwner(f"desk-{number}", signer.public, training=False, receipt_prefix=f"D{number}")
        login = f"many{number}"
        server().execute(
            f"DO $$ BEGIN CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}'; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        let_desk_in(administrator, owner, f"Desk {number}", login)
        folder = tmp_path / f"desk{number}"
        folder.mkdir()
        cable = Cable(server().port)
        now = iter(range(0, 10**9, 1000))  # nobody waits until it may ask again
        own = create_sqlite(folder / "ledger.sqlite")
        shared = open_postgres(address.set(username=login, port=cable.port), writing=True)
        store = JointStore(own, shared, clock=lambda now=now: float(next(now)))
        ledger = Ledger(
            store, owner, head_file=HeadFile(folder / "ledger.head"), signer=lambda s=signer: s, shared=True
        )
        made.append(Desk(owner, store, ledger, cable, folder))
    yield made
    for desk in made:
        desk.ledger.close()
        desk.cable.close()


def whole(desk: Desk) -> bool:
    check = desk.ledger.verify(every_signature=True)
    assert check.ok, check.reason
    return True


def test_each_desk_sees_at_once_what_the_others_did(desks: list[Desk]) -> None:
    one, two, _ = desks
    one.hand_over("S1", "P1")
    assert [entry.officer for entry in two.ledger.entries(serial="S1")] == ["P1"]
    with pytest.raises(AlreadyOut):
        two.hand_over("S1", "P2")
    two.ledger.append("returned", "S1", {"officer": "P1"}, technician="B")
    assert one.hand_over("S1", "P3").receipt == "D1-000002"
    assert [entry.kind for entry in two.ledger.entries(serial="S1")] == ["handed_over", "returned", "handed_over"]
    assert whole(one)
    assert whole(two)


def test_whatever_they_do_at_once_a_handset_is_out_to_one_officer(desks: list[Desk]) -> None:
    def work(desk: Desk) -> list[str]:
        got: list[str] = []
        for index in range(25):
            try:
                desk.hand_over(f"S{index}", desk.owner.desk)
            except AlreadyOut:
                continue
            got.append(f"S{index}")
        return got

    with ThreadPoolExecutor(3) as pool:
        got = [serial for found in pool.map(work, desks) for serial in found]
    assert sorted(got) == sorted(f"S{index}" for index in range(25))


def test_a_desk_that_is_cut_off_goes_on_and_hands_in_what_it_wrote(desks: list[Desk]) -> None:
    one, two, _ = desks
    one.hand_over("S1", "P1")
    one.cable.cut()
    alone = [one.hand_over(f"A{index}", "P1") for index in range(5)]
    assert one.store.alone
    assert one.store.waiting(one.owner.desk) is None
    assert [entry.receipt for entry in alone] == [f"D1-00000{n}" for n in range(2, 7)]
    assert two.ledger.entries(serial="A3") == []
    one.cable.mend()
    assert one.store.hand_in(one.owner.desk) == 5
    assert one.store.waiting(one.owner.desk) == 0
    assert not one.store.alone
    assert two.ledger.entries(serial="A3") == [alone[3]]
    with pytest.raises(AlreadyOut):
        two.hand_over("A3", "P2")
    assert whole(one)


def test_the_next_entry_hands_in_what_waits(desks: list[Desk]) -> None:
    one, two, _ = desks
    one.cable.cut()
    one.ledger.append("noted", None, {"i": 1}, technician=None)
    one.cable.mend()
    one.ledger.append("noted", None, {"i": 2}, technician=None)
    assert [entry.body["i"] for entry in two.ledger.entries(kind="noted")] == [1, 2]


@pytest.mark.parametrize("word", [b"COMMIT", b"INSERT INTO entries", b"advance_head", b"pg_advisory"])
@pytest.mark.parametrize("delivered", [True, False])
def test_a_cable_that_breaks_in_the_middle_loses_and_doubles_nothing(
    desks: list[Desk], word: bytes, delivered: bool
) -> None:
    one, two, _ = desks
    one.hand_over("S1", "P1")
    one.cable.cut_at(word, delivered=delivered)
    entry = one.hand_over("S2", "P2")
    one.cable.mend()
    later = one.hand_over("S3", "P3")
    assert (entry.receipt, later.receipt) == ("D1-000002", "D1-000003")
    assert [found.hash for found in two.ledger.entries(kind="handed_over")][1:] == [entry.hash, later.hash]
    assert one.store.waiting(one.owner.desk) == 0
    assert whole(one)


def test_a_handset_that_went_out_on_two_sides_stands_twice_on_the_record(desks: list[Desk]) -> None:
    one, two, three = desks
    one.cable.cut()
    here = one.hand_over("S1", "P1")
    there = two.hand_over("S1", "P2")
    one.cable.mend()
    one.store.hand_in(one.owner.desk)
    assert [entry.hash for entry in three.ledger.entries(serial="S1")] == [there.hash, here.hash]
    with pytest.raises(AlreadyOut):
        three.hand_over("S1", "P3")


def test_a_desk_put_back_to_an_older_state_is_stopped(desks: list[Desk], tmp_path: Path) -> None:
    one, two, _ = desks
    for index in range(3):
        one.ledger.append("noted", None, {"i": index}, technician=None)
    older = tmp_path / "older"
    older.mkdir()
    signer = DeskSigner(Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32))
    with Ledger(create_sqlite(older / "ledger.sqlite"), one.owner, signer=lambda: signer) as other:
        other.append("noted", None, {"i": "another"}, technician=None)
    store = JointStore(open_sqlite(older / "ledger.sqlite", writing=True), one.store._shared)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(LedgerError, match="older state"):
        store.hand_in(one.owner.desk)
    with Ledger(store, one.owner, signer=lambda: signer) as other, pytest.raises(LedgerError):
        other.append("noted", None, {}, technician=None)
    assert len(two.ledger.entries(kind="noted")) == 3


def _put_back(desk: Desk, files: Path, *, head_too: bool = True) -> Ledger:
    """Open the desk as it was when ``files`` were copied."""
    signer = DeskSigner(Ed25519PrivateKey.from_private_bytes(bytes([int(desk.owner.desk[-1])]) * 32))
    if not head_too:
        shutil.copy(desk.folder / "ledger.head", files / "ledger.head")
    shared = desk.store._shared  # pyright: ignore[reportPrivateUsage]
    store = JointStore(open_sqlite(files / "ledger.sqlite", writing=True), shared, owner=desk.owner)
    return Ledger(store, desk.owner, head_file=HeadFile(files / "ledger.head"), signer=lambda: signer, shared=True)


def _copied(desk: Desk, folder: Path) -> Path:
    folder.mkdir()
    files = (desk.folder / "ledger.sqlite", folder / "ledger.sqlite")
    with closing(sqlite3.connect(files[0])) as source, closing(sqlite3.connect(files[1])) as target:
        source.backup(target)
    shutil.copy(desk.folder / "ledger.head", folder / "ledger.head")
    return folder


@pytest.mark.parametrize("head_too", [True, False])
def test_a_desk_put_back_to_an_older_state_gets_back_what_it_wrote_since(
    desks: list[Desk], tmp_path: Path, head_too: bool
) -> None:
    one, two, _ = desks
    one.hand_over("S1", "P1")
    older = _copied(one, tmp_path / "older")
    later = [one.hand_over(f"L{index}", "P1") for index in range(3)]
    with _put_back(one, older, head_too=head_too) as again:
        assert again.head() is not None
        entry = again.append_receipt("handed_over", "S9", lambda _: {"officer": "P9"}, technician=None)
        assert entry.receipt == "D1-000005", "no number is given out again"
        assert entry.previous == later[-1].hash
        assert [found.hash for found in again.walk()][1:4] == [found.hash for found in later]
        assert again.verify(every_signature=True).ok
    assert two.ledger.entries(serial="S9") == [entry]


def test_what_comes_back_from_the_shared_ledger_must_be_the_desk_s_own(desks: list[Desk], tmp_path: Path) -> None:
    one, _, _ = desks
    one.hand_over("S1", "P1")
    older = _copied(one, tmp_path / "older")
    forged = one.hand_over("S2", "P1")
    database = str(one.store._shared._reader.url.database)  # pyright: ignore[reportPrivateUsage]
    server().execute(
        "SET search_path = issuing_desk; ALTER TABLE entries DISABLE TRIGGER ALL; "
        f"UPDATE entries SET signature = '\\x{bytes(64).hex()}' WHERE number = {forged.number}; "
        "ALTER TABLE entries ENABLE TRIGGER ALL",
        database,
    )
    with _put_back(one, older) as again:
        with pytest.raises(LedgerError, match="do not hold"):
            again.append("noted", None, {}, technician=None)
        assert again.verify().entries == 1


def test_what_is_reserved_for_a_desk_goes_out_there_alone_even_while_it_is_cut_off(desks: list[Desk]) -> None:
    one, two, _ = desks
    one.store._reserved_only = True  # pyright: ignore[reportPrivateUsage]  # as desk.toml says
    one.ledger.append("reserved", "S1", {}, technician=None)
    one.ledger.append("reserved", "S2", {}, technician=None)
    for kind in ("handed_over", "reserved"):
        with pytest.raises(HomeError, match="reserved for another desk"):
            two.ledger.append(kind, "S1", {"officer": "P2"}, technician=None)
    one.cable.cut()
    assert one.hand_over("S1", "P1").receipt == "D1-000001"
    with pytest.raises(HomeError, match="not reserved for this desk"):
        one.hand_over("S3", "P1")
    with pytest.raises(HomeError, match="nothing can be reserved"):
        one.ledger.append("reserved", "S3", {}, technician=None)
    with pytest.raises(AlreadyOut):
        one.hand_over("S1", "P1")
    assert two.hand_over("S3", "P2").number
    with pytest.raises(HomeError, match="reserved for another desk"):
        two.hand_over("S1", "P2")
    one.cable.mend()
    one.ledger.append("released", "S2", {}, technician=None)
    assert two.hand_over("S2", "P2").number
    one.ledger.append("returned", "S1", {"officer": "P1"}, technician=None)
    assert two.hand_over("S1", "P2").number, "back from the officer it is nobody's again"
    assert find_conflicts(two.ledger) == []


def test_only_a_supervisor_releases_what_is_another_desk_s(desks: list[Desk]) -> None:
    one, two, _ = desks
    one.ledger.append("reserved", "S1", {}, technician=None)
    two.ledger.append("released", "S1", {}, technician=None)
    with pytest.raises(HomeError, match="reserved for another desk"):
        two.hand_over("S1", "P2")
    database = str(one.store._shared._reader.url.database)  # pyright: ignore[reportPrivateUsage]
    server().execute("GRANT issuing_desk_supervisor TO many2", database)
    try:
        two.ledger.append("released", "S1", {}, technician=None)
    finally:
        server().execute("REVOKE issuing_desk_supervisor FROM many2", database)
    assert two.hand_over("S1", "P2").number


def test_a_desk_changes_its_key_on_the_shared_ledger(desks: list[Desk]) -> None:
    """With a supervisor's login, while all can see it; the oldest keys stay enough for an auditor."""
    one, two, _ = desks
    new = DeskSigner(Ed25519PrivateKey.from_private_bytes(bytes([77]) * 32))
    for desk in (one, two):
        desk.ledger.append("noted", None, {}, technician=None)
    with pytest.raises(HomeError, match="supervisor"):
        one.ledger.change_key(new, EntryKind.KEY_CHANGED, "in turn", technician=None)
    address = one.store._shared._reader.url  # pyright: ignore[reportPrivateUsage]
    database = str(address.database)
    server().execute("GRANT issuing_desk_supervisor TO many1", database)
    try:
        one.cable.cut()
        with pytest.raises(HomeError, match="supervisor"):
            one.ledger.change_key(new, EntryKind.KEY_CHANGED, "in turn", technician=None)
        one.cable.mend()
        entry = one.ledger.change_key(new, EntryKind.KEY_CHANGED, "in turn", technician=None)
    finally:
        server().execute("REVOKE issuing_desk_supervisor FROM many1", database)
    later = one.ledger.append("noted", None, {}, technician=None)
    assert (entry.key, later.key) == (one.owner.key.id, new.public.id)
    store = open_postgres(address, writing=False)
    assert check_shared(store, [one.owner.key, two.owner.key], every_signature=True).ok
    assert not check_shared(store, [two.owner.key]).ok
    store.close()
    assert whole(one)


def test_a_login_adds_for_its_own_desk_alone(desks: list[Desk]) -> None:
    one, two, _ = desks
    entry = one.ledger.append("noted", None, {}, technician=None)
    thief = Ledger(
        two.store._shared,  # pyright: ignore[reportPrivateUsage]  # the other desk's login
        one.owner,
        signer=lambda: DeskSigner(Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)),
    )
    with pytest.raises(HomeError, match="register the desk"):
        thief.append("noted", None, {}, technician=None)
    assert one.ledger.entries(kind="noted") == [entry]


def test_what_a_supervisor_does_needs_a_supervisor_s_login(desks: list[Desk]) -> None:
    one, _, _ = desks
    with pytest.raises(HomeError, match="supervisor"):
        one.ledger.append("permit_added", None, {"permit": "1"}, technician="A. Khan")
    assert one.ledger.entries() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET officer = 'P9'",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "UPDATE heads SET number = 0",
        "DELETE FROM heads",
        "INSERT INTO logins VALUES ('many1', '*')",
        "DELETE FROM in_hands",
        "ALTER TABLE entries DISABLE TRIGGER ALL",
        "DROP TABLE entries",
        "SET session_replication_role = replica",
    ],
)
def test_the_database_gives_a_desk_no_right_to_change_anything(desks: list[Desk], statement: str) -> None:
    import psycopg

    one, _, _ = desks
    one.hand_over("S1", "P1")
    url = one.store._shared._reader.url.set(drivername="postgresql")  # pyright: ignore[reportPrivateUsage]
    with (
        psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True, options="-c search_path=issuing_desk"
        ) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())
    assert whole(one)


def test_no_server_is_a_sentence(tmp_path: Path) -> None:
    cable = Cable(server().port)
    cable.close()
    url = postgres_url(a_shared_ledger()).set(port=cable.port)
    store = open_postgres(url, writing=True)
    with pytest.raises(LedgerUnreachable, match=r"cannot be reached\. Check the network"):
        store.find("desk-1", Query())
    store.close()


def test_a_desk_says_how_it_stands_and_hears_of_the_others(desks: list[Desk]) -> None:
    """What the window's head shows: alone and how many wait, then handed in by itself; and each entry elsewhere."""
    one, two, _ = desks
    told: queue.Queue[Sharing | None] = queue.Queue()
    url = one.store._shared._reader.url  # pyright: ignore[reportPrivateUsage]
    own = open_sqlite(one.folder / "ledger.sqlite", writing=True)
    store = JointStore(own, open_postgres(url, writing=True))
    sharer = Sharer(
        store, Ear(url, one.owner.desk), one.owner.desk, "here", told.put, lambda: told.put(None), every=0.2
    )
    with sharer.running():
        assert told.get(timeout=20) == Sharing("here")
        deadline = time.monotonic() + 20
        heard = False
        while not heard and time.monotonic() < deadline:  # it may not be listening yet
            two.ledger.append("noted", None, {}, technician=None)
            with suppress(queue.Empty):
                heard = told.get(timeout=0.5) is None
        assert heard
        one.cable.cut()
        one.ledger.append("noted", None, {}, technician=None)
        while (state := told.get(timeout=20)) is None or not state.waiting:
            pass
        assert state.waiting == 1
        assert "cannot be reached" in state.trouble or "does not answer" in state.trouble
        one.cable.mend()
        while told.get(timeout=20) != Sharing("here"):
            pass
    assert len(two.ledger.entries(kind="noted")) >= 2
    assert any(entry.desk == one.owner.desk for entry in two.ledger.entries(kind="noted"))


def test_who_listens_no_more_does_not_connect_again(desks: list[Desk]) -> None:
    url = postgres_url(a_shared_ledger())
    ear = Ear(url, desks[0].owner.desk)
    ear.close()
    assert not ear.hears(0.1)
    with psycopg.connect(server().url().replace("+psycopg", "")) as connection:
        there = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [url.database])
        assert there.fetchall() == [(0,)]
