"""`rack`: virtual handsets alone, on real sockets, for any client that speaks their protocols."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from console.call import call_of, write_out
from provisioning.errors import FileError, UsageError

if TYPE_CHECKING:
    from provisioning.virtual.scenario import HandsetPlan

Latency = Literal["none", "usb"]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(rack)


def rack(
    context: typer.Context,
    iphones: Annotated[int | None, typer.Option(min=0, max=256, help="How many iPhones.")] = None,
    androids: Annotated[int | None, typer.Option(min=0, max=256, help="How many Androids.")] = None,
    scenario: Annotated[Path | None, typer.Option(help="A scenario file instead.")] = None,
    latency: Annotated[str, typer.Option(help="none, or usb for the delays of real devices.")] = "none",
    mdm: Annotated[
        Path | None, typer.Option(help="Run a device management server too; write its enrolment profile to this file.")
    ] = None,
    *,
    until_stdin_closes: Annotated[bool, typer.Option("--until-stdin-closes", hidden=True)] = False,
) -> None:
    """Serve virtual handsets until interrupted; the first line says where."""
    call_of(context)
    pace: Latency
    if latency == "usb":
        pace = "usb"
    elif latency == "none":
        pace = "none"
    else:
        raise UsageError("--latency is none or usb.")
    planned = plans(iphones, androids, scenario)
    bays = _hub_bays(scenario) if scenario is not None else ()
    asyncio.run(_serve(planned, pace, mdm, bays, until_stdin_closes=until_stdin_closes))


def plans(iphones: int | None, androids: int | None, scenario: Path | None) -> list[HandsetPlan]:
    """Plan the rack that the options ask for; without any, two of each platform."""
    from provisioning.virtual.scenario import load_scenario, plain_rack

    if scenario is not None:
        if iphones is not None or androids is not None:
            raise UsageError("--scenario says itself which handsets there are: leave --iphones and --androids out.")
        return load_scenario(scenario)
    if iphones is None and androids is None:
        iphones, androids = 2, 2
    return plain_rack(iphones or 0, androids or 0)


def _hub_bays(scenario: Path) -> tuple[str, ...]:
    from provisioning.virtual.scenario import hub_bays

    return hub_bays(scenario)


async def _serve(
    planned: list[HandsetPlan], latency: Latency, mdm: Path | None, bays: tuple[str, ...], *, until_stdin_closes: bool
) -> None:
    from provisioning.virtual.mdm.server import MdmServer
    from provisioning.virtual.rack import Rack

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, ended.set)
    if until_stdin_closes:
        threading.Thread(target=_wait_for_eof, args=(loop, ended), daemon=True).start()
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(MdmServer()) if mdm is not None else None
        served = await stack.enter_async_context(Rack(planned, latency))
        announcement = served.announcement()
        filled = set(announcement["bays"].values())
        announcement["bays"] |= {f"empty {bay}": bay for bay in bays if bay not in filled}
        if server is not None and mdm is not None:
            _keep(mdm, server.enrolment_profile())
            announcement["mdm"] = server.address
        write_out(json.dumps(announcement))
        await ended.wait()


def _keep(path: Path, profile: bytes) -> None:
    """Write the enrolment profile for its owner's eyes: it holds a handset's identity."""
    try:
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(profile)
    except OSError as error:
        raise FileError(path, f"cannot be written: {error.strerror}.") from None


def _wait_for_eof(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    while os.read(0, 4096):  # the bare descriptor: a buffered stream may not be held by a thread at the end
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself already
        loop.call_soon_threadsafe(ended.set)
