"""How long a real iPhone takes over each message on USB 2, in seconds: the one table, each figure with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from provisioning.virtual.faults import NO_DELAY, Pace

_SECONDS: Final[Mapping[str, float]] = {
    # usbmuxd issue 116 (log with milliseconds, iOS 10): connect, QueryType and StartSession within 4 ms of the plug.
    "Connect": 0.002,
    "QueryType": 0.001,
    "GetValue": 0.002,
    "SetValue": 0.005,
    "StartSession": 0.002,
    # Same log: 0.2 s for a Pair that brings up the dialog, the host's key generation included.
    "Pair": 0.1,
    # usbmuxd issue 267 (log, iPhone XR): 26 ms from the plug to the start of the preflight.
    "Attach": 0.03,
    # Estimate: a handshake with a 2048 bit RSA key on the device's side and three flights over USB.
    "TLS": 0.03,
    # usbmuxd issue 137 (log): StartService answered within the same 10 ms as the next connection to its port.
    "StartService": 0.01,
    # pymobiledevice3 issue 763: "apps list takes 1-2 s" for a person's phone, below 1 s with few attributes.
    "Browse": 0.8,
    "Lookup": 0.8,
    # Estimates from the steps that a technician sees; no public log has these with times.
    "Uninstall": 1.5,
    "InstallProfile": 0.8,
    "InstallProfileSilent": 0.8,
    "RemoveProfile": 0.5,
    "SetCloudConfiguration": 0.5,
    "ProceedWithKeybagMigration": 0.2,
    "Restrictions": 0.1,
    "InstalledApplicationList": 0.5,
    "getIconState": 0.15,
    # A person: sees the dialog, taps Trust, types six digits. Estimate.
    "Trust": 4.0,
    # Estimate: 30 s and more pass until an erased phone is back on the cable.
    "Erase": 35.0,
    # A person: chooses the desk's Wi-Fi at the Hello screen. Estimate.
    "Activate": 20.0,
    # go-ios waits up to 5 minutes for SpringBoard after a restart; 40 s is what one sees. Estimate.
    "Reboot": 40.0,
}
_OTHERWISE: Final = 0.003


def pace_of(latency: Literal["none", "usb"]) -> Pace:
    """Give the pace of a rack: every answer at once, or as on a real cable."""
    return NO_DELAY if latency == "none" else Pace(_SECONDS, _OTHERWISE)
