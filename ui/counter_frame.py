"""The counter's pages with what stands around them: steps, what was said last, who gets what, and the way on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from ui.actions import DeskActions
from ui.counter_panel import VisitPanel
from ui.counter_steps import DECLARATION, DONE, SIGNATURE, WHAT, Steps
from ui.page_frame import FrameWords, PageFrame
from ui.theme import Theme
from ui.what_page import WhatPage
from ui.who_page import WhoPage

WORDS = FrameWords(
    done="Handed over",
    cancel="Hand nothing over and begin anew",
    on_paper="Hand over",
    writing="The handover is being written to the ledger",
)


class CounterFrame(PageFrame):
    """Lays the counter out; what happens on it is :class:`~ui.counter_place.CounterPlace`."""

    def __init__(
        self,
        theme: Theme,
        actions: DeskActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, actions, report, WORDS, parent)
        self.panel = VisitPanel(theme)
        self.who = WhoPage()
        self.what = WhatPage(theme)
        self._steps = Steps()
        self.panel.setFixedWidth(self.fontMetrics().averageCharWidth() * 40)
        self.lay_out(self.who, self.what, head=self._steps, side=self.panel)

    def open_page(self, step: int) -> None:
        """Open a page and say where one is."""
        self._pages.setCurrentIndex(step)
        self._steps.show_step(step)
        self.go_on.say({SIGNATURE: "Hand over", DONE: "Next officer"}.get(step, "Continue"))
        self.back.setVisible(step in {WHAT, DECLARATION, SIGNATURE})

    def shut_pages(self, focused: QWidget | None, *, shut: bool) -> None:
        """Keep people from ticking and signing what cannot be handed over; the focus goes to what can be done."""
        inside = focused is None or self._pages.isAncestorOf(focused)
        opens = not shut and not self._pages.isEnabled()
        self._pages.setEnabled(not shut)
        row = next((row for row in self.panel.rows.values() if not row.again.isHidden()), None)
        if shut and inside and row is not None:
            row.again.setFocus()
        elif opens and self.isVisible() and (focused is None or self.panel.isAncestorOf(focused)):
            self.take_focus()  # the button that had it is gone, and Return must not press the next one

    def take_focus(self) -> None:
        """Take the focus to what the open page asks for."""
        match self.step:
            case 0:
                self.who.number.setFocus()
            case 1:
                (self.what.others if self.what.ready.isHidden() else self.what.ready).setFocus()
            case 2:
                self.declaration.take_focus()
            case 3:
                self.signing.take_focus()
            case _:
                self.go_on.setFocus()
