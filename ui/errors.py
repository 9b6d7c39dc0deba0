"""The error sheet: what happened, what to do, and details to copy for whoever looks after the desk."""

from __future__ import annotations

import platform
import traceback

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from provisioning.errors import IssuingDeskError, LedgerError
from provisioning.plain_text import one_line
from ui.buttons import Button
from ui.marks import Mark
from ui.plain import SelectableWords, Words
from ui.signs import Shape, Sign, Tone
from ui.theme import Theme

_SIGN = Sign(Shape.DIAMOND, Tone.FAULT, "Error")
_OURS = "The program made a mistake. What was on the ledger before stays there."
_OURS_TO_DO = (
    "Look at the handset’s card to see how it stands, then try again. If it happens again, copy the details and give "
    "them to whoever looks after this desk."
)


def what_happened(error: BaseException) -> tuple[str, str]:
    """Give what happened and what to do, each in plain words.

    The text of our own errors is made of exactly that: the first sentence, then the rest.
    """
    if not isinstance(error, IssuingDeskError):
        return _OURS, _OURS_TO_DO
    happened, _, to_do = str(error).partition(". ")
    happened = f"{happened.rstrip('.')}."
    if isinstance(error, LedgerError) and not to_do:
        to_do = "Stop handing over and have the ledger verified."
    return happened, to_do


def details_of(error: BaseException) -> str:
    """Give what a maintainer needs: kinds, places in the program, versions; none of the values that were at hand."""
    lines = [f"Python {platform.python_version()} on {platform.system()} {platform.release()}"]
    seen: BaseException | None = error
    while seen is not None and len(lines) < 200:
        said = str(seen) if isinstance(seen, IssuingDeskError) else ""
        lines.append(f"{type(seen).__name__}{': ' + one_line(said, 300) if said else ''}")
        lines += [
            f"  {frame.filename.rsplit('site-packages', 1)[-1].rsplit('/', 2)[-1]}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(seen.__traceback__)[-20:]
        ]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(lines)


class ErrorSheet(QDialog):
    """Shows one error. Open it with ``open()``; other handsets go on meanwhile."""

    def __init__(self, theme: Theme, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        happened, to_do = what_happened(error)
        self.setWindowTitle("Something went wrong")
        self.setMinimumWidth(460)
        self._details = QPlainTextEdit(details_of(error))
        self._details.setReadOnly(True)
        self._details.setAccessibleName("Details")
        self._details.setVisible(False)
        self._details.setMinimumHeight(160)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(Mark(theme, _SIGN))
        head.addWidget(Words("Something went wrong", "title"), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(SelectableWords(happened, wrap=True))
        if to_do:
            layout.addWidget(Words("What to do", "strong"))
            layout.addWidget(SelectableWords(to_do, wrap=True))
        layout.addWidget(self._details, 1)
        self._show = Button(theme, "Show details")
        self._show.clicked.connect(self._toggle)
        copy = Button(theme, "Copy details", "copy")
        copy.clicked.connect(self._copy)
        close = Button(theme, "Close", role="primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        for button in (self._show, copy):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout.addSpacing(6)
        layout.addLayout(buttons)
        close.setFocus()

    @property
    def details(self) -> str:
        """Give the details as they would be copied."""
        return self._details.toPlainText()

    def _toggle(self) -> None:
        shown = not self._details.isVisible()
        self._details.setVisible(shown)
        self._show.say("Hide details" if shown else "Show details")
        self.adjustSize()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details)
