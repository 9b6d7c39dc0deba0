"""Whatever is changed in a ledger behind the program's back is found, entry by entry, column by column."""

from __future__ import annotations

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from ledger_place import COLUMNS, DESK, OWNER, PLACES, SIGNER, STRANGER, Place, RefusedError, fill

sys.path.insert(0, str(Path(__file__).parents[1] / "chaos"))
import tamper  # pyright: ignore[reportMissingImports]  # by the path above

from provisioning.canonical import canonical
from provisioning.errors import LedgerError
from provisioning.ledger.entry import parse_entry, search_columns
from provisioning.ledger.head import head_of
from provisioning.ledger.ledger import Ledger

ENTRIES = 100
"""``tests/chaos/tamper.py`` takes a thousand, and every byte of each."""
ALL = ", ".join(COLUMNS)
MARKS = ", ".join("?" * len(COLUMNS))


@pytest.fixture(scope="module", params=PLACES)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A whole ledger of 100 entries without guards against changes."""
    place = PLACES[request.param](tmp_path_factory.mktemp("ledger"))
    with place.create() as ledger:
        fill(ledger, ENTRIES)
        assert ledger.verify(every_signature=True).ok
    place.drop_guards()
    return place


@pytest.fixture
def place(filled: Place, tmp_path: Path) -> Place:
    return filled.copy(tmp_path / "forged")


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    with place.open(writing=False) as ledger:
        yield ledger


def row(place: Place, number: int) -> tuple[object, ...]:
    (found,) = place.look(f"SELECT {ALL} FROM entries WHERE desk = ? AND number = ?", DESK, number)
    return found


def put(place: Place, values: tuple[object, ...]) -> None:
    place.forge(f"INSERT INTO entries ({ALL}) VALUES ({MARKS})", *values)


def remove(place: Place, number: int) -> None:
    place.forge("DELETE FROM entries WHERE number = ?", number)


def changed(column: str, value: object) -> object:
    """Give something else of the same kind; for text a change that is easily overlooked."""
    match value:
        case bytes():
            return value[:-1] + bytes([value[-1] ^ 1])
        case str():
            return value + " " if value else "x"
        case int():
            return value + 10_000
        case _:
            return 10_007 if column == "receipt_counter" else "x"


def test_a_ledger_that_only_lost_its_guards_is_found(ledger: Ledger) -> None:
    check = ledger.verify()
    assert (check.ok, check.entries, check.first_bad) == (False, ENTRIES, None)
    assert "guard" in check.reason


@pytest.mark.parametrize("column", COLUMNS)
def test_every_changed_column_of_every_entry_is_found(place: Place, ledger: Ledger, column: str) -> None:
    for number in range(1, ENTRIES + 1, place.stride):
        value = row(place, number)[COLUMNS.index(column)]
        forged = changed(column, value)
        place.forge(f"UPDATE entries SET {column} = ? WHERE number = ?", forged, number)
        check = ledger.verify()
        assert (check.ok, check.first_bad) == (False, number), (number, check)
        key = forged if column == "number" else number
        place.forge(f"UPDATE entries SET {column} = ? WHERE number = ?", value, key)


@pytest.mark.parametrize("forged", [None, b"", "", 0, -1, 2.5, b"\xff\xfe", "1"])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_of_another_kind_is_found_without_a_traceback(
    place: Place, ledger: Ledger, column: str, forged: object
) -> None:
    before = row(place, 50)
    with suppress(RefusedError):  # refused by the database itself, which is as good
        place.forge(f"UPDATE entries SET {column} = ? WHERE number = 50", forged)
    if place.look(f"SELECT {ALL} FROM entries WHERE desk = ? AND number = 50", DESK) != [before]:
        check = ledger.verify()
        assert not check.ok
        assert check.first_bad in {1, 3, 50}, check  # a number below 1, or between 2 and 3, comes first


def test_every_removed_entry_is_found(place: Place, ledger: Ledger) -> None:
    for number in range(1, ENTRIES + 1, place.stride):
        values = row(place, number)
        remove(place, number)
        check = ledger.verify()
        assert (check.ok, check.first_bad) == (False, number), check
        put(place, values)


def test_every_swap_of_neighbours_is_found(place: Place, ledger: Ledger) -> None:
    for number in range(1, ENTRIES, place.stride):
        one, two = row(place, number), row(place, number + 1)
        for values, into in ((one, number + 1), (two, number)):
            remove(place, into)
            put(place, (values[0], into, *values[2:11], None, None))
        check = ledger.verify()
        assert (check.ok, check.first_bad) == (False, number), check
        remove(place, number)
        remove(place, number + 1)
        put(place, one)
        put(place, two)


def test_every_truncation_is_found(place: Place, ledger: Ledger) -> None:
    kept: list[tuple[object, ...]] = []
    for number in range(ENTRIES, 0, -1):
        kept.append(row(place, number))
        remove(place, number)
        if number % place.stride == 0 or number == ENTRIES:
            check = ledger.verify()
            assert (check.ok, check.first_bad, check.entries) == (False, number, number - 1), check
    for values in reversed(kept):
        put(place, values)


def test_every_insertion_is_found(place: Place, ledger: Ledger) -> None:
    """An entry that the desk once signed elsewhere, put in with all later numbers moved up by one."""
    stranger = row(place, 5)
    for number in range(1, ENTRIES + 2, 13):
        place.forge("UPDATE entries SET number = -(number + 1) WHERE number >= ?", number)
        place.forge("UPDATE entries SET number = -number WHERE number < 0")
        put(place, (stranger[0], number, *stranger[2:11], None, None))
        check = ledger.verify()
        assert (check.ok, check.first_bad) == (False, number), check
        remove(place, number)
        place.forge("UPDATE entries SET number = -(number - 1) WHERE number > ?", number)
        place.forge("UPDATE entries SET number = -number WHERE number < 0")


def forge_body(place: Place, number: int, *, signer: object = None) -> tuple[object, ...]:
    """Rewrite an entry consistently: bytes, hash and columns agree; only the desk's key is missing."""
    values = row(place, number)
    canonical_bytes, signature = values[2], values[4]
    assert isinstance(canonical_bytes, bytes)
    assert isinstance(signature, bytes)
    entry = parse_entry(canonical_bytes, signature)
    document = {**entry.document(), "body": {**entry.body, "verdict": "clear", "forged": True}}
    data = canonical(document)
    digest = hashlib.sha256(data).digest()
    new = parse_entry(data, STRANGER.sign(digest) if signer else signature)
    return (new.desk, number, data, digest, new.signature, *search_columns(new)[2:])


