"""The seal's CMS message (RFC 5652, PAdES baseline): written in one way only, so that reading it can be exact.

CMS leaves much outside its signature: lists of algorithms, extra certificates, unsigned attributes, padding. Whoever
reads a seal writes it again from its certificate, the document's digest and the signature, and wants the same bytes;
so no byte of a sealed document is free to be changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

LARGEST = 1 << 16
"""Bytes; ours have about 1,100."""
SIGNATURE_ROOM = 72
"""Bytes of the longest ECDSA signature over P-256 in DER."""
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")
"""The DER of 1.2.840.113549.1.9.16.2.47."""


@dataclass(frozen=True, slots=True)
class SealMessage:
    """A CMS message taken apart, as yet believed by nobody.

    ``certificate`` is DER; ``issued`` is what its issuer signed of it, with the signature ``issuer_signature``.
    ``signature`` is the seal's own, over the signed attributes.
    """

    certificate: bytes
    issued: bytes
    issuer_signature: bytes
    signature: bytes


def write_message(certificate: x509.Certificate, document_digest: bytes, signature: bytes) -> bytes:
    """Give the DER of the message; ``document_digest`` is the SHA-256 of the sealed bytes."""
    cms, der = _cms(), certificate.public_bytes(Encoding.DER)
    issued = cms.Certificate.load(der)
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            name="issuer_and_serial_number",
            value={"issuer": issued.issuer, "serial_number": issued.serial_number},
        ),
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": _attributes(der, document_digest),
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": signature,
    }
    message = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "data"},
        "certificates": [cms.CertificateChoices(name="certificate", value=issued)],
        "signer_infos": [signer],
    }
    written: bytes = cms.ContentInfo({"content_type": "signed_data", "content": message}).dump()
    return written


def sign_message(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, document_digest: bytes) -> bytes:
    """Give the DER of a signed message; the same one each time where the library can sign as RFC 6979 says."""
    attributes = _attributes(certificate.public_bytes(Encoding.DER), document_digest).dump()
    try:
        signature = key.sign(attributes, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    except UnsupportedAlgorithm:
        signature = key.sign(attributes, ec.ECDSA(hashes.SHA256()))
    return write_message(certificate, document_digest, signature)


def read_message(der: bytes) -> SealMessage:
    """Take a message apart. Raises ValueError for what is none; checks no signature."""
    if len(der) > LARGEST:
        raise ValueError("far too long for a seal")
    cms = _cms()
    try:
        signed = cms.ContentInfo.load(der, strict=True)["content"]
        certificates, signers = signed["certificates"], signed["signer_infos"]
        if len(certificates) != 1 or len(signers) != 1:
            raise ValueError("not one certificate and one signer")
        certificate = certificates[0].chosen
        parts = (
            certificate.dump(),
            certificate["tbs_certificate"].dump(),
            certificate["signature_value"].native,
            signers[0]["signature"].native,
        )
        if not all(isinstance(part, bytes) for part in parts):
            raise ValueError("not a CMS message of a seal")
        return SealMessage(*parts)
    except (TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError) as e:
        # asn1crypto reads lazily and meets hostile structures with whatever Python raises there.
        raise ValueError("not a CMS message of a seal") from e


def holds(certificate: x509.Certificate, signature: bytes, der: bytes, document_digest: bytes) -> bool:
    """Tell whether ``der`` is exactly the message that seals a document of this digest with this certificate's key."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return False
    if write_message(certificate, document_digest, signature) != der:
        return False
    attributes = _attributes(certificate.public_bytes(Encoding.DER), document_digest).dump()
    try:
        key.verify(signature, attributes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _attributes(certificate: bytes, document_digest: bytes) -> Any:
    """Give the signed attributes that PAdES asks for: what is signed, and with which certificate (RFC 5035)."""
    cms = _cms()
    named = {"certs": [{"cert_hash": hashlib.sha256(certificate).digest()}]}
    return cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [document_digest]},
            {"type": cms.CMSAttributeType.load(_SIGNING_CERTIFICATE_V2), "values": [named]},
        ]
    )


def _cms() -> Any:
    """Give asn1crypto's CMS module, which has no types; loading ``tsp`` teaches it signing-certificate-v2.

    It knows that attribute by its identifier then. By its name only if nobody read a CMS message in this process
    before: the table of names is made once.
    """
    import asn1crypto.tsp  # noqa: F401  # pyright: ignore[reportUnusedImport]  # for what it registers
    from asn1crypto import cms

    return cms
