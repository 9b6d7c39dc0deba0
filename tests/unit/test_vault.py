"""Secrets are sealed under one master key, kept by a keyring, a passphrase or, for training, a file."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.errors import KeyringLocked, PasswordSetError

from provisioning.errors import HomeError, UsageError
from provisioning.home.creation import create_home
from provisioning.home.custody import PASSPHRASE_VARIABLE, Custody, CustodyKind, system_keyring
from provisioning.home.home import Home, open_home
from provisioning.home.vault import Vault, new_master_key

DESK = "6c1f6fd5-8c1c-4d5e-9a3b-0d0c5a3f1e77"


class MemoryKeyring:
    """A keyring that works, and can be locked."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise PasswordSetError("locked")
        self.kept[service, username] = password


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)


def make_real(path: Path, *, prompt: str | None = None, keyring: MemoryKeyring | None = None) -> Home:
    return create_home(
        path,
        training=False,
        organisation_name="Metropolitan Police Service",
        desk_name="Front counter",
        passphrase=(lambda: prompt) if prompt is not None else None,
        keyring=lambda: keyring,
    )


@given(st.text(), st.binary(max_size=500))
def test_what_is_sealed_comes_back_under_its_name_only(name: str, secret: bytes) -> None:
    name = name.encode("utf-8", "ignore").decode()
    vault = Vault(DESK, new_master_key())
    sealed = vault.seal(name, secret)
    assert vault.open(name, sealed) == secret
    assert vault.seal(name, secret) != sealed
    assert len(secret) < 8 or secret not in sealed
    for other in (Vault(DESK, new_master_key()), Vault("another desk", vault.master_key)):
        with pytest.raises(HomeError, match="cannot be unsealed"):
            other.open(name, sealed)
    with pytest.raises(HomeError, match="cannot be unsealed"):
        vault.open(name + "x", sealed)


def test_every_changed_byte_of_a_sealed_piece_is_found() -> None:
    vault = Vault(DESK, new_master_key())
    sealed = vault.seal("desk.key", b"secret of some length")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 0x10
        with pytest.raises(HomeError):
            vault.open("desk.key", bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises(HomeError):
            vault.open("desk.key", sealed[:length])


def test_a_real_home_gives_its_key_to_the_keyring(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    home = make_real(tmp_path / "home", keyring=keyring)
    assert home.custody() is CustodyKind.KEYRING
    again = open_home(home.path, keyring=lambda: keyring)
    assert again.signer().public == home.public_key()
    (kept,) = keyring.kept.values()
    assert base64.b64decode(kept) == again.vault().master_key
    assert not (home.path / "keys" / "training.passphrase").exists()


def test_a_keyring_that_lost_or_locks_the_key_says_so(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    home = make_real(tmp_path / "home", keyring=keyring)
    keyring.locked = True
    with pytest.raises(HomeError, match="locked"):
        open_home(home.path, keyring=lambda: keyring).vault()
    with pytest.raises(HomeError, match="did not take"):
        make_real(tmp_path / "other", keyring=keyring)
    keyring.locked = False
    for lost in ("", "not base64!", base64.b64encode(b"short").decode()):
        keyring.kept = dict.fromkeys(keyring.kept, lost)
        with pytest.raises(HomeError, match="not in the keyring"):
            open_home(home.path, keyring=lambda: keyring).vault()
    with pytest.raises(HomeError, match="not in the keyring"):
        open_home(home.path, keyring=lambda: None).vault()


def test_a_keyring_that_keeps_nothing_safe_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backends.fail import Keyring as FailKeyring
    from keyring.backends.null import Keyring as NullKeyring

    class GoodKeyring(NullKeyring):
        priority = 5  # pyright: ignore[reportAssignmentType]  # as backends declare it

    for backend, usable in ((FailKeyring(), False), (NullKeyring(), False), (GoodKeyring(), True)):
        monkeypatch.setattr(keyring, "get_keyring", lambda backend=backend: backend)
        assert (system_keyring() is not None) is usable


def test_without_a_keyring_a_passphrase_protects_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        return "correct horse battery staple"

    make_real(tmp_path / "home", prompt="correct horse battery staple")
    home = open_home(tmp_path / "home", passphrase=ask, keyring=lambda: None)
    assert home.custody() is CustodyKind.PASSPHRASE
    with home.read_ledger() as ledger:
        assert len(ledger.entries()) == 1
    assert asked == [], "reading needs no unlocking"
    with home.open_ledger() as ledger:
        ledger.append("noted", None, {}, technician=None)
        ledger.append("noted", None, {}, technician=None)
    assert asked == [1]

    settings = json.loads((home.path / "keys" / "vault.json").read_text())
    assert (settings["kdf"]["name"], settings["kdf"]["n"]) == ("scrypt", 1 << 17)

    with pytest.raises(UsageError, match="not the one of this home"):
        open_home(home.path, passphrase=lambda: "wrong").signer()
    with pytest.raises(UsageError, match="empty"):
        open_home(home.path, passphrase=lambda: "  ").signer()
    with pytest.raises(HomeError, match=PASSPHRASE_VARIABLE):
        open_home(home.path).signer()
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "correct horse battery staple")
    open_home(home.path).signer()


def test_a_passphrase_in_the_environment_is_taken_before_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "Caf\u00e9")
    keyring = MemoryKeyring()
    home = make_real(tmp_path / "home", keyring=keyring)
    assert (home.custody(), keyring.kept) == (CustodyKind.PASSPHRASE, {})
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "Cafe\u0301")
    assert open_home(home.path).signer().public == home.public_key(), "the same letters, typed otherwise"


def test_a_real_home_with_neither_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match=PASSPHRASE_VARIABLE):
        make_real(tmp_path / "home")
    assert not (tmp_path / "home" / "identity.json").exists()
    make_real(tmp_path / "home", keyring=MemoryKeyring())


@pytest.mark.parametrize(
    "change",
    [{"custody": "magic"}, {"kdf": None}, {"kdf": {"n": 1 << 40, "r": 8, "p": 1, "salt": "00"}},
     {"kdf": {"n": 1000, "r": 8, "p": 1, "salt": "00"}}, {"kdf": {"n": 4096, "r": 900, "p": 1, "salt": "00"}},
     {"nonce": "zz"}, {"nonce": ""}, {"wrapped": ""}, {"wrapped": 5}],
)  # fmt: skip
def test_a_damaged_vault_file_is_one_sentence(tmp_path: Path, change: dict[str, object]) -> None:
    custody = Custody(tmp_path, DESK)
    custody.establish(training=True)
    file = tmp_path / "vault.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises((HomeError, UsageError), match=r"\.$"):
        custody.obtain()
