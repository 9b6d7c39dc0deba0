"""The recall list: who is suspended or has left and still holds what; suspended and reinstated from here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from provisioning.errors import UsageError
from provisioning.people.recalls import Cause
from provisioning.plain_text import one_line
from provisioning.printing.job import Job
from ui.buttons import Button
from ui.dialogs import ended
from ui.fields import field
from ui.flow import Flow
from ui.officer_number import fault_of
from ui.plain import SelectableWords, Words
from ui.print_actions import PrintActions
from ui.return_actions import ReturnActions
from ui.return_asking import ReasonSheet, asked
from ui.tasks import Tasks
from ui.theme import Theme

if TYPE_CHECKING:
    # its module typesets and reads the ledger, which the window does not need to start
    from provisioning.recall_list import Recalled


class RecallRow(QFrame):
    """One officer who is to give everything back.

    Signals:
        take_back, reinstate: emitted with the officer number when the button is pressed.
    """

    take_back = Signal(str)
    reinstate = Signal(str)

    def __init__(self, theme: Theme, one: Recalled) -> None:
        super().__init__()
        number = one.recall.officer
        self.officer = number
        self.setProperty("role", "card")
        why = "Suspended" if one.recall.cause is Cause.SUSPENDED else "Left"
        name = " · ".join(one_line(text, 80) for text in (number, one.name) if text)
        count = "holds nothing any more" if not one.holds else f"holds {len(one.holds)}"
        self.setAccessibleName(f"{name}: {why}, {count}")
        self.back = Button(theme, "Take back…", tip=f"Open what officer {number} holds as a return")
        if not one.holds:
            self.back.hide()
        self.back.clicked.connect(lambda: self.take_back.emit(number))
        self.over = Button(theme, "Reinstate…", tip=f"Officer {number} keeps what they hold and may receive again")
        self.over.clicked.connect(lambda: self.reinstate.emit(number))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Words(name, "strong", wrap=True), 1)
        head.addWidget(self.back)
        head.addWidget(self.over)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(4)
        layout.addLayout(head)
        reason = one_line(one.recall.reason, 200)
        layout.addWidget(Words(f"{why} since {one.recall.since[:10]}: {reason}. Officer {count}.", "soft", wrap=True))
        for item in one.holds:
            words = SelectableWords(
                f"{one_line(item.what, 60)}   {one_line(item.identifier, 40)}   since {item.since}, "
                f"receipt {one_line(item.receipt, 40)}",
                wrap=True,
            )
            words.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            layout.addWidget(words)


@dataclass(frozen=True, slots=True)
class RecallPages:
    """The list as paper; implements ``ui.pages_sheet.Sheet``."""

    actions: ReturnActions
    title: str = "Recall list"
    file_name: str = "recall"

    async def pages(self, dpi: int) -> tuple[bytes, ...]:
        """Give its pages as PNG."""
        return await self.actions.recall_pages(dpi)

    async def order(self, printer: str) -> Job:
        """Queue it as it stands now."""
        return await self.actions.print_recall_list(printer)

    async def file(self, kind: str) -> bytes:
        """Give it as ``csv`` or ``pdf``."""
        return await self.actions.recall_list(kind)


class RecallSheet(QDialog):
    """The list with its buttons.

    Signals:
        take_back: emitted with the number of an officer whose things are to be taken back.
    """

    take_back = Signal(str)

    def __init__(
        self,
        theme: Theme,
        actions: ReturnActions,
        paper: PrintActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Recall list")
        self._theme = theme
        self._actions = actions
        self._paper = paper
        self._report = report
        self._tasks = Tasks(self, report)
        self.rows: list[RecallRow] = []
        self.number = field("Officer to be suspended", "Officer number", role="serial")
        self.suspend = Button(theme, "Suspend…", tip="Call back all that this officer holds; nothing goes out to them")
        self.said = Words("The list is being read.", "soft", wrap=True)
        self.pages = Button(theme, "Print or keep…", "printer", tip="Look at its pages, print or keep them (Ctrl+P)")
        self.pages.setShortcut("Ctrl+P")
        close = Button(theme, "Close")
        self._lay_out(close)
        self.suspend.clicked.connect(lambda: self._start(self._suspend(), "suspend"))
        self.number.returnPressed.connect(self.suspend.click)
        self.pages.clicked.connect(lambda: self._start(self._pages(), "look at the recall list"))
        close.clicked.connect(self.reject)
        self.resize(720, 520)
        self._start(self._load(), "read the recall list")

    def _lay_out(self, close: Button) -> None:
        page = QWidget()
        self._list = QVBoxLayout(page)
        self._list.setContentsMargins(0, 0, 8, 0)
        self._list.setSpacing(8)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("Officers who are to give everything back")
        scroll.setWidget(page)
        page.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.number, 1)
        above.addWidget(self.suspend)
        foot = QWidget()
        flow = Flow(8, foot)
        for button in (self.pages, close):
            flow.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(12)
        layout.addWidget(Words("To be given back", "title"))
        layout.addWidget(self.said)
        layout.addWidget(scroll, 1)
        layout.addLayout(above)
        layout.addWidget(foot)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(self._told(work), name)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        """Say here what a person can mend here."""
        try:
            await work
        except UsageError as error:
            self.said.setText(str(error))

    async def _load(self, sentence: str = "") -> None:
        found = await self._actions.to_give_back()
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [RecallRow(self._theme, one) for one in found]
        for at, row in enumerate(self.rows):
            row.take_back.connect(self._take_back)
            row.reinstate.connect(lambda number=row.officer: self._start(self._reinstate(number), "reinstate"))
            self._list.insertWidget(at, row)
        out = sum(len(one.holds) for one in found)
        items = "1 item is" if out == 1 else f"{out} items are"
        said = f"{items} still out to {len(found)} who are called back." if found else "Nobody is called back."
        self.said.setText(f"{sentence} {said}".strip())

    def _take_back(self, officer: str) -> None:
        self.take_back.emit(officer)
        self.accept()

    async def _suspend(self) -> None:
        number = self.number.text().strip()
        if fault := fault_of(number):
            raise UsageError(fault)
        title = f"Suspend officer {one_line(number, 40)}?"
        text = "All that they hold is to be given back, and nothing is handed over to them until they are reinstated."
        answer = await asked(ReasonSheet(self._theme, title, text, yes="Suspend", parent=self))
        if answer is not None:
            sentence = await self._actions.suspend(number, answer[0])
            self.number.clear()
            await self._load(sentence)

    async def _reinstate(self, number: str) -> None:
        title = f"Reinstate officer {one_line(number, 40)}?"
        text = "They keep what they hold, and handsets may be handed over to them again."
        answer = await asked(ReasonSheet(self._theme, title, text, yes="Reinstate", parent=self))
        if answer is not None:
            await self._load(await self._actions.reinstate(number, answer[0]))

    async def _pages(self) -> None:
        from ui.pages_sheet import PagesSheet  # not every look at the list becomes paper

        await ended(PagesSheet(self._theme, RecallPages(self._actions), self._paper, self._report, self))
