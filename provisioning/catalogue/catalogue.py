"""The catalogue in memory: what is known of apps, and what an app is believed to be by all that it shows of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from provisioning.catalogue.classifier import Classifier
from provisioning.catalogue.entries import AppClass, Entry, Innocent, Innocents, Listed, Signals, Site
from provisioning.catalogue.identifiers import fold
from provisioning.catalogue.names import words_of
from provisioning.inventory import App
from provisioning.platforms import Platform
from provisioning.verification.judgement import CatalogueReference, Classification

MOST_FOUND = 200
_Group = TypeVar("_Group", Innocents, Listed)


@dataclass(frozen=True, slots=True)
class FamilyView:
    """One family with all that the catalogue has of it, for a person to read."""

    name: str
    app_class: str
    class_title: str
    entries: tuple[Entry, ...]
    sites: tuple[str, ...]


class Catalogue:
    """Families, identifiers and signals, looked up without looking anything up: pure and immutable."""

    def __init__(
        self,
        *,
        reference: CatalogueReference,
        made: date | None,
        classes: Mapping[str, AppClass],
        families: Mapping[str, str],
        entries: tuple[Entry, ...],
        innocents: tuple[Innocents, ...],
        listed: tuple[Listed, ...],
        signals: Signals,
        sites: Mapping[str, Site],
    ) -> None:
        self.reference = reference
        self.made = made
        """The day of which it is; None where it does not say."""
        self.classes = classes
        self.families = families
        self.entries = entries
        self._innocents = innocents
        self.listed = listed
        self.signals = signals
        self.sites = sites
        self._by_id: Mapping[Platform, Mapping[str, Entry]] = _folded(entries)
        self._innocent_by_id: Mapping[Platform, Mapping[str, Innocents]] = _folded_groups(innocents)
        self._listed_by_id: Mapping[Platform, Mapping[str, Listed]] = _folded_groups(listed)
        self._classifier = Classifier(
            classes, self._by_id, self._innocent_by_id, self._listed_by_id, signals, sites
        )  # fmt: skip

    def classify(self, platform: Platform, app: App) -> Classification:
        """Say what an app is believed to be, with the evidence for it; about 5 µs."""
        return self._classifier.classify(platform, app)

    def classify_web(self, url: str, title: str) -> Classification:
        """Say what a page on the home screen is believed to be, by its address first and its title last."""
        return self._classifier.classify_web(url, title, "web_clip")

    def led_to(self, url: str) -> tuple[Classification, ...]:
        """Say which networks an address leads on to, beside the page that it names; one that redirects names two."""
        return tuple(self._classifier.led_to(url, "web_clip"))

    def entry(self, platform: Platform, identifier: str) -> Entry | None:
        """Give the entry of an identifier, however it is written."""
        return self._by_id[platform].get(fold(identifier))

    def innocent(self, platform: Platform, identifier: str) -> Innocent | None:
        """Give what is known of an identifier that is something else than social."""
        key = fold(identifier)
        group = self._innocent_by_id[platform].get(key)
        if group is None:
            return None
        written = next(one for one in group.identifiers if fold(one) == key)
        return Innocent(platform, written, group.what, group.sources)

    @property
    def innocents(self) -> tuple[Innocent, ...]:
        """Give every identifier that is known to be something else; made anew each time."""
        return tuple(
            Innocent(group.platform, identifier, group.what, group.sources)
            for group in self._innocents
            for identifier in group.identifiers
        )

    def family(self, name: str) -> FamilyView | None:
        """Show one family; None where there is none of that name."""
        app_class = self.families.get(name)
        if app_class is None:
            return None
        entries = tuple(entry for entry in self.entries if entry.family == name)
        sites = tuple(sorted(site.address for site in self.sites.values() if site.family == name))
        return FamilyView(name, app_class, self.classes[app_class].title, entries, sites)

    def find(self, text: str) -> tuple[FamilyView, ...]:
        """Find families by name, identifier, address or class; a part of the text is enough. At most 200."""
        wanted = text.strip().casefold()
        if not wanted:
            return ()
        names = {name for name, app_class in self.families.items() if wanted in name.casefold() or wanted == app_class}
        names |= {entry.family for entry in self.entries if wanted in entry.identifier.casefold()}
        names |= {site.family for site in self.sites.values() if site.family and wanted in site.address}
        exact = sorted(names, key=lambda name: (words_of(name) != words_of(text), name.casefold()))
        return tuple(view for name in exact[:MOST_FOUND] if (view := self.family(name)) is not None)

    def stats(self) -> dict[str, int]:
        """Count what the catalogue holds."""
        platforms = Counter(f"identifiers_{entry.platform}" for entry in self.entries)
        innocents = Counter(f"innocents_{innocent.platform}" for innocent in self.innocents)
        return {
            "families": len(self.families),
            "classes": len(self.classes),
            "identifiers": len(self.entries),
            **dict(sorted(platforms.items())),
            "innocents": innocents.total(),
            **dict(sorted(innocents.items())),
            "listed": sum(len(group.identifiers) for group in self.listed),
            "domains": len(self.sites),
            "certificates": len(self.signals.certificates),
            "app_store_ids": len(self.signals.item_ids),
            "url_schemes": len(self.signals.schemes) + len(self.signals.digit_schemes),
            "prefixes": len(self.signals.prefixes),
        }

    def check(self) -> tuple[str, ...]:
        """Find what the catalogue says against itself, one sentence each; empty is good."""
        return tuple(self._contradictions())

    def _contradictions(self) -> Iterator[str]:
        yield from _twice(self.entries, "is there more than once")
        yield from _twice(self.innocents, "is there more than once among the innocents")
        for innocent in self.innocents:
            entry = self._by_id[innocent.platform].get(fold(innocent.identifier))
            if entry is not None:
                yield f"{innocent.identifier} ({innocent.platform}) is of {entry.family} and innocent at once."
        for platform, listed in self._listed_by_id.items():
            for key, group in listed.items():
                if key in self._by_id[platform] or key in self._innocent_by_id[platform]:
                    yield f"{key} ({platform}) is listed among {group.app_class} and is something known at once."
        for entry in (*self.entries, *self.innocents):
            if not entry.sources:
                yield f"{entry.identifier} ({entry.platform}) has no source."
        bare = set(self.families) - {entry.family for entry in self.entries}
        known = {pointer.family for pointer in self.signals.prefixes.values()} | {s.family for s in self.sites.values()}
        for family in sorted(bare - known):
            yield f"Family {family} has neither an identifier nor an address."
        for prefix in self.signals.prefixes:
            if not prefix.endswith("."):
                yield f"Prefix {prefix} does not end with a dot, so it would match parts of names."
        for certificate in self.signals.certificates:
            if len(certificate) not in {40, 64}:
                yield f"Certificate {certificate[:12]}… is neither SHA-1 nor SHA-256."


def _folded(entries: Iterable[Entry]) -> dict[Platform, dict[str, Entry]]:
    """Order by platform and identifier; where two are one, the first stands and :meth:`Catalogue.check` tells."""
    found: dict[Platform, dict[str, Entry]] = {platform: {} for platform in Platform}
    for entry in entries:
        identifier = entry.identifier
        found[entry.platform].setdefault(identifier.lower() if identifier.isascii() else fold(identifier), entry)
    return found


def _folded_groups(groups: Iterable[_Group]) -> dict[Platform, dict[str, _Group]]:
    found: dict[Platform, dict[str, _Group]] = {platform: {} for platform in Platform}
    for group in groups:
        plain = group.written.isascii()
        keys = group.written.lower().split(" ") if plain else [fold(one) for one in group.identifiers]
        found[group.platform].update(dict.fromkeys(keys, group))
    return found


def _twice(items: Iterable[Entry | Innocent], what: str) -> Iterator[str]:
    seen: set[tuple[Platform, str]] = set()
    for item in items:
        key = (item.platform, fold(item.identifier))
        if key in seen:
            yield f"{item.identifier} ({item.platform}) {what}."
        seen.add(key)
