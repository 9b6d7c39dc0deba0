"""Technicians sign in: good PINs only, tries counted and slowed down on the record, nobody registered in silence."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import HomeError, UsageError
from provisioning.home.vault import Vault
from provisioning.ledger.draft import LedgerOwner
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.sqlite import create_sqlite
from provisioning.people.pins import PinHash, read_pin_hash, require_good
from provisioning.people.sign_in import (
    FIRST_WAIT,
    FREE_TRIES,
    LONGEST_WAIT,
    LockedOut,
    SignedIn,
    SignIn,
    SignInOutcome,
    SwitchedOff,
    WrongNameOrPin,
)
from provisioning.people.technicians import PinFile
from provisioning.signatures import DeskSigner
from ui.sign_in_phrases import sign_in_sentence

CHEAP = 1 << 4
PIN, OTHER = "740193", "b1ue-kite"


class Desk:
    """A ledger with a clock of its own and the sealed file beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = datetime(2026, 3, 1, 9, tzinfo=UTC)
        signer = DeskSigner.generate()
        owner = LedgerOwner("desk", signer.public, training=False, receipt_prefix="D4")
        self.ledger = Ledger(
            create_sqlite(folder / "ledger.sqlite"), owner, signer=lambda: signer, clock=lambda: self.time
        )
        self.vault = Vault("desk", os.urandom(32))

    def sign_in(self, account: str = "root") -> SignIn:
        return SignIn(self.ledger, PinFile(self.folder, lambda: self.vault), account, cost=CHEAP)

    def kinds(self) -> list[str]:
        return [str(entry.kind) for entry in self.ledger.entries()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    with made.ledger:
        yield made


def test_a_desk_without_technicians_is_its_accounts(desk: Desk) -> None:
    sign_in = desk.sign_in()
    assert (sign_in.required, sign_in.technician, sign_in.acting()) == (False, "root", "root")


def test_a_technician_signs_in_with_name_and_pin_and_everything_is_on_the_record(desk: Desk) -> None:
    sign_in = desk.sign_in()
    sign_in.register("A. Khan", pin=PIN)
    assert sign_in.required
    assert sign_in.technician == "nobody signed in (account root)"
    with pytest.raises(UsageError, match="Nobody is signed in"):
        sign_in.acting()
    assert sign_in.check("A. Khan", "740194") == WrongNameOrPin(4)
    assert sign_in.check("a.  KHAN", PIN) == SignedIn(sign_in.technicians()[0])
    assert sign_in.acting() == "A. Khan"
    sign_in.sign_out()
    assert sign_in.signed_in is None
    assert desk.kinds() == [
        "technician_registered", "technician_pin_set", "sign_in_failed", "signed_in", "signed_out",
    ]  # fmt: skip
    everything = b"".join(file.read_bytes() for file in desk.folder.iterdir())
    assert PIN.encode() not in everything
    assert b"740194" not in everything


def test_wrong_tries_have_to_wait_longer_each_time_and_the_right_pin_too(desk: Desk) -> None:
    sign_in = desk.sign_in()
    sign_in.register("A. Khan", pin=PIN)
    for left in range(FREE_TRIES - 1, -1, -1):
        assert sign_in.check("A. Khan", "000001") == WrongNameOrPin(left)
    locked = sign_in.check("A. Khan", PIN)
    assert locked == LockedOut("A. Khan", int(FIRST_WAIT))
    assert "Too many wrong tries" in sign_in_sentence(locked)
    assert desk.kinds().count("sign_in_failed") == FREE_TRIES, "a try that was not looked at is no entry"
    desk.time += timedelta(seconds=FIRST_WAIT + 1)
    assert isinstance(sign_in.check("A. Khan", "000001"), WrongNameOrPin)
    assert sign_in.check("A. Khan", PIN) == LockedOut("A. Khan", int(2 * FIRST_WAIT))
    desk.time -= timedelta(days=400)  # a clock that was put back
    assert sign_in.check("A. Khan", PIN) == LockedOut("A. Khan", int(2 * FIRST_WAIT))
    desk.time += timedelta(days=400, seconds=LONGEST_WAIT)
    assert isinstance(sign_in.check("A. Khan", PIN), SignedIn)
    assert isinstance(sign_in.check("A. Khan", "000001"), WrongNameOrPin), "the count began anew"


def test_an_older_file_or_another_program_gives_no_further_tries(desk: Desk) -> None:
    sign_in = desk.sign_in()
    sign_in.register("A. Khan", pin=PIN)
    before = (desk.folder / "technicians.sealed").read_bytes()
    with ThreadPoolExecutor(8) as pool:

        def guess(pin: int) -> SignInOutcome:
            return desk.sign_in().check("A. Khan", str(pin))

        outcomes = list(pool.map(guess, range(100_000, 100_012)))
    assert sum(isinstance(one, WrongNameOrPin) for one in outcomes) == FREE_TRIES
    (desk.folder / "technicians.sealed").write_bytes(before)
    assert isinstance(desk.sign_in().check("A. Khan", PIN), LockedOut)


def test_a_strangers_name_is_not_kept_and_is_slowed_down_as_well(desk: Desk) -> None:
    sign_in = desk.sign_in()
    sign_in.register("A. Khan", pin=PIN)
    for _ in range(FREE_TRIES):
        assert isinstance(sign_in.check(PIN, "A. Khan"), WrongNameOrPin)
    assert isinstance(sign_in.check("B. Hope", PIN), LockedOut)
    assert isinstance(sign_in.check("A. Khan", PIN), SignedIn), "a stranger's tries are not held against a technician"
    assert all(PIN not in json.dumps(dict(entry.body)) for entry in desk.ledger.entries())


def test_only_who_is_signed_in_registers_disables_and_resets(desk: Desk) -> None:
    sign_in = desk.sign_in()
    sign_in.register("A. Khan", pin=PIN)
    with pytest.raises(UsageError, match="Nobody is signed in"):
        sign_in.register("B. Hope", pin=OTHER)
    sign_in.check("A. Khan", PIN)
    sign_in.register("B. Hope", pin=OTHER)
    with pytest.raises(UsageError, match="already"):
        sign_in.register("b. hope", pin=OTHER)
    with pytest.raises(UsageError, match="Another technician"):
        sign_in.reset_pin("A. Khan", "83-oxford", "forgotten")
    sign_in.reset_pin("B. Hope", "83-oxford", "forgotten")
    assert isinstance(sign_in.check("B. Hope", OTHER), WrongNameOrPin)
    assert isinstance(sign_in.check("B. Hope", "83-oxford"), SignedIn)
    sign_in.disable("A. Khan", "left the force")
    assert sign_in.check("A. Khan", PIN) == SwitchedOff("A. Khan")
    sign_in.check("B. Hope", "83-oxford")
    with pytest.raises(UsageError, match="last technician"):
        sign_in.disable("B. Hope", "left too")
    by = {entry.kind: entry.technician for entry in desk.ledger.entries()}
    assert (by["technician_disabled"], by["technician_registered"]) == ("B. Hope", "A. Khan")


def test_a_technician_who_is_disabled_elsewhere_does_nothing_more_here(desk: Desk) -> None:
    here, there = desk.sign_in(), desk.sign_in()
    here.register("A. Khan", pin=PIN)
    here.check("A. Khan", PIN)
    here.register("B. Hope", pin=OTHER)
    there.check("B. Hope", OTHER)
    there.disable("A. Khan", "suspended")
    with pytest.raises(UsageError, match="Nobody is signed in"):
        here.acting()


def test_a_pin_is_changed_by_who_knows_the_old_one(desk: Desk) -> None:
    sign_in = desk.sign_in()
    sign_in.register("A. Khan", pin=PIN)
    assert isinstance(sign_in.change_pin("A. Khan", "000001", OTHER), WrongNameOrPin)
    assert isinstance(sign_in.change_pin("A. Khan", PIN, OTHER), SignedIn)
    with pytest.raises(UsageError, match="the old one"):
        sign_in.change_pin("A. Khan", OTHER, OTHER)
    assert isinstance(sign_in.check("A. Khan", PIN), WrongNameOrPin)
    desk.sign_in().reset_pin("A. Khan", "83-oxford", "holiday; only one of us", by_account=True)
    last = desk.ledger.entries(kind=EntryKind.TECHNICIAN_PIN_SET)[-1]
    assert (last.technician, last.body["how"]) == ("nobody signed in (account root)", "recovered by the account")


def test_an_account_of_the_computer_signs_its_technician_in(desk: Desk) -> None:
    desk.sign_in().register("A. Khan", account="akhan")
    mine = desk.sign_in("akhan")
    assert mine.check_account() is not None
    with pytest.raises(UsageError, match=r"is technician A\. Khan's"):
        mine.register("B. Hope", account="akhan")
    assert desk.sign_in("root").check_account() is None
    assert isinstance(desk.sign_in("akhan").check("A. Khan", ""), WrongNameOrPin), "without a PIN none is right"


def test_pins_that_were_taken_away_are_missed(desk: Desk) -> None:
    sign_in = desk.sign_in()
    sign_in.register("A. Khan", pin=PIN)
    shutil.move(desk.folder / "technicians.sealed", desk.folder / "elsewhere")
    with pytest.raises(HomeError, match="no longer in the home"):
        sign_in.check("A. Khan", PIN)


@pytest.mark.parametrize(
    "poor", ["", "12345", "123456", "987654", "024680", "111111", "121212", "123123", "112233", "aaaaaab", "a.khan"]
)
def test_pins_that_are_tried_first_are_refused(poor: str) -> None:
    with pytest.raises(UsageError) as told:
        require_good(poor, "A.Khan Smith")
    assert not poor or poor not in str(told.value)


@given(st.text(max_size=70), st.text(max_size=70))
def test_a_pins_hash_fits_its_pin_alone(pin: str, other: str) -> None:
    kept = read_pin_hash(PinHash.of(pin, CHEAP).text())
    assert kept.matches(pin)
    assert not kept.matches(other + "x" if other == pin else other) or _same(pin, other)


def _same(pin: str, other: str) -> bool:
    import unicodedata

    return unicodedata.normalize("NFKC", pin) == unicodedata.normalize("NFKC", other)


@pytest.mark.parametrize("text", ["", "scrypt$16$AAAA$AAAA", "scrypt$3$a$b", "md5$16$$", "scrypt$1048577$AA==$AA=="])
def test_what_is_no_hash_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_pin_hash(text)
