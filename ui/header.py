"""The top of the window: whose desk it is, the search field, the technician; and the band of a training desk."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QToolButton, QWidget

from ui.actions import DeskFacts
from ui.bridge import LedgerAlone
from ui.plain import Elided, Words, tooltip
from ui.steady import steady
from ui.theme import Theme

ALOUD = "How outcomes are told aloud (Ctrl+Shift+A)"
QUEUE = "Print queue (Ctrl+Shift+P)"


@steady
class SearchField(QLineEdit):
    """Where serial numbers, IMEIs and receipt numbers are typed or scanned.

    Signals:
        left: emitted when Esc is pressed in an empty field, or Down: back to the wall.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Search or scan: serial, IMEI, bay, receipt")
        self.setAccessibleName("Search or scan a serial number, IMEI, bay or receipt number")
        self.setMaxLength(200)
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(180)
        self.setMaximumWidth(440)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Empty the field on Esc; leave it on a second Esc and on Down."""
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
            return
        if event.key() == Qt.Key.Key_Down:
            self.left.emit()
            return
        super().keyPressEvent(event)


class Header(QFrame):
    """One line across the whole window.

    Signals:
        scheme_wanted, help_wanted, change_wanted, queue_wanted, aloud_wanted: emitted when their button is pressed.
    """

    change_wanted = Signal()
    queue_wanted = Signal()
    alone_wanted = Signal()
    aloud_wanted = Signal()
    scheme_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, theme: Theme, facts: DeskFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("role", "head")
        self.search = SearchField()
        where = Elided(f"{facts.desk}  ·  {facts.policy}", "soft")
        where.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._who = Elided()
        self._who.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._who.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._change = self._tool("user-round", "Change the technician (F4)")
        self._change.clicked.connect(self.change_wanted)
        self._change.hide()
        self.show_technician(facts.technician, may_change=False)
        self._alone = self._tool("triangle-alert", "")
        self._alone.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._alone.clicked.connect(self.alone_wanted)
        self._alone.hide()
        self._queue = self._tool("printer", QUEUE)
        self._queue.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._queue.clicked.connect(self.queue_wanted)
        self._aloud = self._tool("volume-x", ALOUD)
        self._aloud.clicked.connect(self.aloud_wanted)
        self._scheme = self._tool("sun-moon", "Light, dark, high contrast (Ctrl+Shift+L)")
        self._scheme.clicked.connect(self.scheme_wanted)
        self._help = self._tool("keyboard", "List of keys (F1)")
        self._help.clicked.connect(self.help_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 8, 12, 8)
        layout.setSpacing(14)
        layout.addWidget(Words("Issuing Desk", "strong"))
        layout.addWidget(where, 2)
        layout.addWidget(self.search, 3)
        layout.addWidget(self._who, 2)
        layout.addWidget(self._change)
        layout.addWidget(self._alone)
        layout.addWidget(self._queue)
        layout.addWidget(self._aloud)
        layout.addWidget(self._scheme)
        layout.addWidget(self._help)
        theme.changed.connect(self._dress)
        self._dress()

    def show_technician(self, name: str, *, may_change: bool = True) -> None:
        """Show who works at the desk; an empty name says that nobody is signed in."""
        self._who.setText(name or "Nobody is signed in")
        self._who.setAccessibleName(f"Technician {name}" if name else "Nobody is signed in")
        self._change.setVisible(may_change)

    def show_aloud(self, how: str) -> None:
        """Show whether outcomes can be heard."""
        self._aloud.setProperty("icon-name", "volume-x" if how == "off" else "volume-2")
        self._aloud.setAccessibleName(f"{ALOUD}; now {how}")
        self._dress()

    @property
    def alone_said(self) -> str:
        """Give what is said of a shared ledger that does not answer; empty where it does, or none is shared."""
        return "" if self._alone.isHidden() else self._alone.accessibleName()

    def show_alone(self, alone: LedgerAlone) -> None:
        """Show that a shared ledger does not get this desk's entries, and how many wait."""
        self._alone.setVisible(bool(alone.sentence))
        self._alone.setText(f"Alone · {alone.waiting} to hand in" if alone.waiting else "Alone")
        waiting = f"{alone.waiting} entries of this desk wait to be handed in; nothing is lost."
        said = f"{alone.sentence} {waiting}" if alone.waiting else alone.sentence
        self._alone.setToolTip(tooltip(said))
        self._alone.setAccessibleName(said)

    @property
    def queue_said(self) -> str:
        """Give what is said of the print queue; empty where everything is on paper."""
        return self._queue.text()

    def show_queue(self, waiting: int, held: int) -> None:
        """Show how much has not been printed yet, and that some of it needs a person."""
        number = f"{waiting} not printed" if waiting else ""
        needs = f"; {held} of them {'needs' if held == 1 else 'need'} you" if held else ""
        self._queue.setText(f"{number}{'!' if held else ''}")
        said = f"{number}{needs}. {QUEUE}" if number else QUEUE
        self._queue.setToolTip(tooltip(said))
        self._queue.setAccessibleName(said)

    def _tool(self, icon: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "quiet")
        button.setProperty("icon-name", icon)
        button.setIconSize(QSize(18, 18))
        button.setToolTip(tooltip(tip))
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _dress(self) -> None:
        for button in (self._change, self._alone, self._queue, self._aloud, self._scheme, self._help):
            button.setIcon(self._theme.icons.icon(str(button.property("icon-name")), self._theme.colours.text))


@steady
class TrainingBand(QWidget):
    """Black on yellow, striped at both ends, as long as the window is open."""

    TEXT = "TRAINING  ·  virtual handsets  ·  nothing here is issued to anybody"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(self.TEXT)
        self.setFixedHeight(round(self.fontMetrics().height() * 1.9))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the band."""
        colours = self._theme.colours
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), QColor(colours.band))
            painter.setFont(self._theme.fonts.strong)
            wide = painter.fontMetrics().horizontalAdvance(self.TEXT) + 48
            high = float(self.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.on_band))
            free = (self.width() - wide) / 2
            painter.save()
            painter.setClipRect(QRectF(0, 0, max(0.0, free), high))
            self._stripes(painter, 0.0, free, high)
            painter.setClipRect(QRectF(self.width() - free, 0, max(0.0, free), high))
            self._stripes(painter, self.width() - free, float(self.width()), high)
            painter.restore()
            painter.setPen(QColor(colours.on_band))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.TEXT)

    def _stripes(self, painter: QPainter, left: float, right: float, high: float) -> None:
        at = left - high
        while at < right:
            corners = ((at, high), (at + high, 0.0), (at + high * 1.5, 0.0), (at + high * 0.5, high))
            painter.drawPolygon([QPointF(*corner) for corner in corners])
            at += high
