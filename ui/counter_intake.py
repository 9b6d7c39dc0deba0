"""What comes in at the counter: scans, and what is typed as an officer; each is taken, or it is said why not."""

from __future__ import annotations

import asyncio
from typing import Protocol

from provisioning.errors import UsageError
from provisioning.receipts.items import ItemKind
from provisioning.receipts.signing import IdentityEvidence
from provisioning.scans import HANDSETS, Code, Reading, Scan
from provisioning.status import SessionStatus
from ui.actions import DeskActions
from ui.agreement import Thing
from ui.counter_frame import CounterFrame
from ui.counter_steps import DONE
from ui.counter_visit import Visit
from ui.scan_line import Said
from ui.scan_phrases import not_understood, shown

_SIMS = {Code.ICCID: "SIM card", Code.EID: "eSIM"}


class Counter(Protocol):
    """What the counter can be told."""

    visit: Visit

    @property
    def committing(self) -> bool:
        """True while a handover is being written."""
        ...

    async def take_officer(self, number: str, *, card: bool = False) -> None:
        """Begin with an officer."""
        ...

    def take_handset(self, status: SessionStatus) -> None:
        """Add a ready handset."""
        ...

    def take_thing(self, thing: Thing) -> None:
        """Add something that has a number of its own."""
        ...

    def handset(self, serial_number: str) -> SessionStatus | None:
        """Give the handset of this serial number, if it is plugged in."""
        ...

    def officer_stays(self) -> None:
        """Go on with the officer who stands there already."""
        ...


class Intake:
    """Takes one thing after the other, in the order in which they come."""

    def __init__(self, counter: Counter, pages: CounterFrame, actions: DeskActions) -> None:
        self._counter = counter
        self._pages = pages
        self._actions = actions
        self._turn = asyncio.Lock()

    async def take(self, scan: Scan) -> None:
        """Do what a scan means at this point, or say why it means nothing here."""
        async with self._turn:
            await self._take(scan)

    async def look_up(self) -> None:
        """Take what was typed as an officer like a scan; else find officers by it."""
        who, officer = self._pages.who, self._counter.visit.officer
        text = who.number.text().strip()
        if officer is not None and officer.number == text.upper():
            if officer.stranger and not who.reason.text().strip():
                self.refuse(f"Officer {officer.number} is not on the roster. Say why, or scan another card.")
                who.reason.setFocus()
                return
            self._counter.officer_stays()
            return
        if not who.check():
            return
        reading = (await self._actions.read_scan(text)).as_a(Code.OFFICER)
        if reading is not None:
            await self._counter.take_officer(reading.value)
            return
        found = await self._actions.find_officers(text)
        if len(found) == 1:
            await self._counter.take_officer(found[0].number)
        elif found:
            who.offer(found)
        else:
            await self._stranger(text)

    def refuse(self, sentence: str) -> None:
        """Say why something was not taken."""
        self._pages.said.say(sentence, Said.REFUSED)

    async def _take(self, scan: Scan) -> None:
        visit, what = self._counter.visit, self._pages.what
        reading = scan.only or (scan.as_a(Code.OFFICER) if visit.officer is None else None)
        if self._counter.committing:
            self.refuse(f"{shown(scan.text)} was not taken, because a handover is being written. Scan it once more.")
        elif reading is None or reading.code is Code.PRODUCT:
            self.refuse(not_understood(scan))
        elif reading.code is Code.OFFICER and what.proxy.hasFocus():
            what.proxy.setText(reading.value)
            what.note_seen(IdentityEvidence.WARRANT_CARD)
            what.authority.setFocus()
        elif reading.code is Code.OFFICER:
            await self._counter.take_officer(reading.value, card=True)
        elif reading.code in HANDSETS:
            self._take_number(reading)
        elif reading.code in _SIMS:
            self._take_sim(reading)
        elif reading.code is Code.RECEIPT and what.exchange.hasFocus():
            what.exchange.setText(reading.value)
        else:
            self.refuse(f"{shown(scan.text)} is a receipt. Finish or cancel this handover (Esc), then scan it again.")

    def _take_number(self, reading: Reading) -> None:
        if self._nobody_there():
            self.refuse(f"Scan the officer’s card first, then {shown(reading.value)}.")
            return
        status = self._counter.handset(reading.serial_number) if reading.serial_number else None
        if status is None:
            self.refuse(f"{shown(reading.value)} is not plugged in at this desk. Plug it in and scan it again.")
        else:
            self._counter.take_handset(status)

    def _take_sim(self, reading: Reading) -> None:
        word = _SIMS[reading.code]
        if self._nobody_there():
            self.refuse(f"Scan the officer’s card first, then the {word} {shown(reading.value)}.")
        elif reading.value in self._counter.visit.things:
            self._pages.said.say(f"{word} {reading.value} is on this handover already.", Said.HINT)
        else:
            self._counter.take_thing(Thing(ItemKind.SIM, "" if reading.code is Code.ICCID else word, reading.value))

    def _nobody_there(self) -> bool:
        return self._counter.visit.officer is None or self._pages.step == DONE

    async def _stranger(self, text: str) -> None:
        try:
            facts = await self._actions.officer(text)
        except UsageError as error:
            self._pages.who.say(str(error))
            return
        self._counter.visit.officer = None
        await self._counter.take_officer(facts.number)
