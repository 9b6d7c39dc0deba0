"""The desk's Ed25519 signature: who signed is told by the key's identifier, whether it holds by the public key alone.

One key signs entries and heads of the ledger, verification records (DSSE), receipt codes (COSE) and the certificate of
the PDF seal. What is signed differs in its first bytes for each of these, so that none can pass for another.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from provisioning.errors import UsageError

LARGEST_PEM = 1 << 14
"""Bytes; one public key is 113 bytes of PEM, and ``desk.pub`` holds those as well that the desk had before."""
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\s*", re.DOTALL)


@lru_cache(64)
def _loaded(raw: bytes) -> Ed25519PublicKey:
    """Keep the few keys that a whole ledger is checked with ready to use."""
    return Ed25519PublicKey.from_public_bytes(raw)


class Signer(Protocol):
    """Signs in the desk's name; the private key stays where it is."""

    @property
    def public(self) -> DeskPublicKey:
        """Give the key that checks what was signed."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Give the 64-byte Ed25519 signature over ``message``."""
        ...


@dataclass(frozen=True, slots=True)
class DeskPublicKey:
    """What a stranger needs to check anything that a desk signed."""

    raw: bytes
    """32 bytes, RFC 8032."""

    @property
    def keys(self) -> tuple[DeskPublicKey, ...]:
        """Give this key, as :class:`DeskKeys` gives all."""
        return (self,)

    @property
    def newest(self) -> DeskPublicKey:
        """Give this key."""
        return self

    @property
    def id(self) -> str:
        """Give the key identifier: SHA-256 (hex) over the DER SubjectPublicKeyInfo, as ``openssl`` can compute it."""
        return hashlib.sha256(self.der()).hexdigest()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether ``signature`` is this desk's over ``message``; False for anything malformed."""
        try:
            _loaded(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def der(self) -> bytes:
        """Give the DER SubjectPublicKeyInfo (RFC 8410)."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def pem(self) -> str:
        """Give the PEM text that ``keys/desk.pub`` holds."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode(
            "ascii"
        )

    @classmethod
    def from_pem(cls, pem: bytes | str) -> DeskPublicKey:
        """Read a PEM public key. Raises UsageError where it is none, or not Ed25519."""
        data = pem.encode("utf-8", "surrogateescape") if isinstance(pem, str) else pem
        if len(data) > LARGEST_PEM:
            raise UsageError("This is no desk's public key: the file is far too long.")
        try:
            key = serialization.load_pem_public_key(data)
        except (ValueError, UnsupportedAlgorithm) as e:
            raise UsageError("This is no public key in PEM form. Use the desk's “desk.pub”.") from e
        if not isinstance(key, Ed25519PublicKey):
            raise UsageError("This public key is not Ed25519, so it is no desk's. Use the desk's “desk.pub”.")
        return cls(key.public_bytes_raw())


@dataclass(frozen=True, slots=True)
class DeskKeys:
    """The keys that a desk has had, the newest first: what it signed with any of them is its own."""

    keys: tuple[DeskPublicKey, ...]

    @property
    def newest(self) -> DeskPublicKey:
        """Give the key that the desk signs with now."""
        return self.keys[0]

    @property
    def id(self) -> str:
        """Give the identifier of the newest."""
        return self.newest.id

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether ``signature`` is one of this desk's over ``message``; False for anything malformed."""
        return any(key.verifies(signature, message) for key in self.keys)

    def pem(self) -> str:
        """Give the PEM texts one after the other, as ``keys/desk.pub`` holds them: who reads one reads the newest."""
        return "".join(key.pem() for key in self.keys)

    @classmethod
    def from_pem(cls, pem: bytes) -> DeskKeys:
        """Read one public key or several. Raises UsageError where it is none, or not Ed25519."""
        first = DeskPublicKey.from_pem(pem)  # with a sentence for whatever is wrong
        keys = (first, *(DeskPublicKey.from_pem(piece) for piece in _PEM.findall(pem)))
        return cls(tuple(dict.fromkeys(keys)))


AnyDeskKey: TypeAlias = DeskPublicKey | DeskKeys
"""What a stranger checks with: the one key of a desk, or all that it has had."""


@dataclass(frozen=True, slots=True)
class DeskSigner:
    """Signs with a private key held in memory."""

    private_key: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> DeskPublicKey:
        """Give the key that checks what was signed."""
        return DeskPublicKey(self.private_key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Give the 64-byte Ed25519 signature over ``message``."""
        return self.private_key.sign(message)

    @classmethod
    def generate(cls) -> DeskSigner:
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate())
