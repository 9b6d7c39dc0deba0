"""The question before a batch is closed: what differs, and why it is closed all the same."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from ui.buttons import Button
from ui.plain import Words
from ui.theme import Theme


class CloseInSpite(QDialog):
    """Asks for the reason; without one the batch stays open."""

    def __init__(
        self, theme: Theme, name: str, sentence: str, differences: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Close batch {one_line(name, 60)}")
        self.setMinimumSize(560, 380)
        self.reason = ""
        """What was typed; the field does not outlive the dialog."""
        self.differences = QListWidget()
        self.differences.setAccessibleName("What differs")
        self.differences.setWordWrap(True)
        self.differences.addItems([one_line(one, 400) for one in differences])
        self.differences.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.differences.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.why = QLineEdit()
        self.why.setPlaceholderText("Why it is closed all the same; this stands in the ledger")
        self.why.setAccessibleName("Why it is closed all the same")
        self.why.setMaxLength(400)
        self.accept_button = Button(theme, "Close all the same")
        self.accept_button.setEnabled(False)
        keep = Button(theme, "Leave it open", role="primary")
        self.why.textChanged.connect(self._typed)
        self.accept_button.clicked.connect(self.accept)
        keep.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(Words("The batch and the ledger differ", "title", wrap=True))
        layout.addWidget(Words(sentence, wrap=True))
        layout.addWidget(self.differences, 1)
        layout.addWidget(self.why)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.accept_button)
        buttons.addWidget(keep)
        layout.addLayout(buttons)

    def _typed(self, text: str) -> None:
        self.reason = " ".join(text.split())
        self.accept_button.setEnabled(bool(self.reason))
