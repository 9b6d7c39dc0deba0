"""The ledger of one desk: what happened, added at the end, found again, checked. Synchronous and safe for threads.

Whoever awaits calls it through ``asyncio.to_thread``. Importing this loads no database; opening a store does.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol

from provisioning.canonical import Json, NotCanonicalError, canonical, parse_object
from provisioning.errors import HomeError, LedgerError
from provisioning.ledger.check import LedgerCheck, Trusted, check_ledger
from provisioning.ledger.draft import (
    IN_DOUBT,
    Asked,
    Body,
    Draft,
    LedgerOwner,
    Part,
    Wish,
    kinds_of,
    no_parts,
    read_entry,
)
from provisioning.ledger.entry import LARGEST, Entry, EntryKind, parse_entry, search_columns, searchable, timestamp
from provisioning.ledger.head import Head, head_of, parse_head, previous_hash
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.key_changes import change_body
from provisioning.ledger.store import LastEntry, LedgerStore, Look, Query, StoredEntry, StoredHead
from provisioning.signatures import DeskKeys, Signer

MOST_AT_ONCE = 64
"""Entries of different callers that are put on disk together."""


def now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC)


class _NothingToAdd(Exception):
    """Raised inside a transaction that turned out to have nothing to do."""


class Protection(Protocol):
    """Stands between callers and the chain: ``provisioning.privacy.protection``."""

    def protect(
        self, kind: str, desk: str, number: int, body: Mapping[str, Json]
    ) -> tuple[Mapping[str, Json], bytes | None]:
        """Give the body for the chain and the wrapped key of what is sealed in it; None where nothing is."""
        ...

    def reveal(self, entry: Entry, stored: StoredEntry) -> Entry:
        """Give the entry with its personal fields, or saying why they are missing."""
        ...


class Ledger:
    """Entries of one desk. Made by ``Home.open_ledger`` or ``Home.read_ledger``; a context manager that closes it."""

    def __init__(
        self,
        store: LedgerStore,
        owner: LedgerOwner,
        *,
        head_file: HeadFile | None = None,
        signer: Callable[[], Signer] | None = None,
        clock: Callable[[], datetime] = now,
        shared: bool = False,
        protection: Protection | None = None,
    ) -> None:
        """Use an open store. ``signer`` is asked when first needed (it may have to unlock); None reads only.

        ``protection`` seals what is personal and opens it again; None writes bodies as they are and opens nothing.
        ``shared``: other desks write to it as well, and what people search for is sought in the entries of all.
        """
        self.owner = owner
        self._store = store
        self._head_file = head_file
        self._signer = signer
        self._clock = clock
        self._shared = shared
        self._protection = protection
        self._turn = threading.Lock()
        self._waiting: deque[Asked] = deque()
        self._believed: tuple[StoredHead, Head] | None = None
        """A head whose signature was checked in this process, to check it only once."""

    def append(
        self,
        kind: str,
        subject: str | None,
        body: Body | Callable[[Draft], Body],
        *,
        technician: str | None,
        once: str | None = None,
    ) -> Entry:
        """Add an entry; it is on disk when this returns.

        ``kind`` is an EntryKind, ``subject`` a serial number. ``once`` names the event: an entry with that name is
        given back unchanged instead of adding another, so that asking again after a crash adds nothing. ``body``
        may be called for, as in :meth:`append_receipt`, to look before adding.
        ``body["officer"]`` and ``body["receipt"]``, where they are text, are what people can search by.
        Raises HomeError (full, read-only, busy) or LedgerError (in doubt); then nothing was added.
        """
        return self._append(Wish(str(kind), subject, body, technician, once, gives_receipt=False))

    def append_receipt(
        self,
        kind: str,
        subject: str | None,
        body: Callable[[Draft], Body],
        *,
        technician: str | None,
        once: str | None = None,
        parts: Callable[[Body], Sequence[Part]] = no_parts,
    ) -> Entry:
        """Add an entry that gives out the next receipt number, which is never given twice.

        ``body`` is called inside the transaction, must be quick and must not use the ledger but through the draft;
        what it gives gets ``receipt`` set. What it raises comes through, and nothing is added or used up. With a
        known ``once`` it is not called and the first entry comes back.

        ``parts`` is given that body and may ask for further entries about the same receipt (one for each handset, so
        that each is found by its serial number): all are added in this one transaction, or none.
        """
        return self._append(Wish(str(kind), subject, body, technician, once, gives_receipt=True, parts=parts))

    def change_key(self, new: Signer, kind: EntryKind, reason: str, *, technician: str | None) -> Entry:
        """Add the entry that puts ``new`` in the place of the desk's key; from then on this ledger signs with it.

        ``kind`` is KEY_CHANGED, signed with the key that is given up, or KEY_REPLACED where that is lost or no longer
        only the desk's: then the new key signs, and nobody believes it who was not given it by an administrator.
        """
        before = self.owner.key.newest
        body = change_body(self.owner.desk, before, new, reason)
        wish = Wish(str(kind), None, body, technician, None, gives_receipt=False, successor=new)
        entry = self._append(wish)
        self.owner = replace(self.owner, key=DeskKeys((new.public, *self.owner.key.keys)))
        self._signer = lambda: new
        return entry

    def next_receipt_number(self) -> str:
        """Give the receipt number that would come next: for show only, another process may take it."""
        with self._store.snapshot() as snapshot:
            head = self._head(snapshot.head(self.owner.desk))
        return self._receipt((head.receipts if head else 0) + 1)

    def entries(
        self,
        *,
        serial: str | None = None,
        officer: str | None = None,
        receipt: str | None = None,
        kind: str | tuple[str, ...] | None = None,
        once: str | None = None,
        since: int = 0,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        """Give the entries for which everything holds, oldest first; ``since`` is a number, itself not included.

        Of a shared ledger these are the entries of all desks, in the order in which they came in; with ``since`` or
        ``once`` those of this desk.

        Raises LedgerError where one of them was changed (hash or search columns): ``verify`` says more.
        """
        query = Query(
            serial=searchable(serial),
            officer=searchable(officer),
            receipt=searchable(receipt),
            kinds=kinds_of(kind),
            once=searchable(once),
            since=since,
            newest_first=newest_first,
            limit=limit,
            every_desk=self._shared and not since and once is None,
        )
        return [self._read(stored) for stored in self._store.find(self.owner.desk, query)]

    def arrivals(self, since: int, limit: int, places: Sequence[int] = ()) -> list[tuple[int, Entry]]:
        """Give entries of all desks with their places, as :meth:`LedgerStore.arrivals`: for readers that follow.

        Raises LedgerError where one of them was changed, LedgerUnreachable where what desks share does not answer.
        """
        return [(one.place, self._read(one.entry)) for one in self._store.arrivals(since, limit, places)]

    def keep_sealed(self) -> None:
        """Open no personal fields from now on: for a reader whose look at them could not be recorded."""
        self._protection = None

    @property
    def shared(self) -> bool:
        """True where other desks write to it as well."""
        return self._shared

    def walk(self) -> Iterator[Entry]:
        """Yield all entries as the chain has them, oldest first, from one consistent picture and in little memory."""
        with self._store.snapshot() as snapshot:
            for stored in snapshot.walk(self.owner.desk):
                yield read_entry(stored)

    def head(self) -> Head | None:
        """Give the newest signed head; None for a ledger without entries. Raises LedgerError where it is forged."""
        with self._store.snapshot() as snapshot:
            return self._head(snapshot.head(self.owner.desk))

    def verify(self, expected_head: str | None = None, *, every_signature: bool = False) -> LedgerCheck:
        """Check the whole ledger; whatever is wrong is a result, not an exception.

        ``expected_head`` is the hash (hex) of an entry known to have been there. ``every_signature`` also checks
        each entry's own signature, 0.1 ms apiece; without it the head's signature covers them all.
        """
        trusted = Trusted(self.owner.desk, (self.owner.key,), self.owner.training, expected_head)
        return check_ledger(self._store, self._head_file, trusted, every_signature=every_signature)

    def now(self) -> datetime:
        """Give the time in UTC by the clock that entries are dated with."""
        return self._clock()

    def close(self) -> None:
        """Let go of the store; safe twice."""
        self._store.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, stored: StoredEntry) -> Entry:
        """Read a row, with its personal fields where they can be opened."""
        entry = read_entry(stored)
        return entry if self._protection is None else self._protection.reveal(entry, stored)

    def _append(self, wish: Wish) -> Entry:
        """Add one entry. What others wish while the disk is busy is added after it in one go, and synced once."""
        asked = Asked(wish)
        if asked.alone:
            with self._turn:
                self._add([asked])
        else:
            self._waiting.append(asked)
            with self._turn:
                if not asked.settled:
                    some = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
                    self._add(some)
        if asked.error is not None:
            raise asked.error
        assert asked.entry is not None
        return asked.entry

    def _add(self, asked: Sequence[Asked]) -> None:
        """Settle all that were asked for: what cannot be written leaves the others alone, what the disk refuses not."""
        try:
            self._add_all(asked)
        except BaseException as error:
            for one in asked:
                if not one.settled:
                    one.error = error
            if not isinstance(error, Exception):
                raise

    def _add_all(self, asked: Sequence[Asked]) -> None:
        signers = self._signers(asked[0].wish)
        new: tuple[StoredHead, Head] | None = None
        made: list[tuple[Asked, Entry]] = []

        def compose(
            stored: StoredHead | None, last: LastEntry | None, look: Look
        ) -> tuple[list[StoredEntry], StoredHead]:
            nonlocal new
            made.clear()  # a store that lost its database calls again
            for one in asked:
                one.error = None
            head = self._agreed(stored, last, beside)
            rows: list[StoredEntry] = []
            for one in asked:
                if (there := self._there_already(one, made, look)) is not None:
                    made.append((one, there))
                    continue
                try:
                    head, entry, added = self._written(one.wish, head, signers[0], look)
                except Exception as error:
                    if one.alone:
                        raise
                    one.error = error
                    continue
                made.append((one, entry))
                rows += added
            if head is None or not rows:
                raise _NothingToAdd
            head = replace(head, key=signers[1].public.id)
            statement = head.canonical()
            kept = StoredHead(head.number, statement, signers[1].sign(statement))
            new = kept, replace(head, signature=kept.signature)
            return rows, kept

        # Read before the transaction: what it holds was committed before, so it is never ahead of what is seen.
        beside = self._head_file.read(self.owner.key) if self._head_file else None
        once = asked[0].wish.once if len(asked) == 1 else None
        try:
            first = self._store.append(self.owner.desk, once, compose)
        except _NothingToAdd:
            first = None
        if new is not None:
            self._believed = new
            if self._head_file is not None:
                self._head_file.advance(new[1], DeskKeys((signers[1].public, *self.owner.key.keys)))
        elif first is not None:
            made = [(asked[0], self._read(first))]
        for one, entry in made:
            one.settle(entry)

    def _signers(self, wish: Wish) -> tuple[Signer, Signer]:
        """Give what signs the entry, and what signs the head after it: two where the entry changes the key."""
        if self._signer is None:
            raise HomeError("The ledger was opened for reading, so nothing can be added to it.")
        new = wish.successor
        if new is not None and wish.kind == EntryKind.KEY_REPLACED:
            return new, new
        return (signer := self._signer()), new or signer

    def _there_already(self, asked: Asked, made: Sequence[tuple[Asked, Entry]], look: Look) -> Entry | None:
        """Give the entry that has the name which is wished for, from before or from this very addition."""
        once = asked.wish.once
        if once is None or asked.alone:
            return None
        for one, entry in made:
            if one.wish.once == once:
                return entry
        return next((self._read(stored) for stored in look(Query(once=once, limit=1))), None)

    def _written(
        self, wish: Wish, before: Head | None, signer: Signer, look: Look
    ) -> tuple[Head, Entry, list[StoredEntry]]:
        """Write what was wished for as entries that follow ``before``; give the head after them and the first."""
        first, row = self._compose(wish, before, signer, look)
        head = head_of(first, before)
        added = [row]
        for part in wish.parts(first.body):
            body = {**part.body, "receipt": first.receipt}
            further = Wish(part.kind, part.subject, body, wish.technician, once=None, gives_receipt=False)
            entry, row = self._compose(further, head, signer, look)
            head = head_of(entry, head)
            added.append(row)
        return head, first, added

    def _compose(self, wish: Wish, before: Head | None, signer: Signer, look: Look) -> tuple[Entry, StoredEntry]:
        counter = (before.receipts if before else 0) + 1 if wish.gives_receipt else None
        draft = Draft(
            number=(before.number if before else 0) + 1,
            time=timestamp(self._clock()),
            receipt=self._receipt(counter) if counter is not None else "",
            look=look,
            every_desk=self._shared,
            read=self._read,
        )
        content = dict(wish.body(draft) if callable(wish.body) else wish.body)
        if counter is not None:
            content["receipt"] = draft.receipt
        clear, wrapped = content, None
        if self._protection is not None:
            clear, wrapped = self._protection.protect(wish.kind, self.owner.desk, draft.number, content)
        unsigned = Entry(
            number=draft.number,
            desk=self.owner.desk,
            training=self.owner.training,
            time=draft.time,
            kind=wish.kind,
            subject=wish.subject,
            technician=wish.technician,
            body=clear,
            previous=previous_hash(before),
            key=signer.public.id,
            once=wish.once,
            receipt_counter=counter,
            hash="",
            signature=b"",
        )
        try:
            data = unsigned.canonical()
        except NotCanonicalError as e:
            raise LedgerError(f"An entry of kind {wish.kind} cannot be written exactly: {e}. Report this.") from e
        if len(data) > LARGEST:
            raise LedgerError(f"An entry of kind {wish.kind} has {len(data)} bytes; {LARGEST} at most are kept.")
        entry = parse_entry(data, signer.sign(hashlib.sha256(data).digest()))
        row = StoredEntry(data, bytes.fromhex(entry.hash), entry.signature, search_columns(entry), wrapped)
        if wrapped is not None:
            # As it will be read back: in the one form of JSON, not as it was given.
            whole = parse_object(canonical(content)).object
            entry = replace(entry, body=whole, kept=entry.body, withheld=None)
        return entry, row

    def _agreed(self, stored: StoredHead | None, last: LastEntry | None, beside: Head | None) -> Head | None:
        """Give the head to go on from, after making sure that head, last entry and head file tell the same story."""
        head = self._head(stored)
        told = (last.number, last.hash.hex()) if last else None
        if told != ((head.number, head.hash) if head else None):
            raise LedgerError(f"The last entry of the ledger is not the one that its head names. {IN_DOUBT}")
        if beside is not None and (head is None or beside.number > head.number):
            raise LedgerError(f"Entries were cut off the end of the ledger. {IN_DOUBT}")
        return head

    def _head(self, stored: StoredHead | None) -> Head | None:
        if stored is None:
            return None
        if self._believed is not None and self._believed[0] == stored:
            return self._believed[1]
        try:
            head = parse_head(stored.canonical, stored.signature)
        except (ValueError, TypeError, AttributeError) as e:  # a row changed by others may hold anything
            raise LedgerError(f"The head of the ledger cannot be read. {IN_DOUBT}") from e
        if head.desk != self.owner.desk or not head.holds(self.owner.key.newest):
            raise LedgerError(f"The head of the ledger was not signed by this desk. {IN_DOUBT}")
        if head.training != self.owner.training:
            raise LedgerError(f"The home and its ledger disagree whether this is a training desk. {IN_DOUBT}")
        self._believed = stored, head
        return head

    def _receipt(self, counter: int) -> str:
        return f"{self.owner.receipt_prefix}-{counter:06d}"
