"""The desk's own keys: Ed25519 for everything that it states, P-256 for the seal in its PDF documents.

PDF readers know no Ed25519, so documents are sealed with a P-256 key whose certificate the Ed25519 key issued: whoever
has ``keys/desk.pub`` can check the certificate's signature with it, and so needs that one key for everything.
Where the desk has changed its key (``provisioning.home.key_change``), ``desk.pub`` holds the older ones as well, the
newest first, and ``former/`` their certificates.
``desk.crt`` is the same Ed25519 key as a self-signed root certificate, for tools that want a file to trust.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provisioning.errors import FileError, HomeError, UsageError
from provisioning.files import read_file, write_file
from provisioning.home.vault import Vault
from provisioning.signatures import LARGEST_PEM, DeskKeys, DeskPublicKey, DeskSigner

PUBLIC_KEY = "desk.pub"
ROOT_CERTIFICATE = "desk.crt"
SEAL_CERTIFICATE = "seal.crt"
_DESK_KEY = "desk.key.sealed"
_SEAL_KEY = "seal.key.sealed"
_YEARS = 20
"""How long certificates hold; receipts are kept for years after the handset came back."""
_LONGEST_NAME = 64
"""Characters of a common name (RFC 5280, ub-common-name)."""
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning (RFC 9336)."""


@dataclass(frozen=True, slots=True)
class DocumentSeal:
    """What seals a PDF: the P-256 key and its certificate, and the desk's root certificate that issued it."""

    certificate: x509.Certificate
    root: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)


def establish_keys(
    folder: Path,
    vault: Vault,
    signer: DeskSigner,
    desk_name: str,
    organisation_name: str,
    former: tuple[DeskPublicKey, ...] = (),
) -> None:
    """Write the desk's keys into ``folder``: private ones sealed, public ones in clear. Raises HomeError.

    ``former`` are the public keys that the desk had before; ``desk.pub`` holds them behind the new one.
    """
    seal_key = ec.generate_private_key(ec.SECP256R1())
    desk_name = f"{desk_name[:27]} {vault.desk}"
    root = _certificate(desk_name, desk_name, organisation_name, signer.private_key.public_key(), signer, ca=True)
    seal = _certificate(f"Seal of {desk_name}"[:_LONGEST_NAME], desk_name, organisation_name, seal_key.public_key(),
                        signer, ca=False)  # fmt: skip
    write_file(folder / _DESK_KEY, vault.seal(_DESK_KEY, _pkcs8(signer.private_key)))
    write_file(folder / _SEAL_KEY, vault.seal(_SEAL_KEY, _pkcs8(seal_key)))
    write_file(folder / PUBLIC_KEY, DeskKeys((signer.public, *former)).pem().encode())
    write_file(folder / ROOT_CERTIFICATE, root.public_bytes(serialization.Encoding.PEM))
    write_file(folder / SEAL_CERTIFICATE, seal.public_bytes(serialization.Encoding.PEM))


def read_public_keys(folder: Path) -> DeskKeys:
    """Read ``desk.pub``: the desk's key, and those that it had before. Raises HomeError."""
    try:
        return DeskKeys.from_pem(read_file(folder / PUBLIC_KEY, LARGEST_PEM))
    except (FileError, UsageError) as e:
        raise HomeError(f"The home's {PUBLIC_KEY} cannot be read. Restore it from a backup.") from e


def open_signer(folder: Path, vault: Vault) -> DeskSigner:
    """Unseal the desk's key. Raises HomeError."""
    key = _unsealed(folder, vault, _DESK_KEY)
    if not isinstance(key, Ed25519PrivateKey):
        raise HomeError("The desk's key is of the wrong kind. Restore the home's keys from a backup.")
    return DeskSigner(key)


def open_seal(folder: Path, vault: Vault) -> DocumentSeal:
    """Unseal the key of the document seal. Raises HomeError, also where its certificate is not the desk's."""
    key = _unsealed(folder, vault, _SEAL_KEY)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise HomeError("The key of the document seal is of the wrong kind. Restore the home's keys from a backup.")
    seal, root = _read_certificate(folder / SEAL_CERTIFICATE), _read_certificate(folder / ROOT_CERTIFICATE)
    if seal.public_key() != key.public_key() or not issued_by(read_public_keys(folder).newest, seal):
        raise HomeError("The certificate of the document seal is not the desk's. Restore it from a backup.")
    return DocumentSeal(seal, root, key)


def issued_by(desk: DeskPublicKey, certificate: x509.Certificate) -> bool:
    """Tell whether this desk's key signed the certificate: all that a stranger needs to believe a sealed document."""
    if certificate.signature_algorithm_oid != x509.SignatureAlgorithmOID.ED25519:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(desk.raw).verify(certificate.signature, certificate.tbs_certificate_bytes)
    except InvalidSignature:
        return False
    return True


def _certificate(
    subject: str,
    issuer: str,
    organisation: str,
    key: Ed25519PublicKey | ec.EllipticCurvePublicKey,
    signer: DeskSigner,
    *,
    ca: bool,
) -> x509.Certificate:
    began = datetime.now(UTC) - timedelta(days=1)
    issuing = signer.private_key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject, organisation))
        .issuer_name(_name(issuer, organisation))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing), critical=False)
        .add_extension(_usage(ca=ca), critical=True)
    )
    if not ca:
        uses = [_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]  # the second for readers older than RFC 9336
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    return builder.sign(signer.private_key, None)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:_LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _pkcs8(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Give the key's DER; it goes straight into the vault, so it is not encrypted twice."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _unsealed(folder: Path, vault: Vault, name: str) -> object:
    try:
        sealed = read_file(folder / name, 1 << 14)
    except FileError as e:
        raise HomeError(f"The home has lost its {name}. Restore it from a backup.") from e
    try:
        return serialization.load_der_private_key(vault.open(name, sealed), None)
    except ValueError as e:
        raise HomeError(f"The home's {name} holds no key. Restore it from a backup.") from e


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(read_file(path, 1 << 14))
    except (FileError, ValueError) as e:
        raise HomeError(f"The home's {path.name} cannot be read. Restore it from a backup.") from e
