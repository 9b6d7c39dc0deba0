"""The wall of bays: one list view with a delegate that copies painted cards; the same at four bays and at 256."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QWidget,
)

from ui.card_painter import CardPainter, Density, Look
from ui.steady import steady
from ui.theme import Theme
from ui.wall_delegate import CardDelegate
from ui.wall_fit import GAP, Fit, fit
from ui.wall_model import Index, WallModel, WallRole

SLICE = 0.006
"""Seconds in which one turn of the loop paints new cards; while forty handsets work, each call into Qt waits for its
turn at the interpreter, and a key pressed meanwhile must not wait for all of them."""


@steady
class Wall(QListView):
    """All bays. The chosen handset stays chosen while rows come and go around it.

    Signals:
        chosen: emitted with the key when a person chooses another handset, or "" when the chosen one is gone.
        activated_key: emitted with the key on Return or a double click.
    """

    chosen = Signal(str)
    activated_key = Signal(str)

    def __init__(self, model: WallModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._cards = CardPainter(theme)
        self._delegate = CardDelegate(model, self._cards, self)
        self._wish: Density | None = None
        self._far = False
        self._key = ""
        self._restoring = False
        self._boxes: list[QRect] | None = None
        self._hovered = QPersistentModelIndex()
        self.setAccessibleName("Bays")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSpacing(GAP // 2)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(self._delegate)
        self.viewport().setAutoFillBackground(False)
        # Before the view itself hears of it and makes the row beside the current one.
        model.rowsAboutToBeRemoved.connect(self._hold)
        model.rowsAboutToBeInserted.connect(self._hold)
        self.setModel(model)
        model.told.connect(self._settle)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.activated.connect(self._activate)
        self.entered.connect(self._hover)
        self.viewportEntered.connect(lambda: self._hover(QModelIndex()))
        theme.changed.connect(self._delegate.forget)
        theme.changed.connect(self.viewport().update)

    @property
    def key(self) -> str:
        """Give the key of the chosen handset, or ""."""
        return self._key

    @property
    def density(self) -> Density:
        """Give the density in use."""
        return self._delegate.fit.density

    @property
    def laid(self) -> Fit:
        """Give how the cards lie."""
        return self._delegate.fit

    def show_from_afar(self, far: bool) -> None:
        """Use tiles that are as large as lets all be seen; or (False) the cards of a desk again."""
        self._far = far
        self._fit()

    def choose_density(self, density: Density | None) -> None:
        """Use this density; None takes the largest in which everything can be seen at once."""
        self._wish = density
        self._fit()

    def choose(self, key: str) -> None:
        """Choose a handset as if a person had; an unknown or filtered key chooses nothing on the wall."""
        index = self._model.index_of(key)
        self._key = key
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if index.isValid():
            self.scrollTo(index)
        self.chosen.emit(key)

    def _hold(self) -> None:
        self._restoring = True

    def _settle(self) -> None:
        """Put the choice back where its card is now, and make everything fit again."""
        if self._restoring:
            index = self._model.index_of(self._key)
            if index != self.currentIndex():
                self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self._restoring = False
            self._fit()
        if self._key and self._key not in self._model.statuses:
            self._key = ""
            self.chosen.emit("")

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        del previous
        key = current.data(WallRole.KEY) or ""
        if not self._restoring and key and key != self._key:
            self._key = key
            self.chosen.emit(key)

    def _activate(self, index: QModelIndex) -> None:
        if key := index.data(WallRole.KEY):
            self.activated_key.emit(key)

    def _fit(self) -> None:
        """Choose density and card width for the room that there is."""
        room = self.maximumViewportSize()
        # A wrapping QListView keeps room for its scroll bar whether it is shown or not.
        width = room.width() - self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self) - 1
        cards, headings = self._cards, self._model.headings

        def title(zoom: float) -> int:
            return max((cards.title_width(one.title, one.short_count, zoom) for one in headings), default=0)

        cards.widest = self._model.widest
        laid = fit(
            self._model.hubs,
            (width, room.height()),
            cards.card_size,
            heading=cards.heading_height,
            title=title,
            wish=self._wish,
            far=self._far,
        )
        before, self._delegate.fit = self._delegate.fit, laid
        if replace(before, height=0) != replace(laid, height=0):
            self._delegate.forget()
            self.verticalScrollBar().setSingleStep(laid.card[1] // 2)
            self.scheduleDelayedItemsLayout()

    def moveCursor(self, cursorAction: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Move between cards: sideways in the order of bays, up and down to the card above or below."""
        action = QAbstractItemView.CursorAction
        cards = [self._model.index_of(key) for key in self._model.shown]
        if not cards:
            return QModelIndex()
        current = self.currentIndex()
        at = next((number for number, index in enumerate(cards) if index == current), None)
        if at is None:
            # Qt asks for the next one when the wall gets the focus; nobody has chosen a handset by that.
            return QModelIndex() if cursorAction is action.MoveNext else cards[0]
        match cursorAction:
            case action.MoveLeft | action.MovePrevious:
                return cards[max(0, at - 1)]
            case action.MoveRight | action.MoveNext:
                return cards[min(len(cards) - 1, at + 1)]
            case action.MoveHome:
                return cards[0]
            case action.MoveEnd:
                return cards[-1]
            case action.MoveUp:
                return self._beside(cards, current, down=False, far=False)
            case action.MoveDown:
                return self._beside(cards, current, down=True, far=False)
            case action.MovePageUp:
                return self._beside(cards, current, down=False, far=True)
            case action.MovePageDown:
                return self._beside(cards, current, down=True, far=True)

    def _beside(self, cards: list[QModelIndex], current: QModelIndex, *, down: bool, far: bool) -> QModelIndex:
        here = self.visualRect(current)
        step = self.viewport().height() - here.height() if far else 1
        places = [(index, self.visualRect(index)) for index in cards]
        past = [
            (abs(box.top() - here.top()) if not far else abs(abs(box.top() - here.top()) - step), box, index)
            for index, box in places
            if (box.top() > here.top() if down else box.top() < here.top())
        ]
        if not past:
            return current
        nearest = min(distance for distance, _, _ in past)
        line = [(abs(box.left() - here.left()), index) for distance, box, index in past if distance == nearest]
        return min(line, key=lambda pair: pair[0])[1]

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Give the card at a point; what is right of a hub's last card belongs to none."""
        index = super().indexAt(point)
        beyond = index.isValid() and point.x() >= self.visualRect(index).left() + self.laid.card[0]
        return QModelIndex() if beyond and index.data(WallRole.KEY) else index

    def keyboardSearch(self, search: str) -> None:
        """Leave typing to the window: what is typed here may be a scanner."""

    def dataChanged(
        self,
        topLeft: Index,
        bottomRight: Index,
        roles: object = (),
    ) -> None:
        """Repaint the card; QListView would lay out all of them anew although none changes its size."""
        del roles
        if topLeft.row() == bottomRight.row():
            QAbstractItemView.dataChanged(self, topLeft, bottomRight)
            return
        boxes, viewport = self._places(), self.viewport()
        for row in self._model.changed_rows:
            viewport.update(boxes[row])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was exposed, for a while; what is left over comes at the next turns of the loop.

        QListView's own would go through every card between the first and the last that is exposed, and ask three times
        for the size of each.
        """
        region, laid, delegate = event.region(), self.laid, self._delegate
        boxes = self._places()
        current, hovered = self.currentIndex().row(), self._hovered.row()
        selected = {index.row() for index in self.selectedIndexes()}
        focused = self.hasFocus()
        plain = Look(
            laid.card,
            selected=False,
            hovered=False,
            focused=False,
            scale=self.viewport().devicePixelRatioF(),
            zoom=laid.zoom,
        )
        delegate.begin(SLICE)
        with QPainter(self.viewport()) as painter:
            for row, box in enumerate(boxes):
                if not region.intersects(box):
                    continue
                look = plain
                if row in (current, hovered) or row in selected:
                    look = replace(
                        plain, selected=row in selected, hovered=row == hovered, focused=focused and row == current
                    )
                delegate.draw(painter, box, row, look)
        behind = delegate.behind
        if not behind.isEmpty():
            QTimer.singleShot(0, self.viewport(), lambda: self.viewport().update(behind))

    def _places(self) -> list[QRect]:
        """Give where each row is drawn now; the last card of a hub has the rest of its line, and is drawn as a card."""
        if self._boxes is None or len(self._boxes) != self._model.rowCount():
            self.executeDelayedItemsLayout()
            card, boxes = QSize(*self.laid.card), list[QRect]()
            for row in range(self._model.rowCount()):
                box = self.visualRect(self._model.index(row))
                boxes.append(QRect(box.topLeft(), card) if self._model.is_card(row) else box)
            self._boxes = boxes
        return self._boxes

    def _hover(self, index: QModelIndex) -> None:
        for one in (self._hovered, index):
            if one.isValid():
                self.viewport().update(self.visualRect(one))
        self._hovered = QPersistentModelIndex(index)

    def doItemsLayout(self) -> None:
        """Lay everything out anew."""
        super().doItemsLayout()
        self._boxes = None

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Scroll."""
        super().scrollContentsBy(dx, dy)
        self._boxes = None

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        self._hover(QModelIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make everything fit the new room."""
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let letters pass to the window; Esc lets the chosen handset go."""
        if event.key() == Qt.Key.Key_Escape and self._key:
            self.choose("")
            return
        if event.text().isprintable() and event.text().strip():
            event.ignore()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Measure again when the font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._cards.forget()
            self._delegate.forget()
