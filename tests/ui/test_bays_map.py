"""The map of the bays and the learning by keyboard: what is read, where the focus goes, what the desk is asked."""

from __future__ import annotations

from dataclasses import replace

from patience import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from rehearsal import ready, six, unplugged
from rehearsed_bays import CROWDED, LOSES, hubs
from scenes import Stage

from ui.bay_actions import BayFacts, LearningFacts
from ui.bay_learning import BayLearning
from ui.hub_map import HubMap
from ui.hub_plan import EMPTY, TWICE, hub_faces
from ui.plain import SelectableWords
from ui.wall_model import WallRole

CTRL = Qt.KeyboardModifier.ControlModifier


def shown(kind: type[QWidget]) -> QWidget | None:
    return next((one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()), None)


async def opened_map(stage: Stage) -> HubMap:
    window = stage.open(*six())
    await until(lambda: len(window.desk.model.statuses) == 6)
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    await until(lambda: shown(HubMap))
    sheet = shown(HubMap)
    assert isinstance(sheet, HubMap)
    await until(lambda: sheet.cells)
    return sheet


def test_ports_lie_in_physical_order_and_say_how_they_stand() -> None:
    bays = (BayFacts("Left", "2", 2), BayFacts("2-1", "2", 1, 3, LOSES))
    (hub,) = hub_faces(bays, [])
    assert hub.title == "Hub 2"
    assert [port.label for port in hub.ports] == ["2-1", "Left"]
    assert {port.sign for port in hub.ports} == {EMPTY}
    assert hub.ports[0].told == "Nothing is plugged in. 3 handsets so far."
    assert hub.ports[0].spoken == "Bay 2-1, Empty, Mistrusted"


def test_a_handset_in_two_bays_is_told_in_both() -> None:
    one, two = ready(4), ready(6)
    faces = {
        port.label: port for hub in hub_faces([], [replace(one, identity=two.identity), two]) for port in hub.ports
    }
    assert {port.sign for port in faces.values()} == {TWICE}
    assert "is in bay 2-3 too" in faces["2-1"].told
    assert "is in bay 2-1 too" in faces["2-3"].told


def test_what_was_pulled_gives_way_to_what_is_plugged_in() -> None:
    gone, here = unplugged(4), ready(6)
    here = replace(here, attachment=replace(here.attachment, bay=gone.attachment.bay))
    for order in ([gone, here], [here, gone]):
        ((port,),) = (hub.ports for hub in hub_faces([], order))
        assert port.key == here.key


async def test_the_map_by_keyboard_from_the_wall_and_back_to_it(stage: Stage) -> None:
    stage.desk.bays.known = hubs(2)
    sheet = await opened_map(stage)
    await until(lambda: len(sheet.cells) == 20)
    cells = {cell.face.label: cell for cell in sheet.cells}
    sheet.cells[0].setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        QTest.keyClick(QApplication.focusWidget() or sheet, key)
    assert cells["1-4"].hasFocus()
    assert cells["1-4"].accessibleName().endswith("Mistrusted")
    assert LOSES in cells["1-4"].accessibleDescription()
    QTest.keyClick(cells["1-4"], Qt.Key.Key_Down)
    assert cells["1-9"].hasFocus()
    QTest.keyClick(cells["1-9"], Qt.Key.Key_Up)
    QTest.keyClick(cells["1-4"], Qt.Key.Key_Return)
    assert stage.window is not None
    assert stage.window.desk.wall.key == six()[3].key
    stage.desk.show(replace(ready(9), attachment=replace(ready(9).attachment, bay="2-9")))
    await until(lambda: cells["2-9"].face.key)
    assert cells["2-9"].accessibleName().startswith("Bay 2-9, Ready")


async def test_what_is_wrong_with_the_usb_stands_above_the_hubs_the_gravest_first(stage: Stage) -> None:
    stage.desk.bays.advice = CROWDED
    sheet = await opened_map(stage)

    def lines() -> list[str]:
        return [one.text() for one in sheet.findChildren(SelectableWords)]

    await until(lambda: len(lines()) == 2)
    assert lines()[0].endswith("Move hub 2 to a socket of controller 0000:03:00.0 (often the rear ones), there 1 of 32 "
                               "are in use.")  # fmt: skip
    assert lines()[1].startswith("Hub 3 can do USB 3 but runs at 480 Mbit/s")


async def test_the_heading_of_a_hub_names_the_port_to_look_at(stage: Stage) -> None:
    window = stage.open(*six())
    stage.bridge.post_ports({"1-4": LOSES})
    model = window.desk.model

    def heading() -> str:
        return str(model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)) if model.rowCount() else ""

    await until(lambda: heading().endswith("look at port 1-4"))
    card = model.index_of(six()[3].key)
    assert card.data(WallRole.KEY) == six()[3].key
    assert LOSES in card.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    stage.bridge.post_ports({})
    await until(lambda: "look at" not in heading())


async def test_learning_is_begun_shown_large_and_kept(stage: Stage) -> None:
    sheet = await opened_map(stage)
    sheet.learning_wanted.emit()
    await until(lambda: shown(BayLearning))
    learning = shown(BayLearning)
    assert isinstance(learning, BayLearning)
    await until(lambda: learning.number.text() == "1-1")
    assert not learning.finish.isEnabled()
    said = "This port is 1-1 already. Plug the handset into the next port: 1-2."
    stage.desk.bays.facts = LearningFacts("1", "1-2", ("1-1",), "1-1", repeated=True, sentence=said)
    await until(lambda: learning.said.text() == said)
    assert (learning.title.text(), learning.number.text()) == ("This port is", "1-1")
    QTest.keyClick(learning, Qt.Key.Key_Space)
    assert stage.desk.bays.asked == ["begin"], "a key that was meant for nothing does nothing"
    QTest.keyClicks(learning.number, "UHUH12")
    QTest.keyClick(learning.number, Qt.Key.Key_Return)
    await stage.settle()
    assert stage.desk.bays.asked == ["begin"], "neither does a scan with those letters in it"
    QTest.keyClick(learning.number, Qt.Key.Key_U)
    await until(lambda: stage.desk.bays.asked[-1] == "undo")
    stage.desk.bays.facts = replace(stage.desk.bays.facts, learnt=("1-1", "1-2"))
    await until(learning.finish.isEnabled)
    learning.finish.click()
    await until(lambda: shown(BayLearning) is None)
    assert stage.desk.bays.asked[-1] == "finish"


async def test_closing_the_learning_keeps_nothing(stage: Stage) -> None:
    sheet = await opened_map(stage)
    sheet.learning_wanted.emit()
    await until(lambda: shown(BayLearning))
    QTest.keyClick(shown(BayLearning) or sheet, Qt.Key.Key_Escape)
    await until(lambda: shown(BayLearning) is None)
    assert stage.desk.bays.asked == ["begin", "give up"]
