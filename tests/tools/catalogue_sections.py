"""Find apps that are known to be something else by the section of a store that public lists name for them.

    python -m tests.tools.catalogue_sections LISTS > SECTIONS

LISTS has one line for each app that a public list of a store names: platform, identifier, section, name, source. Taken
are sections in which not one of 2,500 known social apps stands without saying so in its name; of those sections the
apps whose name is known, holds no social word, and says nothing of keeping or opening other apps; and of those the ones
that the catalogue itself has no word about. Education, health, books, travel, news, lifestyle and their like are not
taken: language partners, readers, hosts and commentators stand there.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.load import load_catalogue
from provisioning.inventory import App
from provisioning.platforms import Platform
from provisioning.verification.judgement import Social
from tests.tools.catalogue_innocents import SOCIAL_WORDS
from tests.tools.catalogue_shipped import tsv

ON_ONE_LINE = 12
SAFE = {
    "android": {
        "AUTO_AND_VEHICLES": "Auto & Vehicles", "FINANCE": "Finance", "HOUSE_AND_HOME": "House & Home",
        "MAPS_AND_NAVIGATION": "Maps & Navigation", "MEDICAL": "Medical", "SHOPPING": "Shopping", "TOOLS": "Tools",
        "WEATHER": "Weather", "GAME_ARCADE": "Arcade games", "GAME_BOARD": "Board games", "GAME_CARD": "Card games",
        "GAME_CASINO": "Casino games", "GAME_EDUCATIONAL": "Educational games", "GAME_PUZZLE": "Puzzle games",
        "GAME_RACING": "Racing games", "GAME_WORD": "Word games",
    },
    "ios": {
        "Finance": "Finance", "Food & Drink": "Food & Drink", "Games": "Games", "Navigation": "Navigation",
        "Weather": "Weather",
    },
}  # fmt: skip
STORES = {"android": "Google Play", "ios": "App Store"}
OPENS_OTHERS = re.compile(
    r"clone|dual|parallel|multi|space|account|hid(e|ing|den)|vault|lock|virtual|web|browser|search|market|store|apk|"
    r"install|remote|mirror|whats|telegram|signal|facebook|twitter|wechat|discord|messag|sms|share|video|vpn|proxy",
    re.IGNORECASE,
)
"""In a name: it may keep or open other apps, or be about a network."""


def main() -> int:
    """Print platform, what it is, sources and identifiers."""
    catalogue = load_catalogue()
    told: dict[tuple[str, str], list[tuple[str, str, str, str]]] = defaultdict(list)
    for platform, identifier, section, name, source in tsv(Path(sys.argv[1]), 5):
        told[platform, identifier.casefold()].append((identifier, section, name, source))
    groups: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for (platform, _), lines in told.items():
        what = _safe(catalogue, platform, lines)
        if what:
            groups[platform, what, " ; ".join(sorted({line[3] for line in lines}))].add(lines[0][0])
    for (platform, what, sources), identifiers in sorted(groups.items()):
        ordered = sorted(identifiers, key=lambda one: (one.casefold(), one))
        for start in range(0, len(ordered), ON_ONE_LINE):
            print("\t".join((platform, what, sources, " ".join(ordered[start : start + ON_ONE_LINE]))))
    return 0


def _safe(catalogue: Catalogue, platform: str, lines: list[tuple[str, str, str, str]]) -> str:
    """Say by what section an app is something else; empty where one list names another section, or no name."""
    sections = {section for _, section, _, _ in lines if section}
    names = [name for _, _, name, _ in lines if name]
    if not names or not sections or not sections <= SAFE[platform].keys():
        return ""
    if any(SOCIAL_WORDS.search(name) or OPENS_OTHERS.search(name) for name in names):
        return ""
    identifier = lines[0][0]
    for name in ("", *names):
        found = catalogue.classify(Platform(platform), App(identifier, name=name))
        if found.social is not Social.UNKNOWN or found.evidence:
            return ""
    return f"section {SAFE[platform][min(sections)]} of {STORES[platform]}"


if __name__ == "__main__":
    sys.exit(main())
