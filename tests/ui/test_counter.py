"""The counter by scans and keys: no mix-up, nobody past the gate, nothing committed twice, nothing left of the last."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from patience import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from rehearsal import DECLARATION, SIM_TERMS, WELSH, identity, ready, six, unplugged, working
from scenes import Stage, modal, sign

from provisioning.errors import HandsetGone, LedgerError, UsageError
from provisioning.notices import StillOut
from provisioning.receipts.items import ItemKind
from provisioning.verification.judgement import Verdict
from ui.actions import BrokenOff
from ui.agreement import CollectedBy, Declined, Entitlement, Signed, Thing, TypedName
from ui.counter_place import CounterPlace
from ui.counter_steps import DECLARATION as AT_DECLARATION
from ui.counter_steps import DONE, SIGNATURE, WHAT, WHO
from ui.gate import GateState
from ui.rail import Place
from ui.scan_line import Said
from ui.scanner import RUSH
from ui.signature_page import ON_PAPER

FIRST, SECOND = ready(0), ready(4)
OFFICER, OTHER = "231187", "231188"
SIM = "8944110065012345675"


@pytest.fixture
async def place(stage: Stage) -> CounterPlace:
    made = stage.counter(*six())
    assert stage.window is not None
    stage.window.activateWindow()
    await until(lambda: len(stage.desk.statuses) == 6 and made.who.number.hasFocus())
    await stage.settle()
    return made


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key wherever the focus is, as a person does."""
    QTest.keyClick(focused(), key, modifier)


async def served(stage: Stage, place: CounterPlace, officer: str = OFFICER, handset: str = FIRST.key) -> None:
    """Scan card and handset, and wait until the gate is open."""
    stage.scan(officer)
    await until(lambda: place.visit.officer is not None and place.visit.officer.number == officer)
    await until(lambda: place.step == WHAT)
    stage.scan(handset)
    await until(lambda: place.visit.open and place.declaration.ticks)


async def at_signature(stage: Stage, place: CounterPlace) -> None:
    await served(stage, place)
    tick_all(place)
    await until(lambda: place.step == SIGNATURE)


def tick_all(place: CounterPlace) -> int:
    """Tick every clause by Space alone; give how often it was pressed."""
    pressed = 0
    while place.step == AT_DECLARATION and place.declaration.unticked:
        press(Qt.Key.Key_Space)
        pressed += 1
    return pressed


async def test_two_scans_the_ticks_one_signature_and_return_are_a_handover(stage: Stage, place: CounterPlace) -> None:
    await served(stage, place)
    assert tick_all(place) == len(DECLARATION.clauses)
    await until(lambda: place.step == SIGNATURE)
    sign(place)
    press(Qt.Key.Key_Return)
    await until(lambda: place.step == DONE)
    (request,) = stage.desk.requests
    assert (request.keys, request.officer_number) == ((FIRST.key,), OFFICER)
    (agreed,) = request.agreed
    assert (agreed.reference, agreed.sha256) == (DECLARATION.reference, DECLARATION.sha256)
    assert agreed.clauses == tuple(clause.id for clause in DECLARATION.clauses)
    assert isinstance(request.signature, Signed)
    assert request.signature.image.startswith(b"<svg")
    assert "D4-2026-00042" in place.said.sentence


async def test_the_next_card_begins_anew_and_nothing_of_the_last_officer_is_left(
    stage: Stage, place: CounterPlace
) -> None:
    place.what.others.setText("Lanyard")
    await at_signature(stage, place)
    sign(place)
    sign(place, place.signing.desk_pad)
    press(Qt.Key.Key_Return)
    await until(lambda: place.step == DONE)
    stage.scan(OTHER)
    await until(lambda: place.step == WHAT)
    assert place.visit.officer is not None
    assert place.visit.officer.number == OTHER
    assert place.visit.empty
    assert not any(tick.isChecked() for tick in place.declaration.ticks)
    assert not place.signing.pad.signed
    assert not place.signing.desk_pad.signed
    assert place.what.things == {}
    assert "Aled Pritchard" in place.said.sentence


async def test_verification_begins_with_the_scan_and_runs_while_the_officer_reads(
    stage: Stage, place: CounterPlace
) -> None:
    stage.scan(OFFICER)
    await until(lambda: place.step == WHAT)
    stage.desk.asked.clear()
    stage.scan(FIRST.key)
    await until(lambda: ("verify_for_handover", FIRST.key, OFFICER) in stage.desk.asked)
    assert place.step == AT_DECLARATION


