"""Show the entries behind a bar of the dashboard in the list of the ledger."""

from __future__ import annotations

from provisioning.readers.counts import Count, Figures, Group
from ui.ledger_place import LedgerPlace
from ui.reading_actions import ReadingActions
from ui.rollout_phrases import behind_title, days_of


async def show_behind(actions: ReadingActions, ledger: LedgerPlace, group: Group, count: Count, found: Figures) -> None:
    """Read them and show them."""
    title = behind_title(group, count, found)
    ledger.show_behind(f"{title}. They are being read", 0, ())
    lines = await actions.behind(group, count.key, *days_of(group, count, found))
    wanted = 1 if group is Group.PERMIT else count.number
    ledger.show_behind(title, wanted, lines)
