"""The receipt as JSON: what stands in the body of its ledger entry, and the strict way back from there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from provisioning.canonical import Json, NotCanonicalError, canonical
from provisioning.receipts.receipt import LedgerPlace, Receipt

FORMAT: Literal["issuing-desk/receipt/1"] = "issuing-desk/receipt/1"
LARGEST = 1 << 20
"""Bytes of a body; the ledger keeps no longer entry."""
_NOT_IN_THE_BODY = "place"


class ReceiptBodyError(ValueError):
    """Raised for JSON that is no body of a receipt; the text says where it departs from one."""


class _Body(BaseModel):
    # The configuration reaches the dataclasses within, since they have none of their own.
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", extra="forbid", strict=True)
    format: Literal["issuing-desk/receipt/1"]
    officer: str
    receipt: str
    document: Receipt


def body_of(receipt: Receipt) -> dict[str, Json]:
    """Give the body of ``receipt``: see :meth:`Receipt.to_body`."""
    body = _Body(format=FORMAT, officer=receipt.officer.number, receipt=receipt.number, document=receipt)
    return cast("dict[str, Json]", body.model_dump(mode="json", exclude={"document": {_NOT_IN_THE_BODY}}))


def receipt_in(body: Mapping[str, Json], place: LedgerPlace | None = None) -> Receipt:
    """Read a body. Raises ReceiptBodyError where it is none, or where its parts disagree."""
    if body.get("format") != FORMAT:
        raise ReceiptBodyError("This is no receipt of a format that this version can read.")
    document = body.get("document")
    if isinstance(document, Mapping) and _NOT_IN_THE_BODY in document:
        raise ReceiptBodyError("A receipt cannot say itself where the ledger keeps it.")
    try:
        data = canonical(body)
        if len(data) > LARGEST:
            raise ReceiptBodyError("The receipt is longer than any that was ever kept.")
        read = _Body.model_validate_json(data)
    except (ValidationError, NotCanonicalError) as e:
        raise ReceiptBodyError(f"The receipt cannot be read: {_first(e)}.") from e
    receipt = read.document
    if receipt.number != read.receipt or receipt.officer.number != read.officer:
        raise ReceiptBodyError("The receipt says one number or officer inside and another outside.")
    if any(moment.tzinfo is None for moment in _moments(receipt)):
        raise ReceiptBodyError("A time on the receipt says no offset from UTC.")
    return receipt.placed(place) if place is not None else receipt


def digest_of(body: Mapping[str, Json]) -> str:
    """Give the SHA-256 (hex) over the canonical bytes of a body."""
    return hashlib.sha256(canonical(body)).hexdigest()


def _moments(receipt: Receipt) -> tuple[datetime, ...]:
    return (receipt.issued, *(item.check.time for item in receipt.items if item.check is not None))


def _first(error: ValidationError | NotCanonicalError) -> str:
    if isinstance(error, NotCanonicalError):
        return str(error)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
