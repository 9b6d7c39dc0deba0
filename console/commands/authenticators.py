"""`officers authenticator`: enrol the authenticator whose one-time code confirms a typed name."""

from __future__ import annotations

import io
from typing import Annotated

import typer

from console import assembly
from console.call import call_of
from console.commands.officers import officers_app
from console.duty import acting
from provisioning.ledger.entry import EntryKind
from provisioning.people.officers import officer_number


def register(app: typer.Typer) -> None:
    """Add the command to those for officers, which are in the program already."""
    del app
    officers_app.command("authenticator")(enrol)


def enrol(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Officer number; the officer scans the code with an authenticator.")],
) -> None:
    """Make an officer's authenticator anew and show its secret once, as a QR code for the officer's own app."""
    import segno

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    officer = home.roster().load().officer(officer_number(number), reason="authenticator")
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        address = home.authenticators().enrol(officer.number)
        ledger.append(EntryKind.AUTHENTICATOR_ENROLLED, None, {"officer": officer.number}, technician=technician)
    drawn = io.StringIO()
    segno.make(address, micro=False).terminal(drawn, compact=True)
    text = (
        f"Officer {officer.number} scans this with an authenticator app now; it is not shown again. From then on a "
        f"name may be typed instead of signed, with its one-time code.\n{drawn.getvalue()}"
    )
    call.answer({"officer": officer.number, "otpauth": address}, text)
