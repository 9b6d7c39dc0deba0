"""The MDM queries that a supervising host may ask over USB once it has escalated.

Which commands the supervisor's parser lets through is known from the decompiled MTChaperoneParser; their answers are
Apple's schema (apple/device-management, mdm/commands). Commands that act rather than ask are acknowledged where the
phone has something to act upon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from provisioning.virtual.iphone.apps import STORE_SIGNER, InstalledApp, Lying
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist
from provisioning.virtual.iphone.profiles import ErrorLink, Profile, Refused
from provisioning.virtual.iphone.restrictions import PAYLOAD_TYPE, Restrictions

Answer = Mapping[str, Plist]


def restrictions(phone: VirtualIPhone, request: Message) -> Answer:
    """Give the restrictions in force, and with ``ProfileRestrictions`` each profile's own."""
    management, terse = phone.management, phone.only_set_restrictions
    answer: dict[str, Plist] = {"GlobalRestrictions": management.restrictions.report(only_set=terse)}
    if request.flag("ProfileRestrictions"):
        answer["ProfileRestrictions"] = {
            identifier: _alone(phone, profile).report(only_set=True)
            for identifier, profile in management.profiles.items()
            if profile.of_type(PAYLOAD_TYPE)
        }
    return answer


def profile_list(phone: VirtualIPhone, request: Message) -> Answer:
    """List the profiles with the types of their payloads and their signers; contents are never told."""
    del request
    return {"ProfileList": [_profile(phone, profile) for profile in phone.management.profiles.values()]}


def security_info(phone: VirtualIPhone, request: Message) -> Answer:
    """Tell about passcode and encryption. PasscodePresent is *has a passcode*, not *is locked*."""
    del request
    return {
        "SecurityInfo": {
            "HardwareEncryptionCaps": 3,
            "PasscodePresent": phone.passcode_set,
            "PasscodeCompliant": True,
            "PasscodeCompliantWithProfiles": True,
            "PasscodeLockGracePeriod": 0,
            "PasscodeLockGracePeriodEnforced": 0,
            "ManagementStatus": {"IsUserEnrollment": False},
        }
    }


def installed_applications(phone: VirtualIPhone, request: Message) -> Answer:
    """List third-party apps, as the MDM command does; blocked and offloaded ones are installed too (inferred)."""
    wanted, items = request.texts("Identifiers"), request.texts("Items")
    listed = [app for app in phone.apps if app.type == "User" and (wanted is None or app.bundle_id in wanted)]
    return {"InstalledApplicationList": [_application(app, items) for app in listed]}


def device_information(phone: VirtualIPhone, request: Message) -> Answer:
    """Answer the queries that are asked, or all that are known."""
    known = _device_information(phone)
    queries = request.texts("Queries")
    return {"QueryResponses": {key: known[key] for key in (queries or known) if key in known}}


def certificate_list(phone: VirtualIPhone, request: Message) -> Answer:
    """List the certificates that profiles brought."""
    del request
    signers = {p.signer for p in phone.management.profiles.values() if p.signer is not None}
    return {"CertificateList": [{"CommonName": "", "Data": der, "IsIdentity": False} for der in sorted(signers)]}


def settings(phone: VirtualIPhone, request: Message) -> Answer:
    """Apply settings one by one, each with its own status; the name is the one that shows."""
    statuses: list[Plist] = []
    for item in request.tables("Settings"):
        if item.text("Item") == "DeviceName" and item.text("DeviceName"):
            phone.rename(item.text("DeviceName"))
        statuses.append({"Item": item.text("Item"), "Status": "Acknowledged"})
    return {"Settings": statuses}


def unlock_token(phone: VirtualIPhone, request: Message) -> Answer:
    """Give the token that can clear the passcode later; there must be no passcode yet (DMCKeybagErrorDomain 37002)."""
    del request
    if phone.passcode_set:
        raise Refused(ErrorLink("DMCKeybagErrorDomain", 37002, "A passcode is set on this device."))
    return {"UnlockToken": phone.identity.ecid.to_bytes(8, "big") * 4}


def device_lock(phone: VirtualIPhone, request: Message) -> Answer:
    """Lock the screen."""
    del request
    phone.lock()
    return {}


def restart(phone: VirtualIPhone, request: Message) -> Answer:
    """Restart a moment after the answer."""
    del request
    phone.later(0.05, lambda: phone.unplug(phone.pace.seconds("Reboot") or 0.5))
    return {}


def shut_down(phone: VirtualIPhone, request: Message) -> Answer:
    """Switch off a moment after the answer; somebody has to switch it on again."""
    del request
    phone.later(0.05, phone.unplug)
    return {}


