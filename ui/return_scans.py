"""What a scan means while something comes back: it opens a case, adds to it, or says who stands there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.receipts.signing import IdentityEvidence
from provisioning.return_case import Case, ItemOut, Whereabouts
from provisioning.scans import HANDSETS, Code, Reading, Scan
from ui.actions import DeskActions
from ui.return_frame import DONE, START
from ui.return_phrases import officer_line
from ui.scan_line import Said
from ui.scan_phrases import not_understood, shown

if TYPE_CHECKING:
    from ui.return_place import ReturnPlace

_THINGS = frozenset({Code.ICCID, Code.EID})


class ReturnScans:
    """Takes one scan after the other for a :class:`~ui.return_place.ReturnPlace`."""

    def __init__(self, place: ReturnPlace, actions: DeskActions) -> None:
        self._place = place
        self._actions = actions
        self._one_by_one = asyncio.Lock()

    async def take(self, scan: Scan, *, typed: bool = False) -> None:
        """Do what a scan means at this point, or say why it means nothing here."""
        async with self._one_by_one:
            try:
                await self._take(scan, typed=typed)
            except UsageError as error:
                self._place.refuse(str(error))

    async def take_typed(self, text: str) -> None:
        """Take what was typed like a scan, or as a number that only the ledger knows."""
        if text:
            scan = await self._actions.read_scan(text)
            await self.take(scan if scan.readings else Scan(text, (Reading(Code.SERIAL_NUMBER, text),)), typed=True)

    async def _take(self, scan: Scan, *, typed: bool) -> None:
        place = self._place
        reading = scan.only
        if place.committing:
            place.refuse(f"{shown(scan.text)} was not taken, because a return is being written. Scan it once more.")
        elif reading is None or reading.code is Code.PRODUCT:
            place.refuse(not_understood(scan))
        elif reading.code is Code.OFFICER:
            await self._take_officer(reading.value, card=not typed)
        elif reading.code in {Code.RECEIPT, Code.RECEIPT_CODE}:
            await self._take_receipt(reading)
        elif reading.code in HANDSETS or reading.code in _THINGS:
            await self._take_number(reading)

    @property
    def _open(self) -> Case | None:
        """Give the case that is open; none where the last one is done."""
        return None if self._place.step in {START, DONE} else self._place.back_page.case

    async def _take_officer(self, number: str, *, card: bool) -> None:
        """Take a number: it opens all that the officer has, or says who brings what is open.

        ``card`` tells that a card was scanned, so somebody held it.
        """
        case, page = self._open, self._place.back_page
        if case is None:
            found = await self._actions.way_back.of_officer(number)
            if not found.items:
                self._place.refuse(
                    f"Officer {number} holds nothing by these books. Scan the handset, or go to the counter (Ctrl+2)."
                )
                return
            who = officer_line(found.officer) if found.officer else number
            self._place.open(found, f"Officer {who} has {_things(found)}. Scan or tick what comes back.")
            page.note_seen(IdentityEvidence.WARRANT_CARD if card else None)
        elif case.officer is not None and case.officer.number == number:
            page.brought_by.clear()
            page.note_seen(IdentityEvidence.WARRANT_CARD if card else page.seen)
            self._place.said.say(f"Officer {number} brings it in person.", Said.HINT)
        else:
            page.brought_by.setText(number)
            page.note_seen(IdentityEvidence.WARRANT_CARD if card else None)
            self._place.change(
                f"Officer {number} brings it. Note on whose word, if it is in the place of whoever has it."
            )

    async def _take_receipt(self, reading: Reading) -> None:
        number = reading.value
        if reading.code is Code.RECEIPT_CODE:
            said = await self._actions.read_receipt_code(number)
            if said.facts is None:
                self._place.refuse(said.sentence)
                return
            number = said.facts.receipt
        case = self._open
        if case is not None and case.receipt == number:
            self._place.said.say(f"Receipt {number} is open already. Scan or tick what comes back.", Said.HINT)
            return
        found = await self._actions.way_back.of_receipt(number)
        if not any(one.may_come_back for one in found.items):
            self._place.refuse(f"Everything on receipt {number} is back already. Look at it in the ledger (Ctrl+4).")
        elif case is None:
            self._place.open(found, f"Receipt {number}: {_things(found)} out. Scan or tick what comes back.")
        else:
            self._add(case, found, f"receipt {number}")

    async def _take_number(self, reading: Reading) -> None:
        number = reading.serial_number or reading.value
        name = one_line(number, 40)
        page = self._place.back_page
        case = self._open
        row = page.items.row_of(number) if case is not None else None
        if row is not None:
            if not row.item.may_come_back:
                self._place.refuse(f"{name} came back already. Nobody has it.")
            elif row.comes_back:
                self._place.said.say(f"{name} is on this return already.", Said.HINT)
            else:
                page.items.tick(row)
                self._place.change(f"{name} comes back. Scan the next, or go on (Return).")
            return
        found = await self._actions.way_back.of_number(number)
        item = next((one for one in found.items if one.identifier == number), None)
        if case is not None:
            self._add(case, found, name)
        elif item is None or not item.may_come_back:
            self._refuse_back(name, found, item)
        else:
            who = f"officer {officer_line(found.officer)}" if found.officer else "nobody, by the books"
            self._place.open(found, f"{name}: {who}. Say the reason, then go on (Return).")

    def _refuse_back(self, name: str, found: Case, item: ItemOut | None) -> None:
        """Say of a handset that is back that nobody has it; one that is kept as evidence can be released here."""
        if item is not None and item.held:
            self._place.open(found, f"{name} is kept as evidence since {item.held}; it came back already.")
        else:
            since = f" on {item.since}, receipt {item.receipt}" if item is not None else ""
            self._place.refuse(f"{name} came back already{since}. Nobody has it.")

    def _add(self, case: Case, found: Case, name: str) -> None:
        """Add what the same officer has; another's is another return."""
        page = self._place.back_page
        holder = case.officer.number if case.officer else ""
        theirs = found.officer.number if found.officer else ""
        if holder != theirs:
            whose = f"is out to officer {one_line(theirs, 40)}" if theirs else "was never handed over here"
            self._place.refuse(
                f"{name} {whose}, so it is another return. Finish this one or cancel it (Esc), then scan it again."
            )
            return
        page.add(found)
        row = page.items.row_of(found.asked)
        if row is not None and row.item.may_come_back:
            page.items.tick(row)
        elif row is not None:
            self._place.refuse(f"{name} came back already. Nobody has it.")
            return
        self._place.change(f"{name} is on this return as well. Scan the next, or go on (Return).")


def _things(case: Case) -> str:
    out = sum(one.quantity for one in case.items if one.where in {Whereabouts.OUT, Whereabouts.UNCOUNTED})
    return "1 item" if out == 1 else f"{out} items"