@pytest.mark.parametrize("resigned", [False, True])
def test_every_entry_rewritten_consistently_is_found(place: Place, ledger: Ledger, resigned: bool) -> None:
    for number in range(1, ENTRIES + 1, 7):
        values = row(place, number)
        forged = forge_body(place, number, signer=resigned)
        remove(place, number)
        put(place, forged)
        check = ledger.verify()
        assert (check.ok, check.first_bad) == (False, number), check
        remove(place, number)
        put(place, values)


def test_a_whole_tail_written_anew_is_found(place: Place, ledger: Ledger) -> None:
    """From entry 75 on, all is re-chained without a fault, and signed with a key that is not the desk's."""
    originals = [row(place, number) for number in range(75, ENTRIES + 1)]
    previous = str(ledger.entries(since=73, limit=1)[0].hash)
    for values in originals:
        assert isinstance(values[2], bytes)
        entry = parse_entry(values[2], b"")
        data = canonical({**entry.document(), "previous": previous, "body": {**entry.body, "forged": True}})
        digest = hashlib.sha256(data).digest()
        previous = digest.hex()
        remove(place, entry.number)
        put(place, (DESK, entry.number, data, digest, STRANGER.sign(digest), *values[5:]))
    check = ledger.verify()
    assert (check.ok, check.first_bad) == (False, 75), check
    for values in originals:
        remove(place, int(str(values[1])))
        put(place, values)


@pytest.mark.parametrize("column", ["desk", "number", "canonical", "signature"])
def test_a_changed_head_is_found(place: Place, ledger: Ledger, column: str) -> None:
    ((value,),) = place.look(f"SELECT {column} FROM heads")
    place.forge(f"UPDATE heads SET {column} = ?", changed(column, value))
    check = ledger.verify()
    assert not check.ok
    assert "head" in check.reason
    place.forge(f"UPDATE heads SET {column} = ?", value)


def test_a_removed_head_is_found(place: Place, ledger: Ledger) -> None:
    (head,) = place.look("SELECT desk, number, canonical, signature FROM heads")
    place.forge("DELETE FROM heads")
    check = ledger.verify()
    assert (check.ok, check.first_bad, check.entries) == (False, None, ENTRIES)
    assert "head" in check.reason
    place.forge("INSERT INTO heads (desk, number, canonical, signature) VALUES (?, ?, ?, ?)", *head)


