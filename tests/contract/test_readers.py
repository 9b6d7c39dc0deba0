"""What readers say is what the ledger says: the table of figures against a walk over all entries, over both stores."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_year import DESKS, DeskBook, Year, owner_of, postgres_year
from walked_books import exceptions as walked_exceptions
from walked_books import read_books
from year_of_a_force import Force

from provisioning.canonical import Json
from provisioning.errors import LedgerUnreachable
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.export import ExportFormat, export_ledger
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.sqlite import create_sqlite
from provisioning.readers.counts import Figures, Group, weeks
from provisioning.readers.exceptions import exceptions
from provisioning.readers.figures import behind, figures
from provisioning.readers.finding import entries_of, find
from provisioning.readers.fold import statements
from provisioning.readers.found import How
from provisioning.readers.names import NameKind, names_in
from provisioning.readers.projection import Projection
from provisioning.readers.scanned import scanned
from provisioning.readers.syslog import message

MEMBERS = (
    "document", "officer", "items", "serial_number", "identifier", "order", "override", "check", "policy", "permits",
    "signature", "kind", "verdict", "findings", "rule", "end", "permit", "valid_until", "valid_from", "udid", "reason",
)  # fmt: skip
TODAY = date(2026, 11, 20)
FIRST = TODAY - timedelta(days=364)


@dataclass
class Place:
    ledger: Ledger
    folder: Path

    def table(self, name: str = "table.sqlite") -> Projection:
        return Projection(self.ledger, self.folder / name)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("year")
    force = Force(12, 60, TODAY, days=40, lively=True)
    if request.param == "postgres":
        ledger = postgres_year(force)
    else:
        store = create_sqlite(folder / "ledger.sqlite")
        Year(force, [DeskBook(desk, store) for desk in range(DESKS)]).write()
        ledger = Ledger(store, owner_of(0), shared=True)
    with ledger:
        yield Place(ledger, folder)


@pytest.fixture
def table(year: Place) -> Iterator[Projection]:
    with closing(year.table()) as made:
        made.follow()
        yield made


def counted(found: Figures) -> tuple[object, ...]:
    return (
        found.issued, found.returned, found.in_use, found.ready, found.permits_in_force, found.open_findings,
        {one.label: one.number for one in found.by_unit}, {one.label: one.number for one in found.by_model},
        {one.key: one.number for one in found.reasons}, [one.number for one in found.by_day],
    )  # fmt: skip


def test_the_figures_are_those_of_a_walk_over_all_entries(year: Place, table: Projection) -> None:
    books = read_books(year.ledger.entries())
    found = figures(table, FIRST, TODAY, TODAY)
    assert found.issued == len(books.handovers) > 50
    assert found.in_use == len(books.out)
    assert {one.key: one.number for one in found.by_unit} == dict(books.by["unit"])
    assert {one.key: one.number for one in found.by_model} == dict(books.by["model"])
    assert {one.key: one.number for one in found.reasons} == dict(books.returns)
    by_day = {date.fromordinal(int(one.key)).isoformat(): one.number for one in found.by_day if one.number}
    assert by_day == dict(books.by["day"])
    verdicts = [(serial, entry.body["verdict"]) for serial, entry in books.last_verdict.items()]
    assert found.ready == sum(verdict == "clear" and serial not in books.out for serial, verdict in verdicts)
    assert found.open_findings == sum(verdict != "clear" for _, verdict in verdicts)
    assert sum(one.number for one in weeks(found.by_day)) == found.issued == sum(one.issued for one in found.desks)


def test_the_register_of_exceptions_is_that_of_a_walk(year: Place, table: Projection) -> None:
    walked = walked_exceptions(read_books(year.ledger.entries()), TODAY)
    found = exceptions(table, TODAY)
    assert sorted((one.kind, one.entry, one.sentence) for one in found) == sorted(
        (one.kind, one.entry, one.sentence) for one in walked
    )
    assert found


def test_behind_each_bar_are_the_entries_that_it_counts(table: Projection) -> None:
    found = figures(table, FIRST, TODAY, TODAY)
    for group, bars in ((Group.UNIT, found.by_unit), (Group.READY, found.ready_stock), (Group.FINDING, found.findings)):
        for bar in bars:
            assert len(behind(table, group, bar.key, FIRST, TODAY)) == bar.number
    day = next(one for one in found.by_day if one.number)
    assert {entry.kind for entry in behind(table, Group.DAY, day.key, FIRST, TODAY)} == {"handed_over"}


def test_every_number_of_every_handset_is_found_in_any_dress(year: Place, table: Projection) -> None:
    for entry in year.ledger.entries(kind="identified", limit=6):
        body = entry.body
        imei, serial = str(body["imei"]), str(entry.subject)
        spaced, parted = f"{imei[:2]} {imei[2:8]}-{imei[8:]}", f"{serial[:4]}/{serial[4:]}"
        for typed in (serial, serial.lower(), f" {serial} ", spaced, parted, str(body["udid"] or serial)):
            found = find(table, typed)
            assert [one.subject for one in found.matches] == [serial], typed
            assert entry in entries_of(table, found.matches[0])
        for scan in (f"S{serial}", f"]C121{serial}", f"SN: {serial}\r\nIMEI1: {imei}", f"(8002){imei}"):
            assert {one.subject for one in find(table, scan, read=scanned(scan)).matches} == {serial}, scan
        assert serial in {one.subject for one in find(table, imei[-6:]).matches}
        assert find(table, serial[:-3]).matches[0].how in {How.BEGINS, How.WITHIN}


def test_references_that_stand_only_inside_of_entries_are_found(table: Projection) -> None:
    for text, kind in (("per 00001", NameKind.PERMIT), ("r1-000001", NameKind.RECEIPT),
                       ("MPS104003", NameKind.ASSET_TAG), ("a khan", NameKind.TECHNICIAN),
                       ("89 44 11 000000000003", NameKind.ICCID)):  # fmt: skip
        found = find(table, text)
        assert found.matches, text
        assert found.matches[0].kind is kind
        assert entries_of(table, found.matches[0]), text


def test_a_letter_taken_for_a_digit_is_forgiven_and_said(table: Projection) -> None:
    found = find(table, "R1-OOOOO1")
    assert [(one.shown, one.how) for one in found.matches] == [("R1-000001", How.LOOKS_LIKE)]


def test_a_name_is_found_by_the_roster_alone(table: Projection) -> None:
    found = find(table, "Raman", called=lambda text: [("240001", f"Priya {text}")])
    assert (found.matches[0].shown, found.matches[0].how) == ("240001", How.CALLED)


def test_an_export_of_every_desk_has_all_entries_in_the_order_of_their_arrival(year: Place, tmp_path: Path) -> None:
    entries = year.ledger.entries()
    for form in ExportFormat:
        file = tmp_path / f"all.{form}"
        count = export_ledger(year.ledger, form, file, every_desk=True, line=lambda entry: message(entry, entry.desk))
        assert count == len(entries)
        lines = file.read_text("utf-8-sig").splitlines()
        told = [at for at, entry in enumerate(entries) if entry.hash not in lines[at + (form == "csv")]]
        assert not told


def test_what_is_not_there_is_said_with_where_it_was_looked_for(table: Projection) -> None:
    found = find(table, "ZZZ999")
    assert not found.matches
    assert f"{found.as_of.entries:,} entries of 12 desks" in found.sentence


@pytest.mark.parametrize("text", ["", "%", "\0", '"', "' OR 1=1 --", "*", "\u202e", "a" * 5000, "é"])
def test_no_text_breaks_the_search(table: Projection, text: str) -> None:
    assert find(table, text).sentence


def test_what_is_added_is_taken_up_as_if_it_had_been_there_from_the_start(tmp_path: Path) -> None:
    store = create_sqlite(tmp_path / "ledger.sqlite")
    with Ledger(store, owner_of(0), shared=True) as ledger:
        table = Projection(ledger, tmp_path / "table.sqlite")
        force = Force(3, 24, TODAY, days=40, lively=True)

        def follow(count: int, day: date) -> None:
            del count, day
            table.follow()

        Year(force, [DeskBook(desk, store) for desk in range(DESKS)]).write(follow)
        table.follow()
        anew = Projection(ledger, None)
        anew.follow()
        assert counted(figures(table, FIRST, TODAY, TODAY)) == counted(figures(anew, FIRST, TODAY, TODAY))
        for name in ("names", "mentions", "handsets", "permits", "hours", "odd", "grants", "sums"):
            taken, whole = (sorted(map(str, one.ask(f"SELECT * FROM {name}"))) for one in (table, anew))
            assert taken == whole
        table.close()
        anew.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=40)
@given(kind=st.sampled_from(EntryKind), body=st.dictionaries(st.sampled_from(MEMBERS), json_values, max_size=8))
def test_whatever_an_entry_holds_it_is_taken_up(year: Place, kind: str, body: dict[str, Json]) -> None:
    entry = replace(next(iter(year.ledger.entries(kind="verified", limit=1))), kind=kind, body=body)
    list(names_in(entry))
    with closing(Projection(year.ledger, None)) as table:
        for statement, values in statements(7, entry):
            table.ask(statement, values)


def a_ledger(folder: Path, seed: int) -> Ledger:
    folder.mkdir()
    store = create_sqlite(folder / "ledger.sqlite")
    Year(Force(seed, 8, TODAY, days=30), [DeskBook(desk, store) for desk in range(DESKS)]).write()
    return Ledger(store, owner_of(0), shared=True)


def test_a_table_of_another_ledger_is_thrown_away(tmp_path: Path) -> None:
    one, other = a_ledger(tmp_path / "one", 1), a_ledger(tmp_path / "other", 2)
    with one, other:
        table = Projection(one, tmp_path / "table.sqlite")
        before = table.follow()
        table.close()
        table = Projection(other, tmp_path / "table.sqlite")
        after = table.follow()
        table.close()
        assert after.head != before.head
        fresh = Projection(other, None)
        assert after == fresh.follow()
        fresh.close()


def test_a_table_that_is_damaged_is_made_anew(tmp_path: Path) -> None:
    with a_ledger(tmp_path / "one", 1) as ledger:
        path = tmp_path / "table.sqlite"
        table = Projection(ledger, path)
        before = table.follow()
        table.close()
        for damage in (b"no database at all", path.read_bytes()[:4096] + bytes(8192)):
            path.write_bytes(damage)
            table = Projection(ledger, path)
            assert table.follow() == before
            table.close()
            assert path.stat().st_size > 50_000, "the file itself is whole again"


def test_a_ledger_that_lost_its_tail_makes_the_table_anew(tmp_path: Path) -> None:
    with a_ledger(tmp_path / "one", 1) as ledger:
        table = Projection(ledger, tmp_path / "table.sqlite")
        before = table.follow()
    with closing(sqlite3.connect(tmp_path / "one" / "ledger.sqlite", isolation_level=None)) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("DELETE FROM entries WHERE rowid = (SELECT max(rowid) FROM entries)")
    assert table.follow().entries == before.entries - 1
    table.close()


def test_without_the_shared_ledger_the_figures_say_as_of_when_they_are(
    year: Place, table: Projection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise LedgerUnreachable("The shared ledger does not answer.")

    before = table.as_of()
    monkeypatch.setattr(year.ledger, "arrivals", lost)
    after = table.follow()
    assert (after.entries, after.head) == (before.entries, before.head)
    assert "does not answer" in after.behind
