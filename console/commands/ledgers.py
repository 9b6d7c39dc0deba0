"""`ledger verify|show|export`: readers of the one record; they work beside a running window and need no unlocking."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from console.assembly import ledger_home
from console.call import Call, Exit, call_of, leave, table
from provisioning.errors import UsageError
from provisioning.ledger.entry import Entry
from provisioning.people.sign_in import NOBODY
from provisioning.plain_text import one_line

ledger_app = typer.Typer(help="Check and read the ledger.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(ledger_app, name="ledger")


@ledger_app.command()
def verify(
    context: typer.Context,
    ledger: Annotated[str | None, typer.Option(help="Another ledger: sqlite:///path, or a home's directory.")] = None,
    head: Annotated[str | None, typer.Option(help="Hash of an entry that must be in it, e.g. from a receipt.")] = None,
    every_signature: Annotated[bool, typer.Option(help="Check each entry's own signature as well.")] = False,
) -> None:
    """Check the whole ledger; exit 4 where anything was changed, removed, inserted or reordered."""
    call = call_of(context)
    with ledger_home(call.home_path, ledger).read_ledger() as book:
        check = book.verify(head, every_signature=every_signature)
    document = {"ok": check.ok, "entries": check.entries, "head": check.head, "first_bad": check.first_bad}
    if not check.ok:
        document["reason"] = check.reason
    text = f"The ledger is whole: {check.entries} entries, head {check.head}." if check.ok else str(check.reason)
    call.answer(document, text)
    leave(Exit.CLEAR if check.ok else Exit.IN_DOUBT)


@ledger_app.command()
def show(
    context: typer.Context,
    serial: Annotated[str | None, typer.Option(help="Entries of one handset.")] = None,
    officer: Annotated[str | None, typer.Option(help="Entries of one officer number.")] = None,
    receipt: Annotated[str | None, typer.Option(help="Entries of one receipt number.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the newest N.")] = None,
) -> None:
    """Show entries, oldest first."""
    call = call_of(context)
    with ledger_home(call.home_path, None).read_ledger() as book:
        found = book.entries(
            serial=serial, officer=officer, receipt=receipt, limit=limit, newest_first=limit is not None
        )
    if limit is not None:
        found.reverse()
    call.answer([entry_document(entry) for entry in found], _lines(call, found))


@ledger_app.command()
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write; it must not be there yet.")],
    form: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
) -> None:
    """Write every entry to a file for other programs."""
    from provisioning.ledger.export import ExportFormat, export_ledger

    if form not in set(ExportFormat):
        raise UsageError(f"“{one_line(form, 20)}” is not a format: choose jsonl or csv.")
    call = call_of(context)
    with ledger_home(call.home_path, None).read_ledger() as book:
        count = export_ledger(book, ExportFormat(form), file)
    call.answer({"file": str(file), "entries": count}, f"{count} entries are in {file}.")


def entry_document(entry: Entry) -> dict[str, Any]:
    """Give an entry as the command line shows it."""
    return {
        "number": entry.number, "time": entry.time, "kind": entry.kind, "serial_number": entry.subject,
        "technician": entry.technician, "training": entry.training, "body": dict(entry.body), "hash": entry.hash,
    }  # fmt: skip


def _lines(call: Call, entries: list[Entry]) -> str:
    if not entries:
        return "No such entries."
    rows = [
        (str(entry.number), entry.time[:19].replace("T", " "), entry.kind, one_line(entry.subject or "–", 24),
         one_line(entry.technician or NOBODY, 24),
         one_line(str(entry.body.get("receipt") or entry.body.get("verdict") or ""), 24))
        for entry in entries
    ]  # fmt: skip
    return table(rows, ("No.", "Time (UTC)", "Kind", "Handset", "Technician", ""))
