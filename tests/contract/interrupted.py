"""Hands things over and stops at a moment between signature and receipt: killed, or with the disk full from then on.

``python tests/contract/interrupted.py HOME kill|full [MOMENT…]``; prints one JSON object a moment, all moments where
none is named. Every call is a process of its own, forked from this one, which has everything imported and no threads.
For ``full`` the home has to lie on a small disk of its own.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.cli import run

MOMENTS = {
    "before it is noted": ("provisioning.unfinished", "Unfinished.begin"),
    "noted": ("provisioning.ledger.ledger", "Ledger.append_receipt"),
    "in the transaction": ("provisioning.counter", "further_parts"),
    "committed": ("provisioning.ledger.headfile", "HeadFile.advance"),
    "before the paper": ("provisioning.paper", "receipt_pdf"),
    "paper made, not kept": ("provisioning.paper", "keep_copy"),
    "paper kept": ("provisioning.counter", "Counter.paper_made"),
}
"""Each is the call before which it happens."""


def call(arguments: list[str], prepare: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Run one command in a process of its own; give its exit code (None: killed), its answer and what it said."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(out.fileno(), 1)
            os.dup2(said.fileno(), 2)
            sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # ends with the process
            sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            prepare()
            code = run(["--json", *arguments])
            sys.stdout.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        said.seek(0)
        told = out.read()
        return {
            "code": None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status),
            "answer": json.loads(told) if told else None,
            "said": said.read().decode(),
        }


def before(moment: str, happens: Callable[[], None]) -> None:
    """Let something happen once, right before the call that a moment names."""
    module, path = MOMENTS[moment]
    *holder, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for part in holder:
        owner = getattr(owner, part)
    real = getattr(owner, name)
    left = [happens]

    def instead(*arguments: Any, **named: Any) -> Any:
        # The head file also advances for other entries; only the one of the handover counts.
        if left and (name != "advance" or arguments[1].receipts > BEGAN[0]):
            left.pop()()
        return real(*arguments, **named)

    setattr(owner, name, instead)


BEGAN = [0]


def main() -> None:
    """Go through all moments, and after each start again."""
    home, way = Path(sys.argv[1]), sys.argv[2]
    filler = home.parent / "filler"

    def kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def fill() -> None:
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass

    at = ["--home", str(home)]
    call([*at, "init", "--training"])
    for number, moment in enumerate(sys.argv[3:] or MOMENTS):
        item = f"charger; number=CH-{number}"
        hand_over = [*at, "handover", "--officer", "P1", "--declined", "a test", "--item", item]
        first = call(hand_over, lambda moment=moment: before(moment, kill if way == "kill" else fill))
        filler.unlink(missing_ok=True)
        shown = call([*at, "ledger", "show", "--serial", f"CH-{number}"])
        numbers = [entry["body"]["receipt"] for entry in shown["answer"]]
        again = call([*at, "handover", "--officer", "P1", "--declined", "a test", "--item", item])
        pdf = home.parent / "again.pdf"
        paper = call([*at, "receipt", "pdf", numbers[0], str(pdf)]) if numbers else None
        print(json.dumps({"moment": moment, "first": first, "receipts": numbers, "again": again, "paper": paper}))
        pdf.unlink(missing_ok=True)
        BEGAN[0] += 1
    last = call([*at, "ledger", "verify"])
    print(json.dumps({"moment": "end", "verify": last, "left": [one.name for one in (home / "unfinished").glob("*")]}))


if __name__ == "__main__":
    main()
