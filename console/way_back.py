"""What the window asks for when something comes back, carried out on the engine's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from console.agreeing import ENGLISH_FIRST, signature_of, text_shown, ticks_of
from console.assembly import Engine
from console.engine_thread import EngineThread
from provisioning import still_out
from provisioning.errors import FileError, HomeError, UsageError
from provisioning.holdings import book_reinstatement, book_suspension, holdings
from provisioning.ledger.entry import EntryKind
from provisioning.noticing import hold_on, require_change_of_hold
from provisioning.paper import keep_copy, receipt_pdf
from provisioning.people.officers import officer_number
from provisioning.people.roster import Roster
from provisioning.plain_text import one_line
from provisioning.printing.destination import parse_destination
from provisioning.printing.job import Job
from provisioning.printing.office import PrintOffice
from provisioning.printing.wish import PagesWish
from provisioning.recall_list import Recalled, RecallList, list_csv, list_document, list_pdf, list_png, recalled
from provisioning.receipts.declaration import languages_of
from provisioning.receipts.pictures import read_signature_image
from provisioning.receipts.receipt import (
    SAFE,
    IdentityCheck,
    Officer,
    OtherItem,
    Proxy,
    Receipt,
    ReturnReason,
)
from provisioning.receipts.receipt import Declined as NotSigned
from provisioning.return_case import Case
from provisioning.return_reasons import ReturnedHandset
from provisioning.return_terms import NO_HANDSET, RETURN, return_terms
from provisioning.returns import ReturnOrder, take_back
from provisioning.session import Session
from provisioning.stages.erase import Erased
from provisioning.status import Errand
from provisioning.terms import ticked
from provisioning.walk import ERASE
from ui.actions import Refused
from ui.agreement import Agreement
from ui.phrases import headline
from ui.return_actions import CameBack, EraseResult, ReturnRequest

T = TypeVar("T")
PATIENCE = 300.0
"""Seconds to wait for a handset that was erased to be back as new; the command waits as long."""


class ConsoleReturns:
    """Implements ``ui.return_actions.ReturnActions`` over the engine's thread."""

    def __init__(self, thread: EngineThread, office: PrintOffice) -> None:
        self._thread = thread
        self._office = office

    async def is_out(self, serial_number: str) -> bool:
        """Tell whether a handset is in somebody's hands or was reported missing."""
        return await self._read(lambda engine: still_out.is_out(engine.ledger, serial_number))

    async def of_receipt(self, number: str) -> Case:
        """Give what of a receipt may come back."""
        return await self._read(lambda engine: still_out.out_by_receipt(engine.ledger, number))

    async def of_number(self, number: str) -> Case:
        """Give a handset or a thing by its number, and what else is out by the same receipt."""
        return await self._read(lambda engine: still_out.out_with(engine.ledger, number))

    async def of_officer(self, number: str) -> Case:
        """Give all that an officer has."""
        wanted = officer_number(number)
        return await self._read(
            lambda engine: still_out.out_to_officer(engine.ledger, _giver(engine.home.roster().load(), wanted))
        )

    async def terms(
        self, handsets: tuple[ReturnedHandset, ...], others: tuple[OtherItem, ...], reason: ReturnReason
    ) -> tuple[Agreement, ...]:
        """Give what is declared of these in every language that there is, English first."""

        def collect(engine: Engine) -> tuple[Agreement, ...]:
            folders = (engine.home.declarations_folder,)
            languages = sorted(
                languages_of(RETURN if handsets else NO_HANDSET, folders), key=lambda one: one != ENGLISH_FIRST
            )
            return tuple(_agreement(handsets, others, reason, one, folders) for one in languages)

        return await self._read(collect)

    async def take_back(self, request: ReturnRequest) -> CameBack | Refused:
        """Write the entry, then make the receipt; what is plugged in is looked at anew."""

        async def work(engine: Engine) -> CameBack | Refused:
            try:
                order = await asyncio.to_thread(_order, engine, request)
                technician = engine.sign_in.acting()
                done = await asyncio.to_thread(take_back, engine.home, engine.ledger, order, technician)
            except UsageError as error:
                return Refused(str(error))
            pdf, trouble = await asyncio.to_thread(_paper, engine, done.receipt)
            return CameBack(done.receipt.number, done.entry.number, pdf, done.next_state, (*done.remarks, *trouble))

        return await self._thread.call(work)

    async def erase(self, key: str) -> EraseResult:
        """Erase a handset that is plugged in and wait until it is seen as new."""

        async def work(engine: Engine) -> EraseResult:
            session = _session(engine, key)
            serial = session.status().serial_number or ""
            engine.sign_in.acting()
            if hold_on(engine.ledger, serial) is not None:
                raise UsageError(f"{one_line(serial, 40)} is kept as evidence and is not erased.")
            effective = await asyncio.to_thread(engine.counter.effective, engine.settings.policy, None)
            await engine.desk.stop(session)
            status = await engine.desk.begin(session, Errand(ERASE, effective, PATIENCE))
            erased = bool(status.stages) and isinstance(status.stages[-1].outcome, Erased)
            return EraseResult(erased, headline(status))

        return await self._thread.call(work)

    async def release(self, serial_number: str, reason: str, reference: str) -> str:
        """Book that a handset is no longer kept as evidence."""
        why = _said(reason)

        def write(engine: Engine) -> str:
            body = {"reason": why, "reference": one_line(reference.strip(), 80)}
            entry = engine.ledger.append(
                EntryKind.EVIDENCE_RELEASED,
                serial_number,
                lambda draft: require_change_of_hold(draft, serial_number, holds=False) or dict(body),
                technician=engine.sign_in.acting(),
            )
            return f"{one_line(serial_number, 40)} is released from evidence (ledger entry {entry.number})."

        return await self._read(write)

    async def to_give_back(self) -> tuple[Recalled, ...]:
        """Give every officer who is suspended or has left, with what they hold."""
        return await self._read(lambda engine: recalled(engine.ledger, engine.home.roster().load()))

    async def suspend(self, officer: str, reason: str) -> str:
        """Call back all that an officer holds."""
        number, why = officer_number(officer), _said(reason)

        def write(engine: Engine) -> str:
            entry = book_suspension(engine.ledger, number, why, engine.sign_in.acting())
            held = len(holdings(engine.ledger, [number]))
            items = "1 item" if held == 1 else f"{held} items"
            return f"Officer {number} is suspended and is to give back {items} (ledger entry {entry.number})."

        return await self._read(write)

    async def reinstate(self, officer: str, reason: str) -> str:
        """End a suspension."""
        number, why = officer_number(officer), _said(reason)

        def write(engine: Engine) -> str:
            entry = book_reinstatement(engine.ledger, number, why, engine.sign_in.acting())
            return f"Officer {number} is reinstated (ledger entry {entry.number})."

        return await self._read(write)

    async def recall_list(self, form: str) -> bytes:
        """Give the recall list as a file: ``csv`` or ``pdf``."""
        make = list_pdf if form == "pdf" else list_csv
        return await self._read(lambda engine: make(_list(engine)))

    async def print_recall_list(self, printer: str) -> Job:
        """Queue the recall list as it stands now."""

        def order(engine: Engine) -> Job:
            wish = PagesWish(*list_document(_list(engine)))
            return self._office.order_pages("Recall list", wish, parse_destination(printer))

        return await self._read(order)

    async def recall_pages(self, dpi: int) -> tuple[bytes, ...]:
        """Give the pages of the recall list as PNG."""
        return await self._read(lambda engine: list_png(_list(engine), dpi))

    async def _read(self, work: Callable[[Engine], T]) -> T:
        async def on_its_loop(engine: Engine) -> T:
            return await asyncio.to_thread(work, engine)

        return await self._thread.call(on_its_loop)


