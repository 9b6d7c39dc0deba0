"""A handover as it was agreed at the counter, and what can become of it."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.batches.orders import OtherOrder
from provisioning.ledger.entry import Entry
from provisioning.policy.effective import EffectivePolicy
from provisioning.receipts.receipt import (
    Declared,
    IdentityCheck,
    Officer,
    OfficerSignature,
    OtherItem,
    Picture,
    Proxy,
    Receipt,
    ReturnReason,
)
from provisioning.session import Session
from provisioning.status import SessionStatus

MOST_ITEMS = 200
"""Items on one receipt; with the records of 200 handsets it still fits into one entry of the ledger."""


@dataclass(frozen=True, slots=True)
class HandsetOrder:
    """One attached handset that is to go out, under the policy as compiled for this officer.

    ``terms`` names the declaration that holds for it, where there are several. ``override`` says why it goes to this
    officer although an order means something else.
    """

    session: Session
    effective: EffectivePolicy
    condition: str = ""
    accessories: tuple[str, ...] = ()
    terms: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class HandoverOrder:
    """What was agreed for all items together: one officer, one signature, the declarations that were ticked.

    ``proxy`` stands at the counter in the officer's place; ``identity`` is how whoever stands there was known.
    ``once`` names this handover: asked for again under the same name, it is not done twice. None: a new one.
    """

    officer: Officer
    signature: OfficerSignature
    declarations: tuple[Declared, ...]
    others: tuple[OtherItem, ...] = ()
    countersignature: Picture | None = None
    """The technician's signature; None leaves a line to sign on."""
    identity: IdentityCheck | None = None
    proxy: Proxy | None = None
    remarks: str = ""
    language: str = "en-GB"
    once: str | None = None
    exchange: str = ""
    """The receipt by which the handset came back that these stand in for."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """It is in the ledger: all items, in ``entry`` and those right after it. ``once`` is its name there."""

    receipt: Receipt
    entry: Entry
    once: str


@dataclass(frozen=True, slots=True)
class GateClosed:
    """Of these handsets the fresh verification was not clear, or did not come to its end. Nothing was handed over."""

    statuses: tuple[SessionStatus, ...]


@dataclass(frozen=True, slots=True)
class AlreadyOut:
    """The ledger says that the item is in somebody's hands."""

    serial_number: str
    officer: str
    receipt: str


@dataclass(frozen=True, slots=True)
class ReportedMissing:
    """The ledger says that the handset was reported lost or stolen, and it lies here."""

    serial_number: str
    reason: ReturnReason
    receipt: str


@dataclass(frozen=True, slots=True)
class OrderedOtherwise:
    """The order means somebody else, or another handset, and nobody said why it is to be so all the same."""

    serial_number: str
    order: OtherOrder


HandoverOutcome = HandedOver | GateClosed | AlreadyOut | ReportedMissing | OrderedOtherwise
