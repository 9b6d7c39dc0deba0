"""What somebody may be bringing back, as the books have it: for the counter to show and to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique

from provisioning.platforms import Platform
from provisioning.receipts.coming_back import Erasure
from provisioning.receipts.items import ItemKind, OtherItem
from provisioning.receipts.receipt import Officer, ReturnReason


@unique
class Whereabouts(StrEnum):
    """Where an item is by the books."""

    OUT = "out"
    BACK = "back"
    MISSING = "missing"
    """It was reported lost or stolen."""
    NEVER_ISSUED = "never issued"
    UNCOUNTED = "uncounted"
    """It went out and has no number of its own, so the books do not follow it."""


@dataclass(frozen=True, slots=True)
class ItemOut:
    """One item that may come back. ``kind`` is None for a handset; ``identifier`` its serial or own number, or empty.

    ``receipt`` and ``since`` (a day) tell by what it last changed hands: out, or, where it is back or missing, that.
    ``holder`` is the officer who had it then. ``erased`` is the proof of an erase since it went out. ``held`` is the
    day since which it is kept as evidence, empty where it is not.
    """

    identifier: str
    name: str
    where: Whereabouts
    kind: ItemKind | None = None
    label: str = ""
    quantity: int = 1
    receipt: str = ""
    since: str = ""
    holder: str = ""
    platform: Platform | None = None
    imei: str = ""
    accessories: tuple[str, ...] = ()
    missing: ReturnReason | None = None
    erased: Erasure | None = None
    held: str = ""

    @property
    def is_handset(self) -> bool:
        """Tell handsets from other things."""
        return self.kind is None

    @property
    def may_come_back(self) -> bool:
        """False for what is back already."""
        return self.where is not Whereabouts.BACK

    def as_other(self) -> OtherItem:
        """Give a thing as it stands on the receipt of its return."""
        assert self.kind is not None, "a handset is no other thing"
        return OtherItem(self.kind, self.label, self.identifier, self.quantity)


@dataclass(frozen=True, slots=True)
class Case:
    """What somebody may be bringing back. ``officer`` is who has it by the books, None where nobody had it.

    ``receipt`` is the receipt that was asked for, empty for all that an officer has; ``since`` is its day.
    ``asked`` is the serial number of the one handset that was asked for. ``recalled`` tells that the officer is to
    give everything back.
    """

    officer: Officer | None
    items: tuple[ItemOut, ...] = field(default=())
    receipt: str = ""
    since: str = ""
    asked: str = ""
    recalled: bool = False

    @property
    def out(self) -> tuple[ItemOut, ...]:
        """Give what is followed by the books and not back."""
        return tuple(one for one in self.items if one.where in {Whereabouts.OUT, Whereabouts.MISSING})
