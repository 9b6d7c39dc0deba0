"""`recall`: by person and reason what is to be given back, on the screen, as a table and as pages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Exit, call_of, leave, table
from console.printing import job_document, office_of, printed
from console.viewing import person_looked_at
from provisioning.errors import UsageError
from provisioning.files import write_copy
from provisioning.holdings import Holding, called_back, holdings
from provisioning.home.home import Home
from provisioning.ledger.ledger import Ledger
from provisioning.people.officers import officer_number
from provisioning.people.recalls import Cause, Recall
from provisioning.people.roster import Roster
from provisioning.plain_text import one_line
from provisioning.printing.destination import parse_destination
from provisioning.printing.wish import PagesWish
from provisioning.privacy.viewing import Look
from provisioning.recall_list import HEADING, Recalled, RecallList, list_document, list_pdf, recalled
from provisioning.tables.writing import csv_bytes

SAFE = "Nothing was changed by it: the list is read from the ledger."


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(recall)


def recall(
    context: typer.Context,
    officers: Annotated[
        list[str] | None, typer.Argument(metavar="[OFFICER…]", help="Officer numbers; none: all who are called back.")
    ] = None,
    cause: Annotated[str | None, typer.Option(help="Only who is suspended, or who has left.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the list here as a table for a spreadsheet.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the list here as pages.")] = None,
    printer: Annotated[str | None, typer.Option(help="Print the list on this printer of the system.")] = None,
) -> None:
    """List by person what is to be given back: all that an officer holds. Exit 1 while something is out."""
    call = call_of(context)
    if cause is not None and cause not in set(Cause):
        raise UsageError(f"“{one_line(cause, 20)}” is no cause: choose {', '.join(Cause)}.")
    destination = parse_destination(printer) if printer is not None else None
    home = assembly.home_at(call.home_path, call.tell)
    roster = home.roster().load()
    with assembly.ledger_home(call.home_path, None).read_ledger() as ledger:
        back = called_back(ledger)
        wanted = [officer_number(one) for one in officers] if officers else sorted(back)
        wanted = [one for one in wanted if cause is None or (one in back and back[one].cause == cause)]
        found = holdings(ledger, wanted)
        listed = _listed(home, ledger, roster, wanted)
    for one in wanted if officers else [""] if wanted else []:
        person_looked_at(call, home, Look.RECORD if one else Look.LEDGER, one)
    names = {one: known.name for one in wanted if (known := roster.officers.get(one)) is not None}
    rows = [
        (one.officer, names.get(one.officer, ""), str(back[one.officer].cause) if one.officer in back else "", one.what,
         one.identifier, one.imei, one.asset_tag, ", ".join(one.accessories), one.receipt, one.since)
        for one in found
    ]  # fmt: skip
    if (pdf is not None or destination is not None) and (strange := [one for one in wanted if one not in back]):
        raise UsageError(
            f"Officer {one_line(strange[0], 40)} is not called back. Suspend them first, or leave them out."
        )
    if csv is not None:
        write_copy(csv, csv_bytes(HEADING, rows))
    if pdf is not None:
        write_copy(pdf, list_pdf(listed), SAFE)
    said = table([tuple(one_line(cell, 30) for cell in row) for row in rows], HEADING) if rows else "Nothing is out."
    if destination is not None:
        office = office_of(home)
        job = printed(office, office.order_pages("Recall list", PagesWish(*list_document(listed)), destination))
        call.tell(f"Print job {job_document(job)['job']}: {job.sentence}")
    call.answer([_document(one, names.get(one), back.get(one), found) for one in wanted], said)
    leave(Exit.NOT_CLEAR if rows else Exit.CLEAR)


def _listed(home: Home, ledger: Ledger, roster: Roster, wanted: list[str]) -> RecallList:
    chosen: list[Recalled] = [one for one in recalled(ledger, roster) if one.recall.officer in wanted]
    identity = home.identity
    return RecallList(
        tuple(chosen), identity.organisation_name, identity.desk_name, home.training, datetime.now().astimezone()
    )


def _document(officer: str, name: str | None, back: Recall | None, found: list[Holding]) -> dict[str, Any]:
    return {
        "officer": officer, "name": name, "cause": str(back.cause) if back else None,
        "reason": back.reason if back else None, "since": back.since if back else None,
        "holds": [
            {"item": one.what, "identifier": one.identifier, "imei": one.imei or None,
             "asset_tag": one.asset_tag or None, "accessories": list(one.accessories), "receipt": one.receipt,
             "since": one.since}
            for one in found if one.officer == officer
        ],
    }  # fmt: skip
