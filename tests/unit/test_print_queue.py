"""The print queue: nothing is lost to a jam, an absent printer, a crash or two desks at once; order is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.errors import HomeError, UsageError
from provisioning.printing import queue
from provisioning.printing.destination import Destination, SystemPrinter, destination_text, parse_destination
from provisioning.printing.job import Job, JobState
from provisioning.printing.press import Press
from provisioning.printing.queue import FILE, LEASE, PrintQueue
from provisioning.printing.spooler import Document, Progress
from provisioning.printing.trouble import PrinterTrouble

OFFICE = SystemPrinter("Office")


@dataclass
class Clock:
    now: float = 1_772_357_400.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Printer:
    """A print system that does what a test tells it."""

    takes_pages: bool = False
    absent: bool = False
    progress_of: dict[str, Progress] = field(default_factory=dict[str, Progress])
    sent: list[tuple[str, str, Document]] = field(default_factory=list[tuple[str, str, Document]])

    def printers(self) -> tuple[str, ...]:
        return ("Office",)

    def send(self, printer: str, title: str, document: Document, size: tuple[int, int] | None = None) -> str:
        if self.absent:
            raise PrinterTrouble("Printer “Office” does not answer. It stays in the queue.")
        self.sent.append((printer, title, document))
        return f"{printer}-{len(self.sent)}"

    def progress(self, printer: str, job: str) -> Progress:
        del printer
        return self.progress_of.get(job, Progress(done=False, sentence="Printing."))

    def cancel(self, job: str) -> None:
        del job


class Maker:
    def make(self, content: bytes, destination: Destination) -> bytes:
        return content.upper()

    def size(self, content: bytes) -> tuple[int, int] | None:
        return (57, 32) if content == b"label" else None

    def make_pages(self, content: bytes) -> tuple[bytes, ...]:
        return (content,)


@dataclass
class Bench:
    home: Path
    clock: Clock = field(default_factory=Clock)
    printer: Printer = field(default_factory=Printer)

    def __post_init__(self) -> None:
        self.queue = PrintQueue(self.home, self.clock)
        self.press = Press(self.queue, Maker(), self.printer)

    def run(self) -> None:
        while self.press.step():
            pass

    def later(self, seconds: float) -> None:
        self.clock.now += seconds
        self.run()

    def state(self, job: Job) -> tuple[JobState, str]:
        now = self.queue.job(job.number)
        return now.state, now.sentence


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_job_is_kept_until_the_print_system_says_that_it_came_out(bench: Bench) -> None:
    job = bench.queue.add("Receipt D4-000017", b"paper", OFFICE)
    bench.run()
    assert bench.printer.sent == [("Office", "Receipt D4-000017", b"PAPER")]
    assert bench.state(job)[0] is JobState.SPOOLED
    bench.printer.progress_of["Office-1"] = Progress(done=False, sentence="Printer “Office” has stopped (paper jam).")
    bench.later(5)
    assert bench.state(job) == (JobState.SPOOLED, "Printer “Office” has stopped (paper jam).")
    bench.printer.progress_of["Office-1"] = Progress(done=True)
    bench.later(5)
    assert bench.state(job) == (JobState.PRINTED, "Printed on “Office”.")
    assert len(bench.printer.sent) == 1, "a jam is no reason to print twice"


def test_an_absent_printer_is_tried_again_and_the_order_is_kept(bench: Bench) -> None:
    bench.printer.absent = True
    jobs = [bench.queue.add(f"label {number}", b"x", OFFICE) for number in range(3)]
    bench.run()
    assert [bench.state(job)[0] for job in jobs] == [JobState.WAITING] * 3
    assert "does not answer" in bench.state(jobs[0])[1]
    assert bench.queue.job(jobs[1].number).attempts == 0, "what is behind it does not overtake it"
    bench.later(1)
    assert bench.queue.job(jobs[0].number).attempts == 1, "it is not hammered"
    bench.printer.absent = False
    bench.later(6)
    assert [title for _, title, _ in bench.printer.sent] == ["label 0", "label 1", "label 2"]


def test_a_restart_finds_the_jobs_again(bench: Bench, tmp_path: Path) -> None:
    bench.printer.absent = True
    job = bench.queue.add("receipt", b"x", OFFICE)
    bench.run()
    again = Bench(tmp_path, bench.clock)
    again.later(10)
    assert again.state(job)[0] is JobState.SPOOLED


def test_a_desk_that_died_while_sending_prints_nothing_twice(bench: Bench) -> None:
    job = bench.queue.add("receipt", b"x", OFFICE)
    assert bench.queue.claim() is not None
    bench.later(LEASE - 1)
    assert not bench.printer.sent
    bench.later(2)
    state, sentence = bench.state(job)
    assert state is JobState.HELD
    assert "Look whether it came out" in sentence
    assert not bench.printer.sent
    bench.queue.retry(job.number)
    bench.run()
    assert len(bench.printer.sent) == 1


def test_a_job_can_be_cancelled_and_moved_and_says_so(bench: Bench) -> None:
    bench.printer.absent = True
    job, other = bench.queue.add("a", b"x", OFFICE), bench.queue.add("b", b"y", OFFICE)
    bench.run()
    bench.queue.cancel(job.number)
    assert bench.state(job) == (JobState.CANCELLED, "Cancelled at the desk.")
    with pytest.raises(UsageError, match="cancelled already"):
        bench.queue.retry(job.number)
    with pytest.raises(UsageError, match="cancelled already"):
        bench.queue.cancel(job.number)
    bench.printer.absent = False
    assert bench.queue.move(other.number, SystemPrinter("Back office")).destination == OFFICE
    bench.run()
    assert [printer for printer, _, _ in bench.printer.sent] == ["Back office"]
    with pytest.raises(UsageError, match="no print job 99"):
        bench.queue.retry(99)


def test_a_job_that_the_print_system_lost_waits_for_a_person(bench: Bench) -> None:
    job = bench.queue.add("receipt", b"x", OFFICE)
    bench.run()
    bench.printer.progress_of["Office-1"] = Progress(done=False, lost=True)
    bench.later(5)
    assert bench.state(job)[0] is JobState.HELD
    assert len(bench.printer.sent) == 1


def test_what_was_printed_is_wiped_from_the_file(bench: Bench, tmp_path: Path) -> None:
    job = bench.queue.add("receipt", b"the name of somebody", OFFICE)
    bench.run()
    bench.printer.progress_of["Office-1"] = Progress(done=True)
    bench.later(5)
    assert bench.state(job)[0] is JobState.PRINTED
    assert b"the name of somebody" not in (tmp_path / FILE).read_bytes()
    with pytest.raises(UsageError, match="wiped"):
        bench.queue.content(job)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_two_presses_never_take_the_same_job(bench: Bench, tmp_path: Path) -> None:
    for number in range(6):
        bench.queue.add(f"{number}", b"x", SystemPrinter(f"P{number % 3}"))
    other = PrintQueue(tmp_path, bench.clock)
    taken = [job for job in (one.claim() for _ in range(4) for one in (bench.queue, other)) if job is not None]
    assert sorted(job.number for job in taken) == [1, 2, 3], "one at a time for each printer, each once"


def test_a_print_system_that_takes_pages_gets_pages(tmp_path: Path) -> None:
    bench = Bench(tmp_path, printer=Printer(takes_pages=True))
    bench.queue.add("receipt", b"page", OFFICE)
    bench.run()
    assert bench.printer.sent[0][2] == (b"page",)


def test_old_jobs_are_forgotten(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "KEPT", 5)
    for number in range(9):
        bench.queue.cancel(bench.queue.add(f"{number}", b"x", OFFICE).number)
    assert len(bench.queue.jobs(all_of_them=True)) == 5
    assert bench.queue.jobs() == []


def test_a_damaged_queue_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(HomeError, match="print queue"):
        PrintQueue(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "Office", "Büro 2 (Farbe)", "zpl://10.0.0.5:9100", "zpl://10.0.0.5:9100?dpi=300&size=102x51",
        "escpos://printer.local:9100?paper=58", "zpl://[::1]:9101", "zpl:/dev/usb/lp0", "escpos:slip.bin",
    ],
)  # fmt: skip
def test_a_destination_is_named_by_one_line_and_read_back(text: str) -> None:
    assert destination_text(parse_destination(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "-oraw", "../../etc/passwd", "zpl:", "zpl://", "zpl://host:99999", "zpl://host:x",
        "escpos://h?paper=61",
        "zpl://h?size=1x1", "zpl://h?size=57", "zpl://h?dpi=72",
        "zpl://h?paper=58", "zpl://u:p@h:9100", "a\nb", "x" * 400,
    ],
)  # fmt: skip
def test_a_line_that_names_no_printer_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError):
        parse_destination(text)


@given(st.text(max_size=60))
@settings(max_examples=200)
def test_any_line_is_a_destination_or_a_usage_error(text: str) -> None:
    try:
        destination = parse_destination(text)
    except UsageError:
        return
    assert parse_destination(destination_text(destination)) == destination
