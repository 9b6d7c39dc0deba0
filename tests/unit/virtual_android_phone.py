"""A virtual Android without a wire: commands go straight into its shell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provisioning.platforms import Platform
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.android.shell.interpreter import Shell
from provisioning.virtual.android.shell.streams import Collected, Given
from provisioning.virtual.scenario import HandsetPlan, parse_fault


@dataclass(frozen=True)
class Said:
    """What a command printed and returned."""

    out: str
    err: str
    code: int


def phone(profile: str, *faults: str, **plan: Any) -> VirtualAndroid:
    """Make a handset of a profile; further words go into its plan (``state=``, ``users=``, ``apps=`` …)."""
    import tomllib
    from importlib.resources import files

    details = tomllib.loads(files("resources").joinpath("virtual", f"{profile}.toml").read_text("utf-8"))
    details |= plan.pop("details", {})
    apps = tuple({"id": app} if isinstance(app, str) else app for app in plan.pop("apps", ()))
    return VirtualAndroid(
        HandsetPlan(
            Platform.ANDROID, profile, 0, details, apps=apps, faults=tuple(parse_fault(f) for f in faults), **plan
        )
    )


async def say(handset: VirtualAndroid, command: str, stdin: bytes = b"") -> Said:
    """Run a command line in a fresh shell."""
    out, err = Collected(), Collected()
    code = await Shell(handset).run(command, Given(stdin), out, err)
    return Said(out.data.decode("utf-8", "surrogateescape"), err.data.decode("utf-8", "surrogateescape"), code)
