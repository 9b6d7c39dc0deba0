"""Replay a changed policy, permit or catalogue over what was read of handsets: who is affected, and why.

Both sides judge the same stored inventories, so what differs is the change alone. Most apps are on many handsets:
each is judged once a side, and a handset is then a question of sets. That makes 30,000 handsets a matter of seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.identifiers import fold
from provisioning.fleet_apps import Reading, SeenApps, Stored
from provisioning.inventory import HandsetUser, Unread
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.verification.judge import (
    CERTAIN,
    catalogue_doubts,
    find_in_app,
    judge_app,
    not_read,
    other_findings,
    verdict_of,
)
from provisioning.verification.judgement import Finding, Verdict
from provisioning.verification.out_of_sight import hidden_by
from provisioning.verification.pages import unseen

_OWNER = {0: HandsetUser(0)}


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


def replay(
    fleet: Iterable[Stored], before: Side, after: Side, *, now: datetime | None = None, later: datetime | None = None
) -> Iterator[Affected]:
    """Yield the handsets that are judged differently. ``later`` is the day of the other side, where it is another."""
    apps = SeenApps()
    left, right = _Judge(before, apps, now), _Judge(after, apps, later or now)
    pairs: dict[tuple[int, int], _Pair] = {}
    for stored in fleet:
        reading = Reading(stored, apps)
        one, two = left.known(stored), right.known(stored)
        pair = pairs.setdefault((id(one), id(two)), _Pair(one, two))
        pair.learn(reading.ids)
        was, becomes = left.opinion(reading, one), right.opinion(reading, two)
        gone = was.beyond(becomes, reading.ids & pair.may_go)
        appeared = becomes.beyond(was, reading.ids & pair.may_appear)
        if gone or appeared or was.verdict is not becomes.verdict:
            yield Affected(stored, was.verdict, becomes.verdict, appeared, gone)


def standing(
    fleet: Iterable[Stored], side: Side, *, now: datetime | None = None
) -> Iterator[tuple[Stored, Verdict, Mapping[Key, Finding]]]:
    """Yield every handset with its verdict and findings as one side judges them."""
    apps = SeenApps()
    judge = _Judge(side, apps, now)
    for stored in fleet:
        reading, known = Reading(stored, apps), judge.known(stored)
        known.learn(reading.ids - known.seen)
        opinion = judge.opinion(reading, known)
        yield stored, opinion.verdict, opinion.findings()


Key = tuple[bool, str, str, str]
"""Blocks not, severity, subject, where: what a finding means to a handset, whatever its rule is called."""


class _Known:
    """What is found of the apps that were seen so far, under one policy on one platform, by the apps' ``id()``."""

    def __init__(
        self, catalogue: Catalogue, effective: EffectivePolicy, platform: Platform, apps: SeenApps, now: datetime | None
    ) -> None:
        self.doubts = catalogue_doubts(catalogue, effective, now)
        self.effective = effective
        self._catalogue = catalogue
        self._platform = platform
        self._apps = apps
        self.seen: set[int] = set()
        self.found: dict[int, tuple[Key, Finding]] = {}
        self.told: set[int] = set()
        """Apps of which something is found."""
        self.bearers: dict[Key, set[int]] = {}
        """The apps of which the same is found: versions of one app."""
        self.certain: set[int] = set()
        self.hiding: dict[int, tuple[Unread, ...]] = {}
        """Apps that keep something out of sight, and what."""
        self.blocking: set[int] = set()
        """Apps that keep a handset back; the ``certain`` ones may not be there whatever else was read."""

    def learn(self, fresh: Iterable[int]) -> None:
        """Judge apps that were not seen yet."""
        for number in fresh:
            app, believed = self._apps.app[number], self._apps.believed(self._catalogue, self._platform, number)
            finding = find_in_app(self.effective, self._catalogue, self._platform, app, believed, _OWNER)
            self.seen.add(number)
            if hidden := hidden_by(self.effective, self._platform, app, believed):
                self.hiding[number] = hidden
            if finding is not None:
                key = _key(finding)
                self.found[number] = key, finding
                self.told.add(number)
                self.bearers.setdefault(key, set()).add(number)
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
        found = dict(map(self.known.found.__getitem__, self.ids & self.known.told))
        return {**found, **self.others} if self.others else found

    def beyond(self, other: _Opinion, among: frozenset[int]) -> tuple[Finding, ...]:
        """Give the findings that the other opinion has not, in order; it can only lack those of the apps ``among``."""
        found = dict(map(self.known.found.__getitem__, among))
        if self.others:
            found.update(self.others)
        if not found:
            return ()
        borne, beside = other.known.bearers, other.others
        lacks = [key for key in found if key not in beside and (key not in borne or not other.bears(key))]
        lacks.sort()
        return tuple(map(found.__getitem__, lacks))

    def bears(self, key: Key) -> bool:
        """Tell whether this is found of one of the owner's apps, of whichever version."""
        return not self.known.bearers[key].isdisjoint(self.ids)


