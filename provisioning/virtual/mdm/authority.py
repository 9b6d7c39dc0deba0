"""The certificates of the rack's MDM server: its own authority, its server's, and the identity that handsets show."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from asn1crypto import cms as untyped_cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAYS: Final = 90
_cms: Any = untyped_cms
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError)


class Authority:
    """Makes its keys at once (P-256: milliseconds). Nothing of it is kept when the rack ends."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._issue("Rack MDM authority", self._key, ca=True)
        self._password = secrets.token_urlsafe(12)

    @property
    def der(self) -> bytes:
        """Give the authority's certificate, DER."""
        return self.certificate.public_bytes(Encoding.DER)

    def handset_identity(self) -> tuple[bytes, str]:
        """Give a PKCS#12 with a handset's identity, and its password: what an enrolment profile carries."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issue("Rack handset", key, use=ExtendedKeyUsageOID.CLIENT_AUTH)
        form = PrivateFormat.PKCS12.encryption_builder().build(self._password.encode())
        return pkcs12.serialize_key_and_certificates(b"handset", key, certificate, None, form), self._password

    def signed(self, signature: str, body: bytes) -> bool:
        """Tell whether a message is signed (``Mdm-Signature``) with an identity that this authority issued."""
        try:
            info = _cms.ContentInfo.load(base64.b64decode(signature, validate=True))
            signer = info["content"]["signer_infos"][0]
            certificate = x509.load_der_x509_certificate(info["content"]["certificates"][0].chosen.dump())
            certificate.verify_directly_issued_by(self.certificate)
            key = certificate.public_key()
            attributes = {one["type"].native: one["values"].native[0] for one in signer["signed_attrs"]}
            if not isinstance(key, ec.EllipticCurvePublicKey):
                return False
            key.verify(signer["signature"].native, signer["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256()))
        except (*_UNREADABLE, InvalidSignature):
            return False
        return attributes.get("message_digest") == hashlib.sha256(body).digest()

    def server_context(self) -> ssl.SSLContext:
        """Give the server's TLS, which asks handsets for their identity."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issue("localhost", key, use=ExtendedKeyUsageOID.SERVER_AUTH)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=self.der)
        with tempfile.NamedTemporaryFile("wb", delete=False) as file:
            file.write(certificate.public_bytes(Encoding.PEM))
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        try:
            context.load_cert_chain(file.name)
        finally:
            Path(file.name).unlink()
        return context

    def _issue(
        self, name: str, key: ec.EllipticCurvePrivateKey, *, ca: bool = False, use: x509.ObjectIdentifier | None = None
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        began = datetime.now(UTC) - timedelta(hours=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if ca else self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(began + timedelta(days=_DAYS))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(_key_usage(ca), critical=True)
        )
        if use is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        if use is ExtendedKeyUsageOID.SERVER_AUTH:
            names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _key_usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip
