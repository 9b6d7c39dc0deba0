"""What a plan's state and its standing faults do to a phone before it is plugged in.

States: ``setup-assistant`` (also the empty one), ``set-up``, ``locked``, ``activation-locked``, ``find-my``,
``unactivated``, ``foreign``, ``foreign-sealed``, ``lockdown-mode``, ``not-on-cable``, ``denied``, ``pairing-closed``,
``ade``. Further names of states and faults are in :mod:`provisioning.virtual.iphone.vocabulary`.

Standing faults (no ``at=``):

* ``trust-dialog late=S after=S polls=N answer=trust|deny|never preflight=gives-up`` (``polls``: answered at the Nth
  Pair instead of after a time) · ``pairing-closed`` (MCProtected though nobody supervises it)
* ``locked until=S`` (unlocked after that time) · ``not-on-cable until=S`` (iOS 26 Wired Accessories: nothing is seen)
* ``keybag-migration seconds=S code=37000|37001`` · ``erase seconds=S`` · ``activation after=S|never``
* ``offloaded app=ID`` · ``downloading app=ID`` · ``app-clip app=ID`` · ``side-loaded app=ID signer=TEXT`` ·
  ``app-library app=ID`` (no icon) · ``icon-twice app=ID`` · ``many-apps count=N``
* ``unknown-profile id=ID name=TEXT restrict=KEY`` · ``foreign-mdm`` · ``usb-restricted-profile`` (go-ios prepare's)
* ``clock-skew seconds=S`` · ``renamed name=TEXT`` · ``battery percent=N`` · ``lockdown-mode``
* ``tls version=1.3`` · ``hang-up seconds=S`` (lockdownd drops idle connections) · ``terse-restrictions`` ·
  ``silent-lockdown`` (it takes requests and never answers) · ``find-my`` · ``activation-locked``
* ``ade organisation=TEXT certificate=FILE magic=UUID provisional=DAYS``: its serial number is in Business
  Manager, so that DownloadAndApplyCloudConfiguration finds a configuration (without ``no-network``)
* ``no-network`` · ``mdm-refuses number=401`` · ``mdm-slow seconds=S`` · ``mdm-tls``: how the check-in with an MDM
  server fails, each ``times=N`` often (default: always)
* with ``after=S`` and without ``at=``: ``unplug back=S`` · ``reboot`` · ``usbmuxd-restart`` · ``lock`` · ``unlock`` ·
  ``rename`` · ``install`` · ``remove-app`` · ``remove-profile id=ID`` happen that many seconds after the start

Faults that wait for a message are in :mod:`provisioning.virtual.iphone.conversation`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from provisioning.errors import UsageError
from provisioning.virtual.faults import FaultBox
from provisioning.virtual.iphone.apps import DEVELOPER_SIGNER
from provisioning.virtual.iphone.conversation import check, do, is_deed
from provisioning.virtual.iphone.home_screen import Clip
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.restrictions import PAYLOAD_TYPE
from provisioning.virtual.iphone.states import (
    activation_locked,
    assign,
    close_pairing,
    enter_state,
    lay_profile,
    mdm_payload,
    payload_of,
)
from provisioning.virtual.iphone.trust import Answer, Finger
from provisioning.virtual.iphone.vocabulary import understood
from provisioning.virtual.scenario import Fault

_READ_LATER: Final = frozenset({"keybag-migration", "erase", "activation", "tls", "hang-up"})
"""Standing faults that the daemons ask for themselves when their moment comes."""
_CHECK_IN: Final = frozenset({"no-network", "mdm-refuses", "mdm-slow", "mdm-tls"})
"""Faults of the network that wait for a check-in, whatever server it is with."""
_LOCKDOWN_REQUESTS: Final = ("QueryType", "GetValue", "SetValue", "Pair", "StartSession", "StartService")


def prepare(phone: VirtualIPhone) -> None:
    """Bring a phone into its plan's state. Raises UsageError for a state or a fault that is unknown, and says whose."""
    try:
        _prepare(phone)
    except UsageError as error:
        raise UsageError(f"Handset {phone.plan.position + 1} ({phone.plan.profile}): {error}") from None


