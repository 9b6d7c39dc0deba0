"""Sheets that open over the window: a receipt, the print queue, the list of keys, the code for fresh Androids.

Each is built when it is first wanted and thrown away when it is closed.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from ui.actions import DeskActions
from ui.desk_place import DeskPlace
from ui.reading_actions import Wanted
from ui.theme import Theme


class Sheets(QObject):
    """Opens them over one window. ``report`` is told of errors in them.

    Signals:
        queue_closed: emitted when the print queue is no longer looked at.
        wanted: emitted with the :class:`~ui.commands.Command` that was chosen in the list of all.
    """

    queue_closed = Signal()
    wanted = Signal(object)

    def __init__(
        self, theme: Theme, actions: DeskActions, report: Callable[[BaseException], None], window: QWidget
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._actions = actions
        self._report = report
        self._window = window
        self._code: QDialog | None = None
        self._map: QDialog | None = None

    def show_receipt(self, number: str) -> None:
        """Show a receipt with the ways to keep and to print it."""
        from ui.receipt import ReceiptSheet

        _opened(ReceiptSheet(self._theme, self._actions, number, self._report, self._window)).open()

    def show_queue(self) -> None:
        """Show what waits to be printed."""
        from ui.print_queue import PrintQueueSheet

        sheet = _opened(PrintQueueSheet(self._theme, self._actions.paper, self._report, self._window))
        sheet.finished.connect(self.queue_closed)
        sheet.open()

    def show_labels(self, desk: DeskPlace) -> None:
        """Ask for labels for what is ready on the wall."""
        from provisioning.labels.label import ready
        from ui.label_sheet import LabelSheet

        green = tuple(ready(desk.model.statuses.values()))
        _opened(LabelSheet(self._theme, self._actions.paper, green, desk.chosen, self._report, self._window)).open()

    def show_reading(self, wanted: Wanted) -> None:
        """Show a sheet of the readers with the ways to keep and to print it."""
        from ui.pages_sheet import PagesSheet
        from ui.reading_sheet import ReadingSheet

        sheet = ReadingSheet(self._actions.reading, wanted)
        _opened(PagesSheet(self._theme, sheet, self._actions.paper, self._report, self._window)).open()

    def show_recalls(self, take_back: Callable[[str], None]) -> None:
        """Show who is to give everything back; ``take_back`` is told whose things are to be taken back."""
        from ui.return_recalls import RecallSheet

        sheet = RecallSheet(self._theme, self._actions.way_back, self._actions.paper, self._report, self._window)
        sheet.take_back.connect(take_back)
        _opened(sheet).open()

    def show_keys(self) -> None:
        """Show all that can be done, and do what is chosen."""
        from ui.help import KeyList

        sheet = KeyList(self._theme, self._window)
        sheet.wanted.connect(self.wanted)
        _opened(sheet).open()

    def show_bays(self, desk: DeskPlace) -> None:
        """Show the map of the bays; where it is shown already, bring it to the front."""
        if self._map is not None and isValid(self._map):
            self._map.activateWindow()
            return
        from ui.hub_map import HubMap

        sheet = HubMap(self._theme, self._actions.bays, lambda: desk.model.statuses, self._report, self._window)
        desk.model.told.connect(sheet.refresh)
        sheet.chosen.connect(desk.choose)
        sheet.learning_wanted.connect(self._learn_bays)
        self._map = _opened(sheet)
        self._map.show()  # not modal: it is looked at beside the wall

    def _learn_bays(self) -> None:
        from ui.bay_learning import BayLearning

        _opened(BayLearning(self._theme, self._actions.bays, self._report, self._map or self._window)).open()

    async def show_code(self) -> None:
        """Show the code that factory-fresh Androids scan; where it is shown already, bring it to the front."""
        if self._code is not None and isValid(self._code):
            self._code.activateWindow()
            return
        code = await self._actions.enrolment_code()
        from ui.enrolment_code import EnrolmentSheet

        self._code = _opened(EnrolmentSheet(self._theme, self._actions, code, self._report, self._window))
        self._code.show()  # not modal: the wall goes on, and what comes back shows there too


def _opened(sheet: QDialog) -> QDialog:
    sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return sheet
