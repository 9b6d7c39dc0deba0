"""Scenes at the counter, and of signing in."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from rehearsal import (
    burdened,
    identity,
    not_clear,
    seen,
    six,
    unplugged,
)
from stage import Stage, modal, sign

from provisioning.verification.judgement import Verdict
from ui.actions import BrokenOff
from ui.agreement import Entitlement
from ui.counter_place import CounterPlace
from ui.sign_in import SignInSheet


async def counter_who(stage: Stage) -> None:
    """Nobody stands there yet."""
    stage.counter(*six())


async def counter_misread(stage: Stage) -> None:
    """A scan that was misread."""
    stage.counter(*six())
    await stage.settle()
    stage.scan("356938035643808")


async def counter_stranger(stage: Stage) -> None:
    """A number that is not on the roster."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("999999")


async def counter_found(stage: Stage) -> None:
    """Officers found by a part of the name."""
    place = stage.counter(*six())
    await stage.settle()
    place.who.number.setText("r")
    place.go_on.click()


async def counter_what(stage: Stage) -> None:
    """An officer stands there and gets nothing yet."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("231187")


async def counter_nothing_ready(stage: Stage) -> None:
    """No handset is ready."""
    place = stage.counter(burdened(0), not_clear(1))
    await stage.settle()
    await place.take_officer("231188")


async def counter_checking(stage: Stage) -> None:
    """The officer reads while the handset is verified."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("231187")
    stage.desk.held = asyncio.Event()
    place.take_handset(six()[0])


async def counter_declaration(stage: Stage) -> None:
    """The gate is open, three clauses are ticked."""
    place = await to_declaration(stage)
    for tick in place.declaration.ticks[:3]:
        tick.setChecked(True)
    place.declaration.take_focus()


async def counter_refused(stage: Stage) -> None:
    """The fresh verification has found something."""
    stage.desk.verdict = Verdict.NOT_CLEAR
    await to_declaration(stage)


async def counter_unknown(stage: Stage) -> None:
    """The fresh verification could not read everything."""
    stage.desk.verdict = Verdict.UNKNOWN
    await to_declaration(stage)


async def counter_other_card(stage: Stage) -> None:
    """Another officer's card in the middle of a handover."""
    await to_declaration(stage)
    stage.scan("231188")


async def counter_signed(stage: Stage) -> None:
    """Signed, ready to be committed, with things that go along."""
    place = await to_declaration(stage)
    place.what.others.setText("Lanyard")
    stage.scan("8944110065012345675")
    await stage.settle()
    for tick in place.declaration.ticks:
        tick.setChecked(True)
    await stage.settle()
    sign(place)
    sign(place, place.signing.desk_pad)


async def counter_declined(stage: Stage) -> None:
    """The officer does not sign."""
    place = await to_declaration(stage)
    place.go_on.click()
    place.signing.reason.setText("Disagrees with the second statement")


async def counter_proxy(stage: Stage) -> None:
    """Somebody else collects, and nobody has said on what authority."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("231187")
    place.what.others.setText("Dock: DK-17, battery")
    place.what.proxy.setText("231188")
    place.take_handset(six()[0])
    await stage.settle(0.25)
    place.go_back()


async def counter_typed(stage: Stage) -> None:
    """The officer types the name, with a one-time code."""
    place = await to_declaration(stage)
    for tick in place.declaration.ticks:
        tick.setChecked(True)
    await stage.settle()
    place.signing.types.click()
    place.signing.name.setText("Siân O’Neill-Fitzgerald")
    place.signing.take_focus()


async def counter_welsh(stage: Stage) -> None:
    """The declaration of a handset and of a SIM card in Welsh."""
    place = await to_declaration(stage)
    stage.scan("8944110065012345675")
    await stage.settle()
    place.other_language()


async def counter_ordered(stage: Stage) -> None:
    """The orders mean it for somebody else."""
    said = f"{six()[0].key} is ordered for officer 240001 (order 2026-117). Say why it goes to 231187 all the same."
    stage.desk.orders[six()[0].key] = Entitlement(said, otherwise=True)
    place = await to_declaration(stage)
    for tick in place.declaration.ticks:
        tick.setChecked(True)


async def counter_unplugged(stage: Stage) -> None:
    """The cable is pulled while the officer signs."""
    await counter_signed(stage)
    stage.desk.show(unplugged(0))


async def sign_in(stage: Stage) -> None:
    """Nobody is signed in; what is plugged in is shown, and nothing begins."""
    stage.desk.pins = {"A. Khan": "480617", "B. Jones": "917302"}
    window = stage.open(*(replace(seen(number), identity=identity(number)) for number in range(6)))
    window.duty.begin()
    await stage.settle()
    window.resize(stage.size)


async def sign_in_sheet(stage: Stage) -> None:
    """The sheet after a pause, and a wrong PIN."""
    stage.desk.pins = {"A. Khan": "480617", "B. Jones": "917302"}
    stage.desk.technician = "A. Khan"
    window = stage.open(*six())
    window.duty.begin()
    await stage.settle()
    window.duty.lock()
    await stage.settle()
    sheet = modal()
    assert isinstance(sheet, SignInSheet)
    sheet.pin.setText("111111")
    sheet.go.click()
    await stage.settle()
    stage.subject = sheet


async def interrupted(stage: Stage) -> None:
    """What was between signature and receipt when the desk ended last: one holds, one never happened."""
    what = "The handover of F2LXG30000 to officer 231187 was interrupted"
    stage.desk.interrupted = (
        BrokenOff(f"{what} after it was written down: it holds, by receipt D4-000041.", "D4-000041"),
        BrokenOff(f"{what} before it was written down: it never happened. Do it again."),
    )
    window = stage.open(*six())
    window.begin()


async def counter_receipt(stage: Stage) -> None:
    """Handed over."""
    await counter_signed(stage)
    assert stage.window is not None
    stage.window.counter.go_on.click()


async def to_declaration(stage: Stage) -> CounterPlace:
    """Go as far as the declaration, with one handset whose verification has come to its end."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("231187")
    place.take_handset(six()[0])
    await stage.settle(0.25)
    return place
