"""Change a ledger of 1,000 entries in every way, one after the other, and see that each is found.

    python tests/chaos/tamper.py [--entries 1000] [--stores sqlite postgres]

1. *Every byte.* Each byte of each entry as it is kept (canonical bytes, hash, signature, each search column), of the
   head and of the head file, is changed by itself. An entry is put before the very walk that ``verify`` is, at the
   place where it belongs (the walk's state there is kept), so that 700,000 changes need not read 1,000 entries each.
2. *On the tables.* In each store, without its guards: one byte of every entry at a place by chance; every entry
   removed; every two neighbours swapped; the ledger cut after every entry; every entry and the next ones written anew,
   chained and signed with another key. Each time the whole ledger is verified.
3. *By the desk itself.* Somebody who has the desk's key changes, removes, swaps, cuts or forks at every entry, writes
   all behind it anew, and signs the head. In itself that is whole, and ``verify`` must say so; an auditor who has
   nothing but yesterday's head must find each of them that touches what was there yesterday.

Exit 1 where anything was not found.
"""

from __future__ import annotations

# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportPrivateUsage=false
import argparse
import copy
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from ledger_place import COLUMNS, DESK, OWNER, PLACES, SIGNER, STRANGER, Place, fill

from provisioning.canonical import canonical
from provisioning.ledger.chain_walk import BrokenError, ChainWalk
from provisioning.ledger.check import LedgerCheck, Trusted, check_ledger
from provisioning.ledger.entry import parse_entry, search_columns
from provisioning.ledger.head import NO_SIGNATURES, Head, parse_head, with_signature
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.store import StoredHead
from provisioning.signatures import DeskSigner

Row = tuple[Any, ...]
"""As the walk gets it: canonical bytes, hash, signature, then the search columns."""
PARTS = ("canonical", "hash", "signature", *COLUMNS[:2], *COLUMNS[5:])
JUNK = bytes(64)


@dataclass
class Book:
    """A ledger in memory, to be read as a store's."""

    rows: list[Row]
    stored: StoredHead

    def head(self, _desk: str) -> StoredHead:
        return self.stored

    def desks(self) -> frozenset[str]:
        return frozenset({DESK})

    def faults(self) -> tuple[str, ...]:
        return ()

    def check(self, expected: str | None = None) -> LedgerCheck:
        trusted = Trusted(DESK, [OWNER.key], training=False, expected_head=expected)
        return check_ledger(_Store(self), None, trusted)  # pyright: ignore[reportArgumentType]  # it only reads


@dataclass
class _Store:
    book: Book

    @contextmanager
    def snapshot(self) -> Generator[Any]:
        book = self.book

        class Picture:
            head = book.head
            desks = book.desks
            faults = book.faults

            @staticmethod
            def rows(_desk: str) -> Iterator[Sequence[Row]]:
                yield book.rows

        yield Picture()


def read(place: Place) -> Book:
    """Read a whole ledger past the program."""
    columns = ", ".join(f'"{name}"' for name in PARTS)
    rows = [tuple(row) for row in place.look(f"SELECT {columns} FROM entries WHERE desk = ? ORDER BY number", DESK)]
    ((number, data, signature),) = place.look("SELECT number, canonical, signature FROM heads WHERE desk = ?", DESK)
    return Book(rows, StoredHead(int(str(number)), bytes(data), bytes(signature)))


def flips(value: object) -> Iterator[object]:
    """Give the value with each of its bytes changed, one at a time; for what has none, something else."""
    match value:
        case bytes():
            for place in range(len(value)):
                yield value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
        case str():
            for place, letter in enumerate(value):
                yield value[:place] + chr(ord(letter) ^ 1) + value[place + 1 :]
        case int():
            yield from (value + 1, value - 1, value ^ 256)
        case _:
            yield from ("x", 1)


def every_byte(book: Book) -> Counter[str]:
    """Change every byte of every row; give how many changes of which part were found. Raises AssertionError."""
    found: Counter[str] = Counter()
    walk = ChainWalk(DESK, [OWNER.key], training=False, wanted={})
    head = parse_head(book.stored.canonical, book.stored.signature)
    digests = [walk.signatures]
    for row in book.rows:
        digests.append(with_signature(digests[-1], row[2]))
    assert digests[-1] == head.signatures
    for number, row in enumerate(book.rows, 1):
        for part, (name, value) in enumerate(zip(PARTS, row, strict=True)):
            for forged in flips(value):
                changed: Row = (*row[:part], forged, *row[part + 1 :])
                alone = copy.copy(walk)
                alone.keys = list(walk.keys)
                try:
                    # A signature is covered by the head, and named by looking at each: as verify does where it differs.
                    if name == "signature":
                        assert with_signature(walk.signatures, bytes(changed[2])) != digests[number], (
                            "the head would not tell"
                        )
                    alone.follow([[changed]], every_signature=name == "signature")
                except BrokenError as broken:
                    told = broken.first_bad
                else:
                    told = None
                assert told == number, f"entry {number}: a change of {name} was not found"
                found[name] += 1
        walk.follow([[row]], every_signature=False)
    return found


