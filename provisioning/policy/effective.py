"""The effective policy: base policy, role and permits compiled to one thing for one person, with one hash.

It is never layered on the handset (Apple intersects allow-lists): the engines turn *this* into an Apple profile
or Android restrictions, the verifier judges by *this*, and its hash goes into the record and onto the receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique

from provisioning.platforms import Platform


@unique
class Decision(StrEnum):
    """What the policy makes of an app for this person."""

    ALLOWED = "allowed"
    DENIED = "denied"
    NEEDS_PERMIT = "needs_permit"
    REVIEW = "review"


@unique
class Severity(StrEnum):
    """How a finding weighs; the policy says which of them keep a handset from being clear."""

    DENIED = "denied"
    NEEDS_PERMIT = "needs_permit"
    REVIEW = "review"
    WEAKNESS = "weakness"


@dataclass(frozen=True, slots=True)
class PolicyReference:
    """Names a policy beyond doubt: ``sha256`` (hex) is over the bytes of its file and of those it inherits from."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a policy: what it decides, and why, so that ``explain`` can say it in a sentence.

    ``id`` is unique in the policy; ``basis`` quotes the published source or says that it is an assumption.
    """

    id: str
    decision: Decision
    reason: str
    basis: str


LockedValue = bool | int | str | tuple[str, ...]


@unique
class BlockedSuffices(StrEnum):
    """Of which denied apps it is enough that the handset's own management keeps them from being started."""

    NONE = "none"
    SYSTEM = "system"
    """Apps of the firmware, which cannot be removed."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class LockDownOrders:
    """What the handset itself must enforce.

    ``ios`` holds keys of com.apple.applicationaccess with their locked values; ``android`` user-restriction keys.
    ``blocked_ids`` are the identifiers to hide, by platform, resolved from the catalogue at compile time: all that the
    policy does not allow this person and that keeps a handset back, apps that need a person's look among them; what is
    only advised against is not blocked.
    """

    ios: Mapping[str, LockedValue] = field(default_factory=dict[str, "LockedValue"])
    android: tuple[str, ...] = ()
    revoke_adb_key: bool = False
    seal_at_handover: bool = False
    """Whether a handover seals an Android without being told to."""
    blocked_ids: Mapping[Platform, tuple[str, ...]] = field(default_factory=dict[Platform, tuple[str, ...]])
    allowed_ids: Mapping[Platform, tuple[str, ...]] = field(default_factory=dict[Platform, tuple[str, ...]])
    """In allow-list mode: everything that may be started; empty otherwise."""
    web_deny_urls: tuple[str, ...] = ()
    web_clips: tuple[tuple[str, str], ...] = ()
    """Pages that the organisation puts on the home screen: label and address."""


@dataclass(frozen=True, slots=True)
class PermitGrant:
    """A permit in force now: one person's permission for one app family, case by case."""

    reference: str
    family: str
    valid_until: str
    """ISO 8601 date, inclusive."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who will hold the handset, as far as policy cares; ``roles`` are the names of role exemptions.

    ``exemptions`` are the permits behind the roles, for papers: their ``family`` says “role” and its name.
    """

    officer_number: str
    roles: tuple[str, ...] = ()
    permits: tuple[PermitGrant, ...] = ()
    exemptions: tuple[PermitGrant, ...] = ()


_NOT_SAID = "assumption: the policy does not say otherwise"
_KNOWN_OTHER = Rule("known-other", Decision.ALLOWED, "it is known to be something else than social media", _NOT_SAID)
_SIDELOADED = Rule("sideloaded", Decision.ALLOWED, "apps from outside the store are not restricted", _NOT_SAID)
_EXTRA_USERS = Rule("extra-users", Decision.ALLOWED, "further users are not restricted", _NOT_SAID)


@dataclass(frozen=True, slots=True, eq=False)
class EffectivePolicy:
    """One person's policy, compiled. Equal contents give an equal ``sha256``; nothing in it is looked up later.

    Two of them are told apart by identity, so that what was derived from one is never taken for another's.

    ``classes``, ``families`` and ``identifiers`` map to rules, most particular last to win; identifiers are folded
    (see ``provisioning.catalogue.identifiers``). ``suspected`` is for apps that may be social and are of no family
    that a rule names; ``known_other`` for apps known to be something else; the ``unlisted_*`` rules for apps that
    nobody knows. ``blocking`` are the severities that keep a verdict from being clear, ``notes`` the rules whose
    findings never do. ``max_age_seconds`` is how old a verification may be at handover, ``catalogue_max_age_seconds``
    how old the catalogue may be that apps are judged by (0: any age). ``lineage`` names the policies that this one
    inherits from, nearest first.
    """

    reference: PolicyReference
    sha256: str
    title: str
    person: Person | None
    allow_list: bool
    identifiers: Mapping[tuple[Platform, str], Rule]
    families: Mapping[str, Rule]
    classes: Mapping[str, Rule]
    suspected: Rule
    unlisted_user: Rule
    unlisted_system: Rule
    web: Rule
    orders: LockDownOrders
    blocking: frozenset[Severity]
    required_apps: Mapping[Platform, tuple[str, ...]]
    os_floor: Mapping[Platform, str]
    max_age_seconds: int
    required_strength: str
    remove_denied: bool
    declaration: str
    known_other: Rule = _KNOWN_OTHER
    sideloaded: Rule = _SIDELOADED
    extra_users: Rule = _EXTRA_USERS
    blocked_suffices: BlockedSuffices = BlockedSuffices.SYSTEM
    notes: frozenset[str] = frozenset()
    catalogue_max_age_seconds: int = 0
    genres: Mapping[str, Rule] = field(default_factory=dict[str, Rule])
    """Rules for shelves of the store, by what ``catalogue.genres.keys_of`` gives."""
    testflight: Rule | None = None
    developer_signed: Rule | None = None
    """Finer than ``sideloaded``, where a policy says so."""
    patch_floor: str = ""
    """Android's oldest security patch that will do, an ISO date; empty: any."""
    lineage: tuple[PolicyReference, ...] = ()
