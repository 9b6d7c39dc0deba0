"""What a scanned code is: which number of what, told by the desk's books first and by the number's own shape second.

Boxes and screens carry one number in many dresses: Apple's boxes put the data identifier ``S`` (ANSI MH10.8.2) before
a serial number, GS1 labels put application identifiers before each element (21 serial number, 8002 IMEI, 8004 asset),
scanners add AIM symbology identifiers (``]C1``), two-dimensional codes hold several lines (``IMEI1: …``, ``SN: …``).
A number that the books know is what the books say. Otherwise check digits decide (IMEI and ICCID by Luhn, EID by
modulo 97), then the shape. What may be two things stays two things: nobody guesses who gets a handset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol

from provisioning.errors import UsageError
from provisioning.people.officers import officer_number

LONGEST = 1000
"""Characters; the code of a receipt has at most 380, no other code of a desk comes near."""
_SEPARATORS = re.compile(r"[\r\n\t\x1c-\x1f;,|]+")
_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_GS1 = ("]C1", "]e0", "]d2", "]Q3", "]J1")
"""Symbology identifiers of GS1 element strings (GS1 General Specifications); ``]C0`` is any other Code 128."""
_LABELLED = re.compile(
    r"^(?:\((?P<mark>S|1P)\)\s*)?"
    r"(?P<label>S/?N|SERIAL(?: ?(?:NO\.?|NUMBER))?|IMEI(?:/MEID)?\s?[12]?|ICCID|EID|P/?N|PART(?: ?NO\.?)?)"
    r"\s*[:=.]?\s*(?P<value>[A-Z0-9][A-Z0-9 /._-]*)$",
    re.IGNORECASE,
)
_GS1_SHOWN = re.compile(r"\(([0-9]{2,4})\)([^(]*)")
_GS1_FIXED = {"00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2}
"""Elements of a fixed length, which no separator ends (GS1 General Specifications, figure 7.8.5-2)."""
_GS1_NAMES = ("8002", "8004", "240", "241", "10", "21", "37", "91")
_RECEIPT = re.compile(r"[A-Z0-9]{1,12}-[0-9]{6,}")
_SERIAL = re.compile(r"(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{8,16}")
_APPLE = re.compile(r"(?=.*[A-Z])(?=.*[0-9])(?:[A-Z0-9]{10}|[A-Z0-9]{12})")
"""Ten characters since 2021, twelve before (Apple, “Find the serial number”)."""
_PART = re.compile(r"(?:1P)?[A-Z0-9]{5,7}/[A-Z]")


@unique
class Code(StrEnum):
    """What a number names."""

    SERIAL_NUMBER = "serial number"
    IMEI = "IMEI"
    ASSET_TAG = "asset tag"
    OFFICER = "officer number"
    RECEIPT = "receipt number"
    RECEIPT_CODE = "receipt code"
    ICCID = "ICCID"
    EID = "EID"
    PRODUCT = "product"
    """The same on every box of a model: an EAN, a part number. It names no handset."""


HANDSETS = frozenset({Code.SERIAL_NUMBER, Code.IMEI, Code.ASSET_TAG})


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that a scan may be. ``serial_number`` is the handset's where the books know it; else empty."""

    code: Code
    value: str
    known: bool = False
    serial_number: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan and all that it may be, the likeliest first. ``misread`` says which check digits are wrong."""

    text: str
    readings: tuple[Reading, ...] = ()
    misread: Code | None = None

    @property
    def only(self) -> Reading | None:
        """Give the one thing that it is; None where it is nothing that is understood, or more than one thing."""
        return self.readings[0] if len(self.readings) == 1 else None

    def as_a(self, *codes: Code) -> Reading | None:
        """Give what it is where only these are asked for, such as an officer number at a field for that."""
        found = [one for one in self.readings if one.code in codes]
        return found[0] if len(found) == 1 else None


class Known(Protocol):
    """The books, as far as a scan asks them; every text comes in upper case."""

    def serial_number(self, text: str) -> str:
        """Give a serial number as it is on the books, empty where no handset has it."""
        ...

    def serial_of_imei(self, imei: str) -> str:
        """Give the serial number of the handset with this IMEI (15 digits), empty where none has it."""
        ...

    def serial_of_asset_tag(self, text: str) -> str:
        """Give the serial number of the handset with this asset tag, empty where none has it."""
        ...

    def officer(self, text: str) -> str:
        """Give the officer number as the roster has it, empty where it has none."""
        ...

    def has_roster(self) -> bool:
        """Tell whether there is a roster at all; without one any well-formed number may be an officer's."""
        ...

    def receipt(self, text: str) -> bool:
        """Tell whether the ledger has a receipt of this number."""
        ...


