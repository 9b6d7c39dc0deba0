"""In which form a receipt is put on paper: whose copy it is, on a sheet or a roll, the first one or a reprint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Final


@unique
class Form(StrEnum):
    """Whose copy, on which paper; the words of ``--form``. The two A4 ones differ in that word alone."""

    OFFICER = "officer"
    DESK = "desk"
    SLIP_80 = "slip-80"
    SLIP_58 = "slip-58"

    @property
    def paper(self) -> int | None:
        """Give the width of a roll in millimetres, None for A4."""
        return {Form.SLIP_80: 80, Form.SLIP_58: 58}.get(self)


@dataclass(frozen=True, slots=True)
class Copy:
    """That this is a reprint: its ``number`` counts them from 1, with who asked for it when and why."""

    number: int
    time: datetime
    technician: str
    reason: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What is to be made of a receipt. ``copy`` None: the original, which may be made again at any time, the same."""

    form: Form = Form.OFFICER
    copy: Copy | None = None


ORIGINAL: Final = Paper()
"""The officer's copy on A4, not a reprint."""
