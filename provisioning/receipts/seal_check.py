"""Check the seal of a PDF before anything in the PDF is parsed: the bytes first, their meaning afterwards.

A file that passes was written by a desk, whole, and nobody changed a byte of it; only such a file is then read as PDF.
So a hostile file meets a search for one line, an exact comparison and two signatures, and no PDF reader.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum, unique
from itertools import islice

from cryptography import x509
from cryptography.x509 import ExtensionNotFound, SignatureAlgorithmOID

from provisioning.receipts.seal_cms import LARGEST, holds, read_message
from provisioning.signatures import AnyDeskKey

_HEADER = b"%PDF-"
_BYTE_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10})\] *\n")
_END = b"%%EOF\n"
_DER_LONG_FORM = 0x82
"""A DER length in two bytes, which ours always needs."""


@unique
class SealState(StrEnum):
    """What a look at the seal gave."""

    HOLDS = "holds"
    NO_PDF = "this is no PDF file"
    NO_SEAL = "it carries no seal of a desk"
    NOT_WHOLE = "the seal does not cover the whole file: something was added, cut off or put in its place"
    DAMAGED = "its seal is damaged"
    CHANGED = "it was changed after it was sealed"
    ANOTHER_KEY = "its seal is not this desk's"


def check_seal(data: bytes, desk: AnyDeskKey) -> SealState:
    """Say whether the desk with this key sealed exactly these bytes."""
    if not data.startswith(_HEADER):
        return SealState.NO_PDF
    ranges = list(islice(_BYTE_RANGE.finditer(data), 2))
    if not ranges:
        return SealState.NO_SEAL
    before, after, rest = (int(number) for number in ranges[0].groups())
    in_order = before < after <= ranges[0].start()
    if len(ranges) != 1 or not in_order or after + rest != len(data) or not data.endswith(_END):
        return SealState.NOT_WHOLE
    der = _contents(data[before:after])
    if der is None:
        return SealState.DAMAGED
    digest = hashlib.sha256(data[:before] + data[after:]).digest()
    return _judge(der, digest, desk)


def _judge(der: bytes, digest: bytes, desk: AnyDeskKey) -> SealState:
    try:
        message = read_message(der)
    except ValueError:
        return SealState.DAMAGED
    # The desk's signature on the certificate first: only then is the certificate read, and it is the desk's own.
    if not desk.verifies(message.issuer_signature, message.issued):
        return SealState.ANOTHER_KEY
    try:
        certificate = x509.load_der_x509_certificate(message.certificate)
        sealing = _is_for_sealing(certificate)
    except ValueError:
        return SealState.DAMAGED
    if not sealing or certificate.tbs_certificate_bytes != message.issued:
        return SealState.ANOTHER_KEY
    return SealState.HOLDS if holds(certificate, message.signature, der, digest) else SealState.CHANGED


def _contents(gap: bytes) -> bytes | None:
    """Give the message between the two sealed ranges if it is written in the one way that we write it."""
    if gap[:1] != b"<" or gap[-1:] != b">" or len(gap) > 2 * LARGEST or len(gap) % 2:
        return None
    digits = gap[1:-1].decode("ascii", "replace")
    try:
        padded = bytes.fromhex(digits)
    except ValueError:
        return None
    if padded.hex().upper() != digits or len(padded) < 4 or padded[1] != _DER_LONG_FORM:
        return None
    length = 4 + int.from_bytes(padded[2:4], "big")
    return padded[:length] if length <= len(padded) and not any(padded[length:]) else None


def _is_for_sealing(certificate: x509.Certificate) -> bool:
    """Tell whether the desk issued this certificate to seal documents with, not to issue others."""
    try:
        authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        signs = certificate.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    except ExtensionNotFound:
        return False
    return certificate.signature_algorithm_oid == SignatureAlgorithmOID.ED25519 and signs and not authority
