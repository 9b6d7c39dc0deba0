"""What a plan's state and its standing faults do to a phone before it is plugged in.

States: ``setup-assistant`` (also the empty one), ``set-up``, ``locked``, ``activation-locked``, ``find-my``,
``unactivated``, ``foreign``, ``foreign-sealed``, ``lockdown-mode``.

Standing faults (no ``at=``):

* ``trust-dialog late=S after=S answer=trust|deny|never preflight=gives-up``
* ``locked until=S`` (unlocked after that time) · ``not-on-cable until=S`` (iOS 26 Wired Accessories: nothing is seen)
* ``keybag-migration seconds=S code=37000|37001`` · ``erase seconds=S`` · ``activation after=S|never``
* ``offloaded app=ID`` · ``downloading app=ID`` · ``app-clip app=ID`` · ``side-loaded app=ID signer=TEXT`` ·
  ``app-library app=ID`` (no icon) · ``icon-twice app=ID`` · ``many-apps count=N``
* ``unknown-profile id=ID name=TEXT restrict=KEY`` · ``foreign-mdm`` · ``usb-restricted-profile`` (go-ios prepare's)
* ``clock-skew seconds=S`` · ``renamed name=TEXT`` · ``battery percent=N`` · ``lockdown-mode``
* ``tls version=1.3`` · ``hang-up seconds=S`` (lockdownd drops idle connections) · ``terse-restrictions``

Faults that wait for a message are in :mod:`provisioning.virtual.iphone.conversation`.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from provisioning.errors import UsageError
from provisioning.virtual.iphone.apps import DEVELOPER_SIGNER
from provisioning.virtual.iphone.conversation import check
from provisioning.virtual.iphone.home_screen import Clip
from provisioning.virtual.iphone.management import PLACEHOLDER
from provisioning.virtual.iphone.phone import UNACTIVATED, VirtualIPhone
from provisioning.virtual.iphone.profiles import MDM_PAYLOAD, Profile
from provisioning.virtual.iphone.restrictions import PAYLOAD_TYPE
from provisioning.virtual.iphone.trust import Answer, Finger
from provisioning.virtual.scenario import Fault

_ANOTHER: Final = "Northgate Logistics Ltd"
_NAMESPACE: Final = uuid.UUID("0c4b9f9e-6d3a-4a0e-9f58-9d4c0f4d7a55")
_READ_LATER: Final = frozenset({"keybag-migration", "erase", "activation", "tls", "hang-up", "refuse-tls"})
"""Standing faults that the daemons ask for themselves when their moment comes."""


def prepare(phone: VirtualIPhone) -> None:
    """Bring a phone into its plan's state. Raises UsageError for a state or a standing fault that is unknown."""
    state = _STATES.get(phone.plan.state)
    if state is None:
        known = ", ".join(sorted(name for name in _STATES if name))
        raise UsageError(f"state “{phone.plan.state}” is unknown to an iPhone; there are: {known}.")
    state(phone)
    phone.trust.finger = Finger(after=phone.pace.seconds("Trust") or Finger().after)
    for fault in phone.plan.faults:
        if fault.at:
            check(fault)
            continue
        if fault.name == "refuse-tls":
            phone.faults.arm(Fault(fault.name, {**fault.options, "at": "TLS"}))
        if fault.name in _READ_LATER:
            continue
        effect = _EFFECTS.get(fault.name)
        if effect is None:
            raise UsageError(f"fault “{fault.name}” is unknown to an iPhone, or needs at=MESSAGE.")
        effect(phone, fault)


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


def _activation_locked(phone: VirtualIPhone) -> None:
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
    _install(phone, "com.northgate.mdm", "Device Management", [_mdm_payload()])


def _foreign_sealed(phone: VirtualIPhone) -> None:
    _foreign(phone, allow_pairing=False)


def _lockdown_mode(phone: VirtualIPhone) -> None:
    _set_up(phone)
    phone.lockdown_mode = True


_STATES: Final[Mapping[str, Callable[[VirtualIPhone], None]]] = {
    "": lambda phone: None,
    "setup-assistant": lambda phone: None,
    "set-up": _set_up,
    "locked": _locked,
    "find-my": _find_my,
    "activation-locked": _activation_locked,
    "unactivated": _unactivated,
    "foreign": _foreign,
    "foreign-sealed": _foreign_sealed,
    "lockdown-mode": _lockdown_mode,
}


def _trust_dialog(phone: VirtualIPhone, fault: Fault) -> None:
    try:
        answer = Answer(fault.options.get("answer", "trust"))
    except ValueError:
        raise UsageError(
            f"Fault “trust-dialog”: answer={fault.options['answer']} is not trust, deny or never."
        ) from None
    phone.trust.finger = Finger(answer, fault.seconds("after", phone.trust.finger.after), fault.seconds("late", 0.0))


def _is_locked(phone: VirtualIPhone, fault: Fault) -> None:
    phone.passcode_set = True
    phone.lock()
    if "until" in fault.options:
        phone.later(fault.seconds("until", 0.0), phone.unlock)


