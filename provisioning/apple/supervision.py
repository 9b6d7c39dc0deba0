"""Supervision: whose a handset is by its cloud configuration, and making it ours at Setup Assistant."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import cast

from provisioning.apple import answers, cms
from provisioning.apple.answers import Answer
from provisioning.apple.configuration import Configuration, ConfigurationRefused, ErrorLink
from provisioning.apple.identity import SupervisionSource
from provisioning.apple.setup_panes import skip_setup
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
            return Enrolment(Ownership.OURS, self.organisation)
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
    )


async def read(configuration: Configuration, source: SupervisionSource, doing: str) -> Enrolment:
    """Read who manages the handset."""
    found = supervision_of(await configuration.cloud_configuration(doing))
    return found.enrolment(await source.if_any() if found.supervised else None)


async def enrol(configuration: Configuration, organisation: Organisation, source: SupervisionSource) -> Enrolment:
    """Make the handset ours where it is nobody's, read that back and prove it.

    Does nothing where it is ours; another's is given back as found. Raises HandsetRefused where a cloud
    configuration is present that is nobody's (14002 is then certain), or where the read-back is not what was set.
    """
    doing = "enrolling it"
    identity = await source.needed()
    await configuration.flush(doing)
    before = supervision_of(await configuration.cloud_configuration(doing))
    enrolment = before.enrolment(identity)
    if enrolment.ownership is not Ownership.NOBODY:
        return enrolment
    if before.present:
        words = "A cloud configuration is already present on this device."
        raise ConfigurationRefused(doing, "Error", (ErrorLink("DMCTunnelErrorDomain", 14002, words),))
    await configuration.set_cloud_configuration(doing, cloud_configuration(organisation, identity))
    after = supervision_of(await configuration.cloud_configuration(doing)).enrolment(identity)
    if after.ownership is not Ownership.OURS:
        raise HandsetRefused(
            doing, "it took the cloud configuration but does not show our certificate in it. Erase it."
        )
    await configuration.escalate(doing, identity)
    logger.info("enrolled and proved by escalation")
    return after


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
