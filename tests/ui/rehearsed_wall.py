"""WallActions from memory, and a speaker that keeps what it was told; for the tests of the glass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject

from ui.aloud import Speaker, Telling
from ui.aloud_phrases import Aloud
from ui.wall_actions import Label


@dataclass
class RehearsedWall:
    """``kept`` is how outcomes are told; ``known`` is what the books say of handsets."""

    kept: list[str] = field(default_factory=list[str])
    known: dict[str, Label] = field(default_factory=dict[str, Label])

    async def keep_aloud(self, how: str) -> None:
        self.kept.append(how)

    async def labels(self, serial_numbers: tuple[str, ...]) -> Mapping[str, Label]:
        return {serial: self.known.get(serial, Label()) for serial in serial_numbers}


class RehearsedSpeaker(Speaker):
    """Keeps what it was told; ``end`` lets the telling end."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.told: list[tuple[Aloud, Telling]] = []
        self.speaking = False
        self.stopped = 0

    @property
    def words(self) -> list[str]:
        return [telling.words for _, telling in self.told]

    def begin(self, telling: Telling, how: Aloud) -> None:
        assert not self.speaking, "one thing at a time"
        self.speaking = True
        self.told.append((how, telling))

    def end(self, trouble: str = "") -> None:
        self.speaking = False
        self.finished.emit(trouble)

    def stop(self) -> None:
        self.speaking = False
        self.stopped += 1
