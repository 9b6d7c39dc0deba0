"""What the map of the hubs shows: hub by hub, each port in its place, from the bays and the sessions. No Qt here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from provisioning.plain_text import one_line
from provisioning.status import Phase, SessionStatus
from ui.bay_actions import BayFacts
from ui.bays import hub_title, order_of, read_bay
from ui.card import bay_of, model_of
from ui.signs import MISTRUSTED, PHASE_SIGN, Shape, Sign, Tone
from ui.standing import standing

EMPTY = Sign(Shape.RING, Tone.CALM, "Empty")
TWICE = Sign(Shape.SQUARE, Tone.FAULT, "Here twice")


@dataclass(frozen=True, slots=True)
class PortFace:
    """One port. ``key`` is that of the session in it, or empty; ``warning`` is about the port itself."""

    label: str
    sign: Sign
    key: str
    model: str
    told: str
    warning: str

    @property
    def spoken(self) -> str:
        """Give what a screen reader says for it."""
        warned = MISTRUSTED.word if self.warning else ""
        return ", ".join(piece for piece in (f"Bay {self.label}", self.sign.word, self.model, warned) if piece)


@dataclass(frozen=True, slots=True)
class HubFace:
    """One hub with its ports in physical order."""

    title: str
    ports: tuple[PortFace, ...]


def hub_faces(bays: Iterable[BayFacts], statuses: Iterable[SessionStatus]) -> tuple[HubFace, ...]:
    """Draw the plan: every bay that is known, and every other that has a handset in it, in the order of counting."""
    known = {bay.label: bay for bay in bays}
    here: dict[str, SessionStatus] = {}
    for status in statuses:
        label = bay_of(status).label
        # What was pulled shows only while nothing else is plugged in there.
        if label not in here or here[label].phase is Phase.UNPLUGGED:
            here[label] = status
    plugged = [status for status in here.values() if status.phase is not Phase.UNPLUGGED]
    twice = {
        serial for serial, number in Counter(one.serial_number for one in plugged).items() if serial and number > 1
    }
    hubs: dict[str, list[tuple[tuple[object, ...], PortFace]]] = {}
    for label in {*known, *here}:
        bay, read = known.get(label), read_bay(label)
        hub = bay.hub if bay is not None and bay.hub else read.hub
        order = (0, bay.position, label) if bay is not None and bay.position else (1, 0, *order_of(hub, label)[2:])
        hubs.setdefault(hub, []).append((order, _face(label, here.get(label), bay, twice, plugged)))
    return tuple(
        HubFace(hub_title(hub), tuple(face for _, face in sorted(ports, key=lambda pair: pair[0])))
        for hub, ports in sorted(hubs.items(), key=lambda pair: order_of(pair[0], ""))
    )


def _face(
    label: str,
    status: SessionStatus | None,
    bay: BayFacts | None,
    twice: set[str],
    plugged: list[SessionStatus],
) -> PortFace:
    label, warning = one_line(label, 24), one_line(bay.sentence, 300) if bay is not None else ""
    if status is None:
        seen = bay.handsets if bay is not None else 0
        told = f"Nothing is plugged in. {seen or 'No'} handset{'' if seen == 1 else 's'} so far."
        return PortFace(label, EMPTY, "", "", told, warning)
    serial = status.serial_number
    if serial in twice and status.phase is not Phase.UNPLUGGED:
        others = [bay_of(one).label for one in plugged if one.serial_number == serial and bay_of(one).label != label]
        told = f"{one_line(serial or '', 40)} is in bay {' and '.join(others)} too: unplug all but the true one."
        return PortFace(label, TWICE, status.key, model_of(status), told, warning)
    return PortFace(label, PHASE_SIGN[status.phase], status.key, model_of(status), standing(status), warning)
