"""MCInstall (mc_mobile_tunnel): cloud configuration, profiles, escalation, erasing.

Behaviour is that of the decompiled daemon (MMTConnection, MTIPCUTunnelParser, MTChaperoneParser, MDMMCInterface): one
parser for every paired host, and after a successful escalation a second one in front of it that knows the supervisor's
and the MDM commands and hands on what it does not understand. Escalation lasts for the connection; a challenge for one
answer. Requests over 20 MiB end the connection; answers are XML.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, cast

from provisioning.virtual.iphone import mdm_queries
from provisioning.virtual.iphone.cms import NotSigned, open_signed
from provisioning.virtual.iphone.conversation import Conversation
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist, xml
from provisioning.virtual.iphone.profiles import ErrorLink, Profile, Refused, read_profile
from provisioning.virtual.iphone.stream import DeviceStream

_LARGEST_REQUEST: Final = 20 << 20
_CHALLENGE_SIZE: Final = 8
_POST_SETUP: Final = "PostSetupInstallation"
_NO_SERVER: Final = "The cloud configuration server cannot be reached."
Answer = Mapping[str, Plist]
ACKNOWLEDGED: Final[Answer] = {"Status": "Acknowledged"}
FORMAT_ERROR: Final[Answer] = {"Status": "CommandFormatError"}


async def serve_mcinstall(phone: VirtualIPhone, stream: DeviceStream) -> None:
    """Serve one connection. An erase is acknowledged first and begins when the answer is out."""
    talk = Conversation(phone, stream, _LARGEST_REQUEST, _name, _refusal)
    tunnel = _Tunnel(phone)
    while (request := await talk.hear()) is not None:
        await talk.say(await tunnel.answer(request))
        if tunnel.erase_with is not None:
            phone.erase(preserve_data_plan=tunnel.erase_with)
            return


class _Tunnel:
    """The daemon's side of one connection."""

    def __init__(self, phone: VirtualIPhone) -> None:
        self._phone = phone
        self._management = phone.management
        self._certificate: bytes | None = None
        self._challenge: bytes | None = None
        self._escalated = False
        self.erase_with: bool | None = None
        """Whether to preserve the data plan, once an erase was acknowledged."""

    async def answer(self, request: Message) -> Answer:
        """Answer one request; refusals come as an ErrorChain with the cause last."""
        name = _name(request)
        try:
            if self._escalated:
                answer = await self._supervisor(name, request)
                if answer is not FORMAT_ERROR:
                    return answer
            command = _COMMANDS.get(name)
            return await command(self, request) if command else FORMAT_ERROR
        except Refused as refusal:
            return {"Status": "Error", "ErrorChain": [link.plist() for link in refusal.chain]}

    async def acknowledge(self, request: Message) -> Answer:
        """Take HelloHostIdentifier and Flush, which change nothing."""
        del request
        return ACKNOWLEDGED

    async def get_profile_list(self, request: Message) -> Answer:
        """List what is installed: names and UUIDs, never contents."""
        del request
        profiles = self._management.profiles
        manifest: dict[str, Plist] = {
            identifier: {"Description": profile.display_name, "IsActive": True}
            for identifier, profile in profiles.items()
        }
        metadata: dict[str, Plist] = {identifier: self._metadata(profile) for identifier, profile in profiles.items()}
        return {
            **ACKNOWLEDGED,
            "OrderedIdentifiers": list(profiles),
            "ProfileManifest": manifest,
            "ProfileMetadata": metadata,
        }

    async def install_profile(self, request: Message) -> Answer:
        """Install during Setup Assistant; afterwards keep the profile until the person confirms it in Settings."""
        return await self._install(request, silent=not self._phone.setup_done)

    async def remove_profile(self, request: Message) -> Answer:
        """Remove by identifier, or by a profile as data; a locked and signed one only for its signer (4008)."""
        named = request.value("ProfileIdentifier")
        signer: bytes | None = None
        if isinstance(named, bytes):
            given = read_profile(named, allow_empty=True)
            named, signer = given.identifier, given.signer
        if not isinstance(named, str):
            raise Refused(ErrorLink("DMCInstallationErrorDomain", 4000, "The profile identifier is invalid."))
        profile = self._management.profiles.get(named)
        if profile is None:
            return ACKNOWLEDGED
        if self._management.locked(profile) and profile.signer is not None and profile.signer != signer:
            text = f"The profile “{profile.display_name}” is locked and cannot be removed."
            raise Refused(ErrorLink("DMCInstallationErrorDomain", 4008, text))
        self._management.remove(named)
        return ACKNOWLEDGED

    async def store_profile(self, request: Message) -> Answer:
        """Keep a profile for after the setup."""
        data = request.data("ProfileData")
        if data is None:
            return FORMAT_ERROR
        read_profile(data, allow_empty=True)
        if request.text("Purpose") != _POST_SETUP:
            return FORMAT_ERROR
        self._management.stored_profile = data
        return ACKNOWLEDGED

    async def get_stored_profile(self, request: Message) -> Answer:
        """Give it back."""
        if request.text("Purpose") != _POST_SETUP:
            return FORMAT_ERROR
        stored = self._management.stored_profile
        return {**ACKNOWLEDGED, "ProfileData": stored} if stored else ACKNOWLEDGED

    async def get_cloud_configuration(self, request: Message) -> Answer:
        """Give the configuration as the device holds it; the key is missing where there is none."""
        del request
        configuration = self._management.cloud_configuration
        return {**ACKNOWLEDGED, "CloudConfiguration": configuration} if configuration else ACKNOWLEDGED

    async def set_cloud_configuration(self, request: Message) -> Answer:
        """Take a configuration, if there is none at all. No field of it is required, but a dictionary is."""
        if not isinstance(request.value("CloudConfiguration"), dict):
            return FORMAT_ERROR
        self._management.configure(request.table("CloudConfiguration").fields())
        return ACKNOWLEDGED

    async def escalate(self, request: Message) -> Answer:
        """Challenge the holder of one of the supervisors' certificates."""
        certificate = request.data("SupervisorCertificate")
        if certificate is None or certificate not in self._management.supervisors:
            return {"Status": "CertificateRejected"}
        self._certificate, self._challenge = certificate, secrets.token_bytes(_CHALLENGE_SIZE)
        return {**ACKNOWLEDGED, "Challenge": self._challenge}

    async def escalate_response(self, request: Message) -> Answer:
        """Check the signed challenge: content inside, first certificate the offered one, good for one attempt."""
        challenge, certificate = self._challenge, self._certificate
        self._challenge = self._certificate = None
        try:
            signed = open_signed(request.data("SignedRequest") or b"")
        except NotSigned:
            return {"Status": "SignedRequestRejected"}
        if challenge is None or signed.content != challenge or signed.certificates[0] != certificate:
            return {"Status": "SignedRequestRejected"}
        if signed.signer != certificate:
            return {"Status": "SignedRequestRejected"}
        self._escalated = True
        return ACKNOWLEDGED

    async def erase_device(self, request: Message) -> Answer:
        """Acknowledge an erase. PreserveDataPlan and DisallowProximitySetup are numbers or booleans; without the first
        the eSIM goes.
        """
        for key in ("PreserveDataPlan", "DisallowProximitySetup"):
            if key in request and request.number(key) is None:
                return FORMAT_ERROR
        self.erase_with = request.flag("PreserveDataPlan")
        return ACKNOWLEDGED

    async def set_wifi_power_state(self, request: Message) -> Answer:
        """Switch Wi-Fi; only supervised phones let a host do it."""
        del request
        if not self._management.supervised:
            raise Refused(ErrorLink("DMCTunnelErrorDomain", 14005, "Could not set Wi-Fi power."))
        return ACKNOWLEDGED

    async def establish_provisional_enrollment(self, request: Message) -> Answer:
        """Refuse: after the setup, without a nonce, and otherwise for want of Apple's server."""
        if self._phone.setup_done:
            return {"Status": "ProvisionalEnrollmentRejected"}
        if request.data("Nonce") is None:
            return {"Status": "NonceNotReceived"}
        raise Refused(
            ErrorLink("DEPCloudConfigErrorDomain", 33014, "The cloud configuration server cannot be reached.")
        )

    async def download_cloud_configuration(self, request: Message) -> Answer:
        """Fetch and apply what Apple's server has for this phone; needs a network and a phone without configuration.

        Acknowledged on an enrolled phone. The code of the refusals is inferred.
        """
        del request
        if self._management.mdm_profile is not None:
            return ACKNOWLEDGED
        if self._phone.faults.strike("CheckIn", {"no-network"}) is not None:
            raise Refused(ErrorLink("DEPCloudConfigErrorDomain", 33005, _NO_SERVER))
        assigned = self._management.assigned
        if assigned is None:
            text = "This device is not assigned to an organisation."
            raise Refused(ErrorLink("DEPCloudConfigErrorDomain", 33005, text))
        if self._management.cloud_configuration is None:
            self._management.cloud_configuration = dict(assigned)
            self._management.refresh()
        return ACKNOWLEDGED

    async def proceed_with_keybag_migration(self, request: Message) -> Answer:
        """Roll the keybag, which may take minutes (the daemon waits for up to 300 s); then go on, or refuse."""
        del request
        fault = self._phone.faults.standing("keybag-migration")
        if fault is not None:
            await asyncio.sleep(fault.seconds("seconds", 0.0))
            if code := fault.number("code", 0):
                raise Refused(ErrorLink("DMCKeybagErrorDomain", code, "The keybag migration failed."))
        return ACKNOWLEDGED

    async def install_profile_silent(self, request: Message) -> Answer:
        """Install without asking the person."""
        return await self._install(request, silent=True)

    async def _supervisor(self, name: str, request: Message) -> Answer:
        """Answer as the supervisor's parser, or FORMAT_ERROR for what the plain one shall answer."""
        if name == "ProceedWithKeybagMigration":
            return await self.proceed_with_keybag_migration(request)
        if name == "InstallProfileSilent":
            return await self.install_profile_silent(request)
        if name == "RemoveProfile" and request.text("Identifier"):
            self._management.remove(request.text("Identifier"))
            return ACKNOWLEDGED
        query = mdm_queries.QUERIES.get(name)
        if query is None:
            return FORMAT_ERROR
        return {**ACKNOWLEDGED, **query(self._phone, request)}

    async def _install(self, request: Message, silent: bool) -> Answer:
        payload = request.value("Payload")
        if payload is None:
            return {"Status": "PayloadEmpty"}
        if isinstance(payload, dict):
            payload = xml(cast("Mapping[str, Plist]", payload))
        if not isinstance(payload, bytes):
            raise Refused(ErrorLink("DMCTunnelErrorDomain", 14000, "The payload is of an unexpected type."))
        if self._phone.lockdown_mode:
            text = "Profiles cannot be installed while Lockdown Mode is on."
            raise Refused(ErrorLink("DMCInstallationErrorDomain", 4021, text))
        by_hand = not silent
        if by_hand and not self._management.restrictions.allows("allowUIConfigurationProfileInstallation"):
            text = "The installation of profiles is not permitted."
            raise Refused(ErrorLink("DMCInstallationErrorDomain", 4020, text))
        profile = await asyncio.to_thread(read_profile, payload)
        if silent:
            await self._management.install(profile)
        else:
            self._management.offer(profile)
        return ACKNOWLEDGED

    def _metadata(self, profile: Profile) -> dict[str, Plist]:
        metadata: dict[str, Plist] = {
            "PayloadUUID": profile.uuid,
            "PayloadDisplayName": profile.display_name,
            "PayloadVersion": profile.version,
            "PayloadRemovalDisallowed": self._management.locked(profile),
        }
        if profile.organization:
            metadata["PayloadOrganization"] = profile.organization
        if profile.description:
            metadata["PayloadDescription"] = profile.description
        return metadata


