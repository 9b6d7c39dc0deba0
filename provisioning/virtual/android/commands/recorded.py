"""Plays back recordings of real handsets: the bytes that a command once said there.

A test puts them into ``handset.recordings`` by the whole command line; everything else is answered from the state.
"""

from __future__ import annotations

from provisioning.virtual.android.shell.process import Process, Program


def with_recordings(program: Program) -> Program:
    """Let a recording for exactly this command line go before ``program``."""

    async def run(process: Process) -> int:
        recordings = process.phone.recordings
        if recordings:
            played = recordings.get(" ".join(process.argv))
            if played is not None:
                stdout, stderr, code = played
                process.out(stdout)
                process.err(stderr)
                return code
        return await program(process)

    return run
