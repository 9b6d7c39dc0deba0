"""`print`, `labels` and `receipt print`: paper on its way, and how to help it where it does not come."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave, table
from console.commands.counter import receipt_app
from console.duty import acting
from console.printing import job_document, office_of, press_of, printed, printer_named, tell_template
from provisioning.batches.orders import assigned_orders
from provisioning.errors import UsageError
from provisioning.home.home import open_home
from provisioning.labels.green import LabelWriter, is_green
from provisioning.labels.label import Label, LabelKind, bay_order
from provisioning.plain_text import one_line
from provisioning.printing.destination import parse_destination
from provisioning.printing.job import Job, JobState
from provisioning.printing.memory import RECEIPT, SLIP
from provisioning.printing.spooler import CupsSpooler
from provisioning.printing.trouble import PrinterTrouble
from provisioning.receipts.form import Form

print_app = typer.Typer(help="The print queue: what is not out yet, and how to help it.", no_args_is_help=True)
labels_app = typer.Typer(help="Labels for handsets and bags, on a raw label printer.", no_args_is_help=True)

_NO_PRINTER = "No printer was used for this before: name one with --printer; “issuing-desk print printers” lists them."
JobNumber = Annotated[int, typer.Argument(help="Number of the job, see “print list”.")]
Printer = Annotated[
    str | None,
    typer.Option(
        help="A printer's name, zpl://HOST:PORT, escpos://HOST:PORT, zpl:FILE, escpos:FILE; else as last time."
    ),
]
Serials = Annotated[list[str] | None, typer.Argument(help="Serial numbers; none: all that are ready.")]
OfReceipt = Annotated[str | None, typer.Option("--receipt", help="The handsets of this receipt instead.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(print_app, name="print")
    app.add_typer(labels_app, name="labels")
    receipt_app.command("print")(receipt_print)


def receipt_print(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the receipt.")],
    *,
    printer: Printer = None,
    form: Annotated[Form, typer.Option(help="Whose copy, on which paper.")] = Form.OFFICER,
    reason: Annotated[str, typer.Option(help="Why it is printed again; the paper is marked COPY.")] = "",
) -> None:
    """Print a receipt; again only with a reason. Exit 3 where it is not out yet: it stays in the queue."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    office = office_of(home)
    destination = printer_named(office, printer, SLIP if form.paper else RECEIPT)
    if destination is None:
        raise UsageError(_NO_PRINTER)
    with home.open_ledger() as ledger:
        job = office.order_receipt(
            ledger, number, form, destination, technician=acting(call, home, ledger), reason=reason
        )
    tell_template(call, home)
    _tell(call, printed(office, job))


@labels_app.command()
def asset(context: typer.Context, serials: Serials = None, receipt: OfReceipt = None, printer: Printer = None) -> None:
    """Print the asset labels of handsets that are ready, in the order of their bays."""
    _labels(call_of(context), LabelKind.ASSET, serials or [], receipt, printer)


@labels_app.command()
def bag(context: typer.Context, serials: Serials = None, receipt: OfReceipt = None, printer: Printer = None) -> None:
    """Print the bag labels of handsets that are ready, or that were handed over, in the order of their bays."""
    _labels(call_of(context), LabelKind.BAG, serials or [], receipt, printer)


@print_app.command("list")
def list_jobs(
    context: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that ended lately as well.")] = False,
) -> None:
    """List what is not out yet, each with how it stands."""
    call = call_of(context)
    office = office_of(open_home(call.home_path))
    press_of(office).refresh()
    jobs = office.queue.jobs(all_of_them=everything)
    rows = [(str(job.number), str(job.state), job.title, one_line(job.sentence, 200)) for job in jobs]
    text = table(rows, ("Job", "State", "What", "How it stands")) if rows else "Nothing waits to be printed."
    call.answer([job_document(job) for job in jobs], text)


@print_app.command()
def retry(context: typer.Context, job: JobNumber) -> None:
    """Send a job again now."""
    call = call_of(context)
    office = office_of(assembly.home_at(call.home_path, call.tell))
    _tell(call, printed(office, office.queue.retry(job)))


@print_app.command()
def cancel(context: typer.Context, job: JobNumber) -> None:
    """Give a job up."""
    call = call_of(context)
    office = office_of(open_home(call.home_path))
    _withdraw(call, office.queue.cancel(job))
    _tell(call, office.queue.job(job), settled=True)


