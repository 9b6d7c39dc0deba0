"""`report rollout|exceptions|foi|person|handset|numbers`: what the ledger says, in sum or of one; beside any window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.assembly import home_at, ledger_home
from console.call import call_of, table
from console.printing import job_document, office_of, printed
from console.viewing import person_looked_at, sheet_looked_at
from provisioning.batches.book import BatchBook
from provisioning.batches.numbers import HEADING, Numbers
from provisioning.errors import HomeError, UsageError
from provisioning.files import write_copy
from provisioning.home.home import Home
from provisioning.plain_text import one_line
from provisioning.printing.destination import parse_destination
from provisioning.printing.wish import PagesWish
from provisioning.privacy.viewing import Look
from provisioning.tables.writing import csv_bytes
from ui.batch_phrases import duration

if TYPE_CHECKING:
    from provisioning.readers.counts import AsOf
    from provisioning.readers.projection import Projection
    from provisioning.readers.sheet import Sheet
    from provisioning.readers.statements import Frame

SAFE = "Nothing was changed by it: it is read from the ledger."
Csv = Annotated[Path | None, typer.Option(help="Write it here as a table as well.")]
Pdf = Annotated[Path | None, typer.Option(help="Write it here as pages as well.")]
Printer = Annotated[str | None, typer.Option(help="Print it on this printer of the system.")]

report_app = typer.Typer(help="Reports from the ledger.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(report_app, name="report")


@report_app.command()
def rollout(
    context: typer.Context,
    *,
    since: Annotated[str, typer.Option(help="From this day on, YYYY-MM-DD; without, from the first handover.")] = "",
    until: Annotated[str, typer.Option(help="Up to this day, YYYY-MM-DD; without, today.")] = "",
    csv: Csv = None,
    pdf: Pdf = None,
    printer: Printer = None,
) -> None:
    """Say how many handsets are out, here, coming back; by day, unit, model, body; stock, permits, findings, desks."""
    from provisioning.readers.counts import period
    from provisioning.readers.figures import figures, first_day
    from provisioning.readers.rollout import rollout_document
    from provisioning.readers.sums import rollout as rollout_sheet

    today = date.today()  # the desk's own calendar day
    last = _day(until) or today

    def make(table: Projection, frame: Frame, as_of: AsOf) -> Sheet:
        first = _day(since) or period(first_day(table), last, None)[0]
        if first > last:
            raise UsageError("The period ends before it begins.")
        found = figures(table, first, last, today, as_of)
        return rollout_sheet(found, frame, rollout_document(table, found))

    _give(context, make, csv, pdf, printer)


@report_app.command()
def exceptions(context: typer.Context, *, csv: Csv = None, pdf: Pdf = None, printer: Printer = None) -> None:
    """List what departs from the rule: unsigned, strangers, lost, stolen, not clear in the field, ended permits."""
    from provisioning.readers.exceptions import register as register_of

    _give(context, register_of, csv, pdf, printer, part="exceptions", look=Look.LEDGER)


@report_app.command()
def foi(context: typer.Context, *, csv: Csv = None, pdf: Pdf = None, printer: Printer = None) -> None:
    """Give counts for a freedom-of-information request: nothing about a person, small numbers suppressed."""
    from provisioning.readers.sums import foi as foi_sheet

    _give(context, foi_sheet, csv, pdf, printer)


@report_app.command()
def person(
    context: typer.Context,
    officer: Annotated[str, typer.Argument(help="Officer number.")],
    *,
    why: Annotated[str, typer.Option(help="What for: it is recorded who asked for whose statement.")] = "",
    csv: Csv = None,
    pdf: Pdf = None,
    printer: Printer = None,
) -> None:
    """Say what an officer has, had and owes, and their permits; as pages to sign off or to hand out."""
    from provisioning.people.officers import officer_number
    from provisioning.readers.statements import person as person_sheet

    number = officer_number(officer)
    call = call_of(context)
    home = ledger_home(call.home_path, None)
    person_looked_at(call, home, Look.STATEMENT, number, why)
    name = name_on_roster(home, number)
    _give(context, lambda table, frame, as_of: person_sheet(table, number, name, frame, as_of), csv, pdf, printer)


@report_app.command()
def handset(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Serial number, UDID, IMEI or asset tag.")],
    *,
    csv: Csv = None,
    pdf: Pdf = None,
    printer: Printer = None,
) -> None:
    """Say all that happened to a handset at every desk: who had it when, how it was verified."""
    from provisioning.readers.finding import handset_of, names_of
    from provisioning.readers.statements import handset as handset_sheet
    from ui.ledger_phrases import entry_sentence

    call = call_of(context)
    home = ledger_home(call.home_path, None)

    def make(table: Projection, frame: Frame, as_of: AsOf) -> Sheet:
        serial = handset_of(table, number, as_of)
        sheet_looked_at(call, home, table.ledger, Look.RECORD, serial=serial)
        return handset_sheet(table, serial, names_of(table, serial), frame, as_of, entry_sentence)

    _give(context, make, csv, pdf, printer)


@report_app.command()
def numbers(
    context: typer.Context,
    *,
    batch: Annotated[str, typer.Option(help="Only this batch.")] = "",
    since: Annotated[str, typer.Option(help="Only from this day on, YYYY-MM-DD, UTC.")] = "",
    until: Annotated[str, typer.Option(help="Only before this day, YYYY-MM-DD, UTC.")] = "",
    csv: Annotated[Path | None, typer.Option(help="Write them here as a table as well.")] = None,
) -> None:
    """Say handsets an hour, seconds a step (median, p95), first-pass yield: in all, by desk, batch and model."""
    call = call_of(context)
    for day in (since, until):
        _day(day)
    home = ledger_home(call.home_path, None)
    with home.read_ledger() as ledger:
        found = BatchBook(home.path, ledger, home.identity.desk_name).numbers(since, until)
    if batch:
        found = [one for one in found if (one.by, one.name) == ("batch", batch)]
    if csv is not None:
        write_copy(csv, csv_bytes(HEADING, (one.row() for one in found)))
    call.answer([one.document() for one in found], "\n\n".join(_group(one) for one in found))


def _group(one: Numbers) -> str:
    """Set one group's numbers for people; what was measured too seldom is said to be so."""
    name = one_line(f"{one.by} {one.name}".strip(), 60)
    if not one.handsets:
        return f"{name}: no walk has ended."
    hour = f"{one.per_hour:.1f} handsets an hour" if one.per_hour is not None else "too few for a rate"
    head = (
        f"{name}: {one.ready} of {one.handsets} ready, {one.ready_at_first} at their first walk "
        f"({one.first_pass_yield or 0:.0%}); {hour} in {duration(one.hours_at_work * 3600)} at work"
    )
    rows = [
        (f"  {step.step}", str(step.walks), f"{step.median:.2f}", f"{step.p95:.2f}", f"{step.waited_median:.1f}",
         f"{step.waited_p95:.1f}", f"{step.queued_median:.2f}")
        for step in one.steps
    ]  # fmt: skip
    return head + "\n" + table(rows, ("  Step", "Walks", "Median s", "p95 s", "Waited s", "p95 s", "Queued s"))


