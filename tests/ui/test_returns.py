"""The way back by scans and keys: the right things, for the right officer, booked once, and nothing by accident."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from patience import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from rehearsal import six
from rehearsed_returns import RECEIPT, called_back, many, one_handset
from scenes import Stage, modal

from provisioning.errors import LedgerError
from provisioning.receipts.coming_back import NextState
from provisioning.receipts.receipt import ReturnReason
from provisioning.return_case import Case, Whereabouts
from ui.agreement import Declined, TypedName
from ui.dialogs import Question
from ui.rail import Place
from ui.return_asking import ReasonSheet
from ui.return_frame import DECLARATION, DONE, ITEMS, SIGNATURE, START
from ui.return_phrases import REASONS
from ui.return_place import ReturnPlace
from ui.return_recalls import RecallSheet
from ui.scan_line import Said
from ui.signature_page import ON_PAPER

SERIAL = six()[0].key
STRANGER = "240001"


@pytest.fixture
async def place(stage: Stage) -> ReturnPlace:
    stage.desk.way_back.put(one_handset(SERIAL))
    window = stage.open(*six())
    await until(lambda: len(stage.desk.statuses) == 6)
    await stage.settle()
    window.activateWindow()
    await until(window.isActiveWindow)
    return window.returns


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key wherever the focus is, as a person does."""
    widget = QApplication.activeModalWidget() or QApplication.focusWidget()
    assert isinstance(widget, QWidget)
    QTest.keyClick(QApplication.focusWidget() or widget, key, modifier)


async def opened(stage: Stage, place: ReturnPlace, scan: str = RECEIPT) -> None:
    stage.scan(scan)
    await until(lambda: place.step == ITEMS)


async def signed_on_paper(place: ReturnPlace) -> None:
    """Go on with Return, tick with Space, sign on paper with F9."""
    press(Qt.Key.Key_Return)
    await until(lambda: place.step == SIGNATURE or bool(place.declaration.ticks))
    while place.step == DECLARATION:
        press(Qt.Key.Key_Space)
    press(Qt.Key.Key_F9)
    await until(lambda: place.step == DONE)


def choose(place: ReturnPlace, reason: ReturnReason) -> None:
    place.back_page.reason.setCurrentIndex(list(REASONS).index(reason))


@pytest.mark.parametrize("where", [Place.DESK, Place.COUNTER, Place.LEDGER, Place.RETURNS])
async def test_a_scanned_receipt_is_taken_back_by_keys_alone_wherever_one_is(
    stage: Stage, place: ReturnPlace, where: Place
) -> None:
    assert stage.window is not None
    stage.window.go_to(where)
    await opened(stage, place)
    assert stage.window.place is Place.RETURNS
    assert [row.item.identifier for row in place.back_page.items.ticked] == [SERIAL]
    await signed_on_paper(place)
    (request,) = stage.desk.way_back.requests
    assert (request.officer, request.reason, request.proxy) == ("231187", ReturnReason.RETURNED, "")
    assert [(one.serial_number, one.after) for one in request.handsets] == [(SERIAL, NextState.REISSUE)]
    assert request.others == (), "chargers and SIM cards come back only if somebody says so"
    assert request.signature == Declined(ON_PAPER)
    assert [len(one.clauses) for one in request.agreed] == [3]
    assert "D4-000099" in place.said.sentence


async def test_items_without_a_number_and_sim_cards_come_back_when_ticked_or_scanned(
    stage: Stage, place: ReturnPlace
) -> None:
    await opened(stage, place)
    place.back_page.items.rows[1].tick.setChecked(True)
    stage.scan("8944110065012345675")
    await until(lambda: len(place.back_page.items.ticked) == 3)
    await signed_on_paper(place)
    (request,) = stage.desk.way_back.requests
    assert [(one.what, one.quantity, one.identifier) for one in request.others] == [
        ("charger", 2, ""), ("sim", 1, "8944110065012345675"),
    ]  # fmt: skip


