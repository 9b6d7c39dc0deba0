"""What the window asks for, carried out on the engine's loop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from console.assembly import Engine
from console.bay_actions import ConsoleBays
from console.counter_actions import CounterActions
from console.engine_thread import EngineThread
from console.provisioning_code import ProvisioningCode, desk_code
from console.returning import Returns
from console.sealing import SealsBegun, seal_session, sealing_policy
from console.settings import load_settings
from console.way_back import ConsoleReturns
from provisioning.batches.book import batch_worked_on
from provisioning.counter import HANDOVER
from provisioning.errors import UsageError
from provisioning.handover import (
    AlreadyOut,
    GateClosed,
    HandoverOrder,
    HandsetOrder,
    OrderedOtherwise,
    ReportedMissing,
)
from provisioning.handover import HandedOver as Committed
from provisioning.ledger.entry import Entry
from provisioning.paper import keep_copy, receipt_pages, receipt_pdf
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.receipts.declaration import Declaration, languages_of, load_declaration
from provisioning.receipts.pictures import read_signature_image
from provisioning.receipts.receipt import Declined as NotSigned
from provisioning.receipts.receipt import IdentityCheck, OfficerSignature, OtherItem
from provisioning.receipts.receipt import Signed as Image
from provisioning.session import Session
from provisioning.status import Errand, Phase, SessionStatus
from provisioning.walk import PROVISION
from ui.actions import (
    Clause,
    DeclarationText,
    Declined,
    EnrolmentCode,
    HandedOver,
    HandoverRequest,
    LedgerLine,
    Refused,
    Returned,
    SealResult,
)
from ui.batch_actions import BatchActions
from ui.ledger_phrases import already_out, entry_sentence, ordered_otherwise, reported_missing
from ui.phrases import headline
from ui.print_actions import PrintActions

AT_REST = frozenset({Phase.SEEN, Phase.STOPPED, Phase.UNKNOWN, Phase.NOT_CLEAR})
"""From these a walk may begin anew; one that is under way goes on by itself."""


class ConsoleActions(CounterActions):
    """Implements ``ui.actions.DeskActions`` over the engine's thread."""

    def __init__(self, thread: EngineThread, paper: PrintActions, batch: BatchActions) -> None:
        super().__init__(thread)
        self._returns: Returns | None = None
        self.paper = paper
        self.bays = ConsoleBays(thread)
        self._seals = SealsBegun()
        self.way_back = ConsoleReturns(thread)
        self.batch = batch

    async def provision(self, key: str) -> None:
        """Begin the walk of one handset; returns when it has begun."""

        async def work(engine: Engine) -> None:
            engine.desk.begin(_session(engine, key), await standing_errand(engine))

        await self._thread.call(work)

    async def provision_all(self) -> None:
        """Begin the walk of every handset that is at rest and not ready."""

        async def work(engine: Engine) -> None:
            errand = await standing_errand(engine)
            for session in engine.desk.sessions:
                if session.plugged_in and session.status().phase in AT_REST:
                    engine.desk.begin(session, errand)

        await self._thread.call(work)

    async def stop(self, key: str) -> None:
        """Stop a walk; returns when it has stopped."""

        async def work(engine: Engine) -> None:
            await engine.desk.stop(_session(engine, key))

        await self._thread.call(work)

    async def look_again(self, key: str) -> None:
        """Ask the handset again now; starts a walk that had ended."""

        async def work(engine: Engine) -> None:
            session = _session(engine, key)
            if engine.desk.walking(session):
                session.nudge()
            else:
                engine.desk.begin(session, await standing_errand(engine))

        await self._thread.call(work)

    async def verify_for_handover(self, key: str, officer_number: str, permits: tuple[str, ...]) -> SessionStatus:
        """Verify afresh under this officer's effective policy."""

        async def work(engine: Engine) -> SessionStatus:
            session = _session(engine, key)
            return await engine.counter.verify(session, await _effective(engine, session, officer_number, permits))

        return await self._thread.call(work)

    async def declarations(self, key: str) -> tuple[DeclarationText, ...]:
        """Give the declaration for this handset in every language that there is, English first."""

        async def work(engine: Engine) -> tuple[DeclarationText, ...]:
            return await asyncio.to_thread(_declarations, engine, _session(engine, key))

        return await self._thread.call(work)

    async def hand_over(self, request: HandoverRequest) -> HandedOver | Refused:
        """Check the gate once more, write the entry, then make the receipt."""

        async def work(engine: Engine) -> HandedOver | Refused:
            outcome = await _hand_over(engine, request)
            if isinstance(outcome, HandedOver):
                return replace(outcome, sealing=self._begin_seals(engine, request))
            return outcome

        return await self._thread.call(work)

    async def enrolment_code(self) -> EnrolmentCode:
        """Make the code for factory-fresh Androids and begin to watch for them."""

        async def work(engine: Engine) -> EnrolmentCode:
            code = await asyncio.to_thread(desk_code, engine.home, load_settings(engine.home.settings_file))
            effective = await asyncio.to_thread(engine.counter.effective, engine.settings.policy, None)
            self._returns = Returns(engine, effective)
            return await asyncio.to_thread(_drawn, code)

        return await self._thread.call(work)

    async def returned(self) -> tuple[Returned, ...]:
        """Give every Android that has come since the code was asked for."""

        async def work(_: Engine) -> tuple[Returned, ...]:
            return await self._returns.look(None) if self._returns is not None else ()

        return await self._thread.call(work)

    async def seal(self, key: str) -> SealResult:
        """Verify afresh, then close the handset to every computer."""

        async def work(engine: Engine) -> SealResult:
            session = _session(engine, key)
            engine.sign_in.acting()
            _, sealed, said = await seal_session(engine, session, await sealing_policy(engine, session))
            return SealResult(sealed, said)

        return await self._thread.call(work)

    async def sealed(self, key: str) -> SealResult:
        """Wait for the seal that a handover began."""

        async def work(_: Engine) -> SealResult:
            return SealResult(*await self._seals.outcome(key))

        return await self._thread.call(work)

    def _begin_seals(self, engine: Engine, request: HandoverRequest) -> tuple[str, ...]:
        """Begin to seal what was just handed over, where its policy asks for it. Give the keys of those asked about."""
        number = officer_number(request.officer_number)
        handed = [session for session in engine.desk.sessions if session.key in request.keys]
        androids = [session for session in handed if session.status().attachment.platform is Platform.ANDROID]
        for session in androids:
            self._seals.begin(engine, session, _effective(engine, session, number, request.permits))
        return tuple(session.key for session in androids)

    async def receipt_pdf(self, number: str) -> bytes:
        """Give a receipt as PDF; UsageError where there is none of that number."""

        async def work(engine: Engine) -> bytes:
            receipt = await asyncio.to_thread(engine.counter.receipt, number)
            return await asyncio.to_thread(receipt_pdf, engine.home, receipt)

        return await self._thread.call(work)

    async def receipt_pages(self, number: str, dpi: int) -> tuple[bytes, ...]:
        """Give the pages of a receipt as PNG."""

        async def work(engine: Engine) -> tuple[bytes, ...]:
            receipt = await asyncio.to_thread(engine.counter.receipt, number)
            return await asyncio.to_thread(receipt_pages, engine.home, receipt, dpi)

        return await self._thread.call(work)

    async def recent_entries(self, limit: int) -> tuple[LedgerLine, ...]:
        """Give the latest entries of the ledger, newest first."""

        async def work(engine: Engine) -> tuple[LedgerLine, ...]:
            entries = await asyncio.to_thread(engine.ledger.entries, newest_first=True, limit=limit)
            return tuple(_line(entry) for entry in entries)

        return await self._thread.call(work)


