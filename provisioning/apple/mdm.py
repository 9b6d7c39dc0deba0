"""MDM enrolment over the cable: the organisation's own profile, installed by its supervisor and read back.

The handset itself checks in with the server while it installs the profile and refuses it where that fails, so that a
listed enrolment profile is one whose server has answered (com.apple.mdm; MCInstallationErrorDomain 4001 with the cause
below it). It needs a network: the cable gives none.
"""

from __future__ import annotations

import logging

from provisioning.apple.configuration import Configuration, ConfigurationRefused, InstalledProfile
from provisioning.apple.identity import SupervisionSource
from provisioning.enrolment_profile import EnrolmentProfile
from provisioning.errors import ManagementRefused
from provisioning.handset import Requirement, Strength
from provisioning.plain_text import one_line

DOING = "enrolling it with the device management"
NAME = "com.apple.mdm"
ADVICE = {
    ("NSURLErrorDomain", -1009): "Connect it to the desk's Wi-Fi and try again.",
    ("NSURLErrorDomain", -1001): "Its device management did not answer in time; ask who runs that server.",
    ("NSURLErrorDomain", -1004): "Connect it to the desk's Wi-Fi; if it is, ask who runs the device management server.",
    ("NSURLErrorDomain", -1005): "Its network broke off; try again.",
    ("MCHTTPTransactionErrorDomain", 23001): "Ask who runs the device management server.",
    (
        "MCHTTPTransactionErrorDomain",
        23002,
    ): "Check its date, and whether the Wi-Fi wants a sign-in; else the profile must bring the server's certificate.",
    ("MCMDMErrorDomain", 12001): "Another device management holds it; have it released there or erase it.",
    ("MCMDMErrorDomain", 12020): "Have its serial number admitted by whoever runs the device management server.",
}
"""What to do about a check-in that failed, by the last error's domain and code."""

logger = logging.getLogger(__name__)


def installed(profiles: tuple[InstalledProfile, ...], profile: EnrolmentProfile) -> bool:
    """Tell whether exactly this enrolment profile lies there."""
    return any(
        one.identifier == profile.identifier and one.uuid.casefold() == profile.uuid.casefold() for one in profiles
    )


async def enrol(configuration: Configuration, source: SupervisionSource, profile: EnrolmentProfile) -> None:
    """Install the enrolment profile unless it lies there, and read back that it does.

    Raises ManagementRefused in the handset's words with what to do; the handset stays supervised as it is.
    """
    if installed(await configuration.profiles(DOING), profile):
        return
    await configuration.escalate(DOING, await source.needed())
    try:
        await configuration.install_silently(DOING, profile.content)
    except ConfigurationRefused as refusal:
        last = refusal.chain[-1] if refusal.chain else None
        advice = ADVICE.get((last.domain, last.code)) if last else None
        reason = f"{last.words} ({last.domain} {last.code}) {advice}" if last and advice else refusal.reason
        said = f"{reason} Its server is {one_line(profile.server, 80)}."
        raise ManagementRefused(DOING, " ".join(said.split())) from refusal
    if not installed(await configuration.profiles(DOING), profile):
        raise ManagementRefused(DOING, "it took the enrolment profile but does not list it. Erase it and begin again.")
    logger.info("enrolled with the device management")


def requirement(profiles: tuple[InstalledProfile, ...], profile: EnrolmentProfile) -> Requirement:
    """Say whether the handset is enrolled where the organisation wants it."""
    there = next((one for one in profiles if one.identifier == profile.identifier), None)
    found = "not enrolled" if there is None else one_line(there.uuid, 64)
    return Requirement(NAME, installed(profiles, profile), profile.uuid, found, Strength.EFFECTIVE)
