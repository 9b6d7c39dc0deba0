"""The keys with which a desk wraps its record keys and reads those of others; derived from the vault, or given.

A desk wraps with a key of its own, derived from its vault, so that it needs nobody to begin. Desks of one shared
ledger give each other theirs (``provisioning.privacy.sharing``); what a desk was given lies in ``keys/reading.sealed``,
sealed, so that it reads on without the database.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from provisioning.errors import HomeError
from provisioning.files import read_file, write_file
from provisioning.home.vault import Vault
from provisioning.privacy.protection import HeldKeys
from provisioning.privacy.record_key import key_id

FILE = "reading.sealed"
_PIECE = "reading keys"
_OWN = "record keys"
_SEAL = "reading keys of others"


class ReadingKeys:
    """The keys of one home. Safe for threads and processes: what is kept only grows."""

    def __init__(
        self, folder: Path, desk: str, vault: Callable[[], Vault], at_hand: Callable[[], Vault | None]
    ) -> None:
        self.desk = desk
        self._path = folder / FILE
        self._vault = vault
        self._at_hand = at_hand
        self._turn = threading.Lock()
        self._known: tuple[tuple[int, int], HeldKeys] | None = None

    def keys(self) -> HeldKeys:
        """Give them, unlocking the vault. Raises as ``Home.vault``, and HomeError for a damaged file."""
        return self._of(self._vault())

    def at_hand(self) -> HeldKeys | None:
        """Give them where nobody has to be asked for anything, else None."""
        vault = self._at_hand()
        return None if vault is None else self._of(vault)

    def seal_secret(self) -> bytes:
        """Give the secret of the X25519 key to which other desks seal what they give."""
        return self._vault().derive(_SEAL)

    def keep(self, given: Mapping[bytes, bytes]) -> None:
        """Keep keys that other desks gave. Raises HomeError."""
        vault = self._vault()
        with self._turn:
            kept = {**self._kept(vault), **given}
            text = json.dumps({name.hex(): key.hex() for name, key in sorted(kept.items())})
            write_file(self._path, vault.seal(_PIECE, text.encode()))
            self._known = None

    def _of(self, vault: Vault) -> HeldKeys:
        with self._turn:
            stamp = self._stamp()
            if self._known is None or self._known[0] != stamp:
                own = vault.derive(_OWN)
                self._known = stamp, HeldKeys(own, {**self._kept(vault), key_id(own): own})
            return self._known[1]

    def _kept(self, vault: Vault) -> dict[bytes, bytes]:
        if not self._path.exists():
            return {}
        try:
            kept = json.loads(vault.open(_PIECE, read_file(self._path)))
            return {bytes.fromhex(name): bytes.fromhex(key) for name, key in kept.items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise HomeError(f"{self._path.name} of the home is damaged. Restore it from a backup.") from error

    def _stamp(self) -> tuple[int, int]:
        """Tell one state of the file from the next: it is replaced whole."""
        try:
            state = self._path.stat()
        except FileNotFoundError:
            return 0, 0
        return state.st_mtime_ns, state.st_size
