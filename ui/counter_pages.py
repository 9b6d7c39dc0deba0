"""The first two pages of the counter: who stands there, and what they get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.receipts.items import ItemKind
from provisioning.receipts.signing import IdentityEvidence
from provisioning.status import Phase, SessionStatus
from ui.actions import OfficerFacts, Thing
from ui.buttons import Tick
from ui.card import bay_of, model_of
from ui.officer_number import fault_of
from ui.plain import Words
from ui.steady import steady
from ui.theme import Theme

ACCESSORIES = {
    "Charger": Thing(ItemKind.CHARGER),
    "Cable": Thing(ItemKind.CABLE),
    "Case": Thing(ItemKind.CASE),
    "Screen protector": Thing(ItemKind.OTHER, "Screen protector"),
    "Headset": Thing(ItemKind.HEADSET),
    "Body-worn mount": Thing(ItemKind.MOUNT, "Body-worn mount"),
}
EVIDENCE: Mapping[IdentityEvidence | None, str] = {
    None: "Not noted",
    IdentityEvidence.WARRANT_CARD: "Warrant card",
    IdentityEvidence.STAFF_CARD: "Staff card",
    IdentityEvidence.PASSPORT: "Passport",
    IdentityEvidence.DRIVING_LICENCE: "Driving licence",
    IdentityEvidence.KNOWN: "Known to me in person",
}
HOW = (
    "1.  Scan the officer’s card.",
    "2.  Scan each handset; it is verified at once. SIM cards can be scanned too.",
    "3.  The officer reads and ticks (Space), signs with pen, finger or mouse, or on paper (F9).",
    "4.  Return hands over; Ctrl+P prints. The next card begins the next handover.",
)
_KEY = Qt.ItemDataRole.UserRole


class WhoPage(QWidget):
    """The officer: scanned, typed, or found by name; and what must be said of a stranger.

    Signals:
        chosen: emitted with the number of an officer who was picked from those found.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = field("Officer", "Scan the card, or type a number or a part of the name", role="serial")
        self.number.setMaxLength(200)
        self._fault = Words(wrap=True)
        self._fault.setProperty("role", "fault")
        self.found = PickList("Officers found")
        self.found.picked.connect(self.chosen)
        self._name_title, self.name = Words("Name"), field("Name", "If it is to stand on the receipt")
        self._reason_title, self.reason = Words("Reason"), field("Reason", "Why this officer is not on the roster")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        lines: list[tuple[QWidget, QWidget]] = [(Words("Officer"), self.number), (QWidget(), self._fault)]
        lines += [(QWidget(), self.found), (self._name_title, self.name), (self._reason_title, self.reason)]
        for row, (title, widget) in enumerate(lines):
            grid.addWidget(title, row, 0)
            grid.addWidget(widget, row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(Words("Who stands here?", "title"))
        layout.addLayout(grid)
        layout.addSpacing(18)
        for line in HOW:
            layout.addWidget(Words(line, "soft", wrap=True))
        layout.addStretch(1)
        self.number.textEdited.connect(lambda: self.say(""))
        self.clear()

    @property
    def fault(self) -> str:
        """Give the sentence that is shown under the field."""
        return self._fault.text() if not self._fault.isHidden() else ""

    def clear(self) -> None:
        """Begin anew."""
        for one in (self.number, self.name, self.reason):
            one.clear()
        self.say("")
        self.ask_for(None)

    def check(self) -> bool:
        """Say whether what was typed can be a number or a name; if not, why not stands under the field."""
        self.say(fault_of(self.number.text()))
        return not self.fault

    def say(self, fault: str) -> None:
        """Show what is wrong, or that nothing is, and take back what was found before."""
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.number.setProperty("wrong", bool(fault))
        self.number.setAccessibleDescription(fault)
        self.number.style().polish(self.number)
        if fault:
            self.number.setFocus()
            self.number.selectAll()
        self.found.hide()

    def offer(self, officers: Sequence[OfficerFacts]) -> None:
        """Let one be picked of those that were found."""
        self.found.fill((one.number, _line(one)) for one in officers)
        self.found.show()
        self.found.setFocus()

    def ask_for(self, officer: OfficerFacts | None) -> None:
        """Ask what a receipt needs of an officer beyond what the roster knows."""
        stranger = officer is not None and officer.stranger
        unnamed = officer is not None and not officer.name
        for widget in (self._name_title, self.name):
            widget.setVisible(unnamed)
        for widget in (self._reason_title, self.reason):
            widget.setVisible(stranger)


class WhatPage(QWidget):
    """What goes over the counter: ready handsets, and the things that go with them.

    Signals:
        picked: emitted with the key of a handset that is to be handed over.
        changed: emitted when the things beside it change.
    """

    picked = Signal(str)
    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ready = PickList("Handsets that are ready")
        self.ready.picked.connect(self.picked)
        self._none = Words("No handset on this desk is ready. Its card on the desk says what is missing.", wrap=True)
        self._items = [Tick(theme, item) for item in ACCESSORIES]
        self.others = field("Other items", "With a comma between them")
        items = QWidget()
        boxes = QGridLayout(items)
        boxes.setContentsMargins(0, 0, 0, 0)
        boxes.setVerticalSpacing(0)
        for at, tick in enumerate(self._items):
            tick.toggled.connect(self.changed)
            boxes.addWidget(tick, at // 3, at % 3)
        self.others.textChanged.connect(self.changed)
        self.identity = QComboBox()
        self.identity.setAccessibleName("Identity seen")
        self.identity.addItems(list(EVIDENCE.values()))
        self.identity.currentIndexChanged.connect(self.changed)
        other = QGridLayout()
        other.setHorizontalSpacing(12)
        other.setVerticalSpacing(8)
        other.setColumnStretch(1, 1)
        for row, (title, widget) in enumerate((("Other items", self.others), ("Identity seen", self.identity))):
            other.addWidget(Words(title), row, 0)
            other.addWidget(widget, row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(Words("Scan each handset, or choose it here", "title", wrap=True))
        layout.addWidget(self._none)
        layout.addWidget(self.ready, 1)
        layout.addSpacing(6)
        layout.addWidget(Words("Goes along", "strong"))
        layout.addWidget(items)
        layout.addLayout(other)

    @property
    def things(self) -> dict[str, Thing]:
        """Give what goes along without a number of its own, by what people call it."""
        ticked = {tick.words: ACCESSORIES[tick.words] for tick in self._items if tick.isChecked()}
        return ticked | {text: Thing(ItemKind.OTHER, text) for text in pieces(self.others.text())}

    @property
    def seen(self) -> IdentityEvidence | None:
        """Give how whoever stands there was known."""
        return list(EVIDENCE)[self.identity.currentIndex()]

    def note_seen(self, seen: IdentityEvidence | None) -> None:
        """Note it; a person may choose another."""
        self.identity.setCurrentIndex(list(EVIDENCE).index(seen))

    def clear(self) -> None:
        """Begin anew."""
        for tick in self._items:
            tick.setChecked(False)
        self.others.clear()
        self.note_seen(None)

    def show_ready(self, statuses: Iterable[SessionStatus]) -> None:
        """Offer the handsets that are ready, in the order of their bays."""
        ready = sorted((one for one in statuses if one.phase is Phase.READY), key=lambda one: bay_of(one).order)
        self.ready.fill(
            (one.key, f"Bay {bay_of(one).label}   {model_of(one)}   {one_line(one.serial_number or '', 40)}")
            for one in ready
        )
        self.ready.setVisible(bool(ready))
        self._none.setVisible(not ready)


@steady
class PickList(QListWidget):
    """Lines of which one is picked, by Return, Space or a click.

    Signals:
        picked: emitted with the key of the line.
    """

    picked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMinimumHeight(self.fontMetrics().height() * 4)
        self.itemClicked.connect(self._pick)

    def fill(self, lines: Iterable[tuple[str, str]]) -> None:
        """Show these, each with its key; the one that was current stays so."""
        wanted = list(lines)
        if [(key, text) for key, text in wanted] == [
            (self.item(row).data(_KEY), self.item(row).text()) for row in range(self.count())
        ]:
            return
        current = self.item(self.currentRow()).data(_KEY) if self.currentRow() >= 0 else None
        self.clear()
        for key, text in wanted:
            item = QListWidgetItem(text)
            item.setData(_KEY, key)
            self.addItem(item)
        keys = [key for key, _ in wanted]
        self.setCurrentRow(keys.index(current) if current in keys else 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pick on Return and Space; letters do not jump about, they may belong to a scan."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            if self.currentRow() >= 0:
                self._pick(self.item(self.currentRow()))
            return
        if event.text().isprintable() and event.text().strip():
            event.ignore()
            return
        super().keyPressEvent(event)

    def _pick(self, item: QListWidgetItem) -> None:
        self.picked.emit(item.data(_KEY))


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


def _line(officer: OfficerFacts) -> str:
    post = ", ".join(one_line(text, 60) for text in (officer.rank, officer.unit) if text)
    return f"{officer.number}   {one_line(officer.name, 80)}   {post}".rstrip()
