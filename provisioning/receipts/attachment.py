"""The files inside a receipt's PDF: the receipt as JSON, its code, and the signed verification records."""

from __future__ import annotations

from provisioning.canonical import Json
from provisioning.receipts.receipt import Receipt

FORMAT = "issuing-desk/receipt-attachment/1"
RECEIPT_FILE = "receipt.json"
CODE_FILE = "code.txt"


def record_file(number: int) -> str:
    """Give the name of the ``number``-th verification record; numbers begin at 1."""
    return f"verification-record-{number}.dsse.json"


def attachment_of(receipt: Receipt) -> dict[str, Json]:
    """Give ``receipt.json``: the body as the ledger keeps it, and where the ledger keeps it.

    Where personal members are withheld, it says why, and the digest of the receipt as it was.
    """
    place = receipt.place
    said: dict[str, Json] = {
        "format": FORMAT,
        "body": receipt.to_body(),
        "place": None if place is None else {"number": place.number, "hash": place.hash, "head": place.head},
    }
    return said | {"withheld": receipt.withheld, "sha256": receipt.whole} if receipt.withheld else said
