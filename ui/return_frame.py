"""The pages of a return with what stands around them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from provisioning.return_reasons import MISSING
from ui.actions import DeskActions
from ui.page_frame import FrameWords, PageFrame
from ui.return_pages import BackPage, StartPage
from ui.theme import Theme

START, ITEMS, DECLARATION, SIGNATURE, DONE = range(5)
WORDS = FrameWords(
    done="Taken back",
    cancel="Take nothing back and begin anew",
    on_paper="Take back",
    writing="The return is being written to the ledger",
)


class ReturnFrame(PageFrame):
    """Lays the return out; what happens on it is :class:`~ui.return_place.ReturnPlace`."""

    def __init__(
        self,
        theme: Theme,
        actions: DeskActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, actions, report, WORDS, parent)
        self.start = StartPage(theme)
        self.back_page = BackPage(theme)
        self.lay_out(self.start, self.back_page)

    @property
    def nothing_given_back(self) -> bool:
        """True where what is booked does not lie here."""
        return self.back_page.why in MISSING

    @property
    def unticked(self) -> int:
        """Give how many statements are not ticked of those that there are."""
        return 0 if self.nothing_given_back else self.declaration.unticked

    def open_page(self, step: int) -> None:
        """Open a page."""
        self._pages.setCurrentIndex(step)
        self.back.setVisible(step in {DECLARATION, SIGNATURE})
        self.cancel.setVisible(step not in {START, DONE})

    def shut_pages(self, *, shut: bool) -> None:
        """Keep people from changing what is being written."""
        self._pages.setEnabled(not shut)

    def take_focus(self) -> None:
        """Take the focus to what the open page asks for."""
        match self.step:
            case 0:
                self.start.number.setFocus()
            case 1:
                self.back_page.take_focus()
            case 2:
                self.declaration.take_focus()
            case 3:
                self.signing.take_focus()
            case _:
                self.go_on.setFocus()
