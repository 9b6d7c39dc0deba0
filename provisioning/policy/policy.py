"""A policy as its body wrote it, with what it inherits merged in; nothing about persons or handsets yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioning.platforms import Platform
from provisioning.policy.effective import BlockedSuffices, LockedValue, PolicyReference, Rule, Severity


@dataclass(frozen=True, slots=True)
class RoleExemption:
    """What people of a role may have beyond the rest: families and identifiers, with the reason and its basis."""

    name: str
    title: str
    families: tuple[str, ...]
    identifiers: tuple[tuple[Platform, str], ...]
    reason: str
    basis: str


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What becomes of everything that no rule of a class, family or identifier names."""

    user: Rule
    system: Rule
    known_other: Rule
    suspected: Rule
    sideloaded: Rule
    testflight: Rule | None
    developer_signed: Rule | None
    web: Rule
    extra_users: Rule


@dataclass(frozen=True, slots=True)
class Policy:
    """One body's policy. ``rules`` maps of classes, families and identifiers (folded) hold the most particular rule.

    ``lineage`` names the policies that it inherits from, nearest first; ``reference.sha256`` covers them too.
    """

    reference: PolicyReference
    title: str
    lineage: tuple[PolicyReference, ...]
    allow_list: bool
    classes: Mapping[str, Rule]
    families: Mapping[str, Rule]
    identifiers: Mapping[tuple[Platform, str], Rule]
    genres: Mapping[str, Rule]
    unlisted: Unlisted
    roles: Mapping[str, RoleExemption]
    lock_down_ios: Mapping[str, LockedValue]
    lock_down_android: tuple[str, ...]
    revoke_adb_key: bool
    seal_at_handover: bool
    web_filter: bool
    web_clips: Mapping[str, str]
    """Label -> address."""
    blocking: frozenset[Severity]
    notes: frozenset[str]
    blocked_suffices: BlockedSuffices
    max_age_seconds: int
    catalogue_max_age_seconds: int
    required_strength: str
    required_apps: Mapping[Platform, tuple[str, ...]]
    os_floor: Mapping[Platform, str]
    patch_floor: str
    remove_denied: bool
    declaration: str
    spelling: Mapping[tuple[Platform, str], str] = field(default_factory=dict[tuple[Platform, str], str])
    """How the policy itself writes its identifiers: verdicts fold them, but iOS tells upper from lower case."""
