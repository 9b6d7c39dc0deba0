"""A desk changes its key: the chain leads from the oldest to the newest, and nothing else does."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from cli_bench import CLEAR, IN_DOUBT, Desk
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_place import DESK, DESKS, OWNER, PLACES, SIGNER, STRANGER, Place, SqlitePlace, fill

from provisioning.canonical import Json, canonical
from provisioning.errors import LedgerError
from provisioning.home.creation import create_home
from provisioning.ledger.check import LedgerCheck, Trusted, check_ledger
from provisioning.ledger.entry import Entry, EntryKind, search_columns
from provisioning.ledger.head import Head, head_of
from provisioning.ledger.ledger import Ledger
from provisioning.signatures import DeskKeys, DeskPublicKey, DeskSigner


def signer_of(number: int) -> DeskSigner:
    return DeskSigner(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


NEW, NEWER = signer_of(7), signer_of(8)


@pytest.fixture(params=DESKS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return DESKS[request.param](tmp_path)


def check(ledger: Ledger, *keys: DeskPublicKey, every_signature: bool = False) -> LedgerCheck:
    """Check as an auditor does who has these keys and nothing else."""
    trusted = Trusted(DESK, [DeskKeys(keys)], training=False)
    return check_ledger(ledger._store, None, trusted, every_signature=every_signature)  # pyright: ignore[reportPrivateUsage]


def rotate(ledger: Ledger, new: DeskSigner, kind: EntryKind = EntryKind.KEY_CHANGED) -> Entry:
    return ledger.change_key(new, kind, "in turn", technician="A. Khan")


def begin(ledger: Ledger, count: int) -> None:
    """Add what a home's ledger begins with, which names its key, and a day's entries."""
    ledger.append("home_created", None, {"public_key": SIGNER.public.pem()}, technician=None)
    fill(ledger, count - 1)


def note(ledger: Ledger, text: str = "") -> Entry:
    return ledger.append("noted", None, {"text": text}, technician=None)


def test_the_oldest_key_alone_leads_to_the_newest(place: Place) -> None:
    with place.create() as ledger:
        begin(ledger, 12)
        entry = rotate(ledger, NEW)
        assert (entry.number, entry.key) == (13, SIGNER.public.id), "the key that is given up signs it"
        head = ledger.head()
        assert head is not None
        assert head.holds(NEW.public), "and the new one signs the head at once"
        assert note(ledger).key == NEW.public.id
        rotate(ledger, NEWER)
        fill_more = [note(ledger, str(index)) for index in range(3)]
        assert {entry.key for entry in fill_more} == {NEWER.public.id}
        for every in (False, True):
            for keys in ([SIGNER.public], [NEW.public], [NEWER.public], [NEWER.public, NEW.public, SIGNER.public]):
                found = check(ledger, *keys, every_signature=every)
                assert found.ok, found
                assert found.keys == (NEWER.public, NEW.public, SIGNER.public)
            assert not check(ledger, STRANGER.public, every_signature=every).ok
        assert ledger.verify(every_signature=True).ok
        owner = ledger.owner
    with place.open() as ledger:
        ledger.owner = owner
        ledger._signer = lambda: NEWER  # pyright: ignore[reportPrivateUsage]
        assert note(ledger).key == NEWER.public.id
        assert ledger.verify().ok


def test_whoever_still_has_the_old_key_adds_nothing(place: Place) -> None:
    with place.create() as ledger:
        note(ledger)
        rotate(ledger, NEW)
    with place.open(head_file=False) as thief, pytest.raises(LedgerError, match="not signed by this desk"):
        note(thief)


@pytest.mark.parametrize("name", PLACES)
def test_an_entry_signed_with_a_key_that_was_given_up_is_found(tmp_path: Path, name: str) -> None:
    place = PLACES[name](tmp_path)
    with place.create() as ledger:
        begin(ledger, 5)
        rotate(ledger, NEW)
        last, before = note(ledger), ledger.head()
        assert before is not None
        place.drop_guards()
        for key, signer in ((SIGNER.public.id, SIGNER), (NEW.public.id, SIGNER), (SIGNER.public.id, NEW)):
            _put(place, {**last.document(), "number": 8, "previous": last.hash, "key": key}, signer, before)
            found = check(ledger, SIGNER.public)
            assert (found.ok, found.first_bad) == (False, 8), (found, key)
            place.forge("DELETE FROM entries WHERE number = 8")


def _put(place: Place, document: dict[str, Json], signer: DeskSigner, before: Head) -> None:
    """Add an entry behind the program's back, and a head of whoever signs it."""
    from provisioning.ledger.entry import parse_entry

    data = canonical(document)
    digest = hashlib.sha256(data).digest()
    entry = parse_entry(data, signer.sign(digest))
    columns = search_columns(entry)
    names = ", ".join(columns._fields)
    place.forge(
        f"INSERT INTO entries ({names}, canonical, hash, signature) VALUES ({', '.join('?' * 13)})",
        *columns, data, digest, entry.signature,
    )  # fmt: skip
    head = replace(head_of(entry, before), key=signer.public.id).signed(signer)
    place.forge("UPDATE heads SET number = ?, canonical = ?, signature = ?", 8, head.canonical(), head.signature)


