"""Check a ledger from the first entry to the last: nothing changed, removed, inserted, reordered or cut off.

Theory of operation. The walk hashes each entry's bytes, compares the chain, the number and every search column, and
runs the digest of signatures along. The desk's signature on the head then covers all of it, so one Ed25519 check
decides for the whole ledger; only if something is wrong, or on request, are the signatures checked one by one (to
name the entry). The head in the database and the one in the file beside it must lie on the chain, the first at its end.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from provisioning.errors import HomeError, LedgerError
from provisioning.ledger.entry import BEFORE_THE_FIRST, LARGEST, parse_entry, search_columns
from provisioning.ledger.head import NO_SIGNATURES, Head, parse_head, with_signature
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.store import LedgerStore, Snapshot, StoredEntry, StoredHead
from provisioning.plain_text import one_line
from provisioning.signatures import DeskPublicKey

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What a check found. ``head`` is the hash (hex) of the last entry read, empty without entries.

    ``first_bad`` is the number of the first entry that is wrong or missing, None where all entries hold but
    something else does not; ``reason`` is a sentence, empty where ``ok``.
    """

    ok: bool
    entries: int
    head: str
    first_bad: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the checker believes beforehand: the desk, its key, whether it is a training desk, a head seen earlier.

    ``expected_head`` is the hash (hex) of any entry known to have been there: yesterday's head, one on a receipt.
    """

    desk: str
    key: DeskPublicKey
    training: bool
    expected_head: str | None = None
    others: frozenset[str] = frozenset()
    """Desks whose entries may lie beside these."""


class _Broken(Exception):
    def __init__(self, reason: str, first_bad: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.first_bad = first_bad


class _Walk:
    """Follows the chain and remembers how far it held."""

    def __init__(self, trusted: Trusted, wanted: dict[str, str]) -> None:
        self.number = 0
        self.hash: str = BEFORE_THE_FIRST
        self.signatures = NO_SIGNATURES
        self.receipts = 0
        self._signature = b""
        self._trusted = trusted
        self._wanted = wanted
        """Hashes that must be met, with the reason to give where they are not."""

    def follow(self, rows: Iterator[StoredEntry], *, every_signature: bool) -> None:
        for row in rows:
            self._step(row, every_signature=every_signature)

    def last_signature_holds(self) -> bool:
        """Tell whether the desk signed the last entry followed, and with it (by the chain) all before it."""
        return not self.number or self._trusted.key.verifies(self._signature, bytes.fromhex(self.hash))

    def missed(self) -> str | None:
        return next(iter(self._wanted.values()), None)

    def _step(self, row: StoredEntry, *, every_signature: bool) -> None:
        number = self.number + 1
        found = row.columns.number
        if found != number:
            if isinstance(found, int) and found > number:  # pyright: ignore[reportUnnecessaryIsInstance]  # hostile row
                raise _Broken(f"Entry {number} is missing.", number)
            raise _Broken(f"After entry {self.number} comes one numbered {found!r:.40}.", number)
        if any(type(part) is not bytes for part in (row.canonical, row.hash, row.signature)):
            raise _Broken(f"Entry {number} is not kept as bytes.", number)
        if len(row.canonical) > LARGEST:
            raise _Broken(f"Entry {number} is larger than any entry may be.", number)
        digest = hashlib.sha256(row.canonical).digest()
        if row.hash != digest:
            raise _Broken(f"Entry {number} was changed: its hash does not fit its bytes.", number)
        try:
            entry = parse_entry(row.canonical, row.signature)
        except ValueError as e:
            raise _Broken(f"Entry {number} cannot be read.", number) from e
        if entry.previous != self.hash:
            raise _Broken(f"Entry {number} does not follow entry {self.number}: the chain is broken.", number)
        if search_columns(entry) != row.columns:
            raise _Broken(f"Entry {number} was changed: a search column differs from its bytes.", number)
        trusted = self._trusted
        if (entry.desk, entry.training, entry.key) != (trusted.desk, trusted.training, trusted.key.id):
            raise _Broken(f"Entry {number} is of another desk or signed with another key.", number)
        if every_signature and not trusted.key.verifies(row.signature, digest):
            raise _Broken(f"The signature of entry {number} is wrong.", number)
        if entry.receipt_counter is not None:
            self.receipts += 1
            if entry.receipt_counter != self.receipts or entry.receipt is None:
                raise _Broken(f"Entry {number} gives out a receipt out of turn.", number)
        self.number, self.hash = number, entry.hash
        self.signatures = with_signature(self.signatures, row.signature)
        self._signature = row.signature
        self._wanted.pop(entry.hash, None)


def check_ledger(
    store: LedgerStore, head_file: HeadFile | None, trusted: Trusted, *, every_signature: bool = False
) -> LedgerCheck:
    """Check everything; damage is a result, never an exception. Entries may be added meanwhile."""
    found, certain = _check_once(store, head_file, trusted, every_signature=every_signature)
    if found.ok or certain:
        return found
    # Something is wrong; the signatures tell which entry is the first that the desk did not write.
    closer, _ = _check_once(store, head_file, trusted, every_signature=True)
    return closer if closer.first_bad is not None else found


def _check_once(
    store: LedgerStore, head_file: HeadFile | None, trusted: Trusted, *, every_signature: bool
) -> tuple[LedgerCheck, bool]:
    """Check once; the second result tells that what holds before ``first_bad`` is known to be the desk's."""
    expected = trusted.expected_head.strip().lower() if trusted.expected_head else None
    wanted = {expected: "The head that was expected is not on this ledger: it was cut or forked."} if expected else {}
    walk = _Walk(trusted, wanted)
    try:
        # The file first: it is never ahead of a ledger that is looked at afterwards.
        beside = head_file.read(trusted.key) if head_file else None
        with store.snapshot() as snapshot:
            _check(snapshot, walk, wanted, beside, trusted, every_signature=every_signature)
            if head_file is not None and beside is None and walk.number > 1:
                raise _Broken(f"{head_file.path.name} beside the ledger is missing.")
    except _Broken as broken:
        found = _found(walk, broken.reason, broken.first_bad)
    except (LedgerError, HomeError) as e:
        logger.debug("the check ended early", exc_info=True)
        found = _found(walk, str(e), walk.number + 1 if walk.number else None)
    else:
        found = LedgerCheck(ok=True, entries=walk.number, head=_shown(walk))
    return found, every_signature or (found.first_bad is not None and walk.last_signature_holds())


