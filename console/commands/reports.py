"""`report rollout|exceptions|foi|numbers`: what the ledger says in sum; readers that work beside a running window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from console.assembly import ledger_home
from console.call import Call, call_of, table
from provisioning import reports
from provisioning.batches.book import BatchBook
from provisioning.batches.numbers import HEADING, Numbers
from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.files import write_copy
from provisioning.plain_text import one_line
from provisioning.reports import Books, read_books
from provisioning.tables.writing import csv_bytes
from ui.batch_phrases import duration

report_app = typer.Typer(help="Reports from the ledger.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(report_app, name="report")


@report_app.command()
def rollout(context: typer.Context) -> None:
    """Say how many handsets are out, here, coming back, by day, unit, model and policy."""
    call = call_of(context)
    document = reports.rollout(_books(call), date.today())  # the desk's own calendar day
    call.answer(document, "\n".join(_lines(document)))


@report_app.command()
def exceptions(context: typer.Context) -> None:
    """List what departs from the rule: unsigned, strangers, lost, stolen, not clear in the field, ended permits."""
    call = call_of(context)
    found = reports.exceptions(_books(call), date.today())  # the desk's own calendar day
    rows = [(str(one.entry), one.time[:10], str(one.kind), one_line(one.sentence, 160)) for one in found]
    document = [{**asdict(one), "kind": str(one.kind)} for one in found]
    call.answer(document, table(rows, ("Entry", "Day", "Kind", "What")) if rows else "No exceptions.")


@report_app.command()
def foi(context: typer.Context) -> None:
    """Give counts for a freedom-of-information request: nothing about a person, small numbers suppressed."""
    call = call_of(context)
    document = reports.freedom_of_information(_books(call))
    call.answer(document, "\n".join(_lines(document)))


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
    for day in filter(None, (since, until)):
        try:
            date.fromisoformat(day)
        except ValueError:
            raise UsageError(f"“{one_line(day, 20)}” is no day. Write it as 2026-03-01.") from None
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


def _books(call: Call) -> Books:
    with ledger_home(call.home_path, None).read_ledger() as ledger:
        return read_books(ledger.entries())


def _lines(document: Mapping[str, Json], indent: str = "") -> list[str]:
    lines: list[str] = []
    for key, value in document.items():
        name = key.replace("_", " ")
        if isinstance(value, Mapping):
            lines += [f"{indent}{name}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list):
            lines.append(f"{indent}{name}: {len(value)}")
        else:
            lines.append(f"{indent}{name}: {value}")
    return lines
