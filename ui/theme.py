"""Dress the application: Fusion, a palette of our own, a short style sheet, the bundled faces; switched at any time."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ui import typography
from ui.colours import SCHEMES, Colours, Scheme
from ui.icons import Icons
from ui.signs import Tone
from ui.typography import Typography


class Theme(QObject):
    """How the window looks now. Made once, before any widget; needs the QApplication.

    Signals:
        changed: emitted after another scheme has been put on; what paints itself repaints then.
    """

    changed = Signal()

    def __init__(self, app: QApplication, scheme: Scheme | None = None, scale: float = 1.0) -> None:
        super().__init__(app)
        self._app = app
        self.icons = Icons()
        self.fonts: Typography = typography.load(scale)
        app.setStyle("Fusion")
        app.setFont(self.fonts.body)
        self._chosen = scheme
        self.colours: Colours = SCHEMES[scheme or self._wish()]
        self._put_on()
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def choose(self, scheme: Scheme | None) -> None:
        """Put on a scheme and keep it; None follows the system's wish from now on."""
        self._chosen = scheme
        self._follow()

    def next(self) -> Scheme:
        """Put on the next scheme of the round light, dark, high contrast; give it."""
        order = list(Scheme)
        chosen = order[(order.index(self.colours.scheme) + 1) % len(order)]
        self.choose(chosen)
        return chosen

    def _follow(self) -> None:
        scheme = self._chosen or self._wish()
        if scheme is not self.colours.scheme:
            self.colours = SCHEMES[scheme]
            self._put_on()
            self.changed.emit()

    def _wish(self) -> Scheme:
        hints = self._app.styleHints()
        if hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
            return Scheme.CONTRAST
        return Scheme.DARK if hints.colorScheme() is Qt.ColorScheme.Dark else Scheme.LIGHT

    def _put_on(self) -> None:
        self._app.setPalette(palette(self.colours))
        self._app.setStyleSheet(style_sheet(self.colours, self.fonts))


def palette(colours: Colours) -> QPalette:
    """Give the palette of a scheme, complete, so that nothing of the platform's shines through."""
    made = QPalette()
    role = QPalette.ColorRole
    for where, colour in {
        role.Window: colours.window,
        role.Base: colours.sunken,
        role.AlternateBase: colours.window,
        role.Button: colours.surface,
        role.ToolTipBase: colours.surface,
        role.WindowText: colours.text,
        role.Text: colours.text,
        role.ButtonText: colours.text,
        role.ToolTipText: colours.text,
        role.BrightText: colours.text,
        role.PlaceholderText: colours.soft,
        role.Highlight: colours.selection,
        role.HighlightedText: colours.text,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.Light: colours.surface,
        role.Midlight: colours.line,
        role.Mid: colours.line,
        role.Dark: colours.edge,
        role.Shadow: colours.line,
    }.items():
        made.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, where, QColor(colours.soft))
    return made


