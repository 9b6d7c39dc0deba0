"""What the window asks for, carried out on the engine's loop."""

from __future__ import annotations

import asyncio
from datetime import datetime

from console.assembly import Engine
from console.bay_actions import ConsoleBays
from console.engine_thread import EngineThread
from console.handover_actions import HandoverActions, session_of
from console.provisioning_code import ProvisioningCode, desk_code
from console.returning import Returns
from console.sealing import seal_session, sealing_policy
from console.settings import load_settings
from console.shift import standing_errand
from console.viewing import receipt_looked_at
from provisioning.ledger.entry import Entry
from provisioning.paper import receipt_pages, receipt_pdf
from provisioning.status import Phase
from ui.actions import EnrolmentCode, LedgerLine, Returned, SealResult
from ui.batch_actions import BatchActions
from ui.ledger_phrases import entry_sentence
from ui.print_actions import PrintActions
from ui.reading_actions import ReadingActions
from ui.return_actions import ReturnActions
from ui.wall_actions import WallActions

AT_REST = frozenset({Phase.SEEN, Phase.STOPPED, Phase.UNKNOWN, Phase.NOT_CLEAR})
"""From these a walk may begin anew; one that is under way goes on by itself."""


class ConsoleActions(HandoverActions):
    """Implements ``ui.actions.DeskActions`` over the engine's thread."""

    def __init__(
        self,
        thread: EngineThread,
        paper: PrintActions,
        batch: BatchActions,
        wall: WallActions,
        way_back: ReturnActions,
        reading: ReadingActions,
    ) -> None:
        super().__init__(thread)
        self._returns: Returns | None = None
        self.paper = paper
        self.bays = ConsoleBays(thread)
        self.way_back = way_back
        self.reading = reading
        self.batch = batch
        self.wall = wall

    async def provision(self, key: str) -> None:
        """Begin the walk of one handset; returns when it has begun."""

        async def work(engine: Engine) -> None:
            await _acting(engine)
            engine.desk.begin(session_of(engine, key), await standing_errand(engine))

        await self._thread.call(work)

    async def provision_all(self) -> None:
        """Begin the walk of every handset that is at rest and not ready."""

        async def work(engine: Engine) -> None:
            await _acting(engine)
            errand = await standing_errand(engine)
            for session in engine.desk.sessions:
                if session.plugged_in and session.status().phase in AT_REST:
                    engine.desk.begin(session, errand)

        await self._thread.call(work)

    async def stop(self, key: str) -> None:
        """Stop a walk; returns when it has stopped."""

        async def work(engine: Engine) -> None:
            await engine.desk.stop(session_of(engine, key))

        await self._thread.call(work)

    async def look_again(self, key: str) -> None:
        """Ask the handset again now; starts a walk that had ended."""

        async def work(engine: Engine) -> None:
            await _acting(engine)
            session = session_of(engine, key)
            if engine.desk.walking(session):
                session.nudge()
            else:
                engine.desk.begin(session, await standing_errand(engine))

        await self._thread.call(work)

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
            session = session_of(engine, key)
            await _acting(engine)
            _, sealed, said = await seal_session(engine, session, await sealing_policy(engine, session))
            return SealResult(sealed, said)

        return await self._thread.call(work)

    async def receipt_pdf(self, number: str) -> bytes:
        """Give a receipt as PDF; UsageError where there is none of that number."""

        async def work(engine: Engine) -> bytes:
            await asyncio.to_thread(receipt_looked_at, engine, number)
            receipt = await asyncio.to_thread(engine.counter.receipt, number)
            return await asyncio.to_thread(receipt_pdf, engine.home, receipt)

        return await self._thread.call(work)

    async def receipt_pages(self, number: str, dpi: int) -> tuple[bytes, ...]:
        """Give the pages of a receipt as PNG."""

        async def work(engine: Engine) -> tuple[bytes, ...]:
            await asyncio.to_thread(receipt_looked_at, engine, number)
            receipt = await asyncio.to_thread(engine.counter.receipt, number)
            return await asyncio.to_thread(receipt_pages, engine.home, receipt, dpi)

        return await self._thread.call(work)

    async def recent_entries(self, limit: int) -> tuple[LedgerLine, ...]:
        """Give the latest entries of the ledger, newest first."""

        async def work(engine: Engine) -> tuple[LedgerLine, ...]:
            entries = await asyncio.to_thread(engine.ledger.entries, newest_first=True, limit=limit)
            return tuple(_line(entry) for entry in entries)

        return await self._thread.call(work)


async def _acting(engine: Engine) -> None:
    """Make sure that somebody answers for what is to begin. Raises UsageError where nobody who may is signed in."""
    await asyncio.to_thread(engine.sign_in.acting)


def _drawn(code: ProvisioningCode) -> EnrolmentCode:
    """Draw it at error correction M, as the command does: a camera reads it off a screen with a reflection on it."""
    import segno

    rows = tuple(tuple(bool(module) for module in row) for row in segno.make_qr(code.text, error="m").matrix)
    return EnrolmentCode(rows, code.provider.title, code.network, code.expires, code.provider.notes)


def _line(entry: Entry) -> LedgerLine:
    return LedgerLine(
        number=entry.number,
        time=datetime.fromisoformat(entry.time),
        kind=entry.kind,
        subject=entry.subject or "",
        sentence=entry_sentence(entry),
        receipt=entry.receipt or "",
    )
