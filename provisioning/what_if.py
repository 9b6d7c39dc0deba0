"""Replay a changed policy, permit or catalogue over what was read of handsets: who is affected, and why.

Both sides judge the same stored inventories, so what differs is the change alone. Most apps are on many handsets:
each is judged once a side, and a handset is then a question of sets. That makes 30,000 handsets a matter of seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.identifiers import fold
from provisioning.handset import Identity, LockDown
from provisioning.inventory import App, HandsetUser, Inventory
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.verification import conditions
from provisioning.verification.judge import (
    CERTAIN,
    catalogue_doubts,
    judge_app,
    list_doubts,
    not_read,
    other_findings,
    verdict_of,
)
from provisioning.verification.judgement import Finding, Verdict

_OWNER = {0: HandsetUser(0)}
_USER = attrgetter("user")


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


@dataclass(frozen=True, slots=True)
class Side:
    """How things are judged before or after the change. ``effective`` compiles the policy for whoever holds a handset.

    It should give the same object for those for whom everything is the same.
    """

    catalogue: Catalogue
    effective: Callable[[Stored], EffectivePolicy]


@dataclass(frozen=True, slots=True)
class Affected:
    """One handset that the change judges differently. ``appeared`` and ``gone`` are findings; worst first."""

    stored: Stored
    before: Verdict
    after: Verdict
    appeared: tuple[Finding, ...]
    gone: tuple[Finding, ...]


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


def replay(
    fleet: Iterable[Stored], before: Side, after: Side, *, now: datetime | None = None, later: datetime | None = None
) -> Iterator[Affected]:
    """Yield the handsets that are judged differently. ``later`` is the day of the other side, where it is another."""
    left, right = _Judge(before, now), _Judge(after, later or now)
    pairs: dict[tuple[int, int], _Pair] = {}
    for stored in fleet:
        reading = _Reading(stored)
        one, two = left.known(stored), right.known(stored)
        pair = pairs.setdefault((id(one), id(two)), _Pair(one, two))
        pair.learn(reading)
        was, becomes = left.opinion(reading, one), right.opinion(reading, two)
        if pair.same(was, becomes):
            continue
        had, has = was.findings(), becomes.findings()
        if was.verdict is becomes.verdict and had.keys() == has.keys():
            continue
        yield Affected(
            stored,
            was.verdict,
            becomes.verdict,
            tuple(has[key] for key in sorted(has.keys() - had.keys())),
            tuple(had[key] for key in sorted(had.keys() - has.keys())),
        )


def standing(
    fleet: Iterable[Stored], side: Side, *, now: datetime | None = None
) -> Iterator[tuple[Stored, Verdict, Mapping[Key, Finding]]]:
    """Yield every handset with its verdict and findings as one side judges them."""
    judge = _Judge(side, now)
    for stored in fleet:
        reading, known = _Reading(stored), judge.known(stored)
        known.learn(reading, reading.ids - known.seen)
        opinion = judge.opinion(reading, known)
        yield stored, opinion.verdict, opinion.findings()


Key = tuple[bool, str, str, str]
"""Blocks not, severity, subject, where: what a finding means to a handset, whatever its rule is called."""


class _Reading:
    """What both sides ask of one handset, looked up once. ``apps`` are the owner's, by ``id()``."""

    def __init__(self, stored: Stored) -> None:
        inventory = stored.inventory
        self.stored = stored
        self.doubts = list_doubts(inventory)
        self.own = conditions.own_controller(stored.lock_down)
        self.of_others = tuple(app for app in inventory.apps if app.user) if any(map(_USER, inventory.apps)) else ()
        owners = [app for app in inventory.apps if app.user == 0] if self.of_others else inventory.apps
        if self.own:
            owners = [app for app in owners if fold(app.id) not in self.own]
        self.apps = dict(zip(map(id, owners), owners, strict=True))
        self.ids = frozenset(self.apps)


