"""Between a caller's body and the chain: seals what is personal on the way in, and opens it on the way out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from provisioning.canonical import Json
from provisioning.ledger.entry import SEALED, Entry, Withheld
from provisioning.ledger.store import StoredEntry
from provisioning.privacy.fields import parted, rejoined
from provisioning.privacy.record_key import (
    KEY_BYTES,
    NotReadableError,
    WrappingKeys,
    open_pieces,
    seal_pieces,
    unwrap,
    wrap,
)


@dataclass(frozen=True, slots=True)
class HeldKeys:
    """The wrapping keys that a desk has: its ``own``, and all that it may read with, by identifier."""

    own: bytes
    all: WrappingKeys


class DeskProtection:
    """What :class:`~provisioning.ledger.ledger.Ledger` asks. Safe for threads.

    ``keys`` unlocks and gives the desk's keys, raising HomeError where it cannot; ``keys_at_hand`` gives them only
    where nobody has to be asked for anything, else None. ``learn`` looks whether the desk was given more keys since.
    """

    def __init__(
        self,
        keys: Callable[[], HeldKeys],
        keys_at_hand: Callable[[], HeldKeys | None],
        learn: Callable[[], HeldKeys | None] = lambda: None,
    ) -> None:
        self._keys = keys
        self._at_hand = keys_at_hand
        self._learn = learn

    def protect(
        self, kind: str, desk: str, number: int, body: Mapping[str, Json]
    ) -> tuple[Mapping[str, Json], bytes | None]:
        """Seal what is personal in ``body`` under a new key; give the body for the chain and that key wrapped."""
        clear, pieces = parted(kind, body)
        if not pieces:
            return body, None
        if SEALED in clear:
            raise ValueError(f"a body of kind {kind} has a member “{SEALED}” already")
        key = os.urandom(KEY_BYTES)
        clear[SEALED] = seal_pieces(pieces, desk, number, kind, key)
        return clear, wrap(key, self._keys().own, desk, number)

    def reveal(self, entry: Entry, stored: StoredEntry) -> Entry:
        """Open what is sealed in an entry; where that cannot be, say why and leave the body as it is."""
        sealed = entry.body.get(SEALED)
        if not isinstance(sealed, Mapping):
            return entry
        if stored.erased is not None:
            return replace(entry, withheld=Withheld.ERASED, erased=stored.erased)
        if not isinstance(stored.wrapped, bytes):  # a row changed by others may hold anything
            return replace(entry, withheld=Withheld.LOST)
        keys = self._at_hand()
        if keys is None:
            return replace(entry, withheld=Withheld.SEALED)
        try:
            key = self._record_key(stored.wrapped, keys, entry)
            if key is None:
                return replace(entry, withheld=Withheld.SEALED)
            clear = {name: value for name, value in entry.body.items() if name != SEALED}
            whole = rejoined(clear, open_pieces(sealed, entry.desk, entry.number, entry.kind, key))
        except (NotReadableError, ValueError):
            return replace(entry, withheld=Withheld.LOST)
        return replace(entry, body=whole, kept=entry.body, withheld=None)

    def _record_key(self, wrapped: bytes, keys: HeldKeys, entry: Entry) -> bytes | None:
        for known in (keys, self._learn()) if wrapped[:8] not in keys.all else (keys,):
            if known is not None and wrapped[:8] in known.all:
                return unwrap(wrapped, known.all, entry.desk, entry.number)
        return None
