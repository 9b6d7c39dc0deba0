"""`privacy looks|pack`: who looked at what is held of an officer, and all that is held, for themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Exit, call_of, leave, table
from console.commands.privacy import privacy_app
from provisioning.errors import UsageError
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line


def register(app: typer.Typer) -> None:
    """Stand in the program's list; the commands are on ``privacy`` already."""
    del app


@privacy_app.command()
def looks(
    context: typer.Context,
    officer: Annotated[str, typer.Option(help="Whose details were looked at.")],
    why: Annotated[str, typer.Option(help="Why you ask.")] = "",
) -> None:
    """Say who looked at what is held of an officer. Asking is recorded as well."""
    from console.viewing import looker
    from provisioning.privacy.viewing import Look, looks_at, note_look

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    number = officer_number(officer)
    with home.open_ledger() as ledger:
        own = ledger.entries(officer=number)
        found = looks_at(ledger, number, {one.receipt for one in own if one.receipt}, set())
        note_look(ledger, Look.SEARCH, looker(call, home, ledger), officer=number, why=why)
    document = [
        {
            "entry": one.number, "desk": one.desk, "time": one.time, "technician": one.technician,
            "look": one.body.get("look"), "receipt": one.body.get("of_receipt"), "why": one.body.get("why"),
        }
        for one in found
    ]  # fmt: skip
    rows = [
        (str(one.number), one.time[:16].replace("T", " "), one_line(one.technician or "–", 40),
         one_line(f"{one.body.get('look')} {one.body.get('of_receipt') or ''}".strip(), 40),
         one_line(str(one.body.get("why") or ""), 60))
        for one in found
    ]  # fmt: skip
    heads = ("Entry", "Time (UTC)", "Who", "What", "Why")
    call.answer(document, table(rows, heads) if rows else f"Nobody looked at officer {number}.")


@privacy_app.command()
def pack(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write it, a .zip.")],
    officer: Annotated[str, typer.Option(help="Whose pack: the officer number.")],
    why: Annotated[str, typer.Option(help="What for: the reference of the request.")],
    named: Annotated[bool, typer.Option("--names", help="Leave people who acted for the force in it by name.")] = False,
    everything: Annotated[bool, typer.Option("--everything", help="With legal holds, and why people looked.")] = False,
) -> None:
    """Make a subject-access pack: all that is held about one officer, nothing of others; recorded in the ledger."""
    from console.viewing import looker
    from provisioning.files import write_copy
    from provisioning.privacy.pack import make_pack

    call = call_of(context)
    if file.suffix.casefold() != ".zip":
        raise UsageError("A pack is written as .zip: let the file's name end so.")
    home = assembly.home_at(call.home_path, call.tell)
    number = officer_number(officer)
    with home.open_ledger() as ledger:
        made = make_pack(home, ledger, number, looker(call, home, ledger), why, named=named, everything=everything)
    write_copy(file, made.data, "That a pack was made is in the ledger.")
    document: dict[str, Any] = {
        "officer": number, "file": str(file), "entries": len(made.about.entries), "receipts": list(made.about.receipts),
        "erased": len(made.about.erased), "not_opened": made.about.sealed, "typed_texts": made.about.typed,
        "manifest_sha256": made.manifest_sha256, "files": list(made.files),
    }  # fmt: skip
    said = f"The pack of officer {number} is in {file}: {len(made.about.entries)} entries, "
    said += f"{len(made.about.receipts)} receipts. Keep it safe: it is about a person."
    if made.about.typed:
        said += f" {made.about.typed} texts in somebody's own words are in it: read them before you hand it out."
    if made.about.sealed:
        said += f" {made.about.sealed} entries could not be opened here: ask the desk that wrote them."
    call.answer(document, said)
    leave(Exit.UNKNOWN if made.about.sealed else Exit.CLEAR)
