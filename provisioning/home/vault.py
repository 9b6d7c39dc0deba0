"""The vault: nothing secret lies on the disk but sealed with AES-256-GCM under keys derived from one master key.

A sealed piece is ``IDV1 || nonce (12 bytes) || ciphertext and tag``; its key is HKDF-SHA256 of the master key with
the piece's name, and desk and name are authenticated with it, so that no piece passes for another or for another
desk's. Who keeps the master key is the custody's business (``provisioning.home.custody``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from provisioning.errors import HomeError

MASTER_KEY_BYTES = 32
_MARK = b"IDV1"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens pieces, each under its own name, for one desk."""

    desk: str
    master_key: bytes = field(repr=False)

    def seal(self, name: str, secret: bytes) -> bytes:
        """Give ``secret`` encrypted; sealing the same twice gives different bytes."""
        nonce = os.urandom(_NONCE_BYTES)
        return _MARK + nonce + self._cipher(name).encrypt(nonce, secret, self._bound(name))

    def open(self, name: str, sealed: bytes) -> bytes:
        """Give back what was sealed under ``name``. Raises HomeError where it was changed, or is of another desk."""
        body = sealed.removeprefix(_MARK)
        if body == sealed or len(body) < _NONCE_BYTES:
            raise HomeError(f"“{name}” in the home is not a sealed piece. Restore it from a backup.")
        try:
            return self._cipher(name).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], self._bound(name))
        except InvalidTag as e:
            raise HomeError(
                f"“{name}” in the home cannot be unsealed: it was changed or belongs to another desk. "
                "Restore it from a backup."
            ) from e

    def derive(self, name: str) -> bytes:
        """Give a key of 32 bytes for this purpose of this desk, always the same; no piece is sealed with it."""
        info = f"issuing-desk derived 1\0{self.desk}\0{name}".encode()
        return HKDF(SHA256(), MASTER_KEY_BYTES, salt=None, info=info).derive(self.master_key)

    def _cipher(self, name: str) -> AESGCM:
        derivation = HKDF(SHA256(), MASTER_KEY_BYTES, salt=None, info=b"issuing-desk vault 1\0" + name.encode())
        return AESGCM(derivation.derive(self.master_key))

    def _bound(self, name: str) -> bytes:
        return f"issuing-desk vault 1\0{self.desk}\0{name}".encode()


def new_master_key() -> bytes:
    """Give a random master key."""
    return os.urandom(MASTER_KEY_BYTES)
