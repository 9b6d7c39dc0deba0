"""The rollout as JSON: what `report rollout --json` gives."""

from __future__ import annotations

from datetime import date

from provisioning.canonical import Json
from provisioning.readers.counts import Figures
from provisioning.readers.projection import Projection


def rollout_document(table: Projection, found: Figures) -> dict[str, Json]:
    """Say how far the rollout is: issued, in stock, coming back, running out."""
    days = (found.first.toordinal(), found.last.toordinal())

    def counted(question: str, values: tuple[object, ...] = days) -> dict[str, Json]:
        return {str(name): int(str(number)) for name, number in table.ask(question, values)}

    by: dict[str, Json] = {
        column: counted(f"SELECT {column}, count(*) FROM issued WHERE day BETWEEN ? AND ? GROUP BY 1 ORDER BY 1")
        for column in ("unit", "model", "body", "policy", "platform")
    }
    per_day = {date.fromordinal(int(one.key)).isoformat(): one.number for one in found.by_day if one.number}
    per_month: dict[str, int] = {}
    for day, number in per_day.items():
        per_month[day[:7]] = per_month.get(day[:7], 0) + number
    return {
        "first_day": found.first.isoformat(),
        "last_day": found.last.isoformat(),
        "handovers": found.issued,
        "out": found.in_use,
        "clear_and_here": found.ready,
        "returns": {one.key: one.number for one in sorted(found.reasons, key=lambda one: one.key)},
        "last_verdicts": counted(
            "SELECT verdict, count(*) FROM handsets WHERE verdict IS NOT NULL GROUP BY 1 ORDER BY 1", ()
        ),
        "issued_by": {"day": per_day, "month": per_month, **by},
        "ready_stock": {one.key: one.number for one in found.ready_stock},
        "open_findings": {one.key: one.number for one in found.findings},
        "permits_in_force": found.permits_in_force,
        "permits_ending": [
            {"permit": one.key, "until": date.fromordinal(found.last.toordinal() + one.number).isoformat()}
            for one in found.permits
        ],
        "desks": [
            {"desk": one.desk, "name": one.name, "issued": one.issued, "returned": one.returned, "ready": one.ready,
             "walks": one.walks, "hours": one.hours, "ready_per_hour": one.per_hour}
            for one in found.desks
        ],
    }  # fmt: skip
