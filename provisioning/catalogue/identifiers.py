"""One spelling for identifiers, so that no trick of writing makes an app another one.

Bundle identifiers and package names are ASCII letters, digits, dots, hyphens and underscores (Apple's
CFBundleIdentifier, Android's PackageParser); the platforms tell case apart, but no two published apps differ in case
only, so ours is one. Whatever had to be changed to get there is a reason for suspicion of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 255
"""Characters; Apple and Android allow no longer identifier (PackageManager.MAX_PACKAGE_NAME is 223)."""
_PLAIN_LINES = re.compile(r"[A-Za-z0-9._\n-]*\Z")
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,255}\Z")


def fold(identifier: str) -> str:
    """Give the identifier in the one spelling that is compared: NFKC, nothing invisible, lower case."""
    if _PLAIN.match(identifier):
        return identifier.lower()
    shown = unicodedata.normalize("NFKC", identifier[: 4 * LONGEST])
    kept = "".join(c for c in shown if not c.isspace() and unicodedata.category(c)[0] != "C" and not _ignorable(c))
    return unicodedata.normalize("NFKC", kept.casefold())[:LONGEST]


def fold_all(identifiers: Iterable[str]) -> set[str]:
    """Give the identifiers in the one spelling, each once: of hundreds, much faster than one by one."""
    written = list(identifiers)
    lines = "\n".join(written)
    if _PLAIN_LINES.match(lines):
        folded = lines.lower().split("\n")
        if len(folded) == len(written) and (len(lines) <= LONGEST or len(max(folded, key=len)) <= LONGEST):
            return set(folded)  # as many lines as identifiers: no line break stood in one of them
    return {fold(identifier) for identifier in written}


def is_tampered(identifier: str) -> bool:
    """True if no store and no installer of the platform would take the identifier as it is written."""
    return not _PLAIN.match(identifier)


def _ignorable(character: str) -> bool:
    """Combining marks and fillers that show nothing (Unicode Default_Ignorable_Code_Point outside category C)."""
    value = ord(character)
    return 0xFE00 <= value <= 0xFE0F or 0xE0100 <= value <= 0xE01EF or value in _FILLERS


_FILLERS = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0})
