"""Where at the counter one is."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.plain import Words

STEPS = ("Who", "What", "Sign")
WHO, WHAT, DECLARATION, SIGNATURE, DONE = range(5)
_STEP_OF_PAGE = (0, 1, 2, 2, None)
"""A signature goes with what is declared: two pages, one step."""


class Steps(QWidget):
    """Where one is."""

    def __init__(self) -> None:
        super().__init__()
        self._words = [Words(f"{number}  {title}", "soft") for number, title in enumerate(STEPS, start=1)]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(18)
        for words in self._words:
            layout.addWidget(words)
        layout.addStretch(1)

    def show_step(self, page: int) -> None:
        """Say that this page is open, counted from 0."""
        step = _STEP_OF_PAGE[page]
        for number, words in enumerate(self._words):
            words.setProperty("role", "strong" if number == step else "soft")
            words.style().polish(words)
        self.setAccessibleName("Done" if step is None else f"Step {step + 1} of {len(STEPS)}: {STEPS[step]}")
