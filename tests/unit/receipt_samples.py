"""Receipts, a desk's keys and signatures for the tests of paper; no test is in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from PIL import Image

from provisioning.inventory import Unread
from provisioning.platforms import Platform
from provisioning.policy.effective import PermitGrant, PolicyReference
from provisioning.receipts.declaration import load_declaration
from provisioning.receipts.document import render_pdf
from provisioning.receipts.receipt import (
    Check,
    Declined,
    HandsetItem,
    LedgerPlace,
    Officer,
    OfficerSignature,
    Picture,
    Receipt,
    ReceiptKind,
    Signed,
    Technician,
)
from provisioning.receipts.receipt_code import make_code
from provisioning.receipts.strokes import strokes_to_svg
from provisioning.receipts.wording import standing_limits
from provisioning.signatures import DeskSigner
from provisioning.verification.judgement import CatalogueReference, Verdict

CHECKED = datetime(2026, 3, 1, 9, 28, tzinfo=UTC)
ISSUED = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
WAVE = [[(10 + 4 * step, 50 + (step * 7) % 40) for step in range(60)]]
PLACE = LedgerPlace(1217, "9e" * 32, "5d" * 32)


@dataclass(frozen=True, slots=True)
class SampleSeal:
    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class SampleDesk:
    signer: DeskSigner
    seal: SampleSeal

    def code(self, receipt: Receipt) -> str:
        return make_code(receipt, self.signer.sign, self.signer.public.id)

    def pdf(self, receipt: Receipt, *records: bytes) -> bytes:
        return render_pdf(receipt, self.seal, code=self.code(receipt), records=records)


def certificate(
    issuer: Ed25519PrivateKey, key: ec.EllipticCurvePrivateKey, *, ca: bool = False, signs: bool = True
) -> x509.Certificate:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    usage = x509.KeyUsage(True, signs, False, False, False, ca, ca, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Seal of Desk 4")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Desk 4")]))
        .public_key(key.public_key())
        .serial_number(20260301)
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=7300))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer, None)
    )


def new_desk() -> SampleDesk:
    signer, key = DeskSigner.generate(), ec.generate_private_key(ec.SECP256R1())
    return SampleDesk(signer, SampleSeal(certificate(signer.private_key, key), key))


@cache
def desk() -> SampleDesk:
    """Give one desk for all tests that do not change it."""
    return new_desk()


def signature() -> Picture:
    return strokes_to_svg(WAVE)


def check(verdict: Verdict = Verdict.CLEAR, unread: int = 0, record_id: str = "c4" * 32) -> Check:
    return Check(
        verdict=verdict,
        time=CHECKED,
        apps_seen=143,
        users_seen=(0,),
        policy=PolicyReference("met-police", "2026.1", "3f" * 32),
        effective_sha256="a1" * 32,
        catalogue=CatalogueReference("2026.11", "b7" * 32),
        limits=standing_limits(Platform.IOS),
        record_id=record_id,
        not_checked=tuple(
            Unread(f"apps of user {user} (Secure Folder)", "the profile is locked") for user in range(150, 150 + unread)
        ),
    )


def item(number: int = 0, result: Check | None = None) -> HandsetItem:
    return HandsetItem(
        serial_number=f"F2LXK0V1Q{number}",
        platform=Platform.IOS,
        model="iPhone15,4",
        model_name="iPhone 15",
        os_version="26.1",
        imei="356938035643809",
        udid="00008120-001A2D3E0C42201E",
        asset_tag="MPS-104432",
        bay="Hub 1 · 3",
        check=result or check(),
        condition="New, no marks",
        accessories=("USB-C cable", "Case"),
    )


def receipt(
    *,
    training: bool = False,
    name: str | None = "Gwenllian Ŵyn-Pritchard",
    items: tuple[HandsetItem, ...] | None = None,
    declined: str | None = None,
    language: str = "en-GB",
    kind: ReceiptKind = ReceiptKind.HANDOVER,
    place: LedgerPlace | None = PLACE,
) -> Receipt:
    signed: OfficerSignature = Declined(declined) if declined is not None else Signed(signature())
    return Receipt(
        kind=kind,
        training=training,
        number="TD4-000017" if training else "D4-000017",
        issued=ISSUED,
        organisation="Metropolitan Police Service",
        desk="Desk 4",
        technician=Technician("A. Khan"),
        officer=Officer("1234567", name, "Police Constable", "Central East BCU"),
        items=(item(),) if items is None else items,
        declarations=(load_declaration("handset-handover", language).declared(),),
        signature=signed,
        permits=(PermitGrant("PER-2026-014", "WhatsApp", "2026-06-30"),),
        language=language,
        place=place,
    )


def qr_text(image: Image.Image) -> str:
    """Read the one QR code of an image.

    Other kinds are not looked for: in about three of a thousand QR codes zxing-cpp also imagines a linear one.
    """
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return found.text
