"""Seal an Android: have its controller forbid debugging, and tell from outside whether that really ended adb.

``no_debugging_features`` makes Android write ``adb_enabled=0`` at once (AOSP ``UserRestrictionsUtils``), so the order
ends the very channel that it came by: its exit code may never come, and a success looks like a failure. What counts is
that the handset then stays away from adb. A pulled cable looks the same to the adb server, so it must be told apart:
by the controller's own word, which comes back before adbd ends, or by the USB port, which still holds the handset but
without adb's interface. Where neither can be had, the handset is *not sealed*.
"""

from __future__ import annotations

import logging
import select
import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioning.android.controller import Controller, NoService, restriction
from provisioning.android.enrolment import read_enrolment
from provisioning.android.properties import build, read_properties
from provisioning.android.reading import Unreadable, whole
from provisioning.android.usb_ports import PortSight, UsbPorts
from provisioning.android.wire import Wire, WireError
from provisioning.errors import HandsetGone, HandsetRefused, HubError
from provisioning.handset import Ownership, Seal, SealState
from provisioning.organisation import DeviceController
from provisioning.plain_text import one_line

if TYPE_CHECKING:
    from provisioning.android.cable import Talk
    from provisioning.android.transports import Transport

logger = logging.getLogger(__name__)

SEALING = "sealing it"
ENDS_ADB = "no_debugging_features"
LARGEST = 1 << 16
KEY_LIFETIME = "adb_allowed_connection_time"
"""Milliseconds that a computer's key stays allowed after it was last used (global setting, Android 11 on; 7 days)."""
SHORTEST_LIFETIME = "1"
LIFETIME_SDK = 30
_POLL = 0.25
_LINGERING = frozenset({"offline", "connecting", "detached"})
"""States of a connection that is gone and that the adb server has not given up yet (TCP: for about a minute)."""
_CONFIRMED = f"'{ENDS_ADB}' set to true"
"""What TestDPC's command line, whose words the controllers of this desk use, prints when it has set it."""


@dataclass(frozen=True, slots=True)
class SealOrders:
    """What the policy wants at the end: restrictions that end adb, and whether this desk's key is to lapse too."""

    restrictions: tuple[str, ...] = ()
    revoke_key: bool = False


def seal(
    talk: Talk, controller: DeviceController, orders_for: Callable[[str], SealOrders], ports: UsbPorts, devpath: str
) -> Seal:
    """Order the seal and watch the handset go. ``devpath`` is its USB port (``usb:1-1.3``), empty where unknown.

    Raises HandsetRefused where the handset is not ours or its controller does not answer, HandsetGone where it went
    before the order, WireError, Unreadable.
    """
    (properties,) = talk.ask(("getprop",), talk.deadlines.identify)
    facts = read_properties(whole(properties))
    version = build(facts)
    orders = orders_for(version.release)
    if ENDS_ADB not in orders.restrictions:
        return Seal(SealState.NOTHING_TO_SEAL, detail="the policy leaves debugging open")
    owner = read_enrolment(talk, controller)
    if owner.ownership is not Ownership.OURS:
        raise HandsetRefused(SEALING, "this organisation's controller does not own it, so nothing can seal it")
    if not controller.takes_orders:
        raise HandsetRefused(
            SEALING, "only its management server can close debugging; have that done there, then watch it leave adb"
        )
    if orders.revoke_key and version.sdk >= LIFETIME_SDK:
        _let_the_key_lapse(talk)
    others = [key for key in orders.restrictions if key != ENDS_ADB]
    channel = Controller(talk, controller.package)
    try:
        channel.wait()
        if others:
            channel.order([restriction(key, True) for key in others])
    except NoService as error:
        raise HandsetRefused(SEALING, f"its controller does not take orders ({error}); restart the handset") from error
    return _close(talk, controller.package, ports, devpath)


def _let_the_key_lapse(talk: Talk) -> None:
    """Shorten the time for which computers' keys stay allowed, so that this desk's ends with this connection.

    Nothing over adb clears the keys themselves (``AdbService.clearDebuggingKeys`` needs MANAGE_DEBUGGING, which shell
    has not); ``AdbDebuggingManager`` forgets a key whose last use is longer ago than this setting says.
    """
    _, found = talk.ask(
        (f"settings put global {KEY_LIFETIME} {SHORTEST_LIFETIME}", f"settings get global {KEY_LIFETIME}"),
        talk.deadlines.orders,
    )
    if whole(found).strip() != SHORTEST_LIFETIME:
        raise HandsetRefused(SEALING, "it does not let this desk's debugging key lapse")


