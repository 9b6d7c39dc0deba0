"""At the counter: verify afresh for the person who stands there, then hand over; the entry before anything prints.

The gate is hard: only a handset that was just read completely, under the policy as compiled for this officer, and found
clear, changes hands. The verification must be at most ``max_age`` old, of this session, with the cable still in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from provisioning.batches.batch_folder import BatchFolder
from provisioning.catalogue.catalogue import Catalogue
from provisioning.desk import Desk
from provisioning.errors import UsageError
from provisioning.home.home import Home
from provisioning.home.records import RecordStore
from provisioning.ledger.draft import Draft
from provisioning.ledger.entry import HANDS_CHANGED, Entry, EntryKind
from provisioning.ledger.ledger import Body, Ledger
from provisioning.people.permits import PERMIT_KINDS, Permit, permits_on_the_books, person_with
from provisioning.plain_text import one_line
from provisioning.policy.effective import EffectivePolicy
from provisioning.policy.shelf import PolicyShelf
from provisioning.receipts.receipt import (
    UNNUMBERED,
    Declared,
    LedgerPlace,
    Officer,
    OfficerSignature,
    Picture,
    Receipt,
    ReceiptKind,
    ReturnReason,
    Technician,
)
from provisioning.receipts.verified_item import verified_item
from provisioning.returns import missing_by
from provisioning.session import Session
from provisioning.status import Errand, Phase, SessionStatus
from provisioning.verification.judgement import Verdict
from provisioning.walk import INSPECT

HANDOVER = "handset-handover"
"""The declaration that goes with every handover; the policy's own words are put into it."""
PATIENCE = 15.0
"""Seconds that a verification at the counter waits for a person (an unlock, a replug)."""


@dataclass(frozen=True, slots=True)
class HandoverOrder:
    """What was agreed at the counter; ``permits`` are references on the books."""

    officer: Officer
    signature: OfficerSignature
    declaration: Declared
    permits: tuple[str, ...] = ()
    accessories: tuple[str, ...] = ()
    countersignature: Picture | None = None
    """The technician's signature; None leaves a line to sign on."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """It is in the ledger."""

    receipt: Receipt
    entry: Entry


@dataclass(frozen=True, slots=True)
class GateClosed:
    """The fresh verification was not clear, or did not come to its end."""

    status: SessionStatus


@dataclass(frozen=True, slots=True)
class AlreadyOut:
    """The ledger says that the handset is in somebody's hands."""

    officer: str
    receipt: str


@dataclass(frozen=True, slots=True)
class ReportedMissing:
    """The ledger says that the handset was reported lost or stolen, and it lies here."""

    reason: ReturnReason
    receipt: str


HandoverOutcome = HandedOver | GateClosed | AlreadyOut | ReportedMissing


