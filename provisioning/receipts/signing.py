"""Who stood at the counter, how that was seen, and how it was signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Literal


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that is known to be harmless, bounded and not blank: see ``provisioning.receipts.pictures``.

    The record keeps ``sha256`` (hex) of the image in clear and the image itself encrypted; ``content`` is empty
    where it was not opened, as for a stranger who checks a PDF.
    """

    media_type: Literal["image/png", "image/svg+xml"]
    content: bytes = field(default=b"", repr=False, compare=False)
    sha256: str = ""

    def __post_init__(self) -> None:
        if self.content or not self.sha256:
            object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())


@dataclass(frozen=True, slots=True)
class Officer:
    """Whoever receives or gives back. ``number`` is the key; the rest is known only from a roster.

    ``on_roster`` False is printed beside the number, with ``roster_reason`` where a stranger had to be argued for.
    """

    number: str
    name: str | None = None
    rank: str | None = None
    unit: str | None = None
    on_roster: bool = False
    roster_reason: str = ""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Who stands at the counter in the officer's place and signs; ``authority`` refers to what allows that."""

    officer: Officer
    authority: str


@unique
class IdentityEvidence(StrEnum):
    """What was looked at; the words of ``--identity``."""

    WARRANT_CARD = "warrant-card"
    STAFF_CARD = "staff-card"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving-licence"
    KNOWN = "known"
    """Known in person to the technician; no document was looked at."""


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """How whoever stood at the counter was known. ``by`` is the technician who looked.

    ``reference`` ends in the last characters of the document's number and has no more of it (:func:`shortened`).
    """

    seen: IdentityEvidence
    by: str
    reference: str = ""


_KEPT_OF_A_REFERENCE = 4


def shortened(reference: str) -> str:
    """Give as much of a document's number as tells two documents apart later, and no more: ``…4417``."""
    kept = reference.strip()
    return f"…{kept[-_KEPT_OF_A_REFERENCE:]}" if len(kept) > _KEPT_OF_A_REFERENCE else kept


@dataclass(frozen=True, slots=True)
class Signed:
    """Signed by hand: the image alone, never how the pen moved."""

    image: Picture
    kind: Literal["signed"] = "signed"


@dataclass(frozen=True, slots=True)
class Typed:
    """A name typed instead of a signature, confirmed by something that only the person has.

    ``factor`` is a one-time code of the authenticator that this desk enrolled for them on the day ``enrolled``
    (ISO 8601); the code itself is never kept.
    """

    name: str
    enrolled: str
    factor: Literal["one-time-code"] = "one-time-code"
    kind: Literal["typed"] = "typed"


@dataclass(frozen=True, slots=True)
class Declined:
    """Not signed, and why, in the words that the technician noted."""

    reason: str
    kind: Literal["declined"] = "declined"


OfficerSignature = Signed | Typed | Declined


@dataclass(frozen=True, slots=True)
class Technician:
    """Who hands over for the desk; ``signature`` None leaves a line to sign on."""

    name: str
    signature: Picture | None = None
