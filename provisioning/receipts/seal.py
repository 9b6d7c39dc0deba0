"""Seal a PDF: a certification signature (PAdES, P-256) that covers the whole file and allows no change after it.

pyHanko writes the PDF side of it; it was chosen as the only kept-up Python library for that, and its signatures pass
poppler. It is loaded when first needed: 0.3 s.
"""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from provisioning.receipts.seal_cms import SIGNATURE_ROOM, sign_message, write_message

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

FIELD = "Seal"
_DIGEST_LENGTH = 32


class Seal(Protocol):
    """What seals documents: a P-256 key and the certificate that the desk's Ed25519 key issued for it."""

    @property
    def certificate(self) -> x509.Certificate:
        """Give the certificate of the seal's key."""
        ...

    @property
    def private_key(self) -> EllipticCurvePrivateKey:
        """Give the seal's key."""
        ...


def seal_pdf(pdf: bytes, seal: Seal, moment: datetime, reason: str) -> bytes:
    """Give ``pdf`` with a seal; equal input gives equal bytes. ``moment`` is when it says it was sealed."""
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import SignatureObject

    longest = write_message(seal.certificate, bytes(_DIGEST_LENGTH), bytes(SIGNATURE_ROOM))
    placeholder = SignatureObject(
        timestamp=moment.astimezone(UTC),
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        bytes_reserved=2 * len(longest),
    )
    closed = SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    embedder: Any = PdfCMSEmbedder()
    steps = embedder.write_cms(FIELD, _writer(pdf))
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=closed))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    steps.send(sign_message(seal.certificate, seal.private_key, prepared.document_digest))
    sealed: bytes = output.getvalue()
    return sealed


def _writer(pdf: bytes) -> IncrementalPdfFileWriter:
    """Give a writer that adds nothing but what it is told to.

    WORKAROUND: pyHanko 0.38 stamps the current time and a random identifier into whatever it writes and has no setting
    for either; without these two a receipt would be another file each time it is made.
    """
    from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    identifier = hashlib.sha256(pdf).digest()[:16]

    class Writer(IncrementalPdfFileWriter):
        @classmethod
        def _handle_id(cls, prev: Any) -> ArrayObject:
            return ArrayObject([prev.trailer["/ID"][0], ByteStringObject(identifier)])

        def _update_meta(self) -> None:
            """Leave title, dates and the PDF/A marks as the typesetter wrote them."""

    return Writer(io.BytesIO(pdf))
