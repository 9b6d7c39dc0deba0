"""Power of single ports, through the program ``uhubctl`` where it is installed.

Few hubs can switch a port by itself (``ppps``); with ``ganged`` all ports go together, and with neither the hub says it
can and does nothing. Its output has changed over the years (``hub 20-1, vendor 2109:2811, 4 ports`` in 2.0,
``hub 1-1 [110a:0407, USB 2.00, 4 ports, ppps]`` since 2.1, with the product's name from then on); all of them are read.
It needs the right to open the hub: root, or its udev rule. The JSON-RPC of hub makers' own services is not spoken.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

from provisioning.bays.port_path import read_path
from provisioning.bays.usb_tree import UsbTree
from provisioning.errors import UsageError
from provisioning.plain_text import one_line

SECONDS = 20.0
"""How long any one call may take; a cycle takes its pause and about two seconds."""
PAUSE = 3
"""Seconds without power: long enough for a handset to notice (uhubctl's own default is 2)."""
_LONGEST = 1 << 20
_HUB = re.compile(r"(?:Current|New) status for hub (\d{1,3}(?:-[\d.]{1,24})?)(?:,? \[?(.{0,200}?)\]?)?", re.ASCII)
_PORT = re.compile(r" {1,4}Port (\d{1,3}): ([0-9a-f]{4}) ?([^\[]{0,120}?)(?: \[(.{0,200})\])?", re.ASCII)
_SAYS_HUB = re.compile(r"\bhub\b|, USB \d|\d ports", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PortPower:
    """One port: whether it has power and whether something hangs there, with what that says of itself."""

    number: int
    powered: bool
    connected: bool
    device: str


@dataclass(frozen=True, slots=True)
class HubPower:
    """One hub that uhubctl can see. ``alone``: ports are switched one by one; None where it is not told."""

    location: str
    description: str
    alone: bool | None
    ports: tuple[PortPower, ...]


def read_status(text: str) -> tuple[HubPower, ...]:
    """Read what ``uhubctl`` prints; lines that are none of its own are passed over. The last word on a hub counts."""
    found: dict[str, HubPower] = {}
    location = ""
    for line in text[:_LONGEST].splitlines():
        if (hub := _HUB.fullmatch(line.rstrip())) is not None:
            location, words = hub[1], one_line(hub[2] or "", 120)
            ending = {word.strip() for word in words.split(",")}
            alone = True if "ppps" in ending else False if ending & {"ganged", "nops"} else None
            found[location] = HubPower(location, words, alone, ())
        elif location and (port := _PORT.fullmatch(line.rstrip())) is not None:
            flags = port[3].split()
            one = PortPower(int(port[1]), "power" in flags, "connect" in flags, one_line(port[4] or "", 120))
            hub_power = found[location]
            others = tuple(known for known in hub_power.ports if known.number != one.number)
            found[location] = HubPower(location, hub_power.description, hub_power.alone, (*others, one))
    return tuple(found.values())


def may_cycle(port: str, hubs: tuple[HubPower, ...], tree: UsbTree | None) -> tuple[str, int]:
    """Give hub and number of a port whose power may be cycled. Raises UsageError, saying why one may not be."""
    path = read_path(port)
    if path is None:
        raise UsageError(f"The port {one_line(port, 40)} is no USB port of this machine, so nothing can switch it.")
    hub = next((one for one in hubs if one.location == path.hub), None)
    if hub is None:
        raise UsageError(f"The hub of port {port} cannot switch its ports. Pull the cable by hand.")
    if hub.alone is False:
        raise UsageError(f"The hub of port {port} switches all its ports together. Pull the cable by hand.")
    found = next((one for one in hub.ports if one.number == path.chain[-1]), None)
    if found is None:
        raise UsageError(f"uhubctl does not list port {port}. Pull the cable by hand.")
    behind = any(one.location == str(path) or one.location.startswith(f"{path}.") for one in hubs)
    in_tree = tree is not None and any(
        device.is_hub and str(device.path) in {str(path), tree.peers.get(str(path), "")} for device in tree.devices
    )
    if behind or in_tree or _SAYS_HUB.search(found.device):
        raise UsageError(f"At port {port} hangs a hub, and others depend on it. Its power stays on.")
    return hub.location, found.number


def power_states() -> tuple[HubPower, ...]:
    """Ask uhubctl which hubs it can switch. Raises UsageError where it is absent, refused or silent."""
    return read_status(_run([]))


def power_cycle(port: str, tree: UsbTree | None) -> str:
    """Take the power from one port and give it back; returns the sentence. Raises UsageError."""
    location, number = may_cycle(port, power_states(), tree)
    # Without -e uhubctl switches both halves of a USB 3 hub, without which a handset keeps its power.
    said = _run(["-l", location, "-p", str(number), "-a", "cycle", "-d", str(PAUSE)])
    after = next((hub for hub in read_status(said) if hub.location == location), None)
    state = next((one for one in after.ports if one.number == number), None) if after is not None else None
    if state is None or not state.powered:
        raise UsageError(f"Nobody knows whether port {port} has its power back. Pull the cable and plug it in.")
    return f"Port {port} was without power for {PAUSE} seconds and has it again."


def _run(arguments: list[str]) -> str:
    program = shutil.which("uhubctl")
    if program is None:
        raise UsageError(
            "uhubctl is not installed, so no port can be switched. Install it: sudo apt-get install uhubctl"
        )
    try:
        done = subprocess.run(
            [program, *arguments], capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"uhubctl did not answer within {SECONDS:g} s. Pull the cable by hand.") from None
    except OSError as error:
        raise UsageError(f"uhubctl does not run: {error.strerror}.") from None
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0 or not read_status(text):
        reason = one_line((done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no hub was found"])[0], 120)
        raise UsageError(
            f"uhubctl can switch nothing here: {reason.rstrip('.! ')}. It may need its udev rule, or sudo."
        )
    return text