async def test_of_many_handsets_only_those_come_back_that_were_scanned(stage: Stage, place: ReturnPlace) -> None:
    stage.desk.way_back.put(many(12))
    await opened(stage, place, "D4-000018")
    items = place.back_page.items
    assert items.ticked == []
    assert place.why_not == "Scan or tick what comes back."
    for number in (5, 7, 5):
        stage.scan(f"F2LX{number:06d}")
        await stage.settle()
    assert [row.item.identifier for row in items.ticked] == ["F2LX000005", "F2LX000007"]
    assert "on this return already" in place.said.sentence
    stage.scan("F2LX000001")
    await until(lambda: "came back already" in place.said.sentence)
    assert not items.rows[1].tick.isEnabled()


async def test_what_went_out_with_a_handset_is_ticked_off_and_the_rest_is_noted_as_missing(
    stage: Stage, place: ReturnPlace
) -> None:
    stage.desk.way_back.put(one_handset(SERIAL, accessories=("USB-C cable", "Case", "Charger")))
    await opened(stage, place)
    row = place.back_page.items.rows[0]
    assert [tick.words for tick in row.accessories.ticks] == ["USB-C cable", "Case", "Charger"]
    row.accessories.ticks[1].setChecked(True)
    row.accessories.others.setText("SIM tool")
    row.condition.setText("Scratched")
    await signed_on_paper(place)
    (handset,) = stage.desk.way_back.requests[0].handsets
    assert (handset.condition, handset.accessories) == ("Scratched", ("Case", "SIM tool"))
    assert handset.lacks == ("USB-C cable", "Charger")


async def test_a_typed_name_with_a_code_signs_and_a_code_that_was_refused_is_asked_for_anew(
    stage: Stage, place: ReturnPlace
) -> None:
    stage.desk.way_back.refusal = "This is not the officer's one-time code of now."
    await opened(stage, place)
    press(Qt.Key.Key_Return)
    await until(lambda: bool(place.declaration.ticks))
    while place.step == DECLARATION:
        press(Qt.Key.Key_Space)
    place.signing.types.setChecked(True)
    place.signing.name.setText("Siân O’Neill-Fitzgerald")
    place.signing.code.setText("123 456")
    press(Qt.Key.Key_Return)
    await until(lambda: place.said.kind is Said.REFUSED)
    assert place.signing.code.text() == ""
    stage.desk.way_back.refusal = ""
    await until(lambda: not place.committing)
    place.signing.code.setText("654321")
    await until(place.go_on.isEnabled)
    press(Qt.Key.Key_Return)
    await until(lambda: place.step == DONE)
    assert stage.desk.way_back.requests[-1].signature == TypedName("Siân O’Neill-Fitzgerald", "654321")


async def test_what_was_signed_for_is_what_is_booked(stage: Stage, place: ReturnPlace) -> None:
    await opened(stage, place)
    press(Qt.Key.Key_Return)
    await until(lambda: bool(place.declaration.ticks))
    while place.step == DECLARATION:
        press(Qt.Key.Key_Space)
    place.signing.declines.setChecked(True)
    place.signing.reason.setText("Absent: it came by internal post")
    await until(place.go_on.isEnabled)
    place.go_back()
    place.go_back()
    place.back_page.items.rows[0].condition.setText("Screen cracked")
    assert place.signing.signature is None, "nobody has agreed to a cracked screen"


async def test_an_exchange_goes_on_at_the_counter_for_the_same_officer(stage: Stage, place: ReturnPlace) -> None:
    assert stage.window is not None
    await opened(stage, place)
    choose(place, ReturnReason.EXCHANGE)
    await signed_on_paper(place)
    assert place.go_on.text() == "Hand over the new one"
    press(Qt.Key.Key_Return)
    counter = stage.window.counter
    await until(lambda: counter.visit.officer is not None)
    assert stage.window.place is Place.COUNTER
    assert counter.visit.officer is not None
    assert counter.visit.officer.number == "231187"
    await until(lambda: counter.what.exchange.text() == "D4-000099")
    assert place.step == START


