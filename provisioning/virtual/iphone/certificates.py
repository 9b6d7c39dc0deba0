"""Keys and certificates of a virtual iPhone's trust, and the TLS that follows from them.

The host makes all certificates of a pairing, the device's own included, over the device's public key (libimobiledevice,
go-ios and pymobiledevice3 alike); the device keeps only its private key. Real phones have one key each; here all
phones share one, made once off the loop, because the key differs in nothing but its value.
"""

from __future__ import annotations

import secrets
import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final, Generic, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

_KEY_BITS: Final = 2048
_T = TypeVar("_T")


class BadCertificate(Exception):
    """Raised for a certificate that a host offers and that cannot be used."""


@dataclass(frozen=True, slots=True)
class PairingCertificates:
    """The three certificates of one pairing, DER. The private keys that belong to two of them stay with the host."""

    device: bytes
    host: bytes
    root: bytes


class _Once(Generic[_T]):
    """A value that is made once in the process, by whichever thread comes first."""

    def __init__(self, make: Callable[[], _T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[_T] = []

    def __call__(self) -> _T:
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """The key of every virtual iPhone. ``pem`` is the public half as DevicePublicKey gives it (PKCS#1)."""

    public: RSAPublicKey
    pem: bytes
    locked_away: bytes
    password: bytes


class HostKeys:
    """The keys that a host daemon pairs with: a root and a host certificate, both with empty names.

    usbmuxd makes them anew for each phone; here one set serves them all, for the same reason as the device's key.
    """

    def __init__(self) -> None:
        self._root_key = generate_private_key(65537, _KEY_BITS)
        self._host_key = generate_private_key(65537, _KEY_BITS)
        self._root = _certificate(self._root_key.public_key(), self._root_key, authority=True)
        self._host = _certificate(self._host_key.public_key(), self._root_key)
        self._issue = lru_cache(maxsize=8)(self._device_certificate)

    def certificates(self, device_public_key: bytes) -> PairingCertificates:
        """Issue a device certificate over a DevicePublicKey and give it with the other two."""
        der = Encoding.DER
        return PairingCertificates(
            device=self._issue(device_public_key),
            host=self._host.public_bytes(der),
            root=self._root.public_bytes(der),
        )

    def private_keys(self) -> dict[str, bytes]:
        """Give the private keys as a pair record stores them: PEM, unencrypted, as in /var/lib/lockdown."""
        form = (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return {
            "HostPrivateKey": self._host_key.private_bytes(*form),
            "RootPrivateKey": self._root_key.private_bytes(*form),
        }

    def _device_certificate(self, pem: bytes) -> bytes:
        public = load_pem_public_key(pem)
        if not isinstance(public, RSAPublicKey):
            raise BadCertificate("DevicePublicKey is no RSA key")
        return _certificate(public, self._root_key).public_bytes(Encoding.DER)


def der_of(certificate: bytes | None) -> bytes:
    """Give a certificate from PEM or DER as DER. Raises BadCertificate for what is neither.

    PEM from hosts may lack its last line feed, and names and serial numbers may be empty or zero, so it is decoded here
    and left to TLS to judge.
    """
    if not certificate:
        raise BadCertificate("certificate is missing")
    if not certificate.lstrip().startswith(b"-----BEGIN"):
        return certificate
    try:
        return ssl.PEM_cert_to_DER_cert(certificate.decode("ascii").strip() + "\n")
    except ValueError as error:
        raise BadCertificate("certificate is not PEM") from error


def pem_of(certificate: bytes) -> bytes:
    """Give a DER certificate as PEM."""
    return ssl.DER_cert_to_PEM_cert(certificate).encode()


@lru_cache(maxsize=512)
def tls_context(
    certificates: PairingCertificates,
    newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    refusing: bool = False,
) -> ssl.SSLContext:
    """Make the TLS that a paired phone serves. Raises BadCertificate where the certificates cannot be used together.

    The phone trusts the root *and* the host certificate, and as ends of a chain: libimobiledevice presents the root,
    pymobiledevice3 and go-ios the host certificate, and with empty names OpenSSL takes each for self-signed. SHA-1
    signatures (go-ios 1.2.0) are taken. TLS 1.2 is what a real phone negotiated (ECDHE-RSA-AES256-GCM-SHA384).
    ``refusing`` gives TLS that trusts no host, so that its handshake ends in an alert.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = newest
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    key = device_key()
    try:
        if not refusing:
            context.load_verify_locations(cadata=certificates.root)
            context.load_verify_locations(cadata=certificates.host)
        with tempfile.TemporaryDirectory(prefix="virtual-iphone-") as folder:
            chain = Path(folder) / "device.pem"
            chain.write_bytes(key.locked_away + pem_of(certificates.device))
            context.load_cert_chain(chain, password=key.password)
    except (ssl.SSLError, ValueError) as error:
        raise BadCertificate("certificates do not fit the device's key") from error
    return context


def _make_device_key() -> DeviceKey:
    key = generate_private_key(65537, _KEY_BITS)
    password = secrets.token_hex(16).encode()
    return DeviceKey(
        public=key.public_key(),
        pem=key.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        locked_away=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)),
        password=password,
    )


def _certificate(public: RSAPublicKey, issuer: RSAPrivateKey, authority: bool = False) -> x509.Certificate:
    now = datetime.now(UTC)
    nobody = x509.Name([])
    return (
        x509.CertificateBuilder()
        .subject_name(nobody)
        .issuer_name(nobody)
        .public_key(public)
        .serial_number(1)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(issuer, hashes.SHA256())
    )


device_key = _Once(_make_device_key)
"""Make the phones' key, or give the one that was made; takes some 100 ms the first time, so call it off the loop."""
host_keys = _Once(HostKeys)
"""Make the host daemon's keys, or give those that were made; as slow the first time."""
