"""A rack and a desk on it in one process: the real engines, the real ledger, a home copied from one made before."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console import assembly
from provisioning.home.home import Home, open_home
from provisioning.ledger.entry import EntryKind
from provisioning.session import Session
from provisioning.status import Errand, SessionStatus
from provisioning.virtual.rack import Rack
from provisioning.virtual.scenario import load_scenario, plain_rack
from provisioning.walk import INSPECT, PROVISION, StageName

POLICY = "met-police"


@asynccontextmanager
async def rack_of(
    monkeypatch: pytest.MonkeyPatch, folder: Path, scenario: str | None = None, *, iphones: int = 1, androids: int = 1
) -> AsyncGenerator[Rack, None]:
    """Serve a rack and point this process to it; ``scenario`` is the text of a scenario file."""
    if scenario is None:
        plans = plain_rack(iphones, androids)
    else:
        file = folder / "scenario.toml"
        file.write_text(scenario, "utf-8")
        plans = load_scenario(file)
    async with Rack(plans) as rack:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", rack.usbmux_address)
        monkeypatch.setenv("ANDROID_ADB_SERVER_ADDRESS", "127.0.0.1")
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(rack.adb_server_port))
        yield rack


def home_from(template: Path, folder: Path) -> Home:
    """Give a training home of its own to a test."""
    path = folder / "home"
    shutil.copytree(template, path)
    return open_home(path)


async def errand(engine: assembly.Engine, *, changing: bool = True, patience: float | None = 30.0) -> Errand:
    effective = await asyncio.to_thread(engine.counter.effective, POLICY, None)
    return Errand(PROVISION if changing else INSPECT, effective, patience)


async def walk(engine: assembly.Engine, *, changing: bool = True, patience: float = 30.0) -> dict[str, SessionStatus]:
    """Lead everything that is attached to the end of its walk; by serial number, or key where that is unknown."""
    await engine.desk.settle()
    statuses = await engine.desk.run(engine.desk.sessions, await errand(engine, changing=changing, patience=patience))
    return {status.serial_number or status.key: status for status in statuses}


async def until_at(session: Session, stage: StageName, seconds: float = 20.0) -> None:
    """Wait until a session has come to ``stage``, or has left it already: some last less than a look at them."""
    async with asyncio.timeout(seconds):
        while True:
            status = session.status()
            if status.stage is stage or any(one.name is stage for one in status.stages):
                return
            await asyncio.sleep(0.005)


def serials(rack: Rack, platform: str | None = None) -> list[str]:
    handsets = rack.announcement()["handsets"]
    return [one["serial_number"] for one in handsets if platform in {None, one["platform"]}]


def kinds_of(home: Home, serial: str) -> Counter[str]:
    with home.read_ledger() as ledger:
        return Counter(entry.kind for entry in ledger.entries(serial=serial))


def said_twice(home: Home) -> list[str]:
    """Give what the ledger says twice of one handset although it can happen only once."""
    once = (EntryKind.IDENTIFIED, EntryKind.ENROLLED, EntryKind.APPLIED)
    with home.read_ledger() as ledger:
        counted = Counter((entry.subject, entry.kind) for entry in ledger.entries(kind=once))
    return [f"{serial}: {kind} {count} times" for (serial, kind), count in counted.items() if count > 1]
