"""Ordering paper: the first is the original, the next needs a reason and is marked; the ledger says who and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from receipt_samples import desk, receipt

from console.printing import office_of, print_first
from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.home.creation import create_home
from provisioning.home.home import Home
from provisioning.labels.label import Label, LabelKind
from provisioning.ledger.draft import Draft
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Body, Ledger
from provisioning.paper import receipt_pdf
from provisioning.printing.destination import Destination, SystemPrinter, parse_destination
from provisioning.printing.job import Job
from provisioning.printing.queue import FILE
from provisioning.printing.wish import PagesWish
from provisioning.receipts.form import Form
from provisioning.receipts.parts import receipt_in_ledger
from provisioning.receipts.sealed_pictures import body_with_pictures
from provisioning.receipts.short_check import check_short_code
from provisioning.receipts.short_code import short_code
from provisioning.receipts.typesetting import typeset_pdf


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("home")
    home = create_home(folder / "home", training=True, organisation_name="Training", desk_name="Desk 4")
    with home.open_ledger() as ledger:
        for _ in range(4):
            hand_over(home, ledger)
    return home


def hand_over(home: Home, ledger: Ledger) -> None:
    one = receipt(training=True)
    items = tuple(replace(item, check=replace(item.check, record_id="")) for item in one.handsets if item.check)

    def write(draft: Draft) -> Body:
        return body_with_pictures(replace(one, items=items, place=None).numbered(draft.receipt, one.issued))

    ledger.append_receipt(EntryKind.HANDED_OVER, "F2LXK0V1Q0", write, technician="A. Khan")


def number(home: Home, at: int) -> str:
    with home.read_ledger() as ledger:
        return ledger.entries(kind=EntryKind.HANDED_OVER)[at].receipt or ""


def order(home: Home, at: int, to: Destination, form: Form = Form.SLIP_80, reason: str = "") -> Job:
    with home.open_ledger() as ledger:
        return office_of(home).order_receipt(ledger, number(home, at), form, to, technician="B. Ali", reason=reason)


def slips(folder: Path, paper: int = 80) -> Destination:
    return parse_destination(f"escpos:{folder / 'slips.bin'}?paper={paper}")


def test_a_second_print_needs_a_reason_and_stands_in_the_ledger(home: Home, tmp_path: Path) -> None:
    to = slips(tmp_path)
    assert "COPY" not in order(home, 0, to).title
    with pytest.raises(UsageError, match="Give a reason"):
        order(home, 0, to)
    with pytest.raises(UsageError, match="Give a reason"):
        order(home, 0, to, reason="  ")
    assert "COPY 1" in order(home, 0, to, reason="jammed").title
    assert "COPY 2" in order(home, 0, to, reason="lost").title
    with home.read_ledger() as ledger:
        booked = ledger.entries(receipt=number(home, 0), kind=EntryKind.RECEIPT_PRINTED)
    assert [(one.body["copy"], one.body["reason"], one.technician) for one in booked] == [
        (0, "", "B. Ali"), (1, "jammed", "B. Ali"), (2, "lost", "B. Ali"),
    ]  # fmt: skip


def test_each_form_has_one_original(home: Home, tmp_path: Path) -> None:
    order(home, 1, slips(tmp_path))
    assert "COPY" not in order(home, 1, slips(tmp_path, 58), Form.SLIP_58).title
    assert "COPY" not in order(home, 1, parse_destination("Office"), Form.DESK).title


def test_a_printer_gets_only_what_it_can_print(home: Home, tmp_path: Path) -> None:
    for to, form in (
        (slips(tmp_path), Form.OFFICER), (slips(tmp_path, 58), Form.SLIP_80), (parse_destination("zpl:x"), Form.SLIP_80)
    ):  # fmt: skip
        with pytest.raises(UsageError):
            order(home, 2, to, form)
    with home.read_ledger() as ledger:
        assert not ledger.entries(receipt=number(home, 2), kind=EntryKind.RECEIPT_PRINTED), "nothing was booked"
    label = Label(LabelKind.ASSET, "Training", "iPhone 15", "F2LXK0V1Q0")
    with pytest.raises(UsageError, match="prints no labels"):
        office_of(home).order_labels([label], slips(tmp_path))
    with pytest.raises(UsageError, match="no label to print"):
        office_of(home).order_labels([], parse_destination("zpl:x"))
    with pytest.raises(UsageError, match="no receipt"):
        _unknown(home, slips(tmp_path))


def _unknown(home: Home, to: Destination) -> None:
    with home.open_ledger() as ledger:
        office_of(home).order_receipt(ledger, "TD4-999999", Form.SLIP_80, to, technician="B. Ali")


def test_nobodys_name_lies_readable_in_the_queue(home: Home) -> None:
    label = Label(LabelKind.BAG, "Training", "iPhone 15", "F2LXK0V1Q0", officer_name="Gwenllian Secret")
    job = office_of(home).order_labels([label], parse_destination("zpl://127.0.0.1:9"))
    assert b"Gwenllian" not in (home.path / FILE).read_bytes()
    assert "Gwenllian" not in job.title
    with pytest.raises(UsageError, match="prints no labels"):
        office_of(home).move(job.number, parse_destination("escpos://127.0.0.1:9"))
    office_of(home).move(job.number, parse_destination("Labels"))
    content = office_of(home).queue.content(office_of(home).queue.job(job.number))
    assert office_of(home).make(content, parse_destination("Labels")).startswith(b"%PDF-")
    assert office_of(home).size(content) == (102, 51)
    assert len(office_of(home).make_pages(content)) == 1
    office_of(home).queue.cancel(job.number)


def test_a_handover_prints_and_a_broken_printer_costs_nothing(home: Home, tmp_path: Path) -> None:
    with home.open_ledger() as ledger:
        said, printing = print_first(home, ledger, number(home, 3), f"escpos:{tmp_path / 'out.bin'}", "B. Ali")
        assert printing["print_state"] == "printed", said
        assert (tmp_path / "out.bin").read_bytes().startswith(b"\x1b@")
        said, printing = print_first(home, ledger, number(home, 3), f"escpos:{tmp_path / 'out.bin'}", "B. Ali")
    assert printing["print_state"] == "not queued"
    assert "Give a reason" in said


def test_the_printer_is_remembered_for_its_kind_of_paper(home: Home, tmp_path: Path) -> None:
    to = slips(tmp_path)
    order(home, 2, to)
    assert office_of(home).printers.of("slip") == to
    (home.path / "printers.json").write_text("{nonsense")
    assert office_of(home).printers.of("slip") is None


def test_a_pdf_made_again_is_the_original(home: Home) -> None:
    with home.read_ledger() as ledger:
        one = receipt_in_ledger(ledger, number(home, 0))
    assert receipt_pdf(home, one) == receipt_pdf(home, one)


def test_a_short_code_names_its_receipt_and_no_other_desks(home: Home) -> None:
    with home.read_ledger() as ledger:
        one = receipt_in_ledger(ledger, number(home, 1))
        code = short_code(one.digest())
        reading = check_short_code(code.lower(), ledger.walk(), home.public_key())
        assert reading.genuine
        assert reading.receipt is not None
        assert reading.receipt.number == one.number
        assert reading.proves
        assert reading.does_not_prove
        assert not check_short_code(code, ledger.walk(), desk().signer.public).genuine
        other = short_code("ab" * 32)
        assert "No receipt here" in check_short_code(other, ledger.walk(), home.public_key()).sentence
        assert "misheard" in check_short_code(code[:-1] + "!", ledger.walk(), home.public_key()).sentence


def test_a_report_is_queued_as_it_was_and_goes_to_printers_of_pages_alone(home: Home, tmp_path: Path) -> None:
    office = office_of(home)
    page: dict[str, Json] = {
        "title": "To be given back", "organisation": "Training", "desk": "Desk 4", "made": "26 Nov 2026, 18:00",
        "training": True, "sum": "0 items still out, 0 called back", "officers": [],
    }  # fmt: skip
    wish = PagesWish("recall.typ", page, 1_772_000_000)
    with pytest.raises(UsageError, match="prints no A4 pages"):
        office.order_pages("Recalls", wish, slips(tmp_path))
    job = office.order_pages("Recalls", wish, SystemPrinter("Front office"))
    content = office.queue.content(job)
    assert content.find(b"Front") < 0
    assert office.make(content, job.destination) == typeset_pdf("recall.typ", page, {}, 1_772_000_000)
    assert all(one.startswith(b"\x89PNG") for one in office.make_pages(content))
    with pytest.raises(UsageError, match="prints no A4 pages"):
        office.move(job.number, slips(tmp_path))
    assert office.printers.known()["receipt"] == "Front office"
