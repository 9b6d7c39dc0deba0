"""A desk that was put back to an older state gets its own later entries back from the ledger that it shares.

They are there, chained to what the desk still has and signed by the desk itself; so nobody is trusted for them, and the
desk goes on behind them instead of giving out their numbers again.
"""

from __future__ import annotations

from collections.abc import Iterator

from provisioning.errors import LedgerError
from provisioning.ledger.chain_walk import BrokenError, ChainWalk
from provisioning.ledger.draft import IN_DOUBT, LedgerOwner
from provisioning.ledger.head import Head, parse_head
from provisioning.ledger.sql_store import Adding
from provisioning.ledger.store import LastEntry, Query, StoredEntry, StoredHead

BATCH = 1000
_KEY_CHANGED = (
    "This desk was put back to a state before its key was changed, and has not the new one. Restore its home from a "
    "backup of after that; or have a supervisor put another key in place (“issuing-desk keys replace”)."
)


def catch_up(here: Adding, there: Adding, last: LastEntry | None, owner: LedgerOwner) -> int:
    """Take over what the shared ledger has of this desk after ``last``; give how many entries that were.

    Raises LedgerError where those are not this desk's own, whole and next in its chain.
    """
    since = last.number if last else 0
    head = there.head()
    try:
        walk = _walk_from(here.head(), last, owner)
        for rows in in_batches(there, since):
            walk.follow(
                [[(row.canonical, row.hash, row.signature, *row.columns) for row in rows]], every_signature=True
            )
        _compare(walk, head, owner)
    except BrokenError as e:
        raise LedgerError(f"The shared ledger’s later entries of this desk do not hold: {e.reason} {IN_DOUBT}") from e
    assert head is not None, "it was compared"
    return here.merge(in_batches(there, since), head)


def in_batches(source: Adding, since: int) -> Iterator[list[StoredEntry]]:
    """Yield what a desk wrote after entry ``since``, a part at a time: that may be years."""
    while rows := source.look(Query(since=since, limit=BATCH)):
        yield rows
        since = rows[-1].columns.number


def _walk_from(stored: StoredHead | None, last: LastEntry | None, owner: LedgerOwner) -> ChainWalk:
    """Stand behind the last entry that the desk has, as its own signed head tells."""
    walk = ChainWalk(owner.desk, [owner.key], training=owner.training, wanted={})
    if last is None and stored is None:
        return walk
    head = _parsed(stored)
    if head is None or last is None or (head.number, head.hash) != (last.number, last.hash.hex()):
        raise LedgerError(f"The last entry of the ledger is not the one that its head names. {IN_DOUBT}")
    signer = next((key for key in owner.key.keys if head.key == key.id and head.holds(key)), None)
    if signer is None or head.desk != owner.desk:
        raise LedgerError(f"The head of the ledger was not signed by this desk. {IN_DOUBT}")
    walk.stand(head, signer)
    return walk


def _compare(walk: ChainWalk, stored: StoredHead | None, owner: LedgerOwner) -> None:
    head = _parsed(stored)
    told = (head.number, head.hash, head.signatures, head.receipts) if head else None
    if head is None or told != (walk.number, walk.hash, walk.signatures, walk.receipts):
        raise BrokenError("its head does not fit them.")
    if not (walk.keys and head.holds(walk.keys[-1])):
        raise BrokenError("its head was not signed by this desk.")
    if walk.keys[-1] != owner.key.newest:
        raise LedgerError(_KEY_CHANGED)


def _parsed(stored: StoredHead | None) -> Head | None:
    try:
        return parse_head(stored.canonical, stored.signature) if stored is not None else None
    except (ValueError, TypeError, AttributeError):  # a row changed by others may hold anything
        return None
