"""The RSA keys by which adbd knows its hosts.

The public key travels as base64 of Android's 524-byte structure (``libcrypto_utils/android_pubkey.c``): word count,
-1/n[0] mod 2^32, modulus, R^2 mod n, exponent, all little endian. Signatures are PKCS#1 v1.5 over the 20-byte token
taken as a SHA-1 digest (``daemon/auth.cpp``: ``RSA_verify(NID_sha1, token, …)``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

_MODULUS_BYTES = 256
_BLOB_BYTES = 524


@dataclass(frozen=True, slots=True)
class HostKey:
    """A host's public key as it offered it; ``comment`` is its ``user@host`` (hostile text)."""

    blob: bytes
    comment: str
    public: RSAPublicKey

    @property
    def fingerprint(self) -> str:
        """Give what the dialog on the handset shows: the MD5 of the structure, colons between the bytes."""
        digest = hashlib.md5(self.blob, usedforsecurity=False).hexdigest().upper()
        return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))

    def signed(self, token: bytes, signature: bytes) -> bool:
        """Tell whether ``signature`` over ``token`` is this key's."""
        try:
            # SHA-1 is what adb signs with; the token is random and 20 bytes long.
            self.public.verify(signature, token, PKCS1v15(), Prehashed(hashes.SHA1()))  # noqa: S303 - the protocol's own
        except (InvalidSignature, ValueError):
            return False
        return True


def parse_host_key(payload: bytes) -> HostKey | None:
    """Read an offered key (``base64 user@host NUL``); None for anything that Android would not take."""
    text, _, comment = payload.rstrip(b"\0").partition(b" ")
    try:
        blob = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(blob) != _BLOB_BYTES or struct.unpack_from("<I", blob)[0] != _MODULUS_BYTES // 4:
        return None
    modulus = int.from_bytes(blob[8 : 8 + _MODULUS_BYTES], "little")
    exponent = struct.unpack_from("<I", blob, _BLOB_BYTES - 4)[0]
    try:
        public = RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        return None
    return HostKey(blob, comment.decode("utf-8", "replace")[:256], public)
