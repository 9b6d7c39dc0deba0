"""What became of the handsets that hung at each port: the last few visits, in a small file of the home's own.

It is for finding bad cables and is no record of anything: it may be lost without harm. Bounded in ports and in visits.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum, unique
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioning.errors import FileError
from provisioning.files import make_folder, read_file, write_file

logger = logging.getLogger(__name__)

MOST_VISITS = 20
MOST_PORTS = 1024
_LARGEST = 16 << 20


@unique
class VisitEnd(StrEnum):
    """How a visit ended."""

    WENT = "went"
    """Nothing was going on with it, or its work was done."""
    LOST = "lost"
    """It went in the middle of work, and nothing that was done to it makes a handset go."""
    WITH_OTHERS = "with others"
    """It went together with its neighbours: a hub lost its power or its cable."""
    SILENT = "silent"
    """It never said a word about itself."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One handset at one port; ``serial_number`` is empty where it never said it, ``day`` an ISO date."""

    serial_number: str
    day: str
    end: VisitEnd


@dataclass(frozen=True, slots=True)
class PortRecord:
    """The last visits to a port, oldest first, and how many there ever were; ``bay`` is its label at the last."""

    bay: str
    visits: tuple[Visit, ...] = ()
    ever: int = 0


@dataclass(slots=True)
class PortHistory:
    """All ports that ever held something."""

    ports: dict[str, PortRecord] = field(default_factory=dict[str, PortRecord])
    changed: bool = False

    def note(self, port: str, bay: str, visit: Visit) -> None:
        """Add a visit, letting the oldest go; of too many ports the one that was used least recently goes."""
        before = self.ports.pop(port, PortRecord(bay))
        visits = (*before.visits, visit)[-MOST_VISITS:]
        self.ports[port] = replace(before, bay=bay, visits=visits, ever=before.ever + 1)
        while len(self.ports) > MOST_PORTS:
            del self.ports[next(iter(self.ports))]
        self.changed = True

    def forget(self, port: str) -> None:
        """Begin anew with a port: its cable was changed."""
        self.changed |= self.ports.pop(port, None) is not None


class _Visit(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    serial_number: Annotated[str, Field(max_length=80)]
    day: Annotated[str, Field(max_length=10)]
    end: Annotated[VisitEnd, Field(strict=False)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    bay: Annotated[str, Field(max_length=80)]
    visits: Annotated[list[_Visit], Field(max_length=MOST_VISITS)]
    ever: Annotated[int, Field(ge=0)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    ports: Annotated[dict[str, _Record], Field(max_length=MOST_PORTS)]


def load_history(file: Path) -> PortHistory:
    """Read the history; one that is missing or broken begins anew, since nothing depends on it."""
    if not file.exists():
        return PortHistory()
    try:
        read = _File.model_validate_json(read_file(file, _LARGEST))
    except (ValidationError, FileError):
        logger.warning("the history of the ports cannot be read and begins anew: %s", file)
        return PortHistory()
    ports = {
        port: PortRecord(one.bay, tuple(Visit(v.serial_number, v.day, v.end) for v in one.visits), one.ever)
        for port, one in read.ports.items()
    }
    return PortHistory(ports)


def save_history(file: Path, ports: Mapping[str, PortRecord]) -> None:
    """Put the history in the home. Raises HomeError."""
    make_folder(file.parent)
    write_file(file, json.dumps({"ports": {port: asdict(one) for port, one in ports.items()}}).encode(), may_lag=True)