class _MayNotGo(Exception):
    """Carries the outcome out of the ledger's transaction, which it thereby gives up."""

    def __init__(self, outcome: AlreadyOut | ReportedMissing) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A verification made at this counter."""

    record: str
    effective_sha256: str
    at: float


class Counter:
    """Hands over what is plugged in at this desk."""

    def __init__(
        self,
        home: Home,
        ledger: Ledger,
        records: RecordStore,
        *,
        shelf: PolicyShelf,
        catalogue: Catalogue,
        desk: Desk,
        technician: Callable[[], str],
    ) -> None:
        """``technician`` gives who hands over; it raises UsageError where nobody who may is signed in."""
        self._home = home
        self._ledger = ledger
        self._records = records
        self._shelf = shelf
        self._catalogue = catalogue
        self._desk = desk
        self._technician = technician
        self._fresh: dict[str, _Fresh] = {}

    def permits(self, officer: str) -> list[Permit]:
        """Give an officer's permits that are in force today."""
        return permits_in_force(self._ledger, officer)

    def effective(
        self, policy: str, officer: str | None, permits: tuple[str, ...] = (), serials: tuple[str, ...] = ()
    ) -> EffectivePolicy:
        """Compile a policy for an officer with all permits in force; roles hold where they name all of ``serials``.

        Raises UsageError for a named permit that is not theirs or not in force today.
        """
        if officer is None:
            return self._shelf.effective(policy, self._catalogue)
        theirs = {permit.reference: permit for permit in self.permits(officer)}
        for reference in permits:
            if reference not in theirs:
                raise UsageError(
                    f"Permit “{one_line(reference, 40)}” is not in force for officer {officer}. "
                    "See “issuing-desk permit list”; add it there once it is approved."
                )
        roles = self._shelf.policy(policy).roles
        person = person_with(officer, theirs.values(), _today(), roles=roles, serials=serials)
        return self._shelf.effective(policy, self._catalogue, person)

    def policy_of(self, serial: str, default: str) -> str:
        """Give the policy that was last applied to a handset, by the ledger; ``default`` where none was."""
        applied = self._ledger.entries(serial=serial, kind=EntryKind.APPLIED, newest_first=True, limit=1)
        for entry in applied:
            policy = entry.body.get("policy")
            if isinstance(policy, dict):
                return str(policy.get("name"))
        return default

    async def verify(self, session: Session, effective: EffectivePolicy) -> SessionStatus:
        """Read and judge the handset now, under this officer's policy. Raises UsageError while other work goes on."""
        if session.status().phase in {Phase.WORKING, Phase.WAITING} and self._desk.walking(session):
            raise UsageError("This handset is still being worked on. Wait until it is ready, or stop it first.")
        await self._desk.stop(session)
        status = await self._desk.begin(session, Errand(INSPECT, effective, PATIENCE))
        if status.judgement is not None and status.serial_number is not None:
            self._fresh[status.serial_number] = _Fresh(status.record, effective.sha256, time.monotonic())
        return status

    async def hand_over(self, session: Session, effective: EffectivePolicy, order: HandoverOrder) -> HandoverOutcome:
        """Pass the gate, write the entry, give the receipt; or say why not."""
        await asyncio.to_thread(self._technician)  # whether anybody may do it, before the handset is read for minutes
        status = session.status()
        if not self._still_fresh(session, status, effective):
            status = await self.verify(session, effective)
        judgement = status.judgement
        if judgement is None or judgement.verdict is not Verdict.CLEAR or status.phase is not Phase.READY:
            return GateClosed(status)
        return await asyncio.to_thread(self._commit, status, effective, order)

    def receipt(self, number: str) -> Receipt:
        """Give a receipt as the ledger has it. Raises UsageError where there is none."""
        return receipt_in_ledger(self._ledger, number)

    def _still_fresh(self, session: Session, status: SessionStatus, effective: EffectivePolicy) -> bool:
        fresh = self._fresh.get(status.serial_number or "")
        return (
            fresh is not None
            and session.plugged_in
            and fresh.record == status.record
            and fresh.effective_sha256 == effective.sha256
            and time.monotonic() - fresh.at <= effective.max_age_seconds
        )

    def _commit(
        self, status: SessionStatus, effective: EffectivePolicy, order: HandoverOrder
    ) -> HandedOver | AlreadyOut | ReportedMissing:
        serial = status.serial_number
        assert serial is not None, "a clear verdict names its handset"
        receipt = self._receipt(status, effective, order)

        def write(draft: Draft) -> Body:
            # Looked up inside the transaction: between here and the entry nobody else can hand it over.
            for last in draft.entries(serial=serial, kind=HANDS_CHANGED, newest_first=True, limit=1):
                if last.kind == EntryKind.HANDED_OVER:
                    raise _MayNotGo(AlreadyOut(last.officer or "", last.receipt or ""))
                if (missing := missing_by(last)) is not None:
                    raise _MayNotGo(ReportedMissing(missing, last.receipt or ""))
            return receipt.numbered(draft.receipt, datetime.fromisoformat(draft.time).astimezone()).to_body()

        try:
            entry = self._ledger.append_receipt(
                EntryKind.HANDED_OVER, serial, write, technician=receipt.technician.name
            )
        except _MayNotGo as out:
            return out.outcome
        return HandedOver(_placed(entry), entry)

    def _receipt(self, status: SessionStatus, effective: EffectivePolicy, order: HandoverOrder) -> Receipt:
        signed = self._records.load(status.record)
        listed = BatchFolder(self._home.path).find(signed.record.identity.serial_number)
        item = verified_item(
            signed,
            language=order.declaration.language,
            bay=status.attachment.bay,
            asset_tag=listed.asset_tag or None if listed else None,
            accessories=order.accessories,
        )
        return Receipt(
            kind=ReceiptKind.HANDOVER,
            training=self._home.training,
            number=UNNUMBERED,
            issued=datetime.fromisoformat(signed.record.time),
            organisation=self._home.identity.organisation_name,
            desk=self._home.identity.desk_name,
            technician=Technician(self._technician(), order.countersignature),
            officer=order.officer,
            items=(item,),
            declaration=order.declaration,
            signature=order.signature,
            permits=effective.person.permits if effective.person else (),
            language=order.declaration.language,
        )


def permits_in_force(ledger: Ledger, officer: str) -> list[Permit]:
    """Give an officer's permits that are in force on this day by the desk's own calendar."""
    day = _today()
    permits = permits_on_the_books(ledger.entries(kind=PERMIT_KINDS)).values()
    return [permit for permit in permits if permit.officer == officer and permit.in_force(day)]


def _today() -> date:
    return datetime.now().astimezone().date()


def receipt_in_ledger(ledger: Ledger, number: str) -> Receipt:
    """Find a receipt by its number. Raises UsageError where there is none."""
    for entry in ledger.entries(receipt=number, kind=HANDS_CHANGED, limit=1):
        return _placed(entry)
    raise UsageError(f"There is no receipt “{one_line(number, 40)}” in this ledger.")


def _placed(entry: Entry) -> Receipt:
    return Receipt.from_body(entry.body, LedgerPlace(entry.number, entry.hash))
