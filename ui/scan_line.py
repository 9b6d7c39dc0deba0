"""The line that says what became of the last scan; as an error it cannot be missed."""

from __future__ import annotations

from enum import Enum, unique

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QWidget

from ui.marks import Mark
from ui.plain import SelectableWords
from ui.signs import Shape, Sign, Tone
from ui.theme import Theme


@unique
class Said(Enum):
    """How what is said is meant."""

    TAKEN = "taken"
    HINT = "hint"
    REFUSED = "refused"


_SIGN = {
    Said.TAKEN: Sign(Shape.DISC, Tone.WORKING, "Taken"),
    Said.HINT: Sign(Shape.RING, Tone.WORKING, "Next"),
    Said.REFUSED: Sign(Shape.TRIANGLE, Tone.FAULT, "Not taken"),
}


class ScanLine(QFrame):
    """One sentence with its sign."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = Mark(theme, _SIGN[Said.HINT])
        self._words = SelectableWords(wrap=True)
        self._words.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setProperty("role", "said")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 7, 12, 7)
        layout.setSpacing(10)
        layout.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._words, 1)
        self.kind = Said.HINT

    @property
    def sentence(self) -> str:
        """Give what is said."""
        return self._words.text()

    def say(self, sentence: str, kind: Said) -> None:
        """Say something; what is refused also sounds, for eyes that are on the scanner."""
        self.kind = kind
        self._mark.show_sign(_SIGN[kind])
        self._words.setText(sentence)
        self.setAccessibleName(f"{_SIGN[kind].word}: {sentence}")
        self.setProperty("tone", kind.value)
        self.style().polish(self)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        if kind is Said.REFUSED:
            QApplication.beep()
