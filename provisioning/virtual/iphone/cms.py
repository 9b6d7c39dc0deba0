"""Signed CMS messages as a device checks them: challenge responses and signed profiles.

asn1crypto reads the structure and cryptography checks the signature: cryptography 50 signs CMS but does not verify it,
and asn1crypto comes with pyHanko anyway.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final, cast

from asn1crypto import cms as untyped_cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_cms: Any = untyped_cms
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1(),  # noqa: S303  # go-ios and old profiles still sign with it, and devices take it
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError)


class NotSigned(Exception):
    """Raised for what is no signed message, or whose signature does not hold."""


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A signed message whose signature holds. ``certificates`` are DER, in the order of the message."""

    content: bytes
    signer: bytes
    certificates: tuple[bytes, ...]


def open_signed(message: bytes) -> SignedMessage:
    """Open a CMS SignedData with its content inside and check its first signature. Raises NotSigned.

    Only the signature is checked, no chain: MCInstall compares certificates byte by byte and takes self-signed ones.
    """
    try:
        info = _cms.ContentInfo.load(message)
        if info["content_type"].native != "signed_data":
            raise NotSigned("not signed data")
        return _check(info["content"])
    except _UNREADABLE as error:
        raise NotSigned(f"unreadable CMS ({type(error).__name__})") from error


def _check(signed: Any) -> SignedMessage:
    content = signed["encap_content_info"]["content"].native
    certificates = [choice.chosen.dump() for choice in signed["certificates"]]
    if not isinstance(content, bytes) or not certificates or not len(signed["signer_infos"]):
        raise NotSigned("content, certificate or signature is missing")
    signer_info = signed["signer_infos"][0]
    signer = _signer(signer_info["sid"], certificates)
    algorithm = _HASHES.get(signer_info["digest_algorithm"]["algorithm"].native)
    if algorithm is None:
        raise NotSigned("unknown digest")
    _verify(signer, signer_info, _signed_bytes(signer_info, content, algorithm), algorithm)
    return SignedMessage(content, signer, tuple(certificates))


def _signer(identifier: Any, certificates: list[bytes]) -> bytes:
    """Find the certificate that the signature names, by issuer and serial number or by key identifier."""
    for der in certificates:
        certificate = _cms.Certificate.load(der)
        if identifier.name == "issuer_and_serial_number":
            named = identifier.chosen
            if named["issuer"] == certificate.issuer and named["serial_number"].native == certificate.serial_number:
                return der
        elif identifier.chosen.native == certificate.key_identifier:
            return der
    raise NotSigned("the signer's certificate is not in the message")


def _signed_bytes(signer_info: Any, content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    """Give what was signed: the attributes with the content's digest among them, or the content itself (RFC 5652)."""
    attributes = signer_info["signed_attrs"]
    if not len(attributes):
        return content
    digests = [a["values"][0].native for a in attributes if a["type"].native == "message_digest"]
    if digests != [hashlib.new(algorithm.name, content).digest()]:
        raise NotSigned("the content is not what was signed")
    return cast("bytes", attributes.untag().dump(force=True))


def _verify(signer: bytes, signer_info: Any, signed: bytes, algorithm: hashes.HashAlgorithm) -> None:
    try:
        key = x509.load_der_x509_certificate(signer).public_key()
        signature = cast("bytes", signer_info["signature"].native)
        if isinstance(key, RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, signed, ECDSA(algorithm))
        else:
            raise NotSigned("unknown kind of key")
    except InvalidSignature as error:
        raise NotSigned("the signature does not hold") from error
