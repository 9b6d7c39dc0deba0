"""What the catalogue holds: families of apps, the identifiers of their members, and signals that point to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from provisioning.platforms import Platform
from provisioning.verification.judgement import Social


@dataclass(frozen=True, slots=True)
class AppClass:
    """A kind of service. ``social``: is it social media by itself; ``title`` stands in sentences, in the plural."""

    name: str
    title: str
    social: Social


@dataclass(frozen=True, slots=True)
class Entry:
    """One identifier of a family. ``kind``: empty for the family's own app, else client, modded, stub, companion.

    ``sources`` are the titles of the sources that name it.
    """

    platform: Platform
    identifier: str
    family: str
    app_class: str
    kind: str
    sources: tuple[str, ...]


class Innocent(NamedTuple):
    """An identifier that is known to be something else; ``what`` says how that is known."""

    platform: Platform
    identifier: str
    what: str
    sources: tuple[str, ...]


class Innocents(NamedTuple):
    """Identifiers that are known to be something else for the same reason by the same sources.

    Kept together, in one text, because there are thirty thousand of them and a catalogue is to load in milliseconds.
    """

    platform: Platform
    what: str
    sources: tuple[str, ...]
    written: str

    @property
    def identifiers(self) -> list[str]:
        """Give each by itself."""
        return self.written.split(" ")


class Listed(NamedTuple):
    """Identifiers that stand on the same public shelf of social or dating apps.

    Nobody judged each of them by itself, and they belong to no family: a person has to look.
    """

    platform: Platform
    app_class: str
    sources: tuple[str, ...]
    written: str

    @property
    def identifiers(self) -> list[str]:
        """Give each by itself."""
        return self.written.split(" ")


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a signal points to. ``strong`` signals are as good as the identifier, others are for a person to look at."""

    family: str
    app_class: str
    strong: bool


class Site(NamedTuple):
    """A web address. ``family`` is empty where only the class is known; ``main`` marks a family's own address."""

    address: str
    family: str
    app_class: str
    main: bool


@dataclass(frozen=True, slots=True)
class Signals:
    """Everything beside identifiers that points to a family. Keys are folded; certificates are lower-case hex."""

    certificates: Mapping[str, Pointer] = field(default_factory=dict[str, Pointer])
    certificates_of: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Package to the certificates that are known to be its own."""
    item_ids: Mapping[int, Pointer] = field(default_factory=dict[int, Pointer])
    schemes: Mapping[str, Pointer] = field(default_factory=dict[str, Pointer])
    digit_schemes: Mapping[str, Pointer] = field(default_factory=dict[str, Pointer])
    """Schemes that are followed by digits and nothing else."""
    prefixes: Mapping[str, Pointer] = field(default_factory=dict[str, Pointer])
    """White-label families by the beginning of the identifier, up to and with a dot."""
    web_shells: tuple[str, ...] = ()
    """Beginnings of packages that are a web page in a coat."""
    brands: Mapping[tuple[str, ...], Pointer] = field(default_factory=dict[tuple[str, ...], Pointer])
    modifiers: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    phrases: frozenset[tuple[str, ...]] = frozenset()
    labels: frozenset[str] = frozenset()
    """Whole labels of identifiers that say what an app is for."""
    parts: tuple[str, ...] = ()
    """Parts of identifiers that say it wherever they stand, separators left out."""
    endings: tuple[str, ...] = ()
    """Ends of labels that say it."""
    makers: Mapping[str, Pointer | None] = field(default_factory=dict[str, "Pointer | None"])
    """Whole labels that only social apps bear, with the family where it is but one."""
    disclaimers: tuple[str, ...] = ()
    """Parts that say that an app is about such things and is no such thing: stickers, translators, games."""
    scripts: tuple[str, ...] = ()
    """Phrases in scripts that put no spaces between words, looked for anywhere in a name."""
