"""The DSSE envelope (Dead Simple Signing Envelope v1): exact payload bytes, their type, and who signed both.

https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md. There is no algorithm field that a forger could
choose: the key decides, and ours are Ed25519.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from provisioning.canonical import Members, canonical, parse_object
from provisioning.signatures import AnyDeskKey, Signer

LARGEST = 8 << 20
"""Bytes; a record of a handset with 100 findings has about 60 kB."""
_MOST_SIGNATURES = 16
_URL_SAFE_TO_STANDARD = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature; ``key`` is the identifier of the key that made it, a hint and no proof."""

    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and the signatures over it."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def id(self) -> str:
        """Give the SHA-256 (hex) of the payload: the bytes inside the envelope, before base64, signatures left out."""
        return hashlib.sha256(self.payload).hexdigest()

    def signed_by(self, key: AnyDeskKey) -> bool:
        """Tell whether one of the signatures is this desk's."""
        message = pre_authentication(self.payload_type, self.payload)
        return any(key.verifies(signature.value, message) for signature in self.signatures)

    def text(self) -> bytes:
        """Give the envelope as JSON, as it is kept in a file."""
        return canonical(
            {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [
                    {"keyid": signature.key, "sig": base64.b64encode(signature.value).decode()}
                    for signature in self.signatures
                ],
            }
        )


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """Give the bytes that are signed (PAE of the specification)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign_envelope(payload_type: str, payload: bytes, signer: Signer) -> Envelope:
    """Put a payload into an envelope with the desk's signature."""
    signature = signer.sign(pre_authentication(payload_type, payload))
    return Envelope(payload_type, payload, (Signature(signer.public.id, signature),))


def parse_envelope(data: bytes | str) -> Envelope:
    """Read an envelope. Raises ValueError where it is none; checks no signature."""
    if len(data) > LARGEST:
        raise ValueError("far too long for an envelope")
    members = parse_object(data)
    signatures = members.list("signatures")
    if not 1 <= len(signatures) <= _MOST_SIGNATURES:
        raise ValueError("without signatures, or with too many")
    return Envelope(
        members.text("payloadType"),
        _bytes(members, "payload"),
        tuple(Signature(signature.text_or_none("keyid") or "", _bytes(signature, "sig")) for signature in signatures),
    )


def _bytes(members: Members, name: str) -> bytes:
    """Decode base64, standard or URL-safe: the specification has readers take either."""
    return base64.b64decode(members.text(name).translate(_URL_SAFE_TO_STANDARD), validate=True)
