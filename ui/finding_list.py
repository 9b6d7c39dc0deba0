"""Findings, worst first, and what was not checked: a sign, the sentence, and in small the rule and the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from provisioning.inventory import Unread
from provisioning.plain_text import one_line
from provisioning.policy.effective import Severity
from provisioning.verification.judgement import Finding
from ui.marks import Mark
from ui.plain import SelectableWords, Words
from ui.signs import NOT_READ, SEVERITY_SIGN, Sign
from ui.theme import Theme

MOST = 50
"""More findings than this are counted, not listed."""
_ORDER = list(Severity)


class FindingList(QWidget):
    """What was found."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._shown: object = None

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show these, those that weigh most at the top."""
        if self._begin(("findings", tuple(findings))):
            worst_first = sorted(findings, key=lambda finding: _ORDER.index(finding.severity))
            for finding in worst_first[:MOST]:
                evidence = ", ".join(one_line(f"{one.kind} {one.value}", 80) for one in finding.evidence[:4])
                small = f"{one_line(finding.rule, 60)} · {one_line(finding.where, 60)}" + (
                    f" · {evidence}" if evidence else ""
                )
                self._add(SEVERITY_SIGN[finding.severity], one_line(finding.sentence, 400), small)
            self._rest(len(findings))

    def show_unread(self, unread: Sequence[Unread]) -> None:
        """Show what was not checked and why."""
        if self._begin(("unread", tuple(unread))):
            for area in unread[:MOST]:
                self._add(NOT_READ, one_line(area.area, 160), one_line(area.why, 300), headed=False)
            self._rest(len(unread))

    def _begin(self, shown: object) -> bool:
        if shown == self._shown:
            return False
        self._shown = shown
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        return True

    def _add(self, sign: Sign, sentence: str, small: str, *, headed: bool = True) -> None:
        row = QFrame(self)
        row.setProperty("role", "card")
        row.setAccessibleName(f"{sign.word}: {sentence}")
        layout = QGridLayout(row)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(3)
        layout.addWidget(Mark(self._theme, sign), 0, 0, Qt.AlignmentFlag.AlignTop)
        if headed:
            layout.addWidget(Words(sign.word, "strong"), 0, 1)
        layout.addWidget(SelectableWords(sentence, wrap=True), int(headed), 1)
        layout.addWidget(SelectableWords(small, "soft", wrap=True), 2, 1)
        layout.setColumnStretch(1, 1)
        self._layout.addWidget(row)

    def _rest(self, total: int) -> None:
        if total > MOST:
            self._layout.addWidget(
                Words(f"And {total - MOST} more; the verification record holds all of them.", "soft")
            )
