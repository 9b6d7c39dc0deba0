"""The two keys of a place that is gone through page by page: Return goes on, Esc leaves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox


def take_page_key(event: QKeyEvent, *, may_go_on: bool, go_on: Callable[[], None], leave: Callable[[], None]) -> bool:
    """Go on with Return, whatever has the focus; a button that has it is pressed instead. False for any other key."""
    if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton) and not isinstance(focused, QCheckBox):
            focused.click()
        elif may_go_on:
            go_on()
    elif event.key() == Qt.Key.Key_Escape:
        leave()
    else:
        return False
    return True
