"""Every ledger store keeps entries in order, gives them back, adds nothing twice and nothing by halves."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_place import DESK, DESKS, SIGNER, Place, day, fill

from provisioning.canonical import Json, canonical, parse
from provisioning.errors import HomeError, LedgerError
from provisioning.ledger.draft import Draft, LedgerOwner
from provisioning.ledger.entry import EntryKind, parse_entry
from provisioning.ledger.ledger import Ledger

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53), 2.0**53, exclude_min=True, exclude_max=True)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture(params=DESKS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return DESKS[request.param](tmp_path)


def test_an_entry_says_what_happened_and_follows_the_one_before(place: Place) -> None:
    with place.create(clock=day) as ledger:
        first = ledger.append(EntryKind.IDENTIFIED, "F2LXK0V1Q6", {"bay": "1-3"}, technician="A. Khan")
        second = ledger.append(EntryKind.VERIFIED, "F2LXK0V1Q6", {"verdict": "clear"}, technician=None)
    assert (first.number, second.number) == (1, 2)
    assert first.previous == "0" * 64
    assert second.previous == first.hash
    assert first.time == "2026-03-01T09:30:00.125Z"
    assert first.moment == day()
    assert (first.kind, first.desk, first.training) == ("identified", DESK, False)
    assert SIGNER.public.verifies(second.signature, bytes.fromhex(second.hash))
    assert parse_entry(second.canonical(), second.signature) == second


def test_entries_are_found_by_what_people_search_for(place: Place) -> None:
    with place.create() as ledger:
        fill(ledger, 40)
        assert [entry.number for entry in ledger.entries(serial="F2LXK0V003")] == [4, 21, 38]
        assert {entry.officer for entry in ledger.entries(officer="P1002")} == {"P1002"}
        assert [entry.number for entry in ledger.entries(receipt="D4-000002")] == [20]
        assert {entry.kind for entry in ledger.entries(kind=("verified", "enrolled"))} == {"verified", "enrolled"}
        assert [entry.number for entry in ledger.entries(since=38)] == [39, 40]
        assert [entry.number for entry in ledger.entries(newest_first=True, limit=3)] == [40, 39, 38]
        assert [entry.number for entry in ledger.entries(serial="F2LXK0V003", kind="identified", limit=1)] == [4]
        assert [entry.number for entry in ledger.entries(once="event-7")] == [8]
        assert ledger.entries(serial="nobody") == []
        assert [entry.number for entry in ledger.walk()] == list(range(1, 41))


def test_what_was_added_is_there_after_closing(place: Place) -> None:
    with place.create() as ledger:
        fill(ledger, 12)
        head = ledger.head()
    with place.open(writing=False) as ledger:
        assert ledger.head() == head
        assert head is not None
        assert (head.number, head.receipts) == (12, 1)
        assert ledger.verify().ok


def test_the_same_event_is_booked_once(place: Place) -> None:
    with place.create() as ledger:
        first = ledger.append("enrolled", "S1", {"try": 1}, technician="A", once="enrol S1 2026")
        again = ledger.append("enrolled", "S1", {"try": 2}, technician="B", once="enrol S1 2026")
        other = ledger.append("enrolled", "S1", {"try": 3}, technician="B", once="enrol S1 2027")
        assert again == first
        assert other.number == 2
    with place.open() as ledger:
        assert ledger.append("enrolled", "S1", {"try": 4}, technician="A", once="enrol S1 2026") == first
        assert len(ledger.entries()) == 2
        with pytest.raises(ValueError, match="already names entry 1"):
            ledger.append("applied", "S1", {}, technician="A", once="enrol S1 2026")


def test_a_receipt_number_is_given_out_once_and_in_order(place: Place) -> None:
    seen: list[Draft] = []

    def body(draft: Draft) -> dict[str, Json]:
        seen.append(draft)
        return {"officer": "P1", "code": f"QR of {draft.receipt}"}

    with place.create() as ledger:
        assert ledger.next_receipt_number() == "D4-000001"
        one = ledger.append_receipt("handed_over", "S1", body, technician="A", once="handover S1")
        same = ledger.append_receipt("handed_over", "S1", body, technician="A", once="handover S1")
        two = ledger.append_receipt("handed_over", "S2", body, technician="A")
        ledger.append("receipt_printed", "S1", {"receipt": "D4-000001"}, technician="A")
        assert same == one
        assert (one.receipt, two.receipt, ledger.next_receipt_number()) == ("D4-000001", "D4-000002", "D4-000003")
        assert one.body["code"] == "QR of D4-000001"
        assert [draft.receipt for draft in seen] == ["D4-000001", "D4-000002"]
        assert [entry.kind for entry in ledger.entries(receipt="D4-000001")] == ["handed_over", "receipt_printed"]
        assert ledger.verify().ok


def test_a_body_that_fails_keeps_nothing_and_uses_up_no_number(place: Place) -> None:
    def body(_draft: Draft) -> dict[str, Json]:
        raise RuntimeError("the signature pad broke")

    with place.create() as ledger:
        with pytest.raises(RuntimeError):
            ledger.append_receipt("handed_over", "S1", body, technician="A")
        for unfit in ({"x": float("nan")}, {"x": 2.0**53}, {"x": 2**60}, {"x": object()}, {"x": "y" * (1 << 20)}):
            with pytest.raises(LedgerError):
                ledger.append("noted", "S1", unfit, technician="A")  # pyright: ignore[reportArgumentType]  # that is the test
        assert ledger.head() is None
        entry = ledger.append_receipt("handed_over", "S1", lambda _: {}, technician="A")
        assert (entry.number, entry.receipt) == (1, "D4-000001")
        assert ledger.verify().ok


def test_what_must_not_happen_twice_is_looked_up_where_it_is_added(place: Place) -> None:
    """Whatever the threads do at the same moment, a handset goes out to one officer."""

    class AlreadyOut(Exception):
        pass

    with place.create() as ledger:

        def hand_over(officer: int) -> str:
            def body(draft: Draft) -> dict[str, Json]:
                out = draft.entries(serial="S1", kind=("handed_over", "returned"), newest_first=True, limit=1)
                if out and out[0].kind == "handed_over":
                    raise AlreadyOut
                return {"officer": f"P{officer}"}

            try:
                return ledger.append_receipt("handed_over", "S1", body, technician="A").receipt or ""
            except AlreadyOut:
                return "refused"

        with ThreadPoolExecutor(8) as pool:
            told = sorted(pool.map(hand_over, range(8)))
        assert told == ["D4-000001", *["refused"] * 7]
        ledger.append("returned", "S1", lambda draft: {"was": draft.entries(serial="S1")[-1].receipt}, technician="A")
        assert hand_over(9) == "D4-000002"
        assert ledger.entries(kind="returned")[0].body == {"was": "D4-000001"}
        assert ledger.verify().ok


def test_hostile_text_is_kept_without_harm(place: Place) -> None:
    hostile = ["a\x00b", "\ud800", "'; DROP TABLE entries; --", "=cmd()", "x" * 5000, "\u202e\U0001f4a9", ""]
    with place.create() as ledger:
        for text in hostile:
            entry = ledger.append("noted", text, {"officer": text, text: [text]}, technician=text)
            assert ledger.entries(serial=text, since=entry.number - 1) == [entry]
            assert ledger.entries(officer=text, since=entry.number - 1) == [entry]
        assert ledger.verify(every_signature=True).ok


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(json_values)
def test_canonical_bytes_come_back_the_same(value: Json) -> None:
    data = canonical(value)
    assert canonical(parse(data)) == data
    assert canonical({"b": value, "a": 1}) == canonical({"a": 1, "b": value})


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(bodies=st.lists(st.dictionaries(st.text(max_size=8), json_values, max_size=4), min_size=1, max_size=6))
def test_whatever_bodies_are_added_the_ledger_holds(
    bodies: list[dict[str, Json]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with DESKS["sqlite"](tmp_path_factory.mktemp("ledger")).create() as ledger:
        added = [ledger.append("noted", None, body, technician=None) for body in bodies]
        assert ledger.entries() == added
        assert ledger.verify(every_signature=True).ok


def test_a_reader_cannot_add(place: Place) -> None:
    with place.create() as ledger:
        fill(ledger, 1)
    with place.open(writing=False) as ledger, pytest.raises(HomeError, match="for reading"):
        ledger.append("noted", None, {}, technician=None)


def test_a_reader_sees_what_is_added_beside_it(place: Place) -> None:
    with place.create() as writer, place.open(writing=False) as reader:
        for number in range(1, 6):
            fill(writer, 1) if number == 1 else writer.append("noted", None, {}, technician=None)
            assert [entry.number for entry in reader.entries(since=number - 1)] == [number]
            assert reader.verify().entries == number


def test_one_picture_stays_the_same_while_others_add(place: Place) -> None:
    with place.create() as ledger:
        fill(ledger, 5)
        walk = ledger.walk()
        next(walk)
        fill(ledger_again := place.open(), 10)
        assert [entry.number for entry in walk] == [2, 3, 4, 5]
        ledger_again.close()


def test_threads_add_side_by_side(place: Place) -> None:
    with place.create() as ledger:

        def work(worker: int) -> None:
            for index in range(20):
                ledger.append("noted", f"S{worker}", {"i": index}, technician=None, once=f"{worker % 4} {index}")
                ledger.append_receipt("handed_over", f"S{worker}-{index}", lambda _: {}, technician=None)
                ledger.entries(serial=f"S{worker}", limit=3)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert ledger.verify(every_signature=True).ok
        assert len(ledger.entries(kind="noted")) == 4 * 20
        receipts = [entry.receipt for entry in ledger.entries(kind="handed_over")]
        assert receipts == [f"D4-{number:06d}" for number in range(1, 161)]


WORKER = """
import sys
from pathlib import Path
from ledger_place import DESKS
name, folder, worker, count = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
with DESKS[name](folder).open() as ledger:
    print("open", flush=True)
    for index in range(count):
        ledger.append("identified", f"S{index}", {"worker": worker}, technician=None, once=f"S{index}")
        once = f"{worker} {index}"
        entry = ledger.append_receipt("handed_over", once, lambda _: {"i": index}, technician=None, once=once)
        print(entry.number, entry.receipt, flush=True)
