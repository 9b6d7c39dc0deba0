"""At the counter: verify afresh for the person who stands there, then hand over; the entry before anything prints.

The gate is hard: only a handset that was just read completely, under the policy as compiled for this officer, and found
clear, changes hands. The verification must be at most ``max_age`` old, of this session, with the cable still in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.orders import Orders, read_orders
from provisioning.catalogue.catalogue import Catalogue
from provisioning.desk import Desk
from provisioning.entitlement import entitlement
from provisioning.errors import HomeError, UsageError
from provisioning.handover import (
    MOST_ITEMS,
    AlreadyOut,
    GateClosed,
    HandedOver,
    HandoverOrder,
    HandoverOutcome,
    HandsetOrder,
    OrderedOtherwise,
    ReportedMissing,
)
from provisioning.home.home import Home
from provisioning.home.records import RecordStore
from provisioning.ledger.draft import Draft
from provisioning.ledger.entry import HANDS_CHANGED, ITEM_HANDS_CHANGED, EntryKind
from provisioning.ledger.ledger import Body, Ledger
from provisioning.ledger.look_up import Entries
from provisioning.noticing import require_entitled, require_issuable
from provisioning.people.permits import PERMIT_KINDS, Permit, permits_on_the_books, person_with
from provisioning.plain_text import one_line
from provisioning.policy.effective import EffectivePolicy
from provisioning.policy.shelf import PolicyShelf
from provisioning.receipts.parts import first_subject, further_parts, placed, receipt_in_ledger
from provisioning.receipts.receipt import UNNUMBERED, HandsetItem, Item, Officer, Receipt, ReceiptKind, Technician
from provisioning.receipts.sealed_pictures import body_with_pictures
from provisioning.receipts.verified_item import verified_item
from provisioning.return_books import missing_by
from provisioning.returns import require_exchanged
from provisioning.session import Session
from provisioning.status import Errand, Phase, SessionStatus
from provisioning.terms import HANDSETS
from provisioning.unfinished import Begun, Unfinished
from provisioning.verification.judgement import Verdict
from provisioning.walk import INSPECT

HANDOVER = HANDSETS
PATIENCE = 15.0
"""Seconds that a verification at the counter waits for a person (an unlock, a replug)."""


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
        self._unfinished = Unfinished(home.path)
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

    async def hand_over(self, handsets: Sequence[HandsetOrder], order: HandoverOrder) -> HandoverOutcome:
        """Pass the gate with every handset, write the entries in one step, give the receipt; or say why not.

        Either all items are handed over or none. Raises UsageError where nothing is to be, or far too much.
        """
        await asyncio.to_thread(self._technician)  # whether anybody may do it, before handsets are read for minutes
        if not 0 < len(handsets) + len(order.others) <= MOST_ITEMS:
            raise UsageError(f"A handover has from 1 to {MOST_ITEMS} items. Split it.")
        refused = await asyncio.to_thread(self._refused, handsets, order)
        if refused is not None:
            return refused
        orders = await asyncio.to_thread(read_orders, BatchFolder(self._home.path), self._ledger)
        for one in handsets:
            otherwise = await asyncio.to_thread(self._ordered_otherwise, orders, one, order.officer)
            if otherwise is not None:
                return otherwise
        stale = [one for one in handsets if not self._still_fresh(one)]
        await asyncio.gather(*(self.verify(one.session, one.effective) for one in stale))
        # All of them once more: while the last was read, the first may have been unplugged.
        statuses = [one.session.status() for one in handsets]
        closed = [
            status
            for one, status in zip(handsets, statuses, strict=True)
            if not (_is_clear(status) and self._still_fresh(one))
        ]
        if closed:
            return GateClosed(tuple(closed))
        return await asyncio.to_thread(self._commit, orders, tuple(zip(handsets, statuses, strict=True)), order)

    def paper_made(self, done: HandedOver) -> None:
        """Note that a handover is at its end: until then a crash is told of at the next start."""
        self._unfinished.end(done.once)

    def receipt(self, number: str) -> Receipt:
        """Give a receipt as the ledger has it. Raises UsageError where there is none."""
        return receipt_in_ledger(self._ledger, number)

    def _refused(self, handsets: Sequence[HandsetOrder], order: HandoverOrder) -> AlreadyOut | ReportedMissing | None:
        """Ask the books before anything is read for minutes; the transaction asks them once more."""
        if order.once is not None and self._ledger.entries(once=order.once, limit=1):
            return None  # done before: the same receipt is given again
        try:
            _require_entitled(order, self._ledger)
            for one in handsets:
                if (serial := one.session.status().serial_number) is not None:
                    _require_handset_here(serial, self._ledger)
        except _MayNotGo as out:
            return out.outcome
        return None

    def _still_fresh(self, handset: HandsetOrder) -> bool:
        status = handset.session.status()
        fresh = self._fresh.get(status.serial_number or "")
        return (
            fresh is not None
            and handset.session.plugged_in
            and fresh.record == status.record
            and fresh.effective_sha256 == handset.effective.sha256
            and time.monotonic() - fresh.at <= handset.effective.max_age_seconds
        )

    def _ordered_otherwise(self, orders: Orders, handset: HandsetOrder, officer: Officer) -> OrderedOtherwise | None:
        identity = handset.session.status().identity
        if identity is None or handset.override:
            return None
        other = entitlement(orders, self._ledger, identity, officer).other
        return None if other is None else OrderedOtherwise(identity.serial_number, other)

    def _commit(
        self, orders: Orders, handsets: Sequence[tuple[HandsetOrder, SessionStatus]], order: HandoverOrder
    ) -> HandedOver | AlreadyOut | ReportedMissing:
        receipt = self._receipt(orders, handsets, order)
        once = order.once or str(uuid4())
        items = tuple(item.identifier or item.name for item in receipt.items)

        def write(draft: Draft) -> Body:
            # Looked up inside the transaction: between here and the entry nobody else can hand it over.
            _require_entitled(order, draft)
            for item in receipt.items:
                _require_here(item, draft)
            numbered = receipt.numbered(draft.receipt, datetime.fromisoformat(draft.time).astimezone())
            return body_with_pictures(numbered)

        try:
            self._unfinished.begin(Begun(once, order.officer.number, items, receipt.issued.isoformat()))
            entry = self._ledger.append_receipt(
                EntryKind.HANDED_OVER,
                first_subject(receipt),
                write,
                technician=receipt.technician.name,
                once=once,
                parts=further_parts,
            )
        except _MayNotGo as out:
            self._unfinished.end(once)
            return out.outcome
        except HomeError as error:
            self._unfinished.end(once)  # full, read-only or busy: nothing was added
            raise HomeError(f"Nothing was handed over. {error}") from error
        return HandedOver(placed(entry), entry, once)

    def _receipt(
        self, orders: Orders, handsets: Sequence[tuple[HandsetOrder, SessionStatus]], order: HandoverOrder
    ) -> Receipt:
        items = tuple(self._item(orders, handset, status, order) for handset, status in handsets)
        people = (handset.effective.person for handset, _ in handsets)
        permits = (grant for person in people if person for grant in (*person.permits, *person.exemptions))
        return Receipt(
            kind=ReceiptKind.HANDOVER,
            training=self._home.training,
            number=UNNUMBERED,
            issued=datetime.now().astimezone(),
            organisation=self._home.identity.organisation_name,
            desk=self._home.identity.desk_name,
            technician=Technician(self._technician(), order.countersignature),
            officer=order.officer,
            items=(*items, *order.others),
            declarations=order.declarations,
            signature=order.signature,
            permits=tuple(dict.fromkeys(permits)),
            remarks=order.remarks,
            language=order.language,
            identity=order.identity,
            proxy=order.proxy,
            exchange=order.exchange,
        )

    def _item(self, orders: Orders, handset: HandsetOrder, status: SessionStatus, order: HandoverOrder) -> HandsetItem:
        signed = self._records.load(status.record)
        identity = signed.record.identity
        listed = orders.line(identity.serial_number)
        ordered = orders.ordered(
            identity.serial_number,
            handset.override,
            officer=order.officer.number,
            team=order.officer.unit or "",
            models=(identity.model_name, identity.model),
        )
        return verified_item(
            signed,
            language=order.language,
            bay=status.attachment.bay,
            asset_tag=listed.asset_tag or None if listed else None,
            condition=handset.condition,
            accessories=handset.accessories,
            terms=handset.terms,
            order=ordered,
        )


def _is_clear(status: SessionStatus) -> bool:
    judgement = status.judgement
    return judgement is not None and judgement.verdict is Verdict.CLEAR and status.phase is Phase.READY


def _require_entitled(order: HandoverOrder, books: Entries) -> None:
    require_entitled(books, order.officer.number)
    if order.proxy is not None:
        require_entitled(books, order.proxy.officer.number)
    if order.exchange:
        require_exchanged(books, order.exchange, order.officer.number)


def _require_here(item: Item, draft: Draft) -> None:
    """Give the transaction up where the books say that the item cannot lie on this counter."""
    if isinstance(item, HandsetItem):
        _require_handset_here(item.serial_number, draft)
    elif item.identifier:
        kinds = ITEM_HANDS_CHANGED
        for last in draft.entries(serial=item.identifier, kind=kinds, newest_first=True, limit=1):
            if last.kind == EntryKind.ITEM_HANDED_OVER:
                raise _MayNotGo(AlreadyOut(item.identifier, last.officer or "", last.receipt or ""))


def _require_handset_here(serial: str, books: Entries) -> None:
    for last in books.entries(serial=serial, kind=HANDS_CHANGED, newest_first=True, limit=1):
        if last.kind == EntryKind.HANDED_OVER:
            raise _MayNotGo(AlreadyOut(serial, last.officer or "", last.receipt or ""))
        if (missing := missing_by(last)) is not None:
            raise _MayNotGo(ReportedMissing(serial, missing, last.receipt or ""))
    require_issuable(books, serial)


def permits_in_force(ledger: Ledger, officer: str) -> list[Permit]:
    """Give an officer's permits that are in force on this day by the desk's own calendar."""
    day = _today()
    permits = permits_on_the_books(ledger.entries(kind=PERMIT_KINDS)).values()
    return [permit for permit in permits if permit.officer == officer and permit.in_force(day)]


def _today() -> date:
    return datetime.now().astimezone().date()
