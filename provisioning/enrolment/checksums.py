"""The two digests that a provisioning QR may carry. They look alike and mean different things, so each has a type.

*Signature checksum*: SHA-256 of the certificate that signs the controller; stays the same from version to version.
*Package checksum*: SHA-256 of the APK file itself; each version has its own. A handset that is given one under the
other's name downloads the controller, finds that it does not fit, and asks to be reset. Both are URL-safe base64
without padding (developers.google.com/android/work/play/emm-api/prov-devices).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

_BYTES = 32


@dataclass(frozen=True, slots=True)
class SignatureChecksum:
    """The digest of a signing certificate, as the QR has it."""

    text: str

    @classmethod
    def of_certificate(cls, sha256: str) -> SignatureChecksum:
        """Make it from the certificate's SHA-256 in hex."""
        return cls(_encoded(bytes.fromhex(sha256)))


@dataclass(frozen=True, slots=True)
class PackageChecksum:
    """The digest of an APK file, as the QR has it."""

    text: str

    @classmethod
    def of_file(cls, apk: bytes) -> PackageChecksum:
        """Make it from the file's bytes."""
        return cls(_encoded(hashlib.sha256(apk).digest()))


def digest_of(text: str) -> bytes | None:
    """Read a checksum out of a QR, with or without padding; None for what is no SHA-256 in URL-safe base64."""
    if not set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="):
        return None
    try:
        data = base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return None
    return data if len(data) == _BYTES else None


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
