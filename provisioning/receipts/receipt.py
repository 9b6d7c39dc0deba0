"""The receipt of one handover or return, as facts: who got what, how it was checked, what was declared and signed.

A receipt goes into the ledger as the body of its entry (:meth:`Receipt.to_body`) and is read back from there
(:meth:`Receipt.from_body`); paper and screen only show it. What the ledger knows and the body cannot hold, its own
entry's number and hash, is in :class:`LedgerPlace`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum, unique
from typing import Literal

from provisioning.canonical import Json
from provisioning.inventory import Unread
from provisioning.platforms import Platform
from provisioning.policy.effective import PermitGrant, PolicyReference
from provisioning.verification.judgement import CatalogueReference, Verdict

UNNUMBERED = "–"
"""The number of a receipt that the ledger has not numbered yet: a preview."""
SAFE = "The receipt is safe in the ledger."
"""What is said where a copy of it cannot be written."""


@unique
class ReceiptKind(StrEnum):
    """Which way the items go."""

    HANDOVER = "handover"
    RETURN = "return"


@unique
class ReturnReason(StrEnum):
    """Why a handset comes back, or does not; the words of the command line."""

    RETURNED = "returned"
    EXCHANGE = "exchange"
    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that is known to be harmless, bounded and not blank: see ``provisioning.receipts.pictures``."""

    media_type: Literal["image/png", "image/svg+xml"]
    content: bytes = field(repr=False)


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
class Signed:
    """Signed by hand: the image alone, never how the pen moved."""

    image: Picture
    kind: Literal["signed"] = "signed"


@dataclass(frozen=True, slots=True)
class Declined:
    """Not signed, and why, in the words that the technician noted."""

    reason: str
    kind: Literal["declined"] = "declined"


OfficerSignature = Signed | Declined


@dataclass(frozen=True, slots=True)
class Technician:
    """Who hands over for the desk; ``signature`` None leaves a line to sign on."""

    name: str
    signature: Picture | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """How a handset was verified: the conclusion, by which rules, and where its knowledge ends.

    ``findings`` are sentences about what was found and did not keep the verdict from being what it is;
    ``not_checked`` what could not be read this time; ``limits`` what no reading of installed apps can see.
    ``effective_sha256`` is the digest of the policy as compiled for this officer. ``record_id`` is the identifier of
    the signed verification record, a digest of what it says; empty where there is none.
    """

    verdict: Verdict
    time: datetime
    apps_seen: int
    users_seen: tuple[int, ...]
    policy: PolicyReference
    effective_sha256: str
    catalogue: CatalogueReference
    findings: tuple[str, ...] = ()
    not_checked: tuple[Unread, ...] = ()
    limits: tuple[str, ...] = ()
    record_id: str = ""

    def __post_init__(self) -> None:
        if self.verdict is Verdict.CLEAR and self.not_checked:
            raise ValueError("a check that left something out cannot say clear")


@dataclass(frozen=True, slots=True)
class HandsetItem:
    """One handset that changes hands. ``check`` None: it was not verified (a return of what cannot be plugged in).

    ``terms`` names the clauses that hold for this item where items on one receipt have different ones.
    """

    serial_number: str
    platform: Platform
    model: str
    model_name: str
    os_version: str
    imei: str | None = None
    udid: str | None = None
    asset_tag: str | None = None
    bay: str | None = None
    check: Check | None = None
    condition: str = ""
    accessories: tuple[str, ...] = ()
    terms: str = ""
    kind: Literal["handset"] = "handset"


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of a declaration as it was shown, and whether it was ticked."""

    text: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """The declaration as it was shown to the officer, word for word. ``sha256`` (hex) is the text's own digest."""

    id: str
    version: str
    language: str
    title: str
    clauses: tuple[Clause, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where the ledger keeps this receipt.

    ``hash`` (hex) is the entry's own; ``head`` (hex) the running digest of all signatures up to it
    (``Head.signatures`` when the entry was the newest), None where nobody asked for it.
    """

    number: int
    hash: str
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that a receipt says. ``issued`` is aware; its offset from UTC is the one shown on paper.

    ``language`` is the language of the page (``en-GB``, ``cy-GB``). ``reason`` is set for returns only.
    """

    kind: ReceiptKind
    training: bool
    number: str
    issued: datetime
    organisation: str
    desk: str
    technician: Technician
    officer: Officer
    items: tuple[HandsetItem, ...]
    declaration: Declared | None
    signature: OfficerSignature
    permits: tuple[PermitGrant, ...] = ()
    reason: ReturnReason | None = None
    remarks: str = ""
    language: str = "en-GB"
    place: LedgerPlace | None = None

    def numbered(self, number: str, issued: datetime) -> Receipt:
        """Give the same receipt with the number and time that the ledger gave it."""
        return replace(self, number=number, issued=issued)

    def placed(self, place: LedgerPlace) -> Receipt:
        """Give the same receipt knowing where the ledger keeps it."""
        return replace(self, place=place)

    def to_body(self) -> dict[str, Json]:
        """Give the body for the ledger's entry; equal receipts give equal bodies. ``place`` is not in it.

        ``{"format": "issuing-desk/receipt/1", "officer": number, "receipt": number, "document": {…}}``, where the
        document has the names of the dataclasses, times as ISO 8601 and images as Base64.
        """
        from provisioning.receipts.body import body_of

        return body_of(self)

    @classmethod
    def from_body(cls, body: Mapping[str, Json], place: LedgerPlace | None = None) -> Receipt:
        """Read what :meth:`to_body` gave. Raises ReceiptBodyError for anything else."""
        from provisioning.receipts.body import receipt_in

        return receipt_in(body, place)

    def digest(self) -> str:
        """Give the SHA-256 (hex) of the body's canonical bytes; the code on the page carries it."""
        from provisioning.receipts.body import digest_of

        return digest_of(self.to_body())
