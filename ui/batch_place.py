"""The batches: how far each has come, one batch's handsets, its match with the portal, its report and its close."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from provisioning.batches.standing import Standing
from provisioning.errors import IssuingDeskError
from provisioning.plain_text import one_line
from ui.batch_actions import BatchActions, BatchSummary, BatchView
from ui.batch_chips import StandingChips, no_batch
from ui.batch_close import CloseInSpite
from ui.batch_table import SPARE, BatchFilter, BatchLines, batch_table
from ui.buttons import Button
from ui.dialogs import ended
from ui.flow import Flow
from ui.plain import SelectableWords, Words
from ui.print_actions import PrintActions
from ui.reading_again import ReadingAgain
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

_SETTLE = 1_500
"""Milliseconds after a change at the desk before the ledger is read again; forty handsets change all the time."""
_TURN = {
    standing: turn
    for turn, group in enumerate((
        (Standing.STOPPED, Standing.NOT_CLEAR, Standing.UNKNOWN, Standing.BACK, Standing.LOST),
        (Standing.SEEN, Standing.MISSING),
        (Standing.CLEAR, Standing.OUT),
    ))
    for standing in group
}  # fmt: skip
"""Which handsets stand first: those that somebody has to see to, then those to come, then what is done."""
TABLES = "Tables (*.csv *.xlsx *.txt *.tsv);;All files (*)"


@steady
class BatchPlace(QWidget):
    """The list at the left, the chosen batch beside it. Reads while it can be seen and only then."""

    def __init__(
        self, theme: Theme, actions: BatchActions, paper: PrintActions, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._actions, self._paper, self._tasks = theme, actions, paper, tasks
        self._portals: dict[str, tuple[Path, ...]] = {}
        self._shown: BatchView | None = None
        self.names = QListWidget()
        self.names.setAccessibleName("Batches")
        self.names.setFixedWidth(230)
        self.names.setProperty("role", "list")
        self.names.currentItemChanged.connect(self._chosen_another)
        self._lines = BatchLines(theme, self)
        self._filter = BatchFilter(self._lines, self)
        self.view = batch_table(theme, self._filter)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find in this batch")
        self.search.setAccessibleName("Find in this batch")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(180)
        self.search.setMaximumWidth(300)
        self.search.textChanged.connect(self._sift)
        self._title, self._outlook, self._also = (
            Words("Batch", "title"),
            Words(wrap=True),
            Words(role="soft", wrap=True),
        )
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Handsets that are ready or handed over")
        self.detail = SelectableWords(wrap=True)
        self.detail.setAccessibleName("What is so with the chosen handset")
        self.detail.hide()
        self.said = Words(role="soft", wrap=True)
        self.said.hide()
        self.view.selectionModel().currentRowChanged.connect(self._show_detail)
        self._chips = StandingChips(theme, self._filter, self.search.text)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._one_batch())
        self._pages.addWidget(no_batch(theme))
        self.import_button = self._button("Import manifest…", "plus", self._import, "A supplier's CSV or XLSX")
        self.orders_button = self._button(
            "Orders…", "user-round", self._orders, "Which handset is for whom, and who waits"
        )
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(Words("Batches", "title"))
        left.addWidget(self.names, 1)
        left.addWidget(self.import_button)
        left.addWidget(self.orders_button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(18)
        layout.addLayout(left)
        layout.addWidget(self._pages, 1)
        self._pages.setCurrentIndex(1)
        self._again = ReadingAgain(self, tasks, self._read, "read the batches", settle=_SETTLE)

    @property
    def chosen(self) -> str:
        """Give the name of the batch that is shown; empty where there is none."""
        row = self.names.currentRow()
        return str(self.names.item(row).data(Qt.ItemDataRole.UserRole)) if row >= 0 else ""

    def take_focus(self) -> None:
        """Put the focus where one begins."""
        (self.names if self.names.count() else self.import_button).setFocus()

    def note_change(self) -> None:
        """Something happened at the desk: read again soon, if anybody is looking."""
        self._again.soon()

    def read(self) -> None:
        """Read the list and the chosen batch; while that goes on, once more afterwards."""
        self._again.now()

    def choose(self, name: str) -> None:
        """Show the batch of this name."""
        for row in range(self.names.count()):
            if self.names.item(row).data(Qt.ItemDataRole.UserRole) == name:
                self.names.setCurrentRow(row)

    async def _read(self) -> None:
        self._show_list(await self._actions.batches())
        name = self.chosen
        self._pages.setCurrentIndex(0 if name else 1)
        if name:
            view = await self._actions.batch(name, self._portals.get(name, ()))
            if name == self.chosen:
                self._show_batch(view)

    def _show_list(self, batches: tuple[BatchSummary, ...]) -> None:
        before = self.chosen or next((one.name for one in batches if one.here), "")
        with QSignalBlocker(self.names):
            self.names.clear()
            for one in batches:
                item = QListWidgetItem(_entry(one))
                item.setData(Qt.ItemDataRole.UserRole, one.name)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, _entry(one).replace("\n", ", "))
                self.names.addItem(item)
                if one.name == before:
                    self.names.setCurrentItem(item)
            if self.names.currentRow() < 0 and self.names.count():
                self.names.setCurrentRow(0)

    def _show_batch(self, view: BatchView) -> None:
        self._shown = view
        one = view.summary
        state = ", closed" if one.closed else "; this desk works on it" if one.here else ""
        self._title.setText(one_line(one.name, 60))
        self._outlook.setText(f"{one.done} of {one.handsets} ready or handed over{state}. {view.outlook}")
        self._bar.setMaximum(max(one.handsets, 1))
        self._bar.setValue(one.done)
        also = [f"Matched with {', '.join(view.portals)}."] if view.portals else []
        self._also.setText("\n".join([*also, *view.also]))
        self._also.setVisible(bool(also or view.also))
        serial = self._lines.serial_of(self._filter.mapToSource(self.view.currentIndex()))
        self._lines.show_lines(sorted(view.lines, key=lambda line: _TURN[line.standing]))
        self._choose_line(serial)
        self._chips.show_counts(Counter(line.standing for line in view.lines))
        self.open_button.say("Work on no batch" if one.here else "Work on this batch")
        self.open_button.setEnabled(not one.closed)
        self.close_button.setEnabled(not one.closed)

    def _choose_line(self, serial: str) -> None:
        """Choose a handset again after the lines have got another order."""
        index = self._filter.mapFromSource(self._lines.index_of(serial))
        if index.isValid() and index != self.view.currentIndex():
            self.view.setCurrentIndex(index)

    def _sift(self, text: str) -> None:
        self._filter.choose(self._filter.standing, text)

    async def _import(self) -> None:
        path = await self._file("Import a manifest")
        if path is not None:
            self._say(await self._actions.import_batch(path))
            await self._read_on(path.stem)

    @property
    def chips(self) -> list[QAbstractButton]:
        """Give the buttons that filter by standing."""
        return self._chips.group.buttons()

    def match_with(self, path: Path) -> None:
        """Match the chosen batch with this export."""
        self._tasks.start(self._match(path), "match a batch")

    async def _choose_match(self) -> None:
        path = await self._file("Match with a portal’s export")
        if path is not None:
            await self._match(path)

    async def _match(self, path: Path) -> None:
        if self.chosen:
            name = self.chosen
            before = self._portals.get(name, ())
            self._portals[name] = (*(one for one in before if one != path), path)
            try:
                self._show_batch(await self._actions.batch(name, self._portals[name]))
            except IssuingDeskError:
                self._portals[name] = before  # a file that cannot be read would be in the way for ever
                raise
            self._say("")

    async def _work_on(self) -> None:
        here = self._shown is not None and self._shown.summary.here
        await self._actions.work_on("" if here else self.chosen)
        self.read()

    async def _close(self) -> None:
        name = self.chosen
        answer = await self._actions.close_batch(name, "")
        if not answer.closed:
            question = CloseInSpite(self._theme, name, answer.sentence, answer.differences, self)
            if not await ended(question):
                return
            answer = await self._actions.close_batch(name, question.reason)
        self._say(answer.sentence)
        self.read()

    async def _report(self) -> None:
        from ui.batch_report import BatchReport  # looked at once a batch
        from ui.pages_sheet import PagesSheet

        report = BatchReport(self._actions, self.chosen, self._portals.get(self.chosen, ()))
        await ended(PagesSheet(self._theme, report, self._paper, self._tasks.report, self))

    async def _orders(self) -> None:
        from ui.orders_sheet import OrdersSheet

        await ended(OrdersSheet(self._theme, self._actions, self._tasks.report, self))

    async def _read_on(self, name: str) -> None:
        self._show_list(await self._actions.batches())
        self.choose(name)
        self.read()

    async def _file(self, title: str) -> Path | None:
        dialog = QFileDialog(self, title, "", TABLES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        return Path(dialog.selectedFiles()[0]) if await ended(dialog) else None

    def _say(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))

    def _one_batch(self) -> QWidget:
        self.match_button = self._button(
            "Match with portal…", "search", self._choose_match, "Apple Business Manager, Knox, …"
        )
        self.open_button = self._button(
            "Work on this batch", "play", self._work_on, "Leave what it does not mean as it is"
        )
        self.report_button = self._button("Report…", "printer", self._report, "Look at it, print it, keep it")
        self.close_button = self._button("Close batch…", "check", self._close, "When its count is the ledger's")
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._title, 1)
        head.addWidget(self.search)
        foot = Flow()
        for button in (self.open_button, self.match_button, self.report_button, self.close_button):
            foot.addWidget(button)
        widget = QWidget()
        layout = QVBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self._bar)
        layout.addWidget(self._outlook)
        layout.addWidget(self._chips)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.detail)
        layout.addWidget(self._also)
        layout.addWidget(self.said)
        layout.addLayout(foot)
        return widget

    def _button(self, text: str, icon: str, work: Callable[[], Coroutine[Any, Any, None]], tip: str) -> Button:
        button = Button(self._theme, text, icon, tip=tip)
        button.clicked.connect(lambda _=False: self._tasks.start(work(), text) and None)
        return button

    def _chosen_another(self) -> None:
        self._say("")
        self.read()

    def _show_detail(self) -> None:
        """Say all of the chosen handset's sentence, which the table shortens."""
        index = self.view.currentIndex()
        line = self._lines.line(self._filter.mapToSource(index).row()) if index.isValid() else None
        self.detail.setText(f"{line.serial_number}: {line.sentence}" if line and line.sentence else "")
        self.detail.setVisible(bool(self.detail.text()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out columns where what is to be done could not be read any more."""
        super().resizeEvent(event)
        letters = self.width() / max(1, self.fontMetrics().averageCharWidth())
        for column, least in zip(SPARE, (150, 140, 130), strict=True):
            self.view.setColumnHidden(column, letters < least)

    def showEvent(self, event: QShowEvent) -> None:
        """Read when it comes to be seen."""
        super().showEvent(event)
        self.read()


def _entry(one: BatchSummary) -> str:
    words = [f"{one.done} of {one.handsets}"]
    if one.closed:
        words.append("closed")
    elif one.needs_hands:
        words.append(f"{one.needs_hands} {'needs' if one.needs_hands == 1 else 'need'} hands")
    return f"{'▸ ' if one.here else ''}{one_line(one.name, 40)}\n{' · '.join(words)}"
