"""The seal from the window: asked once more, then done, then said; only its disappearance counts as success."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.stages import seal, verify
from provisioning.status import Phase, SessionStatus
from ui.actions import DeskActions, SealResult
from ui.buttons import Button
from ui.dialogs import Question, ended
from ui.marks import Badge
from ui.phrases import name_of
from ui.plain import SelectableWords, Words
from ui.signs import PHASE_SIGN, Shape, Sign, Tone
from ui.theme import Theme

WARNING = (
    "It is read once more; only what is clear is sealed. Then debugging is forbidden on it for good: no computer, "
    "this one included, can read or change it over the cable again. So hand it over first, and leave the cable in "
    "until the desk says that it is sealed; that may take a minute."
)
_SEALED = Sign(Shape.DISC, Tone.READY, "Sealed")


def sealable(status: SessionStatus) -> bool:
    """True for an Android that was found clear, is on the books so, and hangs on the cable."""
    return status.phase is Phase.READY and status.attachment.platform is Platform.ANDROID and bool(status.record)


def after_seal(status: SessionStatus) -> tuple[str, ...]:
    """Name what the policy forbids on it and what comes into force only with the seal; nothing once it is sealed."""
    outcomes = [record.outcome for record in status.stages]
    if any(isinstance(outcome, seal.Sealed) for outcome in outcomes):
        return ()
    return next((outcome.after_seal for outcome in outcomes if isinstance(outcome, verify.Verified)), ())


async def seal_chosen(theme: Theme, actions: DeskActions, status: SessionStatus, parent: QWidget) -> None:
    """Ask, seal, and show what came of it. Raises what the desk raises."""
    serial = one_line(status.serial_number or "", 40)
    title = f"Seal {name_of(status)}?"
    question = Question(theme, title, f"{serial}. {WARNING}", yes="Seal", no="Leave it open", parent=parent)
    if await ended(question):
        result = await actions.seal(status.key)
        await ended(SealSheet(theme, result, serial, parent))


async def seal_followed(theme: Theme, actions: DeskActions, key: str, serial: str, parent: QWidget) -> None:
    """Wait for the seal that a handover began, and show what came of it if it is not sealed.

    Not modal and without the focus: the next officer is being served meanwhile.
    """
    result = await actions.sealed(key)
    if result.sealed is False:
        sheet = SealSheet(theme, result, serial, parent)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        sheet.show()


class SealSheet(QDialog):
    """What the seal came to."""

    def __init__(self, theme: Theme, result: SealResult, serial: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Seal")
        self.setMinimumWidth(420)
        sign = {True: _SEALED, False: PHASE_SIGN[Phase.NOT_CLEAR], None: PHASE_SIGN[Phase.SEEN]}[result.sealed]
        word = {True: "Sealed", False: "Not sealed", None: "Needs no seal"}[result.sealed]
        close = Button(theme, "Close", role="primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(Badge(theme, Sign(sign.shape, sign.tone, word)))
        layout.addWidget(SelectableWords(serial, "serial"))
        layout.addWidget(Words(one_line(result.sentence, 500), wrap=True))
        layout.addSpacing(6)
        layout.addLayout(foot)
        close.setFocus()
