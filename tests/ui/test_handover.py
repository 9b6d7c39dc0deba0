"""The handover: nobody is led past the gate, nothing is committed twice, and every key has its use."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import replace

import pytest
from patience import until
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from rehearsal import DECLARATION, WELSH, judgement, not_clear, ready, unknown, unplugged, working
from scenes import Stage, modal, sign

from provisioning.errors import HandsetGone
from provisioning.inventory import Unread
from provisioning.status import Phase, SessionStatus
from provisioning.verification.judgement import Verdict
from ui import gate as gates
from ui.actions import Declined, HandedOver, Signed
from ui.gate import NOT_ASKED, GateState
from ui.handover import HandoverDialog
from ui.handover_steps import DECLARATION as AT_DECLARATION
from ui.handover_steps import OFFICER, RECEIPT, SIGNATURE
from ui.officer_number import fault_of

CLEAR = ready(0)


@pytest.mark.parametrize(
    "status",
    [
        not_clear(0),
        unknown(0),
        unplugged(0),
        working(0),
        replace(CLEAR, phase=Phase.WORKING),
        replace(CLEAR, judgement=None),
        replace(CLEAR, judgement=judgement(Verdict.UNKNOWN)),
        replace(CLEAR, judgement=judgement(Verdict.NOT_CLEAR)),
        replace(CLEAR, judgement=replace(judgement(), not_checked=(Unread("apps of user 10", "no"),))),
    ],
)
def test_the_gate_opens_for_nothing_but_a_clear_handset(status: SessionStatus) -> None:
    gate = gates.judged(status)
    assert gate.state is GateState.SHUT
    assert gate.sentence.endswith("It cannot be handed over as it is.")
    assert gates.judged(CLEAR).state is GateState.OPEN


@pytest.mark.parametrize(
    "now", [unplugged(0), working(0), not_clear(0), unknown(0), replace(CLEAR, record="another record")]
)
def test_an_open_gate_shuts_on_news_that_what_was_verified_no_longer_holds(now: SessionStatus) -> None:
    gate = gates.still(gates.judged(CLEAR), now)
    assert gate.state is GateState.SHUT
    assert "verify again" in gate.sentence


def test_news_that_changes_nothing_leaves_the_gate_as_it_is() -> None:
    gate = gates.judged(CLEAR)
    assert gates.still(gate, replace(CLEAR, seconds=99)) is gate
    shut = gates.judged(not_clear(0))
    assert gates.still(shut, CLEAR) is shut, "a shut gate opens only by a fresh verification"
    assert gates.still(NOT_ASKED, CLEAR) is NOT_ASKED
    assert gates.still(gates.checking(None), CLEAR).state is GateState.CHECKING


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("", "Enter the officer number"),
        ("   ", "Enter the officer number"),
        ("23\x071187", r"\x07"),
        ("231187\n", r"\x0a"),
        ("23\u202e1187", r"\u202e"),
        ("2" * 41, "at most 40"),
        ("---", "at least one letter or figure"),
    ],
)
def test_an_officer_number_that_cannot_be_taken_is_said_in_one_sentence(text: str, piece: str) -> None:
    assert piece in fault_of(text)
    assert "\n" not in fault_of(text)


@pytest.mark.parametrize("text", ["231187", " 231187 ", "PC-1187", "Ŵ1187", "A/12.4"])
def test_a_usual_officer_number_is_taken(text: str) -> None:
    assert fault_of(text) == ""


async def opened(stage: Stage, number: str = "231187") -> HandoverDialog:
    """Open the dialog and go on to the declaration by keyboard alone."""
    dialog = stage.hand_over(CLEAR)
    await until(lambda: dialog.declaration.text is not None)
    QTest.keyClicks(dialog.officer.number, number)
    QTest.keyClick(dialog.officer.number, Qt.Key.Key_Return)
    return dialog


async def at_signature(stage: Stage) -> HandoverDialog:
    dialog = await opened(stage)
    await until(lambda: dialog.gate.state is GateState.OPEN)
    for tick in dialog.declaration.ticks:
        QTest.keyClick(tick, Qt.Key.Key_Space)
    QTest.keyClick(dialog.declaration.ticks[-1], Qt.Key.Key_Return)
    assert dialog.step == SIGNATURE
    return dialog


async def test_the_verification_begins_with_the_officer_number_and_runs_while_the_officer_reads(stage: Stage) -> None:
    stage.desk.held = asyncio.Event()
    dialog = await opened(stage)
    assert dialog.step == AT_DECLARATION
    assert dialog.gate.state is GateState.CHECKING
    assert dialog.go_on.isEnabled()
    dialog.go_on.click()
    sign(dialog)
    assert not dialog.go_on.isEnabled()
    assert dialog.why_not == "The verification is still under way."
    stage.desk.held.set()
    await until(lambda: dialog.gate.state is GateState.OPEN)
    assert stage.desk.asked[0] == ("verify_for_handover", CLEAR.key, "231187")


async def test_a_whole_handover_by_keys_and_one_signature(stage: Stage) -> None:
    dialog = stage.hand_over(CLEAR)
    await until(lambda: dialog.declaration.text is not None)
    done: list[HandedOver] = []
    dialog.handed_over.connect(done.append)
    QTest.keyClicks(dialog.officer.number, "231187")
    dialog.officer.name.setText("Siân O’Neill")  # QTest types ASCII only
    QTest.keyClicks(dialog.officer.permits, "P-12, P-13")
    QTest.keyClicks(dialog.officer.others, "Lanyard")
    QTest.keyClick(dialog.officer.others, Qt.Key.Key_Return)
    await until(lambda: dialog.gate.state is GateState.OPEN)
    for tick in dialog.declaration.ticks:
        QTest.keyClick(tick, Qt.Key.Key_Space)
    QTest.keyClick(dialog.declaration.ticks[-1], Qt.Key.Key_Return)
    sign(dialog)
    QTest.keyClick(dialog.signing.pad, Qt.Key.Key_Return)
    await until(lambda: done)
    request = stage.desk.requests[0]
    assert (request.key, request.officer_number, request.officer_name) == (CLEAR.key, "231187", "Siân O’Neill")
    assert (request.permits, request.accessories) == (("P-12", "P-13"), ("Lanyard",))
    assert (request.declaration, request.declaration_version, request.language) == (
        DECLARATION.id,
        DECLARATION.version,
        "en-GB",
    )
    assert request.clauses == tuple(clause.id for clause in DECLARATION.clauses)
    assert isinstance(request.signature, Signed)
    assert request.signature.image.startswith(b"<svg")
    assert dialog.step == RECEIPT
    QTest.keyClick(dialog.go_on, Qt.Key.Key_Return)
    assert not dialog.isVisible()


async def test_declining_by_keys_needs_a_reason(stage: Stage) -> None:
    dialog = await at_signature(stage)
    assert not dialog.go_on.isEnabled()
    QTest.keyClick(dialog.signing.declines, Qt.Key.Key_Space)
    assert not dialog.go_on.isEnabled()
    QTest.keyClicks(dialog.signing.reason, "Injured hand")
    QTest.keyClick(dialog.signing.reason, Qt.Key.Key_Return)
    await until(lambda: stage.desk.requests)
    assert stage.desk.requests[0].signature == Declined("Injured hand")
    await until(lambda: dialog.step == RECEIPT)


async def test_the_technician_signs_as_well_or_leaves_it_to_the_paper(stage: Stage) -> None:
    dialog = await at_signature(stage)
    sign(dialog, dialog.signing.desk_pad)
    assert not dialog.go_on.isEnabled(), "the technician's signature is not the officer's"
    sign(dialog)
    dialog.go_on.click()
    await until(lambda: dialog.step == RECEIPT)
    (request,) = stage.desk.requests
    assert request.countersignature is not None
    assert isinstance(request.signature, Signed)
    assert request.countersignature.image.startswith(b"<svg")


async def test_nobody_signs_under_a_clause_that_is_not_ticked(stage: Stage) -> None:
    dialog = await opened(stage)
    await until(lambda: dialog.gate.state is GateState.OPEN)
    dialog.declaration.ticks[0].setChecked(True)
    dialog.go_on.click()
    assert dialog.signing.declines.isChecked()
    assert not dialog.signing.declines.isEnabled()
    assert not dialog.signing.pad.isVisible()
    dialog.back.click()
    for tick in dialog.declaration.ticks:
        tick.setChecked(True)
    dialog.go_on.click()
    assert dialog.signing.declines.isEnabled()


@pytest.mark.parametrize(("verdict", "word"), [(Verdict.NOT_CLEAR, "not clear"), (Verdict.UNKNOWN, "not proven clear")])
async def test_what_is_not_clear_cannot_go_on_and_says_why(stage: Stage, verdict: Verdict, word: str) -> None:
    stage.desk.verdict = verdict
    dialog = await opened(stage)
    await until(lambda: dialog.gate.state is GateState.SHUT)
    assert word in dialog.gate_panel.sentence
    assert not dialog.go_on.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.step == AT_DECLARATION
    assert stage.desk.requests == []
    assert dialog.gate_panel.again.isVisible()
    stage.desk.verdict = Verdict.CLEAR
    dialog.gate_panel.again.click()
    await until(lambda: dialog.gate.state is GateState.OPEN)
    assert dialog.go_on.isEnabled()


async def test_pulling_the_cable_shuts_the_gate_in_the_middle_of_signing(stage: Stage) -> None:
    dialog = await at_signature(stage)
    sign(dialog)
    assert dialog.go_on.isEnabled()
    stage.desk.show(unplugged(0))
    await until(lambda: dialog.gate.state is GateState.SHUT)
    assert "was unplugged" in dialog.gate_panel.sentence
    assert not dialog.go_on.isEnabled()


async def test_another_officer_number_is_verified_anew(stage: Stage) -> None:
    dialog = await opened(stage)
    await until(lambda: dialog.gate.state is GateState.OPEN)
    dialog.back.click()
    assert dialog.step == OFFICER
    dialog.officer.number.setText("999999")
    dialog.go_on.click()
    assert dialog.gate.state is GateState.CHECKING
    await until(lambda: dialog.gate.state is GateState.OPEN)
    assert [what[2] for what in stage.desk.asked if what[0] == "verify_for_handover"] == ["231187", "999999"]


async def test_the_same_officer_number_is_not_verified_twice(stage: Stage) -> None:
    dialog = await opened(stage)
    await until(lambda: dialog.gate.state is GateState.OPEN)
    dialog.back.click()
    dialog.go_on.click()
    assert dialog.gate.state is GateState.OPEN


async def test_a_wrong_officer_number_goes_no_further(stage: Stage) -> None:
    dialog = await opened(stage, number="")
    assert dialog.step == OFFICER
    assert "Enter the officer number" in dialog.officer.fault
    assert stage.desk.asked == []


async def test_a_refusal_of_the_engine_is_shown_and_nothing_is_handed_over(stage: Stage) -> None:
    stage.desk.refusal = "The verification is older than 10 minutes. Verify again."
    dialog = await at_signature(stage)
    sign(dialog)
    dialog.go_on.click()
    await until(lambda: dialog.gate.state is GateState.SHUT)
    assert dialog.gate_panel.sentence == stage.desk.refusal
    assert dialog.step == SIGNATURE


async def test_a_verification_that_breaks_off_shuts_the_gate_and_says_so(stage: Stage) -> None:
    stage.desk.error = HandsetGone("being verified")
    dialog = await opened(stage)
    await until(lambda: stage.errors)
    assert dialog.gate.state is GateState.SHUT
    assert isinstance(stage.errors.pop(), HandsetGone)


async def test_nothing_is_committed_twice_and_not_left_while_it_is(stage: Stage) -> None:
    dialog = await at_signature(stage)
    sign(dialog)
    stage.desk.held = asyncio.Event()
    dialog.go_on.click()
    await until(lambda: dialog.why_not == "Writing to the ledger…")
    dialog.go_on.click()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    stage.desk.held.set()
    await until(lambda: dialog.step == RECEIPT)
    assert len(stage.desk.requests) == 1


async def test_leaving_with_a_signature_is_asked_about(stage: Stage) -> None:
    dialog = await at_signature(stage)
    sign(dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await until(lambda: QApplication.activeModalWidget() is not None)
    QTest.keyClick(modal(), Qt.Key.Key_Return)
    await until(lambda: QApplication.activeModalWidget() is None)
    assert dialog.isVisible(), "Return is the harmless answer"
    dialog.signing.pad.wipe()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert stage.desk.requests == []


async def test_the_declaration_in_welsh_is_ticked_anew(stage: Stage) -> None:
    dialog = await opened(stage)
    await until(lambda: dialog.gate.state is GateState.OPEN)
    for tick in dialog.declaration.ticks:
        tick.setChecked(True)
    dialog.declaration.languages[1].click()
    assert dialog.declaration.unticked == len(WELSH.clauses)
    assert dialog.declaration.ticks[0].words == WELSH.clauses[0].text
    for tick in dialog.declaration.ticks:
        tick.setChecked(True)
    dialog.go_on.click()
    sign(dialog)
    dialog.go_on.click()
    await until(lambda: stage.desk.requests)
    assert stage.desk.requests[0].language == "cy-GB"
    await until(lambda: dialog.step == RECEIPT)


async def test_a_closed_handover_leaves_nothing_behind(stage: Stage) -> None:
    """Neither the theme nor the bridge, which live on, keep a dialog and the signature in it."""
    kept: list[weakref.ref[HandoverDialog]] = []
    for _ in range(5):
        dialog = HandoverDialog(stage.theme, stage.bridge, stage.desk, CLEAR, report=stage.errors.append)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        await until(lambda dialog=dialog: dialog.declaration.text is not None)
        kept.append(weakref.ref(dialog))
        dialog.reject()
        del dialog
    await asyncio.sleep(0.01)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [one() for one in kept] == [None] * 5
