"""The counter: who, what, sign; driven by scans and keys, one officer after the other, beside a gate for each handset.

The fresh verification begins as soon as officer and handset are known and runs while the officer reads; nothing is
committed before it has said *clear*. Whatever is called off before that leaves ledger and handsets as they were. The
next officer begins with the next card: what was ticked, signed or chosen before is gone by then.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget

from provisioning.plain_text import one_line
from provisioning.receipts.signing import IdentityEvidence
from provisioning.scans import Scan
from provisioning.status import Phase, SessionStatus
from ui.actions import DeskActions, HandedOver, Refused
from ui.agreement import Thing
from ui.bridge import Bridge, Changes
from ui.card import model_of, named
from ui.committing import Committing
from ui.counter_frame import CounterFrame
from ui.counter_gate import GateKeeper
from ui.counter_intake import Intake
from ui.counter_request import items_of, request_of, said_of, why_not
from ui.counter_rows import thing_word
from ui.counter_steps import DECLARATION, DONE, SIGNATURE, WHAT, WHO
from ui.counter_visit import Chosen, Visit
from ui.dialogs import Question, ended
from ui.notice_phrases import notice_sentence
from ui.page_keys import take_page_key
from ui.paper_out import PaperOut
from ui.scan_line import Said
from ui.standing import standing
from ui.steady import steady
from ui.texts import Texts
from ui.theme import Theme

FIRST = "Scan the officer’s card, or type the number."


@steady
class CounterPlace(CounterFrame):
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
        paper: PaperOut,
        *,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, actions, report, parent)
        self._theme = theme
        self._actions = actions
        self._statuses: dict[str, SessionStatus] = {}
        self._in_doubt = False
        self.visit = Visit()
        self._intake = Intake(self, self, actions)
        self._gate = GateKeeper(actions, self.tasks, lambda: self.visit, self)
        self._texts = Texts(
            self.tasks,
            self.declaration,
            lambda: items_of(self.visit, self),
            lambda: actions.terms(*items_of(self.visit, self)),
            self,
        )
        self._handing = Committing(paper, self)
        self._connect(bridge)
        self.begin()

    def begin(self, sentence: str = FIRST, said: Said = Said.HINT) -> None:
        """Begin anew, with nobody and nothing."""
        self.visit = Visit()
        self.who.clear()
        self.what.clear()
        self.declaration.begin_anew()
        self._texts.forget()
        self.signing.clear()
        self.said.say(sentence, said)
        self._turn_to(WHO)

    @property
    def committing(self) -> bool:
        """True while a handover is being written."""
        return self._handing.under_way

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
        await self._intake.take(scan)

    async def take_officer(self, number: str, *, card: bool = False) -> None:
        """Begin with an officer; another one’s card changes nothing about a handover that is under way.

        ``card`` tells that the card was scanned, so somebody held it.
        """
        now = self.visit.officer
        if self.step != DONE and now is not None and now.number == number:
            self.said.say(f"Officer {number} stands here already. Scan a handset.", Said.HINT)
            return
        if self.step != DONE and not self.visit.empty and now is not None:
            self._intake.refuse(
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
            self._follow()
            self.who.reason.setFocus()
        else:
            self.said.say(f"Officer {number}{name}. Scan a handset.", Said.TAKEN)
            self.officer_stays()

    async def take_exchange(self, number: str, receipt: str) -> None:
        """Begin with an officer who has just given something back; what goes out now stands in for it."""
        await self.take_officer(number)
        if self.visit.officer is not None and self.visit.officer.number == number:
            self.what.exchange.setText(receipt)

    def officer_stays(self) -> None:
        """Go on with the officer who stands there: verify what is chosen already."""
        self._gate.verify_new()
        self._turn_to(DECLARATION if self.visit.handsets else WHAT)

    def handset(self, serial_number: str) -> SessionStatus | None:
        """Give the handset of this serial number, if it is plugged in."""
        return next((one for one in self._statuses.values() if one.serial_number == serial_number), None)

    def take_handset(self, status: SessionStatus) -> None:
        """Add a ready handset and verify it at once; the officer reads meanwhile."""
        if self.step == DONE:
            self.begin()
        if status.key in self.visit.handsets:
            self.said.say(f"{named(status)} is on this handover already.", Said.HINT)
            return
        told = " ".join(notice_sentence(one, f"the {model_of(status)}") for one in status.notices)
        if status.phase is not Phase.READY:
            why = told or standing(status, f"the {model_of(status)}")
            self._intake.refuse(f"{named(status)} cannot go yet. {why}")
            return
        self.visit.handsets[status.key] = Chosen(status)
        self.signing.clear()
        said = f"{named(status)} goes along. {told or 'The officer reads and ticks.'}"
        self.said.say(said, Said.REFUSED if told else Said.TAKEN)
        self._gate.verify_new()
        if self.visit.officer is None:
            self.said.say(f"{named(status)} is chosen. {told or FIRST}", Said.REFUSED if told else Said.HINT)
            self._turn_to(WHO)
        elif self.visit.officer.stranger and not self.who.reason.text().strip():
            self._turn_to(WHO)
        else:
            self._turn_to(DECLARATION)

    def take_thing(self, thing: Thing) -> None:
        """Add something that has a number of its own; it has terms of its own, too."""
        self.visit.things[thing.number] = thing
        self.signing.clear()
        self.said.say(f"{thing_word(thing)} {thing.number} goes along.", Said.TAKEN)
        self._turn_to(min(self.step, DECLARATION))

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
        """Verify every handset again whose gate is shut, and ask once more for texts that did not come."""
        if not self.committing:
            self._gate.verify_shut()
            self._texts.ask()

    def go_back(self) -> None:
        """Go one page back."""
        if self.step in {WHAT, DECLARATION, SIGNATURE} and not self.committing:
            self._turn_to(self.step - 1)

    def leave(self) -> None:
        """Call the handover off; with a signature not unasked."""
        if self.committing:
            return
        if self.step != DONE and (self.signing.pad.signed or self.signing.desk_pad.signed):
            self.tasks.start(self._confirm_leaving(), "ask about leaving")
        else:
            self.begin()

    def _connect(self, bridge: Bridge) -> None:
        self.cancel.clicked.connect(self.leave)
        self.back.clicked.connect(self.go_back)
        self.paper.clicked.connect(self.sign_on_paper)
        self.go_on.clicked.connect(self._go_on)
        self.panel.verify_wanted.connect(self._gate.verify)
        self.panel.removed.connect(self._leave_out)
        self.panel.changed.connect(self._agreed_otherwise)
        self.panel.argued.connect(self._follow)
        self._gate.changed.connect(self._follow)
        self._texts.came.connect(self._texts_came)
        self._handing.changed.connect(self._follow)
        self.who.chosen.connect(self._choose_officer)
        self.who.reason.textChanged.connect(self._follow)
        self.what.picked.connect(self._pick)
        self.what.changed.connect(self._agreed_otherwise)
        self.declaration.changed.connect(self._follow)
        self.declaration.complete.connect(self._read)
        self.signing.changed.connect(self._follow)
        bridge.changed.connect(self._hear)

    def _turn_to(self, step: int) -> None:
        self.open_page(step)
        if step == WHAT:
            self.what.show_ready(self._statuses.values(), self.visit.handsets)
        if step in {DECLARATION, SIGNATURE}:
            self._texts.ask()
        if step == SIGNATURE:
            self.signing.begin(self.declaration.unticked)
        self._follow()
        if self.isVisible():
            self.take_focus()

    def _texts_came(self) -> None:
        self._follow()
        if self.step == DECLARATION and self.isVisible() and not isinstance(QApplication.focusWidget(), QCheckBox):
            self.declaration.take_focus()

    def _choose_officer(self, number: str) -> None:
        self.tasks.start(self.take_officer(number), "take an officer")

    def _pick(self, key: str) -> None:
        if key in self._statuses:
            self.take_handset(self._statuses[key])

    def _leave_out(self, key: str) -> None:
        self.visit.handsets.pop(key, None)
        self.visit.things.pop(key, None)
        self.signing.clear()
        self.said.say("Left out. Scan a handset, or go on.", Said.HINT)
        self._turn_to(min(self.step, DECLARATION) if self.visit.handsets else WHAT)

    def _agreed_otherwise(self) -> None:
        """Take the signature back: what was signed for is not what it was."""
        self.signing.clear()
        if self.step in {DECLARATION, SIGNATURE}:
            self._texts.ask()
        self._follow()

    def _hear(self, changes: Changes) -> None:
        for key in changes.gone:
            self._statuses.pop(key, None)
        changed, shut = False, self.visit.shut
        for status in changes.statuses:
            self._statuses[status.key] = status
            if self.step != DONE:
                changed |= self.visit.follow(status)
                if self.visit.came_back(status) and not self.committing:
                    self._gate.verify(status.key)
        if self.step == WHAT:
            self.what.show_ready(self._statuses.values(), self.visit.handsets)
        if changed:
            self._follow()
            if shut is None and self.visit.shut is not None:
                which = f"{named(self.visit.shut.status)}: " if len(self.visit.handsets) > 1 else ""
                self._intake.refuse(f"{which}{self.visit.shut.gate.sentence}")

    def _go_on(self) -> None:
        match self.step:
            case 0:
                self.tasks.start(self._intake.look_up(), "look an officer up")
            case 1:
                self._turn_to(DECLARATION)
            case 2:
                self._turn_to(SIGNATURE)
            case 3:
                self.tasks.start(self._commit(), "hand over")
            case _:
                self.begin()

    def _read(self) -> None:
        if self.step == DECLARATION and self.go_on.isEnabled():
            self._turn_to(SIGNATURE)

    async def _commit(self) -> None:
        request = request_of(self.visit, self)
        if request is None or self.committing or self._why_not():
            return
        result = await self._handing.write(self._actions.hand_over(request))
        match result:
            case Refused(sentence, shut):
                self.signing.forget_code()
                self._intake.refuse(f"Nothing was handed over. {sentence}")
                if shut:
                    self.visit.refuse(sentence)
                self._texts.forget()
                self._turn_to(SIGNATURE)
            case HandedOver():
                self.said.say(*said_of(result, request))
                self.done.say(result.receipt_number, result.entry_number)
                self._turn_to(DONE)
                self.handed_over.emit(result)
                await self._handing.print_first(result.receipt_number, result.pdf)

    def _why_not(self) -> str:
        return why_not(
            self.visit,
            self,
            in_doubt=self._in_doubt,
            texts_are_these=self._texts.current,
        )

    def _follow(self) -> None:
        """Show the visit, and let the buttons say what can be done now, and if not, why not."""
        step, why, signs = self.step, self._why_not(), self.step in {DECLARATION, SIGNATURE}
        shut = signs and self.visit.shut is not None
        self.panel.show_visit(self.visit, tuple(self.what.things), done=step == DONE)
        self.say_why("Writing to the ledger…" if self.committing else why, fault=self._in_doubt or shut)
        self.shut_pages(QApplication.focusWidget(), shut=self.committing or shut or (self._in_doubt and signs))
        self.go_on.setEnabled(not why and not self.committing)
        self.paper.setVisible(step == SIGNATURE and self.signing.signature is None)
        ready = self.visit.open and self.visit.unargued is None and not self.declaration.unticked
        self.paper.setEnabled(ready and not self.committing and not self._in_doubt)
        self.cancel.setVisible(step != DONE and (self.visit.officer is not None or not self.visit.empty))
        for widget in (self.back, self.cancel, self.panel):
            widget.setEnabled(not self.committing)

    async def _confirm_leaving(self) -> None:
        title, text = "Leave without handing over?", "The signature is thrown away. Nothing is written to the ledger."
        if await ended(Question(self._theme, title, text, yes="Leave", no="Stay", parent=self.window())):
            self.begin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on with Return, leave with Esc."""
        if not take_page_key(event, may_go_on=self.go_on.isEnabled(), go_on=self._go_on, leave=self.leave):
            super().keyPressEvent(event)
