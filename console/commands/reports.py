"""`report rollout|exceptions|foi`: what the ledger says in sum; readers that work beside a running window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

import typer

from console.assembly import ledger_home
from console.call import Call, call_of, table
from provisioning import reports
from provisioning.canonical import Json
from provisioning.plain_text import one_line
from provisioning.reports import Books, read_books

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
