"""The sessions as rows: a heading for each hub, then its bays in the order that people count in. Follows the bridge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, unique

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from provisioning.plain_text import one_line
from provisioning.status import Phase, SessionStatus
from ui.bays import Bay, hub_title, order_of, read_bay
from ui.bridge import Changes
from ui.card import Card, bay_of, card_of
from ui.plain import tooltip
from ui.search import matches
from ui.signs import PHASE_SIGN, counted
from ui.standing import standing
from ui.steady import steady

_CARD = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_HEADING = Qt.ItemFlag.NoItemFlags
_MANY = 24
"""Changed rows from which on repainting everything costs less than repainting each."""
Index = QModelIndex | QPersistentModelIndex


@unique
class WallRole(IntEnum):
    """What the delegate asks for beside Qt's own roles."""

    CARD = Qt.ItemDataRole.UserRole + 1
    """A :class:`~ui.card.Card`, or None for a heading."""
    HEADING = Qt.ItemDataRole.UserRole + 2
    """A :class:`Heading`, or None for a card."""
    KEY = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the bays of one hub."""

    title: str
    counts: tuple[tuple[Phase, int], ...]
    mistrusted: tuple[str, ...] = ()
    """Bays of this hub whose port is to be mistrusted."""

    @property
    def short_count(self) -> str:
        """Give how many of this hub are ready, where there is no room for more."""
        ready = sum(number for phase, number in self.counts if phase is Phase.READY)
        return f"{ready}/{sum(number for _, number in self.counts)} ready"

    @property
    def spoken(self) -> str:
        """Give what a screen reader says for it."""
        pieces = [counted(phase, number) for phase, number in self.counts]
        if self.mistrusted:
            pieces.append(mistrust(self.mistrusted))
        return f"{self.title}: {', '.join(pieces)}"


def mistrust(labels: Sequence[str]) -> str:
    """Say that ports are to be looked at: “look at port 2-4”."""
    shown = ", ".join(labels[:3]) + (" …" if len(labels) > 3 else "")
    return f"look at port{'s' if len(labels) > 1 else ''} {shown}"


@dataclass(frozen=True, slots=True)
class _Row:
    order: tuple[object, ...]
    bay: Bay
    key: str
    """Empty for the heading of the bay's hub."""


