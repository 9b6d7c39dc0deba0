"""The items that may come back, each with its tick, its standing by the books, and what is noted of a handset."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.receipts.coming_back import NextState
from provisioning.receipts.receipt import ReturnReason
from provisioning.return_case import ItemOut, Whereabouts
from provisioning.return_reasons import MISSING, ReturnedHandset, usual_next
from ui.accessories import Accessories
from ui.buttons import Button, Tick
from ui.choice import Choice
from ui.fields import field
from ui.plain import SelectableWords, Words
from ui.return_phrases import NEXT, counted, item_line, name_of_item, not_over_the_cable
from ui.theme import Theme

_TICK_INSET = 5
"""Logical pixels between the edge of a tick and its box; the words below begin under the box."""
_TOP, _MIDDLE = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignVCenter
_ERASED_NEXT = frozenset({NextState.REISSUE, NextState.DISPOSE})
"""What becomes of handsets that are erased first; one for repair or kept as evidence is left as it is."""


class ItemRow(QFrame):
    """One item.

    Signals:
        changed: emitted when anything that is noted of it changes.
        erase_wanted, release_wanted: emitted when its button is pressed.
    """

    changed = Signal()
    erase_wanted = Signal()
    release_wanted = Signal()

    def __init__(self, theme: Theme, item: ItemOut, holder: str) -> None:
        super().__init__()
        self.item = item
        self._holder = holder
        self._reason = ReturnReason.RETURNED
        self._plugged_in = False
        self.erasing = False
        self.setProperty("role", "card")
        name = counted(item.quantity, name_of_item(item))
        number = one_line(item.identifier, 40)
        self.setAccessibleName(f"{name} {number}".strip())
        self.tick = Tick(theme, name)
        self.tick.setAccessibleName(f"{name} {number} comes back".replace("  ", " "))
        self.tick.setEnabled(item.may_come_back)
        self._number = SelectableWords(number, "serial")
        self._number.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        if not number:  # never shown before it has its place: it would be a window of its own for a moment
            self._number.hide()
        self._line = Words(wrap=True)
        self.condition = field("Condition", "Such as: good, screen cracked")
        self.accessories = Accessories(theme, item.accessories)
        self.next = Choice("What becomes of it", list(NEXT.values()))
        self._chose_next = False
        self.erase = Button(theme, "Erase now", "eraser", tip="Take everything off this handset; it is plugged in")
        self.release = Button(theme, "Release from evidence", tip="Book that it may be erased and issued again")
        self._lay_out()
        self.tick.toggled.connect(self._follow)
        self.tick.toggled.connect(self.changed)
        self.condition.textChanged.connect(self.changed)
        self.accessories.changed.connect(self.changed)
        self.next.activated.connect(self._choose_next)
        self.next.currentIndexChanged.connect(self._follow)
        self.next.currentIndexChanged.connect(self.changed)
        self.erase.clicked.connect(self.erase_wanted)
        self.release.clicked.connect(self.release_wanted)
        self._follow()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(-_TICK_INSET, 0, 0, 0)
        head.addWidget(self.tick, 1)
        head.addWidget(self._number)
        self._noted = QWidget()
        grid = QGridLayout(self._noted)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setColumnStretch(1, 1)
        for row, (title, widget) in enumerate(
            (("Condition", self.condition), ("Came with it", self.accessories), ("Then", self.next))
        ):
            high = widget is self.accessories and bool(self.accessories.ticks)
            words = Words(title)
            if high:
                words.setContentsMargins(0, 7, 0, 0)  # as high as the words of the first tick
            grid.addWidget(words, row, 0, _TOP if high else _MIDDLE)
            grid.addWidget(widget, row, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.erase)
        buttons.addWidget(self.release)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 10)
        layout.setSpacing(5)
        layout.addLayout(head)
        layout.addWidget(self._line)
        layout.addWidget(self._noted)
        layout.addLayout(buttons)

    @property
    def comes_back(self) -> bool:
        """True where it is ticked."""
        return self.tick.isChecked()

    @property
    def after(self) -> NextState:
        """Give what becomes of it."""
        return NextState.MISSING if self._reason in MISSING else list(NEXT)[self.next.currentIndex()]

    @property
    def erasable(self) -> bool:
        """True where it lies here on a cable and nothing speaks against an erase."""
        item = self.item
        here = self._plugged_in and item.platform is Platform.IOS and self._reason not in MISSING
        free = not item.held and item.where is Whereabouts.OUT and item.erased is None
        return item.is_handset and here and free and self.after in _ERASED_NEXT

    @property
    def line(self) -> str:
        """Give what is said of it."""
        return self._line.text()

    def returned(self) -> ReturnedHandset:
        """Give the handset as it comes back."""
        gone = self._reason in MISSING
        return ReturnedHandset(
            self.item.identifier,
            "" if gone else self.condition.text().strip(),
            () if gone else self.accessories.here,
            None if gone else self.after,
            () if gone else self.accessories.lacking,
        )

    def show_item(self, item: ItemOut) -> None:
        """Show that the books say something new of it."""
        self.item = item
        self.show_reason(self._reason)

    def show_reason(self, reason: ReturnReason) -> None:
        """Follow the reason: what becomes of it, unless a person has chosen that."""
        self._reason = reason
        usual = NextState.EVIDENCE_HOLD if self.item.held else usual_next(reason)
        if not self._chose_next and usual in NEXT:
            self.next.setCurrentIndex(list(NEXT).index(usual))
        self._follow()

    def show_plugged_in(self, *, here: bool) -> None:
        """Tell whether the handset hangs on a cable of this desk."""
        if here != self._plugged_in:
            self._plugged_in = here
            self._follow()

    def show_erasing(self, *, erasing: bool) -> None:
        """Tell that it is being erased just now."""
        self.erasing = erasing
        self._follow()

    def _choose_next(self) -> None:
        self._chose_next = True

    def _follow(self) -> None:
        said = item_line(self.item, self._holder)
        here = self.comes_back and self._plugged_in and self.after in _ERASED_NEXT and self.item.erased is None
        if self.erasing:
            said += " It is being erased; leave the cable in."
        elif here and (why := not_over_the_cable(self.item.platform)):
            said += f" {why}"
        self._line.setText(said)
        fault = bool(self.item.held) or self.item.where in {Whereabouts.MISSING, Whereabouts.NEVER_ISSUED}
        self._line.setProperty("role", "fault" if fault else "soft")
        self._line.style().polish(self._line)
        self._noted.setVisible(self.item.is_handset and self.comes_back and self._reason not in MISSING)
        # What is kept as evidence stays so until it is released.
        self.next.setEnabled(not self.erasing and not self.item.held)
        self.tick.setEnabled(self.item.may_come_back and not self.erasing)
        self.erase.setVisible(self.comes_back and self.erasable and not self.erasing)
        self.release.setVisible(bool(self.item.held))


class ItemList(QScrollArea):
    """The rows, in the order in which they stand on the receipt.

    Signals:
        changed: emitted when something is ticked, unticked or meant otherwise.
        erase_wanted, release_wanted: emitted with the :class:`ItemRow` whose button was pressed.
    """

    changed = Signal()
    erase_wanted = Signal(object)
    release_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: list[ItemRow] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self._layout = QVBoxLayout(page)
        self._layout.setContentsMargins(0, 0, 8, 0)
        self._layout.setSpacing(8)
        self._layout.addStretch(1)
        self.setWidget(page)
        page.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    @property
    def ticked(self) -> list[ItemRow]:
        """Give the rows of what comes back."""
        return [row for row in self.rows if row.comes_back]

    def row_of(self, identifier: str) -> ItemRow | None:
        """Give the row of a number."""
        return next((row for row in self.rows if identifier and row.item.identifier == identifier), None)

    def clear(self) -> None:
        """Show nothing."""
        for row in self.rows:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows.clear()

    def add(self, items: Iterable[ItemOut], holder: str, reason: ReturnReason) -> None:
        """Show these as well; one that is there already stays as it is."""
        shown = {(row.item.identifier, row.item.name, row.item.receipt) for row in self.rows}
        for item in items:
            if (item.identifier, item.name, item.receipt) in shown:
                continue
            row = ItemRow(self._theme, item, holder)
            row.show_reason(reason)
            row.changed.connect(self.changed)
            row.erase_wanted.connect(lambda row=row: self.erase_wanted.emit(row))
            row.release_wanted.connect(lambda row=row: self.release_wanted.emit(row))
            self._layout.insertWidget(len(self.rows), row)
            self.rows.append(row)

    def show_reason(self, reason: ReturnReason) -> None:
        """Let every row follow the reason."""
        for row in self.rows:
            row.show_reason(reason)

    def tick(self, row: ItemRow) -> None:
        """Tick a row and bring it into sight."""
        row.tick.setChecked(True)
        self.ensureWidgetVisible(row)