def test_an_entry_of_an_unknown_desk_is_found(place: Place, ledger: Ledger) -> None:
    values = row(place, 3)
    put(place, ("another desk", 1, *values[2:11], None, None))
    check = ledger.verify()
    assert not check.ok
    assert "unknown desk" in check.reason
    place.forge("DELETE FROM entries WHERE desk = 'another desk'")


def test_a_reader_refuses_a_changed_entry(place: Place, ledger: Ledger) -> None:
    place.forge("UPDATE entries SET officer = 'P9' WHERE number = 77")
    with pytest.raises(LedgerError, match="Entry 77 of the ledger was changed"):
        ledger.entries(officer="P9")
    with pytest.raises(LedgerError):
        list(ledger.walk())
    place.forge("UPDATE entries SET officer = ? WHERE number = 77", OWNER and "P1010")


def test_an_older_whole_ledger_is_found_by_a_head_seen_since(tmp_path: Path) -> None:
    """Database and head file were both put back to yesterday: only somebody who saw today's head can tell."""
    place = PLACES["sqlite"](tmp_path)
    with place.create() as ledger:
        fill(ledger, 20)
        yesterday = ledger.verify().head
    files = {path: path.read_bytes() for path in tmp_path.iterdir() if path.suffix in {".sqlite", ".head"}}
    with place.open() as ledger:
        ledger.append("noted", None, {}, technician=None)
        today = ledger.verify().head
    for path, data in files.items():
        path.write_bytes(data)
    with place.open(writing=False) as ledger:
        assert ledger.verify().ok
        assert ledger.verify(yesterday).ok
        check = ledger.verify(today)
        assert (check.ok, check.head) == (False, yesterday)
        assert "expected" in check.reason


def test_a_head_that_was_seen_before_is_still_found_later(place: Place, tmp_path: Path) -> None:
    place = PLACES["sqlite"](tmp_path)
    with place.create() as ledger:
        seen: list[str] = []
        for _ in range(10):
            fill(ledger, 1) if not seen else ledger.append("noted", None, {}, technician=None)
            seen.append(ledger.verify().head)
        assert all(ledger.verify(head).ok for head in seen)
        assert ledger.verify(seen[3].upper()).ok
        assert not ledger.verify("0" * 64).ok
        assert not ledger.verify("nonsense").ok


def test_nothing_is_added_to_a_ledger_whose_end_is_in_doubt(tmp_path: Path) -> None:
    place = PLACES["sqlite"](tmp_path)
    with place.create() as ledger:
        fill(ledger, 5)
        head = ledger.head()
    place.drop_guards()
    last = row(place, 5)
    remove(place, 5)
    with place.open() as ledger, pytest.raises(LedgerError, match="not the one that its head names"):
        ledger.append("noted", None, {}, technician=None)
    # The forger also winds the head back, with what he can sign himself.
    entry = parse_entry(bytes(row(place, 4)[2]), bytes(row(place, 4)[4]))  # pyright: ignore[reportArgumentType]  # bytes
    wound_back = head_of(entry, head).signed(STRANGER)
    place.forge(
        "UPDATE heads SET number = 4, canonical = ?, signature = ?", wound_back.canonical(), wound_back.signature
    )
    with place.open() as ledger, pytest.raises(LedgerError, match="not signed by this desk"):
        ledger.append("noted", None, {}, technician=None)
    # Or with a head of the desk itself that somebody kept.
    kept = head_of(entry, head).signed(SIGNER)
    place.forge("UPDATE heads SET number = 4, canonical = ?, signature = ?", kept.canonical(), kept.signature)
    with place.open() as ledger:
        with pytest.raises(LedgerError, match="cut off the end"):
            ledger.append("noted", None, {}, technician=None)
        check = ledger.verify()
        assert (check.ok, check.entries) == (False, 4)
    put(place, last)


def test_every_byte_of_every_entry_and_every_forgery_by_the_desk_itself_in_little() -> None:
    """What ``tests/chaos/tamper.py`` does to a thousand entries in either store."""
    place, book = tamper.a_ledger("sqlite", 21)
    assert tamper.every_byte(book).total() > 21 * 500
    assert tamper.by_the_desk(book, 19).total() == 19 * 5 - 1
    tables = tamper.Tables(place)
    tables.forked(7)
    tables.ledger.close()
