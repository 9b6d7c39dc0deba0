"""The counts for the public and the rollout, as sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from provisioning.canonical import Json
from provisioning.readers.counts import AsOf, Count, DeskRate, Figures
from provisioning.readers.projection import Projection
from provisioning.readers.public_counts import public_counts
from provisioning.readers.sheet import Part, Sheet
from provisioning.readers.statements import Frame, sheet_of


def foi(table: Projection, frame: Frame, as_of: AsOf) -> Sheet:
    """Give the counts for a freedom-of-information request, with nothing about a person in them."""
    counts = public_counts(table)
    tables = {name: value for name, value in counts.items() if isinstance(value, Mapping)}
    whole = tuple(
        (name.replace("_", " ").capitalize(), _number(counts[name])) for name in ("handsets_issued", "handsets_in_use")
    )
    parts = (
        Part("In all", (str(counts["note"]),), whole),
        *(
            Part(name.replace("_", " ").capitalize(), (), (), ("", "Handsets"),
                 tuple((key, _number(number)) for key, number in value.items()), "None.")
            for name, value in tables.items()
        ),
    )  # fmt: skip
    return sheet_of("Counts for the public", "", frame, as_of, parts, counts)


def rollout(found: Figures, frame: Frame, data: Mapping[str, Json]) -> Sheet:
    """Give the dashboard's figures; ``data`` is what the command line gives as JSON (``rollout_document``)."""
    numbers = (
        ("Issued in the period", f"{found.issued:,}"), ("Came back in the period", f"{found.returned:,}"),
        ("In use now", f"{found.in_use:,}"), ("Verified clear and here now", f"{found.ready:,}"),
        ("Permits in force now", f"{found.permits_in_force:,}"), ("Open findings now", f"{found.open_findings:,}"),
    )  # fmt: skip

    def bars(title: str, counts: Sequence[Count]) -> Part:
        listed = tuple((one.label, one.number) for one in counts)
        return Part(title, (), bars=listed) if listed else Part(title, ("None.",))

    months: dict[str, int] = {}
    for one in found.by_day:
        month = f"{date.fromordinal(int(one.key)):%B %Y}"
        months[month] = months.get(month, 0) + one.number
    parts = (
        Part("In numbers", (), numbers),
        Part("Issued by month", (), bars=tuple(months.items())),
        bars("Issued by unit", found.by_unit),
        bars("Issued by model", found.by_model),
        bars("Issued by body", found.by_body),
        bars("Ready stock by model", found.ready_stock),
        bars("Open findings", found.findings),
        Part("Permits that run out", (), (), ("Permit", "For", "Days left"),
             tuple((one.label, one.detail, str(one.number)) for one in found.permits), "None within 14 days."),
        Part("Desks", (RATE,), (), ("Desk", "Issued", "Came back", "Ready", "Hours at work", "Ready an hour"),
             tuple(_desk_row(one) for one in found.desks), "No desk has worked in this period."),
    )  # fmt: skip
    about = f"{found.first:%d %b %Y} to {found.last:%d %b %Y}"
    return sheet_of("Rollout", about, frame, found.as_of, parts, data)


RATE = "An hour at work is one in which a walk ended there or something changed hands there."


def _desk_row(one: DeskRate) -> tuple[str, ...]:
    rate = f"{one.per_hour:.1f}" if one.per_hour is not None else "too few hours"
    return one.name, f"{one.issued:,}", f"{one.returned:,}", f"{one.ready:,}", f"{one.hours:,}", rate


def _number(value: Json) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
