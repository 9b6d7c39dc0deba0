"""Sessions' books, kept in the ledger: each fact once, on disk before anything shows it.

Names of events (the ledger's ``once``) are made from what the handset said, so a walk that is repeated after a crash
books the same fact under the same name, which adds nothing. A handset that was returned or erased begins a new life,
in which the same facts count anew. Verifications are never the same event twice: each is a reading of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

from provisioning.canonical import Json, canonical
from provisioning.handset import Attachment, Glimpse, Identity, LockDown
from provisioning.home.home import Home
from provisioning.home.records import RecordStore
from provisioning.inventory import Inventory
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.notices import Notice
from provisioning.noticing import UNHEARD_OF, notices_of
from provisioning.outcomes import Outcome, did_all
from provisioning.policy.effective import EffectivePolicy, PolicyReference
from provisioning.stages import apply, enrol, erase, seal
from provisioning.status import Walk
from provisioning.told import told
from provisioning.verification.judge import Catalogue, judge
from provisioning.verification.judgement import Judgement, Verdict
from provisioning.verification.record import SignedRecord, sign_record
from provisioning.walk import StageName

_LOOKS = {EntryKind.IDENTIFIED, EntryKind.VERIFIED, EntryKind.STOPPED}
_NEW_LIFE = (EntryKind.RETURNED, EntryKind.ERASED)


class LedgerBooks:
    """Implements a session's Books and Judge over one home's ledger and records. Blocking work runs in threads."""

    def __init__(
        self, home: Home, ledger: Ledger, records: RecordStore, catalogue: Catalogue, *, technician: Callable[[], str]
    ) -> None:
        """``technician`` tells who is at the desk at the moment of an entry."""
        self._home = home
        self._ledger = ledger
        self._records = records
        self._catalogue = catalogue
        self._technician = technician

    async def notices(self, serial_number: str) -> tuple[Notice, ...]:
        """Say what these books know of a handset that somebody should be told."""
        return await asyncio.to_thread(notices_of, self._ledger, serial_number)

    async def unheard_of(self, identity: Identity) -> None:
        """Book that a handset that was never seen here before is managed by us already."""
        body: dict[str, Json] = {"notice": UNHEARD_OF}
        await self._book(EntryKind.NOTED, identity.serial_number, body, name=body)

    async def identified(self, identity: Identity, bay: str) -> bool:
        """Book that this handset was seen; again only when it says something new of itself (an update, a new SIM).

        Tells whether these books know nothing of it but how it was looked at.
        """
        return await asyncio.to_thread(self._identified, identity, bay)

    async def passed(self, identity: Identity, stage: StageName, outcome: Outcome, effective: EffectivePolicy) -> None:
        """Book enrolment and lock-down as the handset confirmed them; stages that change nothing leave no entry."""
        match outcome:
            case enrol.Enrolled(enrolment):
                body: dict[str, Json] = {"organisation": enrolment.organisation, "detail": enrolment.detail}
                if enrolment.provisional_until:
                    body["provisional_until"] = enrolment.provisional_until
                await self._book(EntryKind.ENROLLED, identity.serial_number, body, name=body)
            case erase.Erased(already):
                body = {"data_plan": "preserved", "was_as_new": already}
                await asyncio.to_thread(
                    self._ledger.append, EntryKind.ERASED, identity.serial_number, body, technician=self._technician()
                )
            case apply.Applied(lock_down):
                body = _lock_down_body(effective, lock_down)
                await self._book(EntryKind.APPLIED, identity.serial_number, body, name=body)
            case seal.Sealed(evidence):
                body = {"policy": _policy_body(effective.reference, effective), "evidence": list(evidence)}
                await self._book(EntryKind.SEALED, identity.serial_number, body, name=body)
            case _:
                pass

    async def stopped(self, identity: Identity, stage: StageName, outcome: Outcome) -> None:
        """Book that a walk ended at ``stage`` with what the handset or its holder did."""
        body: dict[str, Json] = {"stage": str(stage), **told(outcome)}
        await asyncio.to_thread(
            self._ledger.append, EntryKind.STOPPED, identity.serial_number, body, technician=self._technician()
        )

    async def stopped_nameless(
        self, attachment: Attachment, glimpse: Glimpse | None, stage: StageName, outcome: Outcome
    ) -> None:
        """Book that a walk ended behind this cable, where no handset has said its serial number."""
        body: dict[str, Json] = {
            "stage": str(stage), "platform": str(attachment.platform), "bay": attachment.bay, "udid": attachment.udid,
            "model": glimpse.model if glimpse else None, "model_name": glimpse.model_name if glimpse else None,
            **told(outcome),
        }  # fmt: skip
        await asyncio.to_thread(self._ledger.append, EntryKind.STOPPED, None, body, technician=self._technician())

    async def walked(self, identity: Identity, walk: Walk) -> None:
        """Book how a walk went: what every number about speed is counted from."""
        steps: list[Json] = [
            {"step": str(one.name), "outcome": type(one.outcome).__name__, "done": did_all(one.outcome),
             "seconds": round(one.seconds, 3), "waited": round(one.waited, 3), "queued": round(one.queued, 3)}
            for one in walk.steps
        ]  # fmt: skip
        body: dict[str, Json] = {
            "end": str(walk.end), "seconds": round(walk.seconds, 3), "steps": steps, "bay": walk.bay,
            "policy": walk.policy,
        }  # fmt: skip
        await asyncio.to_thread(
            self._ledger.append, EntryKind.WALKED, identity.serial_number, body, technician=self._technician()
        )

    async def __call__(
        self, identity: Identity, inventory: Inventory, lock_down: LockDown, effective: EffectivePolicy
    ) -> tuple[Judgement, str]:
        """Judge what was read; sign, keep and book the record before anybody is told."""
        read_at = datetime.now(UTC)
        judgement, record = await asyncio.to_thread(
            self._judge, identity, inventory, lock_down, effective, moment=read_at
        )
        return judgement, record.id

    def _judge(
        self,
        identity: Identity,
        inventory: Inventory,
        lock_down: LockDown,
        effective: EffectivePolicy,
        *,
        moment: datetime,
    ) -> tuple[Judgement, SignedRecord]:
        technician = self._technician()
        judgement = judge(inventory, effective, self._catalogue, lock_down=lock_down, identity=identity)
        record = sign_record(
            self._home.signer(),
            self._home.identity,
            technician=technician,
            identity=identity,
            judgement=judgement,
            effective=effective,
            lock_down=lock_down,
            moment=moment,
        )
        self._records.keep(record, inventory)
        self._ledger.append(
            EntryKind.VERIFIED,
            identity.serial_number,
            _verified_body(judgement, record, effective),
            technician=technician,
            once=f"verified {record.id}",
        )
        return judgement, record

    def _identified(self, identity: Identity, bay: str) -> bool:
        kinds = [entry.kind for entry in self._ledger.entries(serial=identity.serial_number)]
        facts = _facts(identity)
        life = sum(kind in _NEW_LIFE for kind in kinds)
        self._book_once(EntryKind.IDENTIFIED, identity.serial_number, {**facts, "bay": bay}, facts, life)
        # One that was only inspected is new; one that was identified alone may have been enrolled before a crash.
        return not kinds or (EntryKind.VERIFIED in kinds and set(kinds) <= _LOOKS)

    async def _book(self, kind: EntryKind, serial: str, body: dict[str, Json], *, name: dict[str, Json]) -> None:
        await asyncio.to_thread(self._book_once, kind, serial, body, name)

    def _book_once(
        self, kind: EntryKind, serial: str, body: dict[str, Json], name: dict[str, Json], life: int | None = None
    ) -> None:
        """Add an entry once in this life of the handset; ``life`` where its number is known."""
        if life is None:
            life = len(self._ledger.entries(serial=serial, kind=_NEW_LIFE))
        digest = hashlib.sha256(canonical({"fact": name, "life": life, "serial": serial})).hexdigest()
        self._ledger.append(kind, serial, body, technician=self._technician(), once=f"{kind} {digest}")


def _facts(identity: Identity) -> dict[str, Json]:
    return {name: (str(value) if value is not None else None) for name, value in asdict(identity).items()}


def _policy_body(policy: PolicyReference, effective: EffectivePolicy) -> dict[str, Json]:
    return {
        "name": policy.name,
        "version": policy.version,
        "sha256": policy.sha256,
        "effective_sha256": effective.sha256,
    }


def _lock_down_body(effective: EffectivePolicy, lock_down: LockDown) -> dict[str, Json]:
    return {
        "policy": _policy_body(effective.reference, effective),
        "requirements": [
            {"name": one.name, "wanted": one.wanted, "found": one.found, "strength": str(one.strength)}
            for one in lock_down.requirements
        ],
    }


def _verified_body(judgement: Judgement, record: SignedRecord, effective: EffectivePolicy) -> dict[str, Json]:
    body: dict[str, Json] = {
        "verdict": str(judgement.verdict),
        "record": record.id,
        "policy": _policy_body(judgement.policy, effective),
        "catalogue": {"version": judgement.catalogue.version, "sha256": judgement.catalogue.sha256},
        "inventory_sha256": judgement.inventory_sha256,
        "apps_seen": judgement.apps_seen,
        "findings": [{"rule": one.rule, "severity": str(one.severity), "subject": one.subject, "where": one.where}
                     for one in judgement.findings],
        "not_checked": [{"area": one.area, "why": one.why} for one in judgement.not_checked],
    }  # fmt: skip
    if judgement.findings and judgement.verdict is not Verdict.CLEAR:
        body["worst"] = judgement.findings[0].sentence
    elif judgement.not_checked and judgement.verdict is not Verdict.CLEAR:
        first = judgement.not_checked[0]
        body["worst"] = f"{first.area} was not read: {first.why}"
    if effective.person is not None:
        body["officer"] = effective.person.officer_number
    return body
