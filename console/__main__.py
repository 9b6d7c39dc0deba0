"""`issuing-desk` and `python -m console`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the program; what it returns to the shell is the contract's exit code."""
    os.umask(0o077)  # everything that a desk writes is its user's own business
    from console.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