def nothing(phone: VirtualIPhone, request: Message) -> Answer:
    """Acknowledge what has no effect on a virtual phone."""
    del phone, request
    return {}


QUERIES: Final[Mapping[str, Callable[[VirtualIPhone, Message], Answer]]] = {
    "Restrictions": restrictions,
    "ProfileList": profile_list,
    "SecurityInfo": security_info,
    "InstalledApplicationList": installed_applications,
    "DeviceInformation": device_information,
    "CertificateList": certificate_list,
    "ProvisioningProfileList": lambda phone, request: {"ProvisioningProfileList": []},
    "Settings": settings,
    "RequestUnlockToken": unlock_token,
    "DeviceLock": device_lock,
    "RestartDevice": restart,
    "ShutDownDevice": shut_down,
    "ClearRestrictionsPassword": nothing,
    "DeviceConfigured": nothing,
    "ClearActivationLockBypassCode": nothing,
    "DefaultMDMOptions": lambda phone, request: {"DefaultMDMOptions": {}},
    "SetDefaultMDMOptions": nothing,
}


def _alone(phone: VirtualIPhone, profile: Profile) -> Restrictions:
    return Restrictions(phone.model, phone.management.supervised, profile.of_type(PAYLOAD_TYPE))


def _profile(phone: VirtualIPhone, profile: Profile) -> dict[str, Plist]:
    told: dict[str, Plist] = {
        "PayloadUUID": profile.uuid,
        "PayloadIdentifier": profile.identifier,
        "PayloadVersion": profile.version,
        "PayloadDisplayName": profile.display_name,
        "PayloadRemovalDisallowed": phone.management.locked(profile),
        "HasRemovalPasscode": profile.has_removal_passcode,
        "IsEncrypted": False,
        "IsManaged": False,
        "PayloadContent": [
            {
                "PayloadType": str(payload["PayloadType"]),
                "PayloadIdentifier": str(payload["PayloadIdentifier"]),
                "PayloadUUID": str(payload["PayloadUUID"]),
                "PayloadVersion": 1,
            }
            for payload in profile.payloads
        ],
    }
    if profile.organization:
        told["PayloadOrganization"] = profile.organization
    if profile.description:
        told["PayloadDescription"] = profile.description
    if profile.certificates:
        told["SignerCertificates"] = list(profile.certificates)
    return told


def _application(app: InstalledApp, items: list[str] | None) -> dict[str, Plist]:
    store = app.attributes.get("SignerIdentity") == STORE_SIGNER
    told: dict[str, Plist] = {
        "Identifier": app.bundle_id,
        "Name": app.name,
        "Version": str(app.attributes.get("CFBundleVersion", "")),
        "ShortVersion": str(app.attributes.get("CFBundleShortVersionString", "")),
        "BundleSize": app.on_request.get("StaticDiskUsage", 0),
        "DynamicSize": app.on_request.get("DynamicDiskUsage", 0),
        "AdHocCodeSigned": False,
        "AppStoreVendable": store,
        "BetaApp": False,
        "DeviceBasedVPP": False,
        "HasUpdateAvailable": False,
        "Installing": app.lying is Lying.DOWNLOADING,
        "IsAppClip": app.lying is Lying.APP_CLIP,
        "IsValidated": True,
    }
    return {key: value for key, value in told.items() if items is None or key in (*items, "Identifier")}


def _device_information(phone: VirtualIPhone) -> dict[str, Plist]:
    model = phone.model
    known: dict[str, Plist] = {
        "UDID": phone.udid,
        "DeviceName": phone.settings.text("DeviceName"),
        "OSVersion": model.os_version,
        "BuildVersion": model.build,
        "ModelName": model.device_class,
        "Model": model.model_number,
        "ProductName": model.product_type,
        "SerialNumber": phone.serial_number,
        "DeviceCapacity": 128.0,
        "AvailableDeviceCapacity": 96.0,
        "BatteryLevel": phone.battery_percent / 100,
        "IsSupervised": phone.management.supervised,
        "IsDeviceLocatorServiceEnabled": phone.find_my,
        "IsActivationLockEnabled": phone.activation_locked or phone.find_my,
        "IsMDMLostModeEnabled": False,
        "IsCloudBackupEnabled": False,
        "WiFiMAC": phone.identity.wifi_address,
        "BluetoothMAC": phone.identity.bluetooth_address,
    }
    if phone.identity.imeis:
        named = zip(("CTSubscriptionSlotOne", "CTSubscriptionSlotTwo"), phone.identity.imeis, strict=True)
        slots: list[Plist] = [{"Slot": slot, "IMEI": imei} for slot, imei in named]
        known.update({"IMEI": phone.identity.imeis[0], "ServiceSubscriptions": slots})
    return known
