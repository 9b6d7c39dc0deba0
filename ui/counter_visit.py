"""One officer at the counter: who it is, which handsets and things they get, how the gate of each stands. No Qt here.

Only what was scanned or chosen for this officer is in a visit, and a visit has one officer from its first handset on:
another officer's card never changes whom the handsets go to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from provisioning.status import SessionStatus
from ui import gate as gates
from ui.actions import OfficerFacts
from ui.agreement import Entitlement, HandsetWish, Thing
from ui.gate import Gate, GateState


@dataclass(slots=True)
class Chosen:
    """A handset of the visit. ``asked`` is the officer for whom it is being or was verified, empty before that.

    ``override`` says why it goes to this officer, where ``entitled`` says that the orders mean something else.
    """

    status: SessionStatus
    gate: Gate = field(default_factory=lambda: Gate(GateState.NOT_ASKED, ""))
    asked: str = ""
    entitled: Entitlement = field(default_factory=Entitlement)
    condition: str = ""
    override: str = ""

    @property
    def argued(self) -> bool:
        """True where the orders mean nothing else, or it was said why it goes all the same."""
        return not self.entitled.otherwise or bool(self.override.strip())


@dataclass(slots=True)
class Visit:
    """What has been scanned and chosen so far. ``things`` are SIM cards and the like, by their numbers."""

    name: str = field(default_factory=lambda: uuid4().hex)
    """Names it in the ledger, so that it is not handed over twice."""
    officer: OfficerFacts | None = None
    handsets: dict[str, Chosen] = field(default_factory=dict[str, Chosen])
    things: dict[str, Thing] = field(default_factory=dict[str, Thing])

    @property
    def empty(self) -> bool:
        """True while there is nothing that an officer could get by mistake."""
        return not self.handsets and not self.things

    @property
    def open(self) -> bool:
        """True where there is something and every handset was verified for this officer and is clear."""
        return not self.empty and all(one.gate.state is GateState.OPEN for one in self.handsets.values())

    @property
    def shut(self) -> Chosen | None:
        """Give the first handset that may not go."""
        return next((one for one in self.handsets.values() if one.gate.state is GateState.SHUT), None)

    @property
    def unargued(self) -> Chosen | None:
        """Give the first handset that is ordered otherwise, while nobody has said why it goes all the same."""
        return next((one for one in self.handsets.values() if not one.argued), None)

    @property
    def wishes(self) -> tuple[HandsetWish, ...]:
        """Give the handsets as they are asked for."""
        return tuple(
            HandsetWish(key, one.condition.strip(), one.override.strip() if one.entitled.otherwise else "")
            for key, one in self.handsets.items()
        )

    def unverified(self) -> list[str]:
        """Give the handsets that nobody has begun to verify for this officer."""
        number = self.officer.number if self.officer else ""
        return [key for key, one in self.handsets.items() if number and one.asked != number]

    def begin_check(self, key: str) -> str:
        """Note that a handset is being verified now; gives the officer's number that the answer must be for."""
        assert self.officer is not None, "it is verified for somebody"
        chosen = self.handsets[key]
        chosen.asked, chosen.gate = self.officer.number, gates.checking(None)
        return chosen.asked

    def answer(self, key: str, asked: str, fresh: SessionStatus) -> None:
        """Take a verification's result, unless it is another officer's by now."""
        chosen = self.handsets.get(key)
        if chosen is not None and self.officer is not None and chosen.asked == asked == self.officer.number:
            chosen.status, chosen.gate = fresh, gates.judged(fresh)

    def order(self, key: str, asked: str, entitled: Entitlement) -> None:
        """Take what the orders say, unless it is about another officer by now."""
        chosen = self.handsets.get(key)
        if chosen is not None and chosen.asked == asked:
            chosen.entitled = entitled

    def broke_off(self, key: str, asked: str, why: str = "The verification was broken off. Verify again (F5).") -> None:
        """Take it that a verification came to no end."""
        chosen = self.handsets.get(key)
        if chosen is not None and chosen.asked == asked:
            chosen.asked = ""
            chosen.gate = gates.refused(why, chosen.status)

    def refuse(self, sentence: str) -> None:
        """Shut the gate of the whole visit: the engine will not hand over."""
        for chosen in self.handsets.values():
            chosen.gate = gates.refused(sentence, chosen.status)

    def came_back(self, status: SessionStatus) -> bool:
        """Tell whether a handset of this visit was unplugged and is ready again, and its gate still shut."""
        chosen = self.handsets.get(status.key)
        return chosen is not None and gates.came_back(chosen.gate, status)

    def follow(self, status: SessionStatus) -> bool:
        """Take news of a handset; True where it changes anything here."""
        chosen = self.handsets.get(status.key)
        if chosen is None:
            return False
        before = chosen.gate
        chosen.status, chosen.gate = status, gates.still(chosen.gate, status)
        return chosen.gate != before
