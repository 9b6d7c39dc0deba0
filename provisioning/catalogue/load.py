"""Read the catalogue's files. They are facts in plain columns, so that a change can be read in a diff.

``classes.toml`` (version, date and classes), ``families.tsv`` (family, class), ``identifiers.tsv`` (platform,
identifier, family, class where it differs, kind, sources), ``innocents.tsv`` (platform, what, sources, identifiers with
spaces between), ``listed.tsv`` (platform, class, sources, identifiers with spaces between), ``signals.tsv`` (kind,
value, family, strength, source), ``domains.tsv`` (address, family, class, main, source) and ``sources.tsv`` (code,
title).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, cast

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.entries import AppClass, Entry, Innocents, Listed, Pointer, Signals, Site
from provisioning.catalogue.identifiers import fold
from provisioning.errors import FileError
from provisioning.platforms import Platform
from provisioning.verification.judgement import CatalogueReference, Social

FILES = (
    "classes.toml",
    "domains.tsv",
    "families.tsv",
    "identifiers.tsv",
    "innocents.tsv",
    "listed.tsv",
    "signals.tsv",
    "sources.tsv",
)
LARGEST = 16 << 20
"""Bytes of one file; the shipped catalogue has less than a megabyte in all."""
KINDS = frozenset({"", "client", "modded", "stub", "companion"})
_WORDS = frozenset(
    {"modifier", "tool", "phrase", "script", "web_shell", "label", "part", "ending", "disclaimer"}
)  # fmt: skip
"""Kinds of signals that are words and point to no family."""
_PLATFORMS: Mapping[str, Platform] = {str(platform): platform for platform in Platform}


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """Read the catalogue in ``folder``, or the one that ships. Raises FileError with file, line and reason."""
    if folder is not None:
        return catalogue_of(read_folder(folder), folder)
    with as_file(files("resources").joinpath("catalogue")) as shipped:
        return catalogue_of(read_folder(shipped), shipped)


def read_folder(folder: Path) -> dict[str, bytes]:
    """Read a catalogue's files. Raises FileError."""
    return {name: _read(folder / name) for name in FILES}


def catalogue_of(contents: Mapping[str, bytes], where: Path) -> Catalogue:
    """Make a catalogue of its files' contents; ``where`` stands in sentences about them. Raises FileError."""
    return _Reading(where, contents).catalogue()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as e:
        raise FileError(path, f"the catalogue's file cannot be read ({e.strerror}).") from e
    if len(data) > LARGEST:
        raise FileError(path, f"is longer than {LARGEST} bytes, which no catalogue is.")
    return data


