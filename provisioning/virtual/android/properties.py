"""What getprop says: the image's properties, then what only a running handset has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid


_PARTITIONS = ("system", "system_ext", "vendor", "product", "odm")
"""Each image says the same of itself in properties of its own."""


def fixed_properties(phone: VirtualAndroid) -> dict[str, str]:
    """Give the properties that stay for the handset's life; a profile's own win over the derived ones."""
    profile = phone.profile
    build_id, incremental = profile.fingerprint.split("/")[3:5]
    incremental = incremental.partition(":")[0]
    bad = not profile.quirk("integrity", default=True)
    derived = {
        "ro.product.model": profile.model,
        "ro.product.brand": profile.brand,
        "ro.product.manufacturer": profile.maker,
        "ro.product.name": profile.product,
        "ro.product.device": profile.device,
        "ro.product.board": profile.device,
        "ro.product.cpu.abi": "arm64-v8a",
        "ro.product.cpu.abilist": "arm64-v8a",
        "ro.product.locale": "en-GB",
        "ro.build.id": build_id,
        "ro.build.display.id": profile.build,
        "ro.build.fingerprint": profile.fingerprint,
        "ro.build.version.release": str(profile.android),
        "ro.build.version.release_or_codename": str(profile.android),
        "ro.build.version.sdk": str(profile.sdk),
        "ro.build.version.security_patch": profile.security_patch,
        "ro.build.version.incremental": incremental,
        "ro.build.type": "user",
        "ro.build.tags": "release-keys",
        "ro.debuggable": "0",
        "ro.secure": "1",
        "ro.adb.secure": "1",
        "ro.crypto.state": "encrypted",
        "ro.crypto.type": "file",
        "ro.treble.enabled": "true",
        "ro.bootmode": "unknown",
        "ro.hardware": profile.device,
        "ro.boot.hardware": profile.device,
        "ro.boot.verifiedbootstate": "orange" if bad else "green",
        "ro.boot.flash.locked": "0" if bad else "1",
        "ro.boot.vbmeta.device_state": "unlocked" if bad else "locked",
        "ro.boot.veritymode": "enforcing",
    }
    for image in _PARTITIONS:
        for key in ("model", "brand", "manufacturer", "name", "device"):
            derived[f"ro.product.{image}.{key}"] = derived[f"ro.product.{key}"]
        for key in ("id", "fingerprint", "version.release", "version.sdk", "version.incremental", "type", "tags"):
            derived[f"ro.{image}.build.{key}"] = derived[f"ro.build.{key}"]
    if profile.samsung:
        derived |= {"ro.boot.warranty_bit": str(int(bad)), "ro.warranty_bit": str(int(bad)), "ro.csc.sales_code": "BTU"}
        derived["ro.build.PDA"] = derived["ro.build.version.incremental"]
    return derived | dict(profile.properties) | phone.mishaps.properties


def running_properties(phone: VirtualAndroid) -> Mapping[str, str]:
    """Give what depends on the moment: serial, boot, USB, owner."""
    booted = phone.boot_completed
    owner = phone.policy.device_owner
    serial = phone.reported_serial
    return {
        "ro.serialno": serial,
        "ro.boot.serialno": serial,
        "ro.boot.bootreason": "reboot",
        "sys.boot_completed": "1" if booted else "",
        "dev.bootcomplete": "1" if booted else "",
        "init.svc.adbd": "running",
        "init.svc.bootanim": "stopped" if booted else "running",
        "sys.usb.config": "mtp,adb",
        "sys.usb.state": "mtp,adb",
        "persist.sys.usb.config": "mtp,adb",
        "persist.sys.timezone": "Europe/London",
        "persist.sys.locale": "en-GB",
        # Set once at boot and never again ("Cannot change existing …"): stale until a restart.
        **({"ro.organization_owned": "true"} if phone.owned_at_boot else {}),
        **({"ro.device_owner": "true" if owner else "false"} if phone.android <= 11 and booted else {}),
        "gsm.sim.state": "ABSENT",
        "gsm.version.baseband": phone.profile.properties.get("ro.build.expect.baseband", "unknown"),
        **({"persist.adb.tradeinmode": "1"} if phone.trade_in else {}),
    }


def printed(properties: Mapping[str, str]) -> str:
    """Print as ``getprop`` without arguments: sorted, ``[key]: [value]``."""
    return "".join(f"[{key}]: [{properties[key]}]\n" for key in sorted(properties))
