"""PySide6 6.12.0 gives away references to None, True and False on CPython 3.11 until the process aborts; keep watch."""

from __future__ import annotations

import sys

import PySide6
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel

CALLS = 1_000
SLACK = 50
"""References that come and go by themselves in a test run."""


class Speaker(QObject):
    """Emits."""

    said = Signal(int)


def growth(before: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(now - then for now, then in zip(references(), before, strict=True))


def references() -> tuple[int, ...]:
    return sys.getrefcount(None), sys.getrefcount(True), sys.getrefcount(False)


def test_a_thousand_calls_into_qt_lose_no_reference(qapp: QApplication) -> None:
    label, speaker = QLabel(), Speaker()
    heard: list[int] = []
    speaker.said.connect(heard.append)
    label.setText("warm up")
    speaker.said.emit(0)
    before = references()
    for number in range(CALLS):
        label.setText("x")
        label.setVisible(False)
        label.update()
        speaker.said.emit(number)
    lost = growth(before)
    label.deleteLater()
    assert len(heard) == CALLS + 1
    assert all(abs(change) < SLACK for change in lost), f"PySide6 {PySide6.__version__} loses references: {lost}"
