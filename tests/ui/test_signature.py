"""The signature: drawn with pen, finger and mouse; kept as a picture from which nothing else can be read."""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QInputDevice, QPainter, QPointingDevice, QTabletEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from provisioning.receipts.pictures import read_signature_image
from ui.ink import HEIGHT, STEP, WIDTH, even, length_of, picture
from ui.signature import SignaturePad
from ui.theme import Theme

POINTS = st.lists(st.tuples(st.floats(0, WIDTH), st.floats(0, HEIGHT)), min_size=1, max_size=60)


@pytest.fixture
def pad(theme: Theme) -> Generator[SignaturePad]:
    made = SignaturePad(theme)
    made.resize(600, 200)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def ink_of(svg: bytes) -> int:
    renderer = QSvgRenderer(QByteArray(svg))
    assert renderer.isValid()
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        renderer.render(painter)
    return sum(image.pixelColor(x, y).alpha() > 128 for x in range(0, WIDTH, 2) for y in range(0, HEIGHT, 2))


def test_the_mouse_draws(pad: SignaturePad) -> None:
    assert not pad.signed
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    for x in range(100, 300, 10):
        QTest.mouseMove(pad, QPoint(x, 100 + x % 30))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    assert pad.signed
    assert ink_of(pad.svg()) > 50


def tablet(pad: SignaturePad, kind: QEvent.Type, at: QPointF, pressure: float) -> None:
    device = QPointingDevice.primaryPointingDevice()
    pressed = Qt.MouseButton.LeftButton if kind is not QEvent.Type.TabletRelease else Qt.MouseButton.NoButton
    event = QTabletEvent(
        kind, device, at, at, pressure, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier, pressed, pressed
    )
    QApplication.sendEvent(pad, event)


def test_a_pen_draws_where_it_touches_and_not_where_it_hovers(pad: SignaturePad) -> None:
    tablet(pad, QEvent.Type.TabletMove, QPointF(20, 20), 0.0)
    assert b"<path" not in pad.svg()
    tablet(pad, QEvent.Type.TabletPress, QPointF(100, 100), 0.4)
    for x in range(110, 320, 10):
        tablet(pad, QEvent.Type.TabletMove, QPointF(x, 100), 0.2 + x / 1000)
    tablet(pad, QEvent.Type.TabletRelease, QPointF(320, 100), 0.0)
    tablet(pad, QEvent.Type.TabletMove, QPointF(500, 20), 0.0)
    assert pad.signed
    assert "500" not in pad.svg().decode()


def test_a_finger_draws(pad: SignaturePad) -> None:
    screen = QTest.createTouchDevice(QInputDevice.DeviceType.TouchScreen)
    QTest.touchEvent(pad, screen).press(0, QPoint(100, 100), pad).commit()
    for x in range(110, 300, 10):
        QTest.touchEvent(pad, screen).move(0, QPoint(x, 90 + x % 20), pad).commit()
    QTest.touchEvent(pad, screen).release(0, QPoint(300, 100), pad).commit()
    assert pad.signed


def test_a_slip_of_the_pen_is_no_signature(pad: SignaturePad) -> None:
    pad.begin(QPointF(100, 100))
    pad.move_to(QPointF(104, 100))
    pad.lift()
    assert not pad.signed


def test_delete_wipes(pad: SignaturePad) -> None:
    pad.begin(QPointF(100, 100))
    pad.move_to(QPointF(300, 100))
    pad.lift()
    assert pad.signed
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert not pad.signed
    assert b"<path" not in pad.svg()


def test_ink_stays_on_the_paper_however_far_the_pen_goes(pad: SignaturePad) -> None:
    pad.begin(QPointF(-500, 100))
    pad.move_to(QPointF(5_000, -400))
    pad.lift()
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d", pad.svg().decode())]
    assert min(numbers) >= 0
    assert max(numbers) <= WIDTH


def test_the_picture_is_the_same_at_every_size_of_the_pad(theme: Theme) -> None:
    pictures: set[bytes] = set()
    for factor in (1, 2):
        pad = SignaturePad(theme)
        pad.resize(300 * factor, 100 * factor)
        pad.begin(QPointF(30, 50) * factor)
        pad.move_to(QPointF(130, 80) * factor)
        pad.lift()
        pictures.add(pad.svg())
        pad.deleteLater()
    assert len(pictures) == 1


@given(POINTS)
def test_every_stroke_makes_a_picture_that_can_be_shown(points: Sequence[tuple[float, float]]) -> None:
    svg = picture([points]).decode()
    assert re.fullmatch(r'<svg [^<>]*><g [^<>]*>(<path d="[MQLh0-9. -]+"/>)*</g></svg>', svg)


@given(POINTS)
def test_points_lie_at_even_distances_whatever_the_speed(points: Sequence[tuple[float, float]]) -> None:
    stroke = even(points)
    assert stroke[0] == points[0]
    assert stroke[-1] == points[-1]
    assert all(math.dist(*pair) <= STEP + 1e-6 for pair in pairwise(stroke))
    assert len(stroke) <= length_of(points) / STEP + 3


def test_the_receipt_takes_the_picture_as_it_is(pad: SignaturePad) -> None:
    pad.begin(QPointF(100, 100))
    for x in range(110, 400, 7):
        pad.move_to(QPointF(x, 80 + x % 40))
    pad.lift()
    pad.begin(QPointF(420, 120))
    pad.lift()
    kept = read_signature_image(pad.svg())
    assert kept.media_type == "image/svg+xml"
    assert ink_of(kept.content) == pytest.approx(ink_of(pad.svg()), rel=0.1)


def test_a_slow_and_a_fast_hand_leave_the_same_picture() -> None:
    slow = [(100 + x / 10, 50.0) for x in range(0, 2001)]
    fast = [(100.0, 50.0), (170.0, 50.0), (300.0, 50.0)]
    assert picture([slow]) == picture([fast])