async def standing_errand(engine: Engine) -> Errand:
    """Give what this desk does with a handset that is plugged in: the whole walk, waiting for people for ever.

    While it works on a batch, what that batch's manifest does not mean is left as it is.
    """
    effective = await asyncio.to_thread(engine.counter.effective, engine.settings.policy, None)
    manifest = await asyncio.to_thread(batch_worked_on, engine.home.path, engine.ledger)
    return Errand(PROVISION, effective, patience=None, manifest=manifest)


def _drawn(code: ProvisioningCode) -> EnrolmentCode:
    """Draw it at error correction M, as the command does: a camera reads it off a screen with a reflection on it."""
    import segno

    rows = tuple(tuple(bool(module) for module in row) for row in segno.make_qr(code.text, error="m").matrix)
    return EnrolmentCode(rows, code.provider.title, code.network, code.expires, code.provider.notes)


def _session(engine: Engine, key: str) -> Session:
    for session in engine.desk.sessions:
        if session.key == key:
            return session
    raise UsageError("This handset is no longer on the desk. Plug it in again.")


async def _effective(engine: Engine, session: Session, officer: str, permits: tuple[str, ...]) -> EffectivePolicy:
    serial = session.status().serial_number or ""

    def compiled() -> EffectivePolicy:
        policy = engine.counter.policy_of(serial, engine.settings.policy)
        return engine.counter.effective(policy, officer_number(officer), permits, (serial,) if serial else ())

    return await asyncio.to_thread(compiled)