def _prepare(phone: VirtualIPhone) -> None:
    faults = [understood(fault) for fault in phone.plan.faults]
    phone.faults = FaultBox(faults)
    phone.trust.finger = Finger(after=phone.pace.seconds("Trust") or Finger().after)
    enter_state(phone)
    for fault in faults:
        if fault.at:
            check(fault)
        elif fault.name in _CHECK_IN:
            phone.faults.arm(Fault(fault.name, {"times": "0", **fault.options, "at": "CheckIn"}))
        elif fault.name == "refuse-tls":
            phone.faults.arm(Fault(fault.name, {**fault.options, "at": "TLS"}))
        elif is_deed(fault):
            after = fault.seconds("after", 0.0)
            if "after" not in fault.options:
                raise UsageError(f"fault “{fault.name}” needs at=MESSAGE or after=SECONDS.")
            phone.later(after, lambda deed=fault: do(phone, deed))
        elif fault.name not in _READ_LATER:
            effect = _EFFECTS.get(fault.name)
            if effect is None:
                raise UsageError(f"fault “{fault.name}” needs at=MESSAGE.")
            effect(phone, fault)


def _trust_dialog(phone: VirtualIPhone, fault: Fault) -> None:
    try:
        answer = Answer(fault.options.get("answer", "trust"))
    except ValueError:
        raise UsageError(
            f"Fault “trust-dialog”: answer={fault.options['answer']} is not trust, deny or never."
        ) from None
    after, late = fault.seconds("after", phone.trust.finger.after), fault.seconds("late", 0.0)
    phone.trust.finger = Finger(answer, after, late, polls=fault.number("polls", 0))
    if fault.options.get("preflight", "gives-up") != "gives-up":
        raise UsageError(f"Fault “trust-dialog”: preflight={fault.options['preflight']} is not gives-up.")


def _is_locked(phone: VirtualIPhone, fault: Fault) -> None:
    phone.passcode_set = True
    phone.lock()
    if "until" in fault.options:
        phone.later(fault.seconds("until", 0.0), phone.unlock)


def _not_on_cable(phone: VirtualIPhone, fault: Fault) -> None:
    _is_locked(phone, fault)
    phone.hidden_from_cable = True


def _turn_find_my_on(phone: VirtualIPhone, fault: Fault) -> None:
    del fault
    phone.find_my = True


def _silent(phone: VirtualIPhone, fault: Fault) -> None:
    for request in _LOCKDOWN_REQUESTS:
        phone.faults.arm(Fault("stall", {"at": request, "times": "0", **fault.options}))


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
        [{**payload_of(PAYLOAD_TYPE, "restrictions"), key: False}]
        if key
        else [payload_of("com.apple.dnsSettings.managed", "dns")]
    )
    lay_profile(
        phone,
        fault.options.get("id", "org.example.unknown"),
        fault.options.get("name", "Free Wi-Fi"),
        payloads,
    )


def _foreign_mdm(phone: VirtualIPhone, fault: Fault) -> None:
    del fault
    lay_profile(phone, "com.northgate.mdm", "Device Management", [mdm_payload()])


def _usb_restricted(phone: VirtualIPhone, fault: Fault) -> None:
    """Leave what go-ios prepare leaves: USB accessories usable while locked, by an unlocked, unsigned profile."""
    del fault
    payload = {**payload_of(PAYLOAD_TYPE, "8D384EDB-E60E-4D14-8E07-98ED164374D3"), "allowUSBRestrictedMode": False}
    lay_profile(phone, "com.apple.configurator.usbrestrictedmode", "USB Restricted Mode", [payload])


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
    "pairing-closed": lambda phone, fault: close_pairing(phone),
    "find-my": _turn_find_my_on,
    "activation-locked": lambda phone, fault: activation_locked(phone),
    "silent-lockdown": _silent,
    "ade": assign,
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
