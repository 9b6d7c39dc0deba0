"""Scenes of the way back."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize
from rehearsal import (
    six,
)
from rehearsed_returns import called_back, one_handset
from rehearsed_returns import many as many_out
from stage import Stage

from ui.rail import Place
from ui.return_asking import ReasonSheet
from ui.return_place import ReturnPlace
from ui.return_recalls import RecallSheet


async def returns_start(stage: Stage) -> None:
    """Nothing has been scanned yet."""
    stage.open(*six()).go_to(Place.RETURNS)


async def returns_handset(stage: Stage) -> None:
    """A receipt was scanned whose handset hangs on a cable."""
    await to_items(stage)


async def returns_many(stage: Stage) -> None:
    """Forty handsets, of which one is back and one was reported stolen; an officer who is to give all back."""
    stage.desk.way_back.put(replace(many_out(40), recalled=True))
    window = stage.open(*six())
    await stage.settle()
    window.go_to(Place.RETURNS)
    stage.scan("D4-000018")
    await stage.settle()
    window.returns.back_page.items.tick(window.returns.back_page.items.rows[2])


async def returns_proxy(stage: Stage) -> None:
    """Somebody else brings it, damaged."""
    place = await to_items(stage)
    stage.scan("240001")
    await stage.settle()
    place.back_page.authority.setText("Insp. Shah, by e-mail of 26 November")
    place.back_page.reason.setCurrentIndex(4)


async def returns_held(stage: Stage) -> None:
    """A handset that is kept as evidence, and never issued here."""
    case = one_handset(six()[0].key, held="2026-10-02")
    stage.desk.way_back.put(replace(case, items=case.items[:1]))
    window = stage.open(*six())
    await stage.settle()
    window.go_to(Place.RETURNS)
    stage.scan(six()[0].key)


async def returns_declaration(stage: Stage) -> None:
    """The officer reads, in Welsh."""
    place = await to_items(stage)
    place.go_on.click()
    await stage.settle()
    place.other_language()


async def returns_signature(stage: Stage) -> None:
    """What is stolen is signed for without a declaration."""
    place = await to_items(stage)
    place.back_page.reason.setCurrentIndex(3)
    place.go_on.click()


async def returns_receipt(stage: Stage) -> None:
    """Taken back."""
    await returns_signature(stage)
    assert stage.window is not None
    place = stage.window.returns
    place.signing.sign_on_paper()
    place.go_on.click()


async def recalls(stage: Stage) -> None:
    """Who is to give everything back."""
    stage.desk.way_back.recalled = called_back()
    stage.subject = RecallSheet(stage.theme, stage.desk.way_back, stage.desk.paper, stage.errors.append)
    stage.subject.resize(stage.subject.size().boundedTo(stage.size - QSize(40, 40)))
    stage.subject.show()


async def suspend_question(stage: Stage) -> None:
    """The question before a suspension."""
    text = "All that they hold is to be given back, and nothing is handed over to them until they are reinstated."
    stage.subject = ReasonSheet(stage.theme, "Suspend officer 231187?", text, yes="Suspend", reference="Reference")
    stage.subject.show()


async def to_items(stage: Stage) -> ReturnPlace:
    """Scan a receipt of one handset that hangs on a cable."""
    went_with_it = ("USB-C cable", "Case", "Charger")
    stage.desk.way_back.put(one_handset(six()[0].key, accessories=went_with_it))
    window = stage.open(*six())
    await stage.settle()
    window.go_to(Place.RETURNS)
    stage.scan("D4-000017")
    await stage.settle()
    return window.returns
