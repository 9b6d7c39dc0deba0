"""The desk's Ed25519 signature: who signed is told by the key's identifier, whether it holds by the public key alone.

One key signs entries and heads of the ledger, verification records (DSSE), receipt codes (COSE) and the certificate of
the PDF seal. What is signed differs in its first bytes for each of these, so that none can pass for another.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from provisioning.errors import UsageError

LARGEST_PEM = 4096
"""Bytes; the public key of a desk is 113 bytes of PEM."""


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
    def id(self) -> str:
        """Give the key identifier: SHA-256 (hex) over the DER SubjectPublicKeyInfo, as ``openssl`` can compute it."""
        return hashlib.sha256(self.der()).hexdigest()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether ``signature`` is this desk's over ``message``; False for anything malformed."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
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
