"""The PDF seal: a stranger with nothing but the desk's public key believes a sealed document, and only that desk's."""

# asn1crypto has no types and pyHanko's are partly unknown to the checker:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import keys, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.authority import NamedKeyAuthority, TrustAnchor
from pyhanko_certvalidator.registry import SimpleCertificateStore

from provisioning.home.creation import create_home
from provisioning.home.home import Home
from provisioning.home.keys import issued_by


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Home]:
    def home() -> Home:
        return create_home(
            tmp_path_factory.mktemp("desk") / "home", training=True, organisation_name="Met" * 40, desk_name="Desk" * 20
        )

    return home


def sealed_document(home: Home) -> bytes:
    writer = PdfFileWriter()
    box = BoxConstraints(200, 200)
    content = writer.add_object(RawContent(b"0 0 10 10 re f", box=box).as_form_xobject())
    writer.insert_page(PageObject(contents=content, media_box=(0, 0, 200, 200)))
    plain = io.BytesIO()
    writer.write(plain)
    seal = home.seal()
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(seal.certificate.public_bytes(Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(
            seal.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        ),
        cert_registry=SimpleCertificateStore(),
    )
    meta = signers.PdfSignatureMetadata(field_name="Seal", subfilter=fields.SigSeedSubFilter.PADES)
    return signers.sign_pdf(IncrementalPdfFileWriter(plain), meta, signer=signer).getvalue()


def believes(document: bytes, home: Home) -> bool:
    """Judge a document with the desk's public key and nothing else of the desk."""
    (signature,) = PdfFileReader(io.BytesIO(document)).embedded_signatures
    key = keys.PublicKeyInfo.load(home.public_key().der())
    anchor = TrustAnchor(NamedKeyAuthority(signature.signer_cert.issuer, key))
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[anchor], allow_fetching=False))
    return bool(status.bottom_line)


def test_one_public_key_is_enough_to_believe_a_sealed_document(make: Callable[[], Home]) -> None:
    home, other = make(), make()
    document = sealed_document(home)
    assert believes(document, home)
    assert not believes(document, other)
    changed = document.replace(b"0 0 10 10 re f", b"0 0 99 10 re f")
    assert changed != document
    assert not believes(changed, home)


def test_the_seal_s_certificate_is_p256_lasts_and_names_the_desk(make: Callable[[], Home]) -> None:
    home = make()
    seal = home.seal()
    assert isinstance(seal.certificate.public_key(), ec.EllipticCurvePublicKey)
    assert seal.private_key.curve.name == "secp256r1"
    assert seal.certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=3650)
    assert home.identity.desk in seal.root.subject.rfc4514_string()
    seal.certificate.verify_directly_issued_by(seal.root)
    seal.root.verify_directly_issued_by(seal.root)
    assert issued_by(home.public_key(), seal.certificate)
    assert not issued_by(make().public_key(), seal.certificate)


def test_public_files_are_plain_pem(make: Callable[[], Home]) -> None:
    folder: Path = make().path / "keys"
    for name in ("desk.pub", "desk.crt", "seal.crt", "supervision.crt"):
        assert (folder / name).read_text().startswith("-----BEGIN ")
