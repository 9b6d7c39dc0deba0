"""Who manages one phone: its cloud configuration, its profiles, and the restrictions that follow from them.

What the daemons accept, force and refuse is known from the decompiled mc_mobile_tunnel (MTIPCUTunnelParser) and
ManagedConfiguration (MDMMCInterface); see :mod:`provisioning.virtual.iphone.mcinstall` for the messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from provisioning.virtual.iphone.model import Model
from provisioning.virtual.iphone.plist import Plist
from provisioning.virtual.iphone.profiles import MDM_PAYLOAD, WEB_CLIP_PAYLOAD, ErrorLink, Profile, Refused
from provisioning.virtual.iphone.restrictions import PAYLOAD_TYPE, Restrictions

PLACEHOLDER: Final[Mapping[str, Plist]] = {
    "AllowPairing": True,
    "CloudConfigurationUIComplete": True,
    "ConfigurationSource": 0,
    "IsSupervised": False,
    "PostSetupProfileWasInstalled": True,
}
"""The cloud configuration of a phone that was set up and is managed by nobody (values seen on a real phone)."""
_SOURCE_CONFIGURATOR: Final = 2
_ENFORCED: Final[Mapping[str, Plist]] = {
    "ConfigurationSource": _SOURCE_CONFIGURATOR,
    "IsMandatory": True,
    "IsMDMUnremovable": False,
}
"""What the daemon writes over whatever a host sends; that its number for the source is 2 is inferred from
pymobiledevice3, which sends it."""

CheckIn = Callable[[Profile], Awaitable[None]]
"""What happens when an enrolment profile arrives: the check-in with its server. Raises Refused where that fails."""


class Management:
    """One phone's cloud configuration, profiles and restrictions. ``changed`` is called after each change."""

    def __init__(self, model: Model, changed: Callable[[], None], check_in: CheckIn) -> None:
        self._model = model
        self._changed = changed
        self._check_in = check_in
        self._installing = asyncio.Lock()
        self.cloud_configuration: dict[str, Plist] | None = None
        self.assigned: Mapping[str, Plist] | None = None
        """What Apple's enrolment server holds for this phone; an erase does not change that."""
        self.profiles: dict[str, Profile] = {}
        self.awaiting_consent: dict[str, Profile] = {}
        self.stored_profile: bytes | None = None
        self.restrictions = Restrictions(model, supervised=False)

    @property
    def supervised(self) -> bool:
        """True if the cloud configuration says so."""
        return bool((self.cloud_configuration or {}).get("IsSupervised"))

    @property
    def supervisors(self) -> list[bytes]:
        """Give the certificates that may escalate and pair without a dialog, DER."""
        certificates = (self.cloud_configuration or {}).get("SupervisorHostCertificates")
        return [one for one in certificates if isinstance(one, bytes)] if isinstance(certificates, list) else []

    @property
    def pairing_closed(self) -> bool:
        """True if only a supervising host may pair (AllowPairing of the configuration, allowHostPairing)."""
        closed = not (self.cloud_configuration or {}).get("AllowPairing", True)
        return closed or not self.restrictions.allows("allowHostPairing")

    @property
    def mdm_profile(self) -> Profile | None:
        """Give the enrolment profile, if there is one."""
        return next((profile for profile in self.profiles.values() if profile.of_type(MDM_PAYLOAD)), None)

    def configure(self, configuration: Mapping[str, Plist]) -> None:
        """Take a cloud configuration from a host, and force what the daemon forces. Raises Refused 14002.

        Any configuration at all is in the way of another one, be it but the placeholder of a phone that was set up.
        """
        if self.cloud_configuration is not None:
            raise Refused(
                ErrorLink("DMCTunnelErrorDomain", 14002, "A cloud configuration is already present on this device.")
            )
        taken = {**configuration, **_ENFORCED}
        if "ConfigurationURL" not in taken and "ConfigurationWebURL" not in taken:
            taken.update({"CloudConfigurationUIComplete": True, "ConfigurationWasApplied": True})
        self.cloud_configuration = taken
        self.refresh()

    async def install(self, profile: Profile) -> None:
        """Install a profile, in place of the one with the same identifier. Raises Refused.

        There can be one enrolment (Apple's schema of com.apple.mdm); the code of that refusal is inferred.
        """
        async with self._installing:
            if profile.of_type(MDM_PAYLOAD):
                present = self.mdm_profile
                if present is not None and present.identifier != profile.identifier:
                    raise _installation_failed(
                        ErrorLink("MCMDMErrorDomain", 12001, "The device is already enrolled with an MDM server.")
                    )
                await self._check_in(profile)
            self.awaiting_consent.pop(profile.identifier, None)
            self.profiles[profile.identifier] = profile
            self.refresh()

    def offer(self, profile: Profile) -> None:
        """Keep a profile until the person confirms it in Settings: what InstallProfile does once a phone is set up."""
        self.awaiting_consent[profile.identifier] = profile

    def remove(self, identifier: str) -> None:
        """Take a profile away; nothing happens where it is not installed."""
        if self.profiles.pop(identifier, None) is not None:
            self.refresh()

    def locked(self, profile: Profile) -> bool:
        """Tell whether a profile resists its removal: PayloadRemovalDisallowed needs supervision to be honoured."""
        return profile.locked and self.supervised

    def web_clips(self) -> list[Mapping[str, Any]]:
        """List the web clip payloads of all profiles, in the order of installation."""
        return [payload for profile in self.profiles.values() for payload in profile.of_type(WEB_CLIP_PAYLOAD)]

    def erase(self) -> None:
        """Forget everything, as an erase does; supervision by USB does not survive it."""
        self.cloud_configuration = None
        self.profiles.clear()
        self.awaiting_consent.clear()
        self.stored_profile = None
        self.refresh()

    def refresh(self) -> None:
        """Combine the restrictions anew after the profiles have changed."""
        payloads = [payload for profile in self.profiles.values() for payload in profile.of_type(PAYLOAD_TYPE)]
        self.restrictions = Restrictions(self._model, self.supervised, payloads)
        self._changed()


def _installation_failed(cause: ErrorLink) -> Refused:
    return Refused(ErrorLink("MCInstallationErrorDomain", 4001, "Profile Installation Failed"), cause)
