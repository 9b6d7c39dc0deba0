"""One spelling for identifiers, so that no trick of writing makes an app another one.

Bundle identifiers and package names are ASCII letters, digits, dots, hyphens and underscores (Apple's
CFBundleIdentifier, Android's PackageParser); the platforms tell case apart, but no two published apps differ in case
only, so ours is one. Whatever had to be changed to get there is a reason for suspicion of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from provisioning.platforms import Platform

LONGEST = 255
"""Characters; Apple and Android allow no longer identifier (PackageManager.MAX_PACKAGE_NAME is 223)."""
_PLAIN_LINES = re.compile(r"[A-Za-z0-9._\n-]*\Z")
_PRINTABLE = re.compile(r"[ -~]{1,255}\Z")
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,255}\Z")


def fold(identifier: str) -> str:
    """Give the identifier in the one spelling that is compared: plain letters, nothing invisible, lower case.

    Marks on letters go, and letters that only look like Latin ones are those: no identifier of either platform has any.
    """
    if _PLAIN.match(identifier):
        return identifier.lower()
    shown = unicodedata.normalize("NFKD", identifier[: 4 * LONGEST])
    kept = "".join(c for c in shown if not c.isspace() and unicodedata.category(c)[0] not in "CM" and not _ignorable(c))
    folded = unicodedata.normalize("NFKD", kept.casefold()).translate(_LOOKALIKES)
    return "".join(c for c in folded if unicodedata.category(c)[0] not in "CM")[:LONGEST]


def fold_all(identifiers: Iterable[str]) -> set[str]:
    """Give the identifiers in the one spelling, each once: of hundreds, much faster than one by one."""
    written = list(identifiers)
    lines = "\n".join(written)
    if _PLAIN_LINES.match(lines):
        folded = lines.lower().split("\n")
        if len(folded) == len(written) and (len(lines) <= LONGEST or len(max(folded, key=len)) <= LONGEST):
            return set(folded)  # as many lines as identifiers: no line break stood in one of them
    return {fold(identifier) for identifier in written}


def is_impossible(platform: Platform, identifier: str) -> bool:
    """True if no package manager of the platform has an app of that identifier: the list was changed or damaged.

    Android's takes letters, digits, underscores and dots (FrameworkParsingPackageUtils.validateName); the hyphens of
    some datasets pass. Apple's takes printable ASCII: of 20,976 archived apps three have a space in their identifier.
    """
    return not (_PLAIN if platform is Platform.ANDROID else _PRINTABLE).match(identifier)


def is_tampered(identifier: str) -> bool:
    """True if no store and no installer of the platform would take the identifier as it is written."""
    return not _PLAIN.match(identifier)


def _ignorable(character: str) -> bool:
    """Combining marks and fillers that show nothing (Unicode Default_Ignorable_Code_Point outside category C)."""
    value = ord(character)
    return 0xFE00 <= value <= 0xFE0F or 0xE0100 <= value <= 0xE01EF or value in _FILLERS


_FILLERS = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0})

_LOOKALIKES = str.maketrans(
    "\u3002\uff61\u2024\u00b7\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"
    "\u043a\u043c\u0442\u043d\u03b1\u03bf\u03bd\u03b9\u03c1\u03c4\u03ba\u03c5\u03c7\u0131\u0261",
    "....aeopcyxijshdqwkmthaoviptkuxig",
)
"""Full stops of other scripts; Cyrillic and Greek letters that are drawn like Latin ones (Unicode confusables)."""
