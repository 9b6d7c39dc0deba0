"""`technicians add|list|set-pin|disable`: who works at this desk. A desk without any is its account's, as before."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from console import assembly
from console.call import call_of, table
from console.duty import PIN_VARIABLE, ask_pin, on_duty, sign_in_at
from provisioning.errors import UsageError
from provisioning.people.sign_in import SignedIn
from provisioning.people.technicians import Technician, folded
from provisioning.plain_text import one_line
from ui.sign_in_phrases import sign_in_sentence

NEW_PIN_VARIABLE = "ISSUING_DESK_NEW_PIN"
"""The PIN that a technician is to have, where no person is there to type it."""

technicians_app = typer.Typer(help="Technicians and their PINs.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The technician's name, as it is to stand on receipts.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(technicians_app, name="technicians")


@technicians_app.command()
def add(
    context: typer.Context,
    name: Name,
    account: Annotated[
        str, typer.Option(help="Instead of a PIN: the account of this computer by which they sign in.")
    ] = "",
) -> None:
    """Register a technician, with a PIN (asked for, or ISSUING_DESK_NEW_PIN) or by an account of this computer."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        sign_in = on_duty(call, home, ledger)
        sign_in.acting()  # whether it may be done shows before anybody thinks of a PIN
        pin = None if account else ask_pin(name, what="New PIN", variable=NEW_PIN_VARIABLE, twice=True)
        made = sign_in.register(name, pin=pin, account=one_line(account, 60))
    how = f"by the account {made.account}" if made.account else "with name and PIN"
    call.answer(_document(made), f"{made.name} works at this desk and signs in {how}.")


@technicians_app.command("list")
def list_technicians(context: typer.Context) -> None:
    """List the technicians of this desk."""
    call = call_of(context)
    home = assembly.ledger_home(call.home_path, None)
    with home.read_ledger() as ledger:
        found = sign_in_at(home, ledger).technicians()
    rows = [(one.name, _way(one), "disabled" if one.disabled else "works here") for one in found]
    call.answer(
        [_document(one) for one in found],
        table(rows, ("Technician", "Signs in", "State")) if rows else "This desk has no technicians.",
    )


@technicians_app.command("set-pin")
def set_pin(
    context: typer.Context,
    name: Name,
    reset: Annotated[str, typer.Option(help="A forgotten PIN: why; another technician has to sign in.")] = "",
    recover: Annotated[str, typer.Option(help="Nobody can sign in any more: why. Booked as this account's deed.")] = "",
) -> None:
    """Change a PIN: by its technician who knows the old one, or anew. The new one: asked, or ISSUING_DESK_NEW_PIN."""
    call = call_of(context)
    if reset and recover:
        raise UsageError("--reset is done by another technician and --recover by the account: choose one.")
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        if reset or recover:
            sign_in = on_duty(call, home, ledger) if reset else sign_in_at(home, ledger)
            new = ask_pin(name, what="New PIN", variable=NEW_PIN_VARIABLE, twice=True)
            sign_in.reset_pin(name, new, one_line(reset or recover, 200), by_account=bool(recover))
        else:
            sign_in = sign_in_at(home, ledger)
            old = ask_pin(name, what="Present PIN", variable=PIN_VARIABLE)
            new = ask_pin(name, what="New PIN", variable=NEW_PIN_VARIABLE, twice=True)
            outcome = sign_in.change_pin(name, old, new)
            if not isinstance(outcome, SignedIn):
                raise UsageError(sign_in_sentence(outcome))
        found = next(one for one in sign_in.technicians() if folded(one.name) == folded(name))
    call.answer(_document(found), f"{found.name} has a new PIN.")


@technicians_app.command()
def disable(
    context: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Keep a technician from signing in ever again; what they did stays theirs on the record."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        gone = on_duty(call, home, ledger).disable(name, one_line(reason.strip(), 200))
    call.answer(_document(gone), f"{gone.name} no longer works at this desk.")


def _way(one: Technician) -> str:
    return f"account {one.account}" if one.account else "PIN" if one.has_pin else "has no PIN yet"


def _document(one: Technician) -> dict[str, Any]:
    return {"name": one.name, "account": one.account or None, "has_pin": one.has_pin, "disabled": one.disabled}