@pytest.mark.parametrize("reason", [ReturnReason.LOST, ReturnReason.STOLEN])
async def test_what_is_lost_is_booked_without_the_handset_and_without_a_declaration(
    stage: Stage, place: ReturnPlace, reason: ReturnReason
) -> None:
    await opened(stage, place)
    choose(place, reason)
    assert not place.back_page.items.rows[0].erase.isVisible()
    press(Qt.Key.Key_Return)
    await until(lambda: place.step == SIGNATURE)
    press(Qt.Key.Key_F9)
    await until(lambda: place.step == DONE)
    (request,) = stage.desk.way_back.requests
    assert (request.reason, request.agreed, request.handsets[0].after) == (reason, (), None)


async def test_another_officers_card_says_who_brings_it_and_an_authority_makes_them_a_proxy(
    stage: Stage, place: ReturnPlace
) -> None:
    await opened(stage, place)
    stage.scan(STRANGER)
    await until(lambda: place.back_page.brought_by.text() == STRANGER)
    await signed_on_paper(place)
    press(Qt.Key.Key_Return)
    await opened(stage, place)
    assert place.back_page.brought_by.text() == "", "nothing of the last return is left"
    stage.scan(STRANGER)
    await until(lambda: place.back_page.brought_by.text() == STRANGER)
    place.back_page.authority.setText("Insp. Shah")
    await signed_on_paper(place)
    alone, proxied = stage.desk.way_back.requests
    assert (alone.officer, alone.proxy) == (STRANGER, "")
    assert (proxied.officer, proxied.proxy, proxied.authority) == ("231187", STRANGER, "Insp. Shah")
    assert alone.once != proxied.once


async def test_another_officers_handset_is_another_return(stage: Stage, place: ReturnPlace) -> None:
    case = many(3)
    assert case.officer is not None
    stage.desk.way_back.put(replace(case, officer=replace(case.officer, number="231188")))
    await opened(stage, place)
    stage.scan("F2LX000000")
    await until(lambda: place.said.kind is Said.REFUSED)
    assert "out to officer 231188" in place.said.sentence
    assert place.back_page.items.row_of("F2LX000000") is None


async def test_what_was_never_issued_wants_a_bringer_and_a_reason(stage: Stage, place: ReturnPlace) -> None:
    item = replace(one_handset("F2LX0000AB").items[0], where=Whereabouts.NEVER_ISSUED, receipt="", holder="")
    stage.desk.way_back.cases["F2LX0000AB"] = Case(None, (item,), asked="F2LX0000AB")
    assert stage.window is not None
    stage.window.go_to(Place.RETURNS)
    await opened(stage, place, "F2LX0000AB")
    assert "Say who brings it" in place.why_not
    stage.scan(STRANGER)
    await until(lambda: "Say why it is taken in" in place.why_not)
    place.back_page.unissued.setText("Found in a drawer at Lambeth")
    await signed_on_paper(place)
    (request,) = stage.desk.way_back.requests
    assert (request.officer, request.unissued) == (STRANGER, "Found in a drawer at Lambeth")


async def test_an_erase_is_asked_for_once_more_and_its_proof_is_shown(stage: Stage, place: ReturnPlace) -> None:
    await opened(stage, place)
    row = place.back_page.items.rows[0]
    assert row.erase.isVisible()
    assert "Not erased." in row.line
    row.erase.click()
    await until(lambda: isinstance(QApplication.activeModalWidget(), Question))
    press(Qt.Key.Key_Return)
    await until(lambda: QApplication.activeModalWidget() is None)
    assert stage.desk.way_back.asked == [], "the harmless answer has the focus"
    stage.desk.way_back.held = asyncio.Event()
    row.erase.click()
    await until(lambda: isinstance(QApplication.activeModalWidget(), Question))
    question = modal()
    assert isinstance(question, Question)
    question.accept()
    await until(lambda: row.erasing)
    assert "is being erased" in place.why_not, "the receipt does not say less than what is known in a minute"
    stage.desk.way_back.held.set()
    await until(lambda: "ledger entry 1188" in row.line)
    assert not row.erase.isVisible()


