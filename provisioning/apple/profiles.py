"""The lock-down as profiles: what the policy orders, how it gets onto the handset, and what is found there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from provisioning.apple import answers, cms, mdm, own_word, supervision
from provisioning.apple.answers import Answer
from provisioning.apple.configuration import Configuration, ConfigurationRefused, InstalledProfile
from provisioning.apple.failures import PolicyUnfit
from provisioning.apple.identity import SupervisionSource
from provisioning.apple.restrictions import declared_requirement, effective_requirement
from provisioning.apple.supervision import Supervision
from provisioning.enrolment_profile import EnrolmentProfile
from provisioning.errors import HandsetRefused, UsageError
from provisioning.handset import LockDown, Ownership, Requirement, Strength
from provisioning.organisation import SupervisionIdentity
from provisioning.plain_text import one_line
from provisioning.policy.apple import IDENTIFIER, compile_profiles
from provisioning.policy.effective import EffectivePolicy, LockedValue

APPLYING = "putting the lock-down in force"
READING = "reading the lock-down"
RESTRICTIONS = "com.apple.applicationaccess"
KEYS_OF_EVERY_PAYLOAD = "Payload"

WEAKENING = frozenset({"com.apple.configurator.usbrestrictedmode"})
"""Profiles that other provisioning tools leave behind and that open what we close: this one lets USB accessories in
while the handset is locked (go-ios ``prepare``). They are removed where they are found."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """One profile that the policy wants on the handset; ``content`` is the unsigned property list."""

    identifier: str
    uuid: str
    removal_disallowed: bool
    restrictions: Mapping[str, LockedValue]
    content: bytes = field(repr=False)


async def orders_for(effective: EffectivePolicy, organisation_name: str, os_version: str) -> tuple[Order, ...]:
    """Compile the policy for this handset, in a thread, in order of installation. Raises PolicyUnfit."""
    try:
        return await asyncio.to_thread(_compiled, effective, organisation_name, os_version)
    except UsageError as error:
        raise PolicyUnfit(str(error)) from error


@lru_cache(maxsize=64)
def _compiled(effective: EffectivePolicy, organisation_name: str, os_version: str) -> tuple[Order, ...]:
    """Compile once for all handsets alike: it takes 8 ms, and forty of them are asked at the same time."""
    profiles = compile_profiles(effective, organisation_name, os_version)
    return tuple(order_of(profile.content) for profile in profiles)


def order_of(content: bytes) -> Order:
    """Read a profile back from its own bytes, so that what is compared is what is installed."""
    profile = answers.mapping(answers.decode(content))
    restrictions: dict[str, LockedValue] = {}
    for payload in answers.sequence(profile.get("PayloadContent"), 100):
        restrictions |= _restrictions(answers.mapping(payload))
    return Order(
        identifier=str(profile["PayloadIdentifier"]),
        uuid=str(profile["PayloadUUID"]),
        removal_disallowed=profile.get("PayloadRemovalDisallowed") is True,
        restrictions=restrictions,
        content=content,
    )


async def apply(
    configuration: Configuration,
    source: SupervisionSource,
    orders: tuple[Order, ...],
    management: EnrolmentProfile | None = None,
) -> LockDown:
    """Install what is not there yet, in order, and read everything back. Idempotent.

    Raises HandsetRefused where the handset is not ours or refuses a profile.
    """
    identity = await source.needed()
    enrolment = await supervision.read(configuration, source, APPLYING)
    if enrolment.ownership is not Ownership.OURS:
        raise HandsetRefused(APPLYING, "it is not enrolled by this organisation; enrol it first.")
    installed = await configuration.profiles(APPLYING)
    surplus = [profile for profile in installed if _is_surplus(profile, orders)]
    missing = [order for order in orders if not _lies_there(order, installed)]
    if surplus or missing:
        await configuration.escalate(APPLYING, identity)
    for profile in surplus:
        await _remove(configuration, profile, identity)
    for order in missing:
        signed = await asyncio.to_thread(cms.signed, order.content, identity)
        await configuration.install_silently(APPLYING, signed)
        logger.info("installed %s", order.identifier)
    return await lock_down(configuration, source, orders, management)


async def lock_down(
    configuration: Configuration,
    source: SupervisionSource,
    orders: tuple[Order, ...],
    management: EnrolmentProfile | None = None,
) -> LockDown:
    """Read the supervision, the profiles and, where our identity opens them, the restrictions in effect.

    ``management`` is the enrolment that the organisation wants on it; any other is a stranger.
    """
    identity = await source.if_any()
    supervised = supervision.supervision_of(await configuration.cloud_configuration(READING))
    ours = supervised.enrolment(identity).ownership is Ownership.OURS
    installed = await configuration.profiles(READING)
    in_effect = await _in_effect(configuration, identity) if ours and identity is not None else None
    requirements = [_supervision_requirement(supervised, identity)]
    if management is not None:
        requirements.append(mdm.requirement(installed, management))
    for order in orders:
        requirements += _profile_requirements(order, installed, in_effect)
        requirements += _restriction_requirements(order, installed, in_effect)
    expected = {order.identifier for order in orders}
    if management is not None:
        expected.add(management.identifier)
    strangers = [_called(profile) for profile in installed if profile.identifier not in expected]
    if in_effect is not None:
        known = expected.union(profile.identifier for profile in installed)
        told = await own_word.profiles(configuration, READING)
        strangers += [one_line(identifier) for identifier in told if identifier not in known]
        requirements += await own_word.security(configuration, READING)
    return LockDown(tuple(requirements), tuple(strangers))


def _is_surplus(profile: InstalledProfile, orders: tuple[Order, ...]) -> bool:
    """Say that it weakens the handset, or is one of ours that this policy no longer orders."""
    ours = profile.identifier.startswith(f"{IDENTIFIER}.")
    ordered = any(order.identifier == profile.identifier for order in orders)
    return profile.identifier in WEAKENING or (ours and not ordered)


async def _remove(configuration: Configuration, profile: InstalledProfile, identity: SupervisionIdentity) -> None:
    identifier = one_line(profile.identifier)
    try:
        await configuration.remove(APPLYING, profile, identity)
        logger.info("removed %s", identifier)
    except ConfigurationRefused as refusal:
        # it stays a stranger in the reading that follows, so nothing is hidden by going on
        logger.warning("%s could not be removed: %s", identifier, refusal.reason)


async def _in_effect(configuration: Configuration, identity: SupervisionIdentity) -> Answer | None:
    try:
        await configuration.escalate(READING, identity)
        return await configuration.restrictions(READING)
    except ConfigurationRefused as refusal:
        # the profiles then speak for themselves, and the strength says that nobody computed it
        logger.warning("the restrictions in effect cannot be read: %s", refusal.reason)
        return None


def _supervision_requirement(found: Supervision, identity: SupervisionIdentity | None) -> Requirement:
    enrolment = found.enrolment(identity)
    words = {
        Ownership.NOBODY: "nobody",
        Ownership.OURS: "this organisation",
        Ownership.ANOTHER: f"another organisation ({enrolment.organisation or 'unnamed'})",
        Ownership.UNREADABLE: f"cannot be told: {enrolment.detail}",
    }
    holds = enrolment.ownership is Ownership.OURS
    return Requirement("IsSupervised", holds, "this organisation", words[enrolment.ownership], Strength.EFFECTIVE)


def _profile_requirements(
    order: Order, installed: Iterable[InstalledProfile], in_effect: Answer | None
) -> list[Requirement]:
    # A profile of restrictions is as good as its restrictions, which are compared one by one where they can be read
    # in effect. Of a web filter no query tells more than that it lies there.
    strength = Strength.EFFECTIVE if in_effect is not None and order.restrictions else Strength.DECLARED
    there = next((profile for profile in installed if profile.identifier == order.identifier), None)
    found = "not installed" if there is None else one_line(there.uuid, 64)
    holds = there is not None and _same(there.uuid, order.uuid)
    requirements = [Requirement(order.identifier, holds, order.uuid, found, strength)]
    if order.removal_disallowed:
        fixed = there is not None and there.removal_disallowed
        name = f"PayloadRemovalDisallowed of {order.identifier}"
        requirements.append(Requirement(name, fixed, "true", "true" if fixed else "false", Strength.EFFECTIVE))
    return requirements


def _restriction_requirements(
    order: Order, installed: Iterable[InstalledProfile], in_effect: Answer | None
) -> list[Requirement]:
    if in_effect is not None:
        return [effective_requirement(key, wanted, in_effect) for key, wanted in order.restrictions.items()]
    lies_there = order.identifier if _lies_there(order, installed) else None
    return [declared_requirement(key, wanted, lies_there) for key, wanted in order.restrictions.items()]


def _lies_there(order: Order, installed: Iterable[InstalledProfile]) -> bool:
    return any(one.identifier == order.identifier and _same(one.uuid, order.uuid) for one in installed)


def _same(uuid: str, other: str) -> bool:
    return uuid.casefold() == other.casefold()


def _called(profile: InstalledProfile) -> str:
    return (
        f"{one_line(profile.identifier)} “{one_line(profile.name, 80)}”"
        if profile.name
        else one_line(profile.identifier)
    )


def _restrictions(payload: Answer) -> dict[str, LockedValue]:
    if payload.get("PayloadType") != RESTRICTIONS:
        return {}
    return {
        key: tuple(str(one) for one in cast("list[object]", value)) if isinstance(value, list) else value
        for key, value in payload.items()
        if not key.startswith(KEYS_OF_EVERY_PAYLOAD) and isinstance(value, (bool, int, str, list))
    }