def _give(
    context: typer.Context,
    make: Callable[[Projection, Frame, AsOf], Sheet],
    csv: Path | None,
    pdf: Path | None,
    printer: str | None,
    part: str = "",
    look: Look | None = None,
) -> None:
    """Make a sheet of the ledger as it is now; show it, and write or print it where that was asked for.

    ``look`` says what of people is in it: it is recorded who makes it, before it is made.
    """
    from provisioning.readers.opening import frame_of, reading
    from provisioning.readers.sheet import sheet_csv, sheet_pages, sheet_pdf, sheet_text

    call = call_of(context)
    destination = parse_destination(printer) if printer is not None else None
    home = ledger_home(call.home_path, None)
    with reading(home) as table:
        as_of = table.follow(lambda count: call.tell(f"{count:,} entries were read."))
        if look is not None:
            sheet_looked_at(call, home, table.ledger, look)
        sheet = make(table, frame_of(home), as_of)
    if as_of.behind:
        call.tell(as_of.behind)
    if csv is not None:
        write_copy(csv, sheet_csv(sheet))
    if pdf is not None:
        write_copy(pdf, sheet_pdf(sheet), SAFE)
    if destination is not None:
        office = office_of(home_at(call.home_path, call.tell))
        job = printed(office, office.order_pages(sheet.title, PagesWish(*sheet_pages(sheet)), destination))
        call.tell(f"Print job {job_document(job)['job']}: {job.sentence}")
    call.answer(sheet.data[part] if part else sheet.data, sheet_text(sheet))


def name_on_roster(home: Home, number: str) -> str:
    """Give an officer's name where the roster can be read without anybody being asked; else nothing."""
    try:
        listed = home.roster().load().officers.get(number)
    except (HomeError, UsageError):
        return ""
    return listed.name if listed is not None else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"“{one_line(text, 20)}” is no day. Write it as 2026-03-01.") from None
