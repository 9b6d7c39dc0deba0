"""Learn the bays: one handset is plugged through all ports, and each new port gets the next label.

Rules: a port gets its label when something is plugged in there for the first time in this learning; plugging it in
again says which one it is and changes nothing. What hung there before learning began is passed over until it is
plugged anew. Nothing is kept until it is finished.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from provisioning.bays.bay_map import BayEntry, BayMap, Port, fit_label
from provisioning.errors import UsageError


@dataclass(frozen=True, slots=True)
class Step:
    """What the last plug came to. ``label`` is empty where nothing was learnt and nothing is known."""

    label: str
    new: bool
    sentence: str


class NamesPorts(Protocol):
    """Gives a port with its twin, as :func:`provisioning.bays.bay_map.port_of` does for a tree."""

    def __call__(self, name: str, /) -> tuple[Port, ...]:
        """Give the ports that lead to the same socket."""
        ...


class Learning:
    """One learning, hub by hub. ``hub`` is what the first hub is called; its bays are ``hub-1``, ``hub-2`` …

    A hub without a name gets the next number that neither ``known`` nor ``taken`` has.
    """

    def __init__(self, known: BayMap, name_ports: NamesPorts, hub: str = "", taken: Iterable[str] = ()) -> None:
        self._known = known
        self._taken = (*taken, *(bay.hub for bay in known.bays))
        self._name_ports = name_ports
        self._learnt: list[BayEntry] = []
        self.hub = fit_label(hub) if hub.strip() else _next_hub(self._taken)

    @property
    def learnt(self) -> tuple[BayEntry, ...]:
        """Give what was learnt so far, in order."""
        return tuple(self._learnt)

    @property
    def next_label(self) -> str:
        """Give the label that the next new port gets."""
        return f"{self.hub}-{self._position()}"

    def plugged(self, port: str) -> Step:
        """Take note that something was plugged into a port."""
        for bay in self._learnt:
            if any(known.port == port for known in bay.ports):
                said = f"This port is {bay.label} already. Plug the handset into the next port: {self.next_label}."
                return Step(bay.label, new=False, sentence=said)
        try:
            label = fit_label(self.next_label)
        except UsageError as error:
            return Step("", new=False, sentence=str(error))
        self._learnt.append(BayEntry(label, self.hub, self._position(), self._name_ports(port)))
        return Step(label, new=True, sentence=f"This is {label}. Next: {self.next_label}.")

    def undo(self) -> str:
        """Forget the last port of this learning; gives its label, or nothing where there is none."""
        if not self._learnt:
            return ""
        bay = self._learnt.pop()
        self.hub = bay.hub
        return bay.label

    def next_hub(self, hub: str = "") -> str:
        """Go on with another hub; gives its name. Does nothing while the present one has no port yet."""
        if hub.strip():
            self.hub = fit_label(hub)
        elif any(bay.hub == self.hub for bay in self._learnt):
            self.hub = _next_hub((*self._taken, *(bay.hub for bay in self._learnt)))
        return self.hub

    def finish(self) -> BayMap:
        """Give the map with what was learnt. Raises UsageError where nothing was."""
        if not self._learnt:
            raise UsageError("No port was learnt, so nothing is changed. Plug a handset into each port in turn.")
        return self._known.taking(self._learnt)

    def _position(self) -> int:
        return 1 + sum(bay.hub == self.hub for bay in self._learnt)


def _next_hub(hubs: Iterable[str]) -> str:
    return str(max((int(hub) for hub in hubs if hub.isascii() and hub.isdigit()), default=0) + 1)