def _list(engine: Engine) -> RecallList:
    home = engine.home
    return RecallList(
        recalled(engine.ledger, home.roster().load()),
        home.identity.organisation_name,
        home.identity.desk_name,
        home.training,
        datetime.now().astimezone(),
    )


def _agreement(
    handsets: tuple[ReturnedHandset, ...],
    others: tuple[OtherItem, ...],
    reason: ReturnReason,
    language: str,
    folders: tuple[Path, ...],
) -> Agreement:
    """Collect the texts of one language; where a part of them is not there, none of it is offered in that language."""
    try:
        terms = return_terms(handsets, len(others), reason, language, folders=folders)
    except FileError as error:
        if language == ENGLISH_FIRST:
            raise
        return Agreement(language, (), str(error))
    covers: dict[str, list[str]] = {}
    names = [*(one.serial_number for one in handsets), *(f"{one.name} {one.identifier}".strip() for one in others)]
    for name, reference in zip(names, (*terms.of_handsets, *terms.of_others), strict=True):
        covers.setdefault(reference, []).append(one_line(name, 80))
    texts = tuple(text_shown(text, tuple(covers.get(text.reference, ()))) for text in terms.declarations)
    return Agreement(language, texts)


def _order(engine: Engine, request: ReturnRequest) -> ReturnOrder:
    """Put items, texts and people together; the one-time code is spent last, when nothing else can be wrong."""
    roster = engine.home.roster().load()
    terms = return_terms(
        request.handsets,
        len(request.others),
        request.reason,
        request.language,
        folders=(engine.home.declarations_folder,),
    )
    proxy = None
    if request.proxy:
        proxy = Proxy(_giver(roster, officer_number(request.proxy)), one_line(request.authority, 160))
    order = ReturnOrder(
        officer=_giver(roster, officer_number(request.officer)),
        reason=request.reason,
        signature=NotSigned(""),
        handsets=tuple(
            replace(one, condition=one_line(one.condition, 400), terms=own)
            for one, own in zip(request.handsets, terms.of_handsets, strict=True)
        ),
        others=tuple(replace(one, terms=own) for one, own in zip(request.others, terms.of_others, strict=True)),
        declarations=ticked(terms, ticks_of(terms, request.agreed)),
        countersignature=read_signature_image(request.countersignature.image) if request.countersignature else None,
        identity=IdentityCheck(request.identity, engine.sign_in.acting()) if request.identity else None,
        proxy=proxy,
        reference=one_line(request.reference, 80),
        unissued=one_line(request.unissued, 200),
        language=request.language,
        once=request.once or None,
    )
    signer = proxy.officer.number if proxy else order.officer.number
    return replace(order, signature=signature_of(engine.home, request.signature, signer))


def _paper(engine: Engine, receipt: Receipt) -> tuple[bytes, tuple[str, ...]]:
    """Make the paper of what is in the ledger already: whatever fails here costs the paper alone, and is said."""
    try:
        pdf = receipt_pdf(engine.home, receipt)
        keep_copy(engine.home, receipt, pdf)
    except (HomeError, FileError, UsageError) as error:
        return b"", (f"{error} {'' if SAFE in str(error) else SAFE}".strip(),)
    return pdf, ()


def _giver(roster: Roster, number: str) -> Officer:
    # Somebody who has left is off the roster and still gives a handset back.
    return replace(roster.officer(number, reason="gives back"), roster_reason="")


def _session(engine: Engine, key: str) -> Session:
    for session in engine.desk.sessions:
        if session.key == key:
            return session
    raise UsageError("This handset is no longer on the desk. Plug it in again.")


def _said(reason: str) -> str:
    said = one_line(reason.strip(), 300)
    if not said:
        raise UsageError("Say why.")
    return said
