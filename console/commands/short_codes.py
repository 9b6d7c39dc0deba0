"""The part of `receipt verify` that takes a short code, read down a telephone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from console.call import Call
from provisioning.errors import UsageError
from provisioning.home.home import is_home, open_home
from provisioning.receipts.short_check import ShortReading, check_short_code, entries_in_file
from provisioning.signatures import AnyDeskKey


def short_answer(call: Call, code: str, key: AnyDeskKey, ledger: Path | None) -> tuple[ShortReading, dict[str, Any]]:
    """Check a short code against a home's ledger or an exported one; gives the reading and the JSON of it."""
    if ledger is not None and ledger.is_file():
        reading = check_short_code(code, entries_in_file(ledger), key)
    else:
        folder = ledger or call.home_path
        if not is_home(folder):
            raise UsageError(
                "A short code is no signature, it names a signed receipt: give the home or the exported ledger that "
                "has it with --ledger, or check the QR code's text or the PDF, which need the key alone."
            )
        with open_home(folder).read_ledger() as books:
            reading = check_short_code(code, books.walk(), key)
    document: dict[str, Any] = {"ok": reading.genuine, "sentence": reading.sentence}
    if (receipt := reading.receipt) is not None:
        document |= {
            "receipt": receipt.number, "issued": receipt.issued.isoformat(), "kind": str(receipt.kind),
            "desk": receipt.desk, "officer": receipt.officer.number, "training": receipt.training,
            "entry": receipt.place.number if receipt.place else None,
            "items": [
                {"serial_number": item.serial_number, "imei": item.imei,
                 "verdict": str(item.check.verdict) if item.check else None}
                for item in receipt.handsets
            ],
            "item_count": len(receipt.items), "sha256": receipt.digest(),
        }  # fmt: skip
    document |= {"proves": list(reading.proves), "does_not_prove": list(reading.does_not_prove)}
    return reading, document
