"""What goes on beside the wall: outcomes told aloud, and the order in which handsets are unplugged at the end."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from ui.aloud import AloudDesk, Speaker
from ui.aloud_phrases import Aloud, Cue
from ui.bridge import Bridge
from ui.desk_place import DeskPlace
from ui.header import Header
from ui.sheets import Sheets
from ui.theme import Theme
from ui.wall_actions import WallActions


class BesideWall(QObject):
    """Opens the sheets of both over one window and keeps the voice. ``report`` is told of errors in them."""

    def __init__(
        self,
        theme: Theme,
        bridge: Bridge,
        actions: WallActions,
        window: QWidget,
        *,
        desk: DeskPlace,
        header: Header,
        sheets: Sheets,
        report: Callable[[BaseException], None],
    ) -> None:
        super().__init__(window)
        self._theme, self.actions, self._window, self._report = theme, actions, window, report
        self._desk, self._header, self._sheets = desk, header, sheets
        self._walk: QDialog | None = None
        self.aloud = AloudDesk(lambda: desk.model.statuses, system_speaker, self)
        bridge.changed.connect(self.aloud.note)
        self.aloud.troubled.connect(desk.notices.show_silence)
        self.aloud.chosen.connect(lambda: header.show_aloud(self.aloud.how))
        header.aloud_wanted.connect(self.show_aloud)

    def begin(self, aloud: str) -> None:
        """Tell outcomes as this desk has chosen once; what it does not know is silence."""
        self.aloud.choose(Aloud(aloud) if aloud in set(Aloud) else Aloud.OFF)

    def close(self) -> None:
        """Be silent."""
        self.aloud.close()

    def show_aloud(self) -> None:
        """Let somebody choose how outcomes are told."""
        from ui.aloud_sheet import AloudSheet

        sheet = AloudSheet(self._theme, self.aloud, self.actions, self._report, self._window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def show_walk(self) -> None:
        """Show what is to be unplugged, in order; where it is shown already, bring it to the front."""
        if self._walk is not None and isValid(self._walk):
            self._walk.activateWindow()
            return
        from ui.unplug_sheet import UnplugSheet

        model = self._desk.model
        sheet = UnplugSheet(self._theme, self.actions, lambda: model.statuses, self._report, self._window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        model.told.connect(sheet.refresh)
        sheet.labels_wanted.connect(lambda: self._sheets.show_labels(self._desk))
        sheet.told.connect(self._tell)
        self._walk = sheet
        sheet.show()  # not modal: the wall goes on beside it

    def _tell(self, sentence: str, right: bool) -> None:
        self.aloud.tell_now(sentence.replace("-", " "), Cue.READY if right else Cue.NEEDS)


def system_speaker(parent: QObject) -> Speaker:
    """Make what this machine can be heard with; only once something is to be heard."""
    from ui.system_speaker import SystemSpeaker

    return SystemSpeaker(parent)
