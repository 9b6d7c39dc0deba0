"""The words of a receipt in one language, from ``resources/receipt/wording.LANGUAGE.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import cast

from provisioning.errors import UsageError
from provisioning.platforms import Platform

LANGUAGES = ("en-GB", "cy-GB")


@dataclass(frozen=True, slots=True)
class Wording:
    """All words of one language; asking for one that is not there is a mistake of ours and a KeyError."""

    language: str
    sections: Mapping[str, Mapping[str, str | Mapping[str, str] | list[str]]]

    def say(self, section: str, key: str, **filled: object) -> str:
        """Give a phrase with its braces filled in."""
        phrase = self.sections[section][key]
        if not isinstance(phrase, str):
            raise KeyError(f"{section}.{key} is not one phrase")
        return phrase.format(**filled) if filled else phrase

    def choose(self, section: str, key: str, which: str) -> str:
        """Give the phrase of a group that belongs to ``which``."""
        group = self.sections[section][key]
        if not isinstance(group, Mapping):
            raise KeyError(f"{section}.{key} is not a group of phrases")
        return group[which]

    def lines(self, section: str, key: str) -> tuple[str, ...]:
        """Give a list of phrases."""
        listed = self.sections[section][key]
        if not isinstance(listed, list):
            raise KeyError(f"{section}.{key} is not a list of phrases")
        return tuple(listed)

    def moment(self, moment: datetime) -> str:
        """Give an aware time to the minute, with its own offset: ``1 March 2026, 09:30 UTC``, ``… UTC+1``."""
        offset = moment.utcoffset()
        minutes = int(offset.total_seconds() // 60) if offset is not None else 0
        hours, rest = divmod(abs(minutes), 60)
        zone = "UTC" if not minutes else f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
        month = self.lines("months", "names")[moment.month - 1]
        return self.say("months", "moment", day=moment.day, month=month, year=moment.year, time=f"{moment:%H:%M}",
                        zone=zone)  # fmt: skip


@cache
def wording(language: str) -> Wording:
    """Give the words of a language. Raises UsageError where receipts are not written in it."""
    if language not in LANGUAGES:
        raise UsageError(f"Receipts are written in {' and '.join(LANGUAGES)}, not in “{language[:20]}”. Choose one.")
    text = (files("resources") / "receipt" / f"wording.{language}.toml").read_text("utf-8")
    return Wording(language, cast("dict[str, dict[str, str]]", tomllib.loads(text)))


def standing_limits(platform: Platform, language: str = "en-GB") -> tuple[str, ...]:
    """Give what no list of installed apps shows on this platform, in sentences for :attr:`Check.limits`."""
    words = wording(language)
    return (*words.lines("limits", "all"), *words.lines("limits", str(platform)))
