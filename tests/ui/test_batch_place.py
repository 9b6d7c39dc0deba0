"""The place of the batches: what is shown, filtered, matched and closed; nothing is closed without a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from patience import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from scenes import Stage
from shiboken6 import isValid

from provisioning.batches.standing import Standing
from ui.batch_close import CloseInSpite
from ui.batch_place import BatchPlace
from ui.batch_table import COLUMNS, STANDING_SIGN
from ui.orders_sheet import NONE_YET, OrdersSheet
from ui.pages_sheet import NO_PRINTER, PagesSheet
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


async def test_what_somebody_has_to_see_to_stands_first_and_the_choice_stays(stage: Stage) -> None:
    place = await shown(stage)
    model, column = place.view.model(), COLUMNS.index("State")
    states = [model.index(row, column).data() for row in range(model.rowCount())]
    words = [[STANDING_SIGN[one].word for one in group] for group in (
        (Standing.STOPPED, Standing.NOT_CLEAR, Standing.UNKNOWN), (Standing.SEEN, Standing.MISSING),
        (Standing.CLEAR, Standing.OUT),
    )]  # fmt: skip
    turns = [next(turn for turn, group in enumerate(words) if state in group) for state in states]
    assert turns == sorted(turns)
    assert set(turns) == {0, 1, 2}
    place.view.selectRow(2)
    serial = model.index(2, 0).data()
    stage.desk.batch.moved = serial
    place.read()
    await until(lambda: model.index(2, 0).data() != serial)
    assert place.view.currentIndex().siblingAtColumn(0).data() == serial
    assert serial in place.detail.text() or not place.detail.isVisible()
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


async def test_the_report_is_looked_at_and_printed_by_return(stage: Stage) -> None:
    place = await shown(stage)
    place.report_button.click()
    await until(lambda: bool(place.findChildren(PagesSheet)))
    sheet = place.findChildren(PagesSheet)[0]
    await until(sheet.go.isEnabled)
    await until(lambda: ("pages", "June delivery") in stage.desk.batch.asked)
    assert sheet.printers.item(sheet.printers.currentRow()).text() == "Back office", "the one that was used last"
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    await until(lambda: ("print", "June delivery", "Back office") in stage.desk.batch.asked)
    await until(lambda: sheet.said.text() == "Print job 21: Waiting for its turn.")
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    await until(lambda: not isValid(sheet) or not sheet.isVisible())
    stage.close()


async def test_where_no_printer_is_set_up_the_report_can_still_be_kept(stage: Stage) -> None:
    stage.desk.paper.names = ()
    place = await shown(stage)
    place.report_button.click()
    await until(lambda: bool(place.findChildren(PagesSheet)))
    sheet = place.findChildren(PagesSheet)[0]
    await until(lambda: sheet.said.text() == NO_PRINTER)
    assert not sheet.go.isEnabled()
    assert sheet.pdf.isEnabled()
    sheet.close()
    stage.close()


async def test_orders_say_what_is_ready_for_whom_and_in_which_bay(stage: Stage) -> None:
    place = await shown(stage)
    place.orders_button.click()
    await until(lambda: bool(place.findChildren(OrdersSheet)))
    sheet = place.findChildren(OrdersSheet)[0]
    await until(lambda: sheet.said.text() == NONE_YET)
    sheet.take(Path("June orders.csv"))
    await until(lambda: sheet.list.count() == 4)
    assert ("orders", "June orders.csv") in stage.desk.batch.asked
    told = [sheet.list.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(4)]
    assert told[0] == "Ready to be given: Officer 231187: iPhone 15 (order PO-7) – F2LXK00004 in bay 1-5."
    assert told[1].endswith("F2LXK00001 in bay 1-2, F2LXK00005. 2 of 5 for Southwark Response Team C wait: no further "
                            "Galaxy A54 is ready.")  # fmt: skip
    assert told[2].startswith("Something is in the way: Officer 240001: Pixel 8")
    assert told[3] == "Done: Officer 231188: F2LXK00009 (order PO-6) – given."
    sheet.close()
    stage.close()
