"""Shapes, tones, words, colours and fonts: no state is told by colour alone, and everything can be read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontInfo, QFontMetricsF, QImage, QPainter

from provisioning.policy.effective import Decision, Severity
from provisioning.status import Phase
from ui.colours import SCHEMES, Colours, contrast
from ui.icons import Icons
from ui.marks import draw_mark
from ui.signs import DECISION_SIGN, PHASE_SIGN, SEVERITY_SIGN, Shape, Tone, counted
from ui.theme import Theme

ALL = list(SCHEMES.values())


def test_each_phase_has_a_shape_and_a_word_of_its_own() -> None:
    assert set(PHASE_SIGN) == set(Phase)
    assert len({sign.shape for sign in PHASE_SIGN.values()}) == len(Phase)
    assert len({sign.word for sign in PHASE_SIGN.values()}) == len(Phase)


def test_only_ready_is_green_and_unknown_never_is() -> None:
    green = {phase for phase, sign in PHASE_SIGN.items() if sign.tone is Tone.READY}
    assert green == {Phase.READY}


def test_severities_and_decisions_have_shapes_of_their_own() -> None:
    assert len({SEVERITY_SIGN[one].shape for one in Severity}) == len(Severity)
    assert len({DECISION_SIGN[one].shape for one in Decision}) == len(Decision)


@pytest.mark.parametrize(
    ("phase", "number", "words"),
    [(Phase.WAITING, 1, "1 needs hands"), (Phase.WAITING, 4, "4 need hands"), (Phase.READY, 12, "12 ready")],
)
def test_counts_are_said_in_grammar(phase: Phase, number: int, words: str) -> None:
    assert counted(phase, number) == words


def test_shapes_differ_in_grey_at_ten_pixels(qapp: object) -> None:
    pictures: dict[Shape, bytes] = {}
    for shape in Shape:
        image = QImage(14, 14, QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        draw_mark(painter, QRectF(2, 2, 10, 10), shape, "#000000", "#ffffff")
        painter.end()
        pictures[shape] = bytes(image.constBits())
    for one in Shape:
        for other in Shape:
            if one is not other:
                apart = sum(abs(a - b) for a, b in zip(pictures[one], pictures[other], strict=True)) / 255
                assert apart > 8, f"{one} and {other} look alike"


@pytest.mark.parametrize("colours", ALL, ids=lambda colours: colours.scheme.value)
def test_text_has_the_contrast_of_wcag_aa(colours: Colours) -> None:
    grounds = (colours.window, colours.surface, colours.sunken, colours.selection)
    for ground in grounds:
        assert contrast(colours.text, ground) >= 7
        assert contrast(colours.soft, ground) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_accent, colours.accent_hover) >= 4.5
    assert contrast(colours.on_band, colours.band) >= 7
    for tone, own in colours.tones.items():
        for ground in (own.tint, colours.surface, colours.window):
            assert contrast(own.mark, ground) >= 4.5, f"{tone} on {ground}"
        assert contrast(colours.text, own.tint) >= 7
        assert contrast(colours.soft, own.tint) >= 4.5


@pytest.mark.parametrize("colours", ALL, ids=lambda colours: colours.scheme.value)
def test_edges_and_focus_can_be_seen(colours: Colours) -> None:
    for ground in (colours.window, colours.surface, colours.sunken):
        assert contrast(colours.edge, ground) >= 3
        assert contrast(colours.accent, ground) >= 3


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_figures_are_tabular_in_every_face(theme: Theme) -> None:
    fonts = theme.fonts
    for font in (fonts.body, fonts.strong, fonts.title, fonts.serial):
        widths = [QFontMetricsF(font).horizontalAdvance(figure * 10) for figure in "0123456789"]
        assert max(widths) - min(widths) < 0.5, "hinting may move a figure by a hundredth of a pixel, no more"


def test_the_bundled_faces_are_used(theme: Theme) -> None:
    assert QFontInfo(theme.fonts.body).family() == "Inter"
    assert QFontInfo(theme.fonts.serial).family() == "Atkinson Hyperlegible Mono"


def test_icons_are_drawn_in_the_colour_that_was_asked_for(qapp: object) -> None:
    image = Icons().pixmap("printer", "#ff0000", 24, 2.0).toImage()
    assert image.size().width() == 48
    inked = [image.pixelColor(x, y) for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255]
    assert inked
    assert all(colour.name() == "#ff0000" for colour in inked)
