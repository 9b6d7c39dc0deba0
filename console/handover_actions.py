"""What the window asks for about a handover: verify, which texts, what the orders say, commit, then the paper."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from console.agreeing import ENGLISH_FIRST, signature_of, text_shown, ticks_of
from console.assembly import Engine
from console.counter_actions import CounterActions
from console.engine_thread import EngineThread
from console.sealing import SealsBegun
from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.orders import read_orders
from provisioning.entitlement import entitlement
from provisioning.errors import FileError, HomeError, UsageError
from provisioning.handover import (
    AlreadyOut,
    GateClosed,
    HandoverOrder,
    HandsetOrder,
    OrderedOtherwise,
    ReportedMissing,
)
from provisioning.handover import HandedOver as Committed
from provisioning.noticing import require_entitled
from provisioning.paper import keep_copy, receipt_pdf
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.receipts.declaration import languages_of
from provisioning.receipts.items import OtherItem
from provisioning.receipts.pictures import read_signature_image
from provisioning.receipts.receipt import SAFE, IdentityCheck, Proxy
from provisioning.receipts.receipt import Declined as NotSigned
from provisioning.session import Session
from provisioning.status import SessionStatus
from provisioning.terms import HANDSETS, NO_HANDSET, HandsetTerms, Terms, terms_for, ticked
from provisioning.unfinished import sentence_of
from ui.actions import BrokenOff, HandedOver, Refused, SealResult
from ui.agreement import Agreement, Entitlement, HandoverRequest, Thing
from ui.card import model_of
from ui.ledger_phrases import already_out, ordered_otherwise, reported_missing
from ui.order_phrases import order_sentence
from ui.phrases import headline

logger = logging.getLogger(__name__)


class HandoverActions(CounterActions):
    """The part of ``ui.actions.DeskActions`` that hands over."""

    def __init__(self, thread: EngineThread) -> None:
        super().__init__(thread)
        self._seals = SealsBegun()

    async def verify_for_handover(self, key: str, officer_number: str, permits: tuple[str, ...]) -> SessionStatus:
        """Verify afresh under this officer's effective policy."""

        async def work(engine: Engine) -> SessionStatus:
            session = session_of(engine, key)
            await asyncio.to_thread(engine.sign_in.acting)
            return await engine.counter.verify(session, await _effective(engine, session, officer_number, permits))

        return await self._thread.call(work)

    async def terms(
        self, keys: tuple[str, ...], things: tuple[Thing, ...], officer_number: str
    ) -> tuple[Agreement, ...]:
        """Give the texts that go with these items in every language that there is, English first."""

        async def work(engine: Engine) -> tuple[Agreement, ...]:
            sessions = [session_of(engine, key) for key in keys]
            effective = [await _effective(engine, one, officer_number, ()) for one in sessions]
            names = [f"{model_of(one.status())} {one_line(one.status().serial_number or '', 40)}" for one in sessions]
            others = _others(things)
            folders = (engine.home.declarations_folder,)

            def collect() -> tuple[Agreement, ...]:
                languages = sorted(
                    languages_of(HANDSETS if keys else NO_HANDSET, folders), key=lambda one: one != ENGLISH_FIRST
                )
                return tuple(_agreement(effective, names, others, one, engine) for one in languages)

            return await asyncio.to_thread(collect)

        return await self._thread.call(work)

    async def entitlement(self, key: str, officer_number: str) -> Entitlement:
        """Say what the orders mean by this handset for this officer."""

        async def work(engine: Engine) -> Entitlement:
            return await asyncio.to_thread(_entitlement, engine, session_of(engine, key), officer_number)

        return await self._thread.call(work)

    async def hand_over(self, request: HandoverRequest) -> HandedOver | Refused:
        """Check the gate once more, write the entry, then make the receipt."""

        async def work(engine: Engine) -> HandedOver | Refused:
            try:
                outcome = await _hand_over(engine, request)
            except UsageError as error:
                return Refused(str(error))
            if isinstance(outcome, HandedOver):
                return replace(outcome, sealing=self._begin_seals(engine, request))
            return outcome

        return await self._thread.call(work)

    async def broken_off(self) -> tuple[BrokenOff, ...]:
        """Give the handovers that were interrupted when the desk ended last."""

        async def work(engine: Engine) -> tuple[BrokenOff, ...]:
            return tuple(BrokenOff(sentence_of(one, by_window=True), one.receipt or "") for one in engine.interrupted)

        return await self._thread.call(work)

    async def make_paper(self, number: str) -> bytes:
        """Make the paper of an interrupted handover once more and keep a copy."""

        async def work(engine: Engine) -> bytes:
            def make() -> bytes:
                receipt = engine.counter.receipt(number)
                pdf = receipt_pdf(engine.home, receipt)
                keep_copy(engine.home, receipt, pdf)
                return pdf

            return await asyncio.to_thread(make)

        return await self._thread.call(work)

    async def sealed(self, key: str) -> SealResult:
        """Wait for the seal that a handover began."""

        async def work(_: Engine) -> SealResult:
            return SealResult(*await self._seals.outcome(key))

        return await self._thread.call(work)

    def _begin_seals(self, engine: Engine, request: HandoverRequest) -> tuple[str, ...]:
        """Begin to seal what was just handed over, where its policy asks for it. Give the keys of those asked about."""
        handed = [session for session in engine.desk.sessions if session.key in request.keys]
        androids = [session for session in handed if session.status().attachment.platform is Platform.ANDROID]
        for session in androids:
            self._seals.begin(engine, session, _effective(engine, session, request.officer_number, ()))
        return tuple(session.key for session in androids)