def _not_on_cable(phone: VirtualIPhone, fault: Fault) -> None:
    _is_locked(phone, fault)
    phone.hidden_from_cable = True


def _app(phone: VirtualIPhone, fault: Fault, **fields: Any) -> None:
    identifier = fault.options.get("app")
    if not identifier:
        raise UsageError(f"Fault “{fault.name}”: say which with app=IDENTIFIER.")
    planned = next((app for app in phone.plan.apps if app.get("id") == identifier), None)
    phone.install({**(planned or {}), "id": identifier, **fields})


def _many_apps(phone: VirtualIPhone, fault: Fault) -> None:
    for number in range(fault.number("count", 250)):
        phone.install({"id": f"com.example.app{number:04d}", "name": f"App {number:04d}"})


def _icon_twice(phone: VirtualIPhone, fault: Fault) -> None:
    phone.icons_twice.append(fault.options.get("app", "com.apple.mobilenotes"))


def _unknown_profile(phone: VirtualIPhone, fault: Fault) -> None:
    key = fault.options.get("restrict")
    payloads = (
        [{**_payload(PAYLOAD_TYPE, "restrictions"), key: False}]
        if key
        else [_payload("com.apple.dnsSettings.managed", "dns")]
    )
    _install(
        phone,
        fault.options.get("id", "org.example.unknown"),
        fault.options.get("name", "Free Wi-Fi"),
        payloads,
    )


def _foreign_mdm(phone: VirtualIPhone, fault: Fault) -> None:
    del fault
    _install(phone, "com.northgate.mdm", "Device Management", [_mdm_payload()])


def _usb_restricted(phone: VirtualIPhone, fault: Fault) -> None:
    """Leave what go-ios prepare leaves: USB accessories usable while locked, by an unlocked, unsigned profile."""
    del fault
    payload = {**_payload(PAYLOAD_TYPE, "8D384EDB-E60E-4D14-8E07-98ED164374D3"), "allowUSBRestrictedMode": False}
    _install(phone, "com.apple.configurator.usbrestrictedmode", "USB Restricted Mode", [payload])


def _clock(phone: VirtualIPhone, fault: Fault) -> None:
    phone.clock_skew = fault.seconds("seconds", 86_400.0)


def _renamed(phone: VirtualIPhone, fault: Fault) -> None:
    phone.rename(fault.options.get("name", "Jo's iPhone"))


def _battery(phone: VirtualIPhone, fault: Fault) -> None:
    phone.battery_percent = max(0, min(100, fault.number("percent", 9)))


def _lockdown_mode_on(phone: VirtualIPhone, fault: Fault) -> None:
    del fault
    phone.lockdown_mode = True


def _terse(phone: VirtualIPhone, fault: Fault) -> None:
    del fault
    phone.only_set_restrictions = True


def _clip(phone: VirtualIPhone, fault: Fault) -> None:
    phone.clips.append(Clip(fault.options.get("url", "/"), fault.options.get("title", "Web")))


_EFFECTS: Final[Mapping[str, Callable[[VirtualIPhone, Fault], None]]] = {
    "trust-dialog": _trust_dialog,
    "locked": _is_locked,
    "not-on-cable": _not_on_cable,
    "offloaded": lambda phone, fault: _app(phone, fault, presence="offloaded"),
    "downloading": lambda phone, fault: _app(phone, fault, presence="placeholder"),
    "app-clip": lambda phone, fault: _app(phone, fault, presence="app clip"),
    "side-loaded": lambda phone, fault: _app(phone, fault, signer=fault.options.get("signer", DEVELOPER_SIGNER)),
    "app-library": lambda phone, fault: _app(phone, fault, on_home_screen=False),
    "icon-twice": _icon_twice,
    "many-apps": _many_apps,
    "web-clip": _clip,
    "unknown-profile": _unknown_profile,
    "foreign-mdm": _foreign_mdm,
    "usb-restricted-profile": _usb_restricted,
    "clock-skew": _clock,
    "renamed": _renamed,
    "battery": _battery,
    "lockdown-mode": _lockdown_mode_on,
    "terse-restrictions": _terse,
}


def _payload(payload_type: str, name: str) -> dict[str, Any]:
    identifier = f"{payload_type}.{name}"
    return {
        "PayloadType": payload_type,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(uuid.uuid5(_NAMESPACE, identifier)).upper(),
        "PayloadVersion": 1,
    }


def _mdm_payload() -> dict[str, Any]:
    return {
        **_payload(MDM_PAYLOAD, "northgate"),
        "AccessRights": 8191,
        "ServerURL": "https://mdm.northgate.example/checkin",
        "Topic": "com.apple.mgmt.External.1b0e2a77-4a3c-4f0e-a1f2-7d5cbb1f8f21",
    }


def _install(phone: VirtualIPhone, identifier: str, name: str, payloads: list[dict[str, Any]]) -> None:
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
