"""Unplug what is ready in the order of the bays: what is next, what came out, and whether that was right. No Qt here.

Nothing of it is kept: what is next is the first that is ready and plugged in *now*. So a walk that was left goes on
where the cables say that it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.status import Phase, SessionStatus
from ui.card import bay_of, model_of
from ui.signs import PHASE_SIGN


@dataclass(frozen=True, slots=True)
class Pulled:
    """A cable came out or (``back``) went in again; where it was not ``right``, somebody has to do something."""

    key: str
    sentence: str
    right: bool
    back: bool = False


class UnplugWalk:
    """One walk. It is told of every change and compares; an event that it missed is none."""

    def __init__(self, statuses: Mapping[str, SessionStatus]) -> None:
        self._before = dict(statuses)
        self._skipped: set[str] = set()
        self._out: dict[str, SessionStatus] = {}

    @property
    def steps(self) -> list[SessionStatus]:
        """Give what is still to be unplugged: ready and plugged in, in the order of the bays, what was skipped last."""
        here = [one for one in self._before.values() if one.phase is Phase.READY]
        return sorted(here, key=lambda one: (one.key in self._skipped, bay_of(one).order))

    @property
    def out(self) -> int:
        """Give how many were unplugged in this walk and are not back."""
        return len(self._out)

    @property
    def staying(self) -> list[SessionStatus]:
        """Give what is plugged in and not ready: it stays where it is."""
        away = {Phase.READY, Phase.UNPLUGGED}
        return sorted(
            (one for one in self._before.values() if one.phase not in away), key=lambda one: bay_of(one).order
        )

    def skip(self) -> None:
        """Leave the one that is next for the end."""
        if steps := self.steps:
            self._skipped.add(steps[0].key)

    def take(self, statuses: Mapping[str, SessionStatus]) -> list[Pulled]:
        """Compare with what was so before; give what came out or went in, in the order of the bays."""
        order = [one.key for one in self.steps]
        before, self._before = self._before, dict(statuses)
        told: list[Pulled] = []
        for key, was in sorted(before.items(), key=lambda pair: bay_of(pair[1]).order):
            now = statuses.get(key)
            gone = now is None or now.phase is Phase.UNPLUGGED
            if was.phase is Phase.UNPLUGGED:
                if now is not None and not gone and self._out.pop(key, None) is not None:
                    told.append(Pulled(key, f"Bay {bay_of(now).label} is plugged in again.", right=False, back=True))
            elif gone:
                told.append(self._came_out(was, before[order[0]] if order else None))
                if key in order:
                    order.remove(key)
        return told

    def _came_out(self, was: SessionStatus, due: SessionStatus | None) -> Pulled:
        bay = bay_of(was).label
        if was.phase is not Phase.READY or due is None:
            state = PHASE_SIGN[was.phase].word.lower()
            said = f"Bay {bay} was not ready ({state}): plug the {model_of(was)} in again."
            return Pulled(was.key, said, right=False)
        self._out[was.key] = was
        self._skipped.discard(was.key)
        if was.key == due.key:
            return Pulled(was.key, f"Bay {bay} is out.", right=True)
        said = f"That was bay {bay}; bay {bay_of(due).label} is next. Keep its label with it, or plug it in again."
        return Pulled(was.key, said, right=False)