class _Reading:
    """One reading of one catalogue."""

    def __init__(self, folder: Path, contents: Mapping[str, bytes]) -> None:
        self._folder = folder
        self._bytes = contents
        self._titled: dict[str, tuple[str, ...]] = {}

    def catalogue(self) -> Catalogue:
        version, made, classes = self._classes()
        families = self._families(classes)
        sources = {code: title for _, (code, title) in self._rows("sources.tsv", 2)}
        digest = hashlib.sha256()
        for name in FILES:
            digest.update(f"{name}\n{len(self._bytes[name])}\n".encode())
            digest.update(self._bytes[name])
        return Catalogue(
            reference=CatalogueReference(version, digest.hexdigest()),
            made=made,
            classes=classes,
            families=families,
            entries=tuple(self._entries(families, classes, sources)),
            innocents=tuple(self._innocents(sources)),
            listed=tuple(self._listed(classes, sources)),
            signals=self._signals(families),
            sites=self._sites(families, classes),
        )

    def _text(self, name: str) -> str:
        try:
            return self._bytes[name].decode("utf-8")
        except UnicodeDecodeError as e:
            line = self._bytes[name][: e.start].count(b"\n") + 1
            raise FileError(self._folder / name, "is not UTF-8 text.", line) from e

    def _wrong(self, name: str, line: int, reason: str) -> FileError:
        return FileError(self._folder / name, reason, line)

    def _rows(self, name: str, width: int) -> Iterator[tuple[int, list[str]]]:
        for number, line in enumerate(self._text(name).split("\n"), start=1):
            if not line:
                continue
            cells = line.split("\t")
            if len(cells) != width:
                raise self._wrong(name, number, f"has {len(cells)} columns where {width} belong.")
            yield number, cells

    def _classes(self) -> tuple[str, date | None, dict[str, AppClass]]:
        path = self._folder / "classes.toml"
        try:
            document = tomllib.loads(self._text("classes.toml"))
        except tomllib.TOMLDecodeError as e:
            raise FileError(path, f"is not valid TOML: {e}.") from e
        version, tables = document.get("version"), document.get("classes")
        if not isinstance(version, str) or not isinstance(tables, dict):
            raise FileError(path, "needs a version and [classes].")
        try:
            made = date.fromisoformat(str(document["date"])) if "date" in document else None
        except ValueError as e:
            raise FileError(path, "has a date that is no day: write YYYY-MM-DD.") from e
        classes: dict[str, AppClass] = {}
        for name, table in cast("dict[str, Any]", tables).items():
            try:
                classes[name] = AppClass(name, str(table["title"]), Social(table["social"]))
            except (KeyError, TypeError, ValueError) as e:
                raise FileError(path, f"class “{name}” needs a title and social = yes, suspected or no.") from e
        return version, made, classes

    def _families(self, classes: Mapping[str, AppClass]) -> dict[str, str]:
        families: dict[str, str] = {}
        for number, (family, app_class) in self._rows("families.tsv", 2):
            if app_class not in classes:
                raise self._wrong("families.tsv", number, f"class “{app_class}” is not in classes.toml.")
            if family in families:
                raise self._wrong("families.tsv", number, f"family “{family}” is there twice.")
            families[family] = app_class
        return families

    def _entries(
        self, families: Mapping[str, str], classes: Mapping[str, AppClass], sources: Mapping[str, str]
    ) -> Iterator[Entry]:
        name = "identifiers.tsv"
        for number, (platform, identifier, family, app_class, kind, codes) in self._rows(name, 6):
            if family not in families or (app_class and app_class not in classes) or kind not in KINDS:
                raise self._wrong(name, number, "names a family, a class or a kind that there is not.")
            yield Entry(
                self._platform(name, number, platform), identifier, family, app_class or families[family], kind,
                self._titles(name, number, codes, sources),
            )  # fmt: skip

    def _innocents(self, sources: Mapping[str, str]) -> Iterator[Innocents]:
        name = "innocents.tsv"
        for number, (platform, what, codes, identifiers) in self._rows(name, 4):
            titles = self._titles(name, number, codes, sources)
            yield Innocents(self._platform(name, number, platform), what, titles, identifiers)

    def _listed(self, classes: Mapping[str, AppClass], sources: Mapping[str, str]) -> Iterator[Listed]:
        name = "listed.tsv"
        for number, (platform, app_class, codes, identifiers) in self._rows(name, 4):
            if app_class not in classes:
                raise self._wrong(name, number, f"class “{app_class}” is not in classes.toml.")
            titles = self._titles(name, number, codes, sources)
            yield Listed(self._platform(name, number, platform), app_class, titles, identifiers)

    def _platform(self, name: str, number: int, platform: str) -> Platform:
        try:
            return _PLATFORMS[platform]
        except KeyError:
            raise self._wrong(name, number, f"“{platform}” is neither ios nor android.") from None

    def _titles(self, name: str, number: int, codes: str, sources: Mapping[str, str]) -> tuple[str, ...]:
        titles = self._titled.get(codes)
        if titles is None:
            try:
                titles = self._titled[codes] = tuple(sources[code] for code in codes.split(","))
            except KeyError as e:
                raise self._wrong(name, number, f"source {e} is not in sources.tsv.") from None
        return titles

    def _sites(self, families: Mapping[str, str], classes: Mapping[str, AppClass]) -> dict[str, Site]:
        sites: dict[str, Site] = {}
        for number, (address, family, app_class, main, _) in self._rows("domains.tsv", 5):
            if (family and family not in families) or (app_class and app_class not in classes):
                raise self._wrong("domains.tsv", number, "names a family or a class that there is not.")
            sites[address] = Site(address, family, app_class or families[family], main == "1")
        return sites

    def _signals(self, families: Mapping[str, str]) -> Signals:
        pointers: dict[str, dict[str, Pointer]] = {}
        words: dict[str, set[tuple[str, ...]]] = {}
        makers: dict[str, Pointer | None] = {}
        for number, (kind, value, family, strength, _) in self._rows("signals.tsv", 5):
            if kind in _WORDS:
                words.setdefault(kind, set()).add(tuple(value.split()))
                continue
            if kind == "maker" and not family:
                makers.update(dict.fromkeys(value.split()))
                continue
            name, _, app_class = family.partition("|")
            if name not in families or strength not in {"yes", "suspected"}:
                raise self._wrong("signals.tsv", number, "names a family or a strength that there is not.")
            pointer = Pointer(name, app_class or families[name], strength == "yes")
            if kind == "maker":
                makers.update(dict.fromkeys(value.split(), pointer))
                continue
            pointers.setdefault(kind, {})[value] = pointer
        return Signals(
            certificates=pointers.get("certificate", {}),
            certificates_of=_own(pointers.get("certificate_of", {})),
            item_ids={int(value): pointer for value, pointer in pointers.get("item_id", {}).items()},
            schemes=pointers.get("scheme", {}),
            digit_schemes=pointers.get("scheme_digits", {}),
            prefixes=pointers.get("prefix", {}),
            web_shells=_plain(words.get("web_shell", ())),
            brands={tuple(value.split()): pointer for value, pointer in pointers.get("brand", {}).items()},
            modifiers=frozenset(word for (word,) in words.get("modifier", ())),
            tools=frozenset(word for (word,) in words.get("tool", ())),
            phrases=frozenset(words.get("phrase", ())),
            labels=frozenset(word for (word,) in words.get("label", ())),
            parts=_plain(words.get("part", ())),
            endings=_plain(words.get("ending", ())),
            makers=makers,
            disclaimers=_plain(words.get("disclaimer", ())),
            scripts=_plain(words.get("script", ())),
        )


def _plain(words: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(" ".join(word) for word in words))


def _own(pairs: Mapping[str, Pointer]) -> dict[str, frozenset[str]]:
    """Turn ``package digest`` lines into each package's own certificates."""
    own: dict[str, set[str]] = {}
    for value in pairs:
        package, _, digest = value.partition(" ")
        own.setdefault(fold(package), set()).add(digest)
    return {package: frozenset(digests) for package, digests in own.items()}
