"""Supervision: whose a handset is by its cloud configuration, and making it ours at Setup Assistant."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from provisioning.apple import answers, cms, mdm
from provisioning.apple.answers import Answer
from provisioning.apple.configuration import Configuration, ConfigurationRefused, ErrorLink
from provisioning.apple.identity import SupervisionSource
from provisioning.apple.setup_panes import skip_setup
from provisioning.enrolment_profile import EnrolmentProfile
from provisioning.errors import HandsetRefused
from provisioning.handset import Enrolment, Ownership
from provisioning.organisation import Organisation, SupervisionIdentity
from provisioning.plain_text import one_line

SIGNS_OF_AN_OWNER = (
    "OrganizationName",
    "OrganizationMagic",
    "ConfigurationURL",
    "ConfigurationWebURL",
    "SupervisorHostCertificates",
)
"""Keys that somebody has set. Every set-up handset has a cloud configuration, the placeholder of AllowPairing,
CloudConfigurationUIComplete, ConfigurationSource, IsSupervised and PostSetupProfileWasInstalled; that is no owner."""

ENROLLING = "enrolling it"

AS_RETURNED = (
    "AllowPairing",
    "ConfigurationSource",
    "ConfigurationWasApplied",
    "IsMandatory",
    "IsMDMUnremovable",
    "IsMultiUser",
    "IsSupervised",
)
"""What of a cloud configuration of ours is kept in the books; the daemon forces some of it whatever is sent."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Supervision:
    """What the cloud configuration says of who supervises the handset. ``certificates`` are DER, as they lie there."""

    present: bool
    supervised: bool
    organisation: str = ""
    certificates: tuple[bytes, ...] = ()
    claimed: bool = False
    """True if somebody has set any of it, supervised or not."""
    magic: str = ""
    provisional_until: str = ""
    """ISO 8601 date, empty where there is none."""
    told: str = ""
    """The rest of it in the handset's own values, which are not always those that were sent."""

    def enrolment(self, ours: SupervisionIdentity | None) -> Enrolment:
        """Say whose it is: ours only if our certificate, and no other, is on it."""
        if not self.supervised and not self.claimed:
            return Enrolment(Ownership.NOBODY)
        if not self.supervised:
            return Enrolment(Ownership.ANOTHER, self.organisation, "configured, though not supervised")
        if ours is None:
            why = "this desk has no supervision identity to compare with"
            return Enrolment(Ownership.UNREADABLE, self.organisation, why)
        if self.certificates == (cms.certificate_der(ours),):
            return Enrolment(Ownership.OURS, self.organisation, self.told, provisional_until=self.provisional_until)
        return Enrolment(Ownership.ANOTHER, self.organisation, f"{len(self.certificates)} supervising certificates")


def supervision_of(configuration: Answer | None) -> Supervision:
    """Read a cloud configuration."""
    if configuration is None:
        return Supervision(present=False, supervised=False)
    listed = configuration.get("SupervisorHostCertificates")
    certificates = cast("list[object]", listed) if isinstance(listed, list) else []
    return Supervision(
        present=True,
        supervised=answers.flag(configuration, "IsSupervised") is True,
        organisation=one_line(answers.text(configuration, "OrganizationName") or "", 100),
        # something that is no certificate counts as one that is not ours
        certificates=tuple(one if isinstance(one, bytes) else b"" for one in certificates[:100]),
        claimed=any(key in configuration for key in SIGNS_OF_AN_OWNER),
        magic=answers.text(configuration, "OrganizationMagic") or "",
        told=_told(configuration),
        provisional_until=_date(configuration.get("ProvisionalEnrollmentExpirationDate")),
    )