def _close(talk: Talk, package: str, ports: UsbPorts, devpath: str) -> Seal:
    """Give the order that ends adb; whatever comes back then, the handset's absence decides."""
    with talk.open_watch() as watch:
        before = talk.all_listed()
        me = next((one for one in before if one.number == talk.transport), None)
        if me is None:
            raise HandsetGone(SEALING)
        said = _order(talk, package)
        confirmed = _CONFIRMED in said
        logger.info("controller: seal -> %s", one_line(said, 200) or "nothing")
        left, why = _gone(talk, me, before, watch)
    if not left:
        return Seal(SealState.NOT_SEALED, detail=why)
    sight = ports.look(devpath)
    if sight is PortSight.EMPTY:
        return Seal(
            SealState.NOT_SEALED, detail="its USB port is empty: the cable was pulled; plug it in and seal again"
        )
    if sight is PortSight.WITH_ADB:
        return Seal(SealState.NOT_SEALED, detail="its USB port still offers adb")
    evidence = [f"away from adb for {talk.deadlines.seal_quiet:g} s"]
    if confirmed:
        evidence.append("the controller said that it forbade debugging")
    if sight is PortSight.WITHOUT_ADB:
        evidence.append("the USB port still holds it, without adb's interface")
    if not confirmed and sight is not PortSight.WITHOUT_ADB:
        return Seal(
            SealState.NOT_SEALED,
            detail="it went before its controller confirmed the order, as a pulled cable does; plug it in again: "
            "if it shows up here, seal it again",
        )
    return Seal(SealState.SEALED, tuple(evidence))


def _order(talk: Talk, package: str) -> str:
    """Give the order to this very handset; what it says, though the reply may break off where it should end.

    The handset itself makes sure that it is the one that was meant: between two calls somebody may swap the cable.
    """
    words = shlex.join(["dumpsys", "activity", "--user", "0", "service", package, *restriction(ENDS_ADB, True)])
    guard = f'[ "$(getprop ro.serialno)" = {shlex.quote(talk.serial or "")} ]'
    heard = talk.say_to_the_end(f"{guard} && {words}", talk.deadlines.orders, LARGEST)
    return heard.decode("utf-8", "replace")


def _gone(talk: Talk, me: Transport, before: Sequence[Transport], watch: Wire) -> tuple[bool, str]:
    """Watch the adb server's list until the handset has left it and has stayed away for long enough."""
    limits = talk.deadlines
    known = {one.number for one in before}
    ordered = time.monotonic()
    left_at: float | None = None
    while True:
        now = time.monotonic()
        try:
            _still_listening(watch)
            listing = talk.all_listed()
        except (HubError, WireError):
            return False, "the adb server ended meanwhile, so it cannot be told; plug the handset in again"
        seen = [one for one in listing if _is_same(talk, me, one, known)]
        if not seen:
            left_at = left_at if left_at is not None else now
            if now - left_at >= limits.seal_quiet:
                return True, ""
        else:
            left_at = None
            patience = limits.seal_lingering if all(one.state in _LINGERING for one in seen) else limits.seal_gone
            if now - ordered >= patience:
                return False, f"it is still on adb ({one_line(seen[0].state, 40)}) after it was ordered to close it"
        time.sleep(_POLL)


def _is_same(talk: Talk, me: Transport, one: Transport, known: set[int]) -> bool:
    """Tell whether a line of the list is this handset, on its old transport or on a new one."""
    if one.number == me.number or (me.devpath and one.devpath == me.devpath):
        return True
    if one.number in known:
        return False
    if one.serial == me.serial:
        return True
    if one.state != "device":
        return False
    try:
        return talk.serial_on(one.number) == talk.serial
    except (WireError, Unreadable):
        return False


def _still_listening(watch: Wire) -> None:
    """Make sure that it is the same adb server all the while. Raises Ended where it hung up."""
    while select.select([watch], [], [], 0)[0]:
        watch.whatever_comes()
