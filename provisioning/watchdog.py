"""How long a step of a walk may take before it is given up, from what such steps took at this desk before.

Measured are steps that did their whole work, by platform and model; waits for people and for a turn are no part of
them. While too few of a model are measured those of its platform count, and while too few of these are, the usual
limits hold. A limit is never under the time that the platform's own limits allow a step that still ends well
(:data:`FLOOR`), so it only shortens what the engine's limits for single messages would add up to, and lengthens it
where a model is known to be slow. Kept in the home's ``steps.json``, which may be deleted at any time.
"""

from __future__ import annotations

import json
import logging
import math
import statistics
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from provisioning.canonical import Json
from provisioning.errors import FileError, HomeError
from provisioning.files import read_file, write_file
from provisioning.platforms import Platform
from provisioning.walk import StageName

logger = logging.getLogger(__name__)

FEWEST = 5
"""Steps below which a median is a guess."""
KEPT = 40
"""The last so many of each step and model; what a model took a year ago does not matter."""
MODELS = 100
FACTOR = 8.0
"""Times the median after which a step is given up."""
LENT = 3.0
"""Times the median after which a step no longer counts as being at work."""
LEAST_LENT = 2.0
"""Seconds."""

USUAL_LIMIT = {
    StageName.IDENTIFY: 45.0,
    StageName.TRUST: 60.0,
    StageName.ERASE: 120.0,
    StageName.PREFLIGHT: 90.0,
    # The keybag migration after Escalate alone may take 300 s on a real iPhone; verifying escalates too.
    StageName.ENROL: 420.0,
    StageName.APPLY: 600.0,
    StageName.VERIFY: 420.0,
    StageName.SEAL: 300.0,
}
"""Seconds, while nothing is measured; every single message has its own, shorter limit in the engines."""
USUAL_LENT = 10.0
"""Seconds that a step counts as being at work while nothing is measured."""
LONGEST = 1800.0
"""Seconds that no step gets, however slow its model has been."""
_IOS = {
    StageName.IDENTIFY: 30.0,  # usbmuxd's connect 10, an answer 10, TLS 10 (pymobiledevice3's own limit)
    StageName.TRUST: 50.0,  # the same, and Pair, which makes an escrow bag
    StageName.ERASE: 120.0,
    StageName.PREFLIGHT: 75.0,  # MCInstall writes its database for up to half a minute
    StageName.ENROL: 400.0,  # Escalate waits 300 s for the keybag's migration
    StageName.APPLY: 420.0,  # Escalate, then profiles, each of which restarts services
    StageName.VERIFY: 420.0,  # Escalate; a whole Browse takes 180 s at worst
    StageName.SEAL: 60.0,
}
_ANDROID = {
    StageName.IDENTIFY: 30.0,
    StageName.TRUST: 40.0,
    StageName.ERASE: 120.0,
    StageName.PREFLIGHT: 90.0,  # dumpsys -t 30, twice
    StageName.ENROL: 300.0,  # the app verifier holds an install for a minute, dpm waits for the controller
    StageName.APPLY: 180.0,  # 5 s for each order (TransferPipe), side by side with reading them back
    StageName.VERIFY: 240.0,  # dumpsys -t 60 of all packages, then users and certificates
    StageName.SEAL: 120.0,  # the adb server keeps a closed handset's line for 60 s
}
FLOOR: Mapping[Platform, Mapping[StageName, float]] = {Platform.IOS: _IOS, Platform.ANDROID: _ANDROID}
"""Seconds that a step may take by the platform's own limits (the engines' ``deadlines.py``) and still end well."""

_Key = tuple[Platform, str, StageName]


class Watchdog:
    """The limits of one desk; learns while it works. ``file`` None: nothing is kept."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._took: dict[_Key, deque[float]] = {}
        self._medians: dict[_Key, float | None] = {}
        if file is not None and file.exists():
            try:
                self._load(json.loads(read_file(file, 4 << 20)))
            except (FileError, ValueError, TypeError, KeyError) as error:
                logger.warning("%s is not used: %s", file.name, type(error).__name__)
                self._took.clear()

    def limit(self, platform: Platform, model: str, stage: StageName) -> float:
        """Give the seconds after which this step is given up."""
        median = self._median(platform, model, stage)
        if median is None:
            return USUAL_LIMIT[stage]
        return min(max(FACTOR * median, FLOOR[platform][stage]), LONGEST)

    def lent(self, platform: Platform, model: str, stage: StageName) -> float:
        """Give the seconds after which this step no longer counts as being at work."""
        median = self._median(platform, model, stage)
        return USUAL_LENT if median is None else max(LENT * median, LEAST_LENT)

    def note(self, platform: Platform, model: str, stage: StageName, seconds: float) -> None:
        """Take note that a step did its whole work in so many seconds."""
        models = {kept for of, kept, _ in self._took if of is platform}
        for name in {"", model} if model in models or len(models) < MODELS else {""}:
            self._took.setdefault((platform, name, stage), deque(maxlen=KEPT)).append(seconds)
            self._medians.pop((platform, name, stage), None)

    def save(self) -> None:
        """Keep what was learnt; losing it costs nothing but learning it again."""
        if self._file is None:
            return
        rows: list[Json] = [
            [str(platform), model, str(stage), [round(one, 3) for one in took]]
            for (platform, model, stage), took in self._took.items()
        ]
        try:
            write_file(self._file, json.dumps(rows).encode(), may_lag=True)
        except HomeError as error:
            logger.warning("what steps take was not kept: %s", error)

    def _median(self, platform: Platform, model: str, stage: StageName) -> float | None:
        for name in (model, ""):
            key = (platform, name, stage)
            if key not in self._medians:
                took = self._took.get(key, ())
                self._medians[key] = statistics.median(took) if len(took) >= FEWEST else None
            if (found := self._medians[key]) is not None:
                return found
        return None

    def _load(self, rows: list[tuple[str, str, str, list[float]]]) -> None:
        for platform, model, stage, took in rows:
            kept = [float(one) for one in took][-KEPT:]
            if not all(math.isfinite(one) and 0 <= one <= LONGEST for one in kept):
                raise ValueError("seconds that no step takes")
            self._took[Platform(platform), str(model), StageName(stage)] = deque(kept, maxlen=KEPT)
