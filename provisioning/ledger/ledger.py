"""The ledger of one desk: what happened, added at the end, found again, checked. Synchronous and safe for threads.

Whoever awaits calls it through ``asyncio.to_thread``. Importing this loads no database; opening a store does.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType

from provisioning.canonical import Json, NotCanonicalError
from provisioning.errors import HomeError, LedgerError
from provisioning.ledger.check import LedgerCheck, Trusted, check_ledger
from provisioning.ledger.entry import LARGEST, Entry, parse_entry, search_columns, searchable, timestamp
from provisioning.ledger.head import Head, head_of, parse_head, previous_hash
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.store import LastEntry, LedgerStore, Query, StoredEntry, StoredHead
from provisioning.signatures import DeskPublicKey, Signer

Body = Mapping[str, Json]
IN_DOUBT = "The record is in doubt: stop, and have the ledger verified."


@dataclass(frozen=True, slots=True)
class LedgerOwner:
    """Whose ledger it is. ``receipt_prefix`` begins this desk's receipt numbers, ``D4`` giving ``D4-000017``."""

    desk: str
    key: DeskPublicKey
    training: bool
    receipt_prefix: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry will be, told to whoever writes its body inside the transaction."""

    number: int
    time: str
    receipt: str


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a caller wants to be added."""

    kind: str
    subject: str | None
    body: Callable[[Draft], Body]
    technician: str | None
    once: str | None
    gives_receipt: bool

    def __post_init__(self) -> None:
        if self.once is not None and searchable(self.once) != self.once:
            raise ValueError(f"“{self.once!r}” is too long or too strange to name an event")