class _Known:
    """What is found of the apps that were seen so far, under one policy on one platform, by the apps' ``id()``.

    The fleet keeps the apps alive, so that ``id()`` names them.
    """

    def __init__(
        self, catalogue: Catalogue, effective: EffectivePolicy, platform: Platform, now: datetime | None
    ) -> None:
        self.doubts = catalogue_doubts(catalogue, effective, now)
        self._catalogue = catalogue
        self.effective = effective
        self._platform = platform
        self.seen: set[int] = set()
        self.found: dict[int, tuple[Key, Finding]] = {}
        self.certain: set[int] = set()
        self.blocking: set[int] = set()
        """Apps that keep a handset back; the ``certain`` ones may not be there whatever else was read."""

    def learn(self, reading: _Reading, apps: Iterable[int]) -> None:
        """Judge the apps of a handset that are named."""
        for number in apps:
            _, finding = judge_app(
                self.effective, self._catalogue, self._platform, reading.apps[number], users=_OWNER
            )  # fmt: skip
            self.seen.add(number)
            if finding is not None:
                self.found[number] = _key(finding), finding
                if finding.blocks:
                    (self.certain if finding.severity in CERTAIN else self.blocking).add(number)


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What a side thinks of one handset; findings of apps are looked up only where they are asked for."""

    verdict: Verdict
    others: Mapping[Key, Finding]
    known: _Known
    ids: frozenset[int]

    def findings(self) -> dict[Key, Finding]:
        """Give all findings by what they mean."""
        known = self.known.found
        found = dict(map(known.__getitem__, self.ids & known.keys()))
        return {**found, **self.others} if self.others else found


class _Pair:
    """What both sides know, and of which apps they find different things: each is compared once."""

    def __init__(self, one: _Known, two: _Known) -> None:
        self._one = one
        self._two = two
        self._compared: set[int] = set()
        self._different: set[int] = set()

    def learn(self, reading: _Reading) -> None:
        """Let both sides judge what is new on a handset, and compare."""
        fresh = reading.ids - self._compared
        if not fresh:
            return
        for known in (self._one, self._two):
            known.learn(reading, fresh - known.seen)
        for app in fresh:
            left, right = self._one.found.get(app), self._two.found.get(app)
            if (left and left[0]) != (right and right[0]):
                self._different.add(app)
        self._compared |= fresh

    def same(self, one: _Opinion, two: _Opinion) -> bool:
        """Tell whether both surely think the same of a handset."""
        return (
            one.verdict is two.verdict
            and one.others.keys() == two.others.keys()
            and self._different.isdisjoint(one.ids)
        )  # fmt: skip


class _Judge:
    """One side at work."""

    def __init__(self, side: Side, now: datetime | None) -> None:
        self._side = side
        self._now = now
        self._known: dict[tuple[EffectivePolicy, Platform], _Known] = {}

    def known(self, stored: Stored) -> _Known:
        """Give what is known under the policy of whoever holds the handset."""
        effective, platform = self._side.effective(stored), stored.inventory.platform
        known = self._known.get((effective, platform))
        if known is None:
            known = self._known[effective, platform] = _Known(self._side.catalogue, effective, platform, self._now)
        return known

    def opinion(self, reading: _Reading, known: _Known) -> _Opinion:
        """Judge one handset all of whose apps are known."""
        stored, ids = reading.stored, reading.ids
        others = {_key(finding): finding for finding in self._others(reading, known.effective)}
        doubts = (*reading.doubts, *known.doubts)
        unread = not_read(doubts, known.effective, stored.lock_down, stored.identity, self._now)
        verdict = verdict_of(
            not known.certain.isdisjoint(ids) or any(f.blocks and f.severity in CERTAIN for f in others.values()),
            unread,
            lambda: not known.blocking.isdisjoint(ids) or any(finding.blocks for finding in others.values()),
        )
        return _Opinion(verdict, others, known, ids)

    def _others(self, reading: _Reading, effective: EffectivePolicy) -> Iterator[Finding]:
        """Give what is found beside the owner's apps: of further users, and of the handset itself."""
        stored, catalogue = reading.stored, self._side.catalogue
        inventory = stored.inventory
        yield from other_findings(inventory, effective, catalogue, stored.lock_down, stored.identity)
        users = {user.id: user for user in inventory.users}
        for app in reading.of_others:
            ours = fold(app.id) in reading.own
            _, finding = judge_app(effective, catalogue, inventory.platform, app, users=users, ours=ours)
            if finding is not None:
                yield finding


def _key(finding: Finding) -> Key:
    return (not finding.blocks, str(finding.severity), finding.subject, finding.where)
