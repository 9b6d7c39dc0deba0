"""Check a ledger from the first entry to the last: nothing changed, removed, inserted, reordered or cut off.

Theory of operation. The walk hashes each entry's bytes, compares the chain, the number and every search column,
follows the desk's changes of keys, and runs the digest of signatures along. The desk's signature on the head then
covers all of it, so one Ed25519 check decides for the whole ledger (and one for each change of keys); only if something
is wrong, or on request, are the signatures checked one by one (to name the entry). The head in the database and the one
in the file beside it must lie on the chain, the first at its end.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from provisioning.errors import HomeError, LedgerError
from provisioning.ledger.chain_walk import BrokenError, ChainWalk
from provisioning.ledger.head import Head, parse_head
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.store import LedgerStore, Snapshot, StoredHead
from provisioning.plain_text import one_line
from provisioning.signatures import AnyDeskKey, DeskKeys, DeskPublicKey

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
    keys: tuple[DeskPublicKey, ...] = field(default=(), repr=False, compare=False)
    """Where ``ok``, the keys that the desk has signed with, the newest first: with these its receipts are checked."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the checker believes beforehand: the desk, its key, whether it is a training desk, a head seen earlier.

    ``expected_head`` is the hash (hex) of any entry known to have been there: yesterday's head, one on a receipt.
    """

    desk: str
    keys: Sequence[AnyDeskKey]
    """Keys that are believed, those of one desk together. One of this desk's is enough, the oldest or a later one: the
    chain leads from key to key. Of those given together, each must be on the chain."""
    training: bool
    expected_head: str | None = None
    others: frozenset[str] = frozenset()
    """Desks whose entries may lie beside these."""


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
    walk = ChainWalk(trusted.desk, trusted.keys, training=trusted.training, wanted=wanted)
    try:
        # The file first: it is never ahead of a ledger that is looked at afterwards.
        beside = head_file.unchecked() if head_file else None
        if beside is not None:
            wanted.setdefault(beside.hash, "The head beside the ledger is not on it: entries were cut off or replaced.")
        # What the database finds wrong with itself, it looks for meanwhile: that is no work of ours.
        with ThreadPoolExecutor(1, "ledger-check") as aside, store.snapshot() as snapshot:
            faults = aside.submit(_faults, store)
            _check(snapshot, walk, beside, trusted, every_signature=every_signature)
            if found := faults.result():
                raise BrokenError(f"The database is damaged: {one_line(found[0])}.")
        if head_file is not None:
            if beside is None and walk.number > 1:
                raise BrokenError(f"{head_file.path.name} beside the ledger is missing.")
            if beside is not None and not (walk.keys and beside.holds(DeskKeys(tuple(walk.keys)))):
                raise BrokenError(head_file.not_of_this_desk())
    except BrokenError as broken:
        found = _found(walk, broken.reason, broken.first_bad)
    except (LedgerError, HomeError) as e:
        logger.debug("the check ended early", exc_info=True)
        found = _found(walk, str(e), walk.number + 1 if walk.number else None)
    else:
        found = LedgerCheck(ok=True, entries=walk.number, head=_shown(walk), keys=tuple(reversed(walk.keys)))
    certain = every_signature or walk.proven or (found.first_bad is not None and walk.last_signature_holds())
    return found, certain


def _check(
    snapshot: Snapshot, walk: ChainWalk, beside: Head | None, trusted: Trusted, *, every_signature: bool
) -> None:
    stored = snapshot.head(trusted.desk)
    walk.follow(snapshot.rows(trusted.desk), every_signature=every_signature)
    head, trouble = _database_head(stored, trusted, walk.keys)
    if head is None:
        if walk.number or beside is not None:
            raise BrokenError(trouble)
    else:
        _compare(walk, head, trusted)
    walk.require_trust()
    walk.proven = head is not None
    if beside is not None and beside.number > walk.number:
        raise BrokenError(f"Entry {walk.number + 1} is missing: the tail was cut off.", walk.number + 1)
    if missed := walk.missed():
        raise BrokenError(missed)
    if strangers := snapshot.desks() - trusted.others - {trusted.desk}:
        raise BrokenError(f"There are entries of {len(strangers)} unknown desk(s).")


def _faults(store: LedgerStore) -> tuple[str, ...]:
    with store.snapshot() as snapshot:
        return snapshot.faults()


def _database_head(
    stored: StoredHead | None, trusted: Trusted, keys: Sequence[DeskPublicKey]
) -> tuple[Head | None, str]:
    """Read the head; it must be signed with the newest of the keys that the chain gave."""
    if stored is None:
        return None, "The head of the ledger is missing."
    try:
        head = parse_head(stored.canonical, stored.signature)
        same = head.canonical() == stored.canonical and head.number == stored.number
        signers = keys[-1:] or [key for group in trusted.keys for key in group.keys]
        if same and head.desk == trusted.desk and head.holds(DeskKeys(tuple(signers))):
            return head, ""
    except (ValueError, TypeError, AttributeError):
        logger.debug("the head cannot be read", exc_info=True)
    return None, "The head of the ledger was not signed by this desk."


def _compare(walk: ChainWalk, head: Head, trusted: Trusted) -> None:
    if walk.number < head.number:
        raise BrokenError(f"Entry {walk.number + 1} is missing: the tail was cut off.", walk.number + 1)
    if walk.number > head.number:
        raise BrokenError(f"Entry {head.number + 1} was added behind the signed head.", head.number + 1)
    if (walk.hash, walk.receipts, trusted.training) != (head.hash, head.receipts, head.training):
        raise BrokenError("The signed head does not fit the last entry.", walk.number)
    if walk.signatures != head.signatures:
        raise BrokenError("The signed head does not fit the signatures of the entries.")


def _found(walk: ChainWalk, reason: str, first_bad: int | None) -> LedgerCheck:
    return LedgerCheck(ok=False, entries=walk.number, head=_shown(walk), first_bad=first_bad, reason=reason)


def _shown(walk: ChainWalk) -> str:
    return walk.hash if walk.number else ""
