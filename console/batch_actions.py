"""What the window asks about batches, carried out on the engine's loop, the ledger's work in its threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from console.assembly import Engine
from console.batch_reading import import_manifest, matches, read_portals, report_of
from console.engine_thread import EngineThread
from console.order_reading import keep_orders, read_order_file, standings_of
from console.shift import take_newcomers
from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.book import BatchBook
from provisioning.batches.closing import NotClosed, close
from provisioning.batches.matching import Match
from provisioning.batches.portal_list import PortalList
from provisioning.batches.progress import BatchRow, Progress
from provisioning.batches.report import report_csv, report_document, report_pdf, report_png
from provisioning.ledger.entry import EntryKind
from provisioning.plain_text import one_line
from provisioning.printing.destination import parse_destination
from provisioning.printing.job import Job
from provisioning.printing.office import PrintOffice
from provisioning.printing.wish import PagesWish
from ui.batch_actions import BatchLine, BatchSummary, BatchView, CloseAnswer, OrderLine
from ui.batch_phrases import estimate_sentence, nameless_sentence, row_sentence

T = TypeVar("T")


class ConsoleBatches:
    """Implements ``ui.batch_actions.BatchActions`` over the engine's thread."""

    def __init__(self, thread: EngineThread, office: PrintOffice) -> None:
        self._thread = thread
        self._office = office

    async def batches(self) -> tuple[BatchSummary, ...]:
        """Give every batch, in order of the alphabet."""

        def read(engine: Engine) -> tuple[BatchSummary, ...]:
            book = _book(engine)
            return tuple(_summary(book, book.progress(name)) for name in book.names())

        return await self._in_thread(read)

    async def batch(self, name: str, portals: tuple[Path, ...]) -> BatchView:
        """Give one batch as the ledger has it now."""
        return await self._in_thread(lambda engine: _view(_book(engine), name, read_portals(portals)))

    async def import_batch(self, file: Path) -> str:
        """Keep a manifest under the name of its file, or a corrected one in its place; say what came of it."""

        def keep(engine: Engine) -> str:
            technician = engine.sign_in.acting()
            name = one_line(file.stem, 60)
            reading, changes = import_manifest(engine.home, engine.ledger, file, name, technician)
            said = f"{len(reading.manifest)} handsets read from {file.name}."
            if changes["again"]:
                said += (
                    f" {changes['added']} added, {changes['changed']} changed, {changes['removed']} no longer on it."
                )
            for line, reason in reading.bad[:3]:
                said += f" Line {line}: {reason}."
            return said + (f" And {len(reading.bad) - 3} more lines are wrong." if len(reading.bad) > 3 else "")

        said = await self._in_thread(keep)
        await self._take_up()
        return said

    async def work_on(self, name: str) -> None:
        """Work on this batch from now on, by the ledger; walks that are under way go on as they began."""

        def book(engine: Engine) -> None:
            if name:
                BatchFolder(engine.home.path).load(name)
            engine.ledger.append(EntryKind.BATCH_OPENED, None, {"batch": name}, technician=engine.sign_in.acting())

        await self._in_thread(book)
        await self._take_up()

    async def close_batch(self, name: str, reason: str) -> CloseAnswer:
        """Close a batch; where it differs from the ledger, only with a reason."""

        def end(engine: Engine) -> CloseAnswer:
            book = _book(engine)
            technician = engine.sign_in.acting()
            done = close(engine.ledger, book.manifest(name), book.elsewhere, reason=reason, technician=technician)
            count = f"{done.progress.done} of {len(done.progress.rows)} handsets are ready or out"
            if not isinstance(done, NotClosed):
                return CloseAnswer(True, f"Batch {name} is closed by entry {done.entry.number}: {count}.")
            by_serial = {row.serial_number: row for row in done.progress.lane}
            told = [
                row_sentence(by_serial[one.serial_number]) if one.serial_number in by_serial else one.sentence
                for one in done.differences
            ]
            return CloseAnswer(False, f"{count}. This differs:", tuple(told))

        answer = await self._in_thread(end)
        if answer.closed:
            await self._take_up()
        return answer

    async def batch_report(self, name: str, portals: tuple[Path, ...], kind: str) -> bytes:
        """Give the report as ``csv`` or ``pdf``."""

        def make(engine: Engine) -> bytes:
            report = report_of(_book(engine), engine.home, engine.ledger, name, read_portals(portals))
            return report_csv(report) if kind == "csv" else report_pdf(report)

        return await self._in_thread(make)

    async def orders(self) -> tuple[OrderLine, ...]:
        """Give every order as the ledger has it now."""

        def read(engine: Engine) -> tuple[OrderLine, ...]:
            here = [session.status() for session in engine.desk.sessions if session.plugged_in]
            bays = {one.serial_number: one.attachment.bay for one in here}
            return tuple(
                OrderLine(
                    one.order.reference,
                    one.order.whom,
                    one.order.what,
                    one.order.quantity,
                    one.waiting,
                    tuple((serial, bays.get(serial, "")) for serial in one.assigned),
                    one.conflicts,
                )
                for one in standings_of(engine.home, engine.ledger)
            )

        return await self._in_thread(read)

    async def import_orders(self, file: Path) -> str:
        """Keep a list of orders under the name of its file, in place of an older one."""

        def keep(engine: Engine) -> str:
            source = one_line(file.stem, 60)
            found = read_order_file(file, source)
            keep_orders(engine.home, engine.ledger, found, source, engine.sign_in.acting())
            counts = found.counts(source)
            said = f"{counts['orders']} orders for {counts['handsets']} handsets read from {file.name}."
            for line, reason in found.reading.bad[:3]:
                said += f" Line {line}: {reason}."
            return said

        return await self._in_thread(keep)

    async def report_pages(self, name: str, portals: tuple[Path, ...], dpi: int) -> tuple[bytes, ...]:
        """Give the pages of the report as PNG."""

        def make(engine: Engine) -> tuple[bytes, ...]:
            return report_png(report_of(_book(engine), engine.home, engine.ledger, name, read_portals(portals)), dpi)

        return await self._in_thread(make)

    async def print_report(self, name: str, portals: tuple[Path, ...], printer: str) -> Job:
        """Queue the report as it stands now."""

        def order(engine: Engine) -> Job:
            report = report_of(_book(engine), engine.home, engine.ledger, name, read_portals(portals))
            wish = PagesWish(*report_document(report))
            return self._office.order_pages(f"Batch {name}, report", wish, parse_destination(printer))

        return await self._in_thread(order)

    async def _take_up(self) -> None:
        """Let what is plugged in from now on be held against the batch that the ledger says is worked on."""
        await self._thread.call(take_newcomers)

    async def _in_thread(self, read: Callable[[Engine], T]) -> T:
        async def work(engine: Engine) -> T:
            return await asyncio.to_thread(read, engine)

        return await self._thread.call(work)