async def test_nothing_is_handed_over_while_the_verification_runs(stage: Stage, place: CounterPlace) -> None:
    stage.scan(OFFICER)
    await until(lambda: place.step == WHAT)
    stage.desk.held = asyncio.Event()
    place.take_handset(FIRST)
    await until(lambda: place.declaration.ticks)
    tick_all(place)
    sign(place)
    assert place.why_not == "The verification is still under way."
    press(Qt.Key.Key_Return)
    assert stage.desk.requests == []
    stage.desk.held.set()
    await until(lambda: place.go_on.isEnabled())


@pytest.mark.parametrize("widget", ["number", "others", "list", "tick", "search", "button", "pad"])
async def test_a_scan_in_any_focus_is_a_scan_and_reaches_no_field(
    stage: Stage, place: CounterPlace, widget: str
) -> None:
    assert stage.window is not None
    await served(stage, place)
    if widget == "pad":
        tick_all(place)
    elif widget in {"others", "list"}:
        place.go_back()
    elif widget == "number":
        place.go_back()
        place.go_back()
    wanted: QWidget = {
        "number": place.who.number,
        "others": place.what.others,
        "list": place.what.ready,
        "tick": place.declaration.ticks[0],
        "search": place.cancel,
        "button": place.back,
        "pad": place.signing.pad,
    }[widget]
    before = place.who.number.text(), place.what.others.text(), place.declaration.agreed[0]
    wanted.setFocus()
    stage.scan(SIM)
    await until(lambda: SIM in place.visit.things)
    assert (place.who.number.text(), place.what.others.text(), place.declaration.agreed[0]) == before
    assert list(place.visit.handsets) == [FIRST.key], "the Return at its end pressed nothing"
    assert stage.desk.requests == []
    assert stage.window.place is Place.COUNTER


async def test_a_scan_twice_is_taken_once(stage: Stage, place: CounterPlace) -> None:
    for _ in range(2):
        stage.scan(OFFICER)
    await until(lambda: "already" in place.said.sentence)
    for _ in range(2):
        stage.scan(FIRST.key)
    await until(lambda: "already" in place.said.sentence and place.visit.open)
    assert [what for what in stage.desk.asked if what[0] == "verify_for_handover"] == [
        ("verify_for_handover", FIRST.key, OFFICER)
    ]
    imei = identity(0).imei
    assert imei
    stage.scan(imei)
    await asyncio.sleep(0.05)
    assert list(place.visit.handsets) == [FIRST.key]


async def test_another_card_in_the_middle_changes_nothing_and_is_said(stage: Stage, place: CounterPlace) -> None:
    await at_signature(stage, place)
    sign(place)
    stage.scan(OTHER)
    await until(lambda: place.said.kind is Said.REFUSED)
    assert f"Officer {OTHER}’s card was scanned, but the handover to {OFFICER} is not finished" in place.said.sentence
    assert place.visit.officer is not None
    assert place.visit.officer.number == OFFICER
    press(Qt.Key.Key_Return)
    await until(lambda: stage.desk.requests)
    assert stage.desk.requests[0].officer_number == OFFICER


async def test_another_card_before_any_handset_is_the_other_officer(stage: Stage, place: CounterPlace) -> None:
    stage.scan(OFFICER)
    await until(lambda: place.step == WHAT)
    stage.scan(OTHER)
    await until(lambda: place.visit.officer is not None and place.visit.officer.number == OTHER)


async def test_a_handset_before_a_card_is_not_taken(stage: Stage, place: CounterPlace) -> None:
    stage.scan(FIRST.key)
    await until(lambda: "Scan the officer’s card first" in place.said.sentence)
    assert place.visit.empty


async def test_half_a_scan_is_nothing(stage: Stage, place: CounterPlace) -> None:
    """231188 is an officer; 2311 might have been one."""
    QTest.keyClicks(focused(), OTHER[:4])
    await until(lambda: "broke off" in place.said.sentence)
    assert place.visit.officer is None
    place.back.setFocus()


async def test_a_misread_scan_says_so(stage: Stage, place: CounterPlace) -> None:
    stage.scan("356938035643808")
    await until(lambda: "was misread: for an IMEI its check digits are wrong" in place.said.sentence)
    assert place.said.kind is Said.REFUSED


