"""What the window asks for about paper, carried out over the home's print office, off the glass's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

from console.assembly import Engine
from console.engine_thread import EngineThread
from console.viewing import receipt_looked_at
from provisioning.batches.order_book import Order
from provisioning.batches.orders import assigned_orders
from provisioning.errors import UsageError
from provisioning.labels.green import LabelWriter, is_green
from provisioning.labels.label import Label, LabelKind, ready
from provisioning.ledger.entry import EntryKind
from provisioning.printing.destination import SystemPrinter, destination_text, parse_destination
from provisioning.printing.job import Job, JobState
from provisioning.printing.memory import RECEIPT, SLIP
from provisioning.printing.office import PrintOffice, require_fit
from provisioning.printing.spooler import Spooler
from provisioning.printing.trouble import PrinterTrouble
from provisioning.receipts.form import Form, Paper
from provisioning.unfinished import Unfinished
from ui.print_actions import Printers

T = TypeVar("T")


class ConsolePaper:
    """Implements ``ui.print_actions.PrintActions``."""

    def __init__(self, thread: EngineThread, office: PrintOffice, spooler: Spooler) -> None:
        self._thread = thread
        self._office = office
        self._spooler = spooler

    async def printers(self, form: Form) -> Printers:
        """Give the printers that can print this form: the system's, and raw ones that were used before."""

        def look() -> Printers:
            system = self._system_printers()
            usual = self._office.printers.of(SLIP if form.paper else RECEIPT)
            raw = [text for text in dict.fromkeys(self._office.printers.known().values()) if _fits(text, form)]
            names = tuple(dict.fromkeys([*system, *raw]))
            return Printers(names, destination_text(usual) if usual is not None else "")

        return await asyncio.to_thread(look)

    async def preview(self, number: str, form: Form, dpi: int) -> tuple[bytes, ...]:
        """Give the pages of a receipt in this form as PNG."""
        from provisioning.paper import receipt_pages

        def make(engine: Engine) -> tuple[bytes, ...]:
            receipt_looked_at(engine, number)
            return receipt_pages(engine.home, engine.counter.receipt(number), dpi, Paper(form))

        return await self._with_engine(make)

    async def printed_before(self, number: str, form: Form) -> bool:
        """Tell whether the original of this form was printed."""

        def look(engine: Engine) -> bool:
            printed = engine.ledger.entries(receipt=number, kind=EntryKind.RECEIPT_PRINTED)
            return any(entry.body.get("form") == str(form) for entry in printed)

        return await self._with_engine(look)

    async def print_receipt(self, number: str, form: Form, printer: str, reason: str) -> Job:
        """Book the print and queue it."""

        def order(engine: Engine) -> Job:
            destination = parse_destination(printer)
            return self._office.order_receipt(
                engine.ledger, number, form, destination, technician=engine.sign_in.acting(), reason=reason
            )

        return await self._with_engine(order)

    async def seen_to(self, number: str) -> None:
        """Note that a handover has come to its end, so that the next start does not tell of it."""
        await self._with_engine(lambda engine: Unfinished(engine.home.path).end_receipt(number, engine.ledger))

    async def label_printers(self, kind: LabelKind) -> Printers:
        """Give the printers that can print labels of this kind: the system's, and raw ones that were used before."""

        def look() -> Printers:
            system = self._system_printers()
            usual = self._office.printers.of(f"{kind}-label")
            raw = [text for text in dict.fromkeys(self._office.printers.known().values()) if text.startswith("zpl:")]
            text = destination_text(usual) if usual is not None else ""
            names = tuple(dict.fromkeys([*raw, *system]))
            return Printers(names, text if text in names else "")

        return await asyncio.to_thread(look)

    async def label_preview(self, kind: LabelKind, keys: tuple[str, ...], dpi: int) -> tuple[bytes, ...]:
        """Give the labels as PNG."""
        from provisioning.labels.pages import labels_png

        return await self._with_engine(lambda engine: labels_png(_labels_due(engine, kind, keys), dpi))

    async def print_labels(self, kind: LabelKind, keys: tuple[str, ...], printer: str) -> Job:
        """Queue labels for those of these sessions (empty: all) that are ready, and to which nothing happened since."""

        def order(engine: Engine) -> Job:
            return self._office.order_labels(_labels_due(engine, kind, keys), parse_destination(printer))

        return await self._with_engine(order)

    async def jobs(self) -> tuple[Job, ...]:
        """Give what waits, and what ended lately, newest first."""
        return tuple(reversed(await asyncio.to_thread(self._office.queue.jobs, all_of_them=True)))

    async def retry(self, number: int) -> None:
        """Send a job again now."""
        await asyncio.to_thread(self._office.queue.retry, number)

    async def cancel(self, number: int) -> None:
        """Give a job up, at the print system too."""
        await asyncio.to_thread(lambda: self._withdraw(self._office.queue.cancel(number)))

    async def move(self, number: int, printer: str) -> None:
        """Send a job to another printer."""
        destination = parse_destination(printer)
        await asyncio.to_thread(lambda: self._withdraw(self._office.move(number, destination)))

    def _system_printers(self) -> tuple[str, ...]:
        try:
            return self._spooler.printers()
        except PrinterTrouble:
            return ()  # a desk may live with raw printers alone; the dialog says where none is left

    def _withdraw(self, job: Job) -> None:
        if job.state is JobState.SPOOLED and job.spool:
            self._spooler.cancel(job.spool)

    async def _with_engine(self, work: Callable[[Engine], T]) -> T:
        async def on_its_loop(engine: Engine) -> T:
            return await asyncio.to_thread(work, engine)

        return await self._thread.call(on_its_loop)


def _officer(meant: Mapping[str, Order], serial: str) -> str:
    order = meant.get(serial.casefold())
    return order.officer if order is not None else ""


def _labels_due(engine: Engine, kind: LabelKind, keys: tuple[str, ...]) -> list[Label]:
    statuses = [session.status() for session in engine.desk.sessions]
    writer, meant = LabelWriter(engine.home), assigned_orders(engine.home.path, engine.ledger)
    labels = [
        writer.label(kind, one.identity.serial_number, one.identity.model_name or one.identity.model,
                     one.attachment.bay, ordered_for=_officer(meant, one.identity.serial_number))
        for one in ready(one for one in statuses if not keys or one.key in keys)
        if one.identity is not None and is_green(engine.ledger, one.identity.serial_number)
    ]  # fmt: skip
    if not labels:
        raise UsageError("Nothing that is plugged in is ready and still here by the ledger: no label is due.")
    return labels


def _fits(text: str, form: Form) -> bool:
    destination = parse_destination(text)
    if isinstance(destination, SystemPrinter):
        return False  # the print system names its own
    try:
        require_fit(form, destination)
    except UsageError:
        return False
    return True
