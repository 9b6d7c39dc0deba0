"""Show a dialog and await its end; ``exec()`` would stop every other coroutine of the glass for good."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.buttons import Button
from ui.plain import Words
from ui.theme import Theme


async def ended(dialog: QDialog) -> bool:
    """Open ``dialog`` over its parent alone, wait until it is closed and say whether it was accepted."""
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finished(result: int) -> None:
        if not future.done():
            future.set_result(result)

    dialog.finished.connect(finished)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    try:
        return await future == int(QDialog.DialogCode.Accepted)
    except asyncio.CancelledError:
        if isValid(dialog):
            dialog.close()
        raise


class Question(QDialog):
    """One question with two answers; the harmless one has the focus."""

    def __init__(
        self, theme: Theme, title: str, text: str, *, yes: str, no: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(400)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(Words(title, "title", wrap=True))
        layout.addWidget(Words(text, wrap=True))
        layout.addSpacing(6)
        accept, reject = Button(theme, yes), Button(theme, no, role="primary")
        accept.clicked.connect(self.accept)
        reject.clicked.connect(self.reject)
        reject.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(accept)
        buttons.addWidget(reject)
        layout.addLayout(buttons)
        reject.setFocus()
