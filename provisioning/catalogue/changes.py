"""What changed from one catalogue to another, one sentence each: a changelog that nobody has to write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.entries import Entry
from provisioning.catalogue.identifiers import fold
from provisioning.plain_text import one_line
from provisioning.platforms import Platform


@unique
class Change(StrEnum):
    """What happened to a line of the catalogue."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    """It is of another family or class now."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference. ``platform`` is None for what holds on both (families, addresses, signals)."""

    change: Change
    what: str
    platform: Platform | None
    subject: str
    sentence: str


def changes(old: Catalogue, new: Catalogue) -> tuple[Changed, ...]:
    """Give every difference that could change a judgement."""
    return tuple(_changes(old, new))


def _changes(old: Catalogue, new: Catalogue) -> Iterator[Changed]:
    yield from _table("family", dict(old.families), dict(new.families), "a family of")
    yield from _table(
        "class", {n: f"{c.social}" for n, c in old.classes.items()}, {n: f"{c.social}" for n, c in new.classes.items()},
        "a class that counts as social:",
    )  # fmt: skip
    for platform in Platform:
        yield from _identifiers(platform, _by_id(old, platform), _by_id(new, platform))
        before, after = _innocent(old, platform), _innocent(new, platform)
        for identifier in sorted(after - before):
            yield _said(Change.ADDED, "innocent", platform, identifier, "is known to be something else")
        for identifier in sorted(before - after):
            yield _said(Change.REMOVED, "innocent", platform, identifier, "is no longer known to be something else")
        before_listed, after_listed = _listed(old, platform), _listed(new, platform)
        for identifier in sorted(after_listed.keys() - before_listed.keys()):
            says = f"is listed among {after_listed[identifier]}"
            yield _said(Change.ADDED, "listed", platform, identifier, says)
        for identifier in sorted(before_listed.keys() - after_listed.keys()):
            says = f"is no longer listed among {before_listed[identifier]}"
            yield _said(Change.REMOVED, "listed", platform, identifier, says)
    yield from _table(
        "address", {a: s.family or s.app_class for a, s in old.sites.items()},
        {a: s.family or s.app_class for a, s in new.sites.items()}, "an address of",
    )  # fmt: skip
    yield from _table("signal", _signals(old), _signals(new), "a sign of")


def _identifiers(platform: Platform, before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Iterator[Changed]:
    for key in sorted(after.keys() - before.keys()):
        entry = after[key]
        yield _said(Change.ADDED, "identifier", platform, entry.identifier, f"is {entry.family} ({entry.app_class})")
    for key in sorted(before.keys() - after.keys()):
        entry = before[key]
        yield _said(Change.REMOVED, "identifier", platform, entry.identifier, f"is no longer {entry.family}")
    for key in sorted(before.keys() & after.keys()):
        was, now = before[key], after[key]
        if (was.family, was.app_class) != (now.family, now.app_class):
            says = f"was {was.family} ({was.app_class}) and is {now.family} ({now.app_class})"
            yield _said(Change.MOVED, "identifier", platform, now.identifier, says)


def _table(what: str, before: Mapping[str, str], after: Mapping[str, str], title: str) -> Iterator[Changed]:
    for key in sorted(after.keys() - before.keys()):
        yield _said(Change.ADDED, what, None, key, f"is {title} {after[key]}")
    for key in sorted(before.keys() - after.keys()):
        yield _said(Change.REMOVED, what, None, key, f"is no longer {title} {before[key]}")
    for key in sorted(before.keys() & after.keys()):
        if before[key] != after[key]:
            yield _said(Change.MOVED, what, None, key, f"was {title} {before[key]} and is {title} {after[key]}")


def _said(change: Change, what: str, platform: Platform | None, subject: str, says: str) -> Changed:
    where = f" ({platform})" if platform else ""
    return Changed(change, what, platform, subject, f"{one_line(subject, 120)}{where} {one_line(says, 160)}.")


def _by_id(catalogue: Catalogue, platform: Platform) -> dict[str, Entry]:
    return {fold(entry.identifier): entry for entry in catalogue.entries if entry.platform is platform}


def _innocent(catalogue: Catalogue, platform: Platform) -> set[str]:
    return {one.identifier.lower() for one in catalogue.innocents if one.platform is platform}


def _listed(catalogue: Catalogue, platform: Platform) -> dict[str, str]:
    return {
        fold(identifier): catalogue.classes[group.app_class].title
        for group in catalogue.listed
        if group.platform is platform
        for identifier in group.identifiers
    }


def _signals(catalogue: Catalogue) -> dict[str, str]:
    signals = catalogue.signals
    named = {
        "certificate": signals.certificates,
        "scheme": signals.schemes,
        "scheme with digits": signals.digit_schemes,
        "beginning": signals.prefixes,
        "App Store id": {str(number): pointer for number, pointer in signals.item_ids.items()},
    }
    return {
        f"{kind} {value}": f"{pointer.family} ({'certain' if pointer.strong else 'to be looked at'})"
        for kind, table in named.items()
        for value, pointer in table.items()
    } | _words(catalogue)


def _words(catalogue: Catalogue) -> dict[str, str]:
    """Give the words that suspicion hangs on; whoever adds one may change what is believed of many apps."""
    signals = catalogue.signals
    kinds: Mapping[str, Iterable[str]] = {
        "whole label": signals.labels,
        "part of an identifier": signals.parts,
        "ending": signals.endings,
        "disclaimer": signals.disclaimers,
        "phrase of a name": [" ".join(phrase) for phrase in (*signals.phrases, *signals.brands)],
        "part of a name": signals.scripts,
        "word of a tool": signals.tools,
        "maker's label": signals.makers,
    }
    return {f"{kind} {word}": "an app's kind" for kind, words in kinds.items() for word in words}
