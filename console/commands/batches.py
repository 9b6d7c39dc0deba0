"""`batch import|list|show`: deliveries, what they should hold, and how far they have come."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console import assembly
from console.call import Exit, call_of, leave, table
from console.duty import acting
from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.manifest import read_manifest
from provisioning.batches.progress import Standing, progress
from provisioning.errors import UsageError
from provisioning.ledger.entry import EntryKind
from provisioning.plain_text import one_line
from provisioning.tables.reading import read_table

batch_app = typer.Typer(help="Batches: deliveries and their manifests.", no_args_is_help=True)
SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(batch_app, name="batch")


@batch_app.command("import")
def import_batch(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The supplier's manifest, CSV or XLSX with a heading.")],
    name: Annotated[str | None, typer.Option(help="Name of the batch; that of the file if left out.")] = None,
) -> None:
    """Keep a manifest; rows that name no handset are listed with line and reason."""
    call = call_of(context)
    content = read_table(file)
    reading = read_manifest(content)
    if not len(reading.manifest):
        first = f" Line {reading.bad[0][0]}: {reading.bad[0][1]}." if reading.bad else ""
        raise UsageError(f"{file} names no handset, so no batch was made.{first}")
    called = name or one_line(file.stem, 60)
    home = assembly.home_at(call.home_path, call.tell)
    counts = {"batch": called, "handsets": len(reading.manifest), "refused": len(reading.bad)}
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        BatchFolder(home.path).keep(called, reading.manifest)
        ledger.append(EntryKind.BATCH_IMPORTED, None, {**counts, "file_sha256": content.sha256}, technician=technician)
    lines = [f"Batch {called}: {len(reading.manifest)} handsets; {len(reading.bad)} rows are wrong."]
    lines += [f"  line {line}: {reason}" for line, reason in reading.bad[:SHOWN]]
    bad = [{"line": line, "reason": reason} for line, reason in reading.bad]
    call.answer({**counts, "bad_rows": bad}, "\n".join(lines))


@batch_app.command("list")
def list_batches(context: typer.Context) -> None:
    """List the batches of this home."""
    call = call_of(context)
    names = BatchFolder(call.home_path).names()
    call.answer(names, "\n".join(names) or "No batch was imported.")


@batch_app.command()
def show(context: typer.Context, name: Annotated[str, typer.Argument(help="Name of the batch.")]) -> None:
    """Say how each handset of a batch stands by the ledger. Exit 3 while any is not ready or out."""
    call = call_of(context)
    manifest = BatchFolder(call.home_path).load(name)
    with assembly.ledger_home(call.home_path, None).read_ledger() as ledger:
        found = progress(manifest, ledger)
    document = {
        "batch": name,
        "counts": {str(one): sum(row.standing is one for row in found) for one in Standing},
        "handsets": [
            {"serial_number": row.expected.serial_number, "imei": row.expected.imei or None,
             "model": row.expected.model or None, "asset_tag": row.expected.asset_tag or None,
             "order": row.expected.order or None, "state": str(row.standing), "since": row.since or None}
            for row in found
        ],
    }  # fmt: skip
    rows = [(row.expected.serial_number, row.expected.model[:30], str(row.standing), row.since[:16]) for row in found]
    call.answer(document, table(rows, ("Serial number", "Model", "State", "Since (UTC)")))
    leave(Exit.CLEAR if all(row.standing.is_done for row in found) else Exit.UNKNOWN)
