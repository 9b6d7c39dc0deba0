"""`seal`: close a handset that is ready or handed over, so that no computer reaches it any more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave
from console.verdicts import absent_verdict, lines_of, verdict_of, worst
from provisioning.ledger.entry import EntryKind
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.stages import seal as stage
from provisioning.status import Errand, SessionStatus
from provisioning.walk import SEALING, StageName
from ui.phrases import name_of, sentence

if TYPE_CHECKING:
    from provisioning.policy.effective import EffectivePolicy
    from provisioning.session import Session

PATIENCE = 15.0
"""Seconds to wait for a person (an unlock, a replug), each time."""


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


async def seal_session(
    engine: assembly.Engine, session: Session, effective: EffectivePolicy
) -> tuple[SessionStatus, bool | None, str]:
    """Lead a handset through its seal; None where it needs none. The text is the sentence for it."""
    await engine.desk.stop(session)
    status = await engine.desk.begin(session, Errand(SEALING, effective, PATIENCE))
    outcome = next((one.outcome for one in status.stages if one.name is StageName.SEAL), None)
    match outcome:
        case stage.Sealed():
            return status, True, sentence(outcome, name_of(status))
        case stage.NothingToSeal():
            return status, None, sentence(outcome, name_of(status))
        case None:
            return status, False, "Not sealed: it was not found clear, and only what is clear is sealed."
        case _:
            return status, False, sentence(outcome, name_of(status))


async def _seal(call: Call, serials: list[str], officer: str | None) -> list[dict[str, Any]]:
    home = assembly.home_at(call.home_path, call.tell)
    async with assembly.engine(home, "seal", call=call) as engine:
        engine.sign_in.acting()
        await engine.desk.settle()
        for sentence_ in engine.desk.lost.values():
            call.tell(sentence_)
        return list(await asyncio.gather(*(_seal_one(engine, serial, officer) for serial in serials)))


async def _seal_one(engine: assembly.Engine, serial: str, officer: str | None) -> dict[str, Any]:
    policy = await asyncio.to_thread(engine.counter.policy_of, serial, engine.settings.policy)
    holder = officer if officer is not None else await asyncio.to_thread(_holder, engine, serial)
    effective = await asyncio.to_thread(engine.counter.effective, policy, holder)
    session = engine.desk.find(serial)
    if session is None:
        why = "It is not attached, or does not say its serial number before it trusts this desk."
        document = absent_verdict(one_line(serial, 40), why, effective, engine.catalogue.reference)
        return document | {"sealed": False, "seal": f"Not sealed: {why}"}
    status, sealed, said = await seal_session(engine, session, effective)
    document = verdict_of(status, effective, engine.catalogue.reference, stages=True)
    return document | {"sealed": sealed, "seal": said}


def _holder(engine: assembly.Engine, serial: str) -> str | None:
    """Give the officer who holds a handset by the ledger; None where it is on the shelf."""
    hands = (EntryKind.HANDED_OVER, EntryKind.RETURNED)
    for entry in engine.ledger.entries(serial=serial, kind=hands, newest_first=True, limit=1):
        return entry.officer if entry.kind == EntryKind.HANDED_OVER else None
    return None
