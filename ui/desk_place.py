"""The desk: counts, notices, the wall with the detail beside it, and the line of needed hands."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.status import Phase, SessionStatus
from ui.bridge import Bridge, Changes
from ui.buttons import Button
from ui.card import bay_of, model_of
from ui.card_faces import Density
from ui.commands import Command
from ui.detail import Detail
from ui.empty_wall import EmptyWall, NothingFound
from ui.hands_line import HandsLine
from ui.notice_phrases import notice_sentence
from ui.notices import Notices
from ui.search import exactly
from ui.steady import steady
from ui.summary import Summary
from ui.theme import Theme
from ui.wall import Wall
from ui.wall_model import WallModel

_WIDE = 150
"""Letters from which on there is room for the words of all buttons."""


@steady
class DeskPlace(QWidget):
    """Follows the bridge and holds the choice of a handset.

    Signals:
        wanted: emitted with the :class:`~ui.commands.Command` whose button was pressed.
        unfiltered: emitted when a person wants to see everything again, so that the search field is emptied too.
    """

    wanted = Signal(object)
    unfiltered = Signal()

    def __init__(self, theme: Theme, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._shared = False
        self.model = WallModel(self)
        self.wall = Wall(self.model, theme)
        self.detail = Detail(theme)
        self.summary = Summary(theme)
        self.notices = Notices(theme)
        self.hands = HandsLine(theme)
        self._empty = EmptyWall(theme)
        self.nothing_found = NothingFound(theme)
        self._stack = QStackedWidget()
        for widget in (self.wall, self._empty, self.nothing_found):
            self._stack.addWidget(widget)
        self._all = Button(
            theme, "Provision all", "play", tip="Begin with every handset that is at rest (Ctrl+Shift+Return)"
        )
        self._code = Button(
            theme, "Show the QR", "qr-code", tip="The code that factory-fresh Androids scan to be enrolled (Ctrl+E)"
        )
        self._walk = Button(
            theme, "Unplug", "unplug", tip="What is ready, in the order of the bays, with its labels (Ctrl+U)"
        )
        self._walk.clicked.connect(lambda: self.wanted.emit(Command.UNPLUG))
        self._bays = Button(theme, "Map", "usb", tip="The map of the hubs and their ports (Ctrl+B)")
        self._bays.clicked.connect(lambda: self.wanted.emit(Command.BAYS))
        self._code.clicked.connect(lambda: self.wanted.emit(Command.ENROLMENT_CODE))
        self._head = QFrame()
        self._names = {button: button.text() for button in (self._walk, self._bays, self._code)}
        self._lay_out()
        self._all.clicked.connect(lambda: self.wanted.emit(Command.PROVISION_ALL))
        self.detail.wanted.connect(self.wanted)
        self._empty.code_wanted.connect(lambda: self.wanted.emit(Command.ENROLMENT_CODE))
        self.summary.filtered.connect(self._filter)
        self.nothing_found.cleared.connect(self._show_all)
        self.wall.chosen.connect(self._show_detail)
        self.hands.chosen.connect(self.choose)
        self.detail.lane.chosen.connect(self.choose)
        self.model.told.connect(self._told)
        bridge.changed.connect(self._take)
        self._told(frozenset())

    def _lay_out(self) -> None:
        self._head.setProperty("role", "bar")
        head = QHBoxLayout(self._head)
        head.setContentsMargins(6, 7, 14, 7)
        head.setSpacing(10)
        head.addWidget(self.summary, 1)
        head.addWidget(self._walk, alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._bays, alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._code, alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._all, alignment=Qt.AlignmentFlag.AlignTop)
        left = QWidget()
        left_layout = QVBoxLayout(left)
        left_layout.setContentsMargins(0, 0, 0, 0)
        left_layout.setSpacing(0)
        notices = QVBoxLayout()
        notices.setContentsMargins(14, 10, 14, 0)
        notices.addWidget(self.notices)
        left_layout.addLayout(notices)
        wall = QVBoxLayout()
        wall.setContentsMargins(11, 4, 2, 8)
        wall.addWidget(self._stack)
        left_layout.addLayout(wall, 1)
        left.setMinimumWidth(280)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.detail)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(self._splitter, 1)
        layout.addWidget(self.hands)

    @property
    def chosen(self) -> SessionStatus | None:
        """Give the chosen handset."""
        return self.model.statuses.get(self.wall.key)

    def take_focus(self) -> None:
        """Take the focus to the wall, or to what stands in its place while it is empty."""
        (self._stack.currentWidget() or self.wall).setFocus()

    def choose(self, key: str) -> None:
        """Choose a handset, even one that the filter hides."""
        if not self.model.index_of(key).isValid():
            self._show_all()
        self.wall.choose(key)
        self.wall.setFocus()

    def choose_next_wait(self) -> None:
        """Choose the next handset that needs hands."""
        key = self.hands.next_after(self.wall.key)
        if key:
            self.choose(key)

    def look_for(self, text: str) -> None:
        """Show only what ``text`` is found in."""
        self._text = text.strip()
        self._filter()

    def choose_found(self, text: str) -> bool:
        """Choose the one handset that ``text`` names, or go among several; False if there is none."""
        found = exactly(self.model.statuses.values(), text)
        if found is not None:
            self._show_all()
            self.choose(found.key)
            return True
        shown = self.model.shown
        if not shown:
            return False
        key = shown[0]
        if len(shown) == 1:
            self._show_all()
        self.choose(key)
        return True

    def resize_cards(self, step: int) -> None:
        """Make cards larger (1) or smaller (-1), or (0) as large as lets all be seen."""
        order = list(Density)
        at = order.index(self.wall.density) - step
        self.wall.choose_density(order[min(max(at, 0), len(order) - 1)] if step else None)

    @property
    def from_afar(self) -> bool:
        """True while the wall stands alone."""
        return self.detail.isHidden()

    def show_from_afar(self, far: bool) -> None:
        """Show the wall alone with large tiles, or (False) the detail beside it again."""
        self.detail.setVisible(not far)
        self.wall.show_from_afar(far)

    def _take(self, changes: Changes) -> None:
        for platform, sentence in changes.hubs:
            self.notices.show_hub(platform, sentence)
        self.model.take(changes)

    def _told(self, keys: frozenset[str]) -> None:
        self.summary.show_tally(self.model.tally())
        self.hands.show_statuses(self.model.statuses.values())
        self.detail.lane.show_waits(self.hands.waits)
        for key in keys:
            self._show_books(key)
        self._head.setVisible(bool(self.model.statuses))
        focused = (self._stack.currentWidget() or self.wall).hasFocus()
        if not self.model.statuses:
            self._stack.setCurrentWidget(self._empty)
        elif not self.model.shown:
            self.nothing_found.say(self._text)
            self._stack.setCurrentWidget(self.nothing_found)
        else:
            self._stack.setCurrentWidget(self.wall)
        if focused:
            self.take_focus()
        if self.wall.key in keys:
            self._show_detail(self.wall.key)

    def _show_books(self, key: str) -> None:
        """Say above the wall what the books know of a handset, as long as it is plugged in."""
        status = self.model.statuses.get(key)
        told = status.notices if status is not None and status.phase is not Phase.UNPLUGGED else ()
        who = f"the {model_of(status)} {one_line(status.serial_number or '', 40)}" if status is not None else ""
        title = f"Bay {bay_of(status).label}" if status is not None else ""
        self.notices.show_books(key, title, " ".join(notice_sentence(one, who) for one in told) or None)

    def _show_detail(self, key: str) -> None:
        self.detail.show_status(self.model.statuses.get(key))

    def _filter(self) -> None:
        self.model.show_only(self.summary.pressed, self._text)

    def _show_all(self) -> None:
        self.summary.release()
        self.unfiltered.emit()
        self.look_for("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the buttons their pictures alone where the counts need the room."""
        super().resizeEvent(event)
        narrow = event.size().width() < self.fontMetrics().averageCharWidth() * _WIDE
        for button, name in self._names.items():
            button.setText("" if narrow else name)

    def showEvent(self, event: QShowEvent) -> None:
        """Give the detail its share of the room when there is room for the first time."""
        super().showEvent(event)
        if not self._shared:
            self._shared = True
            detail = min(self.detail.sizeHint().width(), self.width() * 2 // 5)
            self._splitter.setSizes([self.width() - detail, detail])
