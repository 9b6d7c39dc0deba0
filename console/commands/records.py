"""`records prune`: the raw inventories whose time is over, told beforehand or removed and booked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from console import assembly
from console.call import call_of, table
from console.duty import on_duty
from console.settings import load_settings
from provisioning.plain_text import one_line

records_app = typer.Typer(help="Verification records and what was read for them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(records_app, name="records")


@records_app.command()
def prune(
    context: typer.Context,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Instead of keep_inventories in desk.toml.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
) -> None:
    """Remove what was read of handsets after the retention period; the signed records stay. Happens at start too."""
    from provisioning.privacy.inventories import due_inventories, remove_inventories, rule

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    kept = load_settings(home.settings_file).keep_inventories if days is None else days
    now, records = datetime.now(UTC), home.records()
    with home.open_ledger() as ledger:
        if dry_run:
            found = tuple(due_inventories(ledger, records, kept, now))
        else:
            found = remove_inventories(ledger, records, kept, now, on_duty(call, home, ledger).acting)
    document: dict[str, Any] = {
        "rule": rule(kept),
        "removed": not dry_run,
        "inventories": [{"record": one.record, "serial_number": one.serial_number, "read": one.read} for one in found],
    }
    done = "would be removed" if dry_run else "removed"
    said = f"{rule(kept)} Inventories {done}: {len(found)}."
    rows = [(one_line(one.serial_number, 40), one.read, one.record[:16]) for one in found]
    call.answer(document, f"{said}\n{table(rows, ('Handset', 'Read', 'Record'))}" if rows else said)
