"""Find which column of a table holds what: as a person said, else by the heading's usual words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.tables.reading import Row

Field = TypeVar("Field", bound=str)


def columns_of(
    heading: Sequence[str], usual: Mapping[Field, Iterable[str]], told: Mapping[Field, str] | None = None
) -> dict[Field, int]:
    """Give the place of each field's column, from 0; a field without one is left out.

    ``usual`` are the words that are understood, folded; the first that is there counts. Raises UsageError where a told
    heading is not there.
    """
    folded = [_folded(cell) for cell in heading]
    found: dict[Field, int] = {}
    for field, words in usual.items():
        wanted = (told or {}).get(field)
        if wanted is not None:
            place = _place([cell.casefold() for cell in heading], [wanted.casefold()])
            if place is None:
                raise UsageError(f"The table has no column “{one_line(wanted, 40)}”. It has: {named(heading)}.")
        else:
            place = _place(folded, words)
        if place is not None:
            found[field] = place
    return found


def named(heading: Sequence[str]) -> str:
    """Name the columns of a table for a sentence."""
    return one_line(", ".join(heading), 300)


def cell_of(row: Row, columns: Mapping[Field, int], field: Field) -> str:
    """Give what a row says of a field; empty where it has no such column, or is shorter."""
    place = columns.get(field)
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _folded(cell: str) -> str:
    return cell.casefold().replace("_", " ").rstrip(".:* ").strip()


def _place(cells: Sequence[str], words: Iterable[str]) -> int | None:
    return next((cells.index(word) for word in words if word in cells), None)
