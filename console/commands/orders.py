"""`orders import|list|assign`: which handset or model is for which officer or team, who waits, and what is theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave, table
from console.duty import acting
from console.order_reading import keep_orders, read_order_file, standings_of
from provisioning.batches.assignment import OrderStanding
from provisioning.batches.order_book import OrderFolder
from provisioning.plain_text import one_line

orders_app = typer.Typer(help="Orders: who is to get which handset, or one of which model.", no_args_is_help=True)
SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(orders_app, name="orders")


@orders_app.command("import")
def import_orders(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: officer number or team, serial number or model.")],
    name: Annotated[str | None, typer.Option(help="Name of the list; that of the file if left out.")] = None,
) -> None:
    """Keep a list of orders, in place of an older one of its name; rows that order nothing are listed."""
    call = call_of(context)
    source = name or one_line(file.stem, 60)
    found = read_order_file(file, source)
    home = assembly.home_at(call.home_path, call.tell)
    counts = found.counts(source)
    with home.open_ledger() as ledger:
        keep_orders(home, ledger, found, source, acting(call, home, ledger))
    bad_rows = found.reading.bad
    said = f"{counts['orders']} for {counts['handsets']} handsets; {counts['refused']} rows are wrong."
    lines = [f"Orders {source}: {said}", *(f"  line {line}: {reason}" for line, reason in bad_rows[:SHOWN])]
    bad = [{"line": line, "reason": reason} for line, reason in bad_rows]
    call.answer({**counts, "bad_rows": bad}, "\n".join(lines))


@orders_app.command("list")
def list_orders(
    context: typer.Context,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those for which something is still to be given.")
    ] = False,
) -> None:
    """Say of every order what was given and what is still waited for. Exit 3 while anybody waits."""
    call = call_of(context)
    found = [one for one in _standings(call) if one.waiting or not waiting]
    rows = [
        (one.order.reference or "–", one.order.whom, one.order.what, f"{len(one.given)} of {one.order.quantity}",
         ", ".join(given.serial_number for given in one.given[:3]))
        for one in found
    ]  # fmt: skip
    text = (
        table(rows, ("Order", "For", "What", "Given", "Which"))
        if rows
        else "Nobody waits."
        if waiting
        else "No orders."
    )
    call.answer([_document(one) for one in found], text)
    leave(Exit.UNKNOWN if any(one.waiting for one in found) else Exit.CLEAR)


@orders_app.command("assign")
def assign_orders(context: typer.Context) -> None:
    """Say which ready handset is for whom next, and what is in the way. Exit 3 where something is."""
    call = call_of(context)
    found = [one for one in _standings(call) if one.waiting or one.conflicts]
    lines = [
        f"{serial}: for {one.order.whom}"
        + (f", order {one_line(one.order.reference, 40)}" if one.order.reference else "")
        for one in found
        for serial in one.assigned
    ]
    lines += [f"▲ {conflict}" for one in found for conflict in one.conflicts]
    call.answer([_document(one) for one in found], "\n".join(lines) or "Nobody waits.")
    leave(Exit.UNKNOWN if any(one.conflicts for one in found) else Exit.CLEAR)


def _standings(call: Call) -> list[OrderStanding]:
    if not OrderFolder(call.home_path).all():
        return []
    home = assembly.ledger_home(call.home_path, None)
    with home.read_ledger() as ledger:
        return standings_of(home, ledger)


def _document(one: OrderStanding) -> dict[str, Any]:
    order = one.order
    return {
        "list": order.source, "line": order.line, "order": order.reference or None, "officer": order.officer or None,
        "team": order.team or None, "serial_number": order.serial_number or None, "model": order.model or None,
        "quantity": order.quantity, "waiting": one.waiting,
        "given": [{"serial_number": given.serial_number, "officer": given.officer, "receipt": given.receipt}
                  for given in one.given],
        "assigned": list(one.assigned), "conflicts": list(one.conflicts),
    }  # fmt: skip
