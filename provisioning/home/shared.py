"""Which ledger a desk shares with others, by its desk.toml, and the password that it logs in with, sealed."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from provisioning.errors import FileError
from provisioning.files import read_file, write_file
from provisioning.home.vault import Vault
from provisioning.policy.toml_lines import line_of

ADDRESS_VARIABLE = "ISSUING_DESK_LEDGER"
"""Overrides desk.toml: a supervisor's own login for one command, for one."""
PASSWORD_VARIABLE = "ISSUING_DESK_LEDGER_PASSWORD"  # noqa: S105  # the name of a variable
RESERVED = "reserved"
_FILE = "ledger.sealed"
_PIECE = "ledger"


def shared_address(settings_file: Path) -> str:
    """Give the address of the shared ledger, empty where the desk has its own alone. Raises FileError.

    An address with a password in it is refused: settings are plain text, and go into backups and pictures.
    """
    if given := os.environ.get(ADDRESS_VARIABLE):
        return given
    address = _of_desk(settings_file).get("ledger", "")
    if not isinstance(address, str) or (address and holds_password(address)):
        said = (
            "desk.ledger holds a password, and this file is plain text. Remove it; then “issuing-desk ledger login”."
            if isinstance(address, str)
            else "desk.ledger must be text."
        )
        raise FileError(settings_file, said, line_of(settings_file.read_text("utf-8"), ("desk", "ledger")))
    return address


def only_reserved(settings_file: Path) -> bool:
    """Tell whether a desk that works alone hands over only what is reserved for it. Raises FileError."""
    return _of_desk(settings_file).get("alone") == RESERVED


def _of_desk(settings_file: Path) -> Mapping[str, object]:
    try:
        document = tomllib.loads(settings_file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise FileError(settings_file, "cannot be read, so it is not known which ledger this desk shares.") from None
    desk: object = document.get("desk")
    return cast("Mapping[str, object]", desk) if isinstance(desk, dict) else {}


def holds_password(address: str) -> bool:
    """Tell whether an address has a password in it. Raises UsageError where it is none of a shared ledger."""
    from provisioning.ledger.postgres_connection import postgres_url

    url = postgres_url(address)
    return url.password is not None or "password" in url.query


class LedgerLogin:
    """The password of a desk's login to the shared ledger."""

    def __init__(self, folder: Path, vault: Callable[[], Vault]) -> None:
        self._path = folder / _FILE
        self._vault = vault

    def password(self) -> str | None:
        """Give it, from the environment or unsealed; None where none was kept. Raises HomeError."""
        if (given := os.environ.get(PASSWORD_VARIABLE)) is not None:
            return given
        return self._vault().open(_PIECE, read_file(self._path)).decode() if self._path.exists() else None

    def keep(self, password: str) -> None:
        """Keep it in the place of an older one. Raises HomeError."""
        write_file(self._path, self._vault().seal(_PIECE, password.encode()))
