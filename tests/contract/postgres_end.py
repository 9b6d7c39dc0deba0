"""Ends a PostgreSQL server of the tests and takes its data away once its owner is gone; run by path, never imported.

The owner holds the other end of this program's stdin: it closes it, or dies by whatever signal. The kernel's
parent-death signal would not do: the server changes its user, and one that is killed leaves its shared memory behind.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Wait for the end of stdin, then stop the server in the folder ``argv[1]`` with the programs in ``argv[2]``."""
    folder, programs, user = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] or None
    sys.stdin.buffer.read()
    stop = [programs / "pg_ctl", "stop", "-D", folder / "data", "-m", "immediate", "-t", "20"]
    subprocess.run(stop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=folder, check=False)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