async def test_a_scan_during_a_question_is_not_taken_and_answers_nothing(stage: Stage, place: CounterPlace) -> None:
    await at_signature(stage, place)
    sign(place)
    press(Qt.Key.Key_Escape)
    await until(lambda: QApplication.activeModalWidget() is not None)
    stage.scan(OTHER)
    await until(lambda: "a question is open" in place.said.sentence)
    assert QApplication.activeModalWidget() is not None, "the Return at its end answered nothing"
    QTest.keyClick(modal(), Qt.Key.Key_Return)
    await until(lambda: QApplication.activeModalWidget() is None)
    assert place.signing.pad.signed, "Return is the harmless answer"


async def test_a_second_handset_goes_along_and_has_to_be_signed_for_anew(stage: Stage, place: CounterPlace) -> None:
    await at_signature(stage, place)
    sign(place)
    stage.scan(SECOND.key)
    await until(lambda: SECOND.key in place.visit.handsets)
    assert not place.signing.pad.signed
    stage.scan(SIM)
    await until(lambda: place.visit.open and len(place.declaration.agreed) == 2)
    assert place.step == AT_DECLARATION, "a SIM card has terms of its own"
    assert tick_all(place) == len(SIM_TERMS.clauses)
    await until(lambda: place.step == SIGNATURE)
    sign(place)
    press(Qt.Key.Key_Return)
    await until(lambda: stage.desk.requests)
    (request,) = stage.desk.requests
    assert request.keys == (FIRST.key, SECOND.key)
    assert [(one.kind, one.number) for one in request.things] == [(ItemKind.SIM, SIM)]


async def test_what_is_not_ready_or_not_here_is_not_taken(stage: Stage, place: CounterPlace) -> None:
    stage.scan(OFFICER)
    await until(lambda: place.step == WHAT)
    stage.scan(six()[1].key)
    await until(lambda: "cannot go yet" in place.said.sentence)
    stage.scan(identity(100).serial_number)
    await until(lambda: "is not plugged in at this desk" in place.said.sentence)
    assert place.visit.empty


@pytest.mark.parametrize(("verdict", "word"), [(Verdict.NOT_CLEAR, "not clear"), (Verdict.UNKNOWN, "not proven clear")])
async def test_what_is_not_clear_cannot_go_on_and_says_why(
    stage: Stage, place: CounterPlace, verdict: Verdict, word: str
) -> None:
    stage.desk.verdict = verdict
    stage.scan(OFFICER)
    await until(lambda: place.step == WHAT)
    stage.scan(FIRST.key)
    await until(lambda: place.visit.shut is not None)
    assert word in place.panel.rows[FIRST.key].sentence
    assert not place.go_on.isEnabled()
    place.sign_on_paper()
    assert stage.desk.requests == []
    stage.desk.verdict = Verdict.CLEAR
    press(Qt.Key.Key_F5)
    await until(lambda: place.visit.open)
    assert place.go_on.isEnabled()


async def test_pulling_the_cable_shuts_the_gate_in_the_middle_of_signing(stage: Stage, place: CounterPlace) -> None:
    await at_signature(stage, place)
    sign(place)
    assert place.go_on.isEnabled()
    stage.desk.show(unplugged(0))
    await until(lambda: place.visit.shut is not None)
    assert "was unplugged" in place.panel.rows[FIRST.key].sentence
    assert "was unplugged" in place.said.sentence
    assert place.said.kind is Said.REFUSED, "heard by whoever looks at the officer"
    assert not place.go_on.isEnabled()
    verified = stage.desk.asked.count(("verify_for_handover", FIRST.key, OFFICER))
    stage.desk.show(working(0))
    await stage.settle()
    assert place.visit.shut is not None
    stage.desk.show(FIRST)
    await until(lambda: place.visit.open)
    assert stage.desk.asked.count(("verify_for_handover", FIRST.key, OFFICER)) == verified + 1
    assert place.signing.pad.signed
    assert place.go_on.isEnabled()


async def test_a_verification_that_breaks_off_shuts_the_gate_and_says_so(stage: Stage, place: CounterPlace) -> None:
    stage.scan(OFFICER)
    await until(lambda: place.step == WHAT)
    stage.desk.error = HandsetGone("being verified")
    place.take_handset(FIRST)
    await until(lambda: QApplication.activeModalWidget() is not None)
    assert place.visit.handsets[FIRST.key].gate.state is GateState.SHUT
    stage.desk.error = None
    QTest.keyClick(modal(), Qt.Key.Key_Escape)


