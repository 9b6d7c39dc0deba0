"""One labelled value on a receipt's page, and what bounds it."""

from __future__ import annotations

from provisioning.canonical import Json
from provisioning.receipts.page_text import printable

MOST_LINES = 400
"""Of findings or unread areas of one handset; more are counted, not listed."""
HASH_LENGTH = 64

Fact = dict[str, Json]


def fact(label: str, value: str, *, mono: bool = False, span: int = 1) -> Fact:
    """Give one labelled value; ``span`` is how many of the grid's columns it takes."""
    return {"label": label, "value": value, "mono": mono, "span": span}


def digest_text(text: str) -> str:
    """Give a digest (hex) whole, on one line."""
    return printable(text, HASH_LENGTH, run=HASH_LENGTH)