@pytest.mark.parametrize("after", [NextState.EVIDENCE_HOLD, NextState.REPAIR])
async def test_what_is_kept_as_evidence_or_repaired_is_not_offered_for_an_erase(
    stage: Stage, place: ReturnPlace, after: NextState
) -> None:
    await opened(stage, place)
    row = place.back_page.items.rows[0]
    row.next.setCurrentIndex([NextState.REISSUE, NextState.REPAIR, NextState.EVIDENCE_HOLD].index(after))
    assert not row.erase.isVisible()
    await signed_on_paper(place)
    erased = any("erased" in tick.words and "not" not in tick.words for tick in place.declaration.ticks)
    assert not erased or after is not NextState.EVIDENCE_HOLD, "nobody declares an erase of evidence"
    assert stage.desk.way_back.requests[0].handsets[0].after is after


async def test_what_is_kept_as_evidence_is_released_with_a_reason(stage: Stage, place: ReturnPlace) -> None:
    case = one_handset(SERIAL, where=Whereabouts.BACK, held="2026-10-02")
    stage.desk.way_back.put(replace(case, items=case.items[:1]))
    assert stage.window is not None
    stage.window.go_to(Place.RETURNS)
    await opened(stage, place, SERIAL)
    row = place.back_page.items.rows[0]
    assert (row.after, row.next.isEnabled()) == (NextState.EVIDENCE_HOLD, False)
    row.release.click()
    await until(lambda: isinstance(QApplication.activeModalWidget(), ReasonSheet))
    sheet = modal()
    assert isinstance(sheet, ReasonSheet)
    assert not sheet.go.isEnabled()
    sheet.reason.setText("Case closed")
    sheet.go.click()
    await until(lambda: "released" in place.said.sentence)
    assert stage.desk.way_back.asked == [("release", SERIAL, "Case closed", "")]


async def test_a_refusal_and_a_record_in_doubt_book_nothing(stage: Stage, place: ReturnPlace) -> None:
    stage.desk.way_back.refusal = f"{SERIAL} came back already, by receipt D4-000040. Nobody has it."
    await opened(stage, place)
    press(Qt.Key.Key_Return)
    await until(lambda: place.step == DECLARATION and bool(place.declaration.ticks))
    while place.step == DECLARATION:
        press(Qt.Key.Key_Space)
    press(Qt.Key.Key_F9)
    await until(lambda: place.said.kind is Said.REFUSED)
    assert place.said.sentence.startswith("Nothing was taken back.")
    assert place.step == SIGNATURE
    assert stage.window is not None
    stage.window.show_error(LedgerError("Entry 412 does not fit."))
    assert "record is in doubt" in place.why_not
    assert not place.go_on.isEnabled()


async def test_a_scan_while_somebody_is_served_at_the_counter_stays_there(stage: Stage, place: ReturnPlace) -> None:
    assert stage.window is not None
    stage.scan("231188")
    await until(lambda: stage.window is not None and stage.window.counter.serving)
    stage.scan(RECEIPT)
    await until(
        lambda: "Finish or cancel this handover" in stage.window.counter.said.sentence if stage.window else False
    )
    assert place.step == START


async def test_an_officer_is_suspended_and_reinstated_with_a_reason(stage: Stage, place: ReturnPlace) -> None:
    stage.desk.way_back.recalled = called_back()
    assert stage.window is not None
    stage.window.go_to(Place.RETURNS)
    press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: isinstance(QApplication.activeModalWidget(), RecallSheet))
    sheet = modal()
    assert isinstance(sheet, RecallSheet)
    await until(lambda: len(sheet.rows) == 2)
    assert "2 items are still out to 2" in sheet.said.text()
    sheet.number.setText("240001")
    sheet.suspend.click()
    await until(lambda: isinstance(QApplication.activeModalWidget(), ReasonSheet))
    reason = modal()
    assert isinstance(reason, ReasonSheet)
    reason.reason.setText("PSD/119")
    reason.go.click()
    await until(lambda: len(sheet.rows) == 3)
    assert stage.desk.way_back.asked == [("suspend", "240001", "PSD/119")]
    sheet.rows[0].back.click()
    stage.desk.way_back.put(one_handset(SERIAL))
    await until(lambda: place.step == ITEMS)
    assert "231187" in place.said.sentence


async def test_escape_takes_nothing_back(stage: Stage, place: ReturnPlace) -> None:
    await opened(stage, place)
    press(Qt.Key.Key_Escape)
    assert place.step == START
    assert stage.desk.way_back.requests == []
