"""The orders: for whom something is ready and in which bay, what is in the way, who waits, and what is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from ui.batch_actions import BatchActions, OrderLine
from ui.buttons import Button
from ui.dialogs import ended
from ui.marks import mark_icon
from ui.plain import Words
from ui.signs import DONE, NOT_BEGUN, Shape, Sign, Tone
from ui.tasks import Tasks
from ui.theme import Theme

READY = Sign(Shape.RING, Tone.READY, "Ready to be given")
HINDERED = Sign(Shape.TRIANGLE, Tone.HANDS, "Something is in the way")
NONE_YET = "Nothing is ordered. Import a list: officer number or team, and serial number or model."
TABLES = "Tables (*.csv *.xlsx *.txt *.tsv);;All files (*)"


class OrdersSheet(QDialog):
    """The list, first what can be given now."""

    def __init__(
        self,
        theme: Theme,
        actions: BatchActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Orders")
        self._theme, self._actions = theme, actions
        self._tasks = Tasks(self, report)
        self._sum = Words("Orders", "title", wrap=True)
        self.list = QListWidget()
        self.list.setProperty("role", "lane")
        self.list.setAccessibleName("Orders, first what can be given now")
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.said = Words("", "soft", wrap=True)
        take = Button(theme, "Import orders…", "plus", tip="CSV or XLSX; in place of an older list of its name")
        close = Button(theme, "Close", role="primary", tip="Esc")
        take.clicked.connect(lambda: self._tasks.start(self._choose(), "import orders"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(take)
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(10)
        layout.addWidget(self._sum)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.said)
        layout.addLayout(foot)
        self.resize(680, 520)
        self._tasks.start(self._read(), "read the orders")

    def take(self, file: Path) -> None:
        """Keep this list."""
        self._tasks.start(self._import(file), "import orders")

    async def _choose(self) -> None:
        dialog = QFileDialog(self, "Import orders", "", TABLES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        if await ended(dialog):
            await self._import(Path(dialog.selectedFiles()[0]))

    async def _import(self, file: Path) -> None:
        self.said.setText(await self._actions.import_orders(file))
        await self._read()

    async def _read(self) -> None:
        found = await self._actions.orders()
        self.list.clear()
        for order, sign, words in sorted(map(_told, found), key=lambda one: _TURN[one[1].word]):
            item = QListWidgetItem(mark_icon(self._theme, sign), words)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{sign.word}: {words}")
            item.setData(Qt.ItemDataRole.UserRole, order.reference)
            self.list.addItem(item)
        waiting = sum(one.waiting for one in found)
        here = sum(len(one.assigned) for one in found)
        total = sum(one.quantity for one in found)
        self._sum.setText(f"{total - waiting} of {total} given, {here} ready to be given" if found else "No orders")
        if not found:
            self.said.setText(NONE_YET)


_TURN = {sign.word: turn for turn, sign in enumerate((READY, HINDERED, NOT_BEGUN, DONE))}


def _told(order: OrderLine) -> tuple[OrderLine, Sign, str]:
    """Say how an order stands, with its sign."""
    reference = f" (order {one_line(order.reference, 40)})" if order.reference else ""
    head = f"{one_line(order.whom, 80)}: {one_line(order.what, 60)}{reference}"
    head = head[:1].upper() + head[1:]
    if not order.waiting:
        return order, DONE, f"{head} – given."
    if order.assigned:
        shown = [
            f"{one_line(serial, 40)}{f' in bay {one_line(bay, 24)}' if bay else ''}" for serial, bay in order.assigned
        ]
        more = f" and {len(shown) - 6} more" if len(shown) > 6 else ""
        conflicts = " ".join(one_line(one, 300) for one in order.conflicts)
        return order, READY, f"{head} – {', '.join(shown[:6])}{more}. {conflicts}".rstrip()
    if order.conflicts:
        return order, HINDERED, f"{head} – {' '.join(one_line(one, 300) for one in order.conflicts)}"
    return order, NOT_BEGUN, f"{head} – {order.waiting} to come."
