"""Measure what the catalogue recognises by bare identifiers, split by popularity, and list what it misses.

``python -m tests.tools.measure_catalogue [FILE]``: FILE has the columns of ``catalogue/measured.tsv``, which is what is
measured when none is given: lists of others that the catalogue was not built from, with what it said of each identifier
at first sight. It learned from the misses afterwards, from those that were once kept apart too, so only the column “at
first sight” tells of the unseen. “apart” is one in eight, by a hash, of all that five lists name on the shelves of
social, dating and communication apps and that is one by its name; “held out” are the hardest of them. “kept apart” is
one in three, by a hash, of what later lists name; “20 charts” and “10 charts” stood in those of the App Store’s section
“Social Networking” in at least 20 and in 10 to 19 countries; “F-Droid” is what its categories say.
Nothing but the identifier is given: no store section, no certificate, no name.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.load import load_catalogue
from provisioning.inventory import App
from provisioning.platforms import Platform
from provisioning.verification.judgement import Social

MEASURED = Path(__file__).parent / "catalogue" / "measured.tsv"
SOCIAL = "social"


def main() -> int:
    """Measure and print."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else MEASURED
    catalogue = load_catalogue()
    rows: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for line in file.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            popularity, platform, identifier, kind, first, _ = line.split("\t")
            said = told(catalogue, Platform(platform), identifier, social=kind == SOCIAL)
            rows[popularity, platform].append((identifier, first, said))
    print(f"Catalogue {catalogue.reference.version}, bare identifiers")
    for (popularity, platform), ones in rows.items():
        good = "left alone" if popularity == "innocent" else "found"
        first, now = (sum(one[at] == good for one in ones) for at in (1, 2))
        print(f"{popularity:10} {platform:8} {len(ones):4}  {good} at first sight {share(first, len(ones))},"
              f" now {share(now, len(ones))}")  # fmt: skip
        for identifier, _, said in ones:
            if said != good:
                print(f"           {said}: {identifier}")
    return 0


def told(catalogue: Catalogue, platform: Platform, identifier: str, *, social: bool) -> str:
    """Say what becomes of an identifier; a known app of a class that is no social one, such as work chat, is found."""
    result = catalogue.classify(platform, App(identifier))
    if not social:
        return "left alone" if result.social in {Social.NO, Social.UNKNOWN} else str(result.social)
    return "found" if result.family is not None or result.social in {Social.YES, Social.SUSPECTED} else "missed"


def share(part: int, whole: int) -> str:
    """Print a share."""
    return f"{part:4} ({part / whole:6.1%})"


if __name__ == "__main__":
    sys.exit(main())