_COMMANDS: Final[Mapping[str, Callable[[_Tunnel, Message], Awaitable[Answer]]]] = {
    "HelloHostIdentifier": _Tunnel.acknowledge,
    "Flush": _Tunnel.acknowledge,
    "GetProfileList": _Tunnel.get_profile_list,
    "InstallProfile": _Tunnel.install_profile,
    "RemoveProfile": _Tunnel.remove_profile,
    "StoreProfile": _Tunnel.store_profile,
    "GetStoredProfile": _Tunnel.get_stored_profile,
    "GetCloudConfiguration": _Tunnel.get_cloud_configuration,
    "SetCloudConfiguration": _Tunnel.set_cloud_configuration,
    "Escalate": _Tunnel.escalate,
    "EscalateResponse": _Tunnel.escalate_response,
    "EraseDevice": _Tunnel.erase_device,
    "SetWiFiPowerState": _Tunnel.set_wifi_power_state,
    "EstablishProvisionalEnrollment": _Tunnel.establish_provisional_enrollment,
    "DownloadAndApplyCloudConfiguration": _Tunnel.download_cloud_configuration,
    "PollMDMIfNetworkTethered": _Tunnel.acknowledge,
}
"""The parser of every paired host. GetEncryptionKey and SetCertificate need an iPhone Configuration Utility, which no
host has been since iOS 5, and are not known."""


def _name(request: Message) -> str:
    return request.text("RequestType")


def _refusal(request: Message, word: str) -> Answer:
    del request
    code, _, text = word.partition(" ")
    if code.endswith("Domain"):  # a whole link, below the installer's own
        number, _, text = text.partition(" ")
        above = ErrorLink("MCInstallationErrorDomain", 4001, "Profile Installation Failed")
        link = ErrorLink(code, int(number) if number.isdecimal() else 0, text or word)
        return {"Status": "Error", "ErrorChain": [above.plist(), link.plist()]}
    if code.isdecimal():
        return {"Status": "Error", "ErrorChain": [ErrorLink("DMCTunnelErrorDomain", int(code), text or code).plist()]}
    return {"Status": word}
