"""Scenes of the wall, of single handsets, of hubs and codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from rehearsal import (
    FACTS,
    burdened,
    enrolment_code,
    many,
    not_clear,
    ready,
    returned,
    six,
    unknown,
    waiting,
)
from rehearsed_bays import CROWDED, LOSES, hubs
from stage import Stage

from provisioning.errors import LedgerError
from provisioning.platforms import Platform
from provisioning.status import Phase
from ui.aloud_phrases import Aloud
from ui.aloud_sheet import AloudSheet
from ui.bay_actions import LearningFacts
from ui.bay_learning import BayLearning
from ui.bridge import LedgerAlone
from ui.commands import Command
from ui.dialogs import Question
from ui.enrolment_code import EnrolmentSheet
from ui.hub_map import HubMap
from ui.rail import Place
from ui.sealing import SealSheet
from ui.unplug_sheet import UnplugSheet
from ui.wall_actions import Label


async def wall_6(stage: Stage) -> None:
    """Six handsets: one waiting, one not clear, one working, three ready."""
    window = stage.open(*six())
    await stage.settle()
    window.desk.choose(six()[3].key)


async def wall_alone(stage: Stage) -> None:
    """The shared ledger does not answer; the desk goes on and says so."""
    stage.open(*six())
    stage.bridge.post_alone(
        LedgerAlone("The shared ledger at db.force.example/issuing does not answer. This desk goes on alone.", 12)
    )
    await stage.settle()


async def wall_40(stage: Stage) -> None:
    """Forty handsets, one of them chosen."""
    window = stage.open(*many(40))
    await stage.settle()
    window.desk.choose(many(40)[17].key)


async def wall_40_afar(stage: Stage) -> None:
    """The same from three metres: the wall alone."""
    await _from_afar(stage, 40)


async def wall_100_afar(stage: Stage) -> None:
    """A hundred from afar."""
    await _from_afar(stage, 100)


async def wall_256_afar(stage: Stage) -> None:
    """Two hundred and fifty-six from afar."""
    await _from_afar(stage, 256)


async def _from_afar(stage: Stage, count: int) -> None:
    window = stage.open(*many(count))
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_F11)


async def wall_100(stage: Stage) -> None:
    """A hundred handsets."""
    window = stage.open(*many(100))
    await stage.settle()
    window.desk.choose(many(100)[17].key)


async def wall_256(stage: Stage) -> None:
    """Two hundred and fifty-six."""
    stage.open(*many(256))


async def wall_filtered(stage: Stage) -> None:
    """Forty handsets, of which only those are shown that have stopped, are not clear or unknown."""
    window = stage.open(*many(100))
    await stage.settle()
    window.header.search.setText("Galaxy")


async def nothing_found(stage: Stage) -> None:
    """A search without a result."""
    window = stage.open(*six())
    await stage.settle()
    window.header.search.setText("D4-2026-00099")


async def empty(stage: Stage) -> None:
    """Nothing is plugged in."""
    stage.open()


async def training(stage: Stage) -> None:
    """A training desk."""
    window = stage.open(*six(), facts=replace(FACTS, training=True))
    await stage.settle()
    window.desk.choose(six()[0].key)


async def hub_lost(stage: Stage) -> None:
    """usbmuxd does not answer."""
    stage.open(*[status for status in six() if status.attachment.platform is Platform.ANDROID])
    stage.bridge.post_hub(
        Platform.IOS,
        "usbmuxd does not answer on this machine. Start it (systemctl start usbmuxd) or run “issuing-desk doctor”.",
    )


async def record_in_doubt(stage: Stage) -> None:
    """The ledger cannot be trusted; the error sheet says so."""
    window = stage.open(*six())
    await stage.settle()
    window.show_error(
        LedgerError("Entry 412 does not fit the one before it. Stop, and run “issuing-desk ledger verify”.")
    )


async def enrolment_qr(stage: Stage) -> None:
    """The code for factory-fresh Androids: three have come back, each another way."""
    stage.desk.code = enrolment_code(expires=datetime.now(UTC) + timedelta(minutes=47, seconds=30))
    stage.desk.back = returned()
    await _code_sheet(stage)


async def _code_sheet(stage: Stage) -> None:
    window = stage.open(*six())
    await stage.settle()
    window.desk.wanted.emit(Command.ENROLMENT_CODE)
    await stage.settle()
    (sheet,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, EnrolmentSheet) and one.isVisible()]
    sheet.resize(sheet.size().boundedTo(stage.size - QSize(20, 20)))
    stage.subject = sheet


async def enrolment_qr_ended(stage: Stage) -> None:
    """Its token has ended: the code is taken down."""
    stage.desk.code = enrolment_code(expires=datetime.now(UTC) - timedelta(minutes=1))
    await _code_sheet(stage)


async def seal_outcome(stage: Stage) -> None:
    """What a seal came to."""
    window = stage.open(*six())
    await stage.settle()
    sheet = SealSheet(stage.theme, stage.desk.sealing, "R5CTX1", window)
    sheet.show()
    stage.subject = sheet


async def seal_question(stage: Stage) -> None:
    """The question before a seal."""
    window = stage.open(*six())
    await stage.settle()
    window.desk.choose(ready(5).key)
    window.desk.wanted.emit(Command.SEAL)
    await stage.settle()
    (stage.subject,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, Question) and one.isVisible()]


async def error_sheet(stage: Stage) -> None:
    """A mistake of the program."""
    from ui.errors import ErrorSheet

    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        sheet = ErrorSheet(stage.theme, error)
    sheet.show()
    sheet.findChildren(QWidget)
    stage.subject = sheet


async def keys(stage: Stage) -> None:
    """The list under F1."""
    from ui.help import KeyList

    sheet = KeyList(stage.theme)
    sheet.resize(sheet.size().boundedTo(stage.size - QSize(40, 40)))
    sheet.show()
    stage.subject = sheet


async def detail_not_clear(stage: Stage) -> None:
    """What is known of a handset with TikTok on it."""
    window = stage.open(*six())
    await stage.settle()
    window.desk.choose(six()[2].key)


async def detail_apps(stage: Stage) -> None:
    """The same with its apps unfolded."""
    await detail_not_clear(stage)
    assert stage.window is not None
    detail = stage.window.desk.detail
    detail.open_apps()
    await stage.settle()
    detail.scroll_to_end()


async def detail_unknown(stage: Stage) -> None:
    """What is known of a handset that could not be read completely."""
    statuses = [ready(0), unknown(1), burdened(2), not_clear(3)]
    window = stage.open(*statuses)
    await stage.settle()
    window.desk.choose(statuses[1].key)


async def ledger(stage: Stage) -> None:
    """The latest entries."""
    stage.open(*six()).go_to(Place.LEDGER)


async def unplug_walk(stage: Stage) -> None:
    """Two are out, the second of them too early; what is next belongs to an officer."""
    green = [ready(number) for number in range(6)]
    stage.desk.wall.known = {one.key: Label("MET-00117", "officer 231187 Siân O’Neill-Fitzgerald") for one in green}
    window = stage.open(*green, not_clear(6), waiting(7))
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    stage.desk.show(replace(green[0], phase=Phase.UNPLUGGED))
    await stage.settle()
    stage.desk.show(replace(green[3], phase=Phase.UNPLUGGED))
    await stage.settle()
    stage.subject = next(one for one in QApplication.topLevelWidgets() if isinstance(one, UnplugSheet))


async def unplug_done(stage: Stage) -> None:
    """All that were ready are out, two stay."""
    green = [ready(number) for number in range(2)]
    window = stage.open(*green, not_clear(6), waiting(7))
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    stage.desk.show(*(replace(one, phase=Phase.UNPLUGGED) for one in green))
    await stage.settle()
    stage.subject = next(one for one in QApplication.topLevelWidgets() if isinstance(one, UnplugSheet))


async def aloud(stage: Stage) -> None:
    """How outcomes are told; this machine cannot be heard."""
    window = stage.open(*six())
    await stage.settle()
    stage.subject = AloudSheet(stage.theme, window.beside.aloud, stage.desk.wall, stage.errors.append, window)
    window.beside.aloud.choose(Aloud.SPEECH)
    window.beside.aloud.troubled.emit("Nothing can be said (espeak-ng: error: No such file or directory).")
    stage.subject.show()


async def hub_map(stage: Stage) -> None:
    """Three hubs of sixteen: some ports empty, one mistrusted, one handset in two bays, a controller that is full."""
    stage.desk.bays.known = hubs(3, 16)
    stage.desk.bays.advice = CROWDED
    one, two = ready(8), ready(10)
    window = stage.open(*six(), replace(one, identity=two.identity), two)
    stage.bridge.post_ports({"1-4": LOSES})
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    await stage.settle()
    sheet = next(one for one in QApplication.topLevelWidgets() if isinstance(one, HubMap))
    sheet.cells[3].setFocus()
    stage.subject = sheet


async def hub_map_none(stage: Stage) -> None:
    """No bay is known and nothing is plugged in."""
    window = stage.open()
    stage.subject = HubMap(stage.theme, stage.desk.bays, lambda: {}, stage.errors.append, window)
    stage.subject.show()


async def bay_learning(stage: Stage) -> None:
    """Fourteen ports are learnt; the handset was just plugged into a new one."""
    learnt = (*(f"1-{number}" for number in range(1, 11)), "2-1", "2-2", "2-3", "2-4")
    stage.desk.bays.facts = LearningFacts("2", "2-5", learnt, "2-4", sentence="This is 2-4. Next: 2-5.")
    stage.subject = BayLearning(stage.theme, stage.desk.bays, stage.errors.append, stage.open())
    stage.subject.show()


async def bay_learning_again(stage: Stage) -> None:
    """It was plugged into a port that had been learnt."""
    said = "This port is 1-2 already. Plug the handset into the next port: 1-4."
    facts = LearningFacts("1", "1-4", ("1-1", "1-2", "1-3"), "1-2", repeated=True, sentence=said)
    stage.desk.bays.facts = facts
    stage.subject = BayLearning(stage.theme, stage.desk.bays, stage.errors.append, stage.open())
    stage.subject.show()
