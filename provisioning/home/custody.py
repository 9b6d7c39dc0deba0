"""Who keeps the vault's master key: the system's keyring, a passphrase in a person's head, or (training) a file.

``keys/vault.json`` says which, for ever. A real home takes the passphrase where ``ISSUING_DESK_PASSPHRASE`` is set,
else the keyring where the system has a real one, else a passphrase from the prompt. A training home needs neither:
its passphrase is random and lies beside the vault, so that it works alone and still no key lies there in clear.
"""

from __future__ import annotations

import base64
import os
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import Protocol, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from provisioning.canonical import Json, Members, canonical, parse_object
from provisioning.errors import FileError, HomeError, UsageError
from provisioning.files import read_file, write_file
from provisioning.home.vault import MASTER_KEY_BYTES, new_master_key

PASSPHRASE_VARIABLE = "ISSUING_DESK_PASSPHRASE"  # noqa: S105  # the name of a variable, not what it holds
PASSPHRASE_COST = 1 << 17
"""scrypt's N for what a person can remember: 128 MiB and about 0.4 s (OWASP's first choice, 2023)."""
RANDOM_COST = 1 << 12
"""scrypt's N for a random passphrase of 256 bits, which needs no slowing down."""
_BLOCK, _PARALLEL = 8, 1
_LARGEST_COST = 1 << 20
_KEYRING_SERVICE = "issuing-desk"
_VAULT = "vault.json"
_TRAINING_PASSPHRASE = "training.passphrase"  # noqa: S105  # the name of a file, not what it holds
_FORMAT = 1

Prompt = Callable[[], str]
"""Asks a person for the passphrase."""


@unique
class CustodyKind(StrEnum):
    """Where the master key is; the word in ``vault.json``."""

    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105  # the word for it
    TRAINING = "training"


