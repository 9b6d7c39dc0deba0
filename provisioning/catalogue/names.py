"""What an app's name suggests. A name is a hint for a person and never more: anybody may choose any name.

Only whole names and whole phrases count. Innocent apps carry every brand's word somewhere (Soul Knight, Sky Go,
Marvel SNAP), and “Instagram” with “stickers” beside it is a third party's tool and not the network.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from provisioning.catalogue.entries import Pointer, Signals

LONGEST = 120
"""Characters of a name that are looked at."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Hint:
    """What a name suggests: a brand's app, a tool beside a brand, or a kind of service (``pointer`` None)."""

    words: str
    pointer: Pointer | None
    tool: bool = False


def words_of(name: str) -> tuple[str, ...]:
    """Give a name's words, folded; invisible characters do not split them."""
    shown = unicodedata.normalize("NFKC", name[:LONGEST]).casefold()
    return tuple(_WORD.findall("".join(c for c in shown if unicodedata.category(c) != "Cf")))


def hint(name: str, signals: Signals) -> Hint | None:
    """Say what a name suggests; None where it suggests nothing social."""
    words = words_of(name)
    if not words:
        return None
    essence = tuple(word for word in words if word not in signals.modifiers and not word.isdigit())
    brand = signals.brands.get(words) or signals.brands.get(essence)
    if brand is not None:
        return Hint(" ".join(words), brand)
    mentioned = _mentioned(words, signals)
    if mentioned is not None and any(word in signals.tools for word in words):
        return Hint(mentioned, None, tool=True)
    if any(part in "".join(words) for part in signals.disclaimers):
        return None
    shown = " ".join(words)
    script = next((phrase for phrase in signals.scripts if phrase in shown), None)
    if script is not None:
        return Hint(script, None)
    for length in (1, 2, 3, 4):
        for start in range(len(words) - length + 1):
            phrase = words[start : start + length]
            if phrase in signals.phrases:
                return Hint(" ".join(phrase), None)
    return None


def _mentioned(words: tuple[str, ...], signals: Signals) -> str | None:
    for start in range(len(words)):
        for length in (1, 2):
            if words[start : start + length] in signals.brands:
                return " ".join(words[start : start + length])
    return None
