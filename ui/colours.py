"""The colours of the window by role, in light, dark and high contrast; a test computes their contrast. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from ui.signs import Tone


@unique
class Scheme(StrEnum):
    """The looks that can be chosen."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "high contrast"


@dataclass(frozen=True, slots=True)
class ToneColours:
    """One tone: ``mark`` draws the sign and its word, ``tint`` fills what belongs to it."""

    mark: str
    tint: str


@dataclass(frozen=True, slots=True)
class Colours:
    """Every colour as ``#rrggbb``.

    ``window`` lies at the back, ``surface`` on it (cards, panels), ``sunken`` holds input and lists; ``line`` parts
    them and is decoration, ``edge`` bounds controls and is seen by everybody (3:1). ``text`` and ``soft`` can be read
    on all three. ``band`` is for training.
    """

    scheme: Scheme
    window: str
    surface: str
    sunken: str
    line: str
    edge: str
    text: str
    soft: str
    accent: str
    accent_hover: str
    on_accent: str
    selection: str
    band: str
    band_stripe: str
    on_band: str
    tones: Mapping[Tone, ToneColours]


LIGHT = Colours(
    scheme=Scheme.LIGHT,
    window="#f1f3f6",
    surface="#ffffff",
    sunken="#ffffff",
    line="#dde1e7",
    edge="#838c99",
    text="#14181f",
    soft="#535c6b",
    accent="#1a56b0",
    accent_hover="#154690",
    on_accent="#ffffff",
    selection="#dbe7fa",
    band="#ffd21f",
    band_stripe="#f5c400",
    on_band="#1c1600",
    tones={
        Tone.READY: ToneColours("#14713a", "#e3f4e9"),
        Tone.HANDS: ToneColours("#8f4c00", "#fff0d2"),
        Tone.FAULT: ToneColours("#b3121d", "#fde6e7"),
        Tone.WORKING: ToneColours("#1a56b0", "#e6effc"),
        Tone.UNKNOWN: ToneColours("#71319f", "#f3e8fb"),
        Tone.STOPPED: ToneColours("#434b58", "#e6e9ee"),
        Tone.CALM: ToneColours("#535c6b", "#f1f3f6"),
    },
)

DARK = Colours(
    scheme=Scheme.DARK,
    window="#12151a",
    surface="#1b1f26",
    sunken="#15181e",
    line="#2e343e",
    edge="#707a8a",
    text="#eceff4",
    soft="#a5aebc",
    accent="#8ab6ff",
    accent_hover="#a9c9ff",
    on_accent="#0b1a33",
    selection="#263c5e",
    band="#ffd21f",
    band_stripe="#f0bf00",
    on_band="#1c1600",
    tones={
        Tone.READY: ToneColours("#6fd394", "#16301f"),
        Tone.HANDS: ToneColours("#ffc061", "#382811"),
        Tone.FAULT: ToneColours("#ff8f8f", "#411c20"),
        Tone.WORKING: ToneColours("#8ab6ff", "#1a2a44"),
        Tone.UNKNOWN: ToneColours("#d3a6f7", "#33213f"),
        Tone.STOPPED: ToneColours("#c3cad5", "#2a303a"),
        Tone.CALM: ToneColours("#a5aebc", "#1f242c"),
    },
)

CONTRAST = Colours(
    scheme=Scheme.CONTRAST,
    window="#000000",
    surface="#000000",
    sunken="#000000",
    line="#ffffff",
    edge="#ffffff",
    text="#ffffff",
    soft="#ffffff",
    accent="#ffe600",
    accent_hover="#fff27a",
    on_accent="#000000",
    selection="#00366b",
    band="#ffe600",
    band_stripe="#ffe600",
    on_band="#000000",
    tones={
        Tone.READY: ToneColours("#7dffa8", "#000000"),
        Tone.HANDS: ToneColours("#ffd27a", "#000000"),
        Tone.FAULT: ToneColours("#ffa3a3", "#000000"),
        Tone.WORKING: ToneColours("#9cc7ff", "#000000"),
        Tone.UNKNOWN: ToneColours("#e6bfff", "#000000"),
        Tone.STOPPED: ToneColours("#ffffff", "#000000"),
        Tone.CALM: ToneColours("#ffffff", "#000000"),
    },
)

SCHEMES: Mapping[Scheme, Colours] = {colours.scheme: colours for colours in (LIGHT, DARK, CONTRAST)}


def contrast(one: str, other: str) -> float:
    """Give the WCAG 2.2 contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
