"""What the counter asks of the books: what a scan is, who an officer is and what they hold."""

from __future__ import annotations

import asyncio

from console.assembly import Engine
from console.engine_thread import EngineThread
from console.shift import begin_work, take_newcomers
from provisioning.batches.batch_folder import BatchFolder
from provisioning.fleet import issued_handsets
from provisioning.people.officers import officer_number
from provisioning.people.permits import Permit
from provisioning.people.roster import Roster
from provisioning.people.sign_in import SignedIn, SignIn
from provisioning.receipts.code_reading import CodeReading
from provisioning.receipts.receipt_code import verify_code
from provisioning.scan_books import ScanBooks
from provisioning.scans import Scan, read_scan
from ui.actions import Duty, Held, OfficerFacts, SignInAnswer
from ui.sign_in_phrases import sign_in_sentence


class CounterActions:
    """The part of ``ui.actions.DeskActions`` that looks people and numbers up."""

    def __init__(self, thread: EngineThread) -> None:
        self._thread = thread

    async def duty(self, *, by_account: bool = True) -> Duty:
        """Say who works here; signs in whoever the system's account belongs to, unless that is not wanted."""

        async def work(engine: Engine) -> Duty:
            before = engine.sign_in.signed_in
            duty = await asyncio.to_thread(_duty, engine.sign_in, by_account=by_account)
            if before is None and duty.technician:
                await begin_work(engine)
            return duty

        return await self._thread.call(work)

    async def sign_in(self, name: str, pin: str) -> SignInAnswer:
        """Sign a technician in by name and PIN; what waited for somebody to answer for it begins."""

        async def work(engine: Engine) -> SignInAnswer:
            try:
                outcome = await asyncio.to_thread(engine.sign_in.check, name, pin)
            finally:
                await take_newcomers(engine)  # whoever was signed in before a wrong try no longer is
            await begin_work(engine)
            signed_in = outcome.technician.name if isinstance(outcome, SignedIn) else ""
            return SignInAnswer(signed_in, sign_in_sentence(outcome))

        return await self._thread.call(work)

    async def sign_out(self) -> None:
        """End a technician's presence; what is plugged in from now on waits for the next."""

        async def work(engine: Engine) -> None:
            await asyncio.to_thread(engine.sign_in.sign_out)
            await take_newcomers(engine)

        await self._thread.call(work)

    async def read_scan(self, text: str) -> Scan:
        """Say what a scanned or typed number is, by the books of this desk."""

        async def work(engine: Engine) -> Scan:
            identities = [one.status().identity for one in engine.desk.sessions]
            attached = [one for one in identities if one is not None]

            def read() -> Scan:
                books = ScanBooks(attached, engine.ledger, BatchFolder(engine.home.path), engine.home.roster().load())
                return read_scan(text, books)

            return await asyncio.to_thread(read)

        return await self._thread.call(work)

    async def read_receipt_code(self, text: str) -> CodeReading:
        """Say whether the code on a receipt is genuine by this desk's key, and what it says."""

        async def work(engine: Engine) -> CodeReading:
            return await asyncio.to_thread(lambda: verify_code(text, engine.home.keys()))

        return await self._thread.call(work)

    async def officer(self, number: str) -> OfficerFacts:
        """Give what the books know of an officer number; UsageError where it is none."""

        async def work(engine: Engine) -> OfficerFacts:
            return await asyncio.to_thread(_officer, engine, officer_number(number))

        return await self._thread.call(work)

    async def find_officers(self, text: str) -> tuple[OfficerFacts, ...]:
        """Find officers on the roster by number or name, the likeliest first."""

        async def work(engine: Engine) -> tuple[OfficerFacts, ...]:
            roster = await asyncio.to_thread(engine.home.roster().load)
            return tuple(_listed(roster, one.number) for one in roster.find(text, most=20))

        return await self._thread.call(work)


def _duty(sign_in: SignIn, *, by_account: bool) -> Duty:
    if not sign_in.required:
        return Duty()
    if by_account and sign_in.signed_in is None:
        sign_in.check_account()
    present = sign_in.signed_in
    names = tuple(one.name for one in sign_in.technicians() if not one.disabled)
    return Duty(names, present.name if present else "")


def _officer(engine: Engine, number: str) -> OfficerFacts:
    facts = _listed(engine.home.roster().load(), number)
    held = [one for one in issued_handsets(engine.ledger).values() if one.officer == number]
    return OfficerFacts(
        number=number,
        name=facts.name,
        rank=facts.rank,
        unit=facts.unit,
        on_roster=facts.on_roster,
        roster=facts.roster,
        permits=tuple(_permit(one) for one in engine.counter.permits(number)),
        holds=tuple(Held(one.serial_number, one.receipt, one.since.isoformat()) for one in held),
    )


def _listed(roster: Roster, number: str) -> OfficerFacts:
    one = roster.officers.get(number)
    if one is None:
        return OfficerFacts(number, roster=len(roster) > 0)
    return OfficerFacts(number, one.name, one.rank, one.unit, on_roster=True, roster=True)


def _permit(permit: Permit) -> str:
    return f"{permit.what} until {permit.valid_until.isoformat()} ({permit.reference})"
