"""Every view, as it is photographed: nothing is clipped at 200 %, everything has a name, all text is plain."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from dataclasses import replace

import pytest
from patience import until
from PySide6.QtCore import QCoreApplication, QEvent, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollBar,
    QToolButton,
    QWidget,
)
from rehearsal import FACTS, identity, ready
from scenes import SCENES, SMALLEST, Stage

from provisioning.platforms import Platform
from ui.buttons import Tick
from ui.colours import Scheme
from ui.plain import Elided, Words
from ui.theme import Theme

HOSTILE = "<b>bold</b> & <img src='file:///etc/passwd'> \u202egnp.exe"


@pytest.fixture(params=["100", "200"])
async def small_stage(request: pytest.FixtureRequest, theme: Theme) -> AsyncGenerator[Stage]:
    """Give a stage of the size that a full HD screen has at each scale."""
    made = Stage(theme, request.param)
    yield made
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def visible(widget: QWidget) -> list[QWidget]:
    """Give the shown widgets under one, and itself."""
    return [one for one in (widget, *widget.findChildren(QWidget)) if one.isVisible()]


def clipped(widget: QWidget) -> list[str]:
    """Give the texts that have less room than they need; those that shorten themselves say the whole in a tooltip."""
    found: list[str] = []
    for one in visible(widget):
        room = one.contentsRect()
        match one:
            case Elided():
                if one.shown() != one.text() and not one.toolTip():
                    found.append(f"no tooltip: {one.text()}")
            case QLabel() if one.text():
                flags = Qt.TextFlag.TextWordWrap if one.wordWrap() else Qt.TextFlag.TextSingleLine
                needed = one.fontMetrics().boundingRect(QRect(0, 0, room.width(), 10_000), flags, one.text())
                if needed.width() > room.width() + 1 or needed.height() > room.height() + 1:
                    found.append(f"{one.text()!r}: needs {needed.size()}, has {room.size()}")
            case Tick():
                if one.heightForWidth(one.width()) > one.height() + 1:
                    found.append(f"{one.words!r}: {one.height()} high")
            case QPushButton() | QToolButton():
                least = one.minimumSizeHint()
                if (
                    one.text()
                    and not one.toolTip()
                    and (least.width() > one.width() or least.height() > one.height() + 1)
                ):
                    found.append(f"{one.text()!r}: needs {least}, has {one.size()}")
            case _:
                pass
    return found


def outside(widget: QWidget) -> list[str]:
    """Give the widgets that stick out of their parent, unless that scrolls."""
    found: list[str] = []
    for one in visible(widget):
        parent = one.parentWidget()
        if parent is None or one.isWindow() or isinstance(parent, QAbstractScrollArea):
            continue
        scrolled = isinstance(parent.parentWidget(), QAbstractScrollArea)
        if not scrolled and not parent.rect().contains(one.geometry()) and one.width() > 0 and one.height() > 0:
            found.append(f"{type(one).__name__} {one.accessibleName()!r} {one.geometry()} in {parent.rect()}")
    return found


def nameless(widget: QWidget) -> list[str]:
    """Give the controls that a screen reader would have no name for."""
    found: list[str] = []
    for one in visible(widget):
        if one.focusPolicy() is Qt.FocusPolicy.NoFocus or isinstance(one, QScrollBar):
            continue
        if one.objectName().startswith("qt_") or isinstance(one, Words):
            continue
        interface = QAccessible.queryAccessibleInterface(one)
        named = interface.text(QAccessible.Text.Name)
        if not named and type(one).__name__ not in {"QScrollArea", "QWidget"}:
            found.append(f"{type(one).__name__} in {type(one.parentWidget()).__name__}")
    return found


def marked_up(widget: QWidget) -> list[str]:
    """Give the texts that would be read as markup."""
    labels = (one for one in visible(widget) if isinstance(one, QLabel))
    return [one.text() for one in labels if one.textFormat() is not Qt.TextFormat.PlainText]


async def test_the_check_finds_what_is_clipped(theme: Theme) -> None:
    page = QWidget()
    words, long = Words("Far too long for that", parent=page), Words("One two three " * 9, wrap=True, parent=page)
    words.setGeometry(0, 0, 40, 20)
    long.setGeometry(0, 20, 80, 20)
    button = QPushButton("Far too long for that", page)
    button.setGeometry(90, 0, 30, 20)
    mark_up = QLabel("<b>", page)
    mark_up.setGeometry(0, 40, 40, 20)
    field = QLineEdit(page)
    field.setGeometry(0, 60, 80, 30)
    page.resize(100, 100)
    page.show()
    assert len(clipped(page)) == 3
    assert len(outside(page)) == 1
    assert nameless(page) == ["QLineEdit in QWidget"]
    assert marked_up(page) == [mark_up.text()]
    field.setAccessibleName("Words")
    assert nameless(page) == []
    page.close()
    page.deleteLater()


@pytest.mark.parametrize("name", list(SCENES))
async def test_nothing_is_clipped_or_sticks_out_each_control_has_a_name_and_all_text_is_plain(
    small_stage: Stage, name: str
) -> None:
    await SCENES[name](small_stage)
    await small_stage.settle(0.05)
    assert small_stage.subject is not None
    assert clipped(small_stage.subject) == []
    assert outside(small_stage.subject) == []
    assert nameless(small_stage.subject) == []
    assert marked_up(small_stage.subject) == []


async def test_a_hostile_handset_is_shown_letter_by_letter(stage: Stage) -> None:
    hostile = replace(
        ready(0),
        identity=replace(identity(0), model_name=HOSTILE, serial_number=HOSTILE, imei=HOSTILE),
        attachment=replace(ready(0).attachment, bay=HOSTILE),
    )
    window = stage.open(hostile, facts=replace(FACTS, technician=HOSTILE))
    stage.bridge.post_hub(Platform.IOS, HOSTILE)
    await until(lambda: window.desk.model.statuses)
    window.desk.choose(hostile.key)
    await stage.settle(0.05)
    assert any("<b>bold</b> & <img" in label.text() for label in window.findChildren(QLabel))
    for one in visible(window):
        if isinstance(one, QLabel):
            assert one.textFormat() is Qt.TextFormat.PlainText
        if isinstance(one, QAbstractButton):
            assert "& " not in one.text().replace("&&", "")
        assert "<b>" not in one.toolTip()
        assert "<img" not in one.toolTip()


@pytest.fixture
def restored(theme: Theme) -> Generator[Theme]:
    before = theme.colours.scheme
    yield theme
    theme.choose(before)


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_every_scheme_can_be_put_on_while_the_window_is_open(
    stage: Stage, restored: Theme, scheme: Scheme
) -> None:
    await SCENES["detail-not-clear"](stage)
    await stage.settle(0.05)
    assert stage.window is not None
    restored.choose(scheme)
    picture = stage.window.grab().toImage()
    ground = picture.pixelColor(picture.width() // 2, picture.height() - 120).name()
    assert ground in {restored.colours.window, restored.colours.surface}


async def test_the_window_fits_a_full_hd_screen_at_200_percent(stage: Stage) -> None:
    window = stage.open(ready(0))
    least = window.minimumSizeHint()
    assert least.width() <= SMALLEST.width()
    assert least.height() <= SMALLEST.height()


async def test_the_order_of_reading_is_that_of_seeing(stage: Stage) -> None:
    await SCENES["wall-6"](stage)
    await stage.settle(0.05)
    assert stage.window is not None
    window = stage.window
    order: list[str] = []
    at: QWidget | None = window.header.search
    for _ in range(1000):
        assert at is not None
        if at.isVisible() and at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.accessibleName():
            order.append(at.accessibleName())
        at = at.nextInFocusChain()
        if at is window.header.search:
            break
    wanted = [
        "Search or scan a serial number, IMEI, bay or receipt number",
        "3 ready: show only these",
        "Provision all",
        "Bays",
        "Look again",
        "Stop",
    ]
    positions = [order.index(name) for name in wanted]
    assert positions == sorted(positions)


async def test_a_field_is_never_without_a_visible_focus(stage: Stage) -> None:
    window = stage.open(ready(0))
    await stage.settle(0.05)
    field = window.findChildren(QLineEdit)[0]
    window.activateWindow()
    field.clearFocus()
    before = field.grab().toImage()
    field.setFocus()
    await stage.settle(0.05)
    assert field.grab().toImage() != before
