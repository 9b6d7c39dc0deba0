"""Which physical port is which bay: learnt once, kept in the home, the same after replug and restart.

A port is known by its path (``1-1.3``). The number of its bus may differ after a restart, so where the controller is
known too, the bus is looked up by it. A USB 3 socket is two ports, one on either bus of its controller; both lead to
one bay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioning.bays.port_path import read_path
from provisioning.bays.usb_tree import UsbTree
from provisioning.errors import FileError, UsageError
from provisioning.files import make_folder, read_file, write_file
from provisioning.plain_text import one_line

MOST_BAYS = 1024
LONGEST_LABEL = 24
"""Characters; what a card of the wall has room for."""
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Port:
    """A port as the hub daemon names it; ``controller`` and ``usb`` (2 or 3) name its bus, empty and 0 if unknown."""

    port: str
    controller: str = ""
    usb: int = 0


@dataclass(frozen=True, slots=True)
class BayEntry:
    """One bay: what it is called, where it is drawn, and the ports that lead to it."""

    label: str
    hub: str
    position: int
    ports: tuple[Port, ...]


@dataclass(frozen=True, slots=True)
class BayMap:
    """The bays of a desk, in the order in which they were learnt. Labels are unique, and so are ports."""

    bays: tuple[BayEntry, ...] = ()

    def today(self, tree: UsbTree | None) -> BayMap:
        """Give the map with its ports as the buses are numbered now."""
        return BayMap(tuple(replace(bay, ports=tuple(_today(port, tree) for port in bay.ports)) for bay in self.bays))

    def labels(self, tree: UsbTree | None) -> Mapping[str, str]:
        """Give port -> label as the buses are numbered now."""
        return {port.port: bay.label for bay in self.today(tree).bays for port in bay.ports}

    def hub_named(self, path: str) -> str:
        """Give what people call the hub at a path of :meth:`today`; empty where none, or bays of two, hang below it."""
        below = (f"{path}.", f"{path}-") if "-" not in path else (f"{path}.",)
        hubs = {bay.hub for bay in self.bays for port in bay.ports if port.port.startswith(below)}
        hub = hubs.pop() if len(hubs) == 1 else ""
        return f"hub {hub}" if hub.isdigit() else hub

    def find(self, label: str) -> BayEntry:
        """Give a bay. Raises UsageError where there is none of that label."""
        for bay in self.bays:
            if bay.label.casefold() == label.casefold():
                return bay
        raise UsageError(f"There is no bay {one_line(label, 40)}. See “issuing-desk bays list”.")

    def taking(self, learnt: Iterable[BayEntry]) -> BayMap:
        """Give the map with these bays in the place of all that has one of their labels or ports. Raises UsageError."""
        new = tuple(learnt)
        labels = {bay.label.casefold() for bay in new}
        ports = {port.port for bay in new for port in bay.ports}
        kept: list[BayEntry] = []
        for bay in self.bays:
            left = tuple(port for port in bay.ports if port.port not in ports)
            if bay.label.casefold() not in labels and left:
                kept.append(replace(bay, ports=left))
        if len(kept) + len(new) > MOST_BAYS:
            raise UsageError(f"A desk has at most {MOST_BAYS} bays. Forget some first: issuing-desk bays forget LABEL.")
        return BayMap((*kept, *new))

    def without(self, labels: Iterable[str]) -> BayMap:
        """Give the map without these bays. Raises UsageError for a label that no bay has."""
        gone = {self.find(label).label for label in labels}
        return BayMap(tuple(bay for bay in self.bays if bay.label not in gone))

    def renamed(self, label: str, new: str) -> BayMap:
        """Give the map with one bay called otherwise. Raises UsageError where that is taken, or no label."""
        bay, name = self.find(label), fit_label(new)
        if any(other.label.casefold() == name.casefold() and other is not bay for other in self.bays):
            raise UsageError(f"There is a bay {name} already. Rename or forget that one first.")
        return BayMap(tuple(replace(one, label=name) if one is bay else one for one in self.bays))


def fit_label(text: str) -> str:
    """Give a label as it is kept. Raises UsageError where it is empty, too long or not printable."""
    label = " ".join(text.split())
    if not label or len(label) > LONGEST_LABEL or one_line(label, LONGEST_LABEL) != label:
        raise UsageError(f"“{one_line(text, 40)}” is no label: use 1 to {LONGEST_LABEL} printable characters, as 2-4.")
    return label


def port_of(name: str, tree: UsbTree | None) -> tuple[Port, ...]:
    """Give the port that a hub daemon named and its twin on the controller's other bus, where the system tells it."""
    if tree is None:
        return (Port(name),)
    twin = tree.peers.get(name)
    return tuple(_placed(one, tree) for one in (name, twin) if one)


def _placed(name: str, tree: UsbTree) -> Port:
    path = read_path(name)
    root = tree.root_of(path) if path is not None else None
    return Port(name, root.controller, min(root.usb[0], 3)) if root is not None else Port(name)


def _today(port: Port, tree: UsbTree | None) -> Port:
    path = read_path(port.port)
    if path is None or tree is None or not port.controller:
        return port
    for root in tree.roots:
        if root.controller == port.controller and min(root.usb[0], 3) == port.usb:
            return replace(port, port=str(replace(path, bus=root.bus)))
    return port


class _Port(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    port: Annotated[str, Field(min_length=1, max_length=100)]
    controller: Annotated[str, Field(max_length=60)] = ""
    usb: Annotated[int, Field(ge=0, le=9)] = 0


class _Bay(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    label: Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]
    hub: Annotated[str, Field(max_length=LONGEST_LABEL)]
    position: Annotated[int, Field(ge=0, le=9999)]
    ports: Annotated[list[_Port], Field(min_length=1, max_length=8)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    bays: Annotated[list[_Bay], Field(max_length=MOST_BAYS)]


def load_map(file: Path) -> BayMap:
    """Read the map of a home; one without any gives an empty one. Raises FileError with the reason."""
    if not file.exists():
        return BayMap()
    try:
        read = _File.model_validate_json(read_file(file, _LARGEST))
        bays = tuple(
            BayEntry(
                fit_label(bay.label), one_line(bay.hub, LONGEST_LABEL), bay.position,
                tuple(Port(port.port, port.controller, port.usb) for port in bay.ports),
            )
            for bay in read.bays
        )  # fmt: skip
        if len({bay.label.casefold() for bay in bays}) < len(bays):
            raise UsageError("two bays have the same label")
    except (ValidationError, ValueError, UsageError) as error:
        reason = "" if isinstance(error, ValidationError) else f" ({error})"
        said = f"is no map of bays{reason}. Move it away and learn the bays again: issuing-desk bays learn"
        raise FileError(file, said) from None
    return BayMap(bays)


def save_map(file: Path, bays: BayMap) -> None:
    """Put the map in the home: it is the old one or the new one, never half of it. Raises HomeError."""
    make_folder(file.parent)
    write_file(file, json.dumps({"bays": [asdict(bay) for bay in bays.bays]}, ensure_ascii=False, indent=1).encode())
