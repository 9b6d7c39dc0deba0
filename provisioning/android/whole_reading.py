"""Inventory and lock-down out of the same answers: what a verification needs, in as few waits as there can be.

Both ask for users, owners and packages; asked once, they also tell of one moment, not of two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from provisioning.android import app_inventory, enrolment, lock_down, package_dump
from provisioning.android.cable import Talk
from provisioning.android.lock_down import LockDownReading, Wanted
from provisioning.android.reading import Unreadable
from provisioning.android.stock import Stock
from provisioning.inventory import Inventory, Presence, Unread
from provisioning.organisation import DeviceController


def read_whole(
    talk: Talk, controller: DeviceController | None, wanted_for: Callable[[str], Wanted]
) -> tuple[Inventory, LockDownReading]:
    """Read all that a verdict is made of. Raises as ``take_inventory`` and ``look`` do."""
    sdk = talk.api_level()
    commands = [*app_inventory.asked(sdk), *lock_down.ASKED]
    said = talk.ask_each(commands, talk.deadlines.packages, package_dump.LARGEST)
    found = lock_down.facts_in(said, wanted_for)
    stock = app_inventory.gathered(talk, said, sdk, controller.package if controller else None)
    _take_packages(talk, found, stock)
    if controller is not None and found.ownership is not None:
        certificate = stock.certificates.get(controller.package)
        if certificate is None and (0 not in stock.lists or controller.package in stock.lists[0]):
            found.unread.append(Unread("device owner", enrolment.NO_CERTIFICATE))
        else:
            found.controller = enrolment.controller_with(controller, certificate, found.ownership)
    lock_down.look_at_kept(talk, found)
    return app_inventory.inventory_of(stock), found


def _take_packages(talk: Talk, found: LockDownReading, stock: Stock) -> None:
    if 0 not in stock.lists:
        found.unread.append(Unread("hidden packages", "the lists of user 0 are not whole"))
        return
    listed = stock.lists[0]

    def presences(names: Sequence[str]) -> Mapping[str, Presence]:
        if not stock.packages:
            return lock_down.states(talk, names)
        states = {name: stock.packages[name].states for name in names if name in stock.packages}
        if missing := [name for name in names if 0 not in states.get(name, {})]:
            raise Unreadable(f"the dump of {missing[0]} is missing")
        return {name: states[name][0].presence for name in names}

    try:
        lock_down.take_packages(found, listed.visible, listed.names, presences)
    except Unreadable as error:
        found.unread.append(Unread("hidden packages", str(error)))
