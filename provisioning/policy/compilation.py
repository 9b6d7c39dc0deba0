"""Compile a policy for one person: base, role and permits become one thing with one hash.

Nothing is left to be looked up later. A role's exemption and a permit in force turn the rules of their families into
rules that allow, and say so; what the handset itself is to block is spelled out from the catalogue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from provisioning.canonical import Json, canonical
from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.identifiers import fold
from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import (
    Decision,
    EffectivePolicy,
    LockDownOrders,
    Person,
    Rule,
    Severity,
)
from provisioning.policy.policy import Policy, RoleExemption

STUB = "stub"
MOST_DENIED_ADDRESSES = 500
"""Apple's content filter takes about 500 (com.apple.webcontent-filter, DenyListURLs)."""
_SEVERITY = {
    Decision.DENIED: Severity.DENIED,
    Decision.NEEDS_PERMIT: Severity.NEEDS_PERMIT,
    Decision.REVIEW: Severity.REVIEW,
}


def compile_policy(policy: Policy, catalogue: Catalogue, person: Person | None = None) -> EffectivePolicy:
    """Compile ``policy`` for ``person``, or for nobody in particular.

    Equal policy, catalogue and person give an equal hash. Raises UsageError for a class or family that the catalogue
    does not have and for a role that the policy does not know.
    """
    _check_names(policy, catalogue)
    families, identifiers = _for_person(policy, person)
    unlisted = policy.unlisted
    effective = EffectivePolicy(
        reference=policy.reference,
        sha256="",
        title=policy.title,
        person=person,
        allow_list=policy.allow_list,
        identifiers=identifiers,
        families=families,
        classes=policy.classes,
        suspected=unlisted.suspected,
        unlisted_user=unlisted.user,
        unlisted_system=unlisted.system,
        web=unlisted.web,
        orders=LockDownOrders(),
        blocking=policy.blocking,
        required_apps=policy.required_apps,
        os_floor=policy.os_floor,
        max_age_seconds=policy.max_age_seconds,
        catalogue_max_age_seconds=policy.catalogue_max_age_seconds,
        required_strength=policy.required_strength,
        remove_denied=policy.remove_denied,
        declaration=policy.declaration,
        known_other=unlisted.known_other,
        sideloaded=unlisted.sideloaded,
        testflight=unlisted.testflight,
        developer_signed=unlisted.developer_signed,
        genres=policy.genres,
        extra_users=unlisted.extra_users,
        blocked_suffices=policy.blocked_suffices,
        notes=policy.notes,
        patch_floor=policy.patch_floor,
        lineage=policy.lineage,
    )
    effective = replace(effective, orders=_orders(policy, effective, catalogue))
    return replace(effective, sha256=digest(effective))


def rule_of(
    effective: EffectivePolicy, platform: Platform, identifier: str, family: str, app_class: str
) -> Rule | None:
    """Give the rule that names an identified app, most particular first; None where none does.

    An installer of a network is not the network: the rule for stubs comes before the rule for their family.
    """
    return (
        effective.identifiers.get((platform, fold(identifier)))
        or (effective.classes.get(STUB) if app_class == STUB else None)
        or effective.families.get(family)
        or effective.classes.get(app_class)
    )


def digest(effective: EffectivePolicy) -> str:
    """Give the SHA-256 (hex) over everything that the effective policy says."""
    person = effective.person
    content: dict[str, Json] = {
        "reference": _reference(effective),
        "person": None
        if person is None
        else {
            "officer_number": person.officer_number,
            "roles": sorted(person.roles),
            "permits": sorted([grant.reference, grant.family, grant.valid_until] for grant in person.permits),
        },
        "allow_list": effective.allow_list,
        "identifiers": {f"{p}:{i}": _said(rule) for (p, i), rule in effective.identifiers.items()},
        "families": {name: _said(rule) for name, rule in effective.families.items()},
        "classes": {name: _said(rule) for name, rule in effective.classes.items()},
        "unlisted": [
            _said(rule)
            for rule in (effective.suspected, effective.unlisted_user, effective.unlisted_system, effective.web,
                         effective.known_other, effective.sideloaded, effective.extra_users)
        ],
        "finer": [_said(rule) if rule else None for rule in (effective.testflight, effective.developer_signed)],
        "genres": {name: _said(rule) for name, rule in effective.genres.items()},
        "ios": {key: list(v) if isinstance(v, tuple) else v for key, v in effective.orders.ios.items()},
        "android": list(effective.orders.android),
        "revoke_adb_key": effective.orders.revoke_adb_key,
        "seal_at_handover": effective.orders.seal_at_handover,
        "blocked": {str(p): list(ids) for p, ids in effective.orders.blocked_ids.items()},
        "allowed": {str(p): list(ids) for p, ids in effective.orders.allowed_ids.items()},
        "web": list(effective.orders.web_deny_urls),
        "web_clips": [list(one) for one in effective.orders.web_clips],
        "blocking": sorted(effective.blocking),
        "notes": sorted(effective.notes),
        "blocked_suffices": effective.blocked_suffices,
        "required_apps": {str(p): list(ids) for p, ids in effective.required_apps.items()},
        "floors": {**{str(p): v for p, v in effective.os_floor.items()}, "patch": effective.patch_floor},
        "max_age_seconds": effective.max_age_seconds,
        "catalogue_max_age_seconds": effective.catalogue_max_age_seconds,
        "required_strength": effective.required_strength,
        "remove_denied": effective.remove_denied,
        "declaration": effective.declaration,
    }  # fmt: skip
    return hashlib.sha256(canonical(content)).hexdigest()


