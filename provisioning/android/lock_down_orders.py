"""Put the lock-down in force: order from the controller only what is not so yet, then look again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from provisioning.android.cable import Talk
from provisioning.android.controller import Controller, NoService, hidden, restriction, uninstall_blocked
from provisioning.android.lock_down import LockDownReading, Wanted, look, states
from provisioning.android.reading import Unreadable, package_name
from provisioning.android.seal import SealOrders
from provisioning.errors import HandsetRefused
from provisioning.inventory import Presence
from provisioning.organisation import DeviceController
from provisioning.policy.android import compile_restrictions
from provisioning.policy.effective import EffectivePolicy

logger = logging.getLogger(__name__)

APPLYING = "applying the lock-down"


def wanted(effective: EffectivePolicy, release: str) -> Wanted:
    """Say what an effective policy wants on that Android release, the seal left out: it ends adb when it is set.

    Raises UsageError for a restriction that Android does not have.
    """
    orders = compile_restrictions(effective, release)
    return Wanted(orders.restrictions, _package_names(tuple(orders.hide)), _package_names(tuple(orders.keep)))


def at_the_end(effective: EffectivePolicy, release: str) -> SealOrders:
    """Say what an effective policy wants closed at the very end. Raises UsageError as :func:`wanted` does."""
    orders = compile_restrictions(effective, release)
    return SealOrders(orders.seal, orders.revoke_key)


def put_in_force(talk: Talk, controller: DeviceController, wanted_for: Callable[[str], Wanted]) -> LockDownReading:
    """Look, order what is missing, look again; give the second look. Idempotent.

    Nothing is ordered after a first look that was not whole: what is missing could not be told.
    Raises HandsetRefused where the handset is not ours or its controller does not answer, WireError, Unreadable.
    """
    found = look(talk, controller, wanted_for)
    if found.unread:
        raise Unreadable(f"{found.unread[0].area}: {found.unread[0].why}")
    ours = found.controller
    if ours is None or found.ownership is None or found.ownership.device_owner != ours.component:
        raise HandsetRefused(APPLYING, "this organisation's controller does not own it; enrol it first")
    orders = [
        *_restrictions_missing(found),
        *_packages_to_hide(talk, found),
        *_packages_to_show(talk, found),
        *(uninstall_blocked(name, True) for name, blocked in found.kept.items() if not blocked),
    ]
    if not orders or not controller.takes_orders:
        return found  # what is missing where it takes no orders, its server has to put in force
    channel = Controller(talk, controller.package)
    try:
        channel.wait()
        channel.order(orders)
    except NoService as error:
        raise HandsetRefused(APPLYING, f"its controller does not take orders ({error}); restart the handset") from error
    return look(talk, controller, wanted_for)


def _restrictions_missing(found: LockDownReading) -> Iterable[Sequence[str]]:
    return [restriction(key, True) for key in found.wanted.restrictions if key not in (found.restrictions or ())]


def _packages_to_hide(talk: Talk, found: LockDownReading) -> Iterable[Sequence[str]]:
    """Hide what is blocked and there. A system app that was removed for the user cannot be hidden, so it is put back
    first: left removed, one command from any cable would bring it back unhidden.
    """
    blocked = found.blocked or {}
    removed = [name for name, presence in blocked.items() if presence is Presence.REMOVED_FOR_USER]
    if removed:
        commands = [f"cmd package install-existing --user 0 {name}" for name in removed]
        answers = talk.ask(commands, talk.deadlines.orders)
        for name, answer in zip(removed, answers, strict=True):
            logger.info("put %s back to hide it: code %d", name, answer.code)
    return [hidden(name, True) for name, presence in blocked.items() if presence is not Presence.HIDDEN]


def _packages_to_show(talk: Talk, found: LockDownReading) -> Iterable[Sequence[str]]:
    """Show again what was hidden under an earlier policy and is not blocked now, as after a permit."""
    unblocked = sorted((found.invisible or frozenset()) - frozenset(found.wanted.blocked))
    present = states(talk, unblocked)
    return [hidden(name, False) for name in unblocked if present[name] is Presence.HIDDEN]


@lru_cache(maxsize=8)
def _package_names(identifiers: tuple[str, ...]) -> tuple[str, ...]:
    """Keep what can be a package name; the same some hundred identifiers for every handset of a policy."""
    names: list[str] = []
    for one in identifiers:
        try:
            names.append(package_name(one))
        except Unreadable:
            logger.info("an identifier of the policy is no package name and was left out")
    return tuple(names)
