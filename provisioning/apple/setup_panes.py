"""The panes of Setup Assistant, by the strings that skip them; data: ``resources/policies/ios_setup_panes.tsv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FILE = "ios_setup_panes.tsv"


@dataclass(frozen=True, slots=True)
class Pane:
    """A skip key, the iOS version that brought it, the one that deprecated it and the one that no longer knows it.

    ``documented`` is False where Apple's page does not name it.
    """

    key: str
    since: str
    deprecated: str | None
    removed: str | None
    documented: bool


@cache
def panes() -> tuple[Pane, ...]:
    """Give every pane, in the order of the file."""
    text = files("resources").joinpath("policies", _FILE).read_text("utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return tuple(
        Pane(row["key"], row["since"], row["deprecated"] or None, row["removed"] or None, row["source"] == "SkipKeys")
        for row in rows
    )


def skip_setup() -> list[str]:
    """Give the SkipSetup array: every pane, the removed ones too, because one array serves all versions."""
    return [pane.key for pane in panes()]
