"""Unplug in this order: a bay that can be read from the shelf, whose handset it is, and at once what was wrong.

It stands beside the wall, which goes on. A step is done when the cable is really out. Closing it is leaving: opened
again it goes on where the cables say that it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.status import SessionStatus
from ui.buttons import Button
from ui.card import bay_of, model_of
from ui.plain import Words
from ui.signs import PHASE_SIGN
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme
from ui.unplug_walk import Pulled, UnplugWalk
from ui.wall_actions import Label, WallActions

NOTHING = "Nothing that is plugged in is ready."


@steady
class UnplugSheet(QDialog):
    """The sheet. ``statuses`` gives the sessions as they stand when it is called.

    Signals:
        labels_wanted: emitted when somebody wants labels for what is still to be unplugged.
        told: emitted with what was said and whether it was right, for whoever listens rather than looks.
    """

    labels_wanted = Signal()
    told = Signal(str, bool)

    def __init__(
        self,
        theme: Theme,
        actions: WallActions,
        statuses: Callable[[], Mapping[str, SessionStatus]],
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Unplug in this order")
        self._actions = actions
        self._statuses = statuses
        self._tasks = Tasks(self, report)
        self._labels: dict[str, Label] = {}
        self._asked: set[str] = set()
        self.walk = UnplugWalk(statuses())
        self._title = Words("Unplug bay", "soft")
        self.number = Words("")
        self.number.setFont(theme.fonts.number)
        self.what = Words("", "title", wrap=True)
        self.whose = Words("", wrap=True)
        self.then = Words("", "soft", wrap=True)
        self.said = Words("", "title", wrap=True)
        self._frame = QFrame()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._count = Words("", "soft")
        self.skip = Button(theme, "Later", tip="Leave this one for the end (S)")
        self.labels = Button(theme, "Print labels…", "printer", tip="For all that are still to come, in this order (L)")
        self.leave = Button(theme, "Close", role="primary", tip="Leave; it goes on from there (Esc)")
        self._lay_out()
        self.skip.clicked.connect(self._skip)
        self.labels.clicked.connect(self.labels_wanted)
        self.leave.clicked.connect(self.reject)
        self.number.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.number.setFocus()  # on no button: a key that was meant for nothing must skip and print nothing
        self.resize(640, 520)
        self._show()

    def refresh(self) -> None:
        """Look what came out since the last time."""
        for event in self.walk.take(self._statuses()):
            self._tell(event)
        self._show()

    def _lay_out(self) -> None:
        for words in (self._title, self.number, self.what, self.whose, self.then, self.said):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._frame.setProperty("role", "said")
        inner = QVBoxLayout(self._frame)
        inner.addWidget(self.said)
        foot = QHBoxLayout()
        foot.addWidget(self.skip)
        foot.addWidget(self.labels)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(8)
        layout.addWidget(self._count)
        layout.addWidget(self._bar)
        layout.addStretch(1)
        layout.addWidget(self._title)
        layout.addWidget(self.number)
        layout.addWidget(self.what)
        layout.addWidget(self.whose)
        layout.addStretch(1)
        layout.addWidget(self._frame)
        layout.addWidget(self.then)
        layout.addLayout(foot)

    def _skip(self) -> None:
        self.walk.skip()
        self._show()

    def _tell(self, event: Pulled) -> None:
        self.said.setText(one_line(event.sentence, 300))
        self._frame.setProperty("tone", "" if event.right else "refused")
        self._frame.style().polish(self._frame)
        self.told.emit(event.sentence, event.right)

    def _show(self) -> None:
        steps, out = self.walk.steps, self.walk.out
        total = len(steps) + out
        self._bar.setMaximum(max(total, 1))
        self._bar.setValue(out)
        self._count.setText(f"{out} of {total} are out" if total else NOTHING)
        self._frame.setVisible(bool(self.said.text()))
        self.skip.setEnabled(len(steps) > 1)
        self.labels.setEnabled(bool(steps))
        self._title.setVisible(bool(steps))
        if steps:
            self._show_step(steps[0], steps[1:3])
        else:
            self._show_end(out)
        missing = tuple(
            one.serial_number for one in steps if one.serial_number and one.serial_number not in self._asked
        )
        if missing:
            self._asked.update(missing)
            self._tasks.start(self._look_up(missing), "look up what is unplugged")

    def _show_step(self, step: SessionStatus, after: list[SessionStatus]) -> None:
        label = self._labels.get(step.serial_number or "", Label())
        serial = one_line(step.serial_number or "", 40)
        self.number.setText(bay_of(step).label)
        self.number.setAccessibleName(f"Unplug bay {bay_of(step).label}")
        self.what.setText(" · ".join(one for one in (one_line(label.asset_tag, 40), model_of(step)) if one))
        self.whose.setText(f"For {one_line(label.whom, 120)}" if label.whom else f"Serial number {serial}")
        bays = ", ".join(bay_of(one).label for one in after)
        self.then.setText(f"Then {bays}." if bays else "This is the last one.")

    def _show_end(self, out: int) -> None:
        self.number.setText("✓" if out else "–")
        self.number.setAccessibleName("Done")
        self.what.setText("All that were ready are out." if out else NOTHING)
        self.whose.setText("")
        staying = self.walk.staying
        shown = [f"{bay_of(one).label} ({PHASE_SIGN[one.phase].word.lower()})" for one in staying[:8]]
        more = f" and {len(staying) - 8} more" if len(staying) > 8 else ""
        self.then.setText(f"These stay: {', '.join(shown)}{more}." if staying else "Nothing else is plugged in.")

    async def _look_up(self, serials: tuple[str, ...]) -> None:
        self._labels |= await self._actions.labels(serials)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take single letters here: a shortcut would take them out of the middle of a scan."""
        match event.text().casefold():
            case "s" if not event.modifiers():
                self.skip.click()
            case "l" if not event.modifiers():
                self.labels.click()
            case _:
                super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Stop looking things up."""
        self._tasks.cancel()
        super().done(result)
