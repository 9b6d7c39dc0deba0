"""Outcomes told aloud: off until chosen, gathered, never faster than heard, never what holds no more."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

import pytest
from patience import until
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from rehearsal import FACTS, attachment, burdened, not_clear, ready, six, stopped, unknown, unplugged, waiting, working
from rehearsed_wall import RehearsedSpeaker
from scenes import Stage

from provisioning.status import Phase, SessionStatus
from tests.tools.make_sounds import FOLDER, TONES, tone
from ui.aloud import GATHER, AloudDesk, Telling
from ui.aloud_phrases import Aloud, Cue, outcome_of, sentences
from ui.aloud_sheet import AloudSheet
from ui.bridge import Changes
from ui.system_speaker import LACKS, Program, SystemSpeaker


def spoken(*statuses: SessionStatus) -> list[str]:
    return [sentence for sentence, _ in sentences([one for one in map(outcome_of, statuses) if one is not None])]


class Desk:
    """An AloudDesk with a speaker that keeps what it is told."""

    def __init__(self) -> None:
        self.statuses: dict[str, SessionStatus] = {}
        self.made: list[RehearsedSpeaker] = []
        self.parent = QObject()
        self.aloud = AloudDesk(lambda: self.statuses, self.speaker, self.parent)
        self.troubles: list[str] = []
        self.aloud.troubled.connect(self.troubles.append)

    def speaker(self, parent: QObject) -> RehearsedSpeaker:
        self.made.append(RehearsedSpeaker(parent))
        return self.made[-1]

    @property
    def words(self) -> list[str]:
        return self.made[0].words if self.made else []

    def show(self, *statuses: SessionStatus, gone: tuple[str, ...] = ()) -> None:
        for status in statuses:
            self.statuses[status.key] = status
        for key in gone:
            self.statuses.pop(key)
        self.aloud.note(Changes(statuses, gone, ()))

    async def heard(self, number: int) -> str:
        await until(lambda: len(self.words) >= number)
        return self.words[number - 1]


@pytest.fixture
def desk(qapp: QApplication) -> Desk:
    del qapp
    return Desk()


def test_forty_at_once_are_a_sentence_for_each_hub_and_what_needs_somebody_comes_first() -> None:
    statuses = [ready(number, 16) for number in range(40) if number not in {3, 8, 20}]
    told = spoken(*statuses, waiting(3, 16), waiting(8, 16), not_clear(20, 16))
    assert told == [
        "Hub 1: bay 4 needs you: Unlock, tap Allow.",
        "Hub 1: bay 9 needs you: Unlock, tap Trust.",
        "Hub 2: bay 5 is not clear.",
        "Hub 1: bays 1, 2, 3, 5 to 8 and 10 to 16 ready.",
        "Hub 2: bays 1 to 4 and 6 to 16 ready.",
        "Hub 3: bays 1 to 8 ready.",
    ]


def test_bays_without_a_hub_and_named_hubs_are_said_as_people_call_them() -> None:
    def at(status: SessionStatus, bay: str) -> SessionStatus:
        return replace(status, attachment=replace(status.attachment, bay=bay))

    three = [at(ready(number), str(12 + number)) for number in range(3)]
    assert spoken(*three) == ["bays 12, 13 and 14 ready."]
    assert spoken(at(burdened(1), "Rear shelf · 7")) == ["Rear shelf: bay 7 needs you: Remove its accounts."]
    assert spoken(at(ready(0), "1-1.3")) == ["Hub 1 1: bay 3 ready."]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (unknown(0), "Hub 1: bay 1 is not proven clear."),
        (stopped(0), "Hub 1: bay 1 stopped: Owned by another."),
        (unplugged(0), "Hub 1: bay 1 needs you: Plug it in again."),
    ],
)
def test_what_is_not_clear_is_never_called_ready(status: SessionStatus, said: str) -> None:
    assert spoken(status) == [said]


def test_what_goes_on_or_was_taken_away_when_ready_is_told_by_nobody() -> None:
    assert spoken(working(0), replace(ready(1), phase=Phase.UNPLUGGED)) == []


def test_it_is_off_until_somebody_chooses_and_then_tells_only_what_is_new(desk: Desk) -> None:
    desk.show(*six())
    assert desk.made == []
    desk.aloud.choose(Aloud.SPEECH)
    desk.show(*six())
    assert desk.made == []


async def test_one_thing_is_told_at_a_time_and_the_rest_is_gathered_meanwhile(desk: Desk) -> None:
    desk.aloud.choose(Aloud.SPEECH)
    desk.show(ready(0))
    assert await desk.heard(1) == "Hub 1: bay 1 ready."
    for number in (1, 2, 3):
        desk.show(ready(number))
    desk.made[0].end()
    assert await desk.heard(2) == "Hub 1: bays 2, 3 and 4 ready."


async def test_what_holds_no_more_when_its_turn_comes_is_not_told(desk: Desk) -> None:
    desk.aloud.choose(Aloud.SPEECH)
    desk.show(ready(0))
    await desk.heard(1)
    desk.show(ready(1), ready(2), ready(3))
    desk.show(working(1), not_clear(2), gone=(ready(3).key,))
    desk.made[0].end()
    assert await desk.heard(2) == "Hub 1: bay 3 is not clear."


async def test_a_loose_cable_is_not_told_again_and_again(desk: Desk) -> None:
    desk.aloud.choose(Aloud.SPEECH)
    desk.show(unplugged(0))
    await desk.heard(1)
    desk.made[0].end()
    desk.show(working(0))
    desk.show(unplugged(0))
    desk.show(ready(1))
    assert await desk.heard(2) == "Hub 1: bay 2 ready."


async def test_a_handset_in_another_bay_is_told_there(desk: Desk) -> None:
    desk.aloud.choose(Aloud.SPEECH)
    desk.show(ready(0))
    await desk.heard(1)
    desk.made[0].end()
    desk.show(replace(ready(0), attachment=attachment(9)))
    assert await desk.heard(2) == "Hub 3: bay 2 ready."


async def test_two_that_give_the_same_bay_are_told_once_and_nothing_is_left_over(desk: Desk) -> None:
    desk.aloud.choose(Aloud.SPEECH)
    desk.show(ready(0), replace(ready(1), attachment=attachment(0)))
    assert await desk.heard(1) == "Hub 1: bay 1 ready."
    desk.made[0].end()
    desk.show(ready(2))
    assert await desk.heard(2) == "Hub 1: bay 3 ready."


async def test_what_somebody_must_hear_now_comes_before_what_waits_and_never_over_it(desk: Desk) -> None:
    desk.aloud.choose(Aloud.SPEECH)
    desk.show(ready(0))  # waits for a moment, so that others may come with it
    desk.aloud.tell_now("That was bay 5.", Cue.NEEDS)
    desk.aloud.tell_now("That was bay 6.", Cue.NEEDS)
    await asyncio.sleep(2 * GATHER / 1000)
    assert desk.words == ["That was bay 5."]
    desk.made[0].end()
    assert await desk.heard(2) == "That was bay 6."
    desk.made[0].end()
    assert await desk.heard(3) == "Hub 1: bay 1 ready."


async def test_what_was_told_a_moment_ago_takes_the_place_of_what_waits(desk: Desk) -> None:
    desk.aloud.choose(Aloud.SPEECH)
    desk.show(ready(0))
    await desk.heard(1)
    desk.show(waiting(0))
    desk.show(ready(0), ready(1))
    desk.made[0].end()
    assert await desk.heard(2) == "Hub 1: bay 2 ready.", "bay 1 needs nobody any more"


async def test_tones_are_one_of_each_kind_however_many_handsets(desk: Desk) -> None:
    desk.aloud.choose(Aloud.SOUNDS)
    desk.show(*(ready(number) for number in range(30)), waiting(31), not_clear(32))
    await desk.heard(1)
    assert desk.made[0].told[0] == (Aloud.SOUNDS, Telling((Cue.NEEDS, Cue.READY), desk.words[0]))


async def test_where_nothing_can_be_heard_one_sentence_says_so_and_then_it_is_silent(desk: Desk) -> None:
    desk.aloud.choose(Aloud.SPEECH)
    desk.show(ready(0))
    await desk.heard(1)
    desk.made[0].end("Nothing can be said (espeak-ng: no device).")
    desk.show(ready(1))
    assert desk.troubles == ["", "Nothing can be said (espeak-ng: no device)."]
    assert desk.aloud.how is Aloud.OFF
    assert len(desk.words) == 1


async def heard_of(*programs: Program, how: Aloud = Aloud.SPEECH) -> str:
    """Let real programs tell something and give what the speaker says of it."""
    speaker = SystemSpeaker(None, {how: programs})
    ended: list[str] = []
    speaker.finished.connect(ended.append)
    speaker.begin(Telling((Cue.READY, Cue.NEEDS), "Hub 1: bay 7 ready."), how)
    await until(lambda: ended, 30)
    speaker.deleteLater()
    return ended[0]


def python(code: str, *, by_name: bool = False, silent: bool = False) -> Program:
    return Program(sys.executable, ("-c", code), by_name, silent)


async def test_words_go_to_the_program_where_no_shell_reads_them() -> None:
    code = "import sys; sys.exit(sys.stdin.read() != 'Hub 1: bay 7 ready.\\n')"
    assert await heard_of(python(code)) == ""


async def test_each_tone_is_a_file_that_a_program_can_play() -> None:
    code = "import sys, wave; sys.exit(wave.open(sys.argv[1]).getnframes() < 4000)"
    assert await heard_of(python(code, by_name=True), how=Aloud.SOUNDS) == ""


async def test_where_one_program_fails_the_next_is_tried_and_the_last_gives_its_reason() -> None:
    fails = python("import sys; sys.exit('first line\\nno such device')")
    assert await heard_of(Program("there-is-no-such-program"), fails, python("")) == ""
    said = await heard_of(Program("there-is-no-such-program"), fails)
    assert said.startswith("Nothing can be said (")
    assert "no such device)" in said
    assert "first line" not in said


async def test_a_program_that_ends_well_although_it_was_not_heard_is_found_out() -> None:
    code = "import sys; print('error: no device', file=sys.stderr)"
    assert "no device" in await heard_of(python(code, silent=True))


async def test_a_machine_without_any_program_is_told_what_to_install() -> None:
    assert await heard_of() == LACKS[Aloud.SPEECH]


def test_the_tones_are_those_that_the_script_makes_and_are_not_alike() -> None:
    made = {name: tone(notes) for name, notes in TONES.items()}
    assert {name: (FOLDER / f"{name}.wav").read_bytes() for name in made} == made
    assert set(made) == set(Cue)


async def test_the_choice_takes_hold_at_once_is_kept_and_shows_in_the_header(stage: Stage) -> None:
    window = stage.open(*six(), facts=replace(FACTS, aloud="sounds"))
    await stage.settle()
    window.begin()
    assert window.beside.aloud.how is Aloud.SOUNDS
    QTest.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    (sheet,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, AloudSheet)]
    QTest.keyClick(sheet.choices[Aloud.SOUNDS], Qt.Key.Key_Down)
    sheet.choices[Aloud.SPEECH].click()
    await until(lambda: stage.desk.wall.kept == ["speech"])
    assert window.beside.aloud.how is Aloud.SPEECH
    window.beside.aloud.troubled.emit("Nothing can be said.")
    assert window.desk.notices.sentences == ["Outcomes are not told aloud: Nothing can be said."]
    sheet.choices[Aloud.OFF].click()
    assert window.desk.notices.sentences == []
    sheet.close()
