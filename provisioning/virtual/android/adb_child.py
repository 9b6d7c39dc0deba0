"""Starts a program that must not outlive its parent; run by path, never imported.

On Linux the kernel is asked for SIGKILL at the parent's death (prctl PR_SET_PDEATHSIG) and this process becomes the
program. Elsewhere it stays, and kills the program when the pipe from the parent ends.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Start ``argv[2:]`` for the parent whose process id is ``argv[1]``."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)  # it died before the kernel knew
        os.execv(program[0], program)  # noqa: S606 - the program is the caller's own choice
    child = subprocess.Popen(program, stdin=subprocess.DEVNULL)
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    sys.exit(child.wait())


def _watch(child: subprocess.Popen[bytes]) -> None:
    sys.stdin.buffer.read()
    child.kill()


if __name__ == "__main__":
    main()