class Keyring(Protocol):
    """What is used of the system's keyring (the ``keyring`` library's backends have it)."""

    def get_password(self, service: str, username: str) -> str | None:
        """Give the secret, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""
        ...


@dataclass(frozen=True, slots=True)
class Custody:
    """Establishes and obtains the master key of the home whose ``keys`` folder this is."""

    folder: Path
    desk: str
    prompt: Prompt | None = None
    keyring: Callable[[], Keyring | None] | None = None
    """Finds the keyring; None asks the system."""

    def establish(self, *, training: bool) -> bytes:
        """Make a master key, put it into custody, and give it. Raises HomeError, UsageError."""
        key = new_master_key()
        if training:
            passphrase = secrets.token_urlsafe(32)
            write_file(self.folder / _TRAINING_PASSPHRASE, passphrase.encode())
            self._wrap(CustodyKind.TRAINING, key, passphrase, RANDOM_COST)
        elif PASSPHRASE_VARIABLE not in os.environ and (keyring := self._keyring()) is not None:
            self._entrust(keyring, key)
        else:
            self._wrap(CustodyKind.PASSPHRASE, key, self._ask(), PASSPHRASE_COST)
        return key

    def kind(self) -> CustodyKind:
        """Say where the master key is. Raises HomeError."""
        return self._settings()[0]

    def unattended(self) -> bool:
        """Tell whether the master key can be had without asking a person. Raises HomeError."""
        return self.kind() is not CustodyKind.PASSPHRASE or PASSPHRASE_VARIABLE in os.environ

    def obtain(self) -> bytes:
        """Give the master key. Raises UsageError for a wrong passphrase, HomeError where it cannot be had."""
        kind, settings = self._settings()
        match kind:
            case CustodyKind.KEYRING:
                return self._fetch()
            case CustodyKind.TRAINING:
                try:
                    passphrase = read_file(self.folder / _TRAINING_PASSPHRASE, 1024).decode()
                except (FileError, UnicodeDecodeError) as e:
                    raise HomeError("The training home has lost its passphrase file. Make a new training home.") from e
                return _unwrap(settings, self.desk, passphrase)
            case CustodyKind.PASSPHRASE:
                return _unwrap(settings, self.desk, self._ask())

    def _keyring(self) -> Keyring | None:
        return self.keyring() if self.keyring is not None else system_keyring()

    def _ask(self) -> str:
        passphrase = os.environ.get(PASSPHRASE_VARIABLE)
        if passphrase is None and self.prompt is not None:
            passphrase = self.prompt()
        if passphrase is None:
            raise HomeError(
                "The keys of this home are locked away and this system has no keyring for them. "
                f"Set {PASSPHRASE_VARIABLE} to the home's passphrase, then try again."
            )
        if not passphrase.strip():
            raise UsageError("The passphrase is empty. Choose one that nobody else can guess.")
        return passphrase

    def _entrust(self, keyring: Keyring, key: bytes) -> None:
        from keyring.errors import KeyringError

        try:
            keyring.set_password(_KEYRING_SERVICE, self.desk, base64.b64encode(key).decode())
        except KeyringError as e:
            raise HomeError(
                "The system's keyring did not take the home's key. Unlock the keyring, "
                f"or set {PASSPHRASE_VARIABLE}, then try again."
            ) from e
        self._write({"custody": CustodyKind.KEYRING, "format": _FORMAT})

    def _fetch(self) -> bytes:
        from keyring.errors import KeyringError

        keyring = self._keyring()
        try:
            text = keyring.get_password(_KEYRING_SERVICE, self.desk) if keyring is not None else None
        except KeyringError as e:
            raise HomeError("The system's keyring is locked. Unlock it, then try again.") from e
        try:
            key = base64.b64decode(text or "", validate=True)
        except ValueError:
            key = b""
        if len(key) != MASTER_KEY_BYTES:
            raise HomeError(
                "The key of this home is not in the keyring of this user and computer. "
                "Log in as the user who made the home, or restore the keyring."
            )
        return key

    def _wrap(self, kind: CustodyKind, key: bytes, passphrase: str, cost: int) -> None:
        salt, nonce = os.urandom(16), os.urandom(12)
        wrapped = AESGCM(_derive(passphrase, salt, cost)).encrypt(nonce, key, self.desk.encode())
        self._write(
            {
                "custody": kind,
                "format": _FORMAT,
                "kdf": {"name": "scrypt", "n": cost, "r": _BLOCK, "p": _PARALLEL, "salt": salt.hex()},
                "nonce": nonce.hex(),
                "wrapped": wrapped.hex(),
            }
        )

    def _write(self, settings: dict[str, Json]) -> None:
        write_file(self.folder / _VAULT, canonical(settings) + b"\n")

    def _settings(self) -> tuple[CustodyKind, Members]:
        try:
            settings = parse_object(read_file(self.folder / _VAULT, 1 << 14))
            return CustodyKind(settings.text("custody")), settings
        except (ValueError, FileError) as e:
            raise HomeError(f"The home's {_VAULT} cannot be read. Restore it from a backup.") from e


def system_keyring() -> Keyring | None:
    """Give the system's keyring; None where there is none, or only one that keeps secrets in clear (priority < 1)."""
    import keyring

    backend = keyring.get_keyring()
    return cast("Keyring", backend) if backend.priority >= 1 else None


def _derive(passphrase: str, salt: bytes, cost: int) -> bytes:
    # The same characters may be typed in two ways (é): NFKC makes them one, as RFC 8265 does for passwords.
    text = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=MASTER_KEY_BYTES, n=cost, r=_BLOCK, p=_PARALLEL).derive(text)


def _unwrap(settings: Members, desk: str, passphrase: str) -> bytes:
    try:
        kdf = settings.members("kdf")
        cost, salt = kdf.number("n"), bytes.fromhex(kdf.text("salt"))
        nonce, wrapped = bytes.fromhex(settings.text("nonce")), bytes.fromhex(settings.text("wrapped"))
        if not 1 < cost <= _LARGEST_COST or (kdf.number("r"), kdf.number("p")) != (_BLOCK, _PARALLEL):
            raise ValueError("a derivation that was never used")
        return AESGCM(_derive(passphrase, salt, cost)).decrypt(nonce, wrapped, desk.encode())
    except InvalidTag as e:
        raise UsageError("The passphrase is not the one of this home. Try again.") from e
    except ValueError as e:
        raise HomeError(f"The home's {_VAULT} is damaged. Restore it from a backup.") from e