def _book(engine: Engine) -> BatchBook:
    return BatchBook(engine.home.path, engine.ledger, engine.home.identity.desk_name)


def _summary(book: BatchBook, batch: Progress) -> BatchSummary:
    here = book.open_batch() == batch.name
    return BatchSummary(batch.name, len(batch.rows), batch.done, len(batch.lane), batch.closed is not None, here)


def _view(book: BatchBook, name: str, portals: Sequence[PortalList]) -> BatchView:
    batch = book.progress(name)
    found = matches(book, book.manifest(name), portals)
    by_serial = {one.serial_number.casefold(): one for one in found}
    measured = sum(walk.text("end") == "ready" for walk in book.walks(batch))
    strangers = [one.sentence for one in found if not one.lines]
    nameless = [nameless_sentence(event) for event in batch.nameless]
    return BatchView(
        summary=_summary(book, batch),
        outlook=estimate_sentence(book.estimate(batch), batch, measured),
        lines=tuple(_line(row, by_serial.get(row.serial_number.casefold())) for row in batch.rows),
        also=(*strangers, *nameless),
        portals=tuple(portal.title for portal in portals),
    )


def _line(row: BatchRow, match: Match | None) -> BatchLine:
    differs = match is not None and not match.outcome.agrees
    sentence = row_sentence(row) if not row.standing.is_done else ""
    if match is not None and differs and row.standing.is_done:
        sentence = match.sentence
    model = row.expected.model or (row.history.identity.text("model_name") if row.history.identity else "")
    return BatchLine(
        row.serial_number, model, row.expected.asset_tag, row.standing, str(match.outcome) if match else "",
        not differs, row.since, sentence,
    )  # fmt: skip
