"""The contract of a ledger store: adding in one transaction, searching, and walking one consistent picture.

A store knows no keys and judges nothing: it keeps bytes, finds them, and hands over what it has, even where that was
tampered with. ``tests/contract/test_ledger*`` says the same in tests and runs over every store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from provisioning.ledger.entry import Erased, SearchColumns


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row. Types hold for what this program wrote; a row changed by others may hold anything.

    ``wrapped`` is the record key of its personal fields, wrapped, and ``erased`` says that it was destroyed; both stand
    beside the chain, and :meth:`Snapshot.walk` does not look for them.
    """

    canonical: bytes
    hash: bytes
    signature: bytes
    columns: SearchColumns
    wrapped: bytes | None = field(default=None, repr=False, compare=False)
    erased: Erased | None = field(default=None, compare=False)


RawRow: TypeAlias = Sequence[Any]
"""A row as the database gives it: canonical bytes, hash, signature, then the search columns in their order."""


def stored(row: RawRow) -> StoredEntry:
    """Give a row its names."""
    return StoredEntry(row[0], row[1], row[2], SearchColumns._make(row[3:]))


@dataclass(frozen=True, slots=True)
class StoredHead:
    """The newest head of one desk: its canonical bytes and their signature; ``number`` as the row has it."""

    number: int
    canonical: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class LastEntry:
    """The last row of a desk as the table has it, for comparison with the head; ``hash`` is 32 bytes."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries are wanted; everything that is set must hold. ``since`` is a number and not itself included.

    ``every_desk`` asks for what all desks of a shared ledger have added, in the order in which it came in; ``since``
    then has no meaning, for every desk counts for itself.
    """

    serial: str | None = None
    officer: str | None = None
    receipt: str | None = None
    kinds: tuple[str, ...] = ()
    once: str | None = None
    since: int = 0
    every_desk: bool = False
    newest_first: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """An entry with its place among those of all desks, in the order in which they came in; places only grow."""

    place: int
    entry: StoredEntry


Look = Callable[[Query], list[StoredEntry]]
"""Finds entries inside the transaction that adds one: nobody else adds any until it ends."""
Compose = Callable[[StoredHead | None, LastEntry | None, Look], tuple[Sequence[StoredEntry], StoredHead]]
"""Makes the next entries, one or more, and the head after them; raises to give up, and then nothing is kept."""


class Snapshot(Protocol):
    """One consistent picture of the store, whatever is added meanwhile."""

    def head(self, desk: str) -> StoredHead | None:
        """Give the newest head of a desk."""
        ...

    def walk(self, desk: str) -> Iterator[StoredEntry]:
        """Yield all entries of a desk in order of their number."""
        ...

    def rows(self, desk: str) -> Iterator[Sequence[RawRow]]:
        """Yield the same as :meth:`walk`, many at a time and just as the database gives them."""
        ...

    def desks(self) -> frozenset[str]:
        """Give the desks that have entries or a head."""
        ...

    def faults(self) -> tuple[str, ...]:
        """Give what the database finds wrong with itself, and which of its guards against changes are gone."""
        ...


class LedgerStore(Protocol):
    """Keeps entries. Threads and processes may use it at once.

    Raises HomeError where it cannot write (full, read-only, busy for too long), LedgerError where what it holds
    cannot be read or is damaged.
    """

    def append(self, desk: str, once: str | None, compose: Compose) -> StoredEntry:
        """Add what ``compose`` makes, in one transaction that is on disk on return; or find the entry with ``once``.

        Gives the first of the entries that were added.
        """
        ...

    def find(self, desk: str, query: Query) -> list[StoredEntry]:
        """Give the entries that were asked for."""
        ...

    def arrivals(self, since: int, limit: int, places: Sequence[int] = ()) -> list[Arrived]:
        """Give what came in after place ``since``, of all desks, ``limit`` at most; or what stands at these places.

        What many share raises LedgerUnreachable where it does not answer: a desk's own entries have other places.
        """
        ...

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Hold one picture of the store for as long as the context lasts."""
        ...

    def close(self) -> None:
        """Let go of files and connections; safe twice."""
        ...
