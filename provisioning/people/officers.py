"""Officers as far as a desk without a roster knows them: a well-formed officer number."""

from __future__ import annotations

import re

from provisioning.errors import UsageError
from provisioning.plain_text import one_line

_WELL_FORMED = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ./_-]{0,30}[A-Za-z0-9])?")


def officer_number(text: str) -> str:
    """Give the officer number that was typed or scanned: upper case, single spaces.

    A warrant or pay number, not a collar number (those change hands). Raises UsageError with a sentence where it is
    not 1 to 32 letters, digits, spaces, dots, slashes, hyphens or underscores; control characters never pass.
    """
    number = text.strip(" ")
    if not _WELL_FORMED.fullmatch(number):
        raise UsageError(
            f"“{one_line(text, 40)}” is not an officer number. "
            "Use 1 to 32 letters and digits; spaces, dots, slashes and hyphens may stand between them."
        )
    return re.sub(" +", " ", number).upper()
