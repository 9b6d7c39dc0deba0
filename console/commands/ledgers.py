"""`ledger verify|show|export`: readers of the one record; they work beside a running window and need no unlocking."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from console.assembly import ledger_home
from console.call import Call, Exit, call_of, leave, table
from provisioning.errors import UsageError
from provisioning.files import read_file
from provisioning.ledger.entry import Entry
from provisioning.people.sign_in import NOBODY
from provisioning.plain_text import one_line
from provisioning.privacy.reading import withheld_sentence
from provisioning.signatures import LARGEST_PEM, AnyDeskKey, DeskKeys

_LARGEST_ANSWER = 1 << 22

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
    key: Annotated[
        list[Path] | None,
        typer.Option(help="A desk's public key, the oldest or a later one; else the home's, or those in a shared one."),
    ] = None,
    heads: Annotated[
        Path | None, typer.Option(help="An earlier answer of this command (--json): its heads must still be there.")
    ] = None,
) -> None:
    """Check the whole ledger; exit 4 where anything was changed, removed, inserted or reordered."""
    call = call_of(context)
    if ledger is not None and ledger.startswith("postgresql"):
        _verify_shared(call, ledger, key or [], heads, every_signature=every_signature)
        return
    if key:
        from provisioning.ledger.opening import LEDGER, check_ledger_file

        file = Path(ledger.removeprefix("sqlite:///")) if ledger is not None else call.home_path
        file = file / LEDGER if file.is_dir() else file
        check = check_ledger_file(file, keys_in(key), head, every_signature=every_signature)
    else:
        with ledger_home(call.home_path, ledger).read_ledger() as book:
            check = book.verify(head, every_signature=every_signature)
    document = {"ok": check.ok, "entries": check.entries, "head": check.head, "first_bad": check.first_bad}
    if not check.ok:
        document["reason"] = check.reason
    text = f"The ledger is whole: {check.entries} entries, head {check.head}." if check.ok else str(check.reason)
    call.answer(document, text)
    leave(Exit.CLEAR if check.ok else Exit.IN_DOUBT)


def _verify_shared(
    call: Call, address: str, key_files: list[Path], heads: Path | None, *, every_signature: bool
) -> None:
    from provisioning.ledger.check_shared import check_shared
    from provisioning.ledger.postgres import open_postgres, registered_keys
    from provisioning.ledger.postgres_connection import postgres_url

    url = postgres_url(address)
    keys: Sequence[AnyDeskKey] = key_groups(key_files) or registered_keys(url)
    seen = heads_in(read_file(heads, _LARGEST_ANSWER)) if heads is not None else {}
    store = open_postgres(url, writing=False)
    try:
        check = check_shared(store, keys, seen, every_signature=every_signature)
    finally:
        store.close()
    bad = next((one.first_bad for one in check.desks.values() if not one.ok), None)
    document: dict[str, Any] = {"ok": check.ok, "entries": check.entries, "head": check.head, "first_bad": bad}
    if not check.ok:
        document["reason"] = check.why()
    document["keys"] = "given" if key_files else "registered"
    document["desks"] = {
        desk: {"ok": one.ok, "entries": one.entries, "head": one.head, "first_bad": one.first_bad}
        for desk, one in check.desks.items()
    }
    whole = f"The shared ledger is whole: {check.entries} entries of {len(check.desks)} desks, head {check.head}."
    if not key_files:
        whole += " The keys were those that are registered in it: get them from the desks to trust nobody."
    call.answer(document, whole if check.ok else check.why())
    leave(Exit.CLEAR if check.ok else Exit.IN_DOUBT)


def keys_in(files: Sequence[Path]) -> DeskKeys:
    """Read the public keys of one desk, whichever file has which of them. Raises FileError, UsageError."""
    return DeskKeys(tuple(dict.fromkeys(key for file in files for key in _keys(file).keys)))


def key_groups(files: Sequence[Path]) -> list[DeskKeys]:
    """Read the public keys of desks, a file for each. Raises FileError, UsageError."""
    return [_keys(file) for file in files]


def _keys(file: Path) -> DeskKeys:
    return DeskKeys.from_pem(read_file(file, LARGEST_PEM))


def heads_in(answer: bytes) -> dict[str, str]:
    """Read the heads out of an earlier answer. Raises UsageError where it is none."""
    try:
        desks = json.loads(answer)["desks"]
        return {str(desk): str(one["head"]) for desk, one in desks.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise UsageError("That file is no earlier answer of “ledger verify --json” on a shared ledger.") from e


@ledger_app.command()
def show(
    context: typer.Context,
    serial: Annotated[str | None, typer.Option(help="Entries of one handset.")] = None,
    officer: Annotated[str | None, typer.Option(help="Entries of one officer number.")] = None,
    receipt: Annotated[str | None, typer.Option(help="Entries of one receipt number.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the newest N.")] = None,
    why: Annotated[
        str, typer.Option(help="Why you look at personal details, which is recorded; asks for the home's passphrase.")
    ] = "",
) -> None:
    """Show entries, oldest first; a look at personal details is recorded."""
    from console.viewing import looked_at
    from provisioning.privacy.viewing import Look

    call = call_of(context)
    home = ledger_home(call.home_path, None, asking=bool(why))
    with home.read_ledger() as book:
        found = book.entries(
            serial=serial, officer=officer, receipt=receipt, limit=limit, newest_first=limit is not None
        )
    if limit is not None:
        found.reverse()
    look = Look.RECEIPT if receipt else Look.RECORD if officer or serial else Look.LEDGER
    found = looked_at(
        call, home, look, found, officer=officer or "", receipt=receipt or "", serial=serial or "", why=why
    )
    call.answer([entry_document(entry) for entry in found], _lines(call, found))


@ledger_app.command()
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write; it must not be there yet.")],
    form: Annotated[str, typer.Option("--format", help="jsonl, csv or syslog.")] = "jsonl",
    every_desk: Annotated[
        bool, typer.Option("--every-desk", help="What all desks wrote, in order of arrival.")
    ] = False,
) -> None:
    """Write every entry to a file for other programs, personal details sealed as the chain has them."""
    from provisioning.ledger.export import ExportFormat, export_ledger
    from provisioning.readers.syslog import hosts, message

    if form not in set(ExportFormat):
        raise UsageError(f"“{one_line(form, 20)}” is not a format: choose jsonl, csv or syslog.")
    call = call_of(context)
    home = ledger_home(call.home_path, None)
    host = hosts(home.identity)
    with home.read_ledger() as book:
        count = export_ledger(
            book, ExportFormat(form), file, every_desk=every_desk, line=lambda entry: message(entry, host(entry.desk))
        )
    call.answer({"file": str(file), "entries": count}, f"{count} entries are in {file}.")


def entry_document(entry: Entry) -> dict[str, Any]:
    """Give an entry as the command line shows it."""
    return {
        "number": entry.number, "time": entry.time, "kind": entry.kind, "serial_number": entry.subject,
        "technician": entry.technician, "training": entry.training, "body": dict(entry.body), "hash": entry.hash,
        "withheld": withheld_sentence(entry) or None,
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
