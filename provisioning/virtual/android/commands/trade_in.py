"""``tradeinmode``, the one command of a handset in Android 16's trade-in mode.

AOSP ``adb/docs/dev/adb_tradeinmode.md``: ``getstatus`` prints JSON, ``evaluate`` leaves setup and makes the next boot
reset the handset. Outside the mode it says that the mode is not on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from provisioning.virtual.android.shell.process import Process, Program


async def tradeinmode(process: Process) -> int:
    """Run ``tradeinmode getstatus|evaluate``."""
    phone = process.phone
    verb = process.arguments[0] if process.arguments else ""
    if phone.android < 16:
        process.err("/system/bin/sh: tradeinmode: inaccessible or not found\n")
        return 127
    if verb == "getstatus":
        process.line(json.dumps(_status(process), separators=(",", ":")))
        return 0
    if verb == "evaluate" and phone.trade_in:
        # Setup is left and the next start erases everything: nothing that an issuing desk ever wants.
        phone.settings.put("secure", "user_setup_complete", "1")
        phone.settings.put("global", "device_provisioned", "1")
        phone.trade_in = False
        phone.settings.put("global", "adb_enabled", "1")
        return 0
    process.line("Usage: tradeinmode [getstatus [-challenge CHALLENGE] | evaluate]")
    return 1 if not verb else 255


def _status(process: Process) -> dict[str, object]:
    phone = process.phone
    return {
        "battery": {"cycle_count": 12, "health": 100, "state": 2},
        "storage": {"useful_lifetime_remaining": 100, "capacity_bytes": "128000000000"},
        "launch_level": phone.profile.sdk,
        "locks": {"factory_reset_protection": False},
        "product": {"manufacturer": phone.profile.maker, "model": phone.profile.model, "device": phone.profile.device},
        "imei": phone.imei,
        "serial": phone.serial_number,
    }


PROGRAMS: Mapping[str, Program] = {"tradeinmode": tradeinmode}
