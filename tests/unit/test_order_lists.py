"""Orders: what a list gives, whose a handset is, and who still waits, by the ledgers alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.batches.assignment import Given, OrderStanding, standings
from provisioning.batches.events import Event
from provisioning.batches.history import histories
from provisioning.batches.order_book import Order, OrderFolder, fits, read_order_list
from provisioning.batches.orders import Orders, OtherOrder, orders_of
from provisioning.errors import UsageError
from provisioning.tables.reading import Row, Table

HEADING = ("Order No", "Officer number", "Team", "Serial number", "Model", "Qty")


def orders(*rows: tuple[str, ...]) -> tuple[tuple[Order, ...], list[int]]:
    table = Table(HEADING, tuple(Row(line, cells) for line, cells in enumerate(rows, start=2)))
    reading = read_order_list(table, "June")
    return reading.orders, [line for line, _ in reading.bad]


def ready(*handsets: tuple[str, str]) -> list[Event]:
    events: list[Event] = []
    for number, (serial, model) in enumerate(handsets):
        time = f"2026-03-02T09:{number:02d}:00.000Z"
        events.append(Event("D", 2 * number, "", time, "identified", serial, {"model_name": model, "model": "X1,1"}))
        events.append(Event("D", 2 * number + 1, "", time, "verified", serial, {"verdict": "clear"}))
    return events


def stand(list_of: tuple[Order, ...], events: list[Event], *given: Given) -> list[OrderStanding]:
    return standings(list_of, given, histories(events), lambda officer: "CID" if officer.startswith("C") else "")


def test_good_rows_are_kept_and_bad_ones_told() -> None:
    found, bad = orders(
        ("PO-1", "p1", "", "SER0", "", ""),
        ("PO-1", "", "Roads", "", "Galaxy A54", "12"),
        ("PO-1", "", "", "SER1", "", ""),
        ("PO-1", "P2", "", "", "", ""),
        ("PO-1", "P3", "", "ser0", "", ""),
        ("PO-1", "P4", "", "", "Pixel 8", "0"),
        ("PO-1", "=cmd", "", "SER2", "", ""),
        ("PO-1", "P5", "", "SER3", "", "2"),
    )
    assert [(one.officer, one.team, one.serial_number, one.quantity) for one in found] == [
        ("P1", "", "SER0", 1),
        ("", "Roads", "", 12),
    ]
    assert bad == [4, 5, 6, 7, 8, 9]
    with pytest.raises(UsageError, match="whom"):
        read_order_list(Table(("Serial number",), ()), "x")
    with pytest.raises(UsageError, match="which handset"):
        read_order_list(Table(("Officer",), ()), "x")


@pytest.mark.parametrize(
    ("wanted", "name", "yes"),
    [
        ("iPhone 15", "iPhone 15", True),
        ("Apple iPhone 15 128GB", "iPhone 15", True),
        ("iPhone 15 128 GB", "iPhone 15", True),
        ("iPhone 15", "iPhone 15 Pro", False),
        ("iPhone 15", "iPhone 15 Plus", False),
        ("Samsung Galaxy A54", "Galaxy A54 5G", True),
        ("SM-A546B", "SM-A546B", True),
        ("Galaxy A5", "Galaxy A54", False),
        ("Samsung", "Samsung", False),
    ],
)
def test_a_model_is_its_name_without_maker_storage_and_radio(wanted: str, name: str, *, yes: bool) -> None:
    assert fits(wanted, name) is yes


def test_the_first_that_fits_is_assigned_and_the_named_one_is_kept() -> None:
    found, _ = orders(
        ("A", "P1", "", "", "iPhone 15", ""), ("B", "", "CID", "", "iPhone 15", "2"), ("C", "P3", "", "SER0", "", "")
    )
    stood = stand(found, ready(("SER0", "iPhone 15"), ("SER1", "iPhone 15"), ("SER2", "iPhone 15")))
    assert [one.assigned for one in stood] == [("SER1",), ("SER2",), ("SER0",)]
    assert stood[1].conflicts == ("1 of 2 for CID waits: no further iPhone 15 is ready.",)


def test_what_a_manifest_means_for_somebody_goes_to_no_order_by_model() -> None:
    found, _ = orders(("A", "P1", "", "", "iPhone 15", ""))
    events = ready(("SER0", "iPhone 15"), ("SER1", "iPhone 15"))
    (stood,) = standings(found, [], histories(events), lambda _: "", {"ser0"})
    assert stood.assigned == ("SER1",)


def test_what_was_given_is_counted_once_and_for_the_order_that_it_fits_best() -> None:
    found, _ = orders(("A", "", "CID", "", "iPhone 15", "2"), ("B", "C1", "", "", "iPhone 15", ""))
    given = [Given(f"SER{n}", "C1", f"R{n}", ("iPhone 15",)) for n in range(4)]
    stood = stand(found, [], *given[:1])
    assert [one.waiting for one in stood] == [2, 0], "an officer's own order comes before the team's"
    assert [one.waiting for one in stand(found, [], *given)] == [0, 0]
    assert [one.waiting for one in stand(found, [], Given("S", "P9", "R", ("iPhone 15",)))] == [2, 1]


def test_conflicts_have_a_sentence() -> None:
    first = Order(2, "P1", serial_number="SER0")
    second = Order(3, "P2", serial_number="ser0", source="other list")
    gone = Order(4, "P3", serial_number="SER1")
    events = [*ready(("SER0", "x"), ("SER1", "x"))]
    events.append(Event("D", 9, "", "2026-03-02T10:00:00Z", "handed_over", "SER1", {"officer": "P8"}))
    one, _, third = stand((first, second, gone), events)
    assert one.conflicts == ("SER0 is ordered for officer P1 and for officer P2. Have one of them changed.",)
    assert one.assigned == ()
    assert third.conflicts == ("SER1 is out to officer P8.",)


def test_the_last_of_a_model_that_somebody_waits_for_goes_to_nobody_else_unasked() -> None:
    found, _ = orders(("A", "P1", "", "", "iPhone 15", ""), ("B", "", "CID", "", "iPhone 15", ""))
    three = ready(("SER0", "iPhone 15"), ("SER1", "iPhone 15"), ("SER2", "iPhone 15"))

    def told(serial: str, officer: str, handsets: list[Event]) -> OtherOrder | None:
        book = orders_of((), found, handsets)
        return book.other_order(serial, officer, lambda _: False, models=("iPhone 15",))

    assert {told(serial, "P9", three) for serial in ("SER0", "SER1", "SER2")} == {None}, "two are wanted, three here"
    assert told("SER0", "P9", three[:4]) == OtherOrder("B", team="CID", model="iPhone 15"), "the second waits in vain"
    assert told("SER0", "P9", three[:2]) == OtherOrder("A", officer="P1", model="iPhone 15")
    assert told("SER0", "P1", three[:2]) is None
    assert told("OTHER", "P9", three[:2]) is None, "one of another model"


def test_at_the_counter_an_order_by_model_or_team_is_known() -> None:
    found, _ = orders(
        ("A", "P1", "", "", "iPhone 15", ""), ("B", "", "CID", "SER7", "", ""), ("C", "P2", "", "SER8", "", "")
    )
    book = Orders((), found)

    def issued(serial: str) -> bool:
        return False

    assert book.other_order("SER1", "P1", issued, models=("iPhone 15",)) is None
    other = book.other_order("SER1", "P1", issued, models=("Galaxy A54",))
    assert other is not None
    assert (other.reference, other.serial_number, other.model) == ("A", "", "iPhone 15")
    for_team = book.other_order("SER7", "P9", issued)
    assert for_team is not None
    assert for_team.team == "CID"
    assert book.other_order("SER7", "P9", issued, team="cid") is None
    ordered = book.ordered("SER1", officer="P1", models=("iPhone 15",))
    assert ordered is not None
    assert (ordered.reference, ordered.officer) == ("A", "P1")
    assert book.other_order("SER1", "P9", issued, models=("iPhone 15",)) is None, "who ordered nothing takes any"


def test_lists_are_kept_under_their_names_and_replaced(tmp_path: Path) -> None:
    found, _ = orders(("A", "P1", "", "", "iPhone 15", ""), ("B", "", "CID", "SER7", "", ""))
    folder = OrderFolder(tmp_path)
    assert folder.all() == []
    folder.keep("June", found)
    folder.keep("May", found[:1])
    folder.keep("June", found[1:])
    assert folder.all() == [found[1], found[0]]
    with pytest.raises(UsageError):
        folder.keep("../x", found)


WANTED = st.lists(
    st.tuples(st.sampled_from(["P1", "P2", ""]), st.sampled_from(["A", "B"]), st.integers(1, 3)), max_size=6
)


@given(WANTED, st.lists(st.sampled_from(["A", "B"]), max_size=8), st.integers(0, 8))
def test_no_handset_is_assigned_twice_and_nobody_gets_too_many(
    wanted: list[tuple[str, str, int]], models: list[str], gone: int
) -> None:
    list_of = tuple(
        Order(line, officer, "" if officer else "CID", model=f"Model {model}", quantity=count)
        for line, (officer, model, count) in enumerate(wanted)
    )
    events = ready(*((f"SER{n}", f"Model {model}") for n, model in enumerate(models)))
    given = [Given(f"OLD{n}", "P1", "R", ("Model A",)) for n in range(gone)]
    stood = stand(list_of, events, *given)
    assigned = [serial for one in stood for serial in one.assigned]
    assert len(assigned) == len(set(assigned))
    for one in stood:
        assert len(one.given) + len(one.assigned) <= one.order.quantity
        assert bool(one.conflicts) == (len(one.given) + len(one.assigned) < one.order.quantity)
