"""How a batch stands by its events, when it may be closed, and what is foretold: never more than was measured."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from provisioning.batches.closing import differences
from provisioning.batches.events import Event
from provisioning.batches.history import histories
from provisioning.batches.manifest import Manifest, read_manifest
from provisioning.batches.numbers import numbers, p95
from provisioning.batches.pace import FEWEST, estimate, worked_seconds
from provisioning.batches.progress import Progress, progress
from provisioning.batches.standing import Standing
from provisioning.canonical import Json
from provisioning.tables.reading import Row, Table

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def event(number: int, kind: str, subject: str, desk: str = "D", after: float | None = None, **body: Json) -> Event:
    moment = BEGAN + timedelta(seconds=number if after is None else after)
    return Event(desk, number, "", moment.isoformat().replace("+00:00", "Z"), kind, subject, body)


def walked(number: int, subject: str, seconds: float, end: str = "ready", after: float | None = None) -> Event:
    step: Json = {"step": "verify", "done": True, "seconds": seconds, "waited": 0.5, "queued": 0.25}
    return event(number, "walked", subject, after=after, end=end, seconds=seconds, steps=[step])


def batch(*serials: str) -> Manifest:
    rows = tuple(Row(line, (serial,)) for line, serial in enumerate(serials, start=2))
    return read_manifest(Table(("Serial number",), rows), "June").manifest


def standing(*events: Event) -> Standing:
    return progress(batch("SER0"), events).rows[0].standing


def test_what_was_verified_before_a_change_says_nothing_of_it_after() -> None:
    clear = event(2, "verified", "SER0", verdict="clear")
    assert standing(event(1, "identified", "SER0"), clear) is Standing.CLEAR
    for change in ("erased", "enrolled", "applied", "identified"):
        assert standing(clear, event(3, change, "SER0")) is Standing.SEEN
    assert standing(clear, event(3, "stopped", "SER0")) is Standing.STOPPED
    assert standing(event(2, "verified", "SER0", verdict="who knows")) is Standing.UNKNOWN


def test_what_is_out_stays_out_until_it_comes_back() -> None:
    out = event(2, "handed_over", "SER0", officer="P1", receipt="D4-000001")
    assert standing(out, event(3, "verified", "SER0", verdict="not_clear")) is Standing.OUT
    assert standing(out, event(3, "returned", "SER0")) is Standing.BACK
    assert standing(out, event(3, "returned", "SER0", missing="stolen")) is Standing.LOST
    assert standing(out, event(3, "returned", "SER0"), event(4, "verified", "SER0", verdict="clear")) is Standing.CLEAR


def test_a_nameless_handset_is_told_until_it_says_its_name() -> None:
    locked = event(1, "stopped", "", bay="1-2", udid="U1", outcome="AwaitingUnlock", platform="ios")
    assert len(progress(batch("SER0"), [locked]).nameless) == 1
    for later in (event(2, "identified", "SER0", bay="9", udid="U1"), event(2, "identified", "SER9", bay="1-2")):
        assert progress(batch("SER0"), [locked, later]).nameless == ()
    assert len(progress(batch("SER0"), [locked, event(2, "identified", "SER9", bay="9", udid="U9")]).nameless) == 1


def test_a_stranger_belongs_to_the_batch_under_which_it_was_stopped() -> None:
    mismatch: Json = {"kind": "not listed", "detail": "", "manifest": "June"}
    stranger = event(1, "stopped", "SERX", outcome="NotAsListed", mismatch=mismatch)
    found = progress(batch("SER0"), [stranger])
    assert [one.subject for one in found.strangers] == ["SERX"]
    assert [one.what for one in differences(found)] == ["never seen", "not on the manifest"]
    assert progress(batch("SER0", "SERX"), [stranger]).strangers == ()


KINDS = st.sampled_from(
    [
        "identified",
        "enrolled",
        "applied",
        "erased",
        "stopped",
        "clear",
        "not_clear",
        "handed_over",
        "returned",
        "walked",
    ]
)
EVENTS = st.lists(st.tuples(KINDS, st.sampled_from(["SER0", "SER1", "SER2", "SERX"])), max_size=30)


def made(number: int, kind: str, serial: str) -> Event:
    if kind in {"clear", "not_clear"}:
        return event(number, "verified", serial, verdict=kind)
    return walked(number, serial, 3.0) if kind == "walked" else event(number, kind, serial)


@given(EVENTS)
def test_a_batch_closes_by_itself_only_while_its_count_is_the_ledgers(said: list[tuple[str, str]]) -> None:
    events = [made(number, kind, serial) for number, (kind, serial) in enumerate(said)]
    now: Progress = progress(batch("SER0", "SER1", "SER2"), events)
    assert sum(now.counts.values()) == len(now.rows) == 3
    assert now.done + now.to_come + len(now.lane) + now.counts[Standing.BACK] + now.counts[Standing.LOST] == 3
    assert (not differences(now)) == (now.done == 3)
    for row in now.rows:
        last = [kind for kind, serial in said if serial == row.serial_number and kind != "walked"]
        if row.standing is Standing.CLEAR:
            assert last[-1] == "clear"
        if row.standing is Standing.MISSING:
            assert not last


@given(EVENTS, st.integers(0, 30))
def test_events_of_two_desks_give_the_same_whichever_is_asked(said: list[tuple[str, str]], cut: int) -> None:
    from provisioning.batches.events import in_order

    events = [made(number, kind, serial) for number, (kind, serial) in enumerate(said)]
    here, there = events[:cut], events[cut:]
    for order in ((here, there), (there, here), (events, there)):
        assert in_order(*order) == events


def test_nothing_is_foretold_from_too_few_walks_and_a_range_from_enough() -> None:
    few = [walked(n, f"S{n}", 10.0) for n in range(FEWEST - 1)]
    assert estimate(few, 10) is None
    # Ten walks, one after the other, of 10 to 19 seconds.
    ends = [sum(10 + k for k in range(n + 1)) for n in range(10)]
    walks = [walked(n, f"S{n}", 10.0 + n, after=ends[n]) for n in range(10)]
    foretold = estimate(walks, 4)
    assert foretold is not None
    assert foretold.measured == 10
    assert abs(foretold.at_once - 1.0) < 0.01
    assert foretold.low < foretold.middle == 4 * 14.5 < foretold.high
    assert estimate(walks, 0) is None
    assert estimate([walked(n, f"S{n}", 10.0, end="stopped") for n in range(10)], 4) is None


def test_pauses_are_not_counted_as_work() -> None:
    events = [event(1, "identified", "SER0", after=0), event(2, "verified", "SER0", after=60)]
    assert worked_seconds(events) == 60
    assert worked_seconds([*events, event(3, "identified", "SER1", after=8 * 3600)]) == 60
    assert worked_seconds([walked(1, "SER0", 30.0, after=100)]) == 30


def test_numbers_are_given_by_desk_batch_and_model_and_not_from_too_few() -> None:
    events = [event(0, "identified", "SER0", model_name="iPhone 15")]
    events += [walked(n, f"SER{n}", 2.0 + n, after=10.0 * n) for n in range(6)]
    events += [walked(8, "SER6", 9.0, end="stopped", after=80), walked(9, "SER6", 4.0, after=90)]
    found = {
        (one.by, one.name): one
        for one in numbers(
            histories(events),
            events,
            batches_of=lambda serial: ["June"] * (serial < "SER3"),
            desk_name=lambda _: "Desk 4",
        )
    }
    assert set(found) == {("all", ""), ("desk", "Desk 4"), ("batch", "June"), ("model", "iPhone 15"),
                          ("model", "not known")}  # fmt: skip
    whole = found["all", ""]
    assert (whole.handsets, whole.ready, whole.ready_at_first) == (7, 7, 6)
    (step,) = whole.steps
    assert (step.walks, step.median, step.p95) == (8, 3.75, 8.25)
    assert whole.per_hour is not None
    assert found["batch", "June"].per_hour is None, "three are too few"
    json.dumps([one.document() for one in found.values()])


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_p95_is_a_value_that_was_measured(values: list[float]) -> None:
    values.sort()
    at = p95(values)
    assert at in values
    assert sum(one <= at for one in values) >= 0.95 * len(values)
