"""Tell a scanner from fingers: letters that come in one rush are a scan, a letter by itself is a key."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

RUSH = 60
"""Milliseconds within which a scanner sends its next letter (5 to 30 are usual); no finger does."""
LONGEST = 200


class Keystrokes(QObject):
    """Collects printable letters that no field has taken.

    Signals:
        pressed: emitted with one letter that nothing followed.
        rushed: emitted with the text of a rush that did not end in Return.
        scanned: emitted with the text of a rush that ended in Return.
    """

    pressed = Signal(str)
    rushed = Signal(str)
    scanned = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(RUSH)
        self._timer.timeout.connect(self._settle)

    @property
    def pending(self) -> bool:
        """True while it is not known yet what the last letters are."""
        return bool(self._text)

    def take(self, text: str) -> None:
        """Take what a key gave."""
        self._text = (self._text + text)[:LONGEST]
        self._timer.start()

    def end(self) -> None:
        """Return was pressed: what is pending was scanned."""
        text, self._text = self._text, ""
        self._timer.stop()
        if text:
            self.scanned.emit(text)

    def _settle(self) -> None:
        text, self._text = self._text, ""
        if len(text) == 1:
            self.pressed.emit(text)
        elif text:
            self.rushed.emit(text)
