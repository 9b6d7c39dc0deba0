"""Paper on the glass: what is chosen is what is asked for, a reprint says why, and the queue can be helped by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from patience import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from rehearsal import ready, working
from rehearsed_paper import jobs
from scenes import Stage

from provisioning.receipts.form import Form
from ui.label_sheet import LabelSheet
from ui.print_queue import PrintQueueSheet
from ui.printing import PrintChoice
from ui.receipt import ReceiptSheet

NUMBER = "D4-2026-00042"


@pytest.fixture
async def choice(stage: Stage) -> AsyncIterator[PrintChoice]:
    dialog = PrintChoice(stage.theme, stage.desk.paper, NUMBER, stage.errors.append)
    dialog.show()
    yield dialog
    dialog.close()
    dialog.deleteLater()


@pytest.fixture
async def sheet(stage: Stage) -> AsyncIterator[PrintQueueSheet]:
    stage.desk.paper.queue = jobs()
    dialog = PrintQueueSheet(stage.theme, stage.desk.paper, stage.errors.append)
    dialog.show()
    yield dialog
    dialog.close()
    dialog.deleteLater()


async def test_the_printer_that_was_used_last_is_chosen_and_return_prints(choice: PrintChoice) -> None:
    await until(lambda: choice.preview.page == 1)
    assert choice.printer == "Back office"
    assert choice.go.isEnabled()
    QTest.keyClick(choice, Qt.Key.Key_Return)
    await until(lambda: choice.result() == PrintChoice.DialogCode.Accepted)


async def test_a_reprint_is_not_printed_without_a_reason(stage: Stage, choice: PrintChoice) -> None:
    stage.desk.paper.again = True
    choice.forms.button(1).click()
    await until(choice.why.isVisible)
    assert choice.form is Form.DESK
    assert not choice.go.isEnabled()
    QTest.keyClicks(choice.why, "jammed")
    assert choice.go.isEnabled()
    assert choice.reason == "jammed"


async def test_without_a_printer_the_dialog_says_so_and_takes_an_address(stage: Stage, choice: PrintChoice) -> None:
    stage.desk.paper.names = ()
    choice.forms.button(2).click()
    await until(lambda: choice.form is Form.SLIP_80 and not choice.names.count())
    await until(lambda: not choice.printer)
    assert not choice.go.isEnabled()
    QTest.keyClicks(choice.address, "escpos://10.0.0.6:9100")
    assert choice.go.isEnabled()


async def test_a_receipt_is_queued_as_it_was_chosen(stage: Stage) -> None:
    sheet = ReceiptSheet(stage.theme, stage.desk, NUMBER, stage.errors.append)
    sheet.show()
    sheet.view.print.click()
    await until(lambda: sheet.findChildren(PrintChoice))
    (choice,) = sheet.findChildren(PrintChoice)
    await until(choice.go.isEnabled)
    choice.go.click()
    await until(lambda: "Print job 15" in sheet.view.said)
    assert ("print_receipt", NUMBER, "officer", "Back office", "") in stage.desk.paper.asked
    sheet.close()
    sheet.deleteLater()


async def test_what_waits_stands_first_with_its_sentence(sheet: PrintQueueSheet) -> None:
    await until(lambda: len(sheet.view.rows) == 4)
    assert [row.job.number for row in sheet.view.rows] == [12, 13, 14, 11]
    assert "does not answer" in sheet.view.rows[0].accessibleName()
    assert sheet.view.rows[1].retry.isVisible()
    assert not sheet.view.rows[2].retry.isVisible(), "the print system has it: moving or cancelling helps"
    assert not sheet.view.rows[3].cancel.isVisible()


async def test_a_job_is_retried_and_cancelled_by_its_buttons(stage: Stage, sheet: PrintQueueSheet) -> None:
    await until(lambda: len(sheet.view.rows) == 4)
    counted: list[tuple[int, int]] = []

    def count(waiting: int, held: int) -> None:
        counted.append((waiting, held))

    sheet.view.counted.connect(count)
    sheet.view.rows[1].retry.click()
    await until(lambda: counted and counted[-1] == (3, 0))
    sheet.view.rows[0].cancel.click()
    await until(lambda: counted[-1] == (2, 0))
    assert ("cancelled", "12") in stage.desk.paper.asked


async def test_labels_are_printed_by_keys_for_what_is_ready_alone(stage: Stage) -> None:
    window = stage.open(ready(2), working(1), ready(0))
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: bool(window.findChildren(LabelSheet)))
    sheet = window.findChildren(LabelSheet)[0]
    await until(lambda: sheet.printer.text() == "zpl://10.0.0.5:9100")
    assert sheet.all.text().startswith("All 2,")
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    await until(lambda: ("print_labels", "asset", "zpl://10.0.0.5:9100") in stage.desk.paper.asked)
    await until(lambda: "in the print queue" in sheet.said.text())
    sheet.reject()


async def test_without_a_ready_handset_there_is_no_label(stage: Stage) -> None:
    window = stage.open(working(1))
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: bool(window.findChildren(LabelSheet)))
    sheet = window.findChildren(LabelSheet)[0]
    await until(lambda: bool(sheet.printer.text()))
    assert not sheet.go.isEnabled()
    assert "No handset is ready" in sheet.said.text()
    sheet.reject()
