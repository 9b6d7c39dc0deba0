"""``getprop`` and ``setprop`` (toolbox)."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.virtual.android.properties import printed
from provisioning.virtual.android.shell.process import Process, Program


async def getprop(process: Process) -> int:
    """Print all properties, or one; an unset one is an empty line and code 0."""
    words = [word for word in process.arguments if not word.startswith("-")]
    properties = process.phone.properties
    if not words:
        process.out(printed(properties))
    else:
        process.line(properties.get(words[0]) or (words[1] if len(words) > 1 else ""))
    return 0


async def setprop(process: Process) -> int:
    """Set a property, as far as shell may."""
    if len(process.arguments) != 2:
        return process.fail("setprop: Needs 2 arguments")
    key, value = process.arguments
    if process.phone.set_property(key, value):
        return 0
    reason = "Read-only property was already set" if key.startswith("ro.") else "permission denied"
    return process.fail(f"Failed to set property '{key}' to '{value}'.\nSee dmesg for error reason. ({reason})")


PROGRAMS: Mapping[str, Program] = {"getprop": getprop, "setprop": setprop}