def every_byte_of_the_head(book: Book, head_file: Path) -> int:
    """Change every byte of the head and of the head file; give how many changes were found."""
    found = 0
    for name in ("canonical", "signature", "number"):
        for forged in flips(getattr(book.stored, name)):
            check = Book(book.rows, replace(book.stored, **{name: forged})).check()
            assert not check.ok, (name, forged)
            found += 1
    whole = head_file.read_bytes()
    trusted = Trusted(DESK, [OWNER.key], training=False)
    for place, forged in enumerate(flips(whole.rstrip())):
        head_file.write_bytes(bytes(forged) + b"\n")  # pyright: ignore[reportArgumentType]
        check = check_ledger(_Store(book), HeadFile(head_file), trusted)  # pyright: ignore[reportArgumentType]
        assert not check.ok, f"byte {place} of the head file"
        found += 1
    head_file.write_bytes(whole)
    return found


class Tables:
    """A store whose tables a forger has in hand."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.rows = [
            tuple(row)
            for row in place.look(f"SELECT {', '.join(COLUMNS)} FROM entries WHERE desk = ? ORDER BY number", DESK)
        ]
        self.ledger = place.open(writing=False)

    def put(self, row: Row) -> None:
        self.place.forge(f"INSERT INTO entries ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})", *row)

    def remove(self, number: int) -> None:
        self.place.forge("DELETE FROM entries WHERE number = ?", number)

    def found(self, number: int) -> None:
        check = self.ledger.verify()
        assert (check.ok, check.first_bad) == (False, number), (number, check)

    def one_byte(self, number: int) -> None:
        row = self.rows[number - 1]
        column = random.choice(("canonical", "hash", "signature"))
        value = row[COLUMNS.index(column)]
        forged = random.choice(list(flips(value)))
        self.place.forge(f"UPDATE entries SET {column} = ? WHERE number = ?", forged, number)
        self.found(number)
        self.place.forge(f"UPDATE entries SET {column} = ? WHERE number = ?", value, number)

    def removed(self, number: int) -> None:
        self.remove(number)
        self.found(number)
        self.put(self.rows[number - 1])

    def swapped(self, number: int) -> None:
        if number == len(self.rows):
            return
        one, two = self.rows[number - 1], self.rows[number]
        self.remove(number)
        self.remove(number + 1)
        for row, into in ((one, number + 1), (two, number)):
            self.put((row[0], into, *row[2:]))
        self.found(number)
        self.remove(number)
        self.remove(number + 1)
        self.put(one)
        self.put(two)

    def forked(self, number: int) -> None:
        """From this entry on, a few are written anew and chained without a fault, by another's key."""
        some = self.rows[number - 1 : number + 2]
        previous = some[0][2].partition(b'"previous":"')[2][:64].decode()
        for row in some:
            entry = parse_entry(row[2], b"")
            data = canonical({**entry.document(), "previous": previous, "body": {**entry.body, "forged": True}})
            digest = sha256(data).digest()
            previous = digest.hex()
            self.remove(entry.number)
            self.put((DESK, entry.number, data, digest, STRANGER.sign(digest), *row[5:]))
        self.found(number)
        for row in some:
            self.remove(row[1])
            self.put(row)

    def cut(self) -> int:
        """Cut after every entry, from the end on; give how many cuts were found."""
        for number in range(len(self.rows), 0, -1):
            self.remove(number)
            self.found(number)
        for row in self.rows:
            self.put(row)
        assert "guard" in self.ledger.verify().reason, "whole again, but for the guards"
        return len(self.rows)


