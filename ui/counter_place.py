"""The counter: who, what, sign; driven by scans and keys, one officer after the other, beside a gate for each handset.

The fresh verification begins as soon as officer and handset are known and runs while the officer reads; nothing is
committed before it has said *clear*. Whatever is called off before that leaves ledger and handsets as they were. The
next officer begins with the next card: what was ticked, signed or chosen before is gone by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from provisioning.errors import IssuingDeskError, UsageError
from provisioning.plain_text import one_line
from provisioning.receipts.items import ItemKind
from provisioning.receipts.signing import IdentityEvidence
from provisioning.scans import HANDSETS, Code, Reading, Scan
from provisioning.status import Phase, SessionStatus
from ui.actions import DeskActions, HandedOver, HandoverRequest, Refused, Thing
from ui.agreement_pages import DeclarationPage, SignaturePage
from ui.bridge import Bridge, Changes
from ui.buttons import Button
from ui.card import model_of
from ui.counter_pages import WhatPage, WhoPage
from ui.counter_panel import VisitPanel
from ui.counter_steps import DECLARATION, DONE, SIGNATURE, WHAT, WHO, Done, Steps
from ui.counter_visit import Chosen, Visit
from ui.dialogs import Question, ended
from ui.gate import GateState
from ui.plain import Words
from ui.receipt import ReceiptView
from ui.scan_line import Said, ScanLine
from ui.scan_phrases import not_understood, shown
from ui.standing import standing
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

FIRST = "Scan the officer’s card, or type the number."
_SIMS = {Code.ICCID: "SIM card", Code.EID: "eSIM"}


@steady
class CounterPlace(QWidget):
    """Serves one officer after the other. ``report`` is told of errors.

    Signals:
        handed_over: emitted with the :class:`~ui.actions.HandedOver` once it is in the ledger.
    """

    handed_over = Signal(object)

    def __init__(
        self,
        theme: Theme,
        bridge: Bridge,
        actions: DeskActions,
        *,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions = actions
        self._tasks = Tasks(self, report)
        self._statuses: dict[str, SessionStatus] = {}
        self._turn = asyncio.Lock()
        self._committing = False
        self._in_doubt = False
        self.visit = Visit()
        self.panel = VisitPanel(theme)
        self.who = WhoPage()
        self.what = WhatPage(theme)
        self.declaration = DeclarationPage(theme)
        self.signing = SignaturePage(theme)
        self.receipt = ReceiptView(theme, actions, self._tasks)
        self.said = ScanLine(theme)
        self._steps = Steps()
        self._pages = QStackedWidget()
        self._why = Words(role="soft", wrap=True)
        self._busy = QProgressBar()
        self.cancel = Button(theme, "Cancel", tip="Hand nothing over and begin anew (Esc)")
        self.back = Button(theme, "Back", tip="One page back (Alt+Left)")
        self.paper = Button(theme, "Signs on paper", tip="Hand over; the officer signs the printed receipt (F9)")
        self.go_on = Button(theme, "Continue", role="primary", tip="Return")
        self._lay_out()
        self._connect(bridge)
        self.begin()

    @property
    def step(self) -> int:
        """Give the page that is open."""
        return self._pages.currentIndex()

    @property
    def why_not(self) -> str:
        """Give what is said about why it does not go on."""
        return self._why.text()

    def take_focus(self) -> None:
        """Take the focus to what the open page asks for."""
        match self.step:
            case 0:
                self.who.number.setFocus()
            case 1:
                (self.what.others if self.what.ready.isHidden() else self.what.ready).setFocus()
            case 2:
                self.declaration.take_focus()
            case 3:
                self.signing.take_focus()
            case _:
                self.go_on.setFocus()

    def begin(self, sentence: str = FIRST, said: Said = Said.HINT) -> None:
        """Begin anew, with nobody and nothing."""
        self.visit = Visit()
        self.who.clear()
        self.what.clear()
        self.declaration.begin_anew()
        self.signing.clear()
        self.said.say(sentence, said)
        self._turn_to(WHO)

    @property
    def committing(self) -> bool:
        """True while a handover is being written."""
        return self._committing

    @property
    def serving(self) -> bool:
        """True while somebody is served: a scan belongs to that handover."""
        return self.step != DONE and (self.visit.officer is not None or not self.visit.empty)

    @property
    def in_doubt(self) -> bool:
        """True once the record cannot be trusted."""
        return self._in_doubt

    def doubt(self) -> None:
        """Stop all handing over: the record is in doubt."""
        self._in_doubt = True
        self._follow()

    async def take(self, scan: Scan) -> None:
        """Do what a scan means at this point, or say why it means nothing here."""
        async with self._turn:
            await self._take(scan)

    async def _take(self, scan: Scan) -> None:
        reading = scan.only or (scan.as_a(Code.OFFICER) if self.visit.officer is None else None)
        if self._committing:
            self._refuse(f"{shown(scan.text)} was not taken, because a handover is being written. Scan it once more.")
        elif reading is None or reading.code is Code.PRODUCT:
            self._refuse(not_understood(scan))
        elif reading.code is Code.OFFICER:
            await self.take_officer(reading.value, card=True)
        elif reading.code in HANDSETS:
            self._take_number(reading)
        elif reading.code in _SIMS:
            self._take_sim(reading)
        else:
            self._refuse(f"{shown(scan.text)} is a receipt. Finish or cancel this handover (Esc), then scan it again.")

    async def take_officer(self, number: str, *, card: bool = False) -> None:
        """Begin with an officer; another one’s card changes nothing about a handover that is under way.

        ``card`` tells that the card was scanned, so somebody held it.
        """
        now = self.visit.officer
        if self.step != DONE and now is not None and now.number == number:
            self.said.say(f"Officer {number} stands here already. Scan a handset.", Said.HINT)
            return
        if self.step != DONE and not self.visit.empty and now is not None:
            self._refuse(
                f"Officer {number}’s card was scanned, but the handover to {now.number} is not finished. "
                "Finish it or cancel it (Esc), then scan the card again."
            )
            return
        officer = await self._actions.officer(number)
        if self.step == DONE or now is not None:
            self.begin()
        self.visit.officer = officer
        self.what.note_seen(IdentityEvidence.WARRANT_CARD if card else None)
        self.who.number.setText(officer.number)
        self.who.ask_for(officer)
        name = f" {one_line(officer.name, 60)}" if officer.name else ""
        if officer.stranger:
            self.said.say(f"Officer {number} is not on the roster. Say why, or scan another card.", Said.REFUSED)
            self._show_visit()
            self._follow()
            self.who.reason.setFocus()
        else:
            self.said.say(f"Officer {number}{name}. Scan a handset.", Said.TAKEN)
            self._verify_all()
            self._turn_to(DECLARATION if self.visit.handsets else WHAT)

    def take_handset(self, status: SessionStatus) -> None:
        """Add a ready handset and verify it at once; the officer reads meanwhile."""
        if self.step == DONE:
            self.begin()
        if status.key in self.visit.handsets:
            self.said.say(f"{_named(status)} is on this handover already.", Said.HINT)
            return
        if status.phase is not Phase.READY:
            self._refuse(f"{_named(status)} cannot go yet. {standing(status, f'the {model_of(status)}')}")
            return
        self.visit.handsets[status.key] = Chosen(status)
        self.signing.clear()
        self.said.say(f"{_named(status)} goes along. The officer reads and ticks.", Said.TAKEN)
        self._tasks.start(self._load(status.key), "load the declaration")
        self._verify_all()
        if self.visit.officer is None:
            self.said.say(f"{_named(status)} is chosen. {FIRST}", Said.HINT)
            self._turn_to(WHO)
        elif self.visit.officer.stranger and not self.who.reason.text().strip():
            self._turn_to(WHO)
        else:
            self._turn_to(DECLARATION)

    def sign_on_paper(self) -> None:
        """Hand over; the officer signs the printed receipt."""
        if self.paper.isVisibleTo(self) and self.paper.isEnabled():
            self.signing.sign_on_paper()
            self._go_on()

    def other_language(self) -> None:
        """Show the declaration in the next language."""
        if self.step == DECLARATION:
            self.declaration.show_other_language()

    def verify_again(self) -> None:
        """Verify every handset again whose gate is shut."""
        for key, chosen in self.visit.handsets.items():
            if chosen.gate.state is GateState.SHUT:
                self._verify(key)

    def go_back(self) -> None:
        """Go one page back."""
        if self.step in {WHAT, DECLARATION, SIGNATURE} and not self._committing:
            self._turn_to(self.step - 1)

    def leave(self) -> None:
        """Call the handover off; with a signature not unasked."""
        if self._committing:
            return
        if self.step != DONE and (self.signing.pad.signed or self.signing.desk_pad.signed):
            self._tasks.start(self._confirm_leaving(), "ask about leaving")
        else:
            self.begin()

    # --- how it is put together -----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        done = QWidget()
        done_layout = QVBoxLayout(done)
        done_layout.setContentsMargins(0, 0, 0, 0)
        done_layout.setSpacing(10)
        self._done = Done(self._theme)
        done_layout.addWidget(self._done)
        done_layout.addWidget(self.receipt, 1)
        for page in (self.who, self.what, self.declaration, self.signing, done):
            self._pages.addWidget(page)
        self._busy.setRange(0, 1)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName("The handover is being written to the ledger")
        self._busy.hide()
        head = QFrame()
        head.setProperty("role", "bar")
        head_layout = QHBoxLayout(head)
        head_layout.setContentsMargins(20, 7, 14, 7)
        head_layout.setSpacing(18)
        head_layout.addWidget(self._steps)
        head_layout.addWidget(self.said, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._why, 1)
        for button in (self.cancel, self.back, self.paper, self.go_on):
            foot.addWidget(button)
        right = QVBoxLayout()
        right.setContentsMargins(24, 18, 24, 16)
        right.setSpacing(12)
        right.addWidget(self._pages, 1)
        right.addWidget(self._busy)
        right.addLayout(foot)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self.panel.setFixedWidth(self.fontMetrics().averageCharWidth() * 40)
        middle.addWidget(self.panel)
        middle.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addLayout(middle, 1)

    def _connect(self, bridge: Bridge) -> None:
        self.cancel.clicked.connect(self.leave)
        self.back.clicked.connect(self.go_back)
        self.paper.clicked.connect(self.sign_on_paper)
        self.go_on.clicked.connect(self._go_on)
        self.panel.verify_wanted.connect(self._verify)
        self.panel.removed.connect(self._leave_out)
        self.who.chosen.connect(self._choose_officer)
        self.who.reason.textChanged.connect(self._follow)
        self.what.picked.connect(self._pick)
        self.what.changed.connect(self._show_visit)
        self.declaration.changed.connect(self._follow)
        self.declaration.complete.connect(self._read)
        self.signing.changed.connect(self._follow)
        bridge.changed.connect(self._hear)

    def _turn_to(self, step: int) -> None:
        self._pages.setCurrentIndex(step)
        self._steps.show_step(step)
        if step == WHAT:
            self.what.show_ready(self._statuses.values())
        if step == SIGNATURE:
            self.signing.begin(self.declaration.unticked)
        self._show_visit()
        self._follow()
        if self.isVisible():
            self.take_focus()

    # --- scans ----------------------------------------------------------------------------------------------------

    def _refuse(self, sentence: str) -> None:
        self.said.say(sentence, Said.REFUSED)

    def _take_number(self, reading: Reading) -> None:
        if self.visit.officer is None or self.step == DONE:
            self._refuse(f"Scan the officer’s card first, then {shown(reading.value)}.")
            return
        status = next(
            (
                one
                for one in self._statuses.values()
                if reading.serial_number and one.serial_number == reading.serial_number
            ),
            None,
        )
        if status is None:
            self._refuse(f"{shown(reading.value)} is not plugged in at this desk. Plug it in and scan it again.")
        else:
            self.take_handset(status)

    def _take_sim(self, reading: Reading) -> None:
        if self.visit.officer is None or self.step == DONE:
            self._refuse(f"Scan the officer’s card first, then the SIM card {shown(reading.value)}.")
        elif reading.value in self.visit.things:
            self.said.say(f"{_SIMS[reading.code]} {reading.value} is on this handover already.", Said.HINT)
        else:
            self.visit.things[reading.value] = _SIMS[reading.code]
            self.signing.clear()
            self.said.say(f"{_SIMS[reading.code]} {reading.value} goes along.", Said.TAKEN)
            if self.step == SIGNATURE:
                self.signing.begin(self.declaration.unticked)
            self._show_visit()

    def _choose_officer(self, number: str) -> None:
        self._tasks.start(self.take_officer(number), "take an officer")

    def _pick(self, key: str) -> None:
        if key in self._statuses:
            self.take_handset(self._statuses[key])

    def _leave_out(self, key: str) -> None:
        self.visit.handsets.pop(key, None)
        self.visit.things.pop(key, None)
        self.signing.clear()
        self.said.say("Left out. Scan a handset, or go on.", Said.HINT)
        self._turn_to(self.step if self.visit.handsets else WHAT)

    # --- the gate -------------------------------------------------------------------------------------------------

    def _verify_all(self) -> None:
        for key in self.visit.unverified():
            self._verify(key)

    def _verify(self, key: str) -> None:
        if self.visit.officer is not None and key in self.visit.handsets and not self._committing:
            asked = self.visit.begin_check(key)
            self._tasks.start(self._verified(self.visit, key, asked), "verify for handover")
            self._show_visit()
            self._follow()

    async def _verified(self, visit: Visit, key: str, asked: str) -> None:
        try:
            fresh = await self._actions.verify_for_handover(key, asked, ())
        except IssuingDeskError:
            visit.broke_off(key, asked)
            self._show_visit()
            self._follow()
            raise
        visit.answer(key, asked, fresh)
        self._show_visit()
        self._follow()

    def _hear(self, changes: Changes) -> None:
        for key in changes.gone:
            self._statuses.pop(key, None)
        changed = False
        for status in changes.statuses:
            self._statuses[status.key] = status
            changed |= self.step != DONE and self.visit.follow(status)
        if self.step == WHAT:
            self.what.show_ready(self._statuses.values())
        if changed:
            self._show_visit()
            self._follow()

    # --- going on -------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        match self.step:
            case 0:
                self._tasks.start(self._look_up(), "look an officer up")
            case 1 if self.visit.handsets:
                self._turn_to(DECLARATION)
            case 2:
                self._turn_to(SIGNATURE)
            case 3:
                self._tasks.start(self._commit(), "hand over")
            case 4:
                self.begin()
            case _:
                pass

    def _read(self) -> None:
        if self.step == DECLARATION and self.go_on.isEnabled():
            self._turn_to(SIGNATURE)

    async def _look_up(self) -> None:
        """Take what was typed like a scan; else find officers by it."""
        text = self.who.number.text().strip()
        officer = self.visit.officer
        if officer is not None and officer.number == text.upper():
            if officer.stranger and not self.who.reason.text().strip():
                self._refuse(f"Officer {officer.number} is not on the roster. Say why, or scan another card.")
                self.who.reason.setFocus()
                return
            self._verify_all()
            self._turn_to(DECLARATION if self.visit.handsets else WHAT)
            return
        if not self.who.check():
            return
        scan = await self._actions.read_scan(text)
        reading = scan.as_a(Code.OFFICER)
        if reading is not None:
            await self.take_officer(reading.value)
            return
        found = await self._actions.find_officers(text)
        if len(found) == 1:
            await self.take_officer(found[0].number)
        elif found:
            self.who.offer(found)
        else:
            await self._stranger(text)

    async def _stranger(self, text: str) -> None:
        try:
            facts = await self._actions.officer(text)
        except UsageError as error:
            self.who.say(str(error))
            return
        self.visit.officer = None
        await self.take_officer(facts.number)

    async def _load(self, key: str) -> None:
        self.declaration.show_texts(await self._actions.declarations(key))
        self._follow()
        if self.step == DECLARATION and self.isVisible() and not isinstance(QApplication.focusWidget(), QCheckBox):
            self.declaration.take_focus()

    async def _commit(self) -> None:
        request = self._request()
        if request is None or self._committing:
            return
        self._set_committing(True)
        try:
            # Once asked for, it is carried through, whatever becomes of this window.
            result = await asyncio.shield(self._actions.hand_over(request))
        except IssuingDeskError:
            self._set_committing(False)
            raise
        self._set_committing(False)
        match result:
            case Refused(sentence):
                self.visit.refuse(sentence)
                self._refuse(f"Nothing was handed over. {sentence}")
                self._show_visit()
                self._follow()
            case HandedOver():
                self._finish(result)

    def _finish(self, result: HandedOver) -> None:
        self._done.say(result)
        self.receipt.show_receipt(result.receipt_number, result.pdf)
        officer = self.visit.officer
        number = officer.number if officer else ""
        self.said.say(f"Handed over to {number}, receipt {result.receipt_number}. Scan the next card.", Said.TAKEN)
        self._turn_to(DONE)
        self.handed_over.emit(result)

    def _request(self) -> HandoverRequest | None:
        """Put together what is to be committed; None while something is missing or a gate is not open."""
        text, signature, officer = self.declaration.text, self.signing.signature, self.visit.officer
        if self._in_doubt or not self.visit.open or text is None or signature is None or officer is None:
            return None
        numbered = tuple(
            Thing(ItemKind.SIM, "" if what == _SIMS[Code.ICCID] else what, number)
            for number, what in self.visit.things.items()
        )
        return HandoverRequest(
            keys=tuple(self.visit.handsets),
            officer_number=officer.number,
            officer_name=self.who.name.text().strip() or None,
            permits=(),
            things=(*self.what.things.values(), *numbered),
            declaration=text.id,
            declaration_version=text.version,
            language=text.language,
            clauses=self.declaration.ticked,
            signature=signature,
            countersignature=self.signing.countersignature,
            roster_reason=self.who.reason.text().strip() if officer.stranger else "",
            identity=self.what.seen,
            once=self.visit.name,
        )

    # --- what is shown --------------------------------------------------------------------------------------------

    def _show_visit(self) -> None:
        self.panel.show_visit(self.visit, tuple(self.what.things), done=self.step == DONE)

    def _set_committing(self, committing: bool) -> None:
        self._committing = committing
        self._busy.setVisible(committing)
        self._busy.setRange(0, 0 if committing else 1)
        self._follow()

    def _why_not(self) -> str:
        visit, step = self.visit, self.step
        if step in {WHO, DONE}:
            return ""
        if self._in_doubt:
            return "Nothing may be handed over while the record is in doubt. Have it verified first."
        if not visit.handsets:
            return "No handset yet."
        if step == WHAT:
            return ""
        if visit.shut is not None:
            return f"{_named(visit.shut.status)} is not verified as clear, so it cannot be handed over."
        if self.declaration.text is None:
            return "The declaration is being loaded."
        if step == DECLARATION:
            return ""
        if not visit.open:
            return "The verification is still under way."
        return "" if self.signing.signature is not None else "Not signed yet."

    def _follow(self) -> None:
        """Let the buttons say what can be done now, and if not, why not."""
        step, why = self.step, self._why_not()
        fault = self._in_doubt or (step in {DECLARATION, SIGNATURE} and self.visit.shut is not None)
        self._why.setText("Writing to the ledger…" if self._committing else why)
        self._why.setProperty("role", "fault" if fault else "soft")
        self._why.style().polish(self._why)
        self._shut_pages(shut=self._committing or (fault and step in {DECLARATION, SIGNATURE}))
        self.go_on.setEnabled(not why and not self._committing)
        self.go_on.say({SIGNATURE: "Hand over", DONE: "Next officer"}.get(step, "Continue"))
        self.back.setVisible(step in {WHAT, DECLARATION, SIGNATURE})
        self.paper.setVisible(step == SIGNATURE and self.signing.signature is None)
        self.paper.setEnabled(not self._committing and self.visit.open and not self.declaration.unticked)
        self.cancel.setVisible(step != DONE and (self.visit.officer is not None or not self.visit.empty))
        for button in (self.back, self.cancel):
            button.setEnabled(not self._committing)
        self.panel.setEnabled(not self._committing)

    def _shut_pages(self, *, shut: bool) -> None:
        """Keep people from ticking and signing what cannot be handed over; the focus goes to what can be done."""
        focused = self._pages.isAncestorOf(QApplication.focusWidget() or self)
        self._pages.setEnabled(not shut)
        row = next((row for row in self.panel.rows.values() if not row.again.isHidden()), None)
        if shut and focused and row is not None:
            row.again.setFocus()

    async def _confirm_leaving(self) -> None:
        title, text = "Leave without handing over?", "The signature is thrown away. Nothing is written to the ledger."
        if await ended(Question(self._theme, title, text, yes="Leave", no="Stay", parent=self.window())):
            self.begin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on with Return, whatever has the focus; a button that has it is pressed instead."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            focused = QApplication.focusWidget()
            if isinstance(focused, QAbstractButton) and not isinstance(focused, QCheckBox):
                focused.click()
            elif self.go_on.isEnabled():
                self._go_on()
        elif event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)


def _named(status: SessionStatus) -> str:
    return f"{model_of(status)} {one_line(status.serial_number or status.key, 40)}"
