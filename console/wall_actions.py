"""What the wall asks for beside walks, carried out over the home."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

from console.assembly import Engine
from console.engine_thread import EngineThread
from provisioning.files import write_file
from ui.wall_actions import Label

FILE = "window.json"
"""What the window remembers of its own, in the home; without it everything is as usual."""


class ConsoleWall:
    """Implements ``ui.wall_actions.WallActions``."""

    def __init__(self, thread: EngineThread, home: Path) -> None:
        self._thread = thread
        self._file = home / FILE

    async def keep_aloud(self, how: str) -> None:
        """Remember how outcomes are told aloud."""
        data = json.dumps({"aloud": how}).encode()
        await asyncio.to_thread(write_file, self._file, data, may_lag=True)

    async def labels(self, serial_numbers: tuple[str, ...]) -> Mapping[str, Label]:
        """Give what manifests, orders and roster say of these handsets."""

        async def work(engine: Engine) -> Mapping[str, Label]:
            return await asyncio.to_thread(_labels, engine, serial_numbers)

        return await self._thread.call(work)


def remembered_aloud(home: Path) -> str:
    """Give how outcomes are told aloud; "off" where nobody has chosen or the file cannot be read."""
    try:
        read = json.loads((home / FILE).read_bytes())
        return str(read["aloud"])
    except (OSError, ValueError, LookupError, TypeError):
        return "off"


def _labels(engine: Engine, serial_numbers: tuple[str, ...]) -> Mapping[str, Label]:
    from provisioning.batches.batch_folder import BatchFolder
    from provisioning.batches.orders import assigned_orders, read_orders

    lines = read_orders(BatchFolder(engine.home.path), engine.ledger)
    officers = engine.home.roster().load().officers
    meant = assigned_orders(
        engine.home.path, engine.ledger, lambda number: officers[number].unit if number in officers else ""
    )
    made: dict[str, Label] = {}
    for serial in serial_numbers:
        line, ordered, order = lines.line(serial), lines.ordered(serial), meant.get(serial.casefold())
        officer = ordered.officer if ordered is not None and ordered.officer else order.officer if order else ""
        listed = officers.get(officer) if officer else None
        name = f" {listed.name}" if listed is not None else ""
        whom = f"officer {officer}{name}" if officer else order.whom if order is not None else ""
        made[serial] = Label(line.asset_tag if line else "", whom)
    return made
