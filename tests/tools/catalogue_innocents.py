"""Apps that are known to be something else than social, with the reason for it.

Three kinds of evidence: a person judged it (``innocent.tsv``, the traps among them); it is part of a phone's firmware
by lists of preinstalled packages; a store or an icon pack calls it by a name, or a genre, that social services do not
have.
Genres in which big social apps hide, and names with a social word in them, are never taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.tools.catalogue_sources import Fact, Facts

Innocent = tuple[str, str, str, Fact | None]
NAMING = frozenset({"lawnicons", "delta", "arcticons", "itunes-no", "debloat", "appscan"})
"""Sources that call apps by the names that people see."""
SAFE_GENRES = frozenset(
    {"Travel", "Shopping", "Finance", "Education", "Food & Drink", "Games", "Navigation", "Weather", "Medical",
     "Utilities", "Sports"}
)  # fmt: skip
SOCIAL_WORDS = re.compile(
    r"chat|dating|social|friend|commun|forum|messag|meet|live|stream|match|love|single|video ?call|network|people|"
    r"party|clips?|feed|follow|share|insta|tube|tok\b|tweet|toot|gram\b|cord\b|book\b|snap|club|voice|talk|date|"
    r"circle|gossip|confess|stranger|lemmy|fedi|mastodon|reddit|chan\b|bbs|blog",
    re.IGNORECASE,
)
SAFE_WORDS = re.compile(
    r"\b(bank|banking|banco|banque|banca|bankid|wallet|pay|payments?|calculator|calc|clock|alarm|timer|weather|"
    r"meteo|compass|maps?|navigation|transit|metro|bus|rail|trains?|railway|tickets?|parking|flights?|airlines?|"
    r"keyboard|launcher|icons?|wallpapers?|widgets?|files?|file manager|gallery|camera|recorder|scanner|notes?|"
    r"calendar|contacts|dialer|phone|flashlight|battery|cleaner|vpn|authenticator|password|antivirus|security|"
    r"music|radio|podcasts?|pdf|reader|dictionary|translate|translator|converter|editor|equalizer|player|torrent|"
    r"sudoku|chess|solitaire|puzzle|minesweeper|2048|emulator|insurance|pharmacy|health|fitness|workout|"
    r"pedometer|recipes?|pizza|coffee|delivery|express|taxi|driver|fuel|energy|telekom|vodafone|orange|telenor|"
    r"news|guardian|times|reuters|bbc|npr|tagesschau|bible|quran|terminal|root|magisk|xposed|backup|sync|drive|"
    r"docs|sheets|slides|office|excel|word|powerpoint|onedrive|onenote|outlook|mail|email|gmail|browser|chrome|"
    r"firefox|settings|store|remote|home|smart|printer?|print|wi-?fi|bluetooth|usb|nfc|qr|barcode)\b",
    re.IGNORECASE,
)


def innocents(judged: Path, facts: Facts, known: set[tuple[str, str]]) -> Iterator[Innocent]:
    """Give the innocents: platform, identifier, what it is, what is known of it."""
    unsure = {(line.split("\t")[0], line.split("\t")[1].casefold()) for line in _lines(judged / "unsure.tsv")}
    taken: set[tuple[str, str]] = set()
    for line in _lines(judged / "innocent.tsv"):
        platform, identifier, what, *more = line.split("\t")
        taken.add((platform, identifier.casefold()))
        own = Fact(identifier, {more[1]}) if more[1:] else None
        yield platform, identifier, what, own or facts.get((platform, identifier.casefold()))
    for key, fact in sorted(facts.items()):
        if key in known or key in taken or key in unsure or _is_variant(key, known):
            continue
        what = _what(key[0], fact)
        if what:
            yield key[0], fact.identifier, what, fact


def _is_variant(key: tuple[str, str], known: set[tuple[str, str]]) -> bool:
    """Tell whether it is a known identifier with something behind it (“.classic”, “.beta”): no innocent by its name."""
    platform, identifier = key
    labels = identifier.split(".")
    return any((platform, ".".join(labels[:count])) in known for count in range(3, len(labels)))


def _what(platform: str, fact: Fact) -> str:
    if fact.identifier.casefold().startswith(("com.example", "org.example")):
        return ""
    if platform == "android" and {"uad", "debloat", "firmware"} & fact.sources:
        return "preinstalled"
    if platform == "ios" and fact.identifier.casefold().startswith("com.apple."):
        return "apple"
    if fact.genre in SAFE_GENRES and not any(SOCIAL_WORDS.search(name) for name in fact.names.values()):
        return f"genre {fact.genre}"
    named = [name for source, name in fact.names.items() if source in NAMING]
    words = [re.sub(r"[_\W]+", " ", name) for name in named]
    if words and all(SAFE_WORDS.search(w) and not SOCIAL_WORDS.search(w) for w in words):
        return "name"
    return ""


def _lines(path: Path) -> list[str]:
    text = path.read_text("utf-8") if path.exists() else ""
    return [line for line in text.splitlines() if line and not line.startswith("#")]
