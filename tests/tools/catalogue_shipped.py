"""Take the catalogue as it ships for what its sources said, where there are no copies of them to read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.tools.catalogue_innocents import Innocent
from tests.tools.catalogue_sources import Fact, Facts

Row = tuple[str, ...]


def tsv(path: Path, width: int) -> Iterator[Row]:
    """Give the rows of a list, padded to ``width``, comments left out."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            cells = line.split("\t")
            yield tuple(cells + [""] * (width - len(cells)))


class Shipped:
    """One catalogue folder, read as facts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def facts(self) -> Facts:
        """Give what is known of each identifier of a family and of each innocent."""
        titles = self._titles()
        facts: Facts = {}
        for platform, identifier, *_, codes in tsv(self._folder / "identifiers.tsv", 6):
            facts[platform, identifier.casefold()] = _fact(identifier, codes, titles)
        for platform, identifier, _, codes in self._innocent_rows():
            facts.setdefault((platform, identifier.casefold()), _fact(identifier, codes, titles))
        return facts

    def item_ids(self) -> Iterator[Row]:
        """Give the App Store's numbers."""
        titles = self._titles()
        for kind, value, family, strength, code in tsv(self._folder / "signals.tsv", 5):
            if kind == "item_id":
                yield kind, value, family, strength, titles[code]

    def innocents(self, judged: Path, known: set[tuple[str, str]]) -> Iterator[Innocent]:
        """Give the innocents that are still innocent, and those that a person judged since."""
        titles = self._titles()
        taken: set[tuple[str, str]] = set()
        facts = self.facts()
        for platform, identifier, what, _, source in tsv(judged / "innocent.tsv", 5):
            taken.add((platform, identifier.casefold()))
            own = Fact(identifier, {source}) if source else None
            yield platform, identifier, what, own or facts.get((platform, identifier.casefold()))
        for platform, identifier, what, codes in self._innocent_rows():
            key = (platform, identifier.casefold())
            if key not in known and key not in taken:
                yield platform, identifier, what, _fact(identifier, codes, titles)

    def _titles(self) -> dict[str, str]:
        return {row[0]: row[1] for row in tsv(self._folder / "sources.tsv", 2)}

    def _innocent_rows(self) -> Iterator[tuple[str, str, str, str]]:
        for platform, what, codes, identifiers in tsv(self._folder / "innocents.tsv", 4):
            for identifier in identifiers.split(" "):
                yield platform, identifier, what, codes


def _fact(identifier: str, codes: str, titles: dict[str, str]) -> Fact:
    return Fact(identifier, {titles[code] for code in codes.split(",") if code})
