"""What stands on a label, and which handsets get one: those that are ready, in the order of their bays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.plain_text import one_line
from provisioning.status import Phase, SessionStatus


@unique
class LabelKind(StrEnum):
    """On the handset itself, or on the bag in which it is handed out."""

    ASSET = "asset"
    BAG = "bag"


SIZE = {LabelKind.ASSET: (57, 32), LabelKind.BAG: (102, 51)}
"""Width and height in millimetres: the common 2¼ × 1¼ and 4 × 2 inch stock."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label. ``code`` is its barcode: the serial number, which is the key on our books.

    Officer and receipt are for bags; an asset label names nobody, since the handset is seen in public.
    """

    kind: LabelKind
    organisation: str
    model_name: str
    serial_number: str
    asset_tag: str = ""
    bay: str = ""
    officer_number: str = ""
    officer_name: str = ""
    receipt: str = ""
    training: bool = False


def ready(statuses: Iterable[SessionStatus]) -> list[SessionStatus]:
    """Give the handsets that are ready and plugged in, in the order of their bays; nothing else gets a label."""
    green = [one for one in statuses if one.phase is Phase.READY and one.serial_number is not None]
    return sorted(green, key=lambda one: bay_order(one.attachment.bay))


def bay_order(bay: str) -> tuple[tuple[int, int, str], ...]:
    """Give a key that sorts bays as people count them: 1-2 before 1-10, “Hub 2 · 1” after “Hub 1 · 12”."""
    pieces = re.findall(r"\d{1,12}|[^\d]+", one_line(bay, 60))
    return tuple((0, int(piece), "") if piece.isdigit() else (1, 0, piece.casefold()) for piece in pieces)
