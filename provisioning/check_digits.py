"""Check digits: the last digit of an IMEI and of a SIM card's number tells whether the others were copied right."""

from __future__ import annotations

import re

_IMEI = re.compile(r"\d{15}", re.ASCII)
_ICCID = re.compile(r"89\d{16,18}", re.ASCII)
"""ITU-T E.118: issuer prefix 89 for telecommunications, up to 19 digits; some operators print 20."""


def is_imei(text: str) -> bool:
    """Tell whether 15 digits end in their check digit (Luhn, 3GPP TS 23.003, annex B)."""
    return _IMEI.fullmatch(text) is not None and _luhn(text)


def is_iccid(text: str) -> bool:
    """Tell whether this is a SIM card's number with its check digit (Luhn, ITU-T E.118)."""
    return _ICCID.fullmatch(text) is not None and _luhn(text)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        total += digit if place % 2 == 0 else sum(divmod(2 * digit, 10))
    return total % 10 == 0
