"""MCInstall: the daemon that keeps profiles and the cloud configuration, and obeys whoever supervises the handset.

Messages as recorded from pymobiledevice3 and go-ios; which errors they end in is known from decompilations of the
daemon and from issues of go-ios. Escalation holds for one connection, so the connection is kept while it is needed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioning.apple import answers, cms
from provisioning.apple.answers import Answer, Malformed
from provisioning.apple.deadlines import Deadlines
from provisioning.errors import HandsetGarbled, HandsetRefused
from provisioning.organisation import SupervisionIdentity
from provisioning.plain_text import one_line

if TYPE_CHECKING:
    from provisioning.apple.wire import Wire

SERVICE = "com.apple.mobile.MCInstall"
ACKNOWLEDGED = "Acknowledged"

ALREADY_PRESENT = 14002
LOCKDOWN_MODE = 4021
LONGEST_CHAIN = 32
MOST_PROFILES = 1000

ADVICE = {
    (
        "DMCTunnelErrorDomain",
        ALREADY_PRESENT,
    ): "Erase it; enrolling works only at Setup Assistant, once after an erase.",
    ("DMCTunnelErrorDomain", 14005): "It is not supervised.",
    (
        "DEPCloudConfigErrorDomain",
        33005,
    ): "Connect it to the desk's Wi-Fi, and see that its serial number is assigned in Apple Business Manager.",
    ("DMCInstallationErrorDomain", 4020): "Its restrictions do not permit this installation.",
    ("DMCInstallationErrorDomain", LOCKDOWN_MODE): "Lockdown Mode is on; it must be switched off in Settings first.",
    ("DMCKeybagErrorDomain", 37000): "Unlock it with its passcode and try again.",
    ("DMCKeybagErrorDomain", 37001): "Unlock it with its passcode and try again.",
}
"""What to do about the errors that desks meet, by domain and code."""
ADVICE_FOR_STATUS = {
    "CertificateRejected": "It does not obey this desk's supervision identity; import the right one, or erase it.",
    "SignedRequestRejected": "Try again; if this stays, import the supervision identity anew.",
    "CommandFormatError": "It does not take this request as it stands; restart it and try again.",
}
OTHERWISE = "Restart it and try again; if this stays, set it aside."
"""For what no table knows: the sentence must not end without something to do."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorLink:
    """One element of an ErrorChain; the last one is the cause. ``words`` are the handset's, bounded."""

    domain: str
    code: int
    words: str


class ConfigurationRefused(HandsetRefused):
    """Raised when MCInstall does not acknowledge. ``status`` is its word, ``chain`` what it says about it."""

    def __init__(self, doing: str, status: str, chain: tuple[ErrorLink, ...] = ()) -> None:
        super().__init__(doing, _reason(status, chain))
        self.status = status
        self.chain = chain

    def tells(self, code: int) -> bool:
        """True if the error or one of its causes has this code."""
        return any(link.code == code for link in self.chain)


@dataclass(frozen=True, slots=True)
class InstalledProfile:
    """A profile as GetProfileList tells of it: its names, never its contents.

    ``identifier`` and ``uuid`` are as they came, since a cleaned one could pass for another; clean before showing.
    """

    identifier: str
    uuid: str
    name: str
    removal_disallowed: bool


