"""Check a ledger that many desks share, by nothing but their public keys: each chain, and all together.

An auditor who kept yesterday's answer gives its heads back: a chain on which yesterday's head is not found was cut or
forked, even where it is whole in itself and newly signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from provisioning.canonical import canonical
from provisioning.errors import HomeError, LedgerError
from provisioning.ledger.check import LedgerCheck, Trusted, check_ledger
from provisioning.ledger.entry import parse_entry
from provisioning.ledger.store import LedgerStore, Snapshot
from provisioning.signatures import AnyDeskKey


@dataclass(frozen=True, slots=True)
class SharedCheck:
    """What a check of all desks found; ``desks`` has one answer for each, by its identifier."""

    desks: Mapping[str, LedgerCheck]
    reason: str = ""

    @property
    def ok(self) -> bool:
        """True where every chain holds, and something was there to check."""
        return bool(self.desks) and not self.reason and all(check.ok for check in self.desks.values())

    @property
    def entries(self) -> int:
        """Give how many entries were read in all."""
        return sum(check.entries for check in self.desks.values())

    @property
    def head(self) -> str:
        """Give one value that fixes all chains: SHA-256 over the RFC 8785 form of desk -> hash of its last entry."""
        heads = {desk: check.head for desk, check in self.desks.items()}
        return sha256(canonical(heads)).hexdigest() if heads else ""

    def why(self) -> str:
        """Say what is wrong, empty where nothing is."""
        if self.reason:
            return self.reason
        bad = [f"Desk {desk}: {check.reason}" for desk, check in self.desks.items() if not check.ok]
        return bad[0] if bad else ("" if self.desks else "There is no entry of any desk.")


def check_shared(
    store: LedgerStore,
    keys: Sequence[AnyDeskKey],
    heads: Mapping[str, str] | None = None,
    *,
    every_signature: bool = False,
) -> SharedCheck:
    """Check every desk's chain by ``keys``; ``heads`` are hashes seen earlier, by desk, each of which must be there.

    Keys that are known to be of one desk are given together (:class:`DeskKeys`).
    """
    seen = heads or {}
    try:
        with store.snapshot() as snapshot:
            whose = {desk: _training(snapshot, desk) for desk in sorted(snapshot.desks())}
            faults = snapshot.faults()
    except (LedgerError, HomeError) as e:
        return SharedCheck({}, str(e))
    found: dict[str, LedgerCheck] = {}
    for desk, training in whose.items():
        if isinstance(training, str):
            found[desk] = LedgerCheck(ok=False, entries=0, head="", reason=training)
            continue
        trusted = Trusted(desk, keys, training, seen.get(desk), others=frozenset(whose))
        found[desk] = check_ledger(store, None, trusted, every_signature=every_signature)
    if missing := sorted(set(seen) - set(found)):
        return SharedCheck(found, f"Desk {missing[0]}, which was here before, is gone.")
    return SharedCheck(found, f"The database is damaged: {faults[0]}." if faults else "")


def _training(snapshot: Snapshot, desk: str) -> bool | str:
    """Tell whether it is a training desk; or say why it cannot be told."""
    first = next(snapshot.walk(desk), None)
    if first is None:
        return "There is a head without entries."
    try:
        return parse_entry(first.canonical, first.signature).training
    except (ValueError, TypeError, AttributeError):
        return "Its first entry cannot be read."