def session_of(engine: Engine, key: str) -> Session:
    """Give the session of this key. Raises UsageError where its handset is gone."""
    for session in engine.desk.sessions:
        if session.key == key:
            return session
    raise UsageError("This handset is no longer on the desk. Plug it in again.")


async def _effective(engine: Engine, session: Session, officer: str, permits: tuple[str, ...]) -> EffectivePolicy:
    """Compile a handset's policy for an officer; before one is known (an empty number), for nobody in particular."""
    serial = session.status().serial_number or ""

    def compiled() -> EffectivePolicy:
        policy = engine.counter.policy_of(serial, engine.settings.policy)
        number = officer_number(officer) if officer else None
        return engine.counter.effective(policy, number, permits, (serial,) if serial else ())

    return await asyncio.to_thread(compiled)


def _terms(effective: list[EffectivePolicy], others: list[OtherItem], language: str, engine: Engine) -> Terms:
    handsets = [HandsetTerms(one.reference.name, one.declaration) for one in effective]
    return terms_for(handsets, others, language, folders=(engine.home.declarations_folder,))


def _agreement(
    effective: list[EffectivePolicy], names: list[str], others: list[OtherItem], language: str, engine: Engine
) -> Agreement:
    """Collect the texts of one language; where a part of them is not there, none of it is offered in that language."""
    try:
        terms = _terms(effective, others, language, engine)
    except (UsageError, FileError) as error:
        if language == ENGLISH_FIRST:
            raise
        return Agreement(language, (), str(error))
    covers: dict[str, list[str]] = {}
    things = [" ".join(part for part in (one.name, one.identifier) if part) for one in others]
    for name, reference in (*zip(names, terms.of_handsets, strict=True), *zip(things, terms.of_others, strict=True)):
        covers.setdefault(reference, []).append(name)
    return Agreement(
        language, tuple(text_shown(text, tuple(covers.get(text.reference, ()))) for text in terms.declarations)
    )


def _entitlement(engine: Engine, session: Session, officer: str) -> Entitlement:
    number = officer_number(officer)
    require_entitled(engine.ledger, number)
    identity = session.status().identity
    if identity is None:
        return Entitlement()
    orders = read_orders(BatchFolder(engine.home.path), engine.ledger)
    told = entitlement(orders, engine.ledger, identity, engine.home.roster().load().officer(number, reason="asked"))
    if told.other is not None:
        return Entitlement(ordered_otherwise(OrderedOtherwise(identity.serial_number, told.other)), otherwise=True)
    return Entitlement(order_sentence(told.ordered) if told.ordered else "")


