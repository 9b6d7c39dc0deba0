"""Format 1 of a receipt's document, which older versions wrote: kept readable, and writable to the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from provisioning.canonical import Json

FORMAT: Final = "issuing-desk/receipt/1"
_RECEIPT = frozenset(
    {
        "kind", "training", "number", "issued", "organisation", "desk", "technician", "officer", "items",
        "declaration", "signature", "permits", "reason", "remarks", "language",
    }
)  # fmt: skip
_ITEM = frozenset(
    {
        "serial_number", "platform", "model", "model_name", "os_version", "imei", "udid", "asset_tag", "bay", "check",
        "condition", "accessories", "terms", "kind",
    }
)  # fmt: skip
_DECLARED = frozenset({"id", "version", "language", "title", "clauses", "sha256"})
_PICTURE = frozenset({"media_type", "content"})


class NotThisFormatError(ValueError):
    """Raised for a document that is not of this format; the text says what is wrong with it."""


def as_now(document: Json) -> dict[str, Json]:
    """Give a document of format 1 in the members of today."""
    found = _exactly(document, _RECEIPT, "the document")
    items = found["items"]
    if not isinstance(items, list):
        raise NotThisFormatError("the items are no list")
    for item in items:
        _exactly(item, _ITEM, "an item")
    for holder, name in ((found["signature"], "image"), (found["technician"], "signature")):
        picture = cast("Mapping[str, Json]", holder).get(name) if isinstance(holder, Mapping) else None
        if picture is not None:
            _exactly(picture, _PICTURE, "a picture")
    declaration = found.pop("declaration")
    if declaration is not None:
        _exactly(declaration, _DECLARED, "the declaration")
    return {**found, "declarations": [] if declaration is None else [declaration]}


def document_of(dumped: Mapping[str, Json]) -> dict[str, Json]:
    """Give in format 1 what was read from it; ``dumped`` has every member of today."""
    document: dict[str, Any] = dict(dumped)
    declarations = document.pop("declarations")
    document["declaration"] = _only(declarations[0], _DECLARED) if declarations else None
    document["items"] = [_only(item, _ITEM) for item in document["items"]]
    for holder, name in (("signature", "image"), ("technician", "signature")):
        picture = document[holder].get(name)
        if picture is not None:
            document[holder] = {**document[holder], name: _only(picture, _PICTURE)}
    return _only(document, _RECEIPT)


def _only(members: Mapping[str, Json], names: frozenset[str]) -> dict[str, Json]:
    return {name: value for name, value in members.items() if name in names}


def _exactly(members: Json, names: frozenset[str], what: str) -> dict[str, Json]:
    if not isinstance(members, Mapping):
        raise NotThisFormatError(f"{what} is no object")
    found = dict(members)
    if found.keys() != names:
        raise NotThisFormatError(f"{what} has other members: {', '.join(sorted(found.keys() ^ names))}"[:200])
    return found
