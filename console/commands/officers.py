"""`officers import|find|suspend|reinstate`: the force's roster, and who is to give everything back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Exit, call_of, leave, table
from console.duty import acting
from console.viewing import person_looked_at
from provisioning.errors import UsageError
from provisioning.holdings import book_reinstatement, book_suspension, called_back, holdings
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.people.officers import officer_number
from provisioning.people.recalls import Cause, Recall
from provisioning.people.roster import Field, Roster, find_columns, read_roster
from provisioning.plain_text import one_line
from provisioning.privacy.viewing import Look
from provisioning.tables.reading import read_table

officers_app = typer.Typer(help="The roster of officers.", no_args_is_help=True)
SHOWN = 20
"""Bad rows that are shown to a person; the document has all."""
Number = Annotated[str, typer.Argument(help="Officer number.")]
Reason = Annotated[str, typer.Option(help="Why, and on whose word.")]


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
    replace: Annotated[
        bool, typer.Option("--replace", help="It is the whole roster: who is not in it has left.")
    ] = False,
) -> None:
    """Take good rows, list bad ones with line and reason; importing again updates and never doubles."""
    call = call_of(context)
    told = _told(column or [])
    home = assembly.home_at(call.home_path, call.tell)
    store = home.roster()
    content, places, columns = find_columns(read_table(file), told, store.columns())
    reading = read_roster(content, places)
    if not reading.officers:
        first = f" Line {reading.bad[0].line}: {reading.bad[0].reason}." if reading.bad else ""
        raise UsageError(f"{file} holds no officer that can be taken, so the roster stays as it was.{first}")
    before = store.load()
    roster, added, changed = before.merged(reading.officers)
    removed = 0
    if replace:
        # Whom a row that was not taken is about has not left; where it says no number, that may be anybody.
        stay = before.officers.keys() if reading.nameless else reading.doubtful
        kept = {number: one for number, one in before.officers.items() if number in stay}
        roster = Roster({**kept, **{one.number: one for one in reading.officers}})
        removed = len(before.officers.keys() - roster.officers.keys())
    document: dict[str, Any] = {
        "officers": len(roster), "added": added, "changed": changed, "removed": removed,
        "unchanged": len(reading.officers) - added - changed, "refused": len(reading.bad),
        "bad_rows": [{"line": row.line, "reason": row.reason} for row in reading.bad],
    }  # fmt: skip
    counts = {key: value for key, value in document.items() if key != "bad_rows"}
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        store.keep(roster, columns)
        body = {**counts, "file_sha256": content.sha256}
        ledger.append(EntryKind.OFFICERS_IMPORTED, None, body, technician=technician)
        left = sorted(before.officers.keys() - roster.officers.keys())
        document["recalled"] = _call_back_leavers(ledger, left, technician)
        _reinstate_who_came_back(ledger, roster, technician)
    lines = [
        f"{len(roster)} officers are on the roster: {added} added, {changed} changed, {removed} removed, "
        f"{document['unchanged']} as before. {len(reading.bad)} rows were not taken."
    ]
    lines += [f"  line {row.line}: {row.reason}" for row in reading.bad[:SHOWN]]
    if len(reading.bad) > SHOWN:
        lines.append(f"  and {len(reading.bad) - SHOWN} more; --json lists them all.")
    if replace and reading.nameless:
        lines.append(
            f"Nobody was removed: {reading.nameless} rows say no officer number, so who has left cannot be told. Mend "
            "them and import again."
        )
    if document["recalled"]:
        lines.append(f"Left and still hold something: {', '.join(document['recalled'][:SHOWN])}. See “recall”.")
    call.answer(document, "\n".join(lines))


@officers_app.command()
def find(
    context: typer.Context, text: Annotated[str, typer.Argument(help="An officer number, or pieces of a name.")]
) -> None:
    """Find officers, the likeliest first. Exit 1 where there is none."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    found = home.roster().load().find(text)
    if len(found) == 1:
        person_looked_at(call, home, Look.SEARCH, found[0].number)
    rows = [(one.number, one.name, one.rank, one.unit) for one in found]
    heads = ("Officer number", "Name", "Rank", "Unit")
    call.answer([asdict(one) for one in found], table(rows, heads) if rows else "No such officer on the roster.")
    leave(Exit.CLEAR if found else Exit.NOT_CLEAR)


@officers_app.command()
def suspend(context: typer.Context, number: Number, reason: Reason) -> None:
    """Call back all that a suspended officer holds; nothing is handed over to them meanwhile."""
    call = call_of(context)
    officer, why = officer_number(number), _said(reason)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        entry = book_suspension(ledger, officer, why, technician)
        held = len(holdings(ledger, [officer]))
    document = {"officer": officer, "recalled": True, "entry": entry.number, "holds": held}
    call.answer(
        document, f"Officer {officer} is to give back {held} items: “issuing-desk recall {officer}” lists them."
    )


@officers_app.command()
def reinstate(context: typer.Context, number: Number, reason: Reason) -> None:
    """End a suspension: the officer keeps what they hold and may receive again."""
    call = call_of(context)
    officer, why = officer_number(number), _said(reason)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        entry = book_reinstatement(ledger, officer, why, technician)
    call.answer({"officer": officer, "recalled": False, "entry": entry.number}, f"Officer {officer} is reinstated.")


def _call_back_leavers(ledger: Ledger, left: list[str], technician: str) -> list[str]:
    """Book for everybody who left and still holds something that it is to be given back; give their numbers."""
    back = called_back(ledger)
    hold = {one.officer for one in holdings(ledger, left)}
    recalled = [number for number in left if number in hold and number not in back]
    for number in recalled:
        body = Recall(number, Cause.LEFT, "not on the newest roster", "").to_body()
        ledger.append(EntryKind.OFFICER_RECALLED, None, body, technician=technician)
    return recalled


def _reinstate_who_came_back(ledger: Ledger, roster: Roster, technician: str) -> None:
    for number, one in called_back(ledger).items():
        if one.cause is Cause.LEFT and number in roster.officers:
            body = {"officer": number, "reason": "on the newest roster again"}
            ledger.append(EntryKind.OFFICER_REINSTATED, None, dict(body), technician=technician)


def _said(reason: str) -> str:
    said = one_line(reason.strip(), 300)
    if not said:
        raise UsageError("Say why.")
    return said


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
