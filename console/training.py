"""The training desk: a rack of virtual handsets in a process of its own, and a desk on it, with or without window."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from console import assembly
from console.call import Call, Exit
from console.display import why_no_window
from console.duty import account_name
from console.verdicts import lines_of, verdict_of, worst
from provisioning.counter import HANDOVER
from provisioning.errors import HubError
from provisioning.files import write_file
from provisioning.handover import HandedOver, HandoverOrder, HandsetOrder
from provisioning.home.home import Home
from provisioning.ledger.entry import EntryKind
from provisioning.receipts.declaration import load_declaration
from provisioning.receipts.receipt import Officer, Signed
from provisioning.receipts.strokes import strokes_to_svg
from provisioning.status import Errand, Phase, SessionStatus
from provisioning.walk import PROVISION

START = 60.0
"""Seconds that a rack has to say where it is."""
IPHONES, ANDROIDS = 3, 3
TRAINING_OFFICER = "T1001"
PATIENCE = 60.0


def run(call: Call, *, iphones: int | None, androids: int | None, scenario: Path | None) -> Exit:
    """Run the training desk: the window where there is a display, else the same line without one."""
    if scenario is None and iphones is None and androids is None:
        iphones, androids = IPHONES, ANDROIDS
    home = assembly.home_at(home_path(call), call.tell, training=True)
    with rack(iphones, androids, scenario) as announcement:
        bays: dict[str, str] = announcement["bays"]
        _take_back(home)
        hindrance = why_no_window()
        if hindrance is None:
            from console import window

            return window.run_at(call, home, bays)
        call.tell(
            f"{hindrance} The training desk runs once through without one. "
            "Each step is also a command: provision, inspect, handover, receipt."
        )
        return asyncio.run(_headless(call, home, bays))


def home_path(call: Call) -> Path:
    """Give the training desk's own home: never the real one beside it."""
    if call.home_option is not None or os.environ.get("ISSUING_DESK_HOME"):
        return call.home_path
    return call.home_path.with_name("issuing-desk-training")


@contextmanager
def rack(iphones: int | None, androids: int | None, scenario: Path | None) -> Generator[dict[str, Any], None, None]:
    """Start a rack in a process of its own and point this process to it; ends it whatever happens."""
    command = [sys.executable, "-m", "console", "rack"]
    if scenario is not None:
        command += ["--scenario", str(scenario)]
    else:
        command += ["--iphones", str(iphones or 0), "--androids", str(androids or 0)]
    # It ends when its standard input closes, so it does not outlive this process, however that ends.
    command.append("--until-stdin-closes")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        announcement = _first_line(process)
        os.environ["USBMUXD_SOCKET_ADDRESS"] = announcement["usbmuxd"]
        os.environ["ANDROID_ADB_SERVER_ADDRESS"] = "127.0.0.1"
        os.environ["ANDROID_ADB_SERVER_PORT"] = str(announcement["adb_server_port"])
        yield announcement
    finally:
        _end(process)


def _first_line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None, "it was asked for"
    clock = threading.Timer(START, process.kill)
    clock.start()
    try:
        line = process.stdout.readline()
    finally:
        clock.cancel()
    try:
        return json.loads(line)
    except ValueError:
        _end(process)
        raise HubError("The virtual handsets did not start. Run “issuing-desk rack” to see why.") from None


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _take_back(home: Home) -> None:
    """Book that every handset came back: a rack that starts anew has the same handsets, new out of their boxes."""
    with home.lock("training"), home.open_ledger() as ledger:
        out: dict[str, str] = {}
        for entry in ledger.entries(kind=(EntryKind.HANDED_OVER, EntryKind.RETURNED)):
            if entry.subject is not None:
                out[entry.subject] = entry.kind
        for serial, kind in out.items():
            if kind == EntryKind.HANDED_OVER:
                ledger.append(
                    EntryKind.RETURNED, serial, {"reason": "the training rack started anew"}, technician=account_name()
                )


async def _headless(call: Call, home: Home, bays: dict[str, str]) -> Exit:
    """Provision everything, hand the first ready handset over, and say where its receipt lies."""
    from provisioning.paper import file_name, receipt_pdf

    async with assembly.engine(home, "training", bays=bays) as engine:
        effective = await asyncio.to_thread(engine.counter.effective, engine.settings.policy, None)
        await engine.desk.settle()
        statuses = await engine.desk.run(engine.desk.sessions, Errand(PROVISION, effective, PATIENCE))
        documents = [verdict_of(one, effective, engine.catalogue.reference, stages=True) for one in statuses]
        answer: dict[str, Any] = {"home": str(home.path), "handsets": documents, "receipt": None, "pdf": None}
        text = [lines_of(document) for document in documents]
        ready = next((one for one in statuses if one.phase is Phase.READY), None)
        if ready is not None:
            receipt = await _hand_over(engine, ready)
            if isinstance(receipt, HandedOver):
                file = home.receipts_folder / file_name(receipt.receipt)
                await asyncio.to_thread(write_file, file, await asyncio.to_thread(receipt_pdf, home, receipt.receipt))
                engine.counter.paper_made(receipt)
                answer |= {"receipt": receipt.receipt.number, "pdf": str(file)}
                text.append(f"Handed over {ready.serial_number} to officer {TRAINING_OFFICER}.")
                text.append(f"The receipt is in {file}.")
    call.answer(answer, "\n".join(text))
    return worst(documents)


async def _hand_over(engine: assembly.Engine, ready: SessionStatus) -> object:
    session = engine.desk.find(ready.serial_number or "")
    assert session is not None, "it was ready a moment ago"
    effective = await asyncio.to_thread(engine.counter.effective, engine.settings.policy, TRAINING_OFFICER)
    declared = load_declaration(HANDOVER).under_policy(effective.declaration).declared()
    order = HandoverOrder(
        Officer(TRAINING_OFFICER, name="Training officer"),
        Signed(strokes_to_svg(_STROKES)),
        (declared,),
        countersignature=strokes_to_svg(_DESK_STROKES),
    )
    return await engine.counter.hand_over([HandsetOrder(session, effective)], order)


_STROKES = [
    [(10.0, 60.0), (30.0, 20.0), (40.0, 70.0), (60.0, 25.0), (75.0, 65.0), (95.0, 40.0), (120.0, 55.0)],
    [(15.0, 80.0), (60.0, 74.0), (130.0, 78.0)],
]
"""A signature as a hand might draw it, in points."""
_DESK_STROKES = [[(12.0, 70.0), (22.0, 30.0), (34.0, 68.0), (44.0, 44.0), (60.0, 66.0), (84.0, 50.0), (140.0, 58.0)]]
