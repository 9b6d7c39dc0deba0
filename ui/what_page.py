"""The second page of the counter: what goes over it, how whoever stands there was known, who collects for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.receipts.items import ItemKind
from provisioning.receipts.signing import IdentityEvidence
from provisioning.status import Phase, SessionStatus
from ui.agreement import CollectedBy, Thing
from ui.buttons import Tick
from ui.card import bay_of, model_of
from ui.choice import Choice
from ui.fields import field, form, pieces
from ui.pick_list import PickList
from ui.plain import Words
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


NONE_READY = "No handset on this desk is ready. Its card on the desk says what is missing."
ALL_CHOSEN = "Every handset that is ready is on this handover."
MOST_LETTERS = 4000
"""A hundred items and their numbers."""
_BY_NAME = frozenset(ItemKind) - {ItemKind.SIM, ItemKind.OTHER}
"""Kinds that are understood where they are typed; the number of a SIM card is scanned."""


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
        self._none = Words(NONE_READY, wrap=True)
        self._items = [Tick(theme, item) for item in ACCESSORIES]
        self.others = field("Other items", "Such as: Dock: DK-17, battery, lanyard")
        self.others.setMaxLength(MOST_LETTERS)
        items = QWidget()
        items.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        boxes = QGridLayout(items)
        boxes.setContentsMargins(0, 0, 0, 0)
        boxes.setVerticalSpacing(0)
        for at, tick in enumerate(self._items):
            tick.toggled.connect(self.changed)
            boxes.addWidget(tick, at // 3, at % 3)
        self.others.textChanged.connect(self.changed)
        self.identity = Choice("Identity seen", list(EVIDENCE.values()))
        # Else its longest choice takes the room of the field beside it, where there is little.
        self.identity.setMinimumContentsLength(8)
        self.identity.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.identity.currentIndexChanged.connect(self.changed)
        self.proxy = field("Collected by", "Officer number, if somebody else collects", role="serial")
        self.authority = field("Authority", "What allows that: a reference")
        self.exchange = field("In exchange for", "Receipt by which the old one came back", role="serial")
        for one in (self.proxy, self.authority, self.exchange):
            one.textChanged.connect(self.changed)
        other = form(
            [("Other items", self.others)],
            [("Identity seen", self.identity), ("In exchange for", self.exchange)],
            [("Collected by", self.proxy), ("Authority", self.authority)],
        )
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
        layout.addStretch()  # where nothing is ready there is no list to take the room, and fields would drift apart

    @property
    def things(self) -> dict[str, Thing]:
        """Give what goes along without a number of its own, by what people call it."""
        ticked = {tick.words: ACCESSORIES[tick.words] for tick in self._items if tick.isChecked()}
        return ticked | {text: _thing(text) for text in pieces(self.others.text())}

    @property
    def seen(self) -> IdentityEvidence | None:
        """Give how whoever stands there was known."""
        return list(EVIDENCE)[self.identity.currentIndex()]

    @property
    def collected_by(self) -> CollectedBy | None:
        """Give who collects in the officer's place; None where the officer does."""
        number = self.proxy.text().strip()
        return CollectedBy(number, self.authority.text().strip()) if number else None

    def note_seen(self, seen: IdentityEvidence | None) -> None:
        """Note it; a person may choose another."""
        self.identity.setCurrentIndex(list(EVIDENCE).index(seen))

    def clear(self) -> None:
        """Begin anew."""
        for tick in self._items:
            tick.setChecked(False)
        for one in (self.others, self.proxy, self.authority, self.exchange):
            one.clear()
        self.note_seen(None)

    def show_ready(self, statuses: Iterable[SessionStatus], chosen: Collection[str] = ()) -> None:
        """Offer the handsets that are ready and not ``chosen`` yet (by their keys), in the order of their bays."""
        all_ready = [one for one in statuses if one.phase is Phase.READY]
        ready = sorted((one for one in all_ready if one.key not in chosen), key=lambda one: bay_of(one).order)
        self._none.setText(ALL_CHOSEN if all_ready else NONE_READY)
        self.ready.fill(
            (one.key, f"Bay {bay_of(one).label}   {model_of(one)}   {one_line(one.serial_number or '', 40)}")
            for one in ready
        )
        self.ready.setVisible(bool(ready))
        self._none.setVisible(not ready)


def _thing(text: str) -> Thing:
    """Give what was typed: a kind that has terms of its own, with its number after a colon, or any other thing."""
    word, _, number = (part.strip() for part in text.partition(":"))
    kind = word.casefold()
    return Thing(ItemKind(kind), "", number) if kind in _BY_NAME else Thing(ItemKind.OTHER, text)
