"""The organisation's supervision identity in the vault: made for training, brought from PKCS#12 for real homes.

One per organisation, never one per desk: supervised iPhones obey whoever holds it, and without it erasing them is the
only way back. Key and certificate lie in one sealed file (PKCS#12 inside), so that one never lies there without the
other; the certificate is also in clear beside it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from provisioning.errors import FileError, HomeError, UsageError
from provisioning.files import read_file, write_file
from provisioning.home.vault import Vault
from provisioning.organisation import SupervisionIdentity

CERTIFICATE = "supervision.crt"
LARGEST_P12 = 1 << 18
_SEALED = "supervision.p12.sealed"
_YEARS = 20
_KEY_BITS = 2048
_LONGEST_NAME = 64


def generate_supervision_identity(organisation_name: str) -> SupervisionIdentity:
    """Make an RSA-2048 key and its self-signed certificate, good for 20 years; takes a moment (0.05 to 1 s)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, organisation_name[:_LONGEST_NAME])])
    began = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return SupervisionIdentity(certificate, key)


def parse_supervision_identity(p12: bytes, passphrase: str | None) -> SupervisionIdentity:
    """Read key and certificate from a PKCS#12 file. Raises UsageError with what is wrong with it."""
    if len(p12) > LARGEST_P12:
        raise UsageError("The file is far too long for a supervision identity. Choose the .p12 that was exported.")
    try:
        key, certificate, _others = pkcs12.load_key_and_certificates(p12, passphrase.encode() if passphrase else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as e:
        raise UsageError(
            "The supervision identity cannot be read: it is no PKCS#12 file (.p12, .pfx), or its passphrase is wrong."
        ) from e
    if key is None or certificate is None:
        raise UsageError("The file lacks the key or the certificate. Export both together as PKCS#12.")
    if not isinstance(key, rsa.RSAPrivateKey | EllipticCurvePrivateKey):
        raise UsageError("A supervision identity must be an RSA or elliptic-curve key; this one is of another kind.")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < _KEY_BITS:
        raise UsageError(f"The supervision identity's RSA key has {key.key_size} bits; at least {_KEY_BITS} are safe.")
    if certificate.public_key() != key.public_key():
        raise UsageError("Key and certificate in the file do not belong together. Export the identity again.")
    if certificate.not_valid_after_utc <= datetime.now(UTC):
        raise UsageError(f"The supervision identity ended on {certificate.not_valid_after_utc:%d %B %Y}.")
    return SupervisionIdentity(certificate, key)


def keep_supervision_identity(folder: Path, vault: Vault, identity: SupervisionIdentity) -> None:
    """Seal the identity into the home; one that was there is kept beside it, since iPhones may still obey it."""
    sealed = folder / _SEALED
    if sealed.exists():
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        write_file(folder / f"supervision-until-{stamp}.p12.sealed", read_file(sealed))
    packed = pkcs12.serialize_key_and_certificates(
        b"supervision", identity.private_key, identity.certificate, None, serialization.NoEncryption()
    )
    write_file(sealed, vault.seal(_SEALED, packed))
    write_file(folder / CERTIFICATE, identity.certificate.public_bytes(serialization.Encoding.PEM))


def has_supervision_identity(folder: Path) -> bool:
    """Tell whether the home has one, without unlocking anything."""
    return (folder / _SEALED).exists()


def open_supervision_identity(folder: Path, vault: Vault) -> SupervisionIdentity:
    """Unseal the identity. Raises UsageError where the home has none, HomeError where it cannot be unsealed."""
    if not has_supervision_identity(folder):
        raise UsageError(
            "This desk has no supervision identity, so it cannot supervise iPhones. "
            "Import the organisation's identity (PKCS#12) in the settings."
        )
    try:
        packed = vault.open(_SEALED, read_file(folder / _SEALED))
        key, certificate, _others = pkcs12.load_key_and_certificates(packed, None)
    except (FileError, ValueError) as e:
        raise HomeError(f"The home's {_SEALED} cannot be read. Restore it from a backup.") from e
    if not isinstance(key, rsa.RSAPrivateKey | EllipticCurvePrivateKey) or certificate is None:
        raise HomeError(f"The home's {_SEALED} holds no supervision identity. Restore it from a backup.")
    return SupervisionIdentity(certificate, key)


def export_supervision_identity(identity: SupervisionIdentity, passphrase: str) -> bytes:
    """Give the identity as PKCS#12 for another desk or the safe. Raises UsageError for an empty passphrase."""
    if not passphrase.strip():
        raise UsageError("The passphrase is empty. Choose one that nobody else can guess.")
    return pkcs12.serialize_key_and_certificates(
        b"supervision",
        identity.private_key,
        identity.certificate,
        None,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