@print_app.command()
def move(
    context: typer.Context, job: JobNumber, printer: Annotated[str, typer.Argument(help="Where it is to go.")]
) -> None:
    """Send a job to another printer."""
    call = call_of(context)
    office = office_of(assembly.home_at(call.home_path, call.tell))
    _withdraw(call, office.move(job, parse_destination(printer)))
    _tell(call, printed(office, office.queue.job(job)))


@print_app.command()
def run(
    context: typer.Context,
    seconds: Annotated[float, typer.Option(min=0, help="How long; 0: until nothing is due any more.")] = 0.0,
) -> None:
    """Print what waits, where no window is open. Exit 3 where something is still not out."""
    call = call_of(context)
    office = office_of(assembly.home_at(call.home_path, call.tell))
    press, end = press_of(office), time.monotonic() + seconds
    while press.step() or time.monotonic() < end:
        time.sleep(0.05)
    jobs = office.queue.jobs()
    text = "\n".join(f"Job {job.number}, {job.title}: {job.sentence}" for job in jobs)
    call.answer([job_document(job) for job in jobs], text or "Nothing waits to be printed.")
    leave(Exit.UNKNOWN if jobs else Exit.CLEAR)


@print_app.command()
def printers(context: typer.Context) -> None:
    """List the system's printers, and which printer was used last for which paper."""
    call = call_of(context)
    try:
        names = CupsSpooler().printers()
    except PrinterTrouble as trouble:
        call.tell(str(trouble))
        names = ()
    used = office_of(open_home(call.home_path)).printers.known()
    lines = [*names, *(f"used last for {kind}: {text}" for kind, text in used.items())]
    call.answer({"printers": list(names), "used": used}, "\n".join(lines) or "No printer is set up.")


def _labels(call: Call, kind: LabelKind, serials: list[str], receipt: str | None, printer: str | None) -> None:
    if receipt is not None and serials:
        raise UsageError("Give either serial numbers or --receipt NUMBER.")
    home = assembly.home_at(call.home_path, call.tell)
    office = office_of(home)
    destination = printer_named(office, printer, f"{kind}-label")
    if destination is None:
        raise UsageError("No label printer was used before: name one with --printer zpl://HOST:PORT or zpl:FILE.")
    if receipt is not None:
        from provisioning.receipts.parts import receipt_in_ledger

        with home.read_ledger() as ledger:
            labels = LabelWriter(home).of_receipt(kind, receipt_in_ledger(ledger, receipt))
    else:
        labels = asyncio.run(_attached_labels(call, kind, serials))
    _tell(call, printed(office, office.order_labels(labels, destination)))


async def _attached_labels(call: Call, kind: LabelKind, serials: list[str]) -> list[Label]:
    """Give labels for what is attached and green by the ledger; each that was named and is not, is told."""
    home = assembly.home_at(call.home_path, call.tell)
    async with assembly.engine(home, "labels") as engine:
        await engine.desk.settle()
        found = {one.serial_number: one for one in (session.status() for session in engine.desk.sessions)}
        wanted = serials or [serial for serial in found if serial is not None]
        writer, labels = LabelWriter(home), list[Label]()
        meant = assigned_orders(home.path, engine.ledger)
        for serial in wanted:
            status = found.get(serial)
            name = one_line(serial, 40)
            if status is None or status.identity is None:
                call.tell(f"{name} is not attached, so it gets no label. Plug it in, or give --receipt NUMBER.")
            elif not is_green(engine.ledger, serial):
                call.tell(f"{name} is not ready, so it gets no label. Provision it first.")
            else:
                model = status.identity.model_name or status.identity.model
                order = meant.get(serial.casefold())
                whom = order.officer if order is not None else ""
                labels.append(writer.label(kind, serial, model, status.attachment.bay, ordered_for=whom))
    return sorted(labels, key=lambda label: bay_order(label.bay))


def _withdraw(call: Call, job: Job) -> None:
    """Take a job back from the print system, if it has it."""
    if job.state is JobState.SPOOLED and job.spool:
        try:
            CupsSpooler().cancel(job.spool)
        except PrinterTrouble as trouble:
            call.tell(f"{trouble} It may still come out there.")


def _tell(call: Call, job: Job, *, settled: bool = False) -> None:
    call.answer(job_document(job), f"Print job {job.number}, {job.title}: {job.sentence}")
    leave(Exit.CLEAR if settled or job.state in {JobState.PRINTED, JobState.SPOOLED} else Exit.UNKNOWN)