def read_scan(text: str, known: Known) -> Scan:
    """Say what a scan is. Never raises for what is in ``text``; too long a text is nothing."""
    if len(text) > LONGEST:
        return Scan(text[:80])
    bare = _AIM.sub("", text.strip(" \r\n\t\x02\x03\x04\x1d"))
    if bare[:4].upper() == "HV1:":
        return Scan(text, (Reading(Code.RECEIPT_CODE, bare.upper()),))
    parts = _parts(bare, marked=text.startswith(_GS1) or "\x1d" in text)
    # A number that begins like a label (“SN0”) is an officer's all the same where the roster has it.
    officer = known.officer(bare.upper()) if bare else ""
    readings = [Reading(Code.OFFICER, officer, known=True)] if officer else []
    misread: Code | None = None
    for code, value in parts:
        found, wrong = _read_part(code, value, known)
        readings += found
        misread = misread or wrong
    return Scan(text, _settled(readings), misread if not readings else None)


def is_luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of those before it (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        total += digit if place % 2 == 0 else sum(divmod(2 * digit, 10))
    return total % 10 == 0


def is_eid(digits: str) -> bool:
    """Tell whether 32 digits are an EID: by ISO/IEC 7064 modulo 97 they leave 1 (GSMA SGP.29)."""
    return len(digits) == 32 and int(digits) % 97 == 1


def is_gtin(digits: str) -> bool:
    """Tell whether these are the 12, 13 or 14 digits of a product with their check digit (GS1)."""
    if len(digits) not in {12, 13, 14}:
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0


def _parts(text: str, *, marked: bool) -> list[tuple[Code | None, str]]:
    """Take a text apart into numbers, each with what its label says that it is."""
    shown = _GS1_SHOWN.findall(text) if text.startswith("(") else []
    if shown:
        return [_element(name, value) for name, value in shown]
    if marked and (elements := _gs1(text)):
        return elements
    return [_labelled(part.strip()) for part in _SEPARATORS.split(text) if part.strip()]


def _labelled(part: str) -> tuple[Code | None, str]:
    match = _LABELLED.match(part)
    if match is None:
        return None, re.sub(r"^\((S|1P)\)\s*", "", part)
    label, value = match["label"].upper(), match["value"].strip()
    if label == "EID":
        return Code.EID, value
    if label == "ICCID":
        return Code.ICCID, value
    if label.startswith("IMEI"):
        return Code.IMEI, value
    return (Code.PRODUCT if label.startswith("P") else Code.SERIAL_NUMBER), value


def _element(name: str, value: str) -> tuple[Code | None, str]:
    kinds = {"21": Code.SERIAL_NUMBER, "8002": Code.IMEI, "8004": Code.ASSET_TAG}
    return kinds.get(name, Code.PRODUCT), value.strip(" \x1d")


def _gs1(text: str) -> list[tuple[Code | None, str]]:
    """Read an element string; empty where it is none after all."""
    elements: list[tuple[Code | None, str]] = []
    rest = text
    while rest:
        fixed = _GS1_FIXED.get(rest[:2])
        name = rest[:2] if fixed else next((one for one in _GS1_NAMES if rest.startswith(one)), "")
        if not name:
            return []
        value = rest[len(name) : len(name) + fixed] if fixed else rest[len(name) :].split("\x1d", 1)[0]
        if fixed and not (len(value) == fixed and value.isascii() and value.isdigit()):
            return []
        elements.append(_element(name, value))
        rest = rest[len(name) + len(value) :].lstrip("\x1d")
    return elements


def _read_part(code: Code | None, value: str, known: Known) -> tuple[list[Reading], Code | None]:
    """Give what one number may be, and which check digits in it are wrong."""
    upper = value.strip().upper()
    digits = re.sub(r"[ /._-]", "", upper)
    digits = digits if digits.isascii() and digits.isdigit() else ""
    if code is Code.PRODUCT:
        return [Reading(Code.PRODUCT, upper)], None
    if code is Code.SERIAL_NUMBER:
        return [_serial(upper, known) or Reading(code, upper)], None
    if code is Code.ASSET_TAG:
        serial = known.serial_of_asset_tag(upper)
        return [Reading(code, upper, known=bool(serial), serial_number=serial)], None
    if code is None:
        found = _on_the_books(upper, digits, known)
        if found:
            return found, None
    return _by_shape(code, upper, digits, known)


def _on_the_books(upper: str, digits: str, known: Known) -> list[Reading]:
    found: list[Reading] = []
    if serial := _serial(upper, known):
        found.append(serial)
    if officer := known.officer(upper):
        found.append(Reading(Code.OFFICER, officer, known=True))
    if known.receipt(upper):
        found.append(Reading(Code.RECEIPT, upper, known=True))
    if serial := known.serial_of_asset_tag(upper):
        found.append(Reading(Code.ASSET_TAG, upper, known=True, serial_number=serial))
    imei = digits if len(digits) == 15 else _imei(digits)
    if imei and (serial := known.serial_of_imei(imei)):
        found.append(Reading(Code.IMEI, imei, known=True, serial_number=serial))
    return found


def _serial(upper: str, known: Known) -> Reading | None:
    for text in (upper, upper[1:] if upper.startswith("S") else ""):
        if text and (serial := known.serial_number(text)):
            return Reading(Code.SERIAL_NUMBER, serial, known=True, serial_number=serial)
    return None


def _imei(digits: str) -> str:
    """Give the IMEI in 15 digits, or in 16 or 17 with a software version behind it (3GPP TS 23.003, 6.2); else ""."""
    if len(digits) == 15 and is_luhn(digits):
        return digits
    if len(digits) == 17 and is_luhn(digits[:15]):
        return digits[:15]
    if len(digits) == 16 and digits[:2] in {"01", "35", "86", "99"}:  # IMEISV: the version stands for the check digit
        return next(digits[:14] + check for check in "0123456789" if is_luhn(digits[:14] + check))
    return ""


def _by_shape(code: Code | None, upper: str, digits: str, known: Known) -> tuple[list[Reading], Code | None]:
    found: list[Reading] = []
    imei = _imei(digits)
    if imei and code in {None, Code.IMEI}:
        serial = known.serial_of_imei(imei)
        found.append(Reading(Code.IMEI, imei, known=bool(serial), serial_number=serial))
    bare = upper.replace(" ", "").rstrip("F")
    if code in {None, Code.ICCID} and re.fullmatch(r"89[0-9]{16,18}", bare) and is_luhn(bare):
        found.append(Reading(Code.ICCID, bare))
    if code in {None, Code.EID} and digits and is_eid(digits):
        found.append(Reading(Code.EID, digits))
    if found:
        return found, None
    if code is not None or (digits and len(digits) in {15, 32}) or re.fullmatch(r"89[0-9]{17,18}", bare):
        wanted = code or {15: Code.IMEI, 32: Code.EID}.get(len(digits), Code.ICCID)
        return [], wanted
    if (digits and is_gtin(digits)) or _PART.fullmatch(upper):
        return [Reading(Code.PRODUCT, upper)], None
    if _RECEIPT.fullmatch(upper):
        found.append(Reading(Code.RECEIPT, upper))
    if _SERIAL.fullmatch(upper):
        # The S before it belongs to the box, not to the number.
        boxed = upper[1:] if upper.startswith("S") and _APPLE.fullmatch(upper[1:]) else upper
        found.append(Reading(Code.SERIAL_NUMBER, boxed))
    if not known.has_roster() and not found:
        try:
            found.append(Reading(Code.OFFICER, officer_number(upper)))
        except UsageError:
            return [], None
    return found, None


def _settled(readings: list[Reading]) -> tuple[Reading, ...]:
    """Leave what differs: one handset under several of its numbers is one thing, and a box tells its product too."""
    apart = [one for one in dict.fromkeys(readings) if one.code is not Code.PRODUCT] or readings[:1]
    if any(one.known for one in apart):
        apart = [one for one in apart if one.known]
    handsets = [one for one in apart if one.code in HANDSETS]
    others = [one for one in apart if one.code not in HANDSETS]
    named = {one.serial_number for one in handsets}
    serials = [one for one in handsets if one.code is Code.SERIAL_NUMBER]
    if len(handsets) > 1 and len(named) == 1 and len({one.value for one in serials}) < 2:
        handsets = serials or handsets[:1]
    if handsets:
        # A box's label has the numbers of its SIM chip beside those of the handset.
        others = [one for one in others if one.code not in {Code.ICCID, Code.EID}]
    return (*handsets, *others)
