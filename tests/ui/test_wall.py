"""The wall: order, filter, choice, keys, density, and what assistive technology is told."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from rehearsal import attachment, burdened, identity, many, not_clear, ready, six, unknown, waiting, working

from provisioning.status import Phase, SessionStatus
from ui.bridge import Changes
from ui.card import card_of
from ui.card_painter import CardPainter, Density, Look
from ui.theme import Theme
from ui.wall import Wall
from ui.wall_fit import GAP, fit
from ui.wall_model import Heading, WallModel, WallRole

HOSTILE = "<h1>OWNED</h1>&amp;\u202e\x1b[31m\n<img src=x>" * 3


def tell(model: WallModel, *statuses: SessionStatus, gone: tuple[str, ...] = ()) -> None:
    model.take(Changes(statuses, gone, ()))


@pytest.fixture
def model(qapp: QApplication) -> WallModel:
    return WallModel()


@pytest.fixture
def wall(model: WallModel, theme: Theme) -> Generator[Wall]:
    made = Wall(model, theme)
    made.resize(900, 600)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def rows(model: WallModel) -> list[str]:
    shown: list[str] = []
    for number in range(model.rowCount()):
        heading = model.index(number).data(WallRole.HEADING)
        shown.append(heading.title if heading else model.index(number).data(WallRole.CARD).bay)
    return shown


def test_bays_stand_under_their_hub_in_the_order_of_counting(model: WallModel) -> None:
    tell(model, *reversed(six()))
    assert rows(model) == ["Hub 1", "1-1", "1-2", "1-3", "1-4", "Hub 2", "2-1", "2-2"]


def test_a_heading_counts_the_states_of_its_hub(model: WallModel) -> None:
    tell(model, *six())
    heading: Heading = model.index(0).data(WallRole.HEADING)
    counts = {Phase.READY: 1, Phase.WAITING: 1, Phase.NOT_CLEAR: 1, Phase.WORKING: 1}
    assert dict(heading.counts) == counts
    assert heading.spoken == "Hub 1: 1 ready, 1 needs hands, 1 not clear, 1 working"


def test_a_filter_hides_cards_and_empty_hubs_but_counts_go_on(model: WallModel) -> None:
    tell(model, *six())
    model.show_only({Phase.NOT_CLEAR})
    assert rows(model) == ["Hub 1", "1-3"]
    assert model.tally()[Phase.READY] == 3
    model.show_only((), identity(4).serial_number[-4:])
    assert rows(model) == ["Hub 2", "2-1"]
    model.show_only()
    assert len(rows(model)) == 8


def test_a_handset_that_gets_ready_enters_the_filter_for_ready(model: WallModel) -> None:
    tell(model, *six())
    model.show_only({Phase.READY})
    assert "1-2" not in rows(model)
    tell(model, ready(1))
    assert "1-2" in rows(model)


def test_an_equal_status_repaints_nothing(model: WallModel) -> None:
    tell(model, *six())
    painted: list[int] = []

    def note(top: QModelIndex) -> None:
        painted.append(top.row())

    model.dataChanged.connect(note)
    tell(model, replace(ready(0), seconds=99.0))
    assert painted == []
    tell(model, working(0))
    assert painted == [0, 1], "the card and its hub's heading"


@dataclass(frozen=True)
class Told:
    """A handset is in this state at this bay."""

    number: int
    make: Callable[[int], SessionStatus]
    bay: int


@dataclass(frozen=True)
class Gone:
    """A handset is no more."""

    number: int


@dataclass(frozen=True)
class Filtered:
    """Only these phases are shown."""

    phases: frozenset[Phase]


STATES = st.sampled_from([ready, waiting, working, not_clear, unknown, burdened])
STEPS = st.one_of(
    st.builds(Told, st.integers(0, 11), STATES, st.integers(0, 30)),
    st.builds(Gone, st.integers(0, 11)),
    st.builds(Filtered, st.frozensets(st.sampled_from(list(Phase)), max_size=3)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_rows_are_always_those_of_a_model_built_anew(steps: list[Told | Gone | Filtered]) -> None:
    model = WallModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    state: dict[str, SessionStatus] = {}
    phases: frozenset[Phase] = frozenset()
    for step in steps:
        match step:
            case Told(number, make, bay):
                status = replace(make(number), attachment=attachment(bay))
                state[status.key] = status
                tell(model, status)
            case Gone(number):
                state.pop(identity(number).serial_number, None)
                tell(model, gone=(identity(number).serial_number,))
            case Filtered(phases):
                model.show_only(phases)
    fresh = WallModel()
    tell(fresh, *state.values())
    fresh.show_only(phases)
    assert rows(model) == rows(fresh)
    assert model.shown == fresh.shown
    del tester


def test_the_choice_stays_while_others_come_and_go(wall: Wall, model: WallModel) -> None:
    tell(model, *six())
    chosen: list[str] = []
    wall.chosen.connect(chosen.append)
    wall.choose(six()[4].key)
    tell(model, gone=(six()[0].key, six()[5].key))
    tell(model, *many(40))
    assert wall.key == six()[4].key
    assert wall.currentIndex() == model.index_of(six()[4].key)
    assert chosen == [six()[4].key]


def test_the_choice_follows_a_handset_to_another_bay(wall: Wall, model: WallModel) -> None:
    tell(model, *six())
    wall.choose(six()[0].key)
    tell(model, replace(ready(0), attachment=attachment(30)))
    assert wall.key == six()[0].key
    assert wall.currentIndex().data(WallRole.CARD).bay == "8-3"


def test_the_choice_ends_when_its_handset_is_gone(wall: Wall, model: WallModel) -> None:
    tell(model, *six())
    wall.choose(six()[0].key)
    chosen: list[str] = []
    wall.chosen.connect(chosen.append)
    tell(model, gone=(six()[0].key,))
    assert wall.key == ""
    assert chosen == [""]
    assert not wall.currentIndex().isValid()


def test_arrows_move_between_cards_and_pass_over_headings(wall: Wall, model: WallModel) -> None:
    tell(model, *six())
    QApplication.processEvents()
    wall.choose(six()[0].key)
    bays: list[str] = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Home):
        QTest.keyClick(wall, key)
        bays.append(wall.currentIndex().data(WallRole.CARD).bay)
    assert bays == ["1-2", "2-2", "2-1", "1-1", "2-2", "1-1"]


def test_by_keys_one_comes_to_every_tile_and_the_wall_follows(wall: Wall, model: WallModel) -> None:
    tell(model, *many(256))
    wall.resize(420, 260)
    QApplication.processEvents()
    wall.choose(model.shown[0])
    seen = {wall.key}
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_PageUp):
        QTest.keyClick(wall, key)
        seen.add(wall.key)
        assert wall.viewport().rect().contains(wall.visualRect(wall.currentIndex()).topLeft())
    assert len(seen) == 6
    assert wall.verticalScrollBar().value() > 0


@pytest.mark.parametrize(
    ("number", "density"), [(6, Density.LARGE), (20, Density.MEDIUM), (60, Density.SMALL), (256, Density.TINY)]
)
def test_cards_are_as_large_as_lets_all_be_seen(wall: Wall, model: WallModel, number: int, density: Density) -> None:
    tell(model, *many(number))
    QApplication.processEvents()
    assert wall.density is density
    wall.choose_density(Density.LARGE)
    assert wall.density is Density.LARGE
    wall.choose_density(None)
    assert wall.density is density


def test_each_hub_of_tiles_begins_a_line_and_what_is_right_of_its_last_card_is_no_card(
    wall: Wall, model: WallModel
) -> None:
    tell(model, *many(60))
    wall.choose_density(Density.TINY)
    QApplication.processEvents()
    heads = [row for row in range(model.rowCount()) if model.index(row).data(WallRole.HEADING)]
    assert {wall.visualRect(model.index(row)).left() for row in heads} == {wall.visualRect(model.index(0)).left()}
    last = wall.visualRect(model.index(heads[1] - 1))
    assert wall.indexAt(last.topLeft() + QPoint(5, 5)) == model.index(heads[1] - 1)
    assert last.width() > wall.laid.card[0]
    assert not wall.indexAt(last.topRight() + QPoint(-5, 5)).isValid()


def test_from_afar_tiles_are_larger_and_all_are_seen(wall: Wall, model: WallModel) -> None:
    tell(model, *many(20))
    QApplication.processEvents()
    wall.show_from_afar(True)
    QApplication.processEvents()
    assert wall.density is Density.SMALL
    assert wall.laid.zoom > 1
    assert wall.visualRect(model.index(model.rowCount() - 1)).bottom() < wall.viewport().height()
    wall.show_from_afar(False)
    assert wall.density is Density.MEDIUM


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=20),
    st.tuples(st.integers(100, 3000), st.integers(100, 2000)),
    st.booleans(),
)
def test_what_is_said_to_fit_fits_and_lines_are_filled(hubs: list[int], room: tuple[int, int], far: bool) -> None:
    laid = fit(
        hubs,
        room,
        lambda density, zoom: (round(30 * zoom) + 20 * list(Density)[::-1].index(density), round(40 * zoom)),
        heading=lambda _: 30,
        title=lambda zoom: round(70 * zoom),
        far=far,
    )
    cell = laid.card[0] + GAP
    assert laid.columns * cell <= max(room[0], cell)
    if laid.apart and laid.head:
        for number in hubs:
            filled = laid.head + number - 1 + (laid.last_width(number) + GAP) // cell
            assert filled % laid.columns == 0, "the last card takes the rest, so that the next hub begins a line"


@pytest.mark.parametrize("density", list(Density))
def test_cards_keep_clear_of_each_other_and_of_the_edge(wall: Wall, model: WallModel, density: Density) -> None:
    tell(model, *many(60))
    wall.choose_density(density)
    QApplication.processEvents()
    boxes = [wall.visualRect(model.index(row)) for row in range(model.rowCount())]
    for number, box in enumerate(boxes):
        assert box.left() >= 0
        assert box.right() < wall.viewport().width()
        assert not any(box.intersects(other) for other in boxes[number + 1 :])


@pytest.mark.parametrize("density", list(Density))
def test_state_and_bay_are_painted_in_every_density(theme: Theme, density: Density) -> None:
    painter = CardPainter(theme)
    look = Look(painter.card_size(density), selected=False, hovered=False, focused=False, scale=1.0)
    pictures = {
        bytes(painter.card(replace(card_of(ready(0)), phase=phase), density, look).toImage().constBits())
        for phase in Phase
    }
    assert len(pictures) == len(Phase)


def test_an_equal_card_is_painted_once(theme: Theme) -> None:
    painter = CardPainter(theme)
    look = Look((200, 100), selected=False, hovered=False, focused=False, scale=1.0)
    first = painter.card(card_of(ready(0)), Density.LARGE, look)
    assert painter.card(card_of(replace(ready(0), seconds=5.0)), Density.LARGE, look) is first


def test_what_has_been_painted_is_bounded(theme: Theme) -> None:
    painter = CardPainter(theme)
    look = Look((400, 200), selected=False, hovered=False, focused=False, scale=3.0)
    for number in range(60):
        painter.card(replace(card_of(ready(0)), bay=str(number)), Density.LARGE, look)
    assert painter.kept_bytes <= 48 << 20


def test_a_hostile_name_stays_on_its_card_as_text(wall: Wall, model: WallModel, theme: Theme) -> None:
    hostile = replace(ready(0), identity=replace(identity(0), model_name=HOSTILE, serial_number=HOSTILE))
    tell(model, hostile)
    index = model.index_of(hostile.key)
    shown = index.data(WallRole.CARD)
    assert "\n" not in shown.model
    assert "\u202e" not in shown.model
    assert "&lt;h1&gt;" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert not wall.grab().isNull()
    assert wall.visualRect(index).width() < 400


def test_each_card_can_be_read_aloud(model: WallModel) -> None:
    tell(model, *six())
    index = model.index_of(six()[2].key)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Bay 1-3, Not clear, TikTok +1, iPad (10th generation), ")
    assert "is not clear" in index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("Hub 1: ")


def test_assistive_technology_finds_every_card_with_its_state_and_its_sentence(wall: Wall, model: WallModel) -> None:
    tell(model, *six())
    QApplication.processEvents()
    listed = QAccessible.queryAccessibleInterface(wall)
    found = [listed.child(number) for number in range(listed.childCount())]
    told = {one.text(QAccessible.Text.Name): one.text(QAccessible.Text.Description) for one in found}
    assert "Hub 1: 1 ready, 1 needs hands, 1 not clear, 1 working" in told
    name = next(one for one in told if one.startswith("Bay 1-4, Needs hands, "))
    assert told[name] == "Unlock the Pixel 8 in bay 1-4 and tap “Allow” (USB debugging)."
    assert len(told) == 8
