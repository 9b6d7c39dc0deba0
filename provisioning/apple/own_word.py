"""What the handset tells its supervisor of itself: the escalated queries of MDM, beside the plain ones of every host.

Once escalated, MCInstall answers ``ProfileList``, ``SecurityInfo`` and ``InstalledApplicationList`` as a management
server would be answered (daemon decompilation, MTChaperoneParser; shapes by apple/device-management ``mdm/commands``).
They are a second opinion: what they know and the plain readings do not has been kept from us. Not yet seen on a real
handset, so a refusal of one of them is no finding, only a weaker proof.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from provisioning.apple import answers
from provisioning.apple.answers import Malformed
from provisioning.apple.configuration import MOST_PROFILES, Configuration, ConfigurationRefused
from provisioning.errors import HandsetGarbled
from provisioning.handset import Requirement, Strength
from provisioning.inventory import Unread
from provisioning.organisation import SupervisionIdentity
from provisioning.plain_text import one_line

MOST_APPS = 10_000
MOST_NAMED = 3

logger = logging.getLogger(__name__)


async def profiles(configuration: Configuration, doing: str) -> tuple[str, ...]:
    """Give the identifiers of ProfileList; needs escalation. Empty where it is not answered."""
    return await _identifiers(configuration, doing, "ProfileList", "PayloadIdentifier", MOST_PROFILES)


async def security(configuration: Configuration, doing: str) -> tuple[Requirement, ...]:
    """Give what SecurityInfo tells, to stand in the record; needs escalation. Nothing of it is demanded here."""
    try:
        answer = await configuration.ask(doing, "SecurityInfo")
    except ConfigurationRefused as refusal:
        logger.debug("no SecurityInfo: %s", refusal.reason)
        return ()
    try:
        told = answers.mapping(answer.get("SecurityInfo"))
    except Malformed as error:
        raise HandsetGarbled(doing, str(error)) from error
    words = [f"{key}: {told[key]}" for key in ("PasscodePresent", "PasscodeCompliant") if type(told.get(key)) is bool]
    caps = answers.number(told, "HardwareEncryptionCaps")
    words += [] if caps is None else [f"HardwareEncryptionCaps: {caps}"]
    return (Requirement("SecurityInfo", True, "told", ", ".join(words), Strength.EFFECTIVE),) if words else ()


async def apps(configuration: Configuration, identity: SupervisionIdentity, doing: str) -> tuple[str, ...]:
    """Give the identifiers of InstalledApplicationList. Empty where it is not answered."""
    try:
        await configuration.escalate(doing, identity)
    except ConfigurationRefused as refusal:
        logger.debug("no second list of apps: %s", refusal.reason)
        return ()
    return await _identifiers(configuration, doing, "InstalledApplicationList", "Identifier", MOST_APPS)


def left_out(told: Iterable[str], listed: Iterable[str]) -> tuple[Unread, ...]:
    """Tell of apps that management is told about and the list of apps leaves out: then that list is not whole."""
    missing = sorted(set(told) - set(listed))
    if not missing:
        return ()
    named = ", ".join(one_line(one, 80) for one in missing[:MOST_NAMED])
    return (Unread("apps that only its management is told about", f"{len(missing)} are in no other list: {named}"),)


async def _identifiers(configuration: Configuration, doing: str, query: str, key: str, most: int) -> tuple[str, ...]:
    try:
        answer = await configuration.ask(doing, query)
    except ConfigurationRefused as refusal:
        logger.debug("no %s: %s", query, refusal.reason)
        return ()
    try:
        entries = [answers.mapping(one) for one in answers.sequence(answer.get(query), most)]
    except Malformed as error:
        raise HandsetGarbled(doing, str(error)) from error
    return tuple(one for one in (answers.text(entry, key) for entry in entries) if one is not None)
