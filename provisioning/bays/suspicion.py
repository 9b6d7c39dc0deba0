"""Which ports are to be mistrusted, judged from what became of the handsets there; each in one sentence.

A port is compared with its neighbours, and each handset counts once: what it did last. A handset that is lost in one
bay after the other is a bad handset, and a desk where every bay loses some has another trouble than a cable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.bays.port_history import PortRecord, Visit, VisitEnd

RECENT = 5
"""Handsets of a port that are looked at, the last ones."""
ENOUGH = 2
"""Handsets that a port must have lost, or found silent, before it is spoken of."""
NEIGHBOURS = 8
"""Handsets that the other bays of the hub must have had before one that never had any is called dead."""


@unique
class PortTrouble(StrEnum):
    """What is wrong with a port, as far as its history tells."""

    LOSES = "loses handsets"
    SILENT = "silent"
    HUB = "hub goes"
    DEAD = "never anything"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A port that is to be mistrusted, and the sentence for people."""

    trouble: PortTrouble
    sentence: str


def suspicions(records: Mapping[str, PortRecord], bays: Mapping[str, tuple[str, str]]) -> Mapping[str, Suspicion]:
    """Judge every bay by label. ``bays`` maps each known port to its label and hub; a bay may have two ports."""
    found: dict[str, Suspicion] = {}
    hub_of = dict(bays.values())
    by_bay: dict[str, list[Visit]] = {label: [] for label in hub_of}
    for port, record in records.items():
        label = bays[port][0] if port in bays else record.bay
        by_bay.setdefault(label, []).extend(record.visits)
    recent = {label: _recent(visits) for label, visits in by_bay.items()}
    lost_at: dict[str, set[str]] = {}
    for label, visits in recent.items():
        for visit in visits:
            if visit.end is VisitEnd.LOST and visit.serial_number:
                lost_at.setdefault(visit.serial_number, set()).add(label)
    wanderers = {serial for serial, labels in lost_at.items() if len(labels) > 1}
    desk = Counter(visit.end for visits in recent.values() for visit in visits)
    busy = Counter(dict.fromkeys(hub_of.values(), 0))
    for label, visits in recent.items():
        busy[hub_of.get(label, "")] += len(visits)
    for label, visits in recent.items():
        others = desk - Counter(visit.end for visit in visits)
        suspicion = _judge(label, visits, others, wanderers) or (
            _dead(label, hub_of[label], busy[hub_of[label]]) if label in hub_of and not visits else None
        )
        if suspicion is not None:
            found[label] = suspicion
    return found


def _judge(label: str, visits: list[Visit], others: Counter[VisitEnd], wanderers: set[str]) -> Suspicion | None:
    total = len(visits)
    lost = [visit for visit in visits if visit.end is VisitEnd.LOST and visit.serial_number not in wanderers]
    silent = [visit for visit in visits if visit.end is VisitEnd.SILENT]
    together = [visit for visit in visits if visit.end is VisitEnd.WITH_OTHERS]
    if len(lost) >= ENOUGH and _worse(len(lost), total, others, VisitEnd.LOST):
        elsewhere = _elsewhere(others, VisitEnd.LOST)
        said = f"Bay {label} lost {len(lost)} of its last {total} handsets in mid-work, {elsewhere}: "
        return Suspicion(PortTrouble.LOSES, said + "change its cable, or use another port.")
    if len(silent) >= ENOUGH and _worse(len(silent), total, others, VisitEnd.SILENT):
        elsewhere = _elsewhere(others, VisitEnd.SILENT)
        said = f"In bay {label} {len(silent)} of the last {total} handsets never said a word, {elsewhere}: "
        return Suspicion(PortTrouble.SILENT, said + "change its cable (some only charge), or use another port.")
    if len(together) >= ENOUGH:
        said = f"Bay {label} went {len(together)} times together with its neighbours: "
        return Suspicion(PortTrouble.HUB, said + "look at the power supply and the cable of its hub.")
    return None


def _dead(label: str, hub: str, busy: int) -> Suspicion | None:
    if busy < NEIGHBOURS:
        return None
    of_hub = f" of hub {hub}" if hub else ""
    said = f"Bay {label} has never shown a handset, the other bays{of_hub} have shown {busy}: "
    return Suspicion(PortTrouble.DEAD, said + "try another cable; if that does not help, the port is dead.")


def _worse(number: int, total: int, others: Counter[VisitEnd], end: VisitEnd) -> bool:
    """Tell whether a port does clearly worse than the rest: more than twice their share."""
    return not others.total() or number * others.total() > 2 * others[end] * total


def _elsewhere(others: Counter[VisitEnd], end: VisitEnd) -> str:
    if not others.total():
        return "and no other bay has had any yet"
    return "the other bays none" if not others[end] else f"the other bays {others[end]} of {others.total()}"


def _recent(visits: Iterable[Visit]) -> list[Visit]:
    """Give the last visit of each of the last handsets; those that never said who they are count each time."""
    last: dict[str, Visit] = {}
    for number, visit in enumerate(visits):
        key = visit.serial_number or f"\0{number}"
        last.pop(key, None)
        last[key] = visit
    return list(last.values())[-RECENT:]
