"""Above the table of a batch: one button for each standing that there is; and the page while there is no batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from provisioning.batches.standing import Standing
from ui.batch_table import STANDING_SIGN, BatchFilter
from ui.buttons import Button
from ui.flow import Flow
from ui.marks import Picture, mark_icon
from ui.plain import Words
from ui.theme import Theme


class StandingChips(QWidget):
    """Filters by standing. ``text`` gives what is typed beside it, which filters too."""

    def __init__(
        self, theme: Theme, filtered: BatchFilter, text: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._filter, self._text = theme, filtered, text
        self.group = QButtonGroup(self)
        self._row = Flow(parent=self)

    def show_counts(self, counts: Counter[Standing]) -> None:
        """Show one chip a standing that there is; the chosen one stays, and one that is chosen and empty goes."""
        if self._filter.standing is not None and not counts[self._filter.standing]:
            self._filter.choose(None, self._text())
        for button in self.group.buttons():
            self.group.removeButton(button)
            self._row.removeWidget(button)
            button.deleteLater()
        self._add("All", counts.total(), None)
        for standing, sign in STANDING_SIGN.items():
            if counts[standing]:
                self._add(sign.word, counts[standing], standing)

    def _add(self, word: str, count: int, standing: Standing | None) -> None:
        chip = Button(self._theme, f"{word} {count}", role="chip")
        chip.setCheckable(True)
        if standing is not None:
            chip.setIcon(mark_icon(self._theme, STANDING_SIGN[standing]))
        chip.setChecked(standing is self._filter.standing)
        chip.clicked.connect(lambda _=False: self._filter.choose(standing, self._text()))
        self.group.addButton(chip)
        self._row.addWidget(chip)


def no_batch(theme: Theme) -> QWidget:
    """Say what to import."""
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.addStretch(2)
    layout.addWidget(Picture(theme, "package", 44), alignment=Qt.AlignmentFlag.AlignHCenter)
    layout.addSpacing(8)
    words = Words(
        "No batch was imported yet. Import the supplier’s manifest: serial number, IMEI, model, asset tag, order.",
        wrap=True,
    )
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    layout.addWidget(words)
    layout.addStretch(3)
    return widget