@steady
class WallModel(QAbstractListModel):
    """Holds the last status of every session and shows those that the filter lets through.

    Signals:
        told: emitted after each change that was taken or filter that was set, with the keys that it was about.
    """

    told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._statuses: dict[str, SessionStatus] = {}
        self._cards: dict[str, Card] = {}
        self._places: dict[str, _Row] = {}
        self._rows: list[_Row] = []
        self._headings: dict[str, Heading] = {}
        self._phases: frozenset[Phase] = frozenset()
        self._text = ""
        self._mistrusted: Mapping[str, str] = {}
        self.changed_rows: Sequence[int] = ()
        """Which rows a ``dataChanged`` over several is about; those between them are as they were."""

    @property
    def statuses(self) -> Mapping[str, SessionStatus]:
        """Give every session by key, filtered or not."""
        return self._statuses

    @property
    def shown(self) -> Sequence[str]:
        """Give the keys of the shown cards in their order."""
        return [row.key for row in self._rows if row.key]

    @property
    def hubs(self) -> Sequence[int]:
        """Give the number of shown cards of each hub, in order."""
        return [sum(number for _, number in heading.counts) for heading in self._headings.values()]

    @property
    def headings(self) -> Sequence[Heading]:
        """Give the headings of all shown hubs."""
        return list(self._headings.values())

    @property
    def widest(self) -> str:
        """Give the longest label that is shown for a bay."""
        return max((self._cards[row.key].bay for row in self._rows if row.key), key=len, default="")

    def is_card(self, row: int) -> bool:
        """Tell a card from a heading."""
        return bool(self._rows[row].key)

    def ends(self, row: int) -> int:
        """Give the number of cards of the hub whose last card this is; 0 for every other row."""
        here = self._rows[row]
        if not here.key or (row + 1 < len(self._rows) and self._rows[row + 1].key):
            return 0
        return sum(number for _, number in self._headings[here.bay.hub].counts)

    def tally(self) -> Mapping[Phase, int]:
        """Count all sessions by phase."""
        return Counter(status.phase for status in self._statuses.values())

    def take(self, changes: Changes) -> None:
        """Take over what the bridge tells."""
        moved = bool(changes.gone) or bool(self._phases) or bool(self._text)
        for key in changes.gone:
            self._statuses.pop(key, None)
            self._places.pop(key, None)
        touched: set[str] = set()
        for status in changes.statuses:
            self._statuses[status.key] = status
            card = card_of(status)
            if self._cards.get(status.key) != card:
                self._cards[status.key] = card
                touched.add(status.key)
            place = self._places.get(status.key)
            if place is None or place.bay is not bay_of(status):
                self._places[status.key] = _place(status)
                touched.add(status.key)
                moved = True
        if changes.ports is not None:
            self._mistrusted = changes.ports
        if touched or changes.gone or changes.ports is not None:
            self._rearrange(touched, moved=moved)
        for key in changes.gone:
            if key not in self._statuses:
                self._cards.pop(key, None)
        self.told.emit(frozenset((*changes.gone, *(status.key for status in changes.statuses))))

    def show_only(self, phases: Iterable[Phase] = (), text: str = "") -> None:
        """Show only these phases (none: all of them) and what ``text`` is found in."""
        self._phases = frozenset(phases)
        self._text = text
        self._rearrange(set(), moved=True)
        self.told.emit(frozenset[str]())

    def face(self, row: int) -> Card | Heading:
        """Give what a row shows; what ``data`` gives, without the way through Qt."""
        found = self._rows[row]
        return self._cards[found.key] if found.key else self._headings[found.bay.hub]

    def index_of(self, key: str) -> QModelIndex:
        """Give the index of a session's card; invalid while it is not shown."""
        for number, row in enumerate(self._rows):
            if row.key == key and key:
                return self.index(number)
        return QModelIndex()

    def _rearrange(self, touched: set[str], *, moved: bool) -> None:
        """Show what has become different; ``moved``: which rows there are, or their order, may be."""
        wanted = self._wanted() if moved else self._rows
        headings = self._counted(wanted)
        changed = touched | {f"\0{hub}" for hub, heading in headings.items() if heading != self._headings.get(hub)}
        if wanted != self._rows:
            self._headings = {**self._headings, **headings}  # views still ask about rows while those are removed
            self._reshape(wanted)
        self._headings = headings
        numbers = [number for number, row in enumerate(self._rows) if (row.key or f"\0{row.bay.hub}") in changed]
        self.changed_rows = numbers
        if len(numbers) > _MANY:
            self.dataChanged.emit(self.index(numbers[0]), self.index(numbers[-1]))
        else:
            for number in numbers:
                self.dataChanged.emit(self.index(number), self.index(number))

    def _wanted(self) -> list[_Row]:
        rows: list[_Row] = []
        for key, status in self._statuses.items():
            if (self._phases and status.phase not in self._phases) or not matches(status, self._text):
                continue
            rows.append(self._places[key])
        rows += [_heading_place(hub) for hub in {row.bay.hub for row in rows}]
        rows.sort(key=lambda row: row.order)
        return rows

    def _counted(self, rows: Sequence[_Row]) -> dict[str, Heading]:
        """Give the heading of each hub in the order of ``rows``."""
        counts: dict[str, Counter[Phase]] = {}
        for row in rows:
            if row.key:
                counts[row.bay.hub][self._statuses[row.key].phase] += 1
            else:
                counts[row.bay.hub] = Counter()
        warned: dict[str, list[str]] = {}
        for label in self._mistrusted:
            warned.setdefault(read_bay(label).hub, []).append(one_line(label, 24))
        return {
            hub: Heading(
                hub_title(hub),
                tuple((phase, those[phase]) for phase in PHASE_SIGN if those[phase]),
                tuple(warned.get(hub, ())),
            )
            for hub, those in counts.items()
        }

    def _reshape(self, wanted: list[_Row]) -> None:
        """Remove and insert runs of rows, so that selection and scroll position stay where they are."""
        keep = set(wanted)
        number = len(self._rows) - 1
        while number >= 0:
            last = number
            while number >= 0 and self._rows[number] not in keep:
                number -= 1
            if number < last:
                self.beginRemoveRows(QModelIndex(), number + 1, last)
                del self._rows[number + 1 : last + 1]
                self.endRemoveRows()
            number -= 1
        number = 0
        while number < len(wanted):
            end = number
            while end < len(wanted) and (number >= len(self._rows) or self._rows[number] != wanted[end]):
                end += 1
            if end > number:
                self.beginInsertRows(QModelIndex(), number, end - 1)
                self._rows[number:number] = wanted[number:end]
                self.endInsertRows()
            number = end + 1

    def rowCount(self, parent: Index | None = None) -> int:
        """Give the number of headings and cards."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let cards be selected and headings be passed over."""
        return _CARD if index.isValid() and self._rows[index.row()].key else _HEADING

    def _told(self, row: _Row, status: SessionStatus) -> list[str]:
        warning = self._mistrusted.get(row.bay.label)
        return [standing(status), *([one_line(warning, 300)] if warning else [])]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give a row's card or heading, and what is read aloud for it."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        card = self._cards[row.key] if row.key else None
        if role == WallRole.CARD:
            return card
        heading = None if card else self._headings[row.bay.hub]
        if role == WallRole.HEADING:
            return heading
        if role == WallRole.KEY:
            return row.key
        shown = card or heading
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole} and shown:
            return shown.spoken
        status = self._statuses.get(row.key)
        if status and role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return " ".join(self._told(row, status))
        if status and role == Qt.ItemDataRole.ToolTipRole:
            return tooltip("\n".join(self._told(row, status)))
        return None


def _place(status: SessionStatus) -> _Row:
    bay = bay_of(status)
    return _Row((*bay.order[:2], 1, bay.order[2], status.key), bay, status.key)


def _heading_place(hub: str) -> _Row:
    order = order_of(hub, "")
    return _Row((*order[:2], 0), Bay("", hub, "", order), "")
