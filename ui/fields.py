"""Fields of a form, named for assistive technology, in a grid with their titles."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from ui.plain import Words


def field(name: str, placeholder: str, role: str = "") -> QLineEdit:
    """Make a field with a name for assistive technology."""
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setPlaceholderText(placeholder)
    made.setMaxLength(400)
    if role:
        made.setProperty("role", role)
    return made


def pieces(text: str) -> tuple[str, ...]:
    """Give what stands between commas."""
    return tuple(piece for piece in (part.strip() for part in text.split(",")) if piece)


def form(*lines: Sequence[tuple[str, QWidget]]) -> QGridLayout:
    """Lay fields out with their titles, one or two to a line."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(8)
    for row, line in enumerate(lines):
        for at, (title, widget) in enumerate(line):
            grid.addWidget(Words(title), row, 2 * at)
            grid.addWidget(widget, row, 2 * at + 1, 1, 1 if len(line) > 1 else 3)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(3, 1)
    return grid
