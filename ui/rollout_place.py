"""The rollout: what was issued when, to whom and where, what is ready, what runs out; a bar opens what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from provisioning.readers.counts import Count, DeskRate, Figures, Group
from ui.bars import Bars
from ui.buttons import Button
from ui.choice import Choice
from ui.day_chart import DayChart
from ui.marks import Picture
from ui.plain import Elided, Words
from ui.reading_actions import ReadingActions, SheetKind, Wanted
from ui.reading_again import ReadingAgain
from ui.rollout_phrases import as_of_words, behind_words
from ui.rollout_table import DeskTable
from ui.signs import Tone
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

PERIODS: tuple[tuple[str, int | None], ...] = (
    ("Last 7 days", 7), ("Last 30 days", 30), ("Last 90 days", 90), ("Last 365 days", 365), ("Since the start", None),
)  # fmt: skip
_USUAL = 3
_SETTLE = 3_000
"""Milliseconds after a change before the figures are counted again; they change with every handset."""
_TOLD = 300
_TWO_COLUMNS, _WORDS = 105, 150
"""Letters from which on there is room for two panels side by side, and for the words of all buttons."""


class Tile(QFrame):
    """One number that is read from afar, and what it counts."""

    def __init__(self, theme: Theme, label: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.number = Words("–", "title")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 9, 14, 10)
        layout.setSpacing(1)
        layout.addWidget(self.number)
        layout.addWidget(Words(label, "soft", wrap=True))
        layout.addStretch(1)

    def show_number(self, number: int) -> None:
        """Show it."""
        self.number.setText(f"{number:,}")


@steady
class RolloutPlace(QWidget):
    """Counts while it can be seen and only then; the figures come from the engine, which is never waited for.

    Signals:
        behind_wanted: emitted with group, count and figures when the entries behind a bar are to be shown.
        sheet_wanted: emitted with the :class:`Wanted` sheet that is to be looked at and printed.
    """

    behind_wanted = Signal(object, object, object)
    sheet_wanted = Signal(object)

    def __init__(self, theme: Theme, actions: ReadingActions, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._actions, self._tasks = theme, actions, tasks
        self.figures: Figures | None = None
        self.period = Choice("Period", [words for words, _ in PERIODS])
        self.period.setCurrentIndex(_USUAL)
        self.period.currentIndexChanged.connect(self.read)
        self.as_of = Elided("", "soft")
        self.behind = Words(role="fault", wrap=True)
        self.behind.hide()
        self.report = Button(theme, "Report…", "printer", tip="Print these figures, or keep them as PDF or table")
        self.report.clicked.connect(lambda: self.sheet_wanted.emit(Wanted(SheetKind.ROLLOUT, days=self.days)))
        self.exceptions = Button(
            theme, "Exceptions…", "triangle-alert", tip="The register of what departs from the rule"
        )
        self.exceptions.clicked.connect(lambda: self.sheet_wanted.emit(Wanted(SheetKind.EXCEPTIONS)))
        self.public = Button(
            theme, "For the public…", "scroll-text", tip="Counts that may be published: small ones hidden"
        )
        self.public.clicked.connect(lambda: self.sheet_wanted.emit(Wanted(SheetKind.PUBLIC)))
        self.days_chart = DayChart(theme, "Issued by day")
        self.days_chart.wanted.connect(self._open_day)
        self.tiles = [Tile(theme, label) for label in (
            "issued in this period", "came back in this period", "in use now", "verified clear and here now",
            "permits run out within 14 days", "handsets with open findings now",
        )]  # fmt: skip
        self.bars = {
            Group.UNIT: Bars(theme, "Issued by unit"),
            Group.MODEL: Bars(theme, "Issued by model"),
            Group.BODY: Bars(theme, "Issued by body"),
            Group.READY: Bars(theme, "Ready stock by model", tone=Tone.READY),
            Group.FINDING: Bars(theme, "Open findings", tone=Tone.FAULT),
            Group.PERMIT: Bars(theme, "Permits that run out", tone=Tone.HANDS, unit=" days left", adds_up=False),
        }
        for group, bars in self.bars.items():
            bars.wanted.connect(partial(self._open, group))
        self.desks = DeskTable(theme)
        self.desks.wanted.connect(self._open_desk)
        self._busy = QProgressBar()
        self._busy.setRange(0, 1)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName("The ledger is being read")
        self._busy.hide()
        self._lay_out()
        self._again = ReadingAgain(self, tasks, self._read, "count the rollout", settle=_SETTLE)
        self._telling = QTimer(self)
        self._telling.setInterval(_TOLD)
        self._telling.timeout.connect(self._tell)

    @property
    def days(self) -> int | None:
        """Give the length of the period that is chosen."""
        return PERIODS[self.period.currentIndex()][1]

    def take_focus(self) -> None:
        """Put the focus where one begins."""
        (self.days_chart if self.figures is not None and self.figures.issued else self.period).setFocus()

    def note_change(self) -> None:
        """Something happened: count again soon, if anybody is looking."""
        self._again.soon()

    def read(self) -> None:
        """Count; while that goes on, once more afterwards."""
        self._again.now()

    async def _read(self) -> None:
        self._telling.start()
        try:
            found = await self._actions.figures(self.days)
        finally:
            if isValid(self):  # the window may have gone while the ledger was read
                self._telling.stop()
                self._busy.hide()
                # A busy bar that is hidden would go on moving, and an idle window would not be idle.
                self._busy.setRange(0, 1)
        self.show_figures(found)

    def show_figures(self, found: Figures) -> None:
        """Show what was counted."""
        self.figures = found
        self.as_of.setText(as_of_words(found.as_of))
        self.behind.setText(behind_words(found.as_of))
        self.behind.setVisible(bool(found.as_of.behind))
        self._pages.setCurrentIndex(1 if found.as_of.entries else 2)
        numbers = (found.issued, found.returned, found.in_use, found.ready, len(found.permits), found.open_findings)
        for tile, number in zip(self.tiles, numbers, strict=True):
            tile.show_number(number)
        self.days_chart.show_days(found.by_day)
        self._by.setText("Issued by week, from Monday on" if self.days_chart.weekly else "Issued by day")
        for group, counts in (
            (Group.UNIT, found.by_unit), (Group.MODEL, found.by_model), (Group.BODY, found.by_body),
            (Group.READY, found.ready_stock), (Group.FINDING, found.findings), (Group.PERMIT, found.permits),
        ):  # fmt: skip
            self._show(group, counts)
        self.desks.show_desks(found.desks)

    def _show(self, group: Group, counts: Sequence[Count]) -> None:
        self.bars[group].show_counts(counts)
        self.bars[group].setVisible(bool(counts))
        self._none[group].setVisible(not counts)

    def _tell(self) -> None:
        """Say that the ledger is being read, where that takes longer than a moment."""
        count = self._actions.taken_up
        self._busy.setRange(0, 0)
        self._busy.show()
        said = f"{count:,} entries were read" if count else "The ledger is being read"
        self.as_of.setText(f"{said}. The first time takes a while; afterwards only what is new is read.")

    def _open(self, group: Group, count: Count) -> None:
        if self.figures is not None:
            self.behind_wanted.emit(group, count, self.figures)

    def _open_day(self, count: Count, weekly: bool) -> None:
        self._open(Group.WEEK if weekly else Group.DAY, count)

    def _open_desk(self, desk: DeskRate) -> None:
        self._open(Group.DESK, Count(desk.desk, desk.name, desk.issued))

    def scroll_to_end(self) -> None:
        """Show the end of the page."""
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(Words("Rollout", "title"))
        head.addWidget(self.as_of, 1)
        for widget in (self.period, self.public, self.exceptions, self.report):
            head.addWidget(widget)
        self._words = {button: button.text() for button in (self.public, self.exceptions, self.report)}
        self._none: dict[Group, Words] = {}
        self._by = Words("Issued by day", "strong")
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 8, 8)
        layout.setSpacing(12)
        self._tiles = QGridLayout()
        self._tiles.setSpacing(10)
        layout.addLayout(self._tiles)
        layout.addWidget(_panel(self._by, self.days_chart))
        self._panels = [self._of(group, bars) for group, bars in self.bars.items()]
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        layout.addLayout(self._grid)
        layout.addWidget(_panel(Words("Desks in this period", "strong"), self.desks))
        layout.addStretch(1)
        self._scroll = scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pages = QStackedWidget()
        self._pages.addWidget(_middle(self._theme, "chart-column", ""))
        self._pages.addWidget(scroll)
        self._pages.addWidget(
            _middle(self._theme, "chart-column", "Nothing was issued yet. The first handover makes the first bar.")
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 14, 10, 10)
        whole.setSpacing(12)
        whole.addLayout(head)
        whole.addWidget(self.behind)
        whole.addWidget(self._busy)
        whole.addWidget(self._pages, 1)
        self._columns = 0
        self._arrange(2)

    def _of(self, group: Group, bars: Bars) -> QFrame:
        title = {
            Group.READY: "Ready stock: verified clear, not issued, by model", Group.FINDING: "Open findings",
            Group.PERMIT: "Permits that run out, days left",
        }.get(group, f"Issued by {group}")  # fmt: skip
        self._none[group] = Words("None.", "soft")
        self._none[group].hide()
        return _panel(Words(title, "strong", wrap=True), bars, self._none[group])

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for at, panel in enumerate(self._panels):
            self._grid.addWidget(panel, at // columns, at % columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        across = 6 if columns == 2 else 3
        for at, tile in enumerate(self.tiles):
            self._tiles.addWidget(tile, at // across, at % across)
        for column in range(6):
            self._tiles.setColumnStretch(column, 1 if column < across else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put panels one under the other where there is little room, and leave the buttons their pictures."""
        super().resizeEvent(event)
        wide = event.size().width() >= self.fontMetrics().averageCharWidth() * _TWO_COLUMNS
        self._arrange(2 if wide else 1)
        roomy = event.size().width() >= self.fontMetrics().averageCharWidth() * _WORDS
        for button, words in self._words.items():
            button.setText(words if roomy else "")

    def showEvent(self, event: QShowEvent) -> None:
        """Count when it comes to be seen."""
        super().showEvent(event)
        self.read()


def _panel(title: Words, *content: QWidget) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(14, 10, 14, 12)
    layout.setSpacing(6)
    layout.addWidget(title)
    for widget in content:
        layout.addWidget(widget)
    layout.addStretch(1)
    return frame


def _middle(theme: Theme, icon: str, said: str) -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.addStretch(2)
    layout.addWidget(Picture(theme, icon, 44), alignment=Qt.AlignmentFlag.AlignHCenter)
    words = Words(said, wrap=True)
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    layout.addWidget(words)
    layout.addStretch(3)
    return widget
