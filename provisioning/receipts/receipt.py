"""The receipt of one handover or return, as facts: who got what, how it was checked, what was declared and signed.

A receipt goes into the ledger as the body of its entry (:meth:`Receipt.to_body`) and is read back from there
(:meth:`Receipt.from_body`); paper and screen only show it. What the ledger knows and the body cannot hold, its own
entry's number and hash, is in :class:`LedgerPlace`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum, unique

from provisioning.canonical import Json
from provisioning.policy.effective import PermitGrant
from provisioning.receipts.items import Check, HandsetItem, Item, ItemKind, Ordered, OtherItem, handsets
from provisioning.receipts.signing import (
    Declined,
    IdentityCheck,
    IdentityEvidence,
    Officer,
    OfficerSignature,
    Picture,
    Proxy,
    Signed,
    Technician,
    Typed,
)

__all__ = [
    "SAFE", "UNNUMBERED", "Check", "Clause", "Declared", "Declined", "Extract", "HandsetItem", "IdentityCheck",
    "IdentityEvidence", "Item", "ItemKind", "LedgerPlace", "Officer", "OfficerSignature", "Ordered", "OtherItem",
    "Picture", "Proxy", "Receipt", "ReceiptKind", "ReturnReason", "Signed", "Technician", "Typed", "handsets",
]  # fmt: skip

UNNUMBERED = "–"
"""The number of a receipt that the ledger has not numbered yet: a preview."""
_SALT_BYTES = 16
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
    RECALLED = "recalled"
    """Its holder is suspended or leaves."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of a declaration as it was shown, and whether it was ticked."""

    text: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration as it was shown to the officer, word for word. ``sha256`` (hex) is the text's own digest.

    ``policy`` names the policy whose own words are in it, where handsets of one receipt are under different ones.
    """

    id: str
    version: str
    language: str
    title: str
    clauses: tuple[Clause, ...]
    sha256: str
    policy: str = ""

    @property
    def reference(self) -> str:
        """Give what an item's ``terms`` call it by."""
        return f"{self.id}@{self.policy}" if self.policy else self.id


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
class Extract:
    """Which part of a receipt this is: item ``item`` (from 1) of ``of``; ``sha256`` (hex) is the whole one's digest."""

    item: int
    of: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that a receipt says. ``issued`` is aware; its offset from UTC is the one shown on paper.

    ``declarations`` are the terms that were shown and ticked, each text once; an item's ``terms`` names its own, and
    one that no item names holds for all.
    One ``signature`` stands for all items. ``language`` is the language of the page (``en-GB``, ``cy-GB``).
    ``reason`` is set for returns only. ``proxy`` signed in the officer's place. ``reference`` is a crime, exhibit or
    ticket number; ``exchange`` the receipt by which the handset came back that this one stands in for.

    Not part of what the receipt says: ``place``; ``written_as``, the format of its body; ``sealed``, its images
    encrypted as older receipts have them, else empty; ``withheld``, why personal members are missing, a sentence;
    ``whole``, then the digest (hex) of the receipt as it was. ``salt`` is random: it makes the digest of a receipt
    unguessable for whoever knows everything else that is on it.
    """

    kind: ReceiptKind
    training: bool
    number: str
    issued: datetime
    organisation: str
    desk: str
    technician: Technician
    officer: Officer
    items: tuple[Item, ...]
    signature: OfficerSignature
    declarations: tuple[Declared, ...] = ()
    permits: tuple[PermitGrant, ...] = ()
    reason: ReturnReason | None = None
    remarks: str = ""
    language: str = "en-GB"
    identity: IdentityCheck | None = None
    proxy: Proxy | None = None
    reference: str = ""
    exchange: str = ""
    extract: Extract | None = None
    salt: str = field(default="", repr=False, compare=False)
    place: LedgerPlace | None = None
    written_as: int = 2
    sealed: str = field(default="", repr=False, compare=False)
    withheld: str = field(default="", compare=False)
    whole: str = field(default="", repr=False, compare=False)

    @property
    def handsets(self) -> tuple[HandsetItem, ...]:
        """Give the handsets among the items."""
        return handsets(self.items)

    def terms_of(self, item: Item) -> tuple[Declared, ...]:
        """Give the declarations that hold for an item: the one that it names, and those that no item names."""
        named = {one.terms for one in self.items}
        return tuple(one for one in self.declarations if one.reference == item.terms or one.reference not in named)

    def numbered(self, number: str, issued: datetime) -> Receipt:
        """Give the same receipt with the number and time that the ledger gave it."""
        return replace(self, number=number, issued=issued, salt=secrets.token_hex(_SALT_BYTES))

    def placed(self, place: LedgerPlace) -> Receipt:
        """Give the same receipt knowing where the ledger keeps it."""
        return replace(self, place=place)

    def to_body(self) -> dict[str, Json]:
        """Give the body for the ledger's entry; equal receipts give equal ones (``provisioning.receipts.body``)."""
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

        return self.whole if self.withheld else digest_of(self.to_body())
