"""Tell a whole list of apps from one that was cut: what no handset is without, and how few apps are too few.

Lists get short in silence: a cable pulled during ``pm list``, a forbidden profile left out with exit code 0 (Android
16), a filter of the tool that wrote the file. Smallest whole lists seen: Android 10 to 14 of four makers 386 to 404
packages, 290 to 361 APKs on firmware images; iPhone (iOS 11) 85 system apps among 96, later systems about as many.
The bounds leave room for lean systems; what is below them is not called whole.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from operator import attrgetter

from provisioning.catalogue.identifiers import fold_all
from provisioning.inventory import Inventory, Presence, Unread
from provisioning.platforms import Platform

FEWEST_ANDROID = 150
"""Packages of user 0; a list of a Pixel 8 Pro that is known to be partial names 149 (``android`` among them)."""
FEWEST_IOS = 25
"""Apps; even iOS 9 had more system apps than that."""
EVERY_ANDROID = ("android", "com.android.systemui")
"""The framework and its screen; user 0 has them, hidden from no list that is whole (AOSP)."""
SOME_IOS = frozenset({"com.apple.preferences", "com.apple.mobilesafari", "com.apple.mobilephone", "com.apple.appstore"})
"""Settings cannot be removed at all; of these no iPhone or iPad is without every one (Apple, native app list)."""
_ID, _USER = attrgetter("id"), attrgetter("user")
AREA = "apps (the list looks cut or partial)"


@dataclass(frozen=True, slots=True)
class Listing:
    """Whom a list of apps names any for, and the folded identifiers of what it names for the owner."""

    users: frozenset[int]
    owner: Collection[str]


def listing_of(inventory: Inventory) -> Listing:
    """Look a list of apps through."""
    apps, users = inventory.apps, frozenset(map(_USER, inventory.apps))
    if inventory.platform is Platform.IOS:
        return Listing(users, fold_all(app.id for app in apps if app.presence is not Presence.REMOVED_FOR_USER))
    return Listing(users, fold_all(map(_ID, apps if users <= {0} else (app for app in apps if app.user == 0))))


def doubts(platform: Platform, listing: Listing) -> tuple[Unread, ...]:
    """Give what speaks against the list being whole; empty if nothing does."""
    owner = listing.owner
    if platform is Platform.IOS:
        return _ios(owner)
    missing = [name for name in EVERY_ANDROID if name not in owner]
    if missing:
        return (Unread(AREA, f"it does not name {' and '.join(missing)}, which every Android has"),)
    if len(owner) < FEWEST_ANDROID:
        return (Unread(AREA, f"it names {len(owner)} packages, and no whole list has fewer than {FEWEST_ANDROID}"),)
    return ()


def _ios(ids: Collection[str]) -> tuple[Unread, ...]:
    if SOME_IOS.isdisjoint(ids):
        return (Unread(AREA, "it names none of Apple's own apps that every iPhone has"),)
    if len(ids) < FEWEST_IOS:
        return (Unread(AREA, f"it names {len(ids)} apps, and no whole list has fewer than {FEWEST_IOS}"),)
    return ()
