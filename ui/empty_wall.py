"""What the wall says when there is nothing on it: how to begin, or why nothing is found."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from ui.buttons import Button
from ui.marks import Picture
from ui.plain import Words
from ui.theme import Theme

FIRST_STEPS = (
    "Plug a handset into any bay. A new iPhone may stay at its welcome screen; a new Android scans the QR there.",
    "When it asks, unlock it and tap “Trust” (iPhone, iPad) or “Allow” (Android).",
    "Watch its card. What needs a hand is said at the foot of this window, the quickest first.",
    "When its card says Ready, choose it and press Ctrl+H to hand it over.",
)


class EmptyWall(QWidget):
    """No handset is plugged in.

    Signals:
        code_wanted: emitted when a person wants the code that factory-fresh Androids scan.
    """

    code_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(
            Qt.FocusPolicy.StrongFocus
        )  # until there is a wall: a scan must find its way, and so must F1
        self.setAccessibleName("No handset is plugged in")
        layout = _middle(self)
        layout.addWidget(Picture(theme, "usb", 44), alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(10)
        layout.addWidget(Words("No handset is plugged in", "title", wrap=True))
        layout.addSpacing(6)
        for number, step in enumerate(FIRST_STEPS, start=1):
            layout.addWidget(Words(f"{number}.  {step}", wrap=True))
        layout.addSpacing(6)
        layout.addWidget(Words("F1 lists all keys.", "soft"))
        layout.addSpacing(8)
        code = Button(
            theme, "Show the QR", "qr-code", tip="The code that factory-fresh Androids scan to be enrolled (Ctrl+E)"
        )
        code.clicked.connect(self.code_wanted)
        layout.addWidget(code, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(3)


class NothingFound(QWidget):
    """The filter lets nothing through.

    Signals:
        cleared: emitted when a person wants to see everything again.
        ledger_wanted: emitted when what was typed is to be looked for in the whole ledger.
    """

    cleared = Signal()
    ledger_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = _middle(self)
        self._words = Words(role="title", wrap=True)
        button = Button(theme, "Show all handsets", "x")
        button.clicked.connect(self.cleared)
        self.look = Button(theme, "Look in the whole ledger", "search", tip="Whatever it is a number of, at any desk")
        self.look.clicked.connect(self.ledger_wanted)
        self._also = Words(role="soft", wrap=True)
        layout.addWidget(self._words)
        layout.addWidget(self._also)
        layout.addSpacing(8)
        layout.addWidget(self.look, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(3)

    def say(self, text: str) -> None:
        """Say what was looked for."""
        said = f"No handset here matches “{one_line(text, 60)}”" if text else "No handset is in that state"
        self.look.setVisible(bool(text))
        if said != self._words.text():
            self._words.setText(said)
            self._also.setText("Press Return to look for a receipt of that number." if text else "")

    def say_also(self, sentence: str) -> None:
        """Say what else was found out, such as that there is no receipt of that number either."""
        self._also.setText(sentence)


def _middle(widget: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(40, 24, 40, 24)
    layout.setSpacing(6)
    layout.addStretch(2)
    return layout
