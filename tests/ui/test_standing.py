"""What is said of a session: by card, in a few words, in a sentence; and how bays are ordered. No screen needed."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from types import UnionType
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rehearsal import (
    attachment,
    burdened,
    identity,
    judgement,
    many,
    not_clear,
    ready,
    seen,
    session,
    silent,
    stopped,
    unknown,
    unplugged,
    waiting,
    working,
)

from provisioning.batches.manifest import Disagreement, Mismatch
from provisioning.canonical import canonical
from provisioning.handset import Enrolment, Glimpse, Hindrance, LockDown, Obstacle, Ownership
from provisioning.notices import Missing, StillOut, UnderEvidenceHold
from provisioning.outcomes import Outcome
from provisioning.platforms import Platform
from provisioning.receipts.receipt import ReturnReason
from provisioning.stages import apply, enrol, erase, identify, preflight, seal, trust, verify
from provisioning.status import Phase, SessionStatus, StageRecord
from provisioning.told import read_back, told
from provisioning.verification.judgement import Verdict
from provisioning.walk import (
    PROVISION,
    AnsweredGarbage,
    DeskLacks,
    KeptSilent,
    Next,
    SaidNo,
    StageName,
    StillStarting,
    WentAway,
)
from ui.bays import hub_title, read_bay
from ui.card import card_of
from ui.phrases import sentence
from ui.search import exactly, matches
from ui.short_phrases import effort, needs_somebody, note, said, wanted
from ui.standing import standing

IOS = Platform.IOS
OUTCOMES: list[Outcome] = [
    identify.Identified(identity(0)),
    identify.Glimpsed(Glimpse(IOS)),
    identify.Swapped("A", "B"),
    identify.HereTwice("A", "1-2"),
    identify.NotAsListed(identity(0), Mismatch(Disagreement.NOT_LISTED)),
    identify.NotAsListed(identity(0), Mismatch(Disagreement.LISTED_TWICE, "2, 5")),
    identify.NotAsListed(identity(0), Mismatch(Disagreement.OTHER_IMEI, "1 there, 2 here")),
    identify.LeftAsItIs(identity(0), Missing(ReturnReason.STOLEN, "P1", "D4-000001")),
    identify.LeftAsItIs(identity(0), UnderEvidenceHold("op. Larch", "EX/7", "2026-03-01")),
    trust.Trusted(identity(0)),
    trust.AwaitingUnlock(IOS),
    trust.AwaitingTrust(IOS),
    trust.TrustDenied(IOS),
    trust.Unreachable(IOS, "offline"),
    trust.PairingClosed(),
    trust.StillNameless(),
    erase.Erased(already=False),
    erase.Erasing(),
    erase.NotErased((Obstacle(Hindrance.FIND_MY_ON),)),
    erase.NotFromHere(IOS),
    preflight.Fit(90),
    preflight.AlreadyOurs(None),
    preflight.NeedsHands((Obstacle(Hindrance.ACCOUNTS_PRESENT),)),
    preflight.NotFit((Obstacle(Hindrance.ACTIVATION_LOCKED),)),
    enrol.Enrolled(Enrolment(Ownership.OURS), already=True),
    enrol.HeldByAnother("Kent Police"),
    enrol.EnrolmentRefused("14002"),
    enrol.NotReadBack("nobody"),
    enrol.NotManaged("The Internet connection appears to be offline."),
    apply.Applied(LockDown(), already=True),
    apply.AppliedInPart(LockDown()),
    verify.Verified(judgement(), "r"),
    verify.NotClear(judgement(Verdict.NOT_CLEAR), "r"),
    verify.Unknown(judgement(Verdict.UNKNOWN), "r"),
    seal.Sealed(("away from adb for 10 s",)),
    seal.NothingToSeal("the policy leaves debugging open"),
    seal.NotSealed("it is still on adb"),
    WentAway("verify"),
    KeptSilent("verify", 60),
    StillStarting("verify"),
    AnsweredGarbage("verify", "x"),
    SaidNo("verify", "x"),
    DeskLacks("No controller is set."),
]


def members(union: Any) -> Iterable[type]:
    for member in get_args(union):
        yield from members(member) if isinstance(member, UnionType) else [member]


def test_the_list_below_holds_every_outcome_that_there_is() -> None:
    assert {type(outcome) for outcome in OUTCOMES} == set(members(Outcome))


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
def test_every_outcome_has_few_words_that_fit_on_a_card(outcome: Outcome) -> None:
    words = said(outcome)
    assert len(words) <= 60
    assert words or isinstance(outcome, verify.Verified)


@pytest.mark.parametrize("hindrance", list(Hindrance))
def test_every_hindrance_has_words_and_an_effort(hindrance: Hindrance) -> None:
    status = session(0, Phase.WAITING, StageName.PREFLIGHT, preflight.NeedsHands((Obstacle(hindrance),)))
    assert note(status)
    assert 0 <= effort(status) <= 14


@pytest.mark.parametrize(
    "status",
    [
        ready(0),
        waiting(1),
        burdened(2),
        not_clear(3),
        unknown(4),
        working(5),
        stopped(6),
        silent(7),
        unplugged(8),
        seen(9),
    ],
    ids=lambda status: status.phase,
)
def test_every_phase_has_one_sentence(status: SessionStatus) -> None:
    sentence = standing(status)
    assert sentence[0].isupper()
    assert sentence.endswith((".", "?"))
    assert status.attachment.bay in sentence


def test_an_unknown_handset_is_never_called_clear() -> None:
    assert "is clear" not in standing(unknown(0))
    assert "Clear" not in note(unknown(0))
    assert "Clear" not in note(replace(working(0), judgement=judgement()))


def test_after_a_replug_the_stage_in_hand_speaks_not_the_record_of_a_later_one() -> None:
    """The walk begins anew and updates its records in place; the last of them is not the newest."""
    asking = trust.AwaitingTrust(IOS)
    status = replace(
        waiting(0),
        stages=(
            StageRecord(StageName.IDENTIFY, identify.Identified(identity(0)), 1),
            StageRecord(StageName.TRUST, asking, 2),
            StageRecord(StageName.VERIFY, WentAway("verify"), 3),
        ),
        stage=StageName.TRUST,
    )
    assert "tap “Trust”" in standing(status)
    assert note(status) == "Unlock, tap Trust"
    assert effort(status) == 2


def test_only_what_a_hand_can_help_is_in_the_line_of_hands() -> None:
    assert [wanted(one) for one in (waiting(0), burdened(1), unplugged(2))] == [True, True, True]
    assert not any(wanted(one) for one in (ready(0), not_clear(1), unknown(2), stopped(3), silent(4), working(5)))
    assert not wanted(replace(ready(0), phase=Phase.UNPLUGGED)), "a finished handset may be taken away"


def test_what_ended_badly_needs_somebody_as_what_waits_does() -> None:
    assert all(map(needs_somebody, (waiting(0), burdened(1), unplugged(2), not_clear(3), unknown(4), stopped(5))))
    assert not any(map(needs_somebody, (ready(0), working(1), replace(ready(2), phase=Phase.UNPLUGGED))))
    order = (waiting(0), silent(1), burdened(2), unknown(3), not_clear(4), stopped(5))
    assert [effort(one) for one in order] == sorted(effort(one) for one in order)


def test_a_tap_comes_before_a_cable_and_a_cable_before_settings() -> None:
    assert effort(waiting(0)) < effort(unplugged(1)) < effort(burdened(2))


def test_a_card_tells_how_far_the_walk_has_come() -> None:
    assert (card_of(working(0, StageName.ENROL)).done, card_of(working(0)).stages) == (3, len(PROVISION))
    assert card_of(ready(0)).done == len(PROVISION)


@pytest.mark.parametrize(
    ("label", "hub", "short"),
    [
        ("1-1.3", "1-1", "1-1.3"),
        ("2-7", "2", "2-7"),
        ("B12", "B", "B12"),
        ("Hub 1 · 3", "Hub 1", "3"),
        ("emulator-5554", "emulator", "emulator-5554"),
        ("127.0.0.1:5555", "", "127.0.0.1:5555"),
        ("", "", ""),
    ],
)
def test_a_bay_is_read_from_its_label(label: str, hub: str, short: str) -> None:
    bay = read_bay(label)
    assert (bay.hub, bay.short) == (hub, short)


def test_hubs_are_titled_once() -> None:
    assert [hub_title(hub) for hub in ("1-1", "B", "Hub 1", "")] == [
        "Hub 1-1",
        "Hub B",
        "Hub 1",
        "Ports without a number",
    ]


def test_bays_are_ordered_as_people_count() -> None:
    labels = ["10-1", "2-10", "2-9", "usb", "1-1.10", "1-1.2"]
    ordered = sorted(labels, key=lambda label: read_bay(label).order)
    assert ordered == ["1-1.2", "1-1.10", "2-9", "2-10", "10-1", "usb"]


@given(st.lists(st.text(max_size=60), max_size=20))
def test_any_labels_can_be_ordered(labels: list[str]) -> None:
    sorted(labels, key=lambda label: read_bay(label).order)


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_a_card_is_one_bounded_line_whatever_the_handset_says(name: str, serial: str, bay: str) -> None:
    told = replace(identity(0), model_name=name, serial_number=serial)
    status = replace(ready(0), identity=told, attachment=replace(attachment(0), bay=bay))
    card = card_of(status)
    for piece in (card.bay, card.model, card.serial_number, card.note):
        assert len(piece) <= 80
        assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} for letter in piece)


def test_a_scan_finds_by_serial_imei_and_bay() -> None:
    statuses = many(30)
    told = identity(4)
    assert told.imei
    for text in (told.serial_number, told.serial_number.lower(), told.imei, attachment(4, 16).bay):
        found = exactly(statuses, text)
        assert found is not None
        assert found.key == told.serial_number
    assert exactly(statuses, "nothing like it") is None


def test_a_search_finds_every_word_somewhere() -> None:
    assert matches(ready(1), "galaxy 1-2")
    assert not matches(ready(1), "galaxy 9-9")
    assert matches(ready(1), "")


ENDING = [
    one for one in OUTCOMES if one.next is not Next.PROCEED and not isinstance(one, verify.NotClear | verify.Unknown)
]


@pytest.mark.parametrize("outcome", ENDING, ids=lambda outcome: type(outcome).__name__)
def test_what_ended_a_walk_is_said_from_the_ledger_as_it_was_said_at_the_desk(outcome: Outcome) -> None:
    kept = json.loads(canonical(told(outcome)))
    again = read_back({"serial_number": "F2LXG30000", **kept})
    assert again is not None
    assert sentence(again, "the iPhone") == sentence(outcome, "the iPhone")
    assert "F2LXG30000" not in json.dumps(kept), "who it is, is an entry of its own"


def test_a_card_names_what_was_found_before_what_the_books_know() -> None:
    out = (StillOut("7", "D4-9", "2026-11-01"),)
    assert card_of(replace(not_clear(0), notices=out)).note == "TikTok +1 · Still out to 7"
    assert card_of(replace(ready(0), notices=out)).note == "Still out to 7"
