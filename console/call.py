"""One call of the command line: where the home is, what goes to stdout, and which exit code says how it ended."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from enum import IntEnum, unique
from pathlib import Path
from typing import Any

import typer

from provisioning.errors import HandsetError, HubError, IssuingDeskError, LedgerError


@unique
class Exit(IntEnum):
    """Exit codes of the contract; where several hold, the highest wins."""

    CLEAR = 0
    NOT_CLEAR = 1
    USAGE = 2
    UNKNOWN = 3
    IN_DOUBT = 4


def exit_for(error: IssuingDeskError) -> Exit:
    """Give the exit code that belongs to an error."""
    if isinstance(error, LedgerError):
        return Exit.IN_DOUBT
    if isinstance(error, HandsetError | HubError):
        return Exit.UNKNOWN
    return Exit.USAGE


@dataclass(slots=True)
class Call:
    """What the global options said. With ``as_json`` stdout holds one JSON document and nothing else."""

    home_option: Path | None
    as_json: bool
    technician: str = ""
    """Who works, by ``--technician``; empty where nobody was named."""

    @property
    def home_path(self) -> Path:
        """Give the home's directory: ``--home``, else ISSUING_DESK_HOME, else the user's data directory."""
        if self.home_option is not None:
            return self.home_option
        from_environment = os.environ.get("ISSUING_DESK_HOME")
        if from_environment:
            return Path(from_environment)
        from platformdirs import user_data_path

        return user_data_path("issuing-desk")

    def answer(self, document: Any, text: str) -> None:
        """Give the answer: the document with ``--json``, else the text for people."""
        if self.as_json:
            write_out(json.dumps(document, ensure_ascii=False))
        elif text:
            write_out(text)

    def tell(self, sentence: str) -> None:
        """Say something to the person, on stderr."""
        sys.stderr.write(sentence + "\n")
        sys.stderr.flush()


def write_out(text: str) -> None:
    """Write a line to stdout, whatever the terminal's encoding can or cannot show."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()


def call_of(context: typer.Context) -> Call:
    """Give this call's global options."""
    found = context.find_object(Call)
    assert found is not None, "the root callback makes it"
    return found


def leave(code: Exit) -> None:
    """End the command with an exit code."""
    if code is not Exit.CLEAR:
        raise typer.Exit(int(code))


def table(rows: list[tuple[str, ...]], heads: tuple[str, ...]) -> str:
    """Set rows in columns for a terminal."""
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