async def test_signing_on_paper_is_one_key(stage: Stage, place: CounterPlace) -> None:
    await at_signature(stage, place)
    press(Qt.Key.Key_F9)
    await until(lambda: place.step == DONE)
    assert stage.desk.requests[0].signature == Declined(ON_PAPER)


async def test_nobody_signs_under_a_clause_that_is_not_ticked(stage: Stage, place: CounterPlace) -> None:
    await served(stage, place)
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Return)
    assert place.step == SIGNATURE
    assert place.signing.declines.isChecked()
    assert not place.signing.pad.isVisible()
    press(Qt.Key.Key_F9)
    press(Qt.Key.Key_Return)
    assert stage.desk.requests == []
    QTest.keyClicks(place.signing.reason, "Does not")
    await until(lambda: place.signing.reason.text() == "Does not")
    await asyncio.sleep(2 * RUSH / 1000)
    press(Qt.Key.Key_Return)
    await until(lambda: stage.desk.requests)
    assert stage.desk.requests[0].signature == Declined("Does not")
    assert [len(one.clauses) for one in stage.desk.requests[0].agreed] == [1]


async def test_the_declaration_in_welsh_is_ticked_anew(stage: Stage, place: CounterPlace) -> None:
    await served(stage, place)
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_F6)
    assert place.declaration.unticked == len(WELSH.clauses)
    tick_all(place)
    sign(place)
    press(Qt.Key.Key_Return)
    await until(lambda: stage.desk.requests)
    assert stage.desk.requests[0].language == "cy-GB"


async def test_the_technician_signs_as_well_or_leaves_it_to_the_paper(stage: Stage, place: CounterPlace) -> None:
    await at_signature(stage, place)
    sign(place, place.signing.desk_pad)
    assert not place.go_on.isEnabled(), "the technician's signature is not the officer's"
    sign(place)
    press(Qt.Key.Key_Return)
    await until(lambda: stage.desk.requests)
    assert stage.desk.requests[0].countersignature is not None


async def test_a_stranger_needs_a_reason(stage: Stage, place: CounterPlace) -> None:
    QTest.keyClicks(place.who.number, "999999")
    press(Qt.Key.Key_Return)
    await until(lambda: "no number that this desk knows" in place.said.sentence)
    place.who.number.setText("999999")
    press(Qt.Key.Key_Return)
    await until(lambda: "is not on the roster" in place.said.sentence)
    assert place.step == WHO
    press(Qt.Key.Key_Return)
    await asyncio.sleep(0.02)
    assert place.step == WHO
    place.who.reason.setText("Joined this morning")
    press(Qt.Key.Key_Return)
    await until(lambda: place.step == WHAT)
    await served_stranger(stage, place)
    assert stage.desk.requests[0].roster_reason == "Joined this morning"


async def served_stranger(stage: Stage, place: CounterPlace) -> None:
    stage.scan(FIRST.key)
    await until(lambda: place.visit.open and place.declaration.ticks)
    tick_all(place)
    press(Qt.Key.Key_F9)
    await until(lambda: stage.desk.requests)


async def test_an_officer_is_found_by_a_part_of_the_name(stage: Stage, place: CounterPlace) -> None:
    place.who.number.setText("r")
    press(Qt.Key.Key_Return)
    await until(lambda: place.who.found.isVisible())
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    await until(lambda: place.visit.officer is not None)
    assert place.visit.officer is not None
    assert place.visit.officer.number == OTHER


async def test_a_wrong_officer_number_goes_no_further(place: CounterPlace) -> None:
    press(Qt.Key.Key_Return)
    await until(lambda: "Enter the officer number" in place.who.fault)
    assert place.step == WHO


async def test_a_ready_handset_is_chosen_by_keys(stage: Stage, place: CounterPlace) -> None:
    stage.scan(OFFICER)
    await until(lambda: place.step == WHAT and place.what.ready.count() == 3)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    await until(lambda: list(place.visit.handsets) == [SECOND.key])


