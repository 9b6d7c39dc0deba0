"""The line at the foot of the desk: which handsets need a person, first what takes the least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from provisioning.status import Phase, SessionStatus
from ui.card import bay_of, model_of
from ui.marks import Mark
from ui.plain import Words, caption, tooltip
from ui.short_phrases import effort, needs_somebody
from ui.signs import PHASE_SIGN
from ui.standing import standing
from ui.steady import steady
from ui.theme import Theme

_LETTERS = 46
"""Letters that one wait has at least; fewer waits are shown where there is no room."""
_MOST = 4


@steady
class HandsLine(QFrame):
    """Every handset that waits for a person or whose walk ended badly, by :func:`~ui.short_phrases.effort`.

    Signals:
        chosen: emitted with the key of the wait that was clicked.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waits: list[SessionStatus] = []
        self._keys: list[str] = []
        self._mark = Mark(theme, PHASE_SIGN[Phase.WAITING])
        self._title = Words(role="strong")
        self._rest = Words(role="soft")
        self.setProperty("role", "foot")
        self.setAccessibleName("What needs you")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 16, 6)
        layout.setSpacing(8)
        layout.addWidget(self._mark)
        layout.addWidget(self._title)
        self._buttons = [_Wait(self) for _ in range(_MOST)]
        for number, button in enumerate(self._buttons):
            button.clicked.connect(lambda _=False, number=number: self.chosen.emit(self._keys[number]))
            layout.addWidget(button, 1)
        layout.addStretch(0)
        layout.addWidget(self._rest)
        self.setMinimumHeight(self._buttons[0].sizeHint().height() + 13)
        self.show_statuses(())

    @property
    def waits(self) -> Sequence[SessionStatus]:
        """Give all handsets that need a person, the one that takes the least first."""
        return self._waits

    @property
    def keys(self) -> list[str]:
        """Give all waiting handsets, the one that takes the least first."""
        return list(self._keys)

    def show_statuses(self, statuses: Iterable[SessionStatus]) -> None:
        """Pick those that wait and show them."""
        waits = sorted(
            (one for one in statuses if needs_somebody(one)), key=lambda one: (effort(one), bay_of(one).order)
        )
        # By identity: comparing two statuses by value compares all their apps.
        if list(map(id, waits)) == list(map(id, self._waits)) and self._title.text():
            return
        self._waits = waits
        self._keys = [one.key for one in waits]
        number = len(waits)
        self._mark.setVisible(number > 0)
        self._title.setText(f"{number} need{'s' if number == 1 else ''} you" if number else "Nothing needs you")
        self._fill()

    def next_after(self, key: str) -> str:
        """Give the wait after this one, the first after the last; "" if nothing waits."""
        if not self._keys:
            return ""
        at = self._keys.index(key) + 1 if key in self._keys else 0
        return self._keys[at % len(self._keys)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many as have room."""
        super().resizeEvent(event)
        self._fill()

    def _fill(self) -> None:
        room = self.fontMetrics().averageCharWidth() * _LETTERS
        most = max(1, min(_MOST, (self.width() - 200) // room))
        for number, button in enumerate(self._buttons):
            here = number < min(most, len(self._waits))
            button.setVisible(here)
            if here:
                status = self._waits[number]
                button.say(bay_of(status).label, standing(status, f"the {model_of(status)}"))
        rest = len(self._waits) - most
        self._rest.setText(f"and {rest} more (F8)" if rest > 0 else "")


@steady
class _Wait(QPushButton):
    """Bay and sentence, shortened to its place."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "quiet")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._bay = ""
        self._sentence = ""

    def say(self, bay: str, sentence: str) -> None:
        self._bay, self._sentence = bay, sentence
        self.setAccessibleName(f"Bay {bay}: {sentence}")
        self.setToolTip(tooltip(f"Bay {bay}: {sentence}"))
        self._shorten()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        whole = self.fontMetrics().horizontalAdvance(f"{self._bay}  {self._sentence}") + 24
        return QSize(whole, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        whole = f"{self._bay}  {self._sentence}"
        self.setText(caption(self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, self.width() - 20)))
