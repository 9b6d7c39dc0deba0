"""What the adb server says is attached: one transport for each cable or TCP connection, with its state.

The lines of ``host:devices-l`` as written by adb 29.0.6 and 36.0.0 (``transport.cpp``, tried with both)::

    R58T00TEST             device usb:1-1 product:a14xx model:SM_A145R device:a14 transport_id:3
    (no serial number)     no permissions (missing udev rules? …); see [http://…] usb:1-4 transport_id:7

adbutils splits them at blanks, which makes the state ``no`` and loses its reason; here the tags are taken from the end.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from provisioning.plain_text import one_line

logger = logging.getLogger(__name__)

MOST_TRANSPORTS = 4096
_STATES = (
    "device|offline|unauthorized|authorizing|connecting|bootloader|recovery|sideload|rescue|host|detached"
    "|no permissions.*?|unknown"
)
_LINE = re.compile(rf"^(?P<serial>\S.*?)\s+(?P<state>{_STATES})(?P<tags>(?: [a-z_]+:\S*)*)\s*$")
_LINE_OF_A_LATER_ADB = re.compile(r"^(?P<serial>\S+)\s+(?P<state>\S+)(?P<tags>(?: [a-z_]+:\S*)*)\s*$")
_LONGEST_SERIAL = 128

RESTARTED = frozenset({"recovery", "sideload", "rescue", "bootloader"})
"""States of a handset that is on but not in Android."""
ASKING = frozenset({"unauthorized", "authorizing"})
"""States of a handset that has the RSA prompt up, or is about to."""


@dataclass(frozen=True, slots=True)
class Transport:
    """One line of the list. ``number`` (adb's transport_id) names this plugging-in; ``serial`` need not be unique.

    ``devpath`` is the USB port (``usb:1-1``), empty over TCP and on Windows. ``model`` is sanitised by adb
    (``SM_A546B``) and absent until the handset is authorised. All texts are hostile.
    """

    serial: str
    state: str
    number: int
    devpath: str = ""
    model: str = ""


def read_transports(listing: str) -> list[Transport]:
    """Read the answer to ``host:devices-l``. A line that no adb writes is left out and logged.

    Raises ValueError where the server gives no transport numbers (adb before 1.0.40) or too many lines.
    """
    lines = [line for line in listing.split("\n") if line.strip()]
    if len(lines) > MOST_TRANSPORTS:
        raise ValueError(f"{len(lines)} transports")
    found: list[Transport] = []
    for line in lines:
        parts = _LINE.match(line) or _LINE_OF_A_LATER_ADB.match(line)
        if parts is None or len(parts["serial"]) > _LONGEST_SERIAL:
            logger.warning("not a line of the adb server's list: %s", one_line(line))
            continue
        tags = dict(tag.split(":", 1) for tag in parts["tags"].split())
        number = tags.get("transport_id", "")
        if not (number.isascii() and number.isdigit()):
            raise ValueError("the adb server gives no transport numbers; it is older than 1.0.40")
        devpath = f"usb:{tags['usb']}" if "usb" in tags else ""
        found.append(Transport(parts["serial"], parts["state"], int(number), devpath, tags.get("model", "")))
    return found


def remedy(transport: Transport) -> str:
    """Give the udev rule for a transport that this user may not open, else nothing."""
    return udev_rule(transport) if transport.state.startswith("no permissions") else ""


def udev_rule(transport: Transport) -> str:
    """Give the line for ``/etc/udev/rules.d/51-android.rules`` that lets a person at the desk open this port's phones.

    By port and not by maker: adb does not say who made what it may not open.
    """
    port = transport.devpath.removeprefix("usb:")
    match = f'KERNEL=="{port}", ' if re.fullmatch(r"[0-9.-]+", port) else ""
    return f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", {match}MODE="0660", GROUP="plugdev", TAG+="uaccess"'