async def test_a_refusal_of_the_engine_is_shown_and_nothing_is_handed_over(stage: Stage, place: CounterPlace) -> None:
    stage.desk.refusal = "The verification is older than 10 minutes. Verify again."
    await at_signature(stage, place)
    sign(place)
    press(Qt.Key.Key_Return)
    await until(lambda: place.said.kind is Said.REFUSED)
    assert stage.desk.refusal in place.said.sentence
    assert place.panel.rows[FIRST.key].sentence == stage.desk.refusal
    assert place.step == SIGNATURE


async def test_nothing_is_committed_twice_and_not_left_while_it_is(stage: Stage, place: CounterPlace) -> None:
    await at_signature(stage, place)
    sign(place)
    stage.desk.held = asyncio.Event()
    press(Qt.Key.Key_Return)
    await until(lambda: place.why_not == "Writing to the ledger…")
    QTest.keyClick(place, Qt.Key.Key_Return)
    QTest.keyClick(place, Qt.Key.Key_Escape)
    assert place.visit.officer is not None
    stage.desk.held.set()
    await until(lambda: place.step == DONE)
    assert len(stage.desk.requests) == 1


async def test_a_record_in_doubt_stops_all_handing_over(stage: Stage, place: CounterPlace) -> None:
    assert stage.window is not None
    await at_signature(stage, place)
    sign(place)
    stage.window.show_error(LedgerError("Entry 4 does not fit. Run “issuing-desk ledger verify”."))
    assert "in doubt" in place.why_not
    assert not place.go_on.isEnabled()
    QTest.keyClick(modal(), Qt.Key.Key_Escape)
    place.sign_on_paper()
    await asyncio.sleep(0.02)
    assert stage.desk.requests == []


async def test_a_receipt_that_cannot_be_printed_says_what_to_do(stage: Stage, place: CounterPlace) -> None:
    await at_signature(stage, place)
    sign(place)
    press(Qt.Key.Key_Return)
    await until(lambda: place.step == DONE)
    place.receipt.print.click()
    await until(lambda: QApplication.activeModalWidget() is not None)
    assert isinstance(modal().property("error") or UsageError(""), UsageError)
    QTest.keyClick(modal(), Qt.Key.Key_Escape)


async def test_an_officers_card_anywhere_opens_the_counter(stage: Stage, place: CounterPlace) -> None:
    assert stage.window is not None
    stage.window.go_to(Place.LEDGER)
    stage.scan(OTHER)
    await until(lambda: stage.window is not None and stage.window.place is Place.COUNTER)
    await until(lambda: place.visit.officer is not None)


async def test_a_typed_name_with_a_one_time_code_signs_and_a_refused_code_is_asked_for_anew(
    stage: Stage, place: CounterPlace
) -> None:
    stage.desk.refusal, stage.desk.shuts = "That code is not right, or was used.", False
    await at_signature(stage, place)
    place.signing.types.click()
    place.signing.name.setText("Sian Rees")
    assert not place.go_on.isEnabled()
    place.signing.code.setText("123 456")
    press(Qt.Key.Key_Return)
    await until(lambda: place.said.kind is Said.REFUSED)
    assert stage.desk.requests[0].signature == TypedName("Sian Rees", "123456")
    assert place.signing.code.text() == ""
    assert place.visit.open, "the handset need not be verified again for that"


async def test_a_handset_that_is_ordered_for_another_needs_a_reason(stage: Stage, place: CounterPlace) -> None:
    stage.desk.orders[FIRST.key] = Entitlement("It is meant for officer 7.", otherwise=True)
    await at_signature(stage, place)
    place.sign_on_paper()
    assert stage.desk.requests == []
    assert "ordered otherwise" in place.why_not
    QTest.keyClicks(place.panel.rows[FIRST.key].override, "On leave")
    await until(lambda: place.visit.handsets[FIRST.key].override == "On leave")
    sign(place)
    place.go_on.click()
    await until(lambda: stage.desk.requests)
    assert stage.desk.requests[0].handsets[0].override == "On leave"


async def test_a_suspended_officer_gets_nothing_and_it_is_said_why(stage: Stage, place: CounterPlace) -> None:
    stage.desk.unentitled = "Officer 231187 is suspended, so nothing is handed over."
    stage.scan(OFFICER)
    await until(lambda: place.step == WHAT)
    stage.scan(FIRST.key)
    await until(lambda: place.visit.shut is not None)
    assert place.panel.rows[FIRST.key].sentence == stage.desk.unentitled


