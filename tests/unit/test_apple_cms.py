"""Signatures that a handset accepts, checked by openssl, which wrote none of them: attached, binary, ours first."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from provisioning.apple import cms
from provisioning.organisation import SupervisionIdentity


def _identity(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> SupervisionIdentity:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Supervision")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=3650))
    return SupervisionIdentity(builder.sign(key, hashes.SHA256()), key)


RSA = _identity(rsa.generate_private_key(public_exponent=65537, key_size=2048))
EC = _identity(ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize("identity", [RSA, EC], ids=["rsa", "ec"])
@pytest.mark.parametrize("content", [b"12345678", b"\n\r\n\r\n\n\r\r", b"\x00\r\n\xff", b"<?xml?>\n<plist/>\n"])
def test_openssl_gives_back_the_very_bytes(tmp_path: Path, identity: SupervisionIdentity, content: bytes) -> None:
    (tmp_path / "signed").write_bytes(cms.signed(content, identity))
    subprocess.run(
        ["openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", "signed", "-out", "content",
         "-signer", "signer.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    assert (tmp_path / "content").read_bytes() == content
    signer = x509.load_pem_x509_certificate((tmp_path / "signer.pem").read_bytes())
    assert signer.public_bytes(Encoding.DER) == cms.certificate_der(identity)
