"""What changes hands: a handset with the check that was made of it, or anything else that goes over the counter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Literal

from provisioning.inventory import Unread
from provisioning.platforms import Platform
from provisioning.policy.effective import PolicyReference
from provisioning.receipts.coming_back import ComingBack
from provisioning.verification.judgement import CatalogueReference, Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """How a handset was verified: the conclusion, by which rules, and where its knowledge ends.

    ``findings`` are sentences about what was found and did not keep the verdict from being what it is;
    ``not_checked`` what could not be read this time; ``limits`` what no reading of installed apps can see.
    ``effective_sha256`` is the digest of the policy as compiled for this officer. ``record_id`` is the identifier of
    the signed verification record, a digest of what it says; empty where there is none.
    """

    verdict: Verdict
    time: datetime
    apps_seen: int
    users_seen: tuple[int, ...]
    policy: PolicyReference
    effective_sha256: str
    catalogue: CatalogueReference
    findings: tuple[str, ...] = ()
    not_checked: tuple[Unread, ...] = ()
    limits: tuple[str, ...] = ()
    record_id: str = ""

    def __post_init__(self) -> None:
        if self.verdict is Verdict.CLEAR and self.not_checked:
            raise ValueError("a check that left something out cannot say clear")


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the order said: its ``reference`` and ``model``, ``officer`` whom it names (empty: nobody).

    ``override`` says why the handset goes to this officer all the same, where the order means something else.
    """

    reference: str = ""
    officer: str = ""
    model: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class HandsetItem:
    """One handset, phone or tablet. ``check`` None: it was not verified (a return of what cannot be plugged in).

    ``terms`` names the declaration on this receipt that is its own (``Declared.reference``); empty: it has none.
    ``order`` is what a batch's manifest said of it; None where it stands on none. ``back`` is set on returns only.
    """

    serial_number: str
    platform: Platform
    model: str
    model_name: str
    os_version: str
    imei: str | None = None
    udid: str | None = None
    asset_tag: str | None = None
    bay: str | None = None
    check: Check | None = None
    condition: str = ""
    accessories: tuple[str, ...] = ()
    terms: str = ""
    order: Ordered | None = None
    back: ComingBack | None = None
    kind: Literal["handset"] = "handset"

    @property
    def identifier(self) -> str:
        """Give what it is found by in the ledger."""
        return self.serial_number

    @property
    def name(self) -> str:
        """Give what people call it."""
        return self.model_name or self.model


@unique
class ItemKind(StrEnum):
    """What goes over the counter beside handsets; the words of ``--item``."""

    SIM = "sim"
    CHARGER = "charger"
    CABLE = "cable"
    CASE = "case"
    BATTERY = "battery"
    HEADSET = "headset"
    DOCK = "dock"
    MOUNT = "mount"
    STYLUS = "stylus"
    KEYBOARD = "keyboard"
    TAG = "tag"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OtherItem:
    """Anything that is no handset and is not read: nothing was checked of it but by eye.

    ``identifier`` is its own number, empty where it has none: the ICCID of a SIM card, else what is printed on it.
    An item with a number is one piece; of others ``quantity`` tells how many. ``terms`` as for a handset.
    """

    what: ItemKind
    label: str = ""
    identifier: str = ""
    quantity: int = 1
    asset_tag: str | None = None
    condition: str = ""
    accessories: tuple[str, ...] = ()
    terms: str = ""
    kind: Literal["other"] = "other"

    def __post_init__(self) -> None:
        if self.quantity < 1 or (self.identifier and self.quantity != 1):
            raise ValueError("an item with a number of its own is one piece, and no item is less than one")

    @property
    def name(self) -> str:
        """Give what people call it, or its kind where nobody said more."""
        return self.label or str(self.what)


Item = HandsetItem | OtherItem


def handsets(items: tuple[Item, ...]) -> tuple[HandsetItem, ...]:
    """Give those that are handsets, in their order."""
    return tuple(item for item in items if isinstance(item, HandsetItem))
