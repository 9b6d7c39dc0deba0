"""By which names an entry can be found: every number and reference in it, and how each is compared with what is typed.

Names of people are no part of it: whoever is sought by name is found on the roster, and then by officer number. So what
is kept for searching holds nothing that may have to be erased.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import lru_cache

from provisioning.canonical import Json
from provisioning.ledger.entry import Entry, EntryKind

LONGEST = 120
"""Characters of a name that are compared."""


@unique
class NameKind(StrEnum):
    """What a name names."""

    SERIAL = "serial number"
    UDID = "UDID"
    IMEI = "IMEI"
    ASSET_TAG = "asset tag"
    ICCID = "ICCID"
    ITEM = "item number"
    OFFICER = "officer number"
    RECEIPT = "receipt number"
    PERMIT = "permit"
    ORDER = "order"
    BATCH = "batch"
    TECHNICIAN = "technician"


OF_A_HANDSET = frozenset({NameKind.SERIAL, NameKind.UDID, NameKind.IMEI, NameKind.ASSET_TAG})
MENTIONED = frozenset({NameKind.PERMIT, NameKind.ORDER, NameKind.BATCH, NameKind.TECHNICIAN})
"""What stands only inside of entries, so that which ones is kept; the others are columns of the ledger itself."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name in an entry; ``subject`` is the serial number of the handset that it names, empty for others."""

    kind: NameKind
    shown: str
    subject: str = ""


@lru_cache(65_536)
def normal(text: str) -> str:
    """Give a name as it is compared: letters and digits alone, without case, accents and separators.

    What a person types for a separator, or leaves out, makes no difference; a scanner's dress neither.
    """
    if text.isascii():
        return text[: 2 * LONGEST].lower().translate(_SIGNS)[:LONGEST]
    folded = unicodedata.normalize("NFKD", text[: 2 * LONGEST]).casefold()
    return "".join(letter for letter in folded if letter.isalnum())[:LONGEST]


_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}
_LOOK_ALIKE = str.maketrans({"o": "0", "i": "1", "l": "1", "s": "5", "b": "8", "z": "2"})


def look_alike(name: str) -> str:
    """Give a normal name with the letters that are taken for digits as those digits."""
    return name.translate(_LOOK_ALIKE)


def names_in(entry: Entry) -> Iterator[Name]:
    """Yield the names in an entry; whatever stands in it, nothing is raised."""
    body = entry.body
    subject = entry.subject or ""
    handset = subject if entry.kind not in _NO_HANDSET else ""
    if subject:
        yield Name(_kind_of(entry), subject, handset)
    if entry.technician:
        yield Name(NameKind.TECHNICIAN, entry.technician)
    if entry.officer:
        yield Name(NameKind.OFFICER, entry.officer)
    if entry.receipt:
        yield Name(NameKind.RECEIPT, entry.receipt)
    for kind, member in _MEMBERS:
        if (value := _text(body.get(member))) and (handset or kind not in OF_A_HANDSET):
            yield Name(kind, value, handset if kind in OF_A_HANDSET else "")
    document = body.get("document")
    if isinstance(document, Mapping):
        yield from _on_a_receipt(document)


_NO_HANDSET = frozenset({EntryKind.ITEM_HANDED_OVER, EntryKind.ITEM_RETURNED})
_MEMBERS = (
    (NameKind.UDID, "udid"),
    (NameKind.IMEI, "imei"),
    (NameKind.ASSET_TAG, "asset_tag"),
    (NameKind.PERMIT, "permit"),
    (NameKind.BATCH, "batch"),
    (NameKind.ORDER, "order"),
)


def _kind_of(entry: Entry) -> NameKind:
    if entry.kind not in _NO_HANDSET:
        return NameKind.SERIAL
    subject = entry.subject or ""
    return NameKind.ICCID if subject.startswith("89") and subject[:-1].isdigit() else NameKind.ITEM


def _on_a_receipt(document: Mapping[str, Json]) -> Iterator[Name]:
    for item in _objects(document.get("items")):
        serial = _text(item.get("serial_number"))
        if serial:
            yield Name(NameKind.SERIAL, serial, serial)
        elif number := _text(item.get("identifier")):
            yield Name(NameKind.ICCID if item.get("what") == "sim" else NameKind.ITEM, number)
        for kind, member in _MEMBERS[:3]:
            if value := _text(item.get(member)):
                yield Name(kind, value, serial)
        order = item.get("order")
        if isinstance(order, Mapping) and (reference := _text(order.get("reference"))):
            yield Name(NameKind.ORDER, reference)
    for permit in _objects(document.get("permits")):
        if reference := _text(permit.get("reference")):
            yield Name(NameKind.PERMIT, reference)


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, Mapping))


def _text(value: Json) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""
