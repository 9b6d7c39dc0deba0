"""``service call iphonesubinfo``: the parcel of a string, printed as native ``service`` does.

``Parcel::print`` of AOSP libbinder: rows of four words with their characters; the string is UTF-16 after a zero
exception word and its length. From Android 10 on the caller's package must be given, else the call throws.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from provisioning.virtual.android.shell.process import Process, Program

_DEVICE_ID = "1"
_DENIED = "getDeviceId: The user 2000 does not meet the requirements to access device identifiers."


_INTERFACES = {
    "account": "android.accounts.IAccountManager",
    "activity": "android.app.IActivityManager",
    "appops": "com.android.internal.app.IAppOpsService",
    "battery": "",
    "device_policy": "android.app.admin.IDevicePolicyManager",
    "iphonesubinfo": "com.android.internal.telephony.IPhoneSubInfo",
    "package": "android.content.pm.IPackageManager",
    "settings": "",
    "user": "android.os.IUserManager",
}
"""Those that are simulated; a real handset lists some 200."""


async def service(process: Process) -> int:
    """Run ``service call|check|list``."""
    words = process.arguments
    if words[:1] == ["check"] and len(words) > 1:
        found = words[1] in {"package", "activity", "iphonesubinfo", "device_policy", "user", "settings"}
        process.line(f"Service {words[1]}: {'found' if found and process.phone.services_ready else 'not found'}")
        return 0
    if words[:1] == ["list"]:
        process.line(f"Found {len(_INTERFACES)} services:")
        for number, (name, interface) in enumerate(_INTERFACES.items()):
            process.line(f"{number}\t{name}: [{interface}]")
        return 0
    if len(words) < 3 or words[0] != "call":
        process.err("service: No service specified for call\n")
        return 10
    if words[1] != "iphonesubinfo" or not process.phone.services_ready:
        process.err(f"service: Service {words[1]} does not exist\n")
        return 10
    if words[2] == _DEVICE_ID and "com.android.shell" in words:
        process.out(f"Result: {parcel(process.phone.imei)}\n")
    else:
        process.out(f"Result: {_exception(_DENIED)}\n")
    return 0


def parcel(text: str) -> str:
    """Print the parcel of a returned string."""
    return _printed(struct.pack("<II", 0, len(text)) + _padded(text))


def _exception(text: str) -> str:
    return _printed(struct.pack("<iI", -1, len(text)) + _padded(text) + struct.pack("<I", 0))


def _padded(text: str) -> bytes:
    data = text.encode("utf-16-le") + b"\0\0"
    return data + bytes(-len(data) % 4)


def _printed(data: bytes) -> str:
    rows: list[str] = []
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        words = [f"{struct.unpack_from('<I', row, i)[0]:08x}" for i in range(0, len(row), 4)]
        characters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(f"  0x{at:08x}: {' '.join(words):<35} '{characters:<16}'")
    return "Parcel(\n" + "\n".join(rows) + ")"


PROGRAMS: Mapping[str, Program] = {"service": service}
