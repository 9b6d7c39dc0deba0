"""The place of the batches: what is shown, filtered, matched and closed; nothing is closed without a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from patience import until
from scenes import Stage
from shiboken6 import isValid

from provisioning.batches.standing import Standing
from ui.batch_close import CloseInSpite
from ui.batch_place import BatchPlace
from ui.batch_table import COLUMNS, STANDING_SIGN
from ui.rail import Place
from ui.theme import Theme


@pytest.fixture
def stage(theme: Theme) -> Stage:
    return Stage(theme)


async def shown(stage: Stage) -> BatchPlace:
    window = stage.open()
    window.go_to(Place.BATCH)
    place = window.batch
    await until(lambda: place.view.model().rowCount() > 0)
    return place


def test_every_standing_has_its_sign_and_no_two_the_same() -> None:
    assert set(STANDING_SIGN) == set(Standing)
    assert len({sign.word for sign in STANDING_SIGN.values()}) == len(Standing)
    done = {one for one in Standing if STANDING_SIGN[one].tone == "ready"}
    assert done == {one for one in Standing if one.is_done}, "nothing else looks done"


async def test_the_batch_that_the_desk_works_on_comes_first_and_is_sifted(stage: Stage) -> None:
    place = await shown(stage)
    assert place.chosen == "June delivery"
    model = place.view.model()
    assert model.rowCount() == 40
    next(chip for chip in place.chips if chip.text().startswith("Not clear")).click()
    states = {model.index(row, COLUMNS.index("State")).data() for row in range(model.rowCount())}
    assert states == {"Not clear"}
    place.search.setText("nothing has this")
    assert model.rowCount() == 0
    place.search.clear()
    place.view.selectRow(0)
    assert "TikTok is denied" in place.detail.text()
    stage.close()


async def test_another_batch_is_shown_when_it_is_chosen_and_a_closed_one_cannot_be_closed(stage: Stage) -> None:
    place = await shown(stage)
    assert place.close_button.isEnabled()
    place.choose("May delivery")
    await until(lambda: not place.close_button.isEnabled())
    assert not place.open_button.isEnabled()
    stage.close()


async def test_a_batch_that_differs_is_closed_only_with_a_reason(stage: Stage) -> None:
    place = await shown(stage)
    place.close_button.click()
    await until(lambda: bool(place.findChildren(CloseInSpite)))
    question = place.findChildren(CloseInSpite)[0]
    assert not question.accept_button.isEnabled()
    question.why.setText("   ")
    assert not question.accept_button.isEnabled()
    question.why.setText("nine go back to the supplier")
    question.accept_button.click()
    await until(lambda: ("close", "June delivery", "nine go back to the supplier") in stage.desk.batch.asked)
    await until(lambda: "closed by entry" in place.said.text())
    assert not isValid(question) or not question.isVisible()
    stage.close()


async def test_an_export_that_cannot_be_read_is_told_and_forgotten(stage: Stage) -> None:
    place = await shown(stage)
    place.match_with(Path("letter.pdf"))
    await until(lambda: ("batch", "June delivery", "letter.pdf") in stage.desk.batch.asked)
    place.match_with(Path("business-manager.csv"))
    await until(lambda: ("batch", "June delivery", "business-manager.csv") in stage.desk.batch.asked)
    column = COLUMNS.index("Match")
    await until(lambda: place.view.model().index(0, column).data() == "on all three")
    stage.close()


async def test_without_a_batch_the_place_says_what_to_import(stage: Stage) -> None:
    stage.desk.batch.names.clear()
    window = stage.open()
    window.go_to(Place.BATCH)
    await stage.settle()
    assert window.batch.chosen == ""
    assert window.batch.import_button.isEnabled()
    assert window.batch.import_button.isVisible()
    assert window.focusWidget() is window.batch.import_button or not window.isActiveWindow()
    stage.close()
