"""What a desk keeps secret for enrolling Androids: settings of the controller, a Wi-Fi password, an enrolment token.

One sealed piece in the home; names and values are read only with the vault open.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from provisioning.errors import HomeError, UsageError
from provisioning.files import read_file, write_file
from provisioning.home.vault import Vault
from provisioning.plain_text import one_line

FILE = "android.sealed"
WIFI_PASSWORD = "wifi-password"  # noqa: S105 - the name of a secret, not one
ENROLMENT_TOKEN = "enrolment-token"  # noqa: S105 - likewise
RESERVED = frozenset({WIFI_PASSWORD, ENROLMENT_TOKEN})
"""Secrets that are no settings of the controller."""
LARGEST = 1 << 16
"""Bytes of one secret; a server's token with its QR has some two thousand."""
_PIECE = "android"


class DeskSecrets:
    """The secrets of one home, by name."""

    def __init__(self, folder: Path, vault: Callable[[], Vault]) -> None:
        self._path = folder / FILE
        self._vault = vault

    def all(self) -> Mapping[str, str]:
        """Give every secret by its name; nothing, and no unlocking, where none was kept. Raises HomeError."""
        if not self._path.exists():
            return {}
        try:
            return cast("dict[str, str]", json.loads(self._vault().open(_PIECE, read_file(self._path))))
        except ValueError as error:
            raise HomeError(f"The secrets in {self._path} are damaged. Set them again.") from error

    def settings(self) -> Mapping[str, str]:
        """Give those that are settings of the controller."""
        return {name: value for name, value in self.all().items() if name not in RESERVED}

    def keep(self, name: str, value: str) -> None:
        """Keep one, in the place of what had its name. Raises UsageError, HomeError.

        A reserved name that is spelled another way would become a setting, which every handset is told; it is refused.
        """
        for reserved in RESERVED - {name}:
            if _letters(name) == _letters(reserved):
                raise UsageError(f"Do you mean “{reserved}”? It is spelled so; “{one_line(name, 60)}” is not kept.")
        if not value or len(value.encode()) > LARGEST:
            raise UsageError(f"A secret has 1 to {LARGEST} bytes.")
        self._write({**self.all(), name: value})

    def forget(self, name: str) -> None:
        """Remove one. Raises UsageError where there is none of that name, HomeError."""
        known = dict(self.all())
        if known.pop(name, None) is None:
            raise UsageError(f"This desk keeps no secret “{one_line(name, 60)}”.")
        self._write(known)

    def _write(self, known: Mapping[str, str]) -> None:
        write_file(self._path, self._vault().seal(_PIECE, json.dumps(dict(known), ensure_ascii=False).encode()))


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum()).replace("enrollment", "enrolment")
