"""A barcode scanner is a keyboard in a hurry: told from fingers by its pace or its prefix, whatever has the focus.

One filter over the whole application holds each letter back for :data:`RUSH` milliseconds. What follows faster than
any finger is collected; the Return or Tab at its end belongs to the scan and reaches no field and no button. A letter
by itself is given back to where it was typed. A rush that stops short (the cable was pulled) is never taken for a scan:
half of a number may be the whole of another.

Known limits: a scanner must type with the keyboard layout of this computer (capital letters or small, with or without
Caps Lock, do not matter), and this window must have the focus. One slower than 60 ms a letter, as some are over radio
or a remote desktop, must send a prefix: Ctrl+B (STX), or the one in desk.toml.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

from ui.steady import steady

RUSH = 60
"""Milliseconds within which a scanner sends its next letter (5 to 30 are usual); no finger does that four times."""
QUIET = 150
"""Milliseconds without a letter before a scan. A rush that comes sooner after one may have lost its beginning."""
PREFIXED_RUSH = 400
"""The same for a scanner that has announced itself by its prefix."""
LEAST = 4
"""Letters of the shortest scan that is known by its pace alone."""
LONGEST = 1000
SECOND_END = 20
"""Milliseconds within which a scanner that ends with two keys, such as Return and Ctrl+J, sends the second."""
STX, ETX, LF = "\x02", "\x03", "\n"
_ENDS = frozenset(key.value for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab))
_HELD = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_CapsLock)
_SILENT = frozenset(key.value for key in _HELD)
"""A scanner presses and releases these between its letters."""
_CTRL = Qt.KeyboardModifier.ControlModifier
_CONTROLS = {Qt.Key.Key_B.value: STX, Qt.Key.Key_C.value: ETX, Qt.Key.Key_J.value: LF}
"""Not every platform gives a control character as text."""
_ALT_GR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
"""How Windows tells AltGr."""
_MODIFIER = Qt.KeyboardModifier
_PLAIN = _MODIFIER.ShiftModifier | _MODIFIER.KeypadModifier | _MODIFIER.GroupSwitchModifier
_TOUCHES = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TabletPress}
)
_SEPARATORS = frozenset("\x1c\x1d\x1e\x1f")


@dataclass(slots=True)
class _Held:
    event: QKeyEvent
    text: str


@steady
class Scanner(QObject):
    """Filters the keys of the application. Ends with its parent.

    Signals:
        touched: emitted at every key, button, finger or pen: a person is there.
        scanned: emitted with the text of a whole scan, without prefix and end.
        rushed: emitted with a few letters that came in a rush where no text is typed: somebody types fast.
        broken: emitted with a rush that had no end.
    """

    touched = Signal()
    scanned = Signal(str)
    rushed = Signal(str)
    broken = Signal(str)

    def __init__(self, parent: QObject, prefix: str = "") -> None:
        """``prefix`` is one letter that the scanner sends before each scan; empty: it is told by its pace."""
        super().__init__(parent)
        self._prefix = prefix
        self._held: list[_Held] = []
        self._receiver: QWidget | None = None
        self._announced = False
        self._last = 0.0
        self._arrived = 0.0
        self._begun = 0.0
        self._typed = float("-inf")
        self._asked_again = False
        self._ended = float("-inf")
        self._end_key = 0
        self._giving_back = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._waited)
        application = QCoreApplication.instance()
        assert application is not None, "keys come to an application"
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold keys back; True where one has gone no further."""
        kind = event.type()
        if kind in _TOUCHES and isinstance(watched, QWidget):
            self.touched.emit()
        if kind is not QEvent.Type.KeyPress or self._giving_back:
            return False
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        return self._takes(watched, event)

    def _takes(self, receiver: QWidget, event: QKeyEvent) -> bool:
        if event.key() in _SILENT:
            return False
        now = _moment(event)
        # Without the system's clock only the timer tells: had there been a pause, it would have run out.
        if self._collecting and event.timestamp() and now - self._last > self._pace:
            self._settle()
        text = _CONTROLS.get(event.key(), event.text()) if event.modifiers() == _CTRL else event.text()
        if event.key() in _ENDS or text in {ETX, LF}:
            return self._ends(event, now)
        self._ended = float("-inf")
        if text == STX:
            self._settle()
            self._announced = True
        elif not self._belongs(event, text):
            self._settle()
            return False
        elif not self._held and text == self._prefix:
            self._announced = True
        if not self._held:
            self._receiver = receiver
            self._begun = now
        if text != STX and len(self._held) < LONGEST:
            self._held.append(_Held(event.clone(), text))
        self._last, self._arrived, self._asked_again = now, time.monotonic(), False
        self._timer.start(self._pace)
        return True

    @property
    def _collecting(self) -> bool:
        return bool(self._held) or self._announced

    @property
    def _pace(self) -> int:
        return PREFIXED_RUSH if self._announced else RUSH

    def _belongs(self, event: QKeyEvent, text: str) -> bool:
        """Tell whether a key may be part of a scan."""
        if event.isAutoRepeat() and not self._announced:
            return False
        if text in _SEPARATORS:
            return self._collecting
        # A space by itself ticks and presses; it is part of a scan only within one.
        held = event.modifiers() & ~_PLAIN
        plain = not held or held == _ALT_GR
        return bool(text) and plain and text.isprintable() and (text != " " or self._collecting)

    def _ends(self, event: QKeyEvent, now: float) -> bool:
        """Take the end of a scan, and the second key of a scanner that sends two; any other goes its way."""
        if self._announced or len(self._held) >= LEAST:
            text, whole = self._text(), self._announced or self._begun - self._typed > QUIET
            self._forget()
            self._ended, self._end_key = now, event.key()
            if text:
                (self.scanned if whole else self.broken).emit(text)
            return True
        if event.key() != self._end_key and now - self._ended <= SECOND_END:
            return True
        self._settle()
        return False

    def _waited(self) -> None:
        """Nothing came in time. Where the loop itself was late, what has come meanwhile is looked at first."""
        late = (time.monotonic() - self._arrived) * 1000 > 1.25 * self._pace
        if self._collecting and (late or not self._asked_again):
            self._arrived, self._asked_again = time.monotonic(), True
            self._timer.start(self._pace if late else 0)
            return
        self._settle()

    def _settle(self) -> None:
        """What is held was no scan: give it back to where it was typed, or say that a scan broke off."""
        if not self._collecting:
            return
        held, receiver, text, announced = self._held, self._receiver, self._text(), self._announced
        self._typed = self._last
        self._forget()
        if announced and (text or not held):
            self.broken.emit(text)
            return
        if len(held) == 1 or isinstance(receiver, QLineEdit | QPlainTextEdit | QAbstractSpinBox):
            self._give_back(held, receiver)
        else:
            self.rushed.emit(text)
        if len(held) >= LEAST:
            self.broken.emit(text)

    def _give_back(self, held: list[_Held], receiver: QWidget | None) -> None:
        self._giving_back = True
        try:
            for one in held:
                before = QApplication.focusWidget()
                if receiver is None or not isValid(receiver):
                    return
                QCoreApplication.sendEvent(receiver, one.event)
                event = one.event
                release = QKeyEvent(QEvent.Type.KeyRelease, event.key(), event.modifiers(), event.text())
                now = QApplication.focusWidget()
                receiver = now if now is not before else receiver
                if receiver is not None and isValid(receiver):
                    QCoreApplication.sendEvent(receiver, release)
        finally:
            self._giving_back = False

    def _text(self) -> str:
        text = "".join(one.text for one in self._held)
        return text.removeprefix(self._prefix) if self._announced and self._prefix else text

    def _forget(self) -> None:
        self._timer.stop()
        self._held = []
        self._receiver = None
        self._announced = False


def _moment(event: QKeyEvent) -> float:
    """Give when a key was pressed, in milliseconds: by the system's clock where it tells, however late it is heard."""
    return float(event.timestamp()) or time.monotonic() * 1000
