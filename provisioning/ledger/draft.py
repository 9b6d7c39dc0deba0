"""An entry before it is one: whose it will be, what was asked for, and what its writer may look up first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from provisioning.canonical import Json
from provisioning.errors import LedgerError
from provisioning.ledger.entry import Entry, parse_entry, search_columns, searchable
from provisioning.ledger.store import Look, Query, StoredEntry
from provisioning.signatures import AnyDeskKey, Signer

Body = Mapping[str, Json]
IN_DOUBT = "The record is in doubt: stop, and have the ledger verified."


@dataclass(frozen=True, slots=True)
class LedgerOwner:
    """Whose ledger it is. ``key`` is what checks it, and where the desk has changed keys, all of them.

    ``receipt_prefix`` begins this desk's receipt numbers, ``D4`` giving ``D4-000017``.
    """

    desk: str
    key: AnyDeskKey
    training: bool
    receipt_prefix: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry will be, told to whoever writes its body inside the transaction."""

    number: int
    time: str
    receipt: str
    look: Look
    every_desk: bool = False
    read: Callable[[StoredEntry], Entry] | None = None
    """Reads a row with its personal fields; None leaves those sealed."""

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
        """Give entries as :meth:`Ledger.entries` does, while nobody can add any: for what must not happen twice.

        Raise from the body (“that handset is already out”) and nothing is added.
        """
        query = Query(
            serial=searchable(serial),
            officer=searchable(officer),
            receipt=searchable(receipt),
            kinds=kinds_of(kind),
            newest_first=newest_first,
            limit=limit,
            every_desk=self.every_desk,
        )
        return [(self.read or read_entry)(stored) for stored in self.look(query)]


@dataclass(frozen=True, slots=True)
class Part:
    """A further entry about the same receipt, added in the same transaction or not at all."""

    kind: str
    subject: str | None
    body: Body


def no_parts(body: Body) -> Sequence[Part]:
    """Stand for a receipt that one entry is enough for."""
    del body
    return ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller wants to be added."""

    kind: str
    subject: str | None
    body: Body | Callable[[Draft], Body]
    technician: str | None
    once: str | None
    gives_receipt: bool
    parts: Callable[[Body], Sequence[Part]] = no_parts
    successor: Signer | None = None
    """What signs from then on, where that changes with this entry."""

    def __post_init__(self) -> None:
        if self.once is not None and searchable(self.once) != self.once:
            raise ValueError(f"“{self.once!r}” is too long or too strange to name an event")


@dataclass(eq=False, slots=True)
class Asked:
    """A wish on its way: settled by whoever's turn it is."""

    wish: Wish
    entry: Entry | None = None
    error: BaseException | None = None

    @property
    def alone(self) -> bool:
        """True where it must see all before it: it looks first, uses up a receipt number, or changes the key."""
        return self.wish.gives_receipt or callable(self.wish.body) or self.wish.successor is not None

    @property
    def settled(self) -> bool:
        """True once there is an answer."""
        return self.entry is not None or self.error is not None

    def settle(self, entry: Entry) -> None:
        """Answer with an entry, or with the mistake that its name is another's."""
        if entry.kind != self.wish.kind:
            named = f"“{self.wish.once}” already names entry {entry.number}, which is of kind {entry.kind}"
            self.error = ValueError(named)
        else:
            self.entry = entry


def kinds_of(kind: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """Give the kinds to search for; none for any."""
    return () if kind is None else (kind,) if isinstance(kind, str) else kind


def read_entry(stored: StoredEntry) -> Entry:
    """Read a row. Raises LedgerError where its bytes, its hash and its search columns disagree."""
    number = stored.columns.number
    try:
        entry = parse_entry(stored.canonical, stored.signature)
    except (ValueError, TypeError, AttributeError) as e:  # a row changed by others may hold anything
        raise LedgerError(f"Entry {number} of the ledger cannot be read. {IN_DOUBT}") from e
    if bytes.fromhex(entry.hash) != stored.hash or search_columns(entry) != stored.columns:
        raise LedgerError(f"Entry {number} of the ledger was changed. {IN_DOUBT}")
    return entry