"""


def start_worker(name: str, place: Place, worker: str, count: int) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, name, str(place.folder), worker, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=here,
        env={"PYTHONPATH": f"{here}:{here.parents[1]}", "PATH": ""},
    )


@pytest.mark.parametrize("name", DESKS)
def test_processes_add_at_once_and_nothing_is_lost_or_doubled(name: str, tmp_path: Path) -> None:
    place = DESKS[name](tmp_path)
    place.create().close()
    workers = [start_worker(name, place, f"W{index}", 25) for index in range(4)]
    told = [worker.communicate(timeout=100)[0].split()[1:] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4
    receipts = [line for lines in told for line in lines[1::2]]
    assert len(set(receipts)) == len(receipts) == 100
    with place.open(writing=False) as ledger:
        check = ledger.verify(every_signature=True)
        assert (check.ok, check.entries) == (True, 4 * 25 + 25), check.reason
        assert len({entry.subject for entry in ledger.entries(kind="identified")}) == 25


@pytest.mark.parametrize("name", DESKS)
def test_a_process_killed_in_the_middle_leaves_a_whole_ledger_and_doubles_nothing(name: str, tmp_path: Path) -> None:
    place = DESKS[name](tmp_path)
    place.create().close()
    promised: list[str] = []
    for kill in range(6):
        worker = start_worker(name, place, "W", 400)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "open\n"
        # Let it come a little further each time, then pull the plug wherever it is.
        for _ in range(5 * kill + 1):
            worker.stdout.readline()
        time.sleep(0.0007 * kill)
        worker.send_signal(signal.SIGKILL)
        promised += [line.split()[1] for line in worker.stdout.read().splitlines() if len(line.split()) == 2]
        worker.wait(10)
        worker.stdout.close()
        with place.open() as ledger:
            check = ledger.verify(every_signature=True)
            assert check.ok, check.reason
            given = {entry.receipt for entry in ledger.entries(kind="handed_over")}
            assert given.issuperset(promised), "an entry that was told of is missing"
            once = [entry.once for entry in ledger.entries()]
            assert len(set(once)) == len(once)
            ledger.append("noted", None, {}, technician=None, once=f"after kill {kill}")
            assert ledger.verify().ok


def test_readers_verify_while_others_add(place: Place) -> None:
    done = threading.Event()
    with place.create() as ledger:
        fill(ledger, 1)

        def add() -> None:
            for index in range(150):
                ledger.append("noted", None, {"i": index}, technician=None)
            done.set()

        writer = threading.Thread(target=add)
        writer.start()
        with place.open(writing=False) as reader:
            seen = 0
            while not done.is_set():
                check = reader.verify()
                assert check.ok, check.reason
                assert check.entries >= seen
                seen = check.entries
        writer.join()
        assert ledger.verify().entries == 151


def test_the_ledger_of_another_key_is_not_believed(place: Place) -> None:
    from ledger_place import OWNER, STRANGER

    with place.create() as ledger:
        fill(ledger, 3)
        stranger = Ledger(
            ledger._store,  # pyright: ignore[reportPrivateUsage]  # the same store, another belief
            LedgerOwner(OWNER.desk, STRANGER.public, OWNER.training, "D4"),
            signer=lambda: STRANGER,
        )
        assert not stranger.verify().ok
        with pytest.raises(LedgerError, match="not signed by this desk"):
            stranger.append("noted", None, {}, technician=None)
        with pytest.raises(LedgerError, match="not signed by this desk"):
            stranger.head()
