"""`issuing-desk` and `python -m console`."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import suppress


def main() -> None:
    """Run the program; what it returns to the shell is the contract's exit code."""
    os.umask(0o077)  # everything that a desk writes is its user's own business
    from console.cli import run

    _leave(run(sys.argv[1:]))


def _leave(code: int) -> None:
    """End as Python does, threads and exit handlers in their order, but leave the memory to the system: 0.2 s."""
    threading._shutdown()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody may be there any more to read it
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
