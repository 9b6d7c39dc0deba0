"""What an identifier says in plain words. Like a name it is a hint for a person and never more.

Whole labels, ends of labels and a few parts that mean one thing wherever they stand. Each was counted on 75,000
identifiers of stores' other shelves before it was taken, and what is *about* such apps (stickers, translators, fake
chats, games) is left alone.
"""

from __future__ import annotations

import re

from provisioning.catalogue.entries import Pointer, Signals

SHORTEST_MAKER = 5
"""Letters of a maker's or a product's label; shorter ones are met everywhere."""
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
    if word is None or any(part in text for part in signals.disclaimers):
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
