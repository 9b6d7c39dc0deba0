"""`seal`: close a handset that is ready or handed over, so that no computer reaches it any more."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave
from console.sealing import policy_for, seal_session
from console.verdicts import absent_verdict, lines_of, verdict_of, worst
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(seal)


def seal(
    context: typer.Context,
    serials: Annotated[list[str], typer.Argument(help="Serial numbers of attached handsets.")],
    officer: Annotated[
        str | None, typer.Option(help="Whose permits count; whoever holds it by the ledger, if left out.")
    ] = None,
) -> None:
    """Verify afresh, then close debugging for good (Android). Nothing can be read over the cable afterwards.

    Exit 0 only if every handset is sealed, or needs no seal; 1 or 3 where its verification is not clear, 3 where it
    is not known to be sealed.
    """
    call = call_of(context)
    number = officer_number(officer) if officer is not None else None
    documents = asyncio.run(_seal(call, list(dict.fromkeys(serials)), number))
    call.answer(documents, "\n".join(f"{lines_of(one)}\n           {one['seal']}" for one in documents))
    leave(max(worst(documents), *(Exit.CLEAR if one["sealed"] is not False else Exit.UNKNOWN for one in documents)))


async def _seal(call: Call, serials: list[str], officer: str | None) -> list[dict[str, Any]]:
    home = assembly.home_at(call.home_path, call.tell)
    async with assembly.engine(home, "seal", call=call) as engine:
        engine.sign_in.acting()
        await engine.desk.settle()
        for sentence_ in engine.desk.lost.values():
            call.tell(sentence_)
        return list(await asyncio.gather(*(_seal_one(engine, serial, officer) for serial in serials)))


async def _seal_one(engine: assembly.Engine, serial: str, officer: str | None) -> dict[str, Any]:
    effective = await asyncio.to_thread(policy_for, engine, serial, officer)
    session = engine.desk.find(serial)
    if session is None:
        why = "It is not attached, or does not say its serial number before it trusts this desk."
        document = absent_verdict(one_line(serial, 40), why, effective, engine.catalogue.reference)
        return document | {"sealed": False, "seal": f"Not sealed: {why}"}
    status, sealed, said = await seal_session(engine, session, effective)
    document = verdict_of(status, effective, engine.catalogue.reference, stages=True)
    return document | {"sealed": sealed, "seal": said}
