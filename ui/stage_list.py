"""The stages of a walk, one under the other: sign, title, seconds, and the sentence of what was said last."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from provisioning.status import Phase, SessionStatus, StageRecord
from provisioning.walk import PROVISION, StageName
from ui.card import model_of
from ui.marks import Mark
from ui.phrases import STAGE_TITLE, sentence
from ui.plain import Words
from ui.short_phrases import STAGE_DOING
from ui.signs import DONE, NOT_BEGUN, Sign, stage_sign
from ui.theme import Theme


class StageList(QWidget):
    """All stages of the walk; those that were not reached yet are there too, so that it is plain what is left."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: dict[StageName, _StageRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(2, 0, 0, 0)
        self._layout.setSpacing(8)

    def show_status(self, status: SessionStatus) -> None:
        """Show how far this handset has come."""
        walk = status.walk or PROVISION
        for name in StageName:
            if name in walk and name not in self._rows:
                self._rows[name] = _StageRow(self._theme, self)
                self._layout.addWidget(self._rows[name])
        records = {record.name: record for record in status.stages}
        who = f"the {model_of(status)}"
        for name, row in self._rows.items():
            row.setVisible(name in walk)
            current = name is status.stage
            record = records.get(name)
            sign = stage_sign(record, current=current, phase=status.phase)
            row.show_stage(name, record, sign, who, under_way=current and status.phase is Phase.WORKING)


class _StageRow(QWidget):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._mark = Mark(theme, NOT_BEGUN)
        self._title = Words()
        self._seconds = Words(role="soft")
        self._sentence = Words(role="soft", wrap=True)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(1)
        layout.addWidget(self._mark, 0, 0)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._seconds, alignment=Qt.AlignmentFlag.AlignRight)
        layout.addLayout(head, 0, 1)
        layout.addWidget(self._sentence, 1, 1)
        layout.setColumnStretch(1, 1)
        self._shown: object = None

    def show_stage(self, name: StageName, record: StageRecord | None, sign: Sign, who: str, *, under_way: bool) -> None:
        shown = (name, record, sign, who, under_way)
        if shown == self._shown:
            return
        self._shown = shown
        self._mark.show_sign(sign)
        done = record is not None and sign is DONE
        title = STAGE_TITLE[name] if done else STAGE_DOING[name]
        self._title.setText(title)
        self._title.setProperty("role", "soft" if sign is NOT_BEGUN else "")
        self._title.style().polish(self._title)
        self._seconds.setText(seconds(record.seconds) if record else "")
        told = done and name is StageName.TRUST  # the title says the same
        said = sentence(record.outcome, who) if record and not under_way and not told else ""
        self._sentence.setText(said)
        self._sentence.setVisible(bool(said))
        self.setAccessibleName(f"{title}: {sign.word}. {said}")


def seconds(spent: float) -> str:
    """Give a length of time as people say it: 4.1 s, 48 s, 2 min 05 s."""
    if spent < 10:
        return f"{spent:.1f} s"
    if spent < 120:
        return f"{spent:.0f} s"
    return f"{spent // 60:.0f} min {spent % 60:02.0f} s"
