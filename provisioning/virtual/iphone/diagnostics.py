"""diagnostics_relay: battery and registry, restart and shutdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provisioning.virtual.iphone.conversation import Conversation
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist
from provisioning.virtual.iphone.stream import DeviceStream

_LARGEST_REQUEST: Final = 1 << 20


async def serve_diagnostics(phone: VirtualIPhone, stream: DeviceStream) -> None:
    """Answer requests until Goodbye. Restart and Shutdown happen when the connection ends (pymobiledevice3)."""
    talk = Conversation(phone, stream, _LARGEST_REQUEST, _name, _refusal)
    leaving = ""
    while (request := await talk.hear()) is not None:
        name = _name(request)
        if name in ("Restart", "Shutdown"):
            leaving = name
        await talk.say(_answer(phone, name, request))
        if name == "Goodbye":
            break
    if leaving == "Restart":
        phone.locked = phone.passcode_set
        phone.unplug(phone.pace.seconds("Reboot") or 0.5)
    elif leaving:
        phone.unplug()


def _answer(phone: VirtualIPhone, name: str, request: Message) -> Mapping[str, Plist]:
    gauge = _gas_gauge(phone)
    if name in ("All", "GasGauge", "WiFi", "NAND"):
        parts: dict[str, Plist] = {"GasGauge": gauge, "WiFi": {}, "NAND": {}, "HDMI": {}}
        return _success(parts if name == "All" else {name: parts[name]})
    if name == "IORegistry":
        wanted = request.text("EntryClass") or request.text("EntryName") or request.text("CurrentPlane")
        battery = wanted.startswith("AppleSmartBattery") or wanted == "IOPMPowerSource"
        return _success({"IORegistry": _registry(phone) if battery else {}})
    if name == "MobileGestalt":
        if phone.model.at_least("17.4"):
            return _success({"MobileGestalt": {"Status": "MobileGestaltDeprecated"}})
        return _success({"MobileGestalt": {"Status": "Success", **_gestalt(phone, request)}})
    if name in ("Restart", "Shutdown", "Sleep", "Goodbye"):
        return {"Status": "Success"}
    return {"Status": "UnknownRequest"}


def _success(diagnostics: Mapping[str, Plist]) -> dict[str, Plist]:
    return {"Status": "Success", "Diagnostics": diagnostics}


def _gas_gauge(phone: VirtualIPhone) -> dict[str, Plist]:
    return {
        "CycleCount": 12,
        "DesignCapacity": 3349,
        "FullChargeCapacity": 3318,
        "StateOfCharge": phone.battery_percent,
        "Status": "Success",
    }


def _registry(phone: VirtualIPhone) -> dict[str, Plist]:
    return {
        "CurrentCapacity": phone.battery_percent,
        "MaxCapacity": 100,
        "CycleCount": 12,
        "IsCharging": phone.battery_percent < 100,
        "ExternalConnected": True,
        "Serial": f"F8Y{phone.serial_number}",
    }


def _gestalt(phone: VirtualIPhone, request: Message) -> dict[str, Plist]:
    """Answer the few keys that tools ask for; gone from iOS 17.4 on (go-ios test/e2e/lockdown_test.go)."""
    known: dict[str, Plist] = {
        "ProductVersion": phone.model.os_version,
        "ProductType": phone.model.product_type,
        "SerialNumber": phone.serial_number,
        "UniqueDeviceID": phone.udid,
    }
    return {key: known[key] for key in request.texts("MobileGestaltKeys") or [] if key in known}


def _name(request: Message) -> str:
    return request.text("Request")


def _refusal(request: Message, word: str) -> Mapping[str, Plist]:
    del request
    return {"Status": word}