def test_a_lost_key_s_successor_is_believed_by_whoever_was_given_it(place: Place) -> None:
    with place.create() as ledger:
        begin(ledger, 12)
        entry = rotate(ledger, NEW, EntryKind.KEY_REPLACED)
        assert entry.key == NEW.public.id, "nobody has the old one to sign with"
        note(ledger)
        found = check(ledger, SIGNER.public)
        assert (found.ok, found.first_bad) == (False, 13)
        assert "puts another key in place" in found.reason
        assert check(ledger, SIGNER.public, NEW.public).ok
        assert check(ledger, NEW.public).ok
        assert ledger.verify().ok, "the desk itself has both"


def test_a_fork_by_a_stolen_key_is_found_by_whoever_knows_the_key_after_it(tmp_path: Path) -> None:
    """The thief has the old key and writes another end, with another key after it: whole in itself, and signed."""
    ours, theirs = (SqlitePlace(tmp_path / name) for name in ("ours", "theirs"))
    for place in (ours, theirs):
        place.folder.mkdir()
        with place.create() as ledger:
            begin(ledger, 5)
            rotate(ledger, NEW if place is ours else STRANGER)
            note(ledger)
            last = ledger.verify().head
    with theirs.open() as forged:
        assert check(forged, SIGNER.public).ok, "the old key alone cannot tell"
        found = check(forged, SIGNER.public, NEW.public)
        assert not found.ok
        assert "forked" in found.reason
        assert last


steps = st.lists(st.sampled_from(["note", "receipt", "rotate", "replace"]), max_size=12)


@given(steps)
@settings(max_examples=20, deadline=None)
def test_whatever_order_keys_change_in_the_chain_says_which_holds(
    tmp_path_factory: pytest.TempPathFactory, order: list[str]
) -> None:
    place = SqlitePlace(tmp_path_factory.mktemp("keys"))
    keys, replaced = [SIGNER.public], set[int]()
    with place.create() as ledger:
        begin(ledger, 1)
        for number, step in enumerate(order):
            match step:
                case "note":
                    note(ledger)
                case "receipt":
                    ledger.append_receipt("handed_over", f"S{number}", lambda _: {"officer": "P1"}, technician="A")
                case _:
                    kind = EntryKind.KEY_CHANGED if step == "rotate" else EntryKind.KEY_REPLACED
                    rotate(ledger, signer_of(100 + number), kind)
                    keys.append(signer_of(100 + number).public)
                    if step == "replace":
                        replaced.add(len(keys) - 1)
        assert ledger.owner.key.keys == tuple(reversed(keys))
        assert ledger.verify(every_signature=True).ok
        for which, key in enumerate(keys):
            assert check(ledger, key).ok is (replaced <= {which})
            assert check(ledger, keys[0], *keys[which:]).ok is (not replaced or min(replaced) >= which)


@pytest.mark.parametrize("member", ["key", "proof", "public_key", "replaces"])
def test_a_change_of_keys_whose_words_do_not_fit_is_found(tmp_path: Path, member: str) -> None:
    """The desk itself would have to write it: even then it is not followed."""
    from provisioning.ledger.key_changes import change_body

    place = SqlitePlace(tmp_path)
    forged = change_body(DESK, SIGNER.public, STRANGER, "x")
    body = {**change_body(DESK, SIGNER.public, NEW, "x"), member: forged[member]}
    if member == "replaces":
        body["replaces"] = NEW.public.id
    with place.create() as ledger:
        note(ledger)
        ledger.append("key_changed", None, body, technician=None)
        found = check(ledger, OWNER.key.newest)
        assert (found.ok, found.first_bad) == (False, 2), found


def test_by_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = create_home(tmp_path / "home", training=True, organisation_name="Met", desk_name="Desk 4")
    desk = Desk(home.path, within=capsys)
    oldest = tmp_path / "oldest.pub"
    oldest.write_text(home.public_key().pem())
    rotated = desk.call("keys", "rotate")
    assert rotated.code == CLEAR, rotated.said
    listed = desk.call("keys", "list").document
    assert [one["key"] for one in listed] == [rotated.document["key"], rotated.document["replaces"]]
    audit = ("ledger", "verify", "--key", str(oldest))
    assert desk.call(*audit).document["ok"]
    replaced = desk.call("keys", "replace", "--reason", "the computer was stolen")
    assert (replaced.code, replaced.document["kind"]) == (CLEAR, "key_replaced")
    assert desk.call("ledger", "verify").code == CLEAR
    refused = desk.call(*audit)
    assert (refused.code, refused.document["first_bad"]) == (IN_DOUBT, replaced.document["entry"])
    assert desk.call(*audit, "--key", str(home.public_key_file)).code == CLEAR
