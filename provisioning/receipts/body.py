"""The receipt as JSON: what stands in the body of its ledger entry, and the strict way back from there.

``{"format": "issuing-desk/receipt/2", "officer": number, "receipt": number, "document": {…}}``, where the document
has the names of the dataclasses and times as ISO 8601. A member that has its default is left out, ``kind`` excepted,
so that members added later leave the digests of older receipts as they were. An image is there as its type and digest;
the ledger keeps the image itself in ``sealed`` beside the document (``provisioning.receipts.sealed_pictures``), which
is no part of the digest. Receipts of format 1, which had one declaration, handsets only, every member and the images
in clear, are read and written back as they were.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from provisioning.canonical import Json, NotCanonicalError, canonical
from provisioning.receipts import body_1
from provisioning.receipts.receipt import LedgerPlace, Picture, Receipt

FORMAT: Literal["issuing-desk/receipt/2"] = "issuing-desk/receipt/2"
SEALED = "sealed"
LARGEST = 1 << 20
"""Bytes of a body; the ledger keeps no longer entry."""
_NOT_SAID = ("place", "written_as", "sealed")
"""Members of a receipt that its document does not have."""
_ALWAYS_SAID = ("kind", "what", "factor")


class ReceiptBodyError(ValueError):
    """Raised for JSON that is no body of a receipt; the text says where it departs from one."""


class _Body(BaseModel):
    # The configuration reaches the dataclasses within, since they have none of their own.
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", extra="forbid", strict=True)
    format: str
    officer: str
    receipt: str
    document: Receipt


def body_of(receipt: Receipt) -> dict[str, Json]:
    """Give the body of ``receipt`` in the format that it was first written in; ``sealed`` is not in it."""
    whole = _Body(format=FORMAT, officer=receipt.officer.number, receipt=receipt.number, document=receipt)
    document = whole.model_dump(mode="json", exclude={"document": set(_NOT_SAID)})["document"]
    if receipt.written_as == 1:
        return _body(body_1.FORMAT, receipt, body_1.document_of(document))
    return _body(FORMAT, receipt, cast("Json", _said(receipt, document)))


def _body(written: str, receipt: Receipt, document: Json) -> dict[str, Json]:
    return {"format": written, "officer": receipt.officer.number, "receipt": receipt.number, "document": document}


def receipt_in(body: Mapping[str, Json], place: LedgerPlace | None = None) -> Receipt:
    """Read a body. Raises ReceiptBodyError where it is none, or where its parts disagree."""
    written = body.get("format")
    if written not in (FORMAT, body_1.FORMAT):
        raise ReceiptBodyError("This is no receipt of a format that this version can read.")
    said = {name: value for name, value in body.items() if name != SEALED}
    sealed = body.get(SEALED, "")
    document = said.get("document")
    if isinstance(document, Mapping) and any(name in document for name in _NOT_SAID):
        raise ReceiptBodyError("A receipt cannot say itself where and how the ledger keeps it.")
    try:
        if len(canonical(body)) > LARGEST:
            raise ReceiptBodyError("The receipt is longer than any that was ever kept.")
        if written == body_1.FORMAT:
            said["document"] = body_1.as_now(document)
        receipt = replace(
            _Body.model_validate_json(canonical(said)).document,
            written_as=1 if written == body_1.FORMAT else 2,
            sealed=sealed if isinstance(sealed, str) else "",
        )
        if canonical(body_of(receipt)) != canonical({name: body[name] for name in body if name != SEALED}):
            raise ReceiptBodyError("The receipt is not written as the desk writes it.")
    except (ValidationError, NotCanonicalError, body_1.NotThisFormatError) as e:
        raise ReceiptBodyError(f"The receipt cannot be read: {_first(e)}.") from e
    if any(moment.tzinfo is None for moment in _moments(receipt)):
        raise ReceiptBodyError("A time on the receipt says no offset from UTC.")
    return receipt.placed(place) if place is not None else receipt


def digest_of(body: Mapping[str, Json]) -> str:
    """Give the SHA-256 (hex) over the canonical bytes of a body without what is sealed."""
    return hashlib.sha256(canonical({name: value for name, value in body.items() if name != SEALED})).hexdigest()


def _said(value: Any, dumped: Any) -> Any:
    """Leave out what has its default, and the bytes of pictures, at every depth."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_said(one, kept) for one, kept in zip(cast("Sequence[Any]", value), dumped, strict=True)]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return dumped
    said: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        if field.name not in dumped or (isinstance(value, Picture) and field.name == "content"):
            continue
        own = getattr(value, field.name)
        if field.name in _ALWAYS_SAID or own != field.default:
            said[field.name] = _said(own, dumped[field.name])
    return said


def _moments(receipt: Receipt) -> tuple[datetime, ...]:
    return (receipt.issued, *(item.check.time for item in receipt.handsets if item.check is not None))


def _first(error: ValidationError | NotCanonicalError | body_1.NotThisFormatError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
