"""The map of the hubs: every port in its place, with what is in it and whether it is to be mistrusted.

It stands beside the wall, which goes on. Arrow keys move from port to port, Return shows the handset on the wall.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from math import ceil

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from provisioning.plain_text import one_line
from provisioning.status import SessionStatus
from ui.bay_actions import BayActions, BayFacts, UsbAdvice
from ui.buttons import Button
from ui.hub_plan import HubFace, PortFace, hub_faces
from ui.marks import Mark
from ui.plain import SelectableWords, Words
from ui.port_cell import STEPS, PortCell
from ui.signs import MISTRUSTED, NOTE
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

GAP = 6
LARGEST = QSize(1240, 760)
"""Three hubs of sixteen ports are seen at once."""
WIDEST = 1.6
"""How much wider than it needs a port may be drawn."""
ADVICE = 3
"""Sentences about the USB of this machine, the gravest first; the others are told by “issuing-desk bays preflight”."""
LOOK = 5.0
"""Seconds between two looks at the history of the ports."""
NONE_YET = "No bay is known yet. Learn them with one handset, or plug handsets in."
HINT = "Choose a port to read how it stands; Return shows its handset on the wall."


@steady
class HubMap(QDialog):
    """The map. ``statuses`` gives the sessions as they stand when it is called.

    Signals:
        chosen: emitted with the key of the handset whose port was pressed.
        learning_wanted: emitted when somebody wants to learn the bays.
    """

    chosen = Signal(str)
    learning_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        actions: BayActions,
        statuses: Callable[[], Mapping[str, SessionStatus]],
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Map of the bays")
        self._theme = theme
        self._actions = actions
        self._statuses = statuses
        self._tasks = Tasks(self, report)
        self._bays: tuple[BayFacts, ...] = ()
        self._shape: tuple[tuple[str, tuple[str, ...]], ...] | None = None
        self._lines: list[list[PortCell]] = []
        self._room = 0
        self._current = ""
        self._page = QWidget()
        self._hubs = QVBoxLayout(self._page)
        self._advice = QVBoxLayout()
        self._told = Words(HINT, wrap=True)
        self._warning = Words(role="strong", wrap=True)
        self._lay_out()
        self.refresh()
        self.resize(LARGEST.boundedTo(parent.size() * 0.94 if parent is not None else LARGEST))
        self._tasks.start(self._follow(), "follow the history of the ports")

    @property
    def cells(self) -> list[PortCell]:
        """Give the ports in order."""
        return [cell for line in self._lines for cell in line]

    def refresh(self) -> None:
        """Show how everything stands now; ports that stay keep the focus."""
        hubs = hub_faces(self._bays, self._statuses().values())
        room = self._scroll.viewport().width()
        shape = tuple((hub.title, tuple(port.label for port in hub.ports)) for hub in hubs)
        faces = [port for hub in hubs for port in hub.ports]
        if (shape, room) != (self._shape, self._room):
            self._shape, self._room = shape, room
            self._rebuild(hubs)
        else:
            for cell, face in zip(self.cells, faces, strict=True):
                if cell.face != face:
                    cell.show_face(face)
        current = next((cell for cell in self.cells if cell.face.label == self._current), None)
        if current is not None:
            self._tell(current.face)

    def _lay_out(self) -> None:
        self._hubs.setContentsMargins(0, 0, 10, 0)
        self._hubs.setSpacing(14)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._page)
        scroll.setAccessibleName("Hubs")
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll = scroll
        learn = Button(self._theme, "Learn the bays…", "usb", tip="Plug one handset through all ports")
        learn.clicked.connect(self.learning_wanted)
        close = Button(self._theme, "Close", role="primary", tip="Esc")
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(learn)
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addLayout(self._advice)
        layout.addWidget(scroll, 1)
        layout.addWidget(self._told)
        layout.addWidget(self._warning)
        layout.addLayout(foot)
        self._warning.hide()

    def _rebuild(self, hubs: tuple[HubFace, ...]) -> None:
        focused = any(cell.hasFocus() for cell in self.cells)
        while (item := self._hubs.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._lines = []
        for hub in hubs:
            self._hubs.addWidget(self._drawn(hub))
        if not hubs:
            self._hubs.addWidget(Words(NONE_YET, "soft", wrap=True))
        self._hubs.addStretch(1)
        again = next((cell for cell in self.cells if cell.face.label == self._current), None)
        first = again or next(iter(self.cells), None)
        if first is not None:
            first.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            if focused or not self.isVisible():
                first.setFocus()

    def _drawn(self, hub: HubFace) -> QWidget:
        frame = QWidget()
        frame.setAccessibleName(hub.title)
        grid = QGridLayout(frame)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP)
        cells = [PortCell(self._theme, face) for face in hub.ports]
        fit = max(1, (self._room - 10 + GAP) // (max(cell.sizeHint().width() for cell in cells) + GAP))
        columns = ceil(len(cells) / ceil(len(cells) / fit))  # lines of one length: ten ports are two lines of five
        grid.addWidget(Words(hub.title, "strong"), 0, 0, 1, columns)
        for number, cell in enumerate(cells):
            cell.entered.connect(self._entered)
            cell.steered.connect(self._steer)
            cell.clicked.connect(lambda _=False, cell=cell: self._press(cell))
            row, column = divmod(number, columns)
            grid.addWidget(cell, row + 1, column)
            if column == 0:
                self._lines.append([])
            self._lines[-1].append(cell)
        for cell in cells:
            cell.setMaximumWidth(round(cell.sizeHint().width() * WIDEST))
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        grid.setColumnStretch(columns, 0 if len(cells) >= fit else fit - columns)
        return frame

    def _entered(self, cell: PortCell) -> None:
        for other in self.cells:
            other.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        cell.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._current = cell.face.label
        self._scroll.ensureWidgetVisible(cell)
        self._tell(cell.face)

    def _tell(self, face: PortFace) -> None:
        told = f"Bay {face.label}: {face.told}"
        if self._told.text() != told:
            self._told.setText(told)
        self._warning.setText(face.warning)
        self._warning.setVisible(bool(face.warning))

    def _steer(self, cell: PortCell, key: int) -> None:
        down, right = STEPS[key]
        if right:
            cells = self.cells
            at = cells.index(cell) + right
            if 0 <= at < len(cells):
                cells[at].setFocus()
            return
        line = next(number for number, those in enumerate(self._lines) if cell in those)
        if 0 <= line + down < len(self._lines):
            beside = self._lines[line + down]
            beside[min(self._lines[line].index(cell), len(beside) - 1)].setFocus()

    def _press(self, cell: PortCell) -> None:
        cell.setFocus()
        if cell.face.key:
            self.chosen.emit(cell.face.key)

    def _advise(self, advice: tuple[UsbAdvice, ...]) -> None:
        for one in sorted(advice, key=lambda one: not one.blocking)[:ADVICE]:
            line = QHBoxLayout()
            line.setSpacing(8)
            sign = MISTRUSTED if one.blocking else NOTE
            line.addWidget(Mark(self._theme, sign), alignment=Qt.AlignmentFlag.AlignTop)
            role = "strong" if one.blocking else "soft"
            line.addWidget(SelectableWords(one_line(f"{one.sentence} {one.mend}", 400), role, wrap=True), 1)
            self._advice.addLayout(line)

    async def _follow(self) -> None:
        self._advise(await self._actions.usb_advice())
        while True:
            self._bays = await self._actions.bays()
            self.refresh()
            await asyncio.sleep(LOOK)

    def changeEvent(self, event: QEvent) -> None:
        """Measure again when the font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            for cell in self.cells:
                cell.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the ports out for the new room."""
        super().resizeEvent(event)
        self.refresh()

    def done(self, result: int) -> None:
        """Stop following."""
        self._tasks.cancel()
        super().done(result)
