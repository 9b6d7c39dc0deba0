"""Replay a changed policy, permit or catalogue over what was read of handsets: who is affected, and why.

Both sides judge the same stored inventories, so what differs is the change alone. Most apps are on many handsets:
each is judged once a side, and a handset is then a question of sets. That makes 30,000 handsets a matter of seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.identifiers import fold
from provisioning.handset import Identity, LockDown
from provisioning.inventory import App, HandsetUser, Inventory, Unread
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.verification import conditions
from provisioning.verification.judge import judge_app, list_doubts, not_read, other_findings, verdict_by
from provisioning.verification.judgement import Finding, Verdict

_OWNER = {0: HandsetUser(0)}


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
    for stored in fleet:
        doubts = list_doubts(stored.inventory)
        was, becomes = left.opinion(stored, doubts), right.opinion(stored, doubts)
        if was.same_as(becomes):
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
        opinion = judge.opinion(stored, list_doubts(stored.inventory))
        yield stored, opinion.verdict, opinion.findings()


Key = tuple[bool, str, str, str]
"""Blocks not, severity, subject, where: what a finding means to a handset, whatever its rule is called."""


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What a side thinks of one handset; findings of apps only as numbers until they are asked for."""

    verdict: Verdict
    numbers: frozenset[int]
    others: Mapping[Key, Finding]
    of: Mapping[int, Finding]

    def same_as(self, other: _Opinion) -> bool:
        """Tell quickly whether the other side surely thinks the same."""
        return (
            self.verdict is other.verdict
            and self.others.keys() == other.others.keys()
            and self.numbers == other.numbers
            and all(self.of[one] is other.of[one] or _key(self.of[one]) == _key(other.of[one]) for one in self.numbers)
        )

    def findings(self) -> dict[Key, Finding]:
        """Give all findings by what they mean."""
        return {**{_key(self.of[one]): self.of[one] for one in self.numbers}, **self.others}


class _Known:
    """What is found of the apps that were seen so far, under one policy on one platform, by the apps' ``id()``."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.found: dict[int, Finding] = {}
        self.blocking: set[int] = set()


class _Judge:
    """One side at work. The fleet keeps the apps alive, so that ``id()`` names them."""

    def __init__(self, side: Side, now: datetime | None) -> None:
        self._side = side
        self._now = now
        self._known: dict[tuple[EffectivePolicy, Platform], _Known] = {}

    def opinion(self, stored: Stored, doubts: tuple[Unread, ...]) -> _Opinion:
        """Judge one handset; ``doubts`` is what its list leaves open, the same for both sides."""
        effective, inventory = self._side.effective(stored), stored.inventory
        known = self._known.setdefault((effective, inventory.platform), _Known())
        own = conditions.own_controller(stored.lock_down)
        apps = {id(app): app for app in inventory.apps if app.user == 0 and not (own and fold(app.id) in own)}
        for number in apps.keys() - known.seen:
            self._learn(known, effective, inventory.platform, apps[number])
        numbers = frozenset(apps.keys() & known.found.keys())
        others = {_key(finding): finding for finding in self._others(stored, effective, own)}
        blocking = [known.found[one] for one in known.blocking & numbers]
        unread = not_read(doubts, effective, stored.lock_down, stored.identity, self._now)
        return _Opinion(verdict_by([*blocking, *others.values()], unread), numbers, others, known.found)

    def _learn(self, known: _Known, effective: EffectivePolicy, platform: Platform, app: App) -> None:
        _, finding = judge_app(effective, self._side.catalogue, platform, app, users=_OWNER)
        known.seen.add(id(app))
        if finding is not None:
            known.found[id(app)] = finding
            if finding.blocks:
                known.blocking.add(id(app))

    def _others(self, stored: Stored, effective: EffectivePolicy, own: frozenset[str]) -> Iterator[Finding]:
        """Give what is found beside the owner's apps: of further users, and of the handset itself."""
        inventory, catalogue = stored.inventory, self._side.catalogue
        yield from other_findings(inventory, effective, catalogue, stored.lock_down, stored.identity)
        users = {user.id: user for user in inventory.users}
        for app in (app for app in inventory.apps if app.user != 0):
            ours = fold(app.id) in own
            _, finding = judge_app(effective, catalogue, inventory.platform, app, users=users, ours=ours)
            if finding is not None:
                yield finding


def _key(finding: Finding) -> Key:
    return (not finding.blocks, str(finding.severity), finding.subject, finding.where)
