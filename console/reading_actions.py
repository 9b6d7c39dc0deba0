"""What the window asks of the readers, carried out on a thread of its own over the engine's ledger.

A reading may take half a minute the first time; no walk, no handover and no key press waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TypeVar

from console.assembly import Engine
from console.engine_thread import EngineThread
from console.viewing import sheet_opened
from provisioning.errors import UsageError
from provisioning.ledger.entry import Entry
from provisioning.people.roster import Roster
from provisioning.printing.destination import parse_destination
from provisioning.printing.job import Job
from provisioning.printing.office import PrintOffice
from provisioning.printing.wish import PagesWish
from provisioning.privacy.viewing import Look, opens
from provisioning.readers.counts import AsOf, Figures, Group, period
from provisioning.readers.figures import behind, figures, first_day
from provisioning.readers.finding import entries_of, find, handset_of, names_of
from provisioning.readers.found import Found, Match
from provisioning.readers.names import NameKind
from provisioning.readers.opening import frame_of, open_table
from provisioning.readers.projection import Projection
from provisioning.readers.scanned import scanned
from provisioning.readers.sheet import Sheet, sheet_csv, sheet_pages, sheet_pdf, sheet_png
from ui.actions import LedgerLine
from ui.ledger_phrases import entry_sentence
from ui.reading_actions import SheetKind, Wanted

T = TypeVar("T")
_LOOKS = {
    SheetKind.PERSON: Look.STATEMENT, SheetKind.HANDSET: Look.RECORD, SheetKind.EXCEPTIONS: Look.LEDGER,
}  # fmt: skip
"""Sheets with what is held of people: it is recorded who makes one, before it is made."""


class ConsoleReading:
    """Implements ``ui.reading_actions.ReadingActions`` over the engine's ledger."""

    def __init__(self, thread: EngineThread, office: PrintOffice) -> None:
        self._thread = thread
        self._office = office
        self._worker = ThreadPoolExecutor(1, "reading")
        self._table: Projection | None = None
        self._closing = False
        self.taken_up = 0

    async def figures(self, days: int | None) -> Figures:
        """Count the last ``days``, or since the first handover."""

        def work(table: Projection, as_of: AsOf, engine: Engine) -> Figures:
            del engine
            return _figures(table, as_of, days)

        return await self._read(work)

    async def behind(self, group: Group, key: str, first: date, last: date) -> tuple[LedgerLine, ...]:
        """Give the entries that a bar counts, the newest first."""

        def work(table: Projection, as_of: AsOf, engine: Engine) -> tuple[LedgerLine, ...]:
            del as_of, engine
            return lines_of(behind(table, group, key, first, last))

        return await self._read(work)

    async def find(self, text: str) -> Found:
        """Find what a text stands for, anywhere in the ledger."""

        def work(table: Projection, as_of: AsOf, engine: Engine) -> Found:
            roster = engine.home.roster().load()
            return find(table, text, as_of=as_of, called=called_in(roster), read=scanned(text))

        return await self._read(work)

    async def entries_of(self, match: Match) -> tuple[LedgerLine, ...]:
        """Give the newest entries in which a name stands, the newest first."""

        def work(table: Projection, as_of: AsOf, engine: Engine) -> tuple[LedgerLine, ...]:
            del as_of
            found = entries_of(table, match)
            if opens(found):
                officer = match.shown if match.kind is NameKind.OFFICER else ""
                sheet_opened(engine, Look.SEARCH, officer=officer, serial=match.subject)
            return lines_of(found)

        return await self._read(work)

    async def sheet_pages(self, wanted: Wanted, dpi: int) -> tuple[bytes, ...]:
        """Give a sheet's pages as PNG."""
        return await self._made(wanted, lambda sheet: sheet_png(sheet, dpi))

    async def sheet_file(self, wanted: Wanted, kind: str) -> bytes:
        """Give it as ``csv`` or ``pdf``."""
        return await self._made(wanted, sheet_csv if kind == "csv" else sheet_pdf)

    async def print_sheet(self, wanted: Wanted, printer: str) -> Job:
        """Queue it as it stands now."""

        def order(sheet: Sheet) -> Job:
            destination = parse_destination(printer)
            return self._office.order_pages(sheet.title, PagesWish(*sheet_pages(sheet)), destination)

        return await self._made(wanted, order)

    def close(self) -> None:
        """End the thread and let go of the table; nothing is asked afterwards. A long reading ends soon."""
        self._closing = True
        self._worker.shutdown(wait=True, cancel_futures=True)
        if self._table is not None:
            self._table.close()

    async def _made(self, wanted: Wanted, give: Callable[[Sheet], T]) -> T:
        def work(table: Projection, as_of: AsOf, engine: Engine) -> T:
            return give(sheet_of(table, as_of, engine, wanted))

        return await self._read(work)

    async def _read(self, work: Callable[[Projection, AsOf, Engine], T]) -> T:
        """Take up what is new, then do ``work``, one after the other on the readers' own thread."""
        engine = await self._thread.ready()

        def read() -> T:
            if self._table is None:
                self._table = open_table(engine.home, engine.ledger)
            try:
                as_of = self._table.follow(self._tell)
            finally:
                self.taken_up = 0
            return work(self._table, as_of, engine)

        return await asyncio.get_running_loop().run_in_executor(self._worker, read)

    def _tell(self, count: int) -> None:
        if self._closing:
            raise UsageError("The window was closed while the ledger was read.")
        self.taken_up = count


def lines_of(entries: Sequence[Entry]) -> tuple[LedgerLine, ...]:
    """Give entries as the list shows them."""
    return tuple(
        LedgerLine(one.number, one.moment, one.kind, one.subject or "", entry_sentence(one), one.receipt or "")
        for one in entries
    )


def called_in(roster: Roster) -> Callable[[str], Sequence[tuple[str, str]]]:
    """Give what finds officers of a roster by name."""
    return lambda text: [(one.number, one.name) for one in roster.find(text, 50)]


def _figures(table: Projection, as_of: AsOf, days: int | None) -> Figures:
    today = date.today()  # the desk's own calendar day
    return figures(table, *period(first_day(table), today, days), today, as_of)


def sheet_of(table: Projection, as_of: AsOf, engine: Engine, wanted: Wanted) -> Sheet:
    """Make the sheet that is wanted. Raises UsageError where the ledger knows nothing of its subject."""
    from provisioning.readers import exceptions, statements, sums

    if (look := _LOOKS.get(wanted.kind)) is not None:
        of = "officer" if wanted.kind is SheetKind.PERSON else "serial"
        sheet_opened(engine, look, **({of: wanted.subject} if wanted.subject else {}))
    frame = frame_of(engine.home)
    match wanted.kind:
        case SheetKind.ROLLOUT:
            return sums.rollout(_figures(table, as_of, wanted.days), frame, {})
        case SheetKind.EXCEPTIONS:
            return exceptions.register(table, frame, as_of)
        case SheetKind.PUBLIC:
            return sums.foi(table, frame, as_of)
        case SheetKind.PERSON:
            listed = engine.home.roster().load().officers.get(wanted.subject)
            return statements.person(table, wanted.subject, listed.name if listed else "", frame, as_of)
        case SheetKind.HANDSET:
            serial = handset_of(table, wanted.subject, as_of)
            return statements.handset(table, serial, names_of(table, serial), frame, as_of, entry_sentence)
