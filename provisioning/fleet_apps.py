"""A fleet as it is looked through: each app once, however many handsets carry it, and what one handset has of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.identifiers import fold
from provisioning.handset import Identity, LockDown
from provisioning.inventory import App, Inventory, Presence
from provisioning.platforms import Platform
from provisioning.verification import conditions
from provisioning.verification.judge import list_doubts
from provisioning.verification.judgement import Classification
from provisioning.verification.sentinels import Listing


@dataclass(frozen=True, slots=True)
class Stored:
    """What was last read of one handset. ``officer`` holds it, None where it is on the desk; ``time`` is ISO 8601."""

    serial_number: str
    officer: str | None
    record: str
    time: str
    policy: str
    inventory: Inventory
    identity: Identity | None = None
    lock_down: LockDown | None = None


class Interned:
    """Makes equal apps one object, so that an app on a thousand handsets is kept and judged once."""

    def __init__(self) -> None:
        self._apps: dict[App, App] = {}

    def __call__(self, apps: Iterable[App]) -> tuple[App, ...]:
        """Give the apps, each as the one object that stands for all that are equal."""
        return tuple(self._apps.setdefault(app, app) for app in apps)

    def inventory(self, inventory: Inventory) -> Inventory:
        """Give the inventory with such apps in it."""
        return replace(inventory, apps=self(inventory.apps))


class SeenApps:
    """What each app says by itself, by its ``id()``; kept here, so that the number is nobody else's meanwhile."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.app: dict[int, App] = {}
        self.key: dict[int, str] = {}
        """The folded identifier."""
        self.versions: dict[str, set[int]] = {}
        """The apps of one folded identifier."""
        self.of_others: set[int] = set()
        self.removed: set[int] = set()
        self._believed: dict[tuple[int, Platform, int], Classification] = {}

    def learn(self, apps: Iterable[App]) -> None:
        """Look at apps that were not seen yet."""
        for app in apps:
            number = id(app)
            self.seen.add(number)
            self.app[number] = app
            key = self.key[number] = fold(app.id)
            self.versions.setdefault(key, set()).add(number)
            if app.user:
                self.of_others.add(number)
            if app.presence is Presence.REMOVED_FOR_USER:
                self.removed.add(number)

    def believed(self, catalogue: Catalogue, platform: Platform, number: int) -> Classification:
        """Weigh an app, once for both sides if they have the same catalogue."""
        key = (id(catalogue), platform, number)
        known = self._believed.get(key)
        if known is None:
            known = self._believed[key] = catalogue.classify(platform, self.app[number])
        return known


class _Names(Collection[str]):
    """The folded identifiers of apps, looked up only as far as somebody asks."""

    def __init__(self, apps: SeenApps, numbers: frozenset[int]) -> None:
        self._apps = apps
        self._numbers = numbers

    def __contains__(self, name: object) -> bool:
        versions = self._apps.versions.get(name) if isinstance(name, str) else None
        return versions is not None and not versions.isdisjoint(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(set(map(self._apps.key.__getitem__, self._numbers)))

    def __len__(self) -> int:
        return len(set(map(self._apps.key.__getitem__, self._numbers)))


class Reading:
    """What both sides ask of one handset, looked up once. ``ids`` are the owner's apps, by ``id()``."""

    def __init__(self, stored: Stored, apps: SeenApps) -> None:
        inventory = stored.inventory
        numbers = frozenset(map(id, inventory.apps))
        if not numbers <= apps.seen:
            apps.learn([app for app in inventory.apps if id(app) not in apps.seen])
        alone = numbers.isdisjoint(apps.of_others)
        owners = numbers if alone else numbers - apps.of_others
        there = owners - apps.removed if inventory.platform is Platform.IOS else owners
        users = {app.user for app in inventory.apps if app.user} if not alone else set[int]()
        self.stored = stored
        self.users = frozenset(users | {0} if owners else users)
        self.doubts = list_doubts(inventory, Listing(self.users, _Names(apps, there)))
        self.own = conditions.own_controller(stored.lock_down)
        self.of_others = () if alone else tuple(app for app in inventory.apps if app.user)
        self.ids = owners if not self.own else frozenset(one for one in owners if apps.key[one] not in self.own)
