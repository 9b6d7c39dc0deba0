"""`return`: the way back, by commands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import call_of
from console.commands.pictures import signature_picture
from console.duty import acting
from provisioning.errors import UsageError
from provisioning.files import write_copy, write_file
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.receipts.receipt import SAFE, Declined, OfficerSignature, ReturnReason, Signed

NOT_SIGNED = "not signed at the desk"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("return")(take_back)


def take_back(
    context: typer.Context,
    serial: Annotated[str, typer.Argument(help="Serial number of the handset.")],
    officer: Annotated[str, typer.Option(help="Officer number of whoever gives it back or reports it.")],
    reason: Annotated[str, typer.Option(help="returned, exchange, lost, stolen or damaged.")],
    *,
    signature: Annotated[Path | None, typer.Option(help="The officer's signature, PNG or SVG.")] = None,
    countersignature: Annotated[Path | None, typer.Option(help="The technician's signature, PNG or SVG.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the receipt here as well.")] = None,
) -> None:
    """Book that a handset came back, or what became of it, and make the receipt."""
    from provisioning.paper import file_name, receipt_pdf
    from provisioning.receipts.declaration import load_declaration
    from provisioning.returns import MISSING, RETURN, ReturnOrder
    from provisioning.returns import take_back as book

    call = call_of(context)
    if reason not in set(ReturnReason):
        raise UsageError(f"“{one_line(reason, 20)}” is no reason: choose {', '.join(ReturnReason)}.")
    why = ReturnReason(reason)
    signed: OfficerSignature = Signed(signature_picture(signature)) if signature else Declined(NOT_SIGNED)
    # Who signed nothing declared nothing; and what is lost is not given back.
    declared = load_declaration(RETURN).declared() if signature and why not in MISSING else None
    home = assembly.home_at(call.home_path, call.tell)
    # Somebody who has left is off the roster and still gives a handset back.
    giver = home.roster().load().officer(officer_number(officer), reason="gives back")
    order = ReturnOrder(
        replace(giver, roster_reason=""),
        why,
        signed,
        declared,
        signature_picture(countersignature) if countersignature else None,
    )
    with home.open_ledger() as ledger:
        done = book(home, ledger, one_line(serial, 40), order, acting(call, home, ledger))
    document = receipt_pdf(home, done.receipt)
    kept = home.receipts_folder / file_name(done.receipt)
    write_file(kept, document)
    if pdf is not None:
        write_copy(pdf, document, SAFE)
    answer: dict[str, Any] = {
        "returned": True, "serial_number": done.receipt.items[0].identifier, "reason": reason,
        "receipt": done.receipt.number, "entry": done.entry.number, "officer": done.receipt.officer.number,
        "next": done.next_state, "remarks": list(done.remarks), "pdf": str(pdf or kept),
        "training": done.receipt.training,
    }  # fmt: skip
    lines = [f"Receipt {done.receipt.number}: {reason}, ledger entry {done.entry.number}. Next: {done.next_state}."]
    call.answer(answer, "\n".join([*lines, *done.remarks, f"The receipt is in {pdf or kept}."]))