def now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC)


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
    ) -> None:
        """Use an open store. ``signer`` is asked when first needed (it may have to unlock); None reads only."""
        self.owner = owner
        self._store = store
        self._head_file = head_file
        self._signer = signer
        self._clock = clock
        self._turn = threading.Lock()
        self._believed: Head | None = None
        """A head whose signature was checked in this process, to check it only once."""

    def append(
        self,
        kind: str,
        subject: str | None,
        body: Body,
        *,
        technician: str | None,
        once: str | None = None,
    ) -> Entry:
        """Add an entry; it is on disk when this returns.

        ``kind`` is an EntryKind, ``subject`` a serial number. ``once`` names the event: an entry with that name is
        given back unchanged instead of adding another, so that asking again after a crash adds nothing.
        ``body["officer"]`` and ``body["receipt"]``, where they are text, are what people can search by.
        Raises HomeError (full, read-only, busy) or LedgerError (in doubt); then nothing was added.
        """
        return self._append(_Wish(str(kind), subject, lambda _draft: body, technician, once, gives_receipt=False))

    def append_receipt(
        self,
        kind: str,
        subject: str | None,
        body: Callable[[Draft], Body],
        *,
        technician: str | None,
        once: str | None = None,
    ) -> Entry:
        """Add an entry that gives out the next receipt number, which is never given twice.

        ``body`` is called inside the transaction with the number, must be quick and must not use the ledger; what
        it gives gets ``receipt`` set. With a known ``once`` it is not called and the first entry comes back.
        """
        return self._append(_Wish(str(kind), subject, body, technician, once, gives_receipt=True))

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

        Raises LedgerError where one of them was changed (hash or search columns): ``verify`` says more.
        """
        kinds = () if kind is None else (kind,) if isinstance(kind, str) else kind
        query = Query(
            serial=searchable(serial),
            officer=searchable(officer),
            receipt=searchable(receipt),
            kinds=kinds,
            once=searchable(once),
            since=since,
            newest_first=newest_first,
            limit=limit,
        )
        return [_read(stored) for stored in self._store.find(self.owner.desk, query)]

    def walk(self) -> Iterator[Entry]:
        """Yield all entries, oldest first, from one consistent picture and in little memory."""
        with self._store.snapshot() as snapshot:
            for stored in snapshot.walk(self.owner.desk):
                yield _read(stored)

    def head(self) -> Head | None:
        """Give the newest signed head; None for a ledger without entries. Raises LedgerError where it is forged."""
        with self._store.snapshot() as snapshot:
            return self._head(snapshot.head(self.owner.desk))

    def verify(self, expected_head: str | None = None, *, every_signature: bool = False) -> LedgerCheck:
        """Check the whole ledger; whatever is wrong is a result, not an exception.

        ``expected_head`` is the hash (hex) of an entry known to have been there. ``every_signature`` also checks
        each entry's own signature, 0.1 ms apiece; without it the head's signature covers them all.
        """
        trusted = Trusted(self.owner.desk, self.owner.key, self.owner.training, expected_head)
        return check_ledger(self._store, self._head_file, trusted, every_signature=every_signature)

    def close(self) -> None:
        """Let go of the store; safe twice."""
        self._store.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, wish: _Wish) -> Entry:
        if self._signer is None:
            raise HomeError("The ledger was opened for reading, so nothing can be added to it.")
        signer = self._signer()
        added: Head | None = None

        def compose(stored: StoredHead | None, last: LastEntry | None) -> tuple[StoredEntry, StoredHead]:
            nonlocal added
            before = self._agreed(stored, last, beside)
            entry = self._compose(wish, before, signer)
            added = head_of(entry, before).signed(signer)
            row = StoredEntry(entry.canonical(), bytes.fromhex(entry.hash), entry.signature, search_columns(entry))
            return row, StoredHead(added.number, added.canonical(), added.signature)

        with self._turn:
            # Read before the transaction: what it holds was committed before, so it is never ahead of what is seen.
            beside = self._head_file.read(self.owner.key) if self._head_file else None
            entry = _read(self._store.append(self.owner.desk, wish.once, compose))
            if added is None and entry.kind != wish.kind:
                raise ValueError(f"“{wish.once}” already names entry {entry.number}, which is of kind {entry.kind}")
            if added is not None:
                self._believed = added
                if self._head_file is not None:
                    self._head_file.advance(added, self.owner.key)
        return entry

    def _compose(self, wish: _Wish, before: Head | None, signer: Signer) -> Entry:
        counter = (before.receipts if before else 0) + 1 if wish.gives_receipt else None
        draft = Draft(
            number=(before.number if before else 0) + 1,
            time=timestamp(self._clock()),
            receipt=self._receipt(counter) if counter is not None else "",
        )
        content = dict(wish.body(draft))
        if counter is not None:
            content["receipt"] = draft.receipt
        unsigned = Entry(
            number=draft.number,
            desk=self.owner.desk,
            training=self.owner.training,
            time=draft.time,
            kind=wish.kind,
            subject=wish.subject,
            technician=wish.technician,
            body=content,
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
        return parse_entry(data, signer.sign(hashlib.sha256(data).digest()))

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
        believed = self._believed
        if believed is not None and believed.signature == stored.signature and believed.canonical() == stored.canonical:
            return believed
        try:
            head = parse_head(stored.canonical, stored.signature)
        except (ValueError, TypeError) as e:
            raise LedgerError(f"The head of the ledger cannot be read. {IN_DOUBT}") from e
        if head.desk != self.owner.desk or not head.holds(self.owner.key):
            raise LedgerError(f"The head of the ledger was not signed by this desk. {IN_DOUBT}")
        if head.training != self.owner.training:
            raise LedgerError(f"The home and its ledger disagree whether this is a training desk. {IN_DOUBT}")
        self._believed = head
        return head

    def _receipt(self, counter: int) -> str:
        return f"{self.owner.receipt_prefix}-{counter:06d}"


def _read(stored: StoredEntry) -> Entry:
    number = stored.columns.number
    try:
        entry = parse_entry(stored.canonical, stored.signature)
    except (ValueError, TypeError) as e:
        raise LedgerError(f"Entry {number} of the ledger cannot be read. {IN_DOUBT}") from e
    if bytes.fromhex(entry.hash) != stored.hash or search_columns(entry) != stored.columns:
        raise LedgerError(f"Entry {number} of the ledger was changed. {IN_DOUBT}")
    return entry
