"""Tell a controller whose it is through its command channel, and read back that it knows.

Orders of TestDPC's command line (``ShellCommand.java`` at d42d7f1, 29 January 2026): ``set-app-restrictions PACKAGE
KEY=VALUE …`` puts managed settings on an app, here on the controller itself, replacing those that were there; asked for
one app alone, ``get-app-restrictions`` prints the controller's own. TestDPC cuts ``KEY=VALUE`` at every ``=`` and drops
what is left over, so a value with ``=`` in it arrives short: only the comparison tells. It also writes its words into
the handset's own log (logcat), which goes with the handset: a token should be one that ends soon.

A value is in no log, no exception and no answer of this module; what is said about it names its key.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from provisioning.android.cable import Talk
from provisioning.android.controller import Controller, NoService
from provisioning.android.install import HANDING_OVER
from provisioning.android.reading import lines
from provisioning.errors import HandsetRefused
from provisioning.organisation import TokenOrder
from provisioning.plain_text import one_line

logger = logging.getLogger(__name__)

LOOKS = 3
_PAUSE = 0.5
"""Seconds between two looks; Android writes managed settings to disk before it answers."""


def tell(talk: Talk, package: str, order: TokenOrder) -> None:
    """Give the controller its settings and make sure that it has them whole.

    Raises HandsetRefused with what it said instead, WireError, Unreadable.
    """
    channel = Controller(talk, package)
    words = [f"{key}={value}" for key, value in order.settings.items()]
    try:
        channel.wait()
        said = channel.confide(("set-app-restrictions", package, *words))
    except NoService as error:
        raise HandsetRefused(HANDING_OVER, f"its controller takes no orders ({error}); restart the handset") from error
    if f"Set {len(words)} app restrictions for {package}" not in said:
        raise HandsetRefused(HANDING_OVER, f"its controller did not take them: {_without(order.settings, said)}")
    logger.info("controller: told %d settings (%s)", len(words), ", ".join(sorted(order.settings)))
    missing = lacking(talk, package, order)
    for _ in range(LOOKS - 1):
        if not missing:
            return
        time.sleep(_PAUSE)
        missing = lacking(talk, package, order)
    if missing:
        cut = " (its command line cuts values at “=”)" if any("=" in order.settings[key] for key in missing) else ""
        raise HandsetRefused(HANDING_OVER, f"its controller does not have “{missing[0]}” as it was told{cut}")


def lacking(talk: Talk, package: str, order: TokenOrder) -> list[str]:
    """Name the settings that the controller does not have as they are ordered. Raises WireError, Unreadable.

    A controller whose service does not answer has none of them, as far as anybody can tell.
    """
    try:
        has = read_settings(Controller(talk, package).confide(("get-app-restrictions", package)), package)
    except NoService:
        return sorted(order.settings)
    return sorted(key for key, value in order.settings.items() if has.get(key) != value)


def read_settings(said: str, package: str) -> Mapping[str, str]:
    """Read what ``get-app-restrictions`` printed about one app; nothing where it has no settings."""
    found: dict[str, str] = {}
    heading, *rows = lines(said)
    if not heading.endswith(f" for {package}") or heading.startswith("No app restrictions"):
        return found
    for row in rows:
        key, is_setting, value = row.removeprefix("  ").partition(" = ")
        if not is_setting or not row.startswith("  ") or key in found:
            return {}
        found[key] = value
    return found


def _without(settings: Mapping[str, str], said: str) -> str:
    """Give what the controller said, its own settings blotted out of it."""
    for value in sorted(filter(None, settings.values()), key=len, reverse=True):
        said = said.replace(value, "…")
    return one_line(said.strip().split("\n")[0], 120) or "it said nothing"