def style_sheet(colours: Colours, fonts: Typography) -> str:
    """Give the style sheet of a scheme: surfaces, buttons, fields, and a focus that can be seen."""
    c = colours
    return f"""
    QLabel[role="soft"] {{ color: {c.soft}; }}
    QLabel[role="strong"] {{ font-weight: 600; }}
    QLabel[role="title"] {{ font-weight: 600; font-size: {fonts.title.pointSizeF()}pt; }}
    QLabel[role="serial"], QLineEdit[role="serial"] {{ font-family: "{fonts.serial.family()}"; }}
    QLabel:focus {{ border: 1px solid {c.accent}; border-radius: 3px; }}
    QFrame[role="panel"] {{ background: {c.surface}; border: none; }}
    QFrame[role="card"] {{ background: {c.surface}; border: 1px solid {c.line}; border-radius: 8px; }}
    QFrame[role="head"] {{ background: {c.surface}; border: none; border-bottom: 1px solid {c.line}; }}
    QFrame[role="bar"] {{ background: {c.window}; border: none; border-bottom: 1px solid {c.line}; }}
    QFrame[role="foot"] {{ background: {c.surface}; border: none; border-top: 1px solid {c.line}; }}
    QFrame[role="rail"] {{ background: {c.surface}; border: none; border-right: 1px solid {c.line}; }}
    QFrame[role="notice"] {{ border: 1px solid {c.tones[Tone.HANDS].mark}; border-radius: 8px;
        background: {c.tones[Tone.HANDS].tint}; }}
    QFrame[role="notice"][tone="fault"] {{ border-color: {c.tones[Tone.FAULT].mark};
        background: {c.tones[Tone.FAULT].tint}; }}
    QFrame[role="said"] {{ background: transparent; border: 1px solid transparent; border-radius: 8px; }}
    QFrame[role="said"][tone="refused"] {{ border-color: {c.tones[Tone.FAULT].mark};
        background: {c.tones[Tone.FAULT].tint}; }}
    QLabel[role="fault"] {{ color: {c.tones[Tone.FAULT].mark}; }}
    QSplitter::handle {{ background: {c.line}; }}
    QFrame[role="line"] {{ background: {c.line}; border: none; }}
    QPushButton, QToolButton[role="button"] {{
        background: {c.surface}; border: 1px solid {c.edge}; border-radius: 6px; padding: 5px 12px; }}
    QPushButton:hover, QToolButton[role="button"]:hover {{ background: {c.selection}; }}
    QPushButton:disabled {{ color: {c.soft}; border-color: {c.line}; background: {c.window}; }}
    QPushButton[role="primary"] {{
        background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; font-weight: 600; }}
    QPushButton[role="primary"]:hover {{ background: {c.accent_hover}; }}
    QPushButton[role="primary"]:disabled {{ background: {c.window}; color: {c.soft}; border-color: {c.line}; }}
    QPushButton[role="quiet"], QToolButton[role="quiet"] {{
        background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px 8px;
        text-align: left; }}
    QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover {{ background: {c.selection}; }}
    QPushButton[role="quiet"]:checked, QToolButton[role="quiet"]:checked {{
        background: {c.selection}; border-color: {c.accent}; }}
    QToolButton[role="fold"] {{ background: transparent; border: 1px solid transparent; border-radius: 6px;
        padding: 3px 6px 3px 0; font-weight: 600; }}
    QToolButton[role="fold"]:hover {{ color: {c.accent}; }}
    QToolButton[role="tiny"] {{ background: transparent; border: 1px solid transparent; border-radius: 4px;
        padding: 1px; }}
    QToolButton[role="tiny"]:hover {{ background: {c.selection}; }}
    QPushButton:focus, QToolButton:focus {{ border: 2px solid {c.accent}; }}
    QPushButton:focus {{ padding: 4px 11px; }}
    QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus {{ padding: 3px 7px; }}
    QPushButton[role="primary"]:focus {{ border: 2px solid {c.text}; }}
    QRadioButton {{ border: 1px solid transparent; border-radius: 4px; padding: 2px; spacing: 8px; }}
    QRadioButton:focus {{ border-color: {c.accent}; }}
    QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {c.edge}; border-radius: 7px;
        background: {c.sunken}; }}
    QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 4px solid {c.accent};
        background: {c.on_accent}; }}
    QRadioButton::indicator:disabled {{ border-color: {c.line}; }}
    QRadioButton:disabled {{ color: {c.soft}; }}
    QLineEdit, QPlainTextEdit, QListWidget, QComboBox {{
        background: {c.sunken}; border: 1px solid {c.edge}; border-radius: 6px; padding: 5px 8px;
        selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
    QLineEdit:focus, QPlainTextEdit:focus, QListWidget:focus, QComboBox:focus {{
        border: 2px solid {c.accent}; padding: 4px 7px; }}
    QLineEdit[wrong="true"] {{ border: 2px solid {c.tones[Tone.FAULT].mark}; padding: 4px 7px; }}
    QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {c.edge}; border-radius: 7px;
        background: {c.sunken}; }}
    QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 4px solid {c.accent};
        background: {c.on_accent}; }}
    QRadioButton::indicator:disabled {{ border-color: {c.line}; }}
    QRadioButton:focus {{ color: {c.accent}; }}
    QComboBox:disabled {{ color: {c.soft}; border-color: {c.line}; background: {c.window}; }}
    QComboBox::drop-down {{ border: none; width: 24px; }}
    QComboBox::down-arrow {{ image: none; }}
    QComboBox QAbstractItemView {{ background: {c.surface}; border: 1px solid {c.edge}; padding: 2px; outline: none;
        selection-background-color: {c.selection}; selection-color: {c.text}; }}
    QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {c.edge}; border-radius: 3px; min-height: 36px; margin: 3px; }}
    QScrollBar::handle:vertical:hover {{ background: {c.soft}; }}
    QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
    QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
    QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
    QScrollBar::handle:horizontal {{ background: {c.edge}; border-radius: 3px; min-width: 36px; margin: 3px; }}
    QScrollBar::add-line:horizontal, QScrollBar::sub-line:horizontal {{ width: 0; }}
    QScrollBar::add-page:horizontal, QScrollBar::sub-page:horizontal {{ background: transparent; }}
    QHeaderView::section {{ background: {c.window}; color: {c.soft}; border: none; border-bottom: 1px solid {c.line};
        padding: 5px 9px; }}
    QListWidget[role="list"] {{ padding: 2px; }}
    QListWidget[role="list"]::item {{ padding: 5px 8px; border-radius: 5px; color: {c.text}; }}
    QListWidget[role="list"]::item:selected {{ background: {c.selection}; color: {c.text}; }}
    QListWidget[role="lane"] {{ background: transparent; border: none; padding: 0; }}
    QListWidget[role="lane"]::item {{ padding: 7px 0; border: none; border-top: 1px solid {c.line};
        color: {c.text}; }}
    QListWidget[role="lane"]::item:selected {{ background: {c.selection}; color: {c.text}; }}
    QListWidget[role="lane"]:focus {{ border: none; padding: 0; }}
    QListWidget[role="bars"] {{ background: transparent; border: none; padding: 0; outline: none; }}
    QListWidget[role="bars"]:focus {{ border: none; padding: 0; }}
    QPushButton[role="chip"]:checked {{ background: {c.selection}; border-color: {c.accent}; }}
    QTableView {{ background: {c.surface}; alternate-background-color: {c.surface}; border: 1px solid {c.line};
        border-radius: 8px; }}
    QTableView::item {{ padding: 0 6px; border: none; border-bottom: 1px solid {c.window}; }}
    QTableView::item:selected {{ background: {c.selection}; color: {c.text}; }}
    QProgressBar {{ background: {c.line}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
    QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
    QToolTip {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.edge}; padding: 4px; }}
    """
