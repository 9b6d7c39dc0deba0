"""What was found in the whole ledger: the sentence, the names that fit, and the sheets that can be made of one."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.readers.found import Found, Match
from provisioning.readers.names import OF_A_HANDSET, NameKind
from ui.buttons import Button
from ui.plain import Words
from ui.reading_actions import SheetKind, Wanted
from ui.theme import Theme

_ROWS = 5


class FoundPanel(QFrame):
    """Stands above the list of entries while those are not the latest.

    Signals:
        chosen: emitted with the :class:`Match` whose entries are to be shown.
        sheet_wanted: emitted with the :class:`Wanted` sheet of the name that is chosen.
        closed: emitted when the latest entries are wanted again.
    """

    chosen = Signal(object)
    sheet_wanted = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._wanted: Wanted | None = None
        self.sentence = Words(wrap=True)
        self.names = QListWidget()
        self.names.setAccessibleName("Names that fit; Return shows their entries")
        self.names.setProperty("role", "list")
        self.names.itemActivated.connect(self._activate)
        self.names.itemClicked.connect(self._activate)
        self.sheet = Button(theme, "", "scroll-text")
        self.sheet.clicked.connect(lambda: self.sheet_wanted.emit(self._wanted))
        close = Button(theme, "Show the latest", "x", tip="The latest entries of the ledger again")
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.sentence, 1)
        head.addWidget(self.sheet, alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(close, alignment=Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 12, 10)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.names)

    def say(self, sentence: str) -> None:
        """Say what the entries below are, and nothing else."""
        self._offer(None)
        self.names.hide()
        self.sentence.setText(sentence)
        self.show()

    def show_found(self, found: Found) -> None:
        """Show what fits."""
        behind = f" {found.as_of.behind} Newer entries may be missing." if found.as_of.behind and found.matches else ""
        self.say(found.sentence + behind)
        several = len(found.matches) > 1
        with QSignalBlocker(self.names):
            self.names.clear()
            for match in found.matches if several else ():
                item = QListWidgetItem(match.sentence)
                item.setData(Qt.ItemDataRole.UserRole, match)
                self.names.addItem(item)
        rows = min(_ROWS, len(found.matches))
        self.names.setFixedHeight(rows * (self.names.fontMetrics().height() + 12) + 12)
        self.names.setVisible(several)
        if several:
            self.names.setCurrentRow(0)
            self.names.setFocus()

    def choose(self, match: Match, count: int) -> None:
        """Offer what can be made of a name; ``count`` of its entries are shown."""
        entries = "1 entry" if count == 1 else f"{count:,} entries"
        if self.names.isHidden():
            self.sentence.setText(f"{match.sentence[:1].upper()}{match.sentence[1:]}: {entries}.")
        if match.kind in OF_A_HANDSET and match.subject:
            self._offer(Wanted(SheetKind.HANDSET, match.subject), "Life of the handset…", match.subject)
        elif match.kind is NameKind.OFFICER:
            self._offer(Wanted(SheetKind.PERSON, match.shown), "Statement…", f"officer {match.shown}")
        else:
            self._offer(None)

    def _offer(self, wanted: Wanted | None, words: str = "", whose: str = "") -> None:
        self._wanted = wanted
        self.sheet.setVisible(wanted is not None)
        if wanted is not None:
            self.sheet.say(words)
            self.sheet.setAccessibleDescription(f"Of {one_line(whose, 60)}: to be looked at, printed and kept")

    def _activate(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
