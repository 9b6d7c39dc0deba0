"""The handover: officer, declaration, signature, receipt, beside a gate that stays shut until the handset is clear.

The fresh verification begins as soon as the officer number is known and runs while the officer reads; nothing is
committed before it has said *clear*. Whatever is called off before that leaves ledger and handset as they were.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from provisioning.status import SessionStatus
from ui import gate as gates
from ui.actions import DeskActions, HandedOver, HandoverRequest, Refused
from ui.bridge import Bridge, Changes
from ui.buttons import Button
from ui.dialogs import Question, ended
from ui.gate import NOT_ASKED, Gate, GateState
from ui.gate_panel import GatePanel
from ui.handover_pages import DeclarationPage, OfficerPage, SignaturePage
from ui.handover_steps import DECLARATION, OFFICER, RECEIPT, SIGNATURE, Done, Steps
from ui.plain import Words
from ui.receipt import ReceiptView
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme


@steady
class HandoverDialog(QDialog):
    """One handset for one officer. Open it with ``open()``. ``report`` is told of errors.

    Signals:
        handed_over: emitted with the :class:`~ui.actions.HandedOver` once it is in the ledger.
    """

    handed_over = Signal(object)

    def __init__(
        self,
        theme: Theme,
        bridge: Bridge,
        actions: DeskActions,
        status: SessionStatus,
        *,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions = actions
        self._tasks = Tasks(self, report)
        self._status = status
        self._gate = NOT_ASKED
        self._asked: tuple[str, tuple[str, ...]] | None = None
        self._committing = False
        self._result: HandedOver | None = None
        self.setWindowTitle("Hand over")
        self.gate_panel = GatePanel(theme, status)
        self.officer = OfficerPage(theme)
        self.declaration = DeclarationPage(theme)
        self.signing = SignaturePage(theme)
        self.receipt = ReceiptView(theme, actions, self._tasks)
        self._steps = Steps(theme)
        self._pages = QStackedWidget()
        self._why = Words(role="soft", wrap=True)
        self._busy = QProgressBar()
        self.back = Button(theme, "Back", tip="One page back (Alt+Left)")
        self.cancel = Button(theme, "Cancel", tip="Hand nothing over (Esc)")
        self.go_on = Button(theme, "Continue", role="primary")
        self._lay_out()
        self.back.setShortcut("Alt+Left")
        self.back.clicked.connect(self._go_back)
        self.cancel.clicked.connect(self.reject)
        self.go_on.setDefault(True)
        self.go_on.clicked.connect(self._go_on)
        self.gate_panel.verify_wanted.connect(self._verify)
        self.declaration.changed.connect(self._follow)
        self.signing.changed.connect(self._follow)
        bridge.changed.connect(self._take)
        self._tasks.start(self._load(), "load the declaration")
        self._turn_to(OFFICER)

    @property
    def gate(self) -> Gate:
        """Give how the gate stands."""
        return self._gate

    @property
    def step(self) -> int:
        """Give the page that is open."""
        return self._pages.currentIndex()

    @property
    def why_not(self) -> str:
        """Give what is said about why it does not go on."""
        return self._why.text()

    def _lay_out(self) -> None:
        done = QWidget()
        done_layout = QVBoxLayout(done)
        done_layout.setContentsMargins(0, 0, 0, 0)
        done_layout.setSpacing(10)
        self._done = Done(self._theme)
        done_layout.addWidget(self._done)
        done_layout.addWidget(self.receipt, 1)
        for page in (self.officer, self.declaration, self.signing, done):
            self._pages.addWidget(page)
        self._busy.setRange(0, 1)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName("The handover is being written to the ledger")
        self._busy.hide()
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._why, 1)
        for button in (self.cancel, self.back, self.go_on):
            foot.addWidget(button)
        right = QVBoxLayout()
        right.setContentsMargins(24, 18, 24, 18)
        right.setSpacing(14)
        right.addWidget(self._steps)
        right.addWidget(self._pages, 1)
        right.addWidget(self._busy)
        right.addLayout(foot)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        letter = self.fontMetrics().averageCharWidth()
        self.gate_panel.setFixedWidth(letter * 38)
        whole.addWidget(self.gate_panel)
        whole.addLayout(right, 1)
        self.resize(letter * 118, self.fontMetrics().height() * 34)

    def _turn_to(self, step: int) -> None:
        self._pages.setCurrentIndex(step)
        self._steps.show_step(step)
        match step:
            case 0:
                self.officer.number.setFocus()
            case 1:
                ticks = self.declaration.ticks
                (ticks[0] if ticks else self.go_on).setFocus()
            case 2:
                self.signing.begin(self.declaration.unticked)
            case _:
                self.go_on.setFocus()
        self._follow()

    def _go_on(self) -> None:
        match self.step:
            case 0:
                if self.officer.check():
                    if self._asked != (self.officer.officer_number, self.officer.permit_references):
                        self._verify()
                    self._turn_to(DECLARATION)
            case 1:
                self._turn_to(SIGNATURE)
            case 2:
                self._tasks.start(self._commit(), "hand over")
            case _:
                self.accept()

    def _go_back(self) -> None:
        if self.step in {DECLARATION, SIGNATURE} and not self._committing:
            self._turn_to(self.step - 1)

    def _verify(self) -> None:
        if not self.officer.check():
            self._turn_to(OFFICER)
            return
        self._asked = (self.officer.officer_number, self.officer.permit_references)
        self._show_gate(gates.checking(None))
        self._tasks.start(self._verified(*self._asked), "verify for handover")

    async def _verified(self, number: str, permits: tuple[str, ...]) -> None:
        try:
            fresh = await self._actions.verify_for_handover(self._status.key, number, permits)
        except BaseException:
            if self._asked == (number, permits):
                self._asked = None
                self._show_gate(gates.refused("The verification was broken off. Verify again.", self._status))
            raise
        if self._asked == (number, permits):
            self._status = fresh
            self._show_gate(gates.judged(fresh))

    async def _load(self) -> None:
        self.declaration.show_texts(await self._actions.declarations(self._status.key))
        self._follow()

    async def _commit(self) -> None:
        request = self._request()
        if request is None:
            return
        self._set_committing(True)
        try:
            # Once asked for, it is carried through, whatever becomes of this window.
            result = await asyncio.shield(self._actions.hand_over(request))
        finally:
            self._set_committing(False)
        match result:
            case Refused(sentence):
                self._show_gate(gates.refused(sentence, self._status))
            case HandedOver():
                self._result = result
                self._done.say(result)
                self.receipt.show_receipt(result.receipt_number, result.pdf)
                self._turn_to(RECEIPT)
                self.handed_over.emit(result)

    def _request(self) -> HandoverRequest | None:
        """Put together what is to be committed; None while something is missing or the gate is not open."""
        text, signature = self.declaration.text, self.signing.signature
        if self._gate.state is not GateState.OPEN or text is None or signature is None or self._asked is None:
            return None
        number, permits = self._asked
        return HandoverRequest(
            key=self._status.key,
            officer_number=number,
            officer_name=self.officer.name.text().strip() or None,
            permits=permits,
            accessories=self.officer.accessories,
            declaration=text.id,
            declaration_version=text.version,
            language=text.language,
            clauses=self.declaration.ticked,
            signature=signature,
            countersignature=self.signing.countersignature,
        )

    def _take(self, changes: Changes) -> None:
        for status in changes.statuses:
            if status.key == self._status.key:
                self._status = status
                if self._result is None:
                    self._show_gate(gates.still(self._gate, status))

    def _show_gate(self, gate: Gate) -> None:
        if gate != self._gate:
            self._gate = gate
            self.gate_panel.show_gate(gate)
            self._follow()

    def _set_committing(self, committing: bool) -> None:
        self._committing = committing
        self._busy.setVisible(committing)
        self._busy.setRange(0, 0 if committing else 1)
        self._follow()

    def _follow(self) -> None:
        """Let the buttons say what can be done now, and if not, why not."""
        step, why = self.step, ""
        if step in {DECLARATION, SIGNATURE} and self._gate.state in {GateState.SHUT, GateState.NOT_ASKED}:
            why = "The handset is not verified as clear, so it cannot be handed over."
        elif step == DECLARATION and self.declaration.text is None:
            why = "The declaration is being loaded."
        elif step == SIGNATURE and self._gate.state is GateState.CHECKING:
            why = "The verification is still under way."
        elif step == SIGNATURE and self.signing.signature is None:
            why = "Not signed yet."
        self._why.setText("Writing to the ledger…" if self._committing else why)
        shut = step in {DECLARATION, SIGNATURE} and self._gate.state is GateState.SHUT
        self._why.setProperty("role", "fault" if shut else "soft")
        self._why.style().polish(self._why)
        self._pages.setEnabled(not self._committing and not shut)
        self.go_on.setEnabled(not why and not self._committing)
        self.go_on.say({SIGNATURE: "Hand over", RECEIPT: "Close"}.get(step, "Continue"))
        self.back.setVisible(step in {DECLARATION, SIGNATURE})
        self.back.setEnabled(not self._committing)
        self.cancel.setVisible(step != RECEIPT)
        self.cancel.setEnabled(not self._committing)
        self.gate_panel.again.setEnabled(not self._committing)

    async def _confirm_leaving(self) -> None:
        title, text = "Leave without handing over?", "The signature is thrown away. Nothing is written to the ledger."
        if await ended(Question(self._theme, title, text, yes="Leave", no="Stay", parent=self)):
            super().reject()

    def reject(self) -> None:
        """Leave; not while it is being committed, and not with a signature unasked."""
        if self._committing:
            return
        if self._result is not None:
            self.accept()
        elif self.signing.pad.signed or self.signing.desk_pad.signed:
            self._tasks.start(self._confirm_leaving(), "ask about leaving")
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Treat the window's own button like Esc."""
        event.ignore()
        self.reject()
