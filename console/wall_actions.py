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
    from provisioning.batches.orders import read_orders

    orders = read_orders(BatchFolder(engine.home.path), engine.ledger)
    officers = engine.home.roster().load().officers
    made: dict[str, Label] = {}
    for serial in serial_numbers:
        line, order = orders.line(serial), orders.ordered(serial)
        officer = order.officer if order is not None else ""
        listed = officers.get(officer) if officer else None
        made[serial] = Label(line.asset_tag if line else "", officer, listed.name if listed else "")
    return made