async def _hand_over(engine: Engine, request: HandoverRequest) -> HandedOver | Refused:
    number = officer_number(request.officer_number)
    sessions = [session_of(engine, one.key) for one in request.handsets]
    handsets = [
        HandsetOrder(
            session,
            await _effective(engine, session, number, ()),
            condition=one_line(wish.condition, 200),
            override=one_line(wish.override, 300),
        )
        for session, wish in zip(sessions, request.handsets, strict=True)
    ]
    handsets, order = await asyncio.to_thread(_order, engine, request, number, handsets)
    outcome = await engine.counter.hand_over(handsets, order)
    match outcome:
        case Committed():
            return await asyncio.to_thread(_with_paper, engine, outcome)
        case GateClosed(statuses):
            return Refused(" ".join(headline(status) for status in statuses), shut=True)
        case AlreadyOut():
            return Refused(already_out(outcome), shut=True)
        case ReportedMissing():
            return Refused(reported_missing(outcome), shut=True)
        case OrderedOtherwise():
            return Refused(ordered_otherwise(outcome))


def _with_paper(engine: Engine, done: Committed) -> HandedOver:
    """Make the paper of what is in the ledger already; a full disk here costs only the copy, not the handover.

    The handover is at its end only when that paper was ordered or is before somebody's eyes (``PrintActions.seen_to``).
    """
    receipt, entry = done.receipt, done.entry
    try:
        pdf = receipt_pdf(engine.home, receipt)
        keep_copy(engine.home, receipt, pdf)
    except (HomeError, FileError, UsageError) as error:
        said = f"{error} {'' if SAFE in str(error) else SAFE}".strip()
        return HandedOver(receipt.number, entry.number, b"", lacks=said)
    except Exception:  # whatever it is, the handover holds and nobody may be told otherwise
        logger.exception("a mistake of the program made no paper of %s", receipt.number)
        said = f"Its receipt could not be made; the log says why. {SAFE}"
        return HandedOver(receipt.number, entry.number, b"", lacks=said)
    return HandedOver(receipt.number, entry.number, pdf)


def _order(
    engine: Engine, request: HandoverRequest, number: str, handsets: list[HandsetOrder]
) -> tuple[list[HandsetOrder], HandoverOrder]:
    """Put items, texts and people together; the one-time code is spent last, when nothing else can be wrong."""
    roster = engine.home.roster().load()
    others = _others(request.things)
    terms = _terms([one.effective for one in handsets], others, request.language, engine)
    declared = ticked(terms, ticks_of(terms, request.agreed))
    handsets = [replace(one, terms=own) for one, own in zip(handsets, terms.of_handsets, strict=True)]
    reason = one_line(request.roster_reason, 200)
    proxy = request.proxy
    if proxy is not None and not proxy.authority.strip():
        raise UsageError("Whoever collects for an officer needs an authority: enter its reference.")
    order = HandoverOrder(
        officer=roster.officer(
            number, name=one_line(request.officer_name, 80) if request.officer_name else None, reason=reason
        ),
        signature=NotSigned(""),
        declarations=declared,
        others=tuple(replace(one, terms=own) for one, own in zip(others, terms.of_others, strict=True)),
        countersignature=read_signature_image(request.countersignature.image) if request.countersignature else None,
        identity=IdentityCheck(request.identity, engine.sign_in.acting()) if request.identity else None,
        proxy=Proxy(roster.officer(officer_number(proxy.number), reason=reason), one_line(proxy.authority, 120))
        if proxy
        else None,
        language=request.language,
        once=request.once or None,
        exchange=one_line(request.exchange, 40),
    )
    signer = order.proxy.officer.number if order.proxy else order.officer.number
    return handsets, replace(order, signature=signature_of(engine.home, request.signature, signer))


def _others(things: tuple[Thing, ...]) -> list[OtherItem]:
    return [
        OtherItem(one.kind, one_line(one.label, 80), one_line(one.number, 60), condition=one_line(one.condition, 200))
        for one in things
    ]
