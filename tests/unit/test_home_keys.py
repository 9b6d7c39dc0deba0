"""A home changes its key: a crash leaves it with one or the other, and what the old one signed stays good."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from receipt_samples import check, item, receipt

from provisioning.home.creation import create_home
from provisioning.home.home import Home, open_home
from provisioning.home.keys import issued_by
from provisioning.ledger.entry import EntryKind
from provisioning.paper import receipt_code, receipt_pdf
from provisioning.receipts.parts import receipt_of
from provisioning.receipts.reading import verify_pdf
from provisioning.receipts.receipt import Receipt
from provisioning.receipts.receipt_code import FORMER_KEY, verify_code


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "home"
    return create_home(path, training=True, organisation_name="Metropolitan Police Service", desk_name="Desk 4").path


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Home:
    shutil.copytree(made, tmp_path / "home")
    return open_home(tmp_path / "home")


def whole(home: Home) -> bool:
    with home.open_ledger() as ledger:
        ledger.append(EntryKind.NOTED, None, {}, technician=None)
        return ledger.verify(every_signature=True).ok


def test_a_new_key_takes_the_place_of_the_old(home: Home) -> None:
    old, sealed = home.public_key(), (home.path / "keys" / "desk.key.sealed").read_bytes()
    entry = home.change_key("in turn", "A. Khan")
    assert (entry.kind, entry.body["reason"], entry.technician) == ("key_changed", "in turn", "A. Khan")
    assert home.keys().keys == (home.public_key(), old)
    assert home.public_key() != old
    assert home.signer().public == home.public_key()
    assert issued_by(home.public_key(), home.seal().certificate)
    assert (home.path / "keys" / "desk.key.sealed").read_bytes() != sealed
    assert not home.exposed()
    assert whole(home)
    assert whole(open_home(home.path)), "and the next time it is opened"
    home.change_key("in turn", None)
    assert whole(home)
    assert len(home.keys().keys) == 3


def test_what_the_old_key_signed_stays_good(home: Home) -> None:
    given = receipt(training=True, declined="hand in plaster", items=(item(result=check(record_id="")),))
    with home.open_ledger() as ledger:
        entry = ledger.append_receipt(
            EntryKind.HANDED_OVER, "S1", lambda draft: given.numbered(draft.receipt, given.issued).to_body(),
            technician=None,
        )  # fmt: skip
        booked: Receipt = receipt_of(entry, ledger)
    code, pdf = receipt_code(home, booked), receipt_pdf(home, booked)
    old = home.keys()
    home.change_key("in turn", None)
    for keys in (old, home.keys()):
        assert verify_code(code, keys).genuine
        assert verify_pdf(pdf, keys).genuine
    assert FORMER_KEY in verify_code(code, home.keys()).does_not_prove
    assert FORMER_KEY in verify_pdf(pdf, home.keys()).does_not_prove
    assert not verify_code(code, home.public_key()).genuine
    again = receipt_pdf(home, booked)
    assert verify_pdf(again, home.public_key()).genuine, "printed again, the new key seals it"
    assert not verify_pdf(again, old).genuine


@pytest.mark.parametrize("moved", range(6))
def test_a_crash_while_keys_are_put_in_place_is_mended(home: Home, tmp_path: Path, moved: int) -> None:
    keys = home.path / "keys"
    before = shutil.copytree(keys, tmp_path / "before")
    home.change_key("in turn", None)
    new = home.public_key()
    order = ["desk.crt", "desk.key.sealed", "seal.crt", "seal.key.sealed", "desk.pub"]
    (keys / ".next").mkdir()
    for name in order[moved:]:
        (keys / name).rename(keys / ".next" / name)
        shutil.copy(before / name, keys / name)
    again = open_home(home.path)
    assert whole(again)
    assert again.public_key() == new
    assert not (keys / ".next").exists()
    with again.read_ledger() as ledger:
        assert ledger.verify().ok


@pytest.mark.parametrize("kept", [0, 2, 5])
def test_a_crash_before_it_was_on_the_record_leaves_the_old_key(home: Home, tmp_path: Path, kept: int) -> None:
    other = create_home(tmp_path / "other", training=True, organisation_name="M", desk_name="Desk 4")
    (home.path / "keys" / ".next").mkdir()
    for name in ("desk.key.sealed", "seal.key.sealed", "desk.pub", "desk.crt", "seal.crt")[:kept]:
        shutil.copy(other.path / "keys" / name, home.path / "keys" / ".next" / name)
    old = home.public_key()
    assert whole(home)
    assert home.public_key() == old
    assert not (home.path / "keys" / ".next").exists()
