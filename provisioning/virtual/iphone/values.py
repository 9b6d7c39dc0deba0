"""What lockdownd tells about one phone, by domain, before and after pairing.

Key sets are those of real phones: GetValue {} unpaired on iOS 14.7.1 (YueChen-C/py-ios-device issue 38), paired on
iOS 18.4.1 (iPhone13,2), the domains as libimobiledevice's ideviceinfo and ISDi read them. Nothing that names the owner
or the phone's books (SerialNumber, IMEI, ActivationState) is told before pairing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from provisioning.virtual.iphone.certificates import device_key
from provisioning.virtual.iphone.phone import ACTIVATED, VirtualIPhone
from provisioning.virtual.iphone.plist import Plist

UNPAIRED_KEYS: Final = frozenset(
    {
        "BasebandCertId", "BasebandKeyHashInformation", "BasebandSerialNumber", "BasebandVersion", "BoardId",
        "BuildVersion", "CPUArchitecture", "ChipID", "DeviceClass", "DeviceColor", "DeviceName", "DieID",
        "HardwareModel", "HasSiDP", "PartitionType", "ProductName", "ProductType", "ProductVersion", "ProductionSOC",
        "ProtocolVersion", "SupportedDeviceFamilies", "TelephonyCapability", "UniqueChipID", "UniqueDeviceID",
        "WiFiAddress",
    }
)  # fmt: skip
"""What GetValue {} gives without a session; DevicePublicKey may be asked for besides, by name."""
_LISTED_ONLY_BY_NAME: Final = frozenset({"DevicePublicKey"})
_CAPACITY: Final = 128_000_000_000


def domain_values(phone: VirtualIPhone, domain: str, paired: bool) -> dict[str, Plist]:
    """Give a domain's dictionary as GetValue without a key does; ``""`` is the one without a name.

    Without a session the named domains are empty, but for the language (inferred from the unpaired key set).
    """
    if not domain:
        values = {k: v for k, v in _device(phone).items() if k not in _LISTED_ONLY_BY_NAME}
        return values if paired else {key: values[key] for key in values if key in UNPAIRED_KEYS}
    if not paired and domain != "com.apple.international":
        return {}
    return {**_domains(phone).get(domain, {}), **phone.settings.of(domain)}


def private_keys(phone: VirtualIPhone, domain: str) -> set[str]:
    """Name the keys that exist but are told only in a session (GetProhibited otherwise)."""
    return set(domain_values(phone, domain, paired=True)) - set(domain_values(phone, domain, paired=False))


def by_name(phone: VirtualIPhone, key: str) -> Plist | None:
    """Give a value that is listed nowhere but answered when asked for by name."""
    return device_key().pem if key == "DevicePublicKey" else None


def _device(phone: VirtualIPhone) -> dict[str, Plist]:
    model, identity = phone.model, phone.identity
    zone = phone.settings.text("TimeZone")
    values: dict[str, Plist] = {
        "ActivationState": phone.activation_state,
        "ActivationStateAcknowledged": phone.activation_state == ACTIVATED,
        "BluetoothAddress": identity.bluetooth_address,
        "BoardId": model.board_id,
        "BootSessionID": identity.boot_session,
        "BrickState": phone.activation_state != ACTIVATED,
        "BuildVersion": model.build,
        "CPUArchitecture": "arm64e",
        "CertID": 3095201109,
        "ChipID": model.chip_id,
        "DeviceClass": model.device_class,
        "DeviceColor": model.colour,
        "DieID": identity.ecid,
        "EthernetAddress": identity.ethernet_address,
        "FirmwareVersion": model.firmware_version,
        "FusingStatus": 3,
        "HardwareModel": model.hardware_model,
        "HardwarePlatform": model.hardware_platform,
        "HasSiDP": True,
        "HostAttached": True,
        "HumanReadableProductVersionString": model.os_version,
        "MLBSerialNumber": f"F3X{identity.ecid:014X}"[:17],
        "ModelNumber": model.model_number,
        "NonVolatileRAM": {"boot-args": ""},
        "PairRecordProtectionClass": 4,
        "PartitionType": "GUID_partition_scheme",
        "PasswordProtected": phone.locked,
        "ProductName": "iPhone OS",
        "ProductType": model.product_type,
        "ProductVersion": model.os_version,
        "ProductionSOC": True,
        "ProtocolVersion": "2",
        "RegionInfo": model.region_info,
        "SerialNumber": identity.serial_number,
        "SoftwareBundleVersion": "",
        "SupportedDeviceFamilies": [model.device_family] if model.device_family == 1 else [1, 2],
        "TelephonyCapability": model.telephony,
        "TimeIntervalSince1970": phone.now,
        "TimeZone": zone,
        "TimeZoneOffsetFromUTC": _offset(zone, phone.now),
        "TrustedHostAttached": True,
        "UniqueChipID": identity.ecid,
        "UniqueDeviceID": identity.udid,
        "UseRaptorCerts": True,
        "Uses24HourClock": True,
        "WiFiAddress": identity.wifi_address,
        **phone.settings.of(""),
    }
    values.pop("UntrustedHostBUID", None)
    if model.telephony:
        values.update(_modem(phone))
    return values


def _modem(phone: VirtualIPhone) -> dict[str, Plist]:
    first, second = phone.identity.imeis
    esim = phone.data_plan_present
    return {
        "BasebandActivationTicketVersion": "V2",
        "BasebandCertId": 3095201109,
        "BasebandChipID": 938209,
        "BasebandKeyHashInformation": {"AKeyStatus": 2, "SKeyStatus": 0},
        "BasebandSerialNumber": phone.identity.ecid.to_bytes(8, "big")[-4:],
        "BasebandStatus": "BBInfoAvailable",
        "BasebandVersion": phone.model.baseband_version,
        "CarrierBundleInfoArray": [],
        "InternationalMobileEquipmentIdentity": first,
        "InternationalMobileEquipmentIdentity2": second,
        "MobileEquipmentIdentifier": first[:14],
        "MobileSubscriberCountryCode": "234" if esim else "",
        "MobileSubscriberNetworkCode": "10" if esim else "",
        "SIMStatus": "kCTSIMSupportSIMStatusReady" if esim else "kCTSIMSupportSIMStatusNotInserted",
        "SIMTrayStatus": "kCTSIMSupportSIMTrayInsertedNoSIM",
        "WirelessBoardSerialNumber": f"{phone.identity.ecid:012X}"[:12],
        "kCTPostponementInfoServiceProvisioningState": False,
        "kCTPostponementStatus": "kCTPostponementStatusActivated",
    }


def _domains(phone: VirtualIPhone) -> Mapping[str, dict[str, Plist]]:
    setup: dict[str, Plist] = {"SetupDone": phone.setup_done, "SetupFinishedAllSteps": phone.setup_done}
    used = 9_400_000_000 + 60_000_000 * sum(app.type == "User" for app in phone.apps)
    disk: dict[str, Plist] = {
        "TotalDiskCapacity": _CAPACITY,
        "TotalSystemCapacity": 11_000_000_000,
        "TotalSystemAvailable": 0,
        "TotalDataCapacity": _CAPACITY - 11_000_000_000,
        "TotalDataAvailable": _CAPACITY - 11_000_000_000 - used,
        "AmountDataAvailable": _CAPACITY - 11_000_000_000 - used,
        "AmountDataReserved": 209_715_200,
        "AmountRestoreAvailable": _CAPACITY // 2,
        "MobileApplicationUsage": used,
        "CameraUsage": 0,
        "PhotoUsage": 0,
    }
    language = phone.settings.text("Language", "com.apple.international")
    return {
        "com.apple.international": {
            "SupportedLanguages": ["en-GB", "en", "cy", "fr", "de", "es"],
            "SupportedLocales": ["en_GB", "en_US", "cy_GB", "fr_FR", "de_DE", "es_ES"],
            "SupportedKeyboards": ["en_GB", "en_US"],
            "HostKeyboard": language,
        },
        "com.apple.disk_usage": disk,
        "com.apple.disk_usage.factory": {key: disk[key] for key in ("TotalDiskCapacity", "TotalDataCapacity")},
        "com.apple.mobile.battery": {
            "BatteryCurrentCapacity": phone.battery_percent,
            "BatteryIsCharging": phone.battery_percent < 100,
            "ExternalChargeCapable": True,
            "ExternalConnected": True,
            "FullyCharged": phone.battery_percent == 100,
            "GasGaugeCapability": True,
            "HasBattery": True,
        },
        "com.apple.mobile.backup": {
            "CloudBackupEnabled": False,
            "RequiresEncryption": 0,
            "Version": "2.0",
            "WillEncrypt": False,
        },
        "com.apple.mobile.chaperone": {"DeviceIsChaperoned": phone.management.supervised},
        "com.apple.purplebuddy": setup,
        "com.apple.PurpleBuddy": setup,
        "com.apple.fmip": {"IsAssociated": phone.find_my},
        "com.apple.mobile.iTunes": {
            "BuddyCompleted": phone.setup_done,
            "UseVoiceMemos": True,
            "MinITunesVersion": "12.8",
        },
        "com.apple.mobile.lockdown_cache": {"ActivationState": phone.activation_state},
        "com.apple.mobile.wireless_lockdown": {"EnableWifiConnections": False, "BonjourFullServiceName": ""},
        "com.apple.mobile.software_behavior": {"Valid": True, "GoogleMail": False},
        "com.apple.security.mac.amfi": {"DeveloperModeStatus": False},
        "com.apple.xcode.developerdomain": {"DeveloperStatus": "Off"},
    }


def _offset(zone: str, now: float) -> int:
    try:
        offset = datetime.fromtimestamp(now, ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return 0
    return int(offset.total_seconds()) if offset else 0
