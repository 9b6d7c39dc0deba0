"""The gate and the officer number: nobody is led past the one, and a slip in the other is said beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rehearsal import judgement, not_clear, ready, unknown, unplugged, working

from provisioning.inventory import Unread
from provisioning.status import Phase, SessionStatus
from provisioning.verification.judgement import Verdict
from ui import gate as gates
from ui.gate import Gate, GateState
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
    assert "verify again" in gate.sentence or "verified anew by itself" in gate.sentence


def test_news_that_changes_nothing_leaves_the_gate_as_it_is() -> None:
    gate = gates.judged(CLEAR)
    assert gates.still(gate, replace(CLEAR, seconds=99)) is gate
    shut = gates.judged(not_clear(0))
    assert gates.still(shut, CLEAR) is shut, "a shut gate opens only by a fresh verification"
    before = Gate(GateState.NOT_ASKED, "")
    assert gates.still(before, CLEAR) is before
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