def _check(
    snapshot: Snapshot, walk: _Walk, wanted: dict[str, str], beside: Head | None, trusted: Trusted, *,
    every_signature: bool,
) -> None:  # fmt: skip
    if beside is not None:
        wanted.setdefault(beside.hash, "The head beside the ledger is not on it: entries were cut off or replaced.")
    head, trouble = _database_head(snapshot.head(trusted.desk), trusted)
    walk.follow(snapshot.walk(trusted.desk), every_signature=every_signature or head is None)
    if head is None:
        if walk.number or beside is not None:
            raise _Broken(trouble)
    else:
        _compare(walk, head, trusted)
    if beside is not None and beside.number > walk.number:
        raise _Broken(f"Entry {walk.number + 1} is missing: the tail was cut off.", walk.number + 1)
    if missed := walk.missed():
        raise _Broken(missed)
    if strangers := snapshot.desks() - trusted.others - {trusted.desk}:
        raise _Broken(f"There are entries of {len(strangers)} unknown desk(s).")
    if faults := snapshot.faults():
        raise _Broken(f"The database is damaged: {one_line(faults[0])}.")


def _database_head(stored: StoredHead | None, trusted: Trusted) -> tuple[Head | None, str]:
    if stored is None:
        return None, "The head of the ledger is missing."
    try:
        head = parse_head(stored.canonical, stored.signature)
        same = head.canonical() == stored.canonical and head.number == stored.number
        if same and head.desk == trusted.desk and head.holds(trusted.key):
            return head, ""
    except (ValueError, TypeError, AttributeError):
        logger.debug("the head cannot be read", exc_info=True)
    return None, "The head of the ledger was not signed by this desk."


def _compare(walk: _Walk, head: Head, trusted: Trusted) -> None:
    if walk.number < head.number:
        raise _Broken(f"Entry {walk.number + 1} is missing: the tail was cut off.", walk.number + 1)
    if walk.number > head.number:
        raise _Broken(f"Entry {head.number + 1} was added behind the signed head.", head.number + 1)
    if (walk.hash, walk.receipts, trusted.training) != (head.hash, head.receipts, head.training):
        raise _Broken("The signed head does not fit the last entry.", walk.number)
    if walk.signatures != head.signatures:
        raise _Broken("The signed head does not fit the signatures of the entries.")


def _found(walk: _Walk, reason: str, first_bad: int | None) -> LedgerCheck:
    return LedgerCheck(ok=False, entries=walk.number, head=_shown(walk), first_bad=first_bad, reason=reason)


def _shown(walk: _Walk) -> str:
    return walk.hash if walk.number else ""
