"""Follow one desk's chain row by row: bytes, hashes, search columns, keys and receipts, and the digest of signatures.

Theory of operation. A row that is as it should be is recognised by what its bytes *must* be: the canonical form puts
``body`` first and all other members behind it in a fixed order, and each of those is known beforehand, from the search
columns or from the chain. So the end of the bytes is written down anew and compared, and of the body is read what two
columns repeat. Whatever is not recognised so is looked at member by member, slowly, to say what is wrong with it: the
quick way only ever says yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from json.encoder import encode_basestring

from provisioning.canonical import parse_start
from provisioning.errors import UsageError
from provisioning.ledger.entry import (
    BEFORE_THE_FIRST,
    FORMAT,
    LARGEST,
    LONGEST_SEARCHED,
    Entry,
    EntryKind,
    parse_entry,
    search_columns,
)
from provisioning.ledger.head import NO_SIGNATURES, Head, with_signature
from provisioning.ledger.key_changes import KEY_KINDS, successor
from provisioning.ledger.store import RawRow, StoredEntry, stored
from provisioning.signatures import AnyDeskKey, DeskPublicKey

_BODY = b'{"body":{'
_BEGINS = len(b'{"body":')


class BrokenError(Exception):
    """Raised at the first thing that is wrong. ``first_bad`` is an entry's number, None where all entries hold."""

    def __init__(self, reason: str, first_bad: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.first_bad = first_bad


class ChainWalk:
    """Follows the chain and remembers how far it held, and which keys it was signed with."""

    def __init__(self, desk: str, groups: Sequence[AnyDeskKey], *, training: bool, wanted: dict[str, str]) -> None:
        """Begin before the first entry. ``groups`` are the keys that are trusted, those of one desk together.

        ``wanted`` are hashes that must be met, each with the reason to give where it is not; those met are taken out.
        """
        self.number: int = 0
        self.hash: str = BEFORE_THE_FIRST
        self.signatures: str = NO_SIGNATURES
        self.receipts: int = 0
        self.keys: list[DeskPublicKey] = []
        """All keys of the chain so far, the newest last."""
        self.proven = False
        """Set by who compared it with a head that the desk signed: every entry and every signature is the desk's."""
        self._signature = b""
        self._signed_by: DeskPublicKey | None = None
        self._desk = desk
        self._training = training
        self._groups = groups
        self._wanted = wanted

    def follow(self, rows: Iterable[Sequence[RawRow]], *, every_signature: bool) -> None:
        """Go on along ``rows``. Raises BrokenError at the first that does not hold."""
        for some in rows:
            slowly = len(some) if every_signature else int(not self.keys)
            for row in some[:slowly]:
                self._step(stored(row), every_signature=every_signature)
            if len(some) > slowly:
                self._run(some[slowly:])

    def stand(self, head: Head, signer: DeskPublicKey) -> None:
        """Go on from the entry that ``head`` names, which ``signer`` is known to have signed."""
        self.number, self.hash, self.signatures, self.receipts = head.number, head.hash, head.signatures, head.receipts
        self.keys = [signer]

    def last_signature_holds(self) -> bool:
        """Tell whether the desk signed the last entry followed, and with it (by the chain) all before it."""
        return self._signed_by is None or self._signed_by.verifies(self._signature, bytes.fromhex(self.hash))

    def missed(self) -> str | None:
        """Give the reason to fail for a hash that was never met."""
        return next(iter(self._wanted.values()), None)

    def require_trust(self) -> None:
        """Raise BrokenError unless a trusted key is on the chain, together with all that were given with it."""
        found = {key.raw for key in self.keys}
        mine = [group for group in self._groups if any(key.raw in found for key in group.keys)]
        if self.number and not mine:
            raise BrokenError("None of the trusted keys is on this chain: entry 1 is not by them.", 1)
        if any(key.raw not in found for group in mine for key in group.keys):
            raise BrokenError("A key of this desk is not on its chain: the chain was forked before that key came.")

    def _run(self, rows: Sequence[RawRow]) -> None:
        """Take the quick way along rows, and the slow one for each that it does not recognise."""
        quote, parse, wanted, desk = encode_basestring, parse_start, self._wanted, self._desk
        head, tail, longest = self._frame()
        number, previous, signatures = self.number, self.hash, bytes.fromhex(self.signatures)
        for row in rows:
            data, digest, signature, of, found, time, kind, subject, technician, officer, receipt, counter, once = row
            try:
                end = (
                    f'{head}{quote(kind)},"number":{number + 1},"once":{"null" if once is None else quote(once)}'
                    f',"previous":"{previous}","receipt_counter":{"null" if counter is None else self.receipts + 1}'
                    f',"subject":{"null" if subject is None else quote(subject)}'
                    f',"technician":{"null" if technician is None else quote(technician)},"time":{quote(time)}{tail}'
                ).encode()
                body, stop = parse(data[_BEGINS : -len(end)].decode())
                holds = (
                    sha256(data).digest() == digest
                    and data.endswith(end)
                    and data.startswith(_BODY)
                    and stop == len(data) - _BEGINS - len(end)
                    and (found == number + 1 and type(found) is int and of == desk)
                    and (type(data) is bytes and type(signature) is bytes and len(end) <= longest)
                    and (_is(officer, body.get("officer")) and _is(receipt, body.get("receipt")))
                    and (counter is None or (counter == self.receipts + 1 and type(counter) is int and receipt))
                    and kind not in KEY_KINDS
                )
            except (TypeError, ValueError, AttributeError, RecursionError):
                holds = False
            if holds:
                number, previous = number + 1, digest.hex()
                signatures = sha256(signatures + signature).digest()
                self._signature = signature
                if counter is not None:
                    self.receipts += 1
                if previous in wanted:
                    del wanted[previous]
            else:
                self.number, self.hash, self.signatures = number, previous, signatures.hex()
                self._step(stored(row), every_signature=False)
                head, tail, longest = self._frame()
                number, previous, signatures = self.number, self.hash, bytes.fromhex(self.signatures)
        self.number, self.hash, self.signatures = number, previous, signatures.hex()

    def _frame(self) -> tuple[str, str, int]:
        """Give what stands in every entry before its kind and after its time, and how long the whole end may be.

        So long that no text in it is longer than a search column: longer ones are cut there.
        """
        self._signed_by = self.keys[-1]
        head = f',"desk":{encode_basestring(self._desk)},"format":"{FORMAT}","key":"{self.keys[-1].id}","kind":'
        tail = f',"training":{"true" if self._training else "false"}}}'
        between = ',"number":,"once":,"previous":"","receipt_counter":,"subject":,"technician":,"time":'
        return head, tail, len(head) + len(between) + len(BEFORE_THE_FIRST) + len(tail) + LONGEST_SEARCHED

    def _step(self, row: StoredEntry, *, every_signature: bool) -> None:
        number = self.number + 1
        found = row.columns.number
        if found != number:
            if isinstance(found, int) and found > number:  # pyright: ignore[reportUnnecessaryIsInstance]  # hostile row
                raise BrokenError(f"Entry {number} is missing.", number)
            raise BrokenError(f"After entry {self.number} comes one numbered {found!r:.40}.", number)
        if any(type(part) is not bytes for part in (row.canonical, row.hash, row.signature)):
            raise BrokenError(f"Entry {number} is not kept as bytes.", number)
        if len(row.canonical) > LARGEST:
            raise BrokenError(f"Entry {number} is larger than any entry may be.", number)
        digest = sha256(row.canonical).digest()
        if row.hash != digest:
            raise BrokenError(f"Entry {number} was changed: its hash does not fit its bytes.", number)
        try:
            entry = parse_entry(row.canonical, row.signature)
        except ValueError as e:
            raise BrokenError(f"Entry {number} cannot be read.", number) from e
        if entry.previous != self.hash:
            raise BrokenError(f"Entry {number} does not follow entry {self.number}: the chain is broken.", number)
        if search_columns(entry) != row.columns:
            raise BrokenError(f"Entry {number} was changed: a search column differs from its bytes.", number)
        signer, after = self._signer(entry)
        if (entry.desk, entry.training, entry.key) != (self._desk, self._training, signer.id):
            raise BrokenError(f"Entry {number} is of another desk or signed with another key.", number)
        if every_signature and not signer.verifies(row.signature, digest):
            raise BrokenError(f"The signature of entry {number} is wrong.", number)
        if entry.receipt_counter is not None:
            if entry.receipt_counter != self.receipts + 1 or entry.receipt is None:
                raise BrokenError(f"Entry {number} gives out a receipt out of turn.", number)
            self.receipts += 1
        if not self.keys or after != self.keys[-1]:
            self.keys.append(after)
        self.number, self.hash = number, entry.hash
        self.signatures = with_signature(self.signatures, row.signature)
        self._signature, self._signed_by = row.signature, signer
        self._wanted.pop(entry.hash, None)

    def _signer(self, entry: Entry) -> tuple[DeskPublicKey, DeskPublicKey]:
        """Give the key that must have signed an entry, and the one that must sign what follows."""
        number = self.number + 1
        current = self.keys[-1] if self.keys else self._first(entry)
        if entry.kind not in KEY_KINDS:
            return current, current
        try:
            new = successor(entry, current)
        except ValueError as e:
            raise BrokenError(f"Entry {number} {e}.", number) from e
        if new in self.keys:
            raise BrokenError(f"Entry {number} goes back to a key that was given up.", number)
        if entry.kind == EntryKind.KEY_CHANGED:
            return current, new
        if not any(new in group.keys for group in self._groups):
            raise BrokenError(
                f"Entry {number} puts another key in place, which the key before it did not sign. Check again with "
                "that key, if whoever answers for this desk gives it to you.",
                number,
            )
        return new, new

    def _first(self, entry: Entry) -> DeskPublicKey:
        """Give the key that the chain begins with: a trusted one, or what the first entry says of itself.

        The latter is believed only if a trusted key follows (:meth:`require_trust`).
        """
        for key in (key for group in self._groups for key in group.keys):
            if key.id == entry.key:
                return key
        pem = entry.body.get("public_key")
        try:
            own = DeskPublicKey.from_pem(pem if isinstance(pem, str) and entry.kind == EntryKind.HOME_CREATED else "")
        except UsageError:
            own = None
        if own is None or own.id != entry.key:
            raise BrokenError("Entry 1 is of another desk or signed with another key.", 1)
        return own


def _is(column: object, value: object) -> bool:
    """Tell whether a search column surely holds what the body says; False also where only a closer look can tell."""
    if not isinstance(value, str):
        return column is None
    return value == column and len(value) <= LONGEST_SEARCHED and value.isascii() and "\0" not in value
