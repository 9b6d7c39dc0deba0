"""Look at the USB tree before forty handsets are plugged in: what will not work, and which plug to move where.

An xHCI keeps a context for each endpoint. Intel's keep 96 (Microchip knowledge base, “Not enough USB controller
resources”, of the 8 Series chipset), which at three endpoints a device are 32 devices; and Linux says of many “Max
number of devices this xHCI host supports is 32” (Marc Merlin, 20 December 2018; MaxSlots of HCSPARAMS1). Hubs count
too, a USB 3 hub twice; root hubs do not. Some controllers have more; none tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.bays.usb_tree import UsbDevice, UsbTree

MOST_DEVICES = 32
MOST_ENDPOINTS = 96
ENDPOINTS_EACH = 3
"""Endpoints that a handset is taken to need at the least: control, in and out."""
MOST_ADDRESSES = 127
"""Devices on any bus (USB 2.0, 9.2.6.3: addresses have seven bits)."""
DEEPEST_HUB = 5
"""Deepest tier of a hub behind which another may hang; USB has seven tiers, the last for devices (USB 2.0, 4.1.1)."""
IDLE = 4
"""Devices (keyboard, mouse, a receiver) that a controller may hold and still be a good place for a hub."""
_FULL_SPEED = 12.0
_USB_3 = 5000.0


@unique
class UsbTrouble(StrEnum):
    """What a look can find."""

    NOT_READ = "not read"
    CONTROLLER_FULL = "controller full"
    TOO_FEW_PORTS = "too few ports"
    ONE_SIDED = "one-sided"
    SLOW_HUB = "slow hub"
    USB_2_CABLE = "USB 2 cable"
    TOO_DEEP = "too deep"
    BUS_POWERED = "bus-powered"


@dataclass(frozen=True, slots=True)
class UsbFinding:
    """One finding. ``blocking`` is True where handsets will be missing; else it costs time. ``mend`` is one act."""

    trouble: UsbTrouble
    sentence: str
    mend: str
    blocking: bool


@dataclass(frozen=True, slots=True)
class ControllerUse:
    """What a controller holds: devices and endpoints in use, free sockets on its hubs."""

    controller: str
    xhci: bool
    devices: int
    endpoints: int
    free_ports: int

    @property
    def room(self) -> int:
        """Give how many more devices it can hold by the budget, whether there are sockets or not."""
        if not self.xhci:
            return max(0, MOST_ADDRESSES - self.devices)
        return max(0, min(MOST_DEVICES - self.devices, (MOST_ENDPOINTS - self.endpoints) // ENDPOINTS_EACH))

    @property
    def takes(self) -> int:
        """Give how many more handsets can be plugged in here and work."""
        return min(self.room, self.free_ports)


def use_of(tree: UsbTree) -> tuple[ControllerUse, ...]:
    """Count what each controller holds, the fullest first."""
    found: list[ControllerUse] = []
    for controller in tree.controllers:
        devices = tree.on(controller)
        xhci = any(root.xhci for root in tree.roots if root.controller == controller)
        used = {str(device.path) for device in devices}
        free = sum(
            1
            for hub in devices
            # Sockets of a USB 3 hub are ports of both of its halves; those of the USB 2 half are counted.
            if hub.is_hub and hub.speed < _USB_3 and not _built_in(hub)
            for port in range(1, hub.ports + 1)
            if f"{hub.path}.{port}" not in used and tree.peers.get(f"{hub.path}.{port}", "") not in used
        )
        found.append(ControllerUse(controller, xhci, len(devices), sum(d.endpoints for d in devices), free))
    return tuple(sorted(found, key=lambda use: -use.devices))


def usb_preflight(
    tree: UsbTree | None, handsets: int = 0, hub_name: Callable[[str], str] = lambda _: ""
) -> tuple[UsbFinding, ...]:
    """Say what is wrong for this many more handsets; ``hub_name`` gives what people call the hub at a path."""
    if tree is None:
        sentence = "The USB tree of this machine was not checked: only Linux lists it, and here it lists no controller."
        return (UsbFinding(UsbTrouble.NOT_READ, sentence, "Count by hand: at most 32 devices on a controller.", False),)

    def name(hub: UsbDevice) -> str:
        given = hub_name(str(hub.path))
        return given or f"the hub at {hub.path}" + (f" ({hub.product})" if hub.product else "")

    uses = use_of(tree)
    return (
        *_budget(tree, uses, handsets, name),
        *(finding for hub in tree.devices if hub.is_hub for finding in _hub(tree, hub, name(hub))),
    )


def _budget(
    tree: UsbTree, uses: tuple[ControllerUse, ...], handsets: int, name: Callable[[UsbDevice], str]
) -> Iterator[UsbFinding]:
    takes, free = sum(use.takes for use in uses), sum(use.free_ports for use in uses)
    short = handsets > takes
    move = _move(tree, uses, name)
    for use in uses:
        if not use.xhci:
            continue
        over = use.devices >= MOST_DEVICES or use.endpoints >= MOST_ENDPOINTS
        if over or (short and use.free_ports > use.room):
            sentence = (
                f"Controller {use.controller} holds {use.devices} of about {MOST_DEVICES} devices "
                f"({use.endpoints} of {MOST_ENDPOINTS} endpoints), hubs included"
            )
            sentence += "." if not short else f", so {use.takes} of its {use.free_ports} free sockets can be used."
            yield UsbFinding(
                UsbTrouble.CONTROLLER_FULL, sentence, move or "Add a USB controller card and move a hub to it.", True
            )
    if handsets > free:
        sentence = f"There are {free} free sockets on the hubs for {handsets} handsets."
        yield UsbFinding(UsbTrouble.TOO_FEW_PORTS, sentence, "Add a powered hub, or work in two rounds.", True)
    elif not short and move and uses[0].xhci and len(_movable(tree, uses[0].controller)) > 1:
        sentence = f"All hubs hang on controller {uses[0].controller} while another is idle."
        yield UsbFinding(UsbTrouble.ONE_SIDED, sentence, move, False)


def _move(tree: UsbTree, uses: tuple[ControllerUse, ...], name: Callable[[UsbDevice], str]) -> str:
    """Say which hub to move to which controller; empty where there is nothing to move or nowhere to go."""
    if len(uses) < 2:
        return ""
    target = min((use for use in uses[1:] if use.xhci), key=lambda use: use.devices, default=None)
    hubs = _movable(tree, uses[0].controller)
    if target is None or target.devices > IDLE or not hubs:
        return ""
    hub = max(reversed(hubs), key=lambda one: _weight(tree, one))
    return (
        f"Move {name(hub)} to a socket of controller {target.controller} (often the rear ones), "
        f"there {target.devices} of {MOST_DEVICES} are in use."
    )


def _movable(tree: UsbTree, controller: str) -> list[UsbDevice]:
    """Give the hubs that somebody has plugged into the machine itself; of a USB 3 hub one half."""
    hubs = [one for one in tree.on(controller) if one.is_hub and one.speed < _USB_3]
    inside = {str(one.path) for one in hubs if _built_in(one)}
    return [one for one in hubs if not _built_in(one) and (len(one.path.chain) == 1 or one.path.hub in inside)]


def _weight(tree: UsbTree, hub: UsbDevice) -> tuple[int, int]:
    """Say how much is won by moving a hub: its sockets, hubs behind it included; of two alike, the emptier."""
    behind = [one for one in tree.devices if str(one.path).startswith(f"{hub.path}.")]
    hubs = [one for one in behind if one.is_hub]
    sockets = hub.ports + sum(one.ports for one in hubs) - len(hubs)
    return sockets, len(hubs) - len(behind)


def _built_in(hub: UsbDevice) -> bool:
    """Tell a hub on the board: the firmware says so, or it is Intel's (8087, the rate matching hubs)."""
    return hub.fixed or hub.vendor == "8087"