class _Pair:
    """What both sides know, and the apps of which they find different things: each is compared once.

    What one side finds and the other does not, or otherwise, ``may_go`` and ``may_appear``.
    """

    def __init__(self, one: _Known, two: _Known) -> None:
        self._one = one
        self._two = two
        self._compared: set[int] = set()
        self.may_go: set[int] = set()
        self.may_appear: set[int] = set()

    def learn(self, apps: frozenset[int]) -> None:
        """Let both sides judge what is new on a handset, and compare."""
        fresh = apps - self._compared
        if not fresh:
            return
        for known in (self._one, self._two):
            known.learn(fresh - known.seen)
        for app in fresh:
            left, right = self._one.found.get(app), self._two.found.get(app)
            if (left and left[0]) == (right and right[0]):
                continue
            if left:
                self.may_go.add(app)
            if right:
                self.may_appear.add(app)
        self._compared |= fresh


class _Judge:
    """One side at work."""

    def __init__(self, side: Side, apps: SeenApps, now: datetime | None) -> None:
        self._side = side
        self._apps = apps
        self._now = now
        self._known: dict[tuple[EffectivePolicy, Platform], _Known] = {}

    def known(self, stored: Stored) -> _Known:
        """Give what is known under the policy of whoever holds the handset."""
        effective, platform = self._side.effective(stored), stored.inventory.platform
        known = self._known.get((effective, platform))
        if known is None:
            known = self._known[effective, platform] = _Known(
                self._side.catalogue, effective, platform, self._apps, self._now
            )
        return known

    def opinion(self, reading: Reading, known: _Known) -> _Opinion:
        """Judge one handset all of whose apps are known."""
        stored, ids = reading.stored, reading.ids
        others = {_key(finding): finding for finding in self._others(reading, known.effective)}
        doubts = (*reading.doubts, *known.doubts, *self._hidden(reading, known))
        unread = not_read(doubts, known.effective, stored.lock_down, stored.identity, self._now)
        verdict = verdict_of(
            not known.certain.isdisjoint(ids) or any(f.blocks and f.severity in CERTAIN for f in others.values()),
            unread,
            lambda: not known.blocking.isdisjoint(ids) or any(finding.blocks for finding in others.values()),
        )
        return _Opinion(verdict, others, known, ids)

    def _hidden(self, reading: Reading, known: _Known) -> Iterator[Unread]:
        """Give what cannot be seen because of an app of the owner's or of a further user, or of a page."""
        for number in known.hiding.keys() & reading.ids if known.hiding else ():
            yield from known.hiding[number]
        for app in reading.of_others:
            platform = reading.stored.inventory.platform
            yield from hidden_by(known.effective, platform, app, self._side.catalogue.classify(platform, app))
        yield from unseen(reading.stored.inventory, known.effective, self._side.catalogue)

    def _others(self, reading: Reading, effective: EffectivePolicy) -> Iterator[Finding]:
        """Give what is found beside the owner's apps: of further users, and of the handset itself."""
        stored, catalogue = reading.stored, self._side.catalogue
        inventory = stored.inventory
        yield from other_findings(
            inventory, effective, catalogue, stored.lock_down, stored.identity, users_heard=reading.users
        )
        users = {user.id: user for user in inventory.users}
        for app in reading.of_others:
            ours = fold(app.id) in reading.own
            _, finding = judge_app(effective, catalogue, inventory.platform, app, users=users, ours=ours)
            if finding is not None:
                yield finding


def _key(finding: Finding) -> Key:
    return (not finding.blocks, str(finding.severity), finding.subject, finding.where)