async def read(
    configuration: Configuration, source: SupervisionSource, doing: str, profile: EnrolmentProfile | None = None
) -> Enrolment:
    """Read who manages the handset; with ``profile`` whether it is enrolled there too."""
    found = supervision_of(await configuration.cloud_configuration(doing))
    enrolment = found.enrolment(await source.if_any() if found.supervised else None)
    if enrolment.ownership is not Ownership.OURS or profile is None:
        return enrolment
    if mdm.installed(await configuration.profiles(doing), profile):
        return enrolment
    return replace(enrolment, missing=f"the enrolment with {one_line(profile.server, 80)}")


async def enrol(
    configuration: Configuration,
    organisation: Organisation,
    source: SupervisionSource,
    profile: EnrolmentProfile | None = None,
) -> Enrolment:
    """Make the handset ours where it is nobody's, read that back and prove it; then enrol it with ``profile``.

    Does nothing where all that is done; another's is given back as found. Raises HandsetRefused where a cloud
    configuration is present that is nobody's (14002 is then certain), where the read-back is not what was set, or
    where its device management does not take it.
    """
    identity = await source.needed()
    await configuration.flush(ENROLLING)
    before = supervision_of(await configuration.cloud_configuration(ENROLLING))
    enrolment = before.enrolment(identity)
    if enrolment.ownership is Ownership.NOBODY:
        if before.present:
            words = "A cloud configuration is already present on this device."
            raise ConfigurationRefused(ENROLLING, "Error", (ErrorLink("DMCTunnelErrorDomain", 14002, words),))
        enrolment = await _supervise(configuration, organisation, identity)
    if enrolment.ownership is Ownership.OURS and profile is not None:
        await mdm.enrol(configuration, source, profile)
    return enrolment


async def _supervise(
    configuration: Configuration, organisation: Organisation, identity: SupervisionIdentity
) -> Enrolment:
    """Give it its cloud configuration, from here or from Apple, read it back and prove that it obeys."""
    if organisation.automated:
        await configuration.download_cloud_configuration(ENROLLING)
    else:
        await configuration.set_cloud_configuration(ENROLLING, cloud_configuration(organisation, identity))
    found = supervision_of(await configuration.cloud_configuration(ENROLLING))
    after = found.enrolment(identity)
    if after.ownership is not Ownership.OURS:
        raise HandsetRefused(ENROLLING, _not_ours(found, organisation))
    await configuration.escalate(ENROLLING, identity)
    logger.info("enrolled and proved by escalation")
    return after


def _not_ours(found: Supervision, organisation: Organisation) -> str:
    if not organisation.automated:
        return "it took the cloud configuration but does not show our certificate in it. Erase it."
    if found.magic.casefold() != organisation.magic.casefold() and found.organisation != organisation.name:
        owner = found.organisation or "another organisation"
        return f"Apple Business Manager assigns it to {owner}. Have it released there or set it aside."
    return (
        "Apple Business Manager assigns it to this organisation, but its configuration does not hold this desk's "
        "supervision certificate. Add that to the automated enrolment of the device management, erase it and try again."
    )


def _told(configuration: Answer) -> str:
    found = {key: configuration[key] for key in AS_RETURNED if isinstance(configuration.get(key), (bool, int))}
    return ", ".join(f"{key}: {str(value).lower()}" for key, value in found.items())


def _date(value: object) -> str:
    return value.date().isoformat() if isinstance(value, datetime) else ""


def cloud_configuration(organisation: Organisation, identity: SupervisionIdentity) -> Answer:
    """Give the cloud configuration of the organisation.

    These are the fields that real handsets take from go-ios; the daemon forces IsMandatory, IsMDMUnremovable,
    ConfigurationSource, CloudConfigurationUIComplete and ConfigurationWasApplied whatever is sent. AllowPairing
    stays true here: pairing is closed by the last profile, after the identity has been proved.
    """
    return {
        "AllowPairing": True,
        "IsMultiUser": False,
        "IsSupervised": True,
        "OrganizationMagic": organisation.magic,
        "OrganizationName": organisation.name,
        "SkipSetup": skip_setup(),
        "SupervisorHostCertificates": [cms.certificate_der(identity)],
    }
