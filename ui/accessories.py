"""What went out with a handset, to be ticked off one by one as it comes back, and what came besides."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from ui.buttons import Button, Tick
from ui.fields import field, pieces
from ui.flow import Flow
from ui.theme import Theme


class Accessories(QWidget):
    """Whatever is not ticked did not come back: nothing is taken for there that nobody has seen.

    Signals:
        changed: emitted when one is ticked or unticked, or another is written.
    """

    changed = Signal()

    def __init__(self, theme: Theme, issued: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ticks = [Tick(theme, one_line(one, 80)) for one in issued]
        self.all = Button(theme, "All", role="quiet", tip="Everything that went out with it came back", parent=self)
        self.all.setHidden(len(self.ticks) < 2)
        self.others = field("Came with it", "Also: case, cable" if self.ticks else "Charger, case")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        if self.ticks:
            around = QWidget()
            flow = Flow(8, around)
            for one in self.ticks:
                one.toggled.connect(self.changed)
                flow.addWidget(one)
            self.all.setMinimumHeight(self.ticks[0].sizeHint().height())
            flow.addWidget(self.all)
            layout.addWidget(around)
        layout.addWidget(self.others)
        self.all.clicked.connect(self._tick_all)
        self.others.textChanged.connect(self.changed)

    @property
    def here(self) -> tuple[str, ...]:
        """Give what came with it."""
        return (*(one.words for one in self.ticks if one.isChecked()), *pieces(self.others.text()))

    @property
    def lacking(self) -> tuple[str, ...]:
        """Give what went out with it and is not ticked."""
        return tuple(one.words for one in self.ticks if not one.isChecked())

    def _tick_all(self) -> None:
        for one in self.ticks:
            one.setChecked(True)
