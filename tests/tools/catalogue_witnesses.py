"""Read public lists that bear witness that an identifier exists, beside those that also say what the app is called.

None of these makes an app known as something else: icon packs name drawables, studies and archives name nothing.
"""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from xml.parsers.expat import ExpatError

PACKS = {
    "ikku47": "ikku47/appfilter",
    "pixel-icons": "ELY3M/pixel-icons",
    "leos": "LeOS-GSI/LeOS-Icons",
    "pure": "morirain/PureIconPack",
    "axinen": "AxinenDesign/Appfilter-XML",
    "plouff": "Plouff/Arcticons",
    "modded": "ModdedGamers/Arcticons",
    "ruffa": "RuffaWuffa/Arcticons",
    "ameixa": "braniii/Ameixa",
    "alium": "StudiosRevolutionTech/Alium",
    "stratus": "mrbattery1130/Stratus-icon-pack",
    "oblatum": "Oblatum/Oblatum-IconPack-Reborn",
    "mbe": "meolunr/MBEStyle",
    "amphetamine": "PrunedNeuron/Amphetamine",
    "neo": "MadestSamurai/NeoIconPack",
    "a-random": "a-random-package/AppFilter",
    "only-one": "HowieHChen/OnlyOne",
    "unleash": "WALMIN/UnleashIconPack",
    "nothing-much": "TeamNothingMuch/NothingMuch",
}
LISTS = {
    "tweasel": (
        "tweaselORG/experiments app lists of traffic studies",
        "tweaselORG+experiments/monkey-*/data/app-ids-{}.txt",
    ),
    "platformcontrol": (
        "TrackerControl/platformcontrol-android-ios-analysis",
        "TrackerControl+platformcontrol-android-ios-analysis/data_processed/{}_all_apps.csv",
    ),
}
IPA = "relikd+ipa-archive"
TITLES = {
    **{code: f"{repository} appfilter" for code, repository in PACKS.items()},
    **{code: title for code, (title, _) in LISTS.items()},
    "ipa": "relikd/ipa-archive Info.plists of archived iOS apps",
    "matomo": "matomo-org/device-detector client hints",
}


def witnesses(copies: Path) -> Iterator[tuple[str, str, str]]:
    """Give source, platform and identifier, once for each."""
    for code, repository in PACKS.items():
        found: set[str] = set()
        for path in sorted((copies / repository.replace("/", "+")).rglob("*appfilter*.xml")):
            found |= set(re.findall(r"ComponentInfo\{\s*([^/}\"\s]+)/", path.read_text("utf-8", "replace")))
        yield from ((code, "android", identifier) for identifier in sorted(found))
    for code, (_, pattern) in LISTS.items():
        for platform in ("android", "ios"):
            for path in sorted(copies.glob(pattern.format(platform))):
                yield from ((code, platform, identifier) for identifier in path.read_text("utf-8").split())
    hints = copies / "matomo-org+device-detector/regexes/client/hints/apps.yml"
    if hints.exists():
        for identifier in re.findall(r"^'?([\w.]+)'?: ", hints.read_text("utf-8"), re.MULTILINE):
            yield "matomo", "android", identifier
    for path in sorted((copies / IPA / "data").glob("*/*.plist")):
        identifier = _bundle(path)
        if identifier:
            yield "ipa", "ios", identifier


def _bundle(path: Path) -> str | None:
    try:
        plist = cast("dict[str, Any]", plistlib.loads(path.read_bytes()))
    except (plistlib.InvalidFileException, ExpatError, ValueError):
        return None
    identifier = plist.get("CFBundleIdentifier")
    return identifier if isinstance(identifier, str) else None
