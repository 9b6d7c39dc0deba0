"""Find the labels by which makers of social apps give themselves away: ``skout`` in com.skout.android.

    python -m tests.tools.catalogue_makers OTHERS WORDS > tests/tools/catalogue/makers.tsv

OTHERS has one identifier a line, of apps that are something else, many of them: what one of these bears is no such
label. WORDS are those of dictionaries, one a line: they are no maker's, but for the few in ``KEPT``. With 144,663
others of stores' other shelves, of firmware, icon packs and archives, 0.14 % of innocent apps that were not among them
bore such a label, and 18 to 21 % of social apps that the catalogue had not seen.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.identifiers import fold
from provisioning.catalogue.labels import SHORTEST_MAKER, makers_of
from provisioning.catalogue.load import load_catalogue
from provisioning.verification.judgement import Social

ON_ONE_LINE = 12
KEPT = frozenset(
    {
        "blued", "bumble", "chispa", "cupid", "foursquare", "hinge", "hornet", "mamba", "mastodon", "meetup",
        "chaton", "clapper", "mitron", "nextdoor", "parler", "soulmate", "swingers", "tagged", "threesome", "tinder",
        "triller", "trovo", "whatnot", "yammer",
    }
)  # fmt: skip
"""Words of dictionaries that are brands or say it."""
DROPPED = frozenset(
    {
        "affinityclick", "baloo", "bytedance", "bytelovers", "cathand", "christianselig", "dcard", "espana",
        "hermione", "hotmart", "idunnololz", "imageboards", "instapro", "inven", "jonny", "kanedias", "kitsu",
        "liveapp", "luckychat", "ludus", "meecha", "morlunk", "plink", "projectz", "realsports", "rumble", "shiggy",
        "simplelive", "sisomobile", "stanford", "startway", "strava", "talkme", "telegram", "threads", "toutiao",
        "wikilab", "willbishop", "zfdang",
    }
)  # fmt: skip
"""Another maker's, a person's and a university's, borne by one such app by chance; brands that many others name; names
that any other app may have; and makers of whom apps of other sections were met."""
COLLISIONS = 6
"""Of so many social apps with a label one innocent app may bear it too."""


def main() -> int:
    """Print the labels, by family where all identifiers with one are of the same."""
    others, words = (Path(name).read_text("utf-8").split() for name in sys.argv[1:3])
    print("# Labels of social apps' identifiers that none of 144,663 others bears: family (empty: of several), labels.")
    for family, labels in sorted(makers(load_catalogue(), others, words).items(), key=lambda one: one[0].casefold()):
        ordered = sorted(labels)
        for start in range(0, len(ordered), ON_ONE_LINE):
            print(f"{family}\t{' '.join(ordered[start : start + ON_ONE_LINE])}")
    return 0


def makers(catalogue: Catalogue, others: Iterable[str], words: Iterable[str]) -> dict[str, set[str]]:
    """Give the labels by family; the empty family for those of several, or of shelves."""
    families: dict[str, set[str]] = defaultdict(set)
    bearers: Counter[str] = Counter()
    first: set[str] = set()
    for identifier, family in _social(catalogue):
        labels = makers_of(fold(identifier))
        first.update(labels[1:2])
        for label in set(labels):
            bearers[label] += 1
            families[label].add(family)
    borne = Counter(label for identifier in others for label in set(makers_of(fold(identifier))))
    brands = {"".join(c for c in family.lower() if c.isalnum()) for family in catalogue.families}
    ordinary = (frozenset(words) - KEPT) | DROPPED
    found: dict[str, set[str]] = defaultdict(set)
    for label, count in bearers.items():
        its_own = label in first or label in brands or count > 1
        rare = borne[label] <= count // COLLISIONS and label not in ordinary and not label.isdigit()
        if len(label) >= SHORTEST_MAKER and its_own and rare:
            (family, *more) = families[label]
            found["" if more else family].add(label)
    for family, app_class in catalogue.families.items():
        name = "".join(c for c in family.lower() if c.isalnum())  # a brand that no known identifier bears, so far
        rare = not borne[name] and name not in ordinary and not name.isdigit() and name.isascii()
        social = catalogue.classes[app_class].social is not Social.NO
        if social and rare and len(name) >= SHORTEST_MAKER and name not in bearers:
            found[family].add(name)
    return found


def _social(catalogue: Catalogue) -> Iterable[tuple[str, str]]:
    for entry in catalogue.entries:
        if catalogue.classes[entry.app_class].social is not Social.NO and entry.kind not in {"stub", "companion"}:
            yield entry.identifier, entry.family
    for group in catalogue.listed:
        for identifier in group.identifiers:
            yield identifier, ""


if __name__ == "__main__":
    sys.exit(main())
