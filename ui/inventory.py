"""What is installed, to be searched: a list of every app with what the policy makes of it, doubtful ones first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QListView, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.policy.effective import Decision
from provisioning.verification.judgement import JudgedApp
from ui.marks import draw_mark
from ui.plain import Words, tooltip
from ui.signs import DECISION_SIGN
from ui.steady import steady
from ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_ORDER = (Decision.DENIED, Decision.NEEDS_PERMIT, Decision.REVIEW, Decision.ALLOWED)
_APP = int(Qt.ItemDataRole.UserRole) + 1


@steady
class _Apps(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._apps: list[JudgedApp] = []

    def show_apps(self, apps: Sequence[JudgedApp]) -> None:
        self.beginResetModel()
        self._apps = sorted(apps, key=lambda app: (_ORDER.index(app.decision), (app.name or app.id).casefold(), app.id))
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._apps)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        app = self._apps[index.row()]
        if role == _APP:
            return app
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            word = DECISION_SIGN[app.decision].word
            return f"{_name(app)}, {one_line(app.id, 120)}, {one_line(app.where, 60)}, {word}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{one_line(app.id, 200)}\n{one_line(app.sentence, 400)}")
        return None


@steady
class _AppDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._line = QFontMetrics(theme.fonts.body).height() + 2

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, self._line * 2 + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        app: JudgedApp = index.data(_APP)
        colours, fonts = self._theme.colours, self._theme.fonts
        sign = DECISION_SIGN[app.decision]
        box: QRect = option.rect.adjusted(8, 4, -8, -4)
        side = QFontMetrics(fonts.body).capHeight() * 1.3
        mark = QRectF(box.left(), box.top() + (self._line - side) / 2, side, side)
        painter.save()
        draw_mark(painter, mark, sign.shape, colours.tones[sign.tone].mark, colours.sunken)
        first = QRect(box.left() + round(side) + 8, box.top(), box.width() - round(side) - 8, self._line)
        painter.setFont(fonts.body)
        metrics = QFontMetrics(fonts.body)
        word = metrics.horizontalAdvance(sign.word)
        painter.setPen(QColor(colours.tones[sign.tone].mark))
        painter.drawText(first, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, sign.word)
        painter.setPen(QColor(colours.text))
        name = metrics.elidedText(_name(app), Qt.TextElideMode.ElideRight, first.width() - word - 10)
        painter.drawText(first, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(QColor(colours.soft))
        where = "" if app.where in {"", "user 0"} else f" · {one_line(app.where, 60)}"
        second = first.translated(0, self._line)
        small = metrics.elidedText(one_line(app.id, 160) + where, Qt.TextElideMode.ElideMiddle, second.width())
        painter.drawText(second, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, small)
        painter.restore()


class InventoryList(QWidget):
    """A search field over the list of apps."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Apps(self)
        self._filter = QSortFilterProxyModel(self)
        self._filter.setSourceModel(self._model)
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Find an app by name or identifier")
        self.search.setAccessibleName("Find an app by name or identifier")
        self.search.setClearButtonEnabled(True)
        self.view = QListView(self)
        self.view.setAccessibleName("Apps on this handset")
        self.view.setModel(self._filter)
        self.view.setUniformItemSizes(True)
        self.view.setItemDelegate(_AppDelegate(theme, self))
        self.view.setMinimumHeight(240)
        self._count = Words(role="soft")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self.search, self.view, self._count):
            layout.addWidget(widget)
        self.search.textChanged.connect(self._find)
        self._shown: tuple[JudgedApp, ...] | None = None

    def show_apps(self, apps: tuple[JudgedApp, ...]) -> None:
        """Show these."""
        if apps is not self._shown:
            self._shown = apps
            self._model.show_apps(apps)
            self._find(self.search.text())

    def _find(self, text: str) -> None:
        self._filter.setFilterFixedString(text.strip())
        shown, total = self._filter.rowCount(), self._model.rowCount()
        self._count.setText(f"{total} apps" if shown == total else f"{shown} of {total} apps")


def _name(app: JudgedApp) -> str:
    return one_line(app.name or app.id, 120)
