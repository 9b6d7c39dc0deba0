"""The bays of one desk while it is open: map, history, and a learning if one is under way. Owned by the engine's loop.

``labels`` is what the engines look a port up in; it changes under them when bays are learnt or renamed, and a handset
shows its new label at the next plug.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import ChainMap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from provisioning.bays.bay_map import BayEntry, BayMap, Port, load_map, port_of, save_map
from provisioning.bays.learning import Learning, Step
from provisioning.bays.port_history import PortRecord, load_history, save_history
from provisioning.bays.port_path import path_of_location
from provisioning.bays.port_watch import PortWatch
from provisioning.bays.suspicion import Suspicion, suspicions
from provisioning.bays.usb_tree import read_tree
from provisioning.errors import HomeError, UsageError
from provisioning.handset import Arrived, HubFound, Movement
from provisioning.platforms import Platform
from provisioning.status import SessionStatus

logger = logging.getLogger(__name__)

MAP_FILE = "map.json"
HISTORY_FILE = "ports.json"
UNTOLD = "This computer does not tell which port that is, so it cannot be learnt."
BACK = "The connection to the handsets was lost and is back, so nobody knows what was plugged in. Plug it in again."
SETTLE = 3.0
"""Seconds after a hub daemon came back in which it tells of everything that hangs there, as if it were plugged in."""
KEEP_EVERY = 10.0
"""Seconds between two looks whether the history has to be written."""


class DeskBays:
    """An async context manager; leaving it writes what is not yet written.

    ``told`` are labels that somebody else knows (a rack, by its scenario), ``settings`` those of desk.toml, which win.
    ``on_ports`` is called with the bays that are to be mistrusted (label -> sentence) when those have changed.
    Raises FileError where the map in ``folder`` is none.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        told: Mapping[str, str],
        on_ports: Callable[[Mapping[str, str]], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._on_ports = on_ports
        self._mistrusted: Mapping[str, str] = {}
        self._tree = read_tree()
        self._rack = rack_bays(told)
        known = load_map(folder / MAP_FILE).today(self._tree)
        # A rack's scenario says how its ports are called, whatever was learnt on the last one.
        self.map = BayMap(known.taking(self._rack).bays[: -len(self._rack)]) if self._rack else known
        self._learnt: dict[str, str] = dict(self.map.labels(self._tree))
        told_ports = {port.port: bay.label for bay in self._rack for port in bay.ports}
        self.labels: Mapping[str, str] = ChainMap(dict(settings), self._learnt, told_ports)
        self._history = load_history(folder / HISTORY_FILE)
        self._watch = PortWatch(self._history)
        self._learning: Learning | None = None
        self._step: Step | None = None
        self._found: dict[Platform, float] = {}
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep(), name="keep the history of the ports")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        self._watch.settle(float("inf"))
        await self._write()

    @property
    def learning(self) -> Learning | None:
        """Give the learning that is under way."""
        return self._learning

    @property
    def last_step(self) -> Step | None:
        """Give what the last plug of the learning came to."""
        return self._step

    def move(self, movement: Movement) -> None:
        """Take note of a movement, before the desk acts on it."""
        self._watch.move(movement)
        match movement:
            case HubFound(platform):
                self._found[platform] = time.monotonic()
            case Arrived(attachment) if self._learning is not None:
                if time.monotonic() - self._found.get(attachment.platform, float("-inf")) < SETTLE:
                    self._step = Step("", new=False, sentence=BACK)
                elif attachment.port:
                    self._step = self._learning.plugged(attachment.port)
                else:
                    self._step = Step("", new=False, sentence=UNTOLD)
            case _:
                pass

    def note(self, status: SessionStatus) -> None:
        """Take note of how a handset stands."""
        self._watch.note(status)

    def suspicions(self) -> Mapping[str, Suspicion]:
        """Judge every bay by what became of its handsets."""
        self._watch.settle()
        return suspicions(self._history.ports, self.places())

    def records(self) -> Mapping[str, PortRecord]:
        """Give what happened at each bay, by label; a bay with two ports has the visits of both, oldest first."""
        found: dict[str, PortRecord] = {}
        places = self.places()
        for port, record in self._history.ports.items():
            label = places[port][0] if port in places else record.bay
            before = found.get(label, PortRecord(label))
            visits = tuple(sorted((*before.visits, *record.visits), key=lambda visit: visit.day))
            found[label] = PortRecord(label, visits, before.ever + record.ever)
        return found

    def places(self) -> Mapping[str, tuple[str, str]]:
        """Give port -> label and hub of every bay that is known, as the buses are numbered now."""
        hubs = {bay.label: bay.hub for bay in (*self._rack, *self.map.bays)}
        return {port: (label, hubs.get(label, "")) for port, label in self.labels.items()}

    def forget_history(self, label: str) -> None:
        """Begin anew with a bay whose cable was changed."""
        for port, (known, _) in self.places().items():
            if known == label:
                self._history.forget(port)

    def write_history(self) -> None:
        """Write the history now. Raises HomeError."""
        save_history(self._folder / HISTORY_FILE, self._history.ports)

    def begin_learning(self, hub: str = "") -> Learning:
        """Begin to learn; one that is under way is given up. Raises UsageError for a hub that cannot be called so."""
        taken = [bay.hub for bay in self._rack]
        self._learning = Learning(self.map, lambda name: port_of(name, self._tree), hub, taken)
        self._step = None
        return self._learning

    def undo_step(self) -> str:
        """Forget the last port; gives its label, or nothing."""
        self._step = None
        return self._learning.undo() if self._learning is not None else ""

    def give_up_learning(self) -> None:
        """End the learning; nothing is changed."""
        self._learning, self._step = None, None

    def finish_learning(self) -> tuple[BayEntry, ...]:
        """Keep what was learnt. Raises UsageError where nothing was, HomeError where it cannot be written."""
        if self._learning is None:
            raise UsageError("No bays are being learnt.")
        learnt = self._learning.learnt
        self.take(self._learning.finish())
        self.give_up_learning()
        return learnt

    def take(self, bays: BayMap) -> None:
        """Write another map to the home and use it from now on. Raises HomeError."""
        save_map(self._folder / MAP_FILE, bays)
        self.map = bays
        self._learnt.clear()
        self._learnt.update(bays.labels(self._tree))

    def hubs(self) -> Mapping[str, tuple[BayEntry, ...]]:
        """Give the bays of each hub in their order, those of a rack's scenario among them."""
        found: dict[str, list[BayEntry]] = {}
        learnt = {bay.label for bay in self.map.bays}
        for bay in (*self.map.bays, *(bay for bay in self._rack if bay.label not in learnt)):
            found.setdefault(bay.hub, []).append(bay)
        return {hub: tuple(sorted(bays, key=lambda bay: bay.position)) for hub, bays in found.items()}

    async def _keep(self) -> None:
        while True:
            mistrusted = {label: one.sentence for label, one in self.suspicions().items()}
            if mistrusted != self._mistrusted:
                self._mistrusted = mistrusted
                self._on_ports(mistrusted)
            await self._write()
            await asyncio.sleep(KEEP_EVERY)

    async def _write(self) -> None:
        if not self._history.changed:
            return
        self._history.changed = False
        try:
            await asyncio.to_thread(save_history, self._folder / HISTORY_FILE, dict(self._history.ports))
        except HomeError as error:
            logger.warning("the history of the ports was not written: %s", error)


def rack_bays(bays: Mapping[str, str]) -> tuple[BayEntry, ...]:
    """Turn what a rack announces (port -> label) into bays: the hub is what stands before the last number."""
    found: list[BayEntry] = []
    for port, label in bays.items():
        hub, _, number = label.rpartition("·") if "·" in label else label.rpartition("-")
        position = int(number) if number.strip().isascii() and number.strip().isdigit() else 0
        found.append(BayEntry(label, hub.strip() or label, position, (Port(_port_name(port)),)))
    return tuple(found)


def _port_name(told: str) -> str:
    """Turn a LocationID, which a rack tells in decimal, into the path that the port is known by."""
    if told.isascii() and told.isdigit() and len(told) <= 10 and (path := path_of_location(int(told))) is not None:
        return str(path)
    return told
