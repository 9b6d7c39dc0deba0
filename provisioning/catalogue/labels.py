"""What an identifier says in plain words, and whose it imitates. Like a name it is a hint and never more.

Whole labels, ends of labels and a few parts that mean one thing wherever they stand. Each was counted on 75,000
identifiers of stores' other shelves before it was taken, and what is *about* such apps (stickers, translators, fake
chats, games) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioning.catalogue.entries import Pointer, Signals

SHORTEST_MAKER = 5
"""Letters of a maker's or a product's label; shorter ones are met everywhere."""
COPIES = frozenset(
    {
        "2", "alpha", "beta", "canary", "clon", "clone", "cloned", "copy", "debug", "dev", "dual", "dup", "fork", "go",
        "gold", "hd", "internal", "lite", "mod", "modded", "multi", "new", "next", "nightly", "parallel", "patched",
        "plus", "premium", "pro", "qa", "revanced", "second", "staging", "test", "two", "vanced", "x",
    }
)  # fmt: skip
"""Last labels of copies and builds. Of 144,663 others' identifiers none is a known one with one of these behind it."""
_NEUTRAL = frozenset(
    {"android", "app", "apps", "client", "co", "com", "free", "global", "io", "ios", "me", "mobile", "net", "official",
     "org", "tv"}
)  # fmt: skip
_DIGITS = re.compile(r"[-_]?\d{1,3}\Z")
_SEPARATOR = re.compile(r"[._0-9-]+")
_DOTS = re.compile(r"[._-]+")


def said_by(key: str, signals: Signals) -> str | None:
    """Give the word in a folded identifier that says that an app is social; None where there is none."""
    labels = _SEPARATOR.split(key)
    text = "".join(labels)
    word = (
        next((label for label in labels if label in signals.labels), None)
        or next((part for part in signals.parts if part in text), None)
        or next((end for end in signals.endings if any(label.endswith(end) for label in labels)), None)
    )
    apart = ".".join(labels)
    if word is None or any(part in apart for part in signals.disclaimers):
        return None
    return word


def made_by(key: str, signals: Signals) -> tuple[str, Pointer | None] | None:
    """Give the label in a folded identifier that only social apps bear, and whose it is where it is one family's."""
    for label in makers_of(key):
        if label in signals.makers:
            return label, signals.makers[label]
    return None


def makers_of(key: str) -> list[str]:
    """Split a folded identifier into the labels that may name a maker or a product."""
    return _DOTS.split(key)


def originals(key: str) -> Iterator[str]:
    """Give the identifiers that a folded one may be a copy of: com.whatsapp of com.whatsapp2, -dup and .clone.

    One letter too many is a copy only of a long one; nobody else's identifier is as near to a known one.
    """
    front, _, last = key.rpartition(".")
    if ".." in f".{key}.":
        yield ".".join(filter(None, key.split(".")))
    if last in COPIES:
        yield front
    plain = _DIGITS.sub("", key)
    if plain != key:
        yield plain
    for place, letter in enumerate(key):
        if letter in "-_":
            yield key[:place]
    if key.count(".") > 1 and len(last) > SHORTEST_MAKER:
        yield key[:-1]


def namesake(key: str, signals: Signals) -> Pointer | None:
    """Give the brand that an identifier consists of, beside words that say nothing: com.tiktok, com.android.tiktok."""
    words = {word for word in _SEPARATOR.split(key) if word and word not in _NEUTRAL and word not in signals.modifiers}
    return signals.brands.get((words.pop(),)) if len(words) == 1 else None
