"""The receipt as JSON: what stands in the body of its ledger entry, and the strict way back from there.

``{"format": "issuing-desk/receipt/2", "officer": number, "receipt": number, "document": {…}}``, where the document
has the names of the dataclasses and times as ISO 8601. A member that has its default is left out, ``kind`` excepted,
so that members added later leave the digests of older receipts as they were. An image is there as its type and digest;
the ledger keeps the images themselves in ``pictures`` beside the document (``provisioning.receipts.sealed_pictures``),
which is no part of the digest. ``sha256`` beside it is that digest: once what is personal is sealed
(``provisioning.privacy``) or erased, it can no longer be computed, and the document's random ``salt``, sealed with the
rest, keeps anybody from finding a name by trying. Receipts of format 1, which had one declaration, handsets only, every
member and the images in clear, are read and written back as they were.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from provisioning.canonical import Json, NotCanonicalError, canonical
from provisioning.receipts import body_1
from provisioning.receipts.receipt import LedgerPlace, Picture, Receipt, Signed

FORMAT: Literal["issuing-desk/receipt/2"] = "issuing-desk/receipt/2"
SEALED = "sealed"
PICTURES = "pictures"
DIGEST = "sha256"
_BESIDE = (SEALED, PICTURES, DIGEST)
"""Members of an entry's body beside those of the receipt."""
WITHHELD = "The personal details of this receipt are sealed; whoever has the desk's keys can open them."
LARGEST = 1 << 20
"""Bytes of a body; the ledger keeps no longer entry."""
_NOT_SAID = ("place", "written_as", "sealed", "withheld", "whole")
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
    said = {name: value for name, value in body.items() if name not in _BESIDE}
    sealed = body.get(SEALED, "")
    withheld = isinstance(sealed, Mapping)
    if withheld:
        said["document"] = _filled(said.get("document"))
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
            withheld=WITHHELD if withheld else "",
            whole=str(body.get(DIGEST, "")) if withheld else "",
        )
        if not withheld:
            receipt = _with_pictures(receipt, body.get(PICTURES))
        wanted = said if written != body_1.FORMAT else {name: body[name] for name in body if name not in _BESIDE}
        if not withheld and body.get(DIGEST, digest_of(body)) != digest_of(body):
            raise ReceiptBodyError("The receipt is not the one whose digest stands beside it.")
        if canonical(body_of(receipt)) != canonical(wanted):
            raise ReceiptBodyError("The receipt is not written as the desk writes it.")
    except (ValidationError, NotCanonicalError, body_1.NotThisFormatError) as e:
        raise ReceiptBodyError(f"The receipt cannot be read: {_first(e)}.") from e
    if any(moment.tzinfo is None for moment in _moments(receipt)):
        raise ReceiptBodyError("A time on the receipt says no offset from UTC.")
    return receipt.placed(place) if place is not None else receipt


def digest_of(body: Mapping[str, Json]) -> str:
    """Give the SHA-256 (hex) over the canonical bytes of a receipt's body, without the images that go with it.

    Where something is sealed or erased it is what the desk wrote down; the entry's own signature vouches for that.
    """
    if isinstance(body.get(SEALED), Mapping):
        return str(body.get(DIGEST, ""))
    return hashlib.sha256(canonical({name: value for name, value in body.items() if name not in _BESIDE})).hexdigest()


def _filled(document: Json) -> Json:
    """Give a document whose personal members are missing with nothing in the place of those that must be there."""
    signature = document.get("signature") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(signature, Mapping):
        return document
    needed = {"typed": ("name", "enrolled"), "declined": ("reason",)}.get(str(signature.get("kind")), ())
    return {**document, "signature": {**dict.fromkeys(needed, ""), **signature}}


def _with_pictures(receipt: Receipt, kept: Json) -> Receipt:
    """Give a receipt the images that its body brings; they must be those whose digests it has."""
    if not isinstance(kept, Mapping):
        return receipt
    for name, picture in pictures_of(receipt).items():
        try:
            content = base64.b64decode(str(kept.get(name, "")), validate=True)
        except ValueError as e:
            raise ReceiptBodyError("A signature of the receipt is damaged.") from e
        if Picture(picture.media_type, content).sha256 != picture.sha256:
            raise ReceiptBodyError("A signature is not the one that was given.")
        receipt = with_picture(receipt, name, replace(picture, content=content))
    return receipt


def pictures_of(receipt: Receipt) -> dict[str, Picture]:
    """Give the images on a receipt by whose they are, opened or not."""
    officer = receipt.signature.image if isinstance(receipt.signature, Signed) else None
    both = {"officer": officer, "technician": receipt.technician.signature}
    return {name: picture for name, picture in both.items() if picture is not None}


def with_picture(receipt: Receipt, name: str, picture: Picture) -> Receipt:
    """Give the receipt with one of its images in the place of the one that was not opened."""
    if name == "officer":
        return replace(receipt, signature=Signed(picture))
    return replace(receipt, technician=replace(receipt.technician, signature=picture))


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