def _declarations(engine: Engine, session: Session) -> tuple[DeclarationText, ...]:
    policy = engine.counter.policy_of(session.status().serial_number or "", engine.settings.policy)
    words = engine.policies.policy(policy).declaration
    found = [load_declaration(HANDOVER, language).under_policy(words) for language in languages_of(HANDOVER)]
    found.sort(key=lambda one: one.language != "en-GB")
    return tuple(_text(one) for one in found)


def _text(declaration: Declaration) -> DeclarationText:
    clauses = tuple(Clause(clause.id, clause.text) for clause in declaration.clauses)
    return DeclarationText(declaration.id, declaration.version, declaration.language, declaration.title, clauses)


async def _hand_over(engine: Engine, request: HandoverRequest) -> HandedOver | Refused:
    number = officer_number(request.officer_number)
    sessions = [_session(engine, key) for key in request.keys]
    handsets = [HandsetOrder(one, await _effective(engine, one, number, request.permits)) for one in sessions]
    try:
        order = await asyncio.to_thread(_order, engine, request, number, handsets[0].effective)
    except UsageError as error:
        return Refused(str(error))
    outcome = await engine.counter.hand_over(handsets, order)
    match outcome:
        case Committed(receipt, entry):
            pdf = await asyncio.to_thread(receipt_pdf, engine.home, receipt)
            await asyncio.to_thread(keep_copy, engine.home, receipt, pdf)
            engine.counter.paper_made(outcome)
            return HandedOver(receipt.number, entry.number, pdf)
        case GateClosed(statuses):
            return Refused(" ".join(headline(status) for status in statuses))
        case AlreadyOut():
            return Refused(already_out(outcome))
        case ReportedMissing():
            return Refused(reported_missing(outcome))
        case OrderedOtherwise():
            return Refused(ordered_otherwise(outcome))


def _order(engine: Engine, request: HandoverRequest, number: str, effective: EffectivePolicy) -> HandoverOrder:
    roster = engine.home.roster().load()
    declaration = load_declaration(request.declaration, request.language, version=request.declaration_version)
    declaration = declaration.under_policy(effective.declaration)
    signature: OfficerSignature
    if isinstance(request.signature, Declined):
        signature = NotSigned(one_line(request.signature.reason, 200))
    else:
        signature = Image(read_signature_image(request.signature.image))
    return HandoverOrder(
        officer=roster.officer(
            number,
            name=one_line(request.officer_name, 80) if request.officer_name else None,
            reason=one_line(request.roster_reason, 200),
        ),
        signature=signature,
        declarations=(declaration.declared(request.clauses),),
        others=tuple(OtherItem(one.kind, one_line(one.label, 80), one.number) for one in request.things),
        language=declaration.language,
        identity=IdentityCheck(request.identity, engine.sign_in.acting()) if request.identity else None,
        once=request.once or None,
        countersignature=read_signature_image(request.countersignature.image) if request.countersignature else None,
    )


def _line(entry: Entry) -> LedgerLine:
    return LedgerLine(
        number=entry.number,
        time=datetime.fromisoformat(entry.time),
        kind=entry.kind,
        subject=entry.subject or "",
        sentence=entry_sentence(entry),
        receipt=entry.receipt or "",
    )
