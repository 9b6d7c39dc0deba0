"""What can be asked for entries: a ledger, or the draft of an entry inside the transaction that adds it."""

from __future__ import annotations

from typing import Protocol

from provisioning.ledger.entry import Entry


class Entries(Protocol):
    """Finds entries by what people search for."""

    def entries(
        self,
        *,
        serial: str | None = None,
        officer: str | None = None,
        receipt: str | None = None,
        kind: str | tuple[str, ...] | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        """Give the entries for which everything holds, oldest first unless told otherwise."""
        ...