def chained(rows: Sequence[Row], until: Head | None, signer: DeskSigner) -> Book:
    """Chain rows anew, renumbered, and sign the head as the desk would."""
    made: list[Row] = []
    previous, signatures, receipts = "0" * 64, NO_SIGNATURES, 0
    for number, row in enumerate(rows, 1):
        data, changed = row[0], False
        place = data.rindex(b'"previous":"') + len(b'"previous":"')
        if data[place : place + 64] != previous.encode():
            data, changed = data[:place] + previous.encode() + data[place + 64 :], True
        if row[4] != number:
            data, changed = data.replace(f'"number":{row[4]}'.encode(), f'"number":{number}'.encode(), 1), True
        counter = row[11]
        if counter is not None:
            receipts += 1
            if counter != receipts:
                document = parse_entry(data, b"").document()
                data, changed = canonical({**document, "receipt_counter": receipts}), True
        # The head covers every signature, so that whoever signs the head need not sign each entry.
        digest, signature = (sha256(data).digest(), JUNK) if changed or row[2] == JUNK else (row[1], row[2])
        entry = parse_entry(data, signature)
        made.append((data, digest, signature, *search_columns(entry)))
        previous, signatures = digest.hex(), with_signature(signatures, signature)
    assert until is not None
    head = replace(
        until, number=len(made), hash=previous, signatures=signatures, receipts=receipts, signature=b""
    ).signed(signer)
    return Book(made, StoredHead(head.number, head.canonical(), head.signature))


def by_the_desk(book: Book, yesterday: int) -> Counter[str]:
    """Forge with the desk's own key at every entry of yesterday; give how many forgeries yesterday's head told of."""
    head = parse_head(book.stored.canonical, book.stored.signature)
    known = book.rows[yesterday - 1][1].hex()
    found: Counter[str] = Counter()

    def judge(what: str, rows: Sequence[Row]) -> None:
        forged = chained(rows, head, SIGNER)
        assert forged.check().ok, f"{what}: whole in itself, or this proves nothing: {forged.check().reason}"
        assert not forged.check(known).ok, f"{what}: yesterday's head did not tell"
        found[what.split()[0]] += 1

    rows = book.rows
    for number in range(1, yesterday + 1):
        row = rows[number - 1]
        entry = parse_entry(row[0], JUNK)
        data = canonical({**entry.document(), "body": {**entry.body, "forged": True}})
        other = (data, sha256(data).digest(), JUNK, *row[3:])
        judge(f"changed {number}", [*rows[: number - 1], other, *rows[number:]])
        judge(f"removed {number}", [*rows[: number - 1], *rows[number:]])
        if number > 1:
            judge(f"cut {number}", rows[: number - 1])
        judge(f"swapped {number}", [*rows[: number - 1], rows[number], row, *rows[number + 1 :]])
        judge(f"forked {number}", [*rows[: number - 1], *([other] * 3)])
    assert chained(rows, head, SIGNER).check(known).ok, "what was only added to since yesterday is fine"
    return found


def a_ledger(store: str, entries: int) -> tuple[Place, Book]:
    """Make a ledger without guards; give its place and what is in it."""
    place = PLACES[store](Path(tempfile.mkdtemp(prefix="issuing-desk-tamper-")))
    with place.create() as ledger:
        fill(ledger, entries)
        assert ledger.verify(every_signature=True).ok
    place.drop_guards()
    book = read(place)
    assert book.check().ok
    return place, book


def timed(what: str, act: Callable[[], object]) -> None:
    """Say what was found, and how long that took."""
    began = time.perf_counter()
    found = act()
    shown = ", ".join(f"{name} {count:,}" for name, count in found.items()) if isinstance(found, Counter) else found
    total = f"{found.total():,} = " if isinstance(found, Counter) else ""
    print(f"{what}: all found: {total}{shown} ({time.perf_counter() - began:.1f} s)", flush=True)


def main() -> int:
    """Do all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--stores", nargs="*", default=list(PLACES))
    options = parser.parse_args()
    random.seed(8)
    for store in options.stores:
        place, book = a_ledger(store, options.entries)
        small, few = a_ledger(store, min(options.entries, 40))
        timed(f"{store}: every byte of {len(book.rows):,} entries", lambda book=book: every_byte(book))
        timed(
            f"{store}: every byte of head and head file",
            lambda: every_byte_of_the_head(few, small.folder / "ledger.head"),  # noqa: B023  # called at once
        )
        tables = Tables(place)
        for name in ("one_byte", "removed", "swapped", "forked"):
            act = getattr(tables, name)
            timed(
                f"{store}, on its tables, every entry {name.replace('_', ' ')}",
                lambda act=act: sum(act(number) is None for number in range(1, options.entries + 1)),
            )
        timed(f"{store}, on its tables, cut after every entry", tables.cut)
        timed(
            f"{store}: by the desk itself, told by yesterday's head",
            lambda book=book: by_the_desk(book, options.entries * 9 // 10),
        )
        tables.ledger.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
