"""A titled part of a panel that can be folded; what is folded from the start is made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from ui.plain import caption
from ui.theme import Theme


class Section(QWidget):
    """A heading that opens and closes what lies under it.

    ``make`` gives the content when the section is opened for the first time.
    """

    def __init__(
        self,
        theme: Theme,
        title: str,
        make: Callable[[], QWidget],
        *,
        opened: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._make: Callable[[], QWidget] | None = make
        self._head = QToolButton(self)
        self._head.setProperty("role", "fold")
        self._head.setCheckable(True)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setIconSize(QSize(14, 14))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 12, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addWidget(self._head, alignment=Qt.AlignmentFlag.AlignLeft)
        self._content: QWidget | None = None
        self._head.toggled.connect(self._fold)
        theme.changed.connect(self._dress)
        self.say(title)
        self._head.setChecked(opened)
        self._dress()

    @property
    def opened(self) -> bool:
        """True while the content can be seen."""
        return self._head.isChecked()

    def open(self) -> None:
        """Open it."""
        self._head.setChecked(True)

    def say(self, title: str) -> None:
        """Show another title."""
        self._head.setText(f"\u2009{caption(title)}")
        self._head.setAccessibleName(title)

    def _fold(self, opened: bool) -> None:
        if opened and self._make is not None:
            self._content = self._make()
            self._make = None
            self._layout.addWidget(self._content)
        if self._content is not None:
            self._content.setVisible(opened)
        self._dress()

    def _dress(self) -> None:
        name = "chevron-down" if self.opened else "chevron-right"
        self._head.setIcon(self._theme.icons.icon(name, self._theme.colours.soft))
