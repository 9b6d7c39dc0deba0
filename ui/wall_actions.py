"""What the wall asks for beside walks: how outcomes are told aloud, and whose handsets are about to be unplugged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Label:
    """What the books call a handset: its asset tag, and for whom it is ordered (“officer 231187”); empty: nobody."""

    asset_tag: str = ""
    whom: str = ""


class WallActions(Protocol):
    """What the window may ask for. Every method raises only IssuingDeskError, whose text the technician reads."""

    async def keep_aloud(self, how: str) -> None:
        """Remember how outcomes are told aloud at this desk: ``off``, ``sounds`` or ``speech``."""
        ...

    async def labels(self, serial_numbers: tuple[str, ...]) -> Mapping[str, Label]:
        """Give what manifests, orders and roster say of these handsets; all of them are in the answer."""
        ...
