"""What is said of a scan that cannot be taken: one sentence that names it and says what to do. No Qt here."""

from __future__ import annotations

from provisioning.plain_text import one_line
from provisioning.scans import Code, Scan

_A = {
    Code.SERIAL_NUMBER: "a serial number",
    Code.IMEI: "an IMEI",
    Code.ASSET_TAG: "an asset tag",
    Code.OFFICER: "an officer number",
    Code.RECEIPT: "a receipt number",
    Code.RECEIPT_CODE: "the code of a receipt",
    Code.ICCID: "the number of a SIM card",
    Code.EID: "the number of an eSIM chip",
    Code.PRODUCT: "the code of a product",
}


def shown(text: str) -> str:
    """Give a scan as it is quoted."""
    return f"“{one_line(text.strip(), 40)}”"


def a_code(code: Code) -> str:
    """Name a kind of number, with its article."""
    return _A[code]


def not_understood(scan: Scan) -> str:
    """Say why a scan is nothing that can be acted on."""
    if scan.misread is not None:
        return f"{shown(scan.text)} was misread: for {_A[scan.misread]} its check digits are wrong. Scan it again."
    if len(scan.readings) > 1:
        kinds = list(dict.fromkeys(_A[one.code] for one in scan.readings))
        if len(kinds) == 1:
            return f"{shown(scan.text)} holds the numbers of two handsets. Scan one of them by itself."
        return f"{shown(scan.text)} may be {' or '.join(kinds)}. Scan another number of what is meant."
    if scan.only is not None and scan.only.code is Code.PRODUCT:
        return f"{shown(scan.text)} is the code of a product, the same on every box. Scan the serial number or IMEI."
    return f"{shown(scan.text)} is no number that this desk knows. Scan it again; look whether it is the right one."


def broke_off(text: str) -> str:
    """Say that a scan had no end, so that nothing was done with it."""
    return f"A scan broke off after {shown(text)}; nothing was done with it. Scan it again."


def in_the_way(text: str) -> str:
    """Say that a scan came while a question was open."""
    return f"{shown(text)} was not taken, because a question is open. Answer that first, then scan again."