async def test_somebody_else_collects_only_with_an_authority(stage: Stage, place: CounterPlace) -> None:
    stage.scan(OFFICER)
    await until(lambda: place.step == WHAT)
    place.what.proxy.setFocus()
    stage.scan(OTHER)
    await until(lambda: place.what.proxy.text() == OTHER)
    assert place.visit.officer is not None
    assert place.visit.officer.number == OFFICER
    place.take_handset(FIRST)
    await until(lambda: place.visit.open and place.declaration.ticks)
    place.go_back()
    assert not place.go_on.isEnabled()
    place.what.proxy.setText(OFFICER)
    assert "collects in person" in place.why_not
    place.what.proxy.setText(OTHER)
    place.what.authority.setText("Memo 12")
    place.go_on.click()
    tick_all(place)
    press(Qt.Key.Key_F9)
    await until(lambda: stage.desk.requests)
    assert stage.desk.requests[0].proxy == CollectedBy(OTHER, "Memo 12")


async def test_a_kind_that_is_typed_has_its_own_terms_and_number(stage: Stage, place: CounterPlace) -> None:
    place.what.others.setText("Dock: DK-17, battery, Lanyard: blue, sim: 89")
    assert list(place.what.things.values()) == [
        Thing(ItemKind.DOCK, "", "DK-17"), Thing(ItemKind.BATTERY), Thing(ItemKind.OTHER, "Lanyard: blue"),
        Thing(ItemKind.OTHER, "sim: 89"),
    ]  # fmt: skip


async def test_what_is_changed_after_the_signature_is_signed_for_anew(stage: Stage, place: CounterPlace) -> None:
    await at_signature(stage, place)
    sign(place)
    QTest.keyClicks(place.panel.rows[FIRST.key].condition, "Worn")
    await until(lambda: place.visit.handsets[FIRST.key].condition == "Worn")
    assert not place.signing.pad.signed
    sign(place)
    place.go_on.click()
    await until(lambda: stage.desk.requests)
    assert stage.desk.requests[0].handsets[0].condition == "Worn"


async def test_the_receipt_is_printed_by_itself_where_a_printer_is_remembered(
    stage: Stage, place: CounterPlace
) -> None:
    await at_signature(stage, place)
    press(Qt.Key.Key_F9)
    await until(lambda: "Back office" in place.receipt.said)
    assert ("print_receipt", "D4-2026-00042", "officer", "Back office", "") in stage.desk.paper.asked


async def test_a_handover_that_was_interrupted_is_told_until_its_paper_is_made(
    stage: Stage, place: CounterPlace
) -> None:
    assert stage.window is not None
    stage.desk.paper.names = ()
    stage.desk.interrupted = (BrokenOff("It holds, by receipt D4-7.", "D4-7"),)
    stage.window.begin()
    notices = stage.window.desk.notices
    await until(lambda: any("It holds" in one and "choose a printer" in one for one in notices.sentences))
    assert ("seen_to", "D4-7") not in stage.desk.paper.asked, "told at the next start, too"
    next(one for one in notices.findChildren(QPushButton) if "receipt" in one.text()).click()
    await until(lambda: ("seen_to", "D4-7") in stage.desk.paper.asked and not notices.sentences)


@pytest.mark.parametrize("again", [False, True])
async def test_the_receipt_of_a_handover_that_was_interrupted_is_printed_by_itself(
    stage: Stage, place: CounterPlace, *, again: bool
) -> None:
    assert stage.window is not None
    stage.desk.paper.again = again  # it was ordered, and the program ended before that was in the queue
    stage.desk.interrupted = (BrokenOff("It holds, by receipt D4-7.", "D4-7"),)
    stage.window.begin()
    notices = stage.window.desk.notices
    await until(lambda: any("being printed on “Back office”" in one for one in notices.sentences))
    (reason,) = [one[-1] for one in stage.desk.paper.asked if one[:2] == ("print_receipt", "D4-7")]
    assert bool(reason) == again, "a second print has a reason"
    assert ("seen_to", "D4-7") in stage.desk.paper.asked


async def test_what_the_books_know_is_said_when_the_handset_is_scanned(stage: Stage, place: CounterPlace) -> None:
    place.take_handset(replace(FIRST, notices=(StillOut("7", "D4-9", "2026-11-01"),)))
    assert "still out to officer 7" in place.said.sentence
    assert place.said.kind is Said.REFUSED