class Configuration:
    """A conversation with MCInstall."""

    def __init__(self, wire: Wire, deadlines: Deadlines) -> None:
        self._wire = wire
        self._deadlines = deadlines
        self.escalated = False

    @property
    def alive(self) -> bool:
        """True while neither end has hung up."""
        return self._wire.alive

    async def close(self) -> None:
        """Hang up; the escalation ends with it."""
        await self._wire.close()

    async def flush(self, doing: str) -> None:
        """Make the daemon forget what it has cached, as Apple Configurator does before it reads."""
        await self.ask(doing, "Flush")

    async def cloud_configuration(self, doing: str) -> Answer | None:
        """Give the cloud configuration; None where there is none, as on a new handset at Setup Assistant."""
        found = (await self.ask(doing, "GetCloudConfiguration")).get("CloudConfiguration")
        try:
            return None if found is None else answers.mapping(found)
        except Malformed as error:
            raise HandsetGarbled(doing, str(error)) from error

    async def set_cloud_configuration(self, doing: str, configuration: Answer) -> None:
        """Give a handset its cloud configuration. Raises ConfigurationRefused, 14002 where it has one."""
        await self.ask(doing, "SetCloudConfiguration", CloudConfiguration=dict(configuration))

    async def download_cloud_configuration(self, doing: str) -> None:
        """Let the handset fetch its configuration from Apple, which needs a network; a minute is what it is given.

        Raises ConfigurationRefused where its serial number is in nobody's Business Manager, or where there is no way
        there.
        """
        await self.ask(doing, "DownloadAndApplyCloudConfiguration", seconds=self._deadlines.installation)

    async def escalate(self, doing: str, identity: SupervisionIdentity) -> None:
        """Prove to be the supervisor; does nothing if that was done on this connection.

        Raises ConfigurationRefused: CertificateRejected where the identity is not in SupervisorHostCertificates,
        SignedRequestRejected where the signature does not please. The challenge is used once.
        """
        if self.escalated:
            return
        certificate = cms.certificate_der(identity)
        challenge = (await self.ask(doing, "Escalate", SupervisorCertificate=certificate)).get("Challenge")
        try:
            signed = cms.answer_to(challenge if isinstance(challenge, bytes) else None, identity)
        except cms.NotAChallenge as error:
            await self._wire.cut()
            raise HandsetGarbled(doing, str(error)) from error
        await self.ask(doing, "EscalateResponse", SignedRequest=signed)
        await self.ask(doing, "ProceedWithKeybagMigration", seconds=self._deadlines.keybag)
        self.escalated = True

    async def remove(self, doing: str, profile: InstalledProfile, signer: SupervisionIdentity) -> None:
        """Remove a profile. Raises ConfigurationRefused 4008 for a locked one that ``signer`` has not signed.

        The profile is named by a property list, as pymobiledevice3 and appium do; it is signed, because a locked
        profile gives way only to whoever signed it (MCInstall decompilation).
        """
        named = {"PayloadType": "Configuration", "PayloadVersion": 1}
        named |= {"PayloadIdentifier": profile.identifier, "PayloadUUID": profile.uuid}
        await self.ask(doing, "RemoveProfile", ProfileIdentifier=cms.signed(answers.encode(named), signer))

    async def restrictions(self, doing: str) -> Answer:
        """Give GlobalRestrictions: what the handset enforces, all profiles and its own settings taken together.

        Needs escalation, which opens MDM's queries on this connection (daemon decompilation; shape by Apple's
        ``mdm/commands/device.restrictions.list.yaml``). Not yet seen on a real handset.
        """
        answer = await self.ask(doing, "Restrictions", ProfileRestrictions=False)
        try:
            return answers.mapping(answer.get("GlobalRestrictions"))
        except Malformed as error:
            raise HandsetGarbled(doing, str(error)) from error

    async def install_silently(self, doing: str, profile: bytes) -> None:
        """Install a profile without a question; needs escalation. One with the same identifier is replaced."""
        await self.ask(doing, "InstallProfileSilent", seconds=self._deadlines.installation, Payload=profile)

    async def profiles(self, doing: str) -> tuple[InstalledProfile, ...]:
        """List the installed profiles in order of installation.

        Every identifier that occurs in any part of the answer is listed, so that a profile which is missing from
        OrderedIdentifiers is not missed. Raises HandsetGarbled where one lacks its metadata.
        """
        answer = await self.ask(doing, "GetProfileList")
        try:
            ordered = answers.sequence(answer.get("OrderedIdentifiers"), MOST_PROFILES)
            metadata = answers.mapping(answer.get("ProfileMetadata"))
            manifest = answers.mapping(answer.get("ProfileManifest", {}))
            if len(metadata) > MOST_PROFILES or len(manifest) > MOST_PROFILES:
                raise Malformed("more profiles than are plausible")
            identifiers = dict.fromkeys([*map(_identifier, ordered), *metadata, *manifest])
            return tuple(_profile(_identifier(one), answers.mapping(metadata.get(one))) for one in identifiers)
        except Malformed as error:
            raise HandsetGarbled(doing, str(error)) from error

    async def ask(self, doing: str, request: str, *, seconds: float | None = None, **fields: object) -> Answer:
        """Send a request and give the answer. Raises ConfigurationRefused where it is not acknowledged."""
        patience = self._deadlines.configuration if seconds is None else seconds
        answer = await self._wire.ask(doing, {"RequestType": request, **fields}, patience)
        status = answers.text(answer, "Status") or "no status"
        if status != ACKNOWLEDGED:
            refusal = ConfigurationRefused(doing, one_line(status, 64), _chain(answer))
            logger.debug("MCInstall refused %s: %s", request, refusal.reason)
            raise refusal
        return answer


def _reason(status: str, chain: tuple[ErrorLink, ...]) -> str:
    if not chain:
        return f"{status}. {ADVICE_FOR_STATUS.get(status, OTHERWISE)}"
    last = chain[-1]
    advice = next((ADVICE[link.domain, link.code] for link in chain if (link.domain, link.code) in ADVICE), OTHERWISE)
    return f"{last.words or status} ({last.domain} {last.code}) {advice}".strip()


def _chain(answer: Answer) -> tuple[ErrorLink, ...]:
    try:
        links = [answers.mapping(one) for one in answers.sequence(answer.get("ErrorChain"), LONGEST_CHAIN)]
        return tuple(
            ErrorLink(
                domain=one_line(answers.text(link, "ErrorDomain") or "unknown domain", 64),
                code=answers.number(link, "ErrorCode") or 0,
                words=one_line(
                    answers.text(link, "USEnglishDescription") or answers.text(link, "LocalizedDescription") or ""
                ),
            )
            for link in links
        )
    except Malformed:
        return ()


def _identifier(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= answers.LONGEST_TEXT:
        raise Malformed("a profile identifier that is none")
    return value


def _profile(identifier: str, metadata: Answer) -> InstalledProfile:
    return InstalledProfile(
        identifier=identifier,
        uuid=answers.text(metadata, "PayloadUUID") or "",
        name=one_line(answers.text(metadata, "PayloadDisplayName") or "", 100),
        removal_disallowed=answers.flag(metadata, "PayloadRemovalDisallowed") is True,
    )