def _hub(tree: UsbTree, hub: UsbDevice, name: str) -> Iterator[UsbFinding]:
    name = name[:1].upper() + name[1:]
    if 0 < hub.speed <= _FULL_SPEED:
        sentence = (
            f"{name} runs at {hub.speed:g} Mbit/s, forty times slower than USB 2, and all its handsets share that."
        )
        yield UsbFinding(
            UsbTrouble.SLOW_HUB, sentence, "Plug it into another socket with another cable, else replace it.", True
        )
    elif hub.usb == (2, 10) and hub.speed == 480 and not _has_usb_3_half(tree, hub):
        sentence = f"{name} can do USB 3 but runs at 480 Mbit/s: its cable or its socket is USB 2."
        mend = "Leave it where handsets are many (it takes half of the controller's room); else use a USB 3 cable."
        yield UsbFinding(UsbTrouble.USB_2_CABLE, sentence, mend, False)
    if hub.path.tier > DEEPEST_HUB:
        sentence = f"{name} is hub number {len(hub.path.chain)} in a row, and USB allows five: no hub works behind it."
        yield UsbFinding(UsbTrouble.TOO_DEEP, sentence, "Plug it nearer to the machine.", True)
    if not hub.self_powered and hub.ports > 1:
        sentence = f"{name} has no power of its own: its {hub.ports} sockets share what one socket gives."
        yield UsbFinding(UsbTrouble.BUS_POWERED, sentence, "Plug in its power supply, or use a powered hub.", True)


def _has_usb_3_half(tree: UsbTree, hub: UsbDevice) -> bool:
    """Tell whether the other half of the hub runs: at the twin of its port, or at the same ports of a USB 3 bus."""
    root = tree.root_of(hub.path)
    buses = {one.bus for one in tree.roots if root is not None and one.controller == root.controller}
    twin = tree.peers.get(str(hub.path))
    if twin is not None:
        return any(str(one.path) == twin and one.is_hub for one in tree.devices)
    return any(
        one.is_hub
        and one.speed >= _USB_3
        and one.path.bus in buses
        and one.vendor == hub.vendor
        and len(one.path.chain) == len(hub.path.chain)
        for one in tree.devices
    )
