"""`officers import|find`: the force's roster, from whatever table its personnel system exports."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from console import assembly
from console.call import Exit, call_of, leave, table
from console.duty import acting
from provisioning.errors import UsageError
from provisioning.files import read_file
from provisioning.ledger.entry import EntryKind
from provisioning.people.roster import Field, Roster, columns_of, read_roster
from provisioning.people.tables import read_table
from provisioning.plain_text import one_line

officers_app = typer.Typer(help="The roster of officers.", no_args_is_help=True)
SHOWN = 20
"""Bad rows that are shown to a person; the document has all."""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(officers_app, name="officers")


@officers_app.command("import")
def import_roster(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX with a heading.")],
    column: Annotated[
        list[str] | None, typer.Option(help="FIELD=HEADING, e.g. number='Pers. No'; remembered. Repeatable.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Forget officers that are not in the file.")] = False,
) -> None:
    """Take good rows, list bad ones with line and reason; importing again updates and never doubles."""
    call = call_of(context)
    told = _told(column or [])
    home = assembly.home_at(call.home_path, call.tell)
    store = home.roster()
    content = read_table(file)
    remembered = {one: name for one, name in store.columns().items() if name in content.heading}
    columns = {**remembered, **told}
    reading = read_roster(content, columns_of(content.heading, columns))
    if not reading.officers:
        first = f" Line {reading.bad[0].line}: {reading.bad[0].reason}." if reading.bad else ""
        raise UsageError(f"{file} holds no officer that can be taken, so the roster stays as it was.{first}")
    before = store.load()
    roster, added, changed = before.merged(reading.officers)
    removed = 0
    if replace:
        roster = Roster({one.number: one for one in reading.officers})
        removed = len(before.officers.keys() - roster.officers.keys())
    document = {
        "officers": len(roster), "added": added, "changed": changed, "removed": removed,
        "unchanged": len(reading.officers) - added - changed, "refused": len(reading.bad),
        "bad_rows": [{"line": row.line, "reason": row.reason} for row in reading.bad],
    }  # fmt: skip
    counts = {key: value for key, value in document.items() if key != "bad_rows"}
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        store.keep(roster, columns)
        body = {**counts, "file_sha256": hashlib.sha256(read_file(file)).hexdigest()}
        ledger.append(EntryKind.OFFICERS_IMPORTED, None, body, technician=technician)
    lines = [
        f"{len(roster)} officers are on the roster: {added} added, {changed} changed, {removed} removed, "
        f"{document['unchanged']} as before. {len(reading.bad)} rows were not taken."
    ]
    lines += [f"  line {row.line}: {row.reason}" for row in reading.bad[:SHOWN]]
    if len(reading.bad) > SHOWN:
        lines.append(f"  and {len(reading.bad) - SHOWN} more; --json lists them all.")
    call.answer(document, "\n".join(lines))


@officers_app.command()
def find(
    context: typer.Context, text: Annotated[str, typer.Argument(help="An officer number, or pieces of a name.")]
) -> None:
    """Find officers. Exit 1 where there is none."""
    call = call_of(context)
    found = assembly.home_at(call.home_path, call.tell).roster().load().find(text)
    rows = [(one.number, one.name, one.rank, one.unit) for one in found]
    heads = ("Officer number", "Name", "Rank", "Unit")
    call.answer([asdict(one) for one in found], table(rows, heads) if rows else "No such officer on the roster.")
    leave(Exit.CLEAR if found else Exit.NOT_CLEAR)


def _told(columns: list[str]) -> dict[Field, str]:
    told: dict[Field, str] = {}
    for text in columns:
        name, sign, heading = text.partition("=")
        if name not in set(Field) or not sign or not heading:
            raise UsageError(
                f"“{one_line(text, 40)}” names no column. Write FIELD=HEADING; fields: {', '.join(Field)}."
            )
        told[Field(name)] = heading
    return told
