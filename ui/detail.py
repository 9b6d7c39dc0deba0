"""All about the chosen handset: how it stands, what can be done, who it is, what was found or not checked, its apps."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.status import Phase, SessionStatus
from provisioning.verification.judgement import JudgedApp
from ui.buttons import Button
from ui.card import bay_of, model_of
from ui.commands import Command
from ui.facts_grid import FactsGrid
from ui.finding_list import FindingList
from ui.flow import Flow
from ui.inventory import InventoryList
from ui.lane import Lane
from ui.marks import Badge
from ui.notice_phrases import notice_sentence
from ui.plain import SelectableWords, Words
from ui.sealing import after_seal, sealable
from ui.section import Section
from ui.short_phrases import wanted
from ui.signs import PHASE_SIGN
from ui.stage_list import StageList
from ui.standing import standing
from ui.steady import steady
from ui.theme import Theme

SYSTEM = {Platform.IOS: "iOS", Platform.ANDROID: "Android"}


@steady
class Detail(QFrame):
    """One handset. Emits what a person wants done; does nothing itself.

    Signals:
        wanted: emitted with the :class:`~ui.commands.Command` whose button was pressed.
    """

    wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._status: SessionStatus | None = None
        self.setProperty("role", "panel")
        self.setAccessibleName("Chosen handset")
        self.setMinimumWidth(300)
        self._stack = QStackedLayout(self)
        self.lane = Lane(theme)
        self._stack.addWidget(self.lane)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack.addWidget(self._scroll)
        self._body: _Body | None = None

    @property
    def status(self) -> SessionStatus | None:
        """Give what is shown."""
        return self._status

    def open_apps(self) -> None:
        """Unfold the list of apps."""
        if self._body is not None:
            self._body.app_section.open()

    def scroll_to_end(self) -> None:
        """Bring the end of what is known into sight."""
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())

    def sizeHint(self) -> QSize:
        """Ask for about 48 letters to a line."""
        return QSize(self.fontMetrics().averageCharWidth() * 52, 600)

    def show_status(self, status: SessionStatus | None) -> None:
        """Show a handset, or that none is chosen."""
        before, self._status = self._status, status
        if status is None:
            self._stack.setCurrentIndex(0)
            return
        if self._body is None:
            self._body = _Body(self, self._theme)
            self._scroll.setWidget(self._body)
            self._body.setAutoFillBackground(False)
            self._scroll.viewport().setAutoFillBackground(False)
        self._body.show_status(status)
        self._stack.setCurrentIndex(1)
        if before is None or before.key != status.key:
            self._scroll.verticalScrollBar().setValue(0)


class _Body(QWidget):
    def __init__(self, detail: Detail, theme: Theme) -> None:
        super().__init__()
        self._badge = Badge(theme, PHASE_SIGN[Phase.SEEN])
        self._title = Words(role="title", wrap=True)
        self._where = Words(role="soft", wrap=True)
        self._standing = SelectableWords(wrap=True)
        self._notices = SelectableWords(role="fault", wrap=True)
        self._facts = FactsGrid(theme)
        self._hand_over = Button(
            theme, "Hand over…", "pen-line", role="primary", tip="Hand this handset to an officer (Ctrl+H)"
        )
        self._take_back = Button(
            theme, "Take back…", "undo-2", tip="Book that it came back, or what became of it (Ctrl+Shift+R)"
        )
        self._seal = Button(theme, "Seal…", "lock", tip="Close it to every computer for good (Ctrl+Shift+S)")
        self._look = Button(theme, "Look again", "refresh-cw", tip="Ask the handset again now (R)")
        self._begin = Button(theme, "Provision", "play", tip="Begin or repeat all stages (Ctrl+Return)")
        self._stop = Button(theme, "Stop", "circle-stop", tip="Stop after the step in hand (Ctrl+.)")
        for button, command in (
            (self._hand_over, Command.HAND_OVER),
            (self._take_back, Command.TAKE_BACK),
            (self._seal, Command.SEAL),
            (self._look, Command.LOOK_AGAIN),
            (self._begin, Command.PROVISION),
            (self._stop, Command.STOP),
        ):
            button.clicked.connect(lambda _=False, command=command: detail.wanted.emit(command))
        self._findings = FindingList(theme)
        self._unread = FindingList(theme)
        self._stages = StageList(theme)
        self._theme = theme
        self._judged: tuple[JudgedApp, ...] = ()
        self._apps: InventoryList | None = None
        self._finding_section = Section(theme, "Findings", lambda: self._findings)
        self._unread_section = Section(theme, "Not checked", lambda: self._unread)
        self._stage_section = Section(theme, "Stages", lambda: self._stages)
        self.app_section = Section(theme, "Apps", self._make_apps, opened=False)
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 18)
        layout.setSpacing(0)
        layout.addWidget(self._badge)
        layout.addSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._where)
        layout.addSpacing(10)
        layout.addWidget(self._standing)
        layout.addWidget(self._notices)
        layout.addSpacing(12)
        actions = QWidget()
        flow = Flow(8, actions)
        for button in (self._hand_over, self._take_back, self._seal, self._look, self._begin, self._stop):
            flow.addWidget(button)
        layout.addWidget(actions)
        layout.addWidget(self._facts)
        for section in (self._finding_section, self._unread_section, self._stage_section, self.app_section):
            layout.addWidget(section)
        layout.addStretch(1)

    def _make_apps(self) -> QWidget:
        self._apps = InventoryList(self._theme, self)
        self._apps.show_apps(self._judged)
        return self._apps

    def show_status(self, status: SessionStatus) -> None:
        self._badge.show_sign(PHASE_SIGN[status.phase])
        self._title.setText(model_of(status))
        who = status.identity or status.glimpse
        system = f" · {SYSTEM[status.attachment.platform]} {one_line(who.os_version or '', 20)}" if who else ""
        self._where.setText(f"Bay {bay_of(status).label}{system}".rstrip())
        self._standing.setText(standing(status, f"the {model_of(status)}"))
        told = status.notices if status.phase is not Phase.UNPLUGGED else ()
        self._notices.setText(" ".join(notice_sentence(one, f"the {model_of(status)}") for one in told))
        self._notices.setVisible(bool(told))
        self._facts.show_facts(_facts(status))
        self._hand_over.setVisible(status.phase is Phase.READY)
        # Whatever the books say about a handset in somebody’s hands is mended by a return.
        self._take_back.setVisible(bool(status.notices) and bool(status.serial_number))
        self._seal.setVisible(sealable(status))
        self._look.setVisible(wanted(status) or status.phase in {Phase.NOT_CLEAR, Phase.UNKNOWN, Phase.STOPPED})
        self._begin.setVisible(status.phase is Phase.SEEN)
        self._stop.setVisible(status.phase in {Phase.WORKING, Phase.WAITING} or wanted(status))
        judgement = status.judgement
        findings = judgement.findings if judgement else ()
        unread = judgement.not_checked if judgement else ()
        self._findings.show_findings(findings)
        self._finding_section.say(f"Findings ({len(findings)})")
        self._finding_section.setVisible(bool(findings))
        self._unread.show_unread(unread)
        self._unread_section.say(f"Not checked ({len(unread)})")
        self._unread_section.setVisible(bool(unread))
        self._stages.show_status(status)
        self._stage_section.setVisible(bool(status.walk or status.stages))
        self._judged = judgement.apps if judgement else ()
        if self._apps is not None:
            self._apps.show_apps(self._judged)
        self.app_section.say(f"Apps ({judgement.apps_seen if judgement else 0})")
        self.app_section.setVisible(judgement is not None)


def _facts(status: SessionStatus) -> dict[str, str]:
    identity = status.identity
    udid = (identity.udid if identity else None) or status.attachment.udid
    return {
        "Serial": one_line(identity.serial_number, 40) if identity else "",
        "IMEI": one_line(identity.imei or "", 40) if identity else "",
        "UDID": one_line(udid or "", 60),
        "Model": one_line(identity.model, 40) if identity else "",
        "Build": one_line(identity.build, 60) if identity else "",
        "Patch": one_line(identity.security_patch or "", 20) if identity else "",
        "Record": one_line(status.record, 80),
        "With the seal": one_line(", ".join(after_seal(status)), 120),
    }
