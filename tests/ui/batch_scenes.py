"""Scenes of batches, orders, labels and paper."""

from __future__ import annotations

from pathlib import Path

from rehearsal import (
    ready,
    six,
)
from rehearsed_batches import orders
from rehearsed_paper import jobs
from stage import Stage

from ui.batch_close import CloseInSpite
from ui.label_sheet import LabelSheet
from ui.orders_sheet import OrdersSheet
from ui.pages_sheet import PagesSheet
from ui.print_queue import PrintQueueSheet
from ui.printing import PrintChoice
from ui.rail import Place


async def batch(stage: Stage) -> None:
    """One batch of forty, matched with a portal."""
    window = stage.open(*six())
    window.go_to(Place.BATCH)
    await stage.settle()
    window.batch.match_with(Path("business-manager.csv"))


async def batch_filtered(stage: Stage) -> None:
    """Only those that were stopped."""
    window = stage.open(*six())
    window.go_to(Place.BATCH)
    await stage.settle(0.3)
    next(chip for chip in window.batch.chips if chip.text().startswith("Stopped")).click()


async def batch_100(stage: Stage) -> None:
    """A hundred handsets."""
    stage.desk.batch.count = 100
    stage.open(*six()).go_to(Place.BATCH)


async def batch_empty(stage: Stage) -> None:
    """No batch yet."""
    stage.desk.batch.names.clear()
    stage.open(*six()).go_to(Place.BATCH)


async def batch_close(stage: Stage) -> None:
    """What differs, before it is closed all the same."""
    stage.open(*six()).go_to(Place.BATCH)
    answer = await stage.desk.batch.close_batch("June delivery", "")
    dialog = CloseInSpite(stage.theme, "June delivery", answer.sentence, answer.differences)
    dialog.show()
    stage.subject = dialog


async def batch_orders(stage: Stage) -> None:
    """One order of each kind."""
    stage.desk.batch.ordered = orders()
    stage.open(*six()).go_to(Place.BATCH)
    stage.subject = OrdersSheet(stage.theme, stage.desk.batch, stage.errors.append, stage.window)
    stage.subject.show()


async def batch_report(stage: Stage) -> None:
    """The report before it is printed."""
    stage.desk.batch.pages = (stage.desk.paper.page, stage.desk.paper.page)
    window = stage.open(*six())
    window.go_to(Place.BATCH)
    await stage.settle(0.3)
    window.batch.report_button.click()
    await stage.settle()
    stage.subject = window.batch.findChildren(PagesSheet)[0]


async def print_choice(stage: Stage) -> None:
    """A receipt that was printed before is about to be printed again."""
    stage.desk.paper.again = True
    stage.subject = PrintChoice(stage.theme, stage.desk.paper, "D4-000017", stage.errors.append)
    stage.subject.show()


async def labels(stage: Stage) -> None:
    """Labels for four handsets that are ready."""
    green = (ready(0), ready(1), ready(2), ready(3))
    stage.subject = LabelSheet(stage.theme, stage.desk.paper, green, green[1], stage.errors.append)
    stage.subject.show()


async def print_queue(stage: Stage) -> None:
    """One job out, one whose printer is absent, one that needs a person, one that is jammed."""
    stage.desk.paper.queue = jobs()
    stage.subject = PrintQueueSheet(stage.theme, stage.desk.paper, stage.errors.append)
    stage.subject.show()
