"""What a host or a person may set on one phone: name, language, time zone and the like."""

from __future__ import annotations

from typing import Final

from provisioning.virtual.iphone.plist import Plist

_NAMED: Final = {"iPhone": "iPhone", "iPad": "iPad"}
SETTABLE: Final[dict[str, frozenset[str]]] = {
    "": frozenset({"DeviceName", "TimeZone", "TimeIntervalSince1970", "Uses24HourClock", "UntrustedHostBUID"}),
    "com.apple.international": frozenset({"Language", "Locale", "Keyboard"}),
    "com.apple.mobile.wireless_lockdown": frozenset({"EnableWifiConnections", "EnableWifiDebugging"}),
    "com.apple.Accessibility": frozenset(
        {"VoiceOverTouchEnabledByiTunes", "ZoomTouchEnabledByiTunes", "InvertDisplayEnabledByiTunes"}
    ),
    "com.apple.mobile.data_sync": frozenset({"Contacts", "Calendars", "Bookmarks", "Notes"}),
    "com.apple.mobile.iTunes.store": frozenset({"AppleID", "KnownAccounts"}),
}
"""Keys that hosts are known to set (usbmuxd, go-ios, pymobiledevice3); anything else is SetProhibited, by inference."""
_SETUP_ONLY: Final = frozenset({"TimeZone", "TimeIntervalSince1970"})
"""Taken without an error and without effect once the Setup Assistant is over (go-ios, comment in Prepare)."""
_LONGEST_NAME: Final = 255


class Settings:
    """The settings of one phone, by lockdown domain and key."""

    def __init__(self, device_class: str) -> None:
        self._values: dict[tuple[str, str], Plist] = {
            ("", "DeviceName"): _NAMED.get(device_class, device_class),
            ("", "TimeZone"): "Europe/London",
            ("", "Uses24HourClock"): True,
            ("com.apple.international", "Language"): "en-GB",
            ("com.apple.international", "Locale"): "en_GB",
            ("com.apple.international", "Keyboard"): "en_GB",
        }

    def set(self, domain: str, key: str, value: Plist, at_setup: bool) -> bool:
        """Set a value as lockdownd does; gives False for a key that hosts may not set or a value that is no setting."""
        if key not in SETTABLE.get(domain, frozenset()):
            return False
        if isinstance(value, list | dict) or (isinstance(value, str | bytes) and len(value) > _LONGEST_NAME):
            return False
        if at_setup or key not in _SETUP_ONLY:
            self._values[domain, key] = value
        return True

    def remove(self, domain: str, key: str) -> bool:
        """Remove a value; gives False for a key that hosts may not set."""
        if key not in SETTABLE.get(domain, frozenset()):
            return False
        self._values.pop((domain, key), None)
        return True

    def of(self, domain: str) -> dict[str, Plist]:
        """Give the settings of one domain."""
        return {key: value for (where, key), value in self._values.items() if where == domain}

    def text(self, key: str, domain: str = "") -> str:
        """Give a setting as text; empty where it is not set."""
        value = self._values.get((domain, key), "")
        return value if isinstance(value, str) else ""