def _reference(effective: EffectivePolicy) -> Json:
    return [effective.reference.name, effective.reference.version, effective.reference.sha256]


def _said(rule: Rule) -> Json:
    return [rule.id, rule.decision, rule.reason, rule.basis]


def _check_names(policy: Policy, catalogue: Catalogue) -> None:
    exempt = {family for role in policy.roles.values() for family in role.families}
    strange = sorted(({*policy.families} | exempt) - {*catalogue.families})
    strange += sorted({*policy.classes} - {*catalogue.classes})
    if strange:
        raise UsageError(
            f"Policy {policy.reference.name} names “{one_line(strange[0], 60)}”, which the catalogue does not have. "
            "Look it up with “catalogue find” and correct the policy."
        )


def _for_person(policy: Policy, person: Person | None) -> tuple[dict[str, Rule], dict[tuple[Platform, str], Rule]]:
    families, identifiers = dict(policy.families), dict(policy.identifiers)
    if person is None:
        return families, identifiers
    for name in sorted(person.roles):
        role = policy.roles.get(name)
        if role is None:
            raise UsageError(f"Policy {policy.reference.name} knows no role “{one_line(name, 40)}”.")
        rule = _exemption(role)
        families |= dict.fromkeys(role.families, rule)
        identifiers |= dict.fromkeys(role.identifiers, rule)
    for grant in sorted(person.permits, key=lambda g: (g.family, g.valid_until, g.reference)):
        until = one_line(grant.valid_until, 20)
        families[grant.family] = Rule(
            id=f"permit.{one_line(grant.reference, 60)}",
            decision=Decision.ALLOWED,
            reason=f"permit {one_line(grant.reference, 60)} allows it until {until}",
            basis="a permit in this desk's ledger",
        )
    return families, identifiers


def _exemption(role: RoleExemption) -> Rule:
    return Rule(f"role.{role.name}", Decision.ALLOWED, f"{role.title}: {role.reason}", role.basis)


def _orders(policy: Policy, effective: EffectivePolicy, catalogue: Catalogue) -> LockDownOrders:
    blocked: dict[Platform, list[str]] = {platform: [] for platform in Platform}
    allowed: dict[Platform, list[str]] = {platform: [] for platform in Platform}
    for entry in catalogue.entries:
        rule = rule_of(effective, entry.platform, entry.identifier, entry.family, entry.app_class)
        if rule is not None and _blocks(effective, rule):
            blocked[entry.platform].append(entry.identifier)
        elif rule is not None and rule.decision is Decision.ALLOWED and effective.allow_list:
            allowed[entry.platform].append(entry.identifier)
    listed = {fold(identifier) for ids in (*blocked.values(), *allowed.values()) for identifier in ids}
    for (platform, identifier), rule in effective.identifiers.items():
        written = policy.spelling.get((platform, identifier), identifier)
        if identifier not in listed and rule.decision is Decision.ALLOWED:
            allowed[platform].append(written)
        elif identifier not in listed and _blocks(effective, rule):
            blocked[platform].append(written)
    for platform, identifiers in effective.required_apps.items():
        allowed[platform].extend(identifiers)
    return LockDownOrders(
        ios=dict(sorted(policy.lock_down_ios.items())),
        android=tuple(sorted(policy.lock_down_android)),
        revoke_adb_key=policy.revoke_adb_key,
        seal_at_handover=policy.seal_at_handover,
        blocked_ids=_settled(blocked),
        allowed_ids=_settled(allowed) if effective.allow_list else {},
        web_deny_urls=_denied_addresses(effective, catalogue) if policy.web_filter else (),
        web_clips=tuple(sorted(policy.web_clips.items())),
    )


def _blocks(effective: EffectivePolicy, rule: Rule) -> bool:
    """What keeps a handset back is blocked on it; advice is not."""
    severity = _SEVERITY.get(rule.decision)
    return severity is not None and severity in effective.blocking


def _settled(identifiers: Mapping[Platform, list[str]]) -> dict[Platform, tuple[str, ...]]:
    return {
        platform: tuple(sorted(set(ids), key=lambda one: (one.casefold(), one)))
        for platform, ids in identifiers.items()
    }


def _denied_addresses(effective: EffectivePolicy, catalogue: Catalogue) -> tuple[str, ...]:
    """Give the addresses of families that are not allowed, their main ones first, as many as a filter takes."""
    denied = [
        site
        for site in catalogue.sites.values()
        if site.family
        and (rule := effective.families.get(site.family) or effective.classes.get(site.app_class)) is not None
        and rule.decision in {Decision.DENIED, Decision.NEEDS_PERMIT}
        and _blocks(effective, rule)
    ]
    chosen = sorted(denied, key=lambda site: (not site.main, site.address.count("."), site.address))
    return tuple(sorted(f"https://{site.address}" for site in chosen[:MOST_DENIED_ADDRESSES]))
