"""Names and values in two columns; values can be marked, and copied with one button."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from ui.plain import Elided, Words
from ui.theme import Theme


class FactsGrid(QWidget):
    """One line a fact; a fact without a value is left out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: dict[str, tuple[Words, Elided, QToolButton]] = {}
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 14, 0, 0)
        self._layout.setHorizontalSpacing(12)
        self._layout.setVerticalSpacing(3)
        self._layout.setColumnStretch(1, 1)
        theme.changed.connect(self._dress)

    def show_facts(self, facts: Mapping[str, str]) -> None:
        """Show these, in the order in which each name was first seen."""
        self.setVisible(any(facts.values()))
        for name in facts:
            if name not in self._rows:
                self._add(name)
        for name, (title, value, copy) in self._rows.items():
            text = facts.get(name, "")
            value.setText(text)
            copy.setAccessibleName(f"Copy {name} {text}")
            for widget in (title, value, copy):
                widget.setVisible(bool(text))

    def _add(self, name: str) -> None:
        title, value, copy = (
            Words(name, "soft"),
            Elided(role="serial", mode=Qt.TextElideMode.ElideMiddle),
            QToolButton(),
        )
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        copy.setProperty("role", "tiny")
        copy.setIconSize(QSize(14, 14))
        copy.setToolTip(f"Copy {name}")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(value.text()))
        line = self._layout.rowCount()
        for column, widget in enumerate((title, value, copy)):
            self._layout.addWidget(widget, line, column)
        self._rows[name] = (title, value, copy)
        self._dress()

    def _dress(self) -> None:
        for _, _, copy in self._rows.values():
            copy.setIcon(self._theme.icons.icon("copy", self._theme.colours.soft))
