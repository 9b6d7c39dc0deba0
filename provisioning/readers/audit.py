"""Check receipts against the ledger by public keys alone: each PDF's seal, its code, and the entry that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.errors import FileError, UsageError
from provisioning.ledger.entry import HANDS_CHANGED, Entry
from provisioning.ledger.look_up import Entries
from provisioning.plain_text import one_line
from provisioning.receipts.body import digest_of
from provisioning.receipts.parts import is_part
from provisioning.receipts.reading import PdfReading, read_pdf, verify_pdf
from provisioning.signatures import AnyDeskKey


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """What became of one file. ``receipt`` is its number where it is genuine, else empty."""

    file: Path
    ok: bool
    sentence: str
    receipt: str = ""


def check_receipts(folder: Path, keys: Sequence[AnyDeskKey], books: Entries) -> Iterator[ReceiptCheck]:
    """Check every PDF in a folder and below it, by name. Raises UsageError where there is no such folder."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}. Give the one in which the receipts' PDFs lie.")
    for file in sorted(one for one in folder.rglob("*") if one.suffix.lower() == ".pdf" and one.is_file()):
        yield check_receipt(file, keys, books)


def check_receipt(file: Path, keys: Sequence[AnyDeskKey], books: Entries) -> ReceiptCheck:
    """Say whether a PDF is a receipt that a desk of these keys sealed, and whether the ledger says the same."""
    try:
        data = read_pdf(file)
    except FileError as error:
        return ReceiptCheck(file, ok=False, sentence=str(error))
    reading = _read(data, keys)
    receipt = reading.receipt
    if not reading.genuine or receipt is None:
        return ReceiptCheck(file, ok=False, sentence=reading.sentence)
    number = one_line(receipt.number, 40)
    entry = next((one for one in books.entries(receipt=receipt.number, kind=HANDS_CHANGED) if not is_part(one)), None)
    wrong = _differs(reading, entry)
    if wrong:
        return ReceiptCheck(file, ok=False, sentence=f"A desk sealed receipt {number}, but {wrong}.", receipt=number)
    assert entry is not None
    return ReceiptCheck(
        file, ok=True, sentence=f"Receipt {number} is entry {entry.number} of its desk.", receipt=number
    )


def receipts_given(books: Entries) -> set[str]:
    """Give the numbers of all receipts that the ledger holds."""
    return {entry.receipt for entry in books.entries(kind=HANDS_CHANGED) if entry.receipt and not is_part(entry)}


def _read(data: bytes, keys: Sequence[AnyDeskKey]) -> PdfReading:
    """Read it by the key that fits; where none does, as by the first."""
    readings = [verify_pdf(data, key) for key in keys]
    return next((one for one in readings if one.genuine), readings[0])


def _differs(reading: PdfReading, entry: Entry | None) -> str:
    """Say in what a genuine receipt and the ledger differ; empty where they agree."""
    receipt = reading.receipt
    assert receipt is not None
    if entry is None:
        return "the ledger has no receipt of that number"
    if receipt.place is None:
        return "it names no entry of the ledger: it is a preview"
    if (receipt.place.number, receipt.place.hash) != (entry.number, entry.hash):
        return "the entry that it names is not the one in the ledger"
    code = reading.code.facts if reading.code is not None else None
    if code is None or not entry.hash.startswith(code.entry_hash) or code.entry != entry.number:
        return "its code names another entry"
    if receipt.extract is None and code.digest != digest_of(entry.body):
        return "it does not say what the ledger says"
    return ""
