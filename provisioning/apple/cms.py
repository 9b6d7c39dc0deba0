"""Signing with the supervision identity, whose private key never leaves memory."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from provisioning.organisation import SupervisionIdentity

LONGEST_CHALLENGE = 128
"""Bytes. Escalate's challenges are 8 random bytes (MCInstall decompilation). Whoever could have us sign more could
have us sign a configuration profile of their own under the name of a challenge; none fits in this."""


class NotAChallenge(ValueError):
    """Raised for a challenge that is empty, or long enough to be something else."""


def signed(content: bytes, identity: SupervisionIdentity) -> bytes:
    """Give ``content`` as CMS SignedData in DER: attached, SHA-256, our certificate first.

    Binary, that is without S/MIME's line ends: handsets answer SignedRequestRejected to 3 to 6 % of challenges
    signed the other way, those that hold 0x0A or 0x0D (doronz88/pymobiledevice3#1805).
    """
    builder = PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(identity.certificate, identity.private_key, hashes.SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary])


def answer_to(challenge: bytes | None, identity: SupervisionIdentity) -> bytes:
    """Sign a handset's challenge. Raises NotAChallenge for what may be no challenge at all."""
    if not challenge or len(challenge) > LONGEST_CHALLENGE:
        raise NotAChallenge(f"a challenge of {len(challenge or b'')} bytes")
    return signed(challenge, identity)


def certificate_der(identity: SupervisionIdentity) -> bytes:
    """Give the identity's certificate as it is compared byte by byte on the handset."""
    return identity.certificate.public_bytes(Encoding.DER)
