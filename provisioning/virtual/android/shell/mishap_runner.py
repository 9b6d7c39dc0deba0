"""Runs a program with whatever is planned to go wrong at it."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from provisioning.virtual.android.shell.process import Process, Program, to_bytes
from provisioning.virtual.android.shell.streams import Collected, WriteEnd
from provisioning.virtual.android.wire.shell_service import NoExitCode

if TYPE_CHECKING:
    from provisioning.virtual.scenario import Fault


async def run(program: Program, process: Process) -> int:
    """Run ``program``; strikes the fault that waits for this command, if any."""
    phone = process.phone
    await phone.latency.before_command(process.argv)
    fault = phone.mishaps.at_command(process.argv)
    if fault is None:
        code = await program(process)
        await process.flush()
        return code
    return await _struck(fault, program, process)


async def _struck(fault: Fault, program: Program, process: Process) -> int:
    phone = process.phone
    if fault.name == "stall":
        await asyncio.sleep(fault.seconds("seconds", 60))
    elif fault.name == "unplug":
        await _leak(program, process, fault.number("after", 0))
        await phone.pull_cable(fault.seconds("back", -1))
    elif fault.name == "server-dies":
        await phone.kill_server(fault.seconds("restart", -1))
    elif fault.name == "garbage":
        noise = random.Random(f"{phone.serial_number} {' '.join(process.argv)}")  # noqa: S311 - noise, not a secret
        await process.stdout.write(noise.randbytes(fault.number("bytes", 512)))
        return fault.number("code", 0)
    elif fault.name in {"truncated", "dump-timeout", "drip", "no-exit-code"}:
        return await _spoiled(fault, program, process)
    code = await program(process)
    await process.flush()
    return code


async def _spoiled(fault: Fault, program: Program, process: Process) -> int:
    real = process.stdout
    kept = Collected()
    process.stdout = kept
    code = await program(process)
    await process.flush()
    data = kept.data
    if fault.name == "drip":
        for index in range(len(data)):
            await real.write(data[index : index + 1])
            await asyncio.sleep(fault.seconds("every", 1))
        return code
    if fault.name == "no-exit-code":
        await real.write(data)
        raise NoExitCode
    await real.write(data[: fault.number("bytes", len(data) // 2)])
    if fault.name == "dump-timeout":
        # DumpArgs of native dumpsys: printed to standard output, and the exit code stays 0.
        service = process.arguments[0] if process.arguments else "package"
        await real.write(to_bytes(f"\n*** SERVICE '{service}' DUMP TIMEOUT (10000ms) EXPIRED ***\n\n"))
        return 0
    if "code" in fault.options:
        return fault.number("code", 0)
    raise NoExitCode


class _Counted(WriteEnd):
    """Lets a number of bytes through."""

    def __init__(self, end: WriteEnd, left: int) -> None:
        self._end = end
        self._left = left

    async def write(self, data: bytes) -> None:
        piece, self._left = data[: self._left], max(0, self._left - len(data))
        if piece:
            await self._end.write(piece)


async def _leak(program: Program, process: Process, allowed: int) -> None:
    if allowed > 0:
        process.stdout = _Counted(process.stdout, allowed)
        await program(process)
        await process.flush()
