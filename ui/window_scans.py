"""What a scan means where one is in the window: the counter takes it, or a handset or a receipt is found by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from provisioning.errors import UsageError
from provisioning.scans import HANDSETS, Code, Reading, Scan
from ui.actions import DeskActions
from ui.counter_place import CounterPlace
from ui.desk_place import DeskPlace
from ui.header import Header
from ui.plain import tooltip
from ui.rail import Place
from ui.return_place import ReturnPlace
from ui.scan_line import Said
from ui.scan_phrases import broke_off, in_the_way, not_understood, shown
from ui.scanner import Scanner
from ui.sheets import Sheets
from ui.tasks import Tasks


class WindowScans(QObject):
    """Takes what the scanner reads, one after the other, in the order in which it comes."""

    def __init__(
        self,
        window: QWidget,
        scanner: Scanner,
        actions: DeskActions,
        sheets: Sheets,
        tasks: Tasks,
        *,
        header: Header,
        desk: DeskPlace,
        counter: CounterPlace,
        returns: ReturnPlace,
        place: Callable[[], Place],
        go_to: Callable[[Place], None],
        look_in_ledger: Callable[[str], None],
    ) -> None:
        """``place`` gives where one is in ``window``; ``look_in_ledger`` looks for what no handset here is."""
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._sheets = sheets
        self._tasks = tasks
        self._header, self._desk, self._counter, self._returns = header, desk, counter, returns
        self._place, self._go_to, self._look_in_ledger = place, go_to, look_in_ledger
        self._turn = asyncio.Lock()
        scanner.scanned.connect(self.take_text)
        scanner.broken.connect(self._broke_off)

    def take_text(self, text: str) -> None:
        """Look up what was scanned, or typed as if it were."""
        self._tasks.start(self._take(text), "take a scan")

    def take_back(self, text: str) -> None:
        """Open the return of a receipt, a handset or all that an officer has, wherever one is."""

        async def work() -> None:
            self._go_to(Place.RETURNS)
            await self._returns.scans.take_typed(text)

        self._tasks.start(work(), "take back")

    async def _take(self, text: str) -> None:
        async with self._turn:
            if QApplication.activeModalWidget() is not None:
                self._say(in_the_way(text))
                return
            scan = await self._actions.read_scan(text)
            if not self._header.search.hasFocus() and await self._comes_back(scan):
                self._go_to(Place.RETURNS)
                await self._returns.take(scan)
                return
            officer = scan.only is not None and scan.only.code is Code.OFFICER
            if officer or (self._place() is Place.COUNTER and not self._header.search.hasFocus()):
                if self._place() is not Place.COUNTER:
                    self._go_to(Place.COUNTER)
                await self._counter.take(scan)
            else:
                await self._find(scan)

    async def _comes_back(self, scan: Scan) -> bool:
        """Tell whether a scan is for the returns: made there, or of what is out while nobody is served."""
        reading, place = scan.only, self._place()
        if place is Place.RETURNS:
            return True
        if reading is None or (place is Place.COUNTER and self._counter.serving):
            return False
        if reading.code in HANDSETS and reading.serial_number:
            here = any(one.serial_number == reading.serial_number for one in self._desk.model.statuses.values())
            if here and place is not Place.COUNTER:
                return False  # it is shown on the wall, with what the books say of it
            return await self._actions.way_back.is_out(reading.serial_number)
        if reading.code not in {Code.RECEIPT, Code.RECEIPT_CODE}:
            return False
        if place is Place.COUNTER:
            return True
        return await self._anything_out(reading)

    async def _anything_out(self, reading: Reading) -> bool:
        number = reading.value
        if reading.code is Code.RECEIPT_CODE:
            said = await self._actions.read_receipt_code(number)
            number = said.facts.receipt if said.facts else ""
        try:
            return bool(number) and bool((await self._actions.way_back.of_receipt(number)).out)
        except UsageError:
            return False

    async def _find(self, scan: Scan) -> None:
        """Show what a scan names: a handset on the wall, a receipt."""
        reading = scan.only
        text = scan.text.strip()
        if reading is not None and reading.code in HANDSETS:
            if reading.serial_number and self._desk.choose_found(reading.serial_number):
                return
            self._look_for(text, f"{shown(text)} is not plugged in at this desk.")
        elif reading is not None and reading.code is Code.RECEIPT_CODE:
            said = await self._actions.read_receipt_code(reading.value)
            if said.facts is None:
                self._look_for(text[:40], said.sentence)
            else:
                await self._find_receipt(said.facts.receipt)
        elif reading is not None and reading.code is Code.RECEIPT:
            await self._find_receipt(reading.value)
        else:
            self._look_for(text, not_understood(scan))

    def _look_for(self, text: str, sentence: str) -> None:
        if not self._desk.model.statuses:  # an empty wall has no place to say it
            self._look_in_ledger(text)
            return
        self._go_to(Place.DESK)
        self._header.search.setText(text)
        self._desk.nothing_found.say_also(sentence)

    async def _find_receipt(self, number: str) -> None:
        try:
            await self._actions.receipt_pdf(number)
        except UsageError as error:
            self._look_for(number, str(error))
            return
        self._header.search.clear()
        self._sheets.show_receipt(number)

    def _broke_off(self, text: str) -> None:
        self._say(broke_off(text))

    def _say(self, sentence: str) -> None:
        """Say what became of a scan, over whatever is open."""
        place = self._place()
        (self._returns if place is Place.RETURNS else self._counter).said.say(sentence, Said.REFUSED)
        said_there = place in {Place.COUNTER, Place.RETURNS}
        over = QApplication.activeModalWidget() or (None if said_there else self._window)
        if over is not None:
            QToolTip.showText(over.mapToGlobal(over.rect().center()), tooltip(sentence), over)
