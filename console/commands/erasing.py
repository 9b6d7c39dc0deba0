"""`erase`: take a used iPhone back to its Hello screen, after a person has said so for that very handset."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave
from console.commands.arrival import ABSENT, lead_named
from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.stages.erase import Erased
from provisioning.status import Errand, SessionStatus
from provisioning.walk import ERASE
from ui.phrases import headline, name_of, sentence

Confirmed = Annotated[
    list[str] | None, typer.Option("--confirm", help="The serial number once more, for each handset to be erased.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(erase)


def erase(
    context: typer.Context,
    serials: Annotated[list[str], typer.Argument(help="Serial numbers or UDIDs of the handsets to be erased.")],
    confirm: Confirmed = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for a person and for its return.")] = 300.0,
) -> None:
    """Erase handsets, keeping their data plans, and see them back at the Hello screen. Exit 3 where one is not."""
    call = call_of(context)
    confirmed(serials, confirm)
    documents = asyncio.run(_erase(call, list(dict.fromkeys(serials)), wait))
    call.answer(documents, "\n".join(document["sentence"] for document in documents))
    leave(Exit.CLEAR if all(document["erased"] for document in documents) else Exit.UNKNOWN)


def confirmed(serials: Sequence[str], confirm: Sequence[str] | None) -> None:
    """Make sure that a person means these handsets: each is named twice. Raises UsageError."""
    if not serials:
        raise UsageError("Name each handset that is to be erased by its serial number.")
    missing = [serial for serial in dict.fromkeys(serials) if serial not in (confirm or ())]
    for serial in missing:
        shown = one_line(serial, 40)
        if sys.stdin is None or not sys.stdin.isatty():
            raise UsageError(f"Erasing takes everything off {shown}. If that is meant, add --confirm {shown}.")
        typed = typer.prompt(f"Erasing takes everything off {shown}. Type its serial number to go on", err=True)
        if typed.strip() != serial:
            raise UsageError(f"Nothing was erased: {one_line(typed, 40)} is not {shown}.")


async def _erase(call: Call, serials: list[str], wait: float) -> list[dict[str, Any]]:
    home = assembly.home_at(call.home_path, call.tell)
    async with assembly.engine(home, "erase", call=call) as engine:
        engine.sign_in.acting()
        effective = await asyncio.to_thread(engine.counter.effective, engine.settings.policy, None)
        await engine.desk.settle()
        told = await lead_named(engine.desk, dict.fromkeys(serials, Errand(ERASE, effective, wait)))
    return [_document(serial, told.get(serial)) for serial in serials]


def _document(serial: str, status: SessionStatus | None) -> dict[str, Any]:
    if status is None:
        why = f"{one_line(serial, 40)} was not erased. {ABSENT}"
        return {"serial_number": serial, "erased": False, "sentence": why, "stages": []}
    who = name_of(status)
    return {
        "serial_number": status.serial_number or serial,
        "erased": bool(status.stages) and isinstance(status.stages[-1].outcome, Erased),
        "sentence": headline(status),
        "stages": [
            {
                "name": str(one.name),
                "outcome": type(one.outcome).__name__,
                "sentence": sentence(one.outcome, who),
                "seconds": round(one.seconds, 3),
            }
            for one in status.stages
        ],
    }
