"""APK Signature Scheme v2: made with a derived key, and read back with the certificate's digests.

Layout: AOSP ``source.android.com/docs/security/features/apksigning/v2``. Keys are derived from a text, so that the same
input always gives the same file; they protect nothing and sign nothing but training packages.
"""

from __future__ import annotations

import datetime
import hashlib
import struct
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509.oid import NameOID

_BLOCK_MAGIC = b"APK Sig Block 42"
_V2, _V3 = 0x7109871A, 0xF05368C0
_ECDSA_SHA256 = 0x0201
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CHUNK = 1024 * 1024
_END_OF_DIRECTORY = b"PK\x05\x06"


class BadSignature(ValueError):
    """Raised where no usable signing block is there, or it does not fit the file."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A derived key with its self-made certificate (DER)."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes

    @classmethod
    def derived(cls, seed: str) -> Signer:
        """Make the signer that belongs to ``seed``."""
        secret = int.from_bytes(hashlib.sha512(f"training signer {seed}".encode()).digest(), "big") % (_ORDER - 1) + 1
        key = ec.derive_private_key(secret, ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Training {seed}"[:64])])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1 + int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big"))
            .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
            .not_valid_after(datetime.datetime(2050, 1, 1, tzinfo=datetime.UTC))
            .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
        )
        return cls(key, certificate.public_bytes(Encoding.DER))

    @property
    def certificate_sha256(self) -> str:
        """Give the digest by which Android knows the signer."""
        return hashlib.sha256(self.certificate).hexdigest()


def sign(apk: bytes, signer: Signer) -> bytes:
    """Give ``apk`` (a plain ZIP) with a v2 block before its central directory."""
    end, directory = _locate(apk)
    digest = _content_digest(apk[:directory], apk[directory:end], apk[end:])
    digests = _prefixed(_prefixed(struct.pack("<I", _ECDSA_SHA256) + _prefixed(digest)))
    data = digests + _prefixed(_prefixed(signer.certificate)) + _prefixed(b"")
    signature = signer.key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    public = signer.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signatures = _prefixed(_prefixed(struct.pack("<I", _ECDSA_SHA256) + _prefixed(signature)))
    value = _prefixed(_prefixed(_prefixed(data) + signatures + _prefixed(public)))
    pair = struct.pack("<QI", 4 + len(value), _V2) + value
    size = struct.pack("<Q", len(pair) + 24)
    block = size + pair + size + _BLOCK_MAGIC
    tail = apk[end : end + 16] + struct.pack("<I", directory + len(block)) + apk[end + 20 :]
    return apk[:directory] + block + apk[directory:end] + tail


def signing_certificate(apk: bytes) -> tuple[bytes, int] | None:
    """Give the certificate (DER) and scheme (2 or 3) of a signed APK after checking it; None where it has no block.

    Raises BadSignature where the block does not fit the file.
    """
    end, directory = _locate(apk)
    if apk[directory - 16 : directory] != _BLOCK_MAGIC:
        return None
    size = struct.unpack_from("<Q", apk, directory - 24)[0]
    start = directory - size - 8
    if start < 0 or size < 24:
        raise BadSignature("APK Signing Block out of bounds")
    pairs = _pairs(apk[start + 8 : directory - 24])
    scheme = 3 if _V3 in pairs else 2
    value = pairs.get(_V3) or pairs.get(_V2)
    if value is None:
        return None
    tail = apk[end : end + 16] + struct.pack("<I", start) + apk[end + 20 :]
    digest = _content_digest(apk[:start], apk[directory:end], tail)
    return _verified(value, digest, scheme), scheme


def java_hash_of(certificate: bytes) -> str:
    """Give the eight hex digits by which ``dumpsys package`` names a certificate (``Arrays.hashCode`` of its DER)."""
    value = 1
    for byte in certificate:
        value = (31 * value + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    return f"{value:x}"


def _verified(value: bytes, digest: bytes, scheme: int) -> bytes:
    try:
        signer = _fields(_fields(value)[0])[0]
        data, rest = _field(signer)
        if scheme == 3:
            rest = rest[8:]
        signatures, rest = _field(rest)
        public, _ = _field(rest)
        digests, remaining = _field(data)
        certificates, _ = _field(remaining)
        certificate = _fields(certificates)[0]
        known = {struct.unpack_from("<I", d)[0]: _field(d[4:])[0] for d in _fields(digests)}
        signed = {struct.unpack_from("<I", s)[0]: _field(s[4:])[0] for s in _fields(signatures)}
    except (struct.error, IndexError) as error:
        raise BadSignature(f"Malformed signing block: {error}") from None
    # 0x0101 to 0x0104: RSA PSS/PKCS1, 0x0201/0x0202: ECDSA. Only the SHA-256 ones are checked in full.
    if known.get(0x0103, known.get(0x0101, known.get(_ECDSA_SHA256, digest))) != digest:
        raise BadSignature("SHA-256 digest of contents did not verify")
    _check(public, data, signed)
    if public not in certificate:
        raise BadSignature("Public key mismatch between certificate and signature record")
    return certificate


def _check(public: bytes, data: bytes, signed: dict[int, bytes]) -> None:
    try:
        key = load_der_public_key(public)
        if isinstance(key, ec.EllipticCurvePublicKey) and _ECDSA_SHA256 in signed:
            key.verify(signed[_ECDSA_SHA256], data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey) and 0x0103 in signed:
            key.verify(signed[0x0103], data, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise BadSignature("signature over signed-data did not verify") from error


def _locate(apk: bytes) -> tuple[int, int]:
    end = apk.rfind(_END_OF_DIRECTORY, max(0, len(apk) - 65557))
    if end < 0 or end + 22 > len(apk):
        raise BadSignature("no ZIP end of central directory")
    directory = struct.unpack_from("<I", apk, end + 16)[0]
    if directory > end:
        raise BadSignature("central directory out of bounds")
    return end, directory


def _content_digest(*sections: bytes) -> bytes:
    chunks: list[bytes] = []
    for section in sections:
        view = memoryview(section)
        for at in range(0, len(view), _CHUNK):
            piece = view[at : at + _CHUNK]
            digest = hashlib.sha256(b"\xa5" + struct.pack("<I", len(piece)))
            digest.update(piece)
            chunks.append(digest.digest())
    return hashlib.sha256(b"\x5a" + struct.pack("<I", len(chunks)) + b"".join(chunks)).digest()


def _pairs(block: bytes) -> dict[int, bytes]:
    pairs: dict[int, bytes] = {}
    at = 0
    while at + 12 <= len(block):
        length, number = struct.unpack_from("<QI", block, at)
        if length < 4 or at + 8 + length > len(block):
            raise BadSignature("APK Signing Block entry out of bounds")
        pairs[number] = block[at + 12 : at + 8 + length]
        at += 8 + length
    return pairs


def _prefixed(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _field(data: bytes) -> tuple[bytes, bytes]:
    length = struct.unpack_from("<I", data)[0]
    if length + 4 > len(data):
        raise IndexError("field out of bounds")
    return data[4 : 4 + length], data[4 + length :]


def _fields(data: bytes) -> list[bytes]:
    found: list[bytes] = []
    while data:
        field, data = _field(data)
        found.append(field)
    return found
