"""The paper of a receipt, made with the home's keys: sealed PDF with its code and records inside, or its pages as PNG.

The same receipt gives the same bytes for as long as the home's template stays, so a PDF made again from the ledger is
the original, not a copy of it. Paper is another matter: whoever holds two sheets has two, so the second is marked COPY
and needs a reason (``provisioning.printing.office``).
"""

from __future__ import annotations

from pathlib import Path

from provisioning.canonical import Json
from provisioning.files import write_file
from provisioning.home.home import Home
from provisioning.plain_text import one_line
from provisioning.receipts.attachment import attachment_of
from provisioning.receipts.document import render_pdf, render_png
from provisioning.receipts.form import ORIGINAL, Paper
from provisioning.receipts.receipt import Receipt
from provisioning.receipts.receipt_code import make_code
from provisioning.receipts.sealed_pictures import with_pictures
from provisioning.receipts.template import load_template

PRINT_PPI = 300


def receipt_pdf(home: Home, receipt: Receipt, paper: Paper = ORIGINAL) -> bytes:
    """Give the sealed PDF; unlocks the vault. Takes about 0.3 s, so call it off the event loop."""
    records = home.records()
    receipt = with_pictures(receipt, home.vault())
    envelopes = [
        records.load(item.check.record_id).envelope.text()
        for item in receipt.handsets
        if item.check is not None and item.check.record_id
    ]
    return render_pdf(
        receipt, home.seal(), code=receipt_code(home, receipt), records=envelopes, template=load_template(home.path),
        paper=paper,
    )  # fmt: skip


def receipt_pages(home: Home, receipt: Receipt, ppi: float = PRINT_PPI, paper: Paper = ORIGINAL) -> tuple[bytes, ...]:
    """Give the pages as PNG, for the screen and for printers that take no PDF; unlocks the vault."""
    return render_png(
        with_pictures(receipt, home.vault()), ppi, code=receipt_code(home, receipt),
        template=load_template(home.path), paper=paper,
    )  # fmt: skip


def receipt_code(home: Home, receipt: Receipt) -> str:
    """Give the signed code that stands on the receipt; unlocks the vault."""
    signer = home.signer()
    return make_code(receipt, signer.sign, signer.public.id)


def extract_json(home: Home, part: Receipt) -> dict[str, Json]:
    """Give an extract for other programs: what it says, where the ledger keeps the whole, and the signed code of it.

    Images are there as digests only. ``receipt verify --extract`` checks it with the desk's public key alone.
    """
    return {**attachment_of(part), "code": receipt_code(home, part)}


def keep_copy(home: Home, receipt: Receipt, document: bytes) -> Path | None:
    """Keep a training receipt's PDF in the home and give its place; None at a real desk. Raises HomeError.

    A real one shows a person's signature in clear; its paper is made again from the ledger, where that is encrypted.
    """
    if not home.training:
        return None
    path = home.receipts_folder / file_name(receipt)
    write_file(path, document)
    return path


def file_name(receipt: Receipt) -> str:
    """Give the name under which a receipt is kept in the home's receipts folder."""
    return f"receipt-{one_line(receipt.number, 40)}.pdf"
