"""In what state a phone lies on the rack before anything befalls it, by the word of its plan."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from provisioning.errors import UsageError
from provisioning.virtual.iphone.assignment import assigned_configuration, certificate_of
from provisioning.virtual.iphone.management import PLACEHOLDER
from provisioning.virtual.iphone.phone import UNACTIVATED, VirtualIPhone
from provisioning.virtual.iphone.profiles import MDM_PAYLOAD, Profile
from provisioning.virtual.iphone.trust import Answer, Finger
from provisioning.virtual.iphone.vocabulary import state_word
from provisioning.virtual.scenario import Fault

_ANOTHER: Final = "Northgate Logistics Ltd"
_NAMESPACE: Final = uuid.UUID("0c4b9f9e-6d3a-4a0e-9f58-9d4c0f4d7a55")


def enter_state(phone: VirtualIPhone) -> None:
    """Bring a phone into the state of its plan. Raises UsageError for one that is unknown."""
    state = _STATES.get(state_word(phone.plan.state))
    if state is None:
        known = ", ".join(sorted(name for name in _STATES if name))
        raise UsageError(f"state “{phone.plan.state}” is unknown to an iPhone; there are: {known}.")
    state(phone)


def assign(phone: VirtualIPhone, fault: Fault) -> None:
    """Enter its serial number in an organisation's Business Manager. Raises UsageError for a bad certificate."""
    certificates: list[bytes] = []
    if "certificate" in fault.options:
        try:
            certificates.append(certificate_of(phone.plan.folder / fault.options["certificate"]))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no certificate"
            raise UsageError(
                f"Fault “ade”: certificate={fault.options['certificate']} cannot be read: {why}."
            ) from None
    phone.management.assigned = assigned_configuration(
        organisation=fault.options.get("organisation", "Training Constabulary"),
        magic=fault.options.get("magic", ""),
        certificates=certificates,
        provisional_days=fault.number("provisional", 0),
    )


def _set_up(phone: VirtualIPhone) -> None:
    phone.setup_done = True
    phone.passcode_set = True
    phone.management.cloud_configuration = dict(PLACEHOLDER)


def _locked(phone: VirtualIPhone) -> None:
    _set_up(phone)
    phone.lock()


def _find_my(phone: VirtualIPhone) -> None:
    _set_up(phone)
    phone.find_my = True


def activation_locked(phone: VirtualIPhone) -> None:
    """Erased while Find My was on: IsAssociated is false now, only activation shows the lock."""
    phone.activation_locked = True
    phone.activation_state = UNACTIVATED


def _unactivated(phone: VirtualIPhone) -> None:
    phone.activation_state = UNACTIVATED


def _foreign(phone: VirtualIPhone, allow_pairing: bool = True) -> None:
    """Supervised by another organisation through automated enrolment, with its management profile."""
    _set_up(phone)
    stranger = hashlib.sha256(_ANOTHER.encode()).digest()
    phone.management.cloud_configuration = {
        "AllowPairing": allow_pairing,
        "CloudConfigurationUIComplete": True,
        "ConfigurationSource": 1,
        "ConfigurationWasApplied": True,
        "IsMandatory": True,
        "IsMDMUnremovable": True,
        "IsMultiUser": False,
        "IsSupervised": True,
        "OrganizationMagic": str(uuid.uuid5(_NAMESPACE, _ANOTHER)).upper(),
        "OrganizationName": _ANOTHER,
        "PostSetupProfileWasInstalled": True,
        "SupervisorHostCertificates": [stranger],
    }
    lay_profile(phone, "com.northgate.mdm", "Device Management", [mdm_payload()])


def _foreign_sealed(phone: VirtualIPhone) -> None:
    _foreign(phone, allow_pairing=False)


def _hidden(phone: VirtualIPhone) -> None:
    """Locked, with iOS 26's Wired Accessories at its default: the host's daemon never learns of it."""
    _locked(phone)
    phone.hidden_from_cable = True


def _denied(phone: VirtualIPhone) -> None:
    _set_up(phone)
    phone.trust.finger = Finger(Answer.DENY, phone.trust.finger.after)


def _closed(phone: VirtualIPhone) -> None:
    _set_up(phone)
    close_pairing(phone)


def close_pairing(phone: VirtualIPhone) -> None:
    """Let only supervising hosts pair."""
    phone.management.cloud_configuration = {**(phone.management.cloud_configuration or {}), "AllowPairing": False}


def _assigned(phone: VirtualIPhone) -> None:
    assign(phone, Fault("ade"))


def payload_of(payload_type: str, name: str) -> dict[str, Any]:
    """Begin a payload of that type."""
    identifier = f"{payload_type}.{name}"
    return {
        "PayloadType": payload_type,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(uuid.uuid5(_NAMESPACE, identifier)).upper(),
        "PayloadVersion": 1,
    }


def mdm_payload() -> dict[str, Any]:
    """Give the enrolment payload of somebody else."""
    return {
        **payload_of(MDM_PAYLOAD, "northgate"),
        "AccessRights": 8191,
        "ServerURL": "https://mdm.northgate.example/checkin",
        "Topic": "com.apple.mgmt.External.1b0e2a77-4a3c-4f0e-a1f2-7d5cbb1f8f21",
    }


def lay_profile(phone: VirtualIPhone, identifier: str, name: str, payloads: list[dict[str, Any]]) -> None:
    """Lay a removable profile on the phone that nobody signed."""
    profile = Profile(
        identifier=identifier,
        uuid=str(uuid.uuid5(_NAMESPACE, identifier)).upper(),
        display_name=name,
        organization=None,
        description=None,
        version=1,
        locked=False,
        has_removal_passcode=False,
        payloads=tuple(payloads),
    )
    phone.management.profiles[identifier] = profile
    phone.management.refresh()


def _lockdown_mode(phone: VirtualIPhone) -> None:
    _set_up(phone)
    phone.lockdown_mode = True


_STATES: Final[Mapping[str, Callable[[VirtualIPhone], None]]] = {
    "": lambda phone: None,
    "setup-assistant": lambda phone: None,
    "set-up": _set_up,
    "locked": _locked,
    "find-my": _find_my,
    "activation-locked": activation_locked,
    "unactivated": _unactivated,
    "foreign": _foreign,
    "foreign-sealed": _foreign_sealed,
    "lockdown-mode": _lockdown_mode,
    "not-on-cable": _hidden,
    "denied": _denied,
    "pairing-closed": _closed,
    "ade": _assigned,
}
