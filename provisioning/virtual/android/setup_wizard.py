"""The first screen of a factory-fresh Android: six taps open a camera, and what it scans makes somebody device owner.

Order and refusals as ManagedProvisioning has them (AOSP, ``PreProvisioningController``, ``DownloadPackageTask``,
``VerifyAdminPackageTask``): the JSON is read, a network joined, the controller downloaded, its digest compared, then it
is installed and made owner. Any failure ends at a screen that offers to reset. Not simulated: which of the maker's apps
go away without LEAVE_ALL_SYSTEM_APPS_ENABLED, Google's allow-list of controllers, the controller's own screens.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, cast

from provisioning.virtual.android.apk.reading import read_apk
from provisioning.virtual.android.shell.interpreter import Shell
from provisioning.virtual.android.shell.streams import Collected, Given

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid

_KEY = "android.app.extra.PROVISIONING_"
_DOWNLOAD_SECONDS = 20
_LARGEST = 200 << 20
DEBUGGING = "leave_debugging_on"
"""What the rack's controller understands of its extras: ``true`` switches USB debugging on (setGlobalSetting)."""


class ProvisioningFailed(Exception):
    """Raised where the wizard ends at the screen that offers to reset; ``str()`` is what it says."""


async def scan(phone: VirtualAndroid, text: str) -> None:
    """Tap six times and scan ``text``. Raises ProvisioningFailed."""
    if phone.state != "factory-fresh":
        raise ProvisioningFailed("the first screen is long gone")
    try:
        said = cast("dict[str, Any]", json.loads(text))
        component, location = (
            str(said[f"{_KEY}DEVICE_ADMIN_COMPONENT_NAME"]),
            str(said[f"{_KEY}DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION"]),
        )
    except (ValueError, KeyError, TypeError):
        raise ProvisioningFailed("Couldn't set up device. Contact your IT admin for help.") from None
    if not said.get(f"{_KEY}WIFI_SSID") and not said.get(f"{_KEY}USE_MOBILE_DATA"):
        raise ProvisioningFailed("Connect to Wi-Fi")
    apk = await asyncio.to_thread(_downloaded, location)
    if not _fits(apk, said):
        raise ProvisioningFailed("Couldn't use the admin app. It's missing components or corrupted.")
    phone.files.write("/data/local/tmp/provisioning.apk", apk, 0o644)
    kept = Collected()
    owned = await Shell(phone).run(
        f"pm install -r /data/local/tmp/provisioning.apk && dpm set-device-owner {component}", Given(b""), kept, kept
    )
    if owned != 0:
        raise ProvisioningFailed("Couldn't set up device. Contact your IT admin for help.")
    extras = cast("dict[str, Any]", said.get(f"{_KEY}ADMIN_EXTRAS_BUNDLE") or {})
    phone.state = ""
    phone.settings.put("secure", "user_setup_complete", "1")
    phone.settings.put("global", "device_provisioned", "1")
    phone.policy.provisioning_state[0] = 3
    if str(extras.get(DEBUGGING, "")).lower() == "true":
        phone.settings.put("global", "development_settings_enabled", "1")
        phone.settings.put("global", "adb_enabled", "1")
        await phone.plug()


def _downloaded(location: str) -> bytes:
    if not location.startswith(("http://", "https://")):
        raise ProvisioningFailed("Couldn't download the admin app.")
    try:
        with urllib.request.urlopen(location, timeout=_DOWNLOAD_SECONDS) as answer:  # noqa: S310 - checked above
            return bytes(answer.read(_LARGEST))
    except (urllib.error.URLError, OSError, ValueError):
        raise ProvisioningFailed("Couldn't download the admin app.") from None


def _fits(apk: bytes, said: dict[str, Any]) -> bool:
    """Compare as Android does: a package checksum with the file, a signature checksum with its certificates."""
    for key, found in (
        ("DEVICE_ADMIN_PACKAGE_CHECKSUM", lambda: hashlib.sha256(apk).digest()),
        ("DEVICE_ADMIN_SIGNATURE_CHECKSUM", lambda: bytes.fromhex(read_apk(apk, "base.apk").certificate_sha256)),
    ):
        text = str(said.get(_KEY + key) or "")
        if text:
            try:
                wanted = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            except (binascii.Error, ValueError):
                return False
            return wanted == found()
    return False
