"""The platform's print system as the queue sees it; here CUPS by its commands, which Linux and macOS have."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Protocol, TypeAlias

from provisioning.plain_text import one_line
from provisioning.printing.trouble import PrinterTrouble

SECONDS = 20.0
"""How long a command of the print system may take; cupsd answers in milliseconds or not at all."""
_JOB = re.compile(r"request id is (\S+-\d+)")
_FATE = "It stays in the queue."


@dataclass(frozen=True, slots=True)
class Progress:
    """What the print system says about a job: ``done`` when it has come out, else ``sentence`` says how it stands."""

    done: bool
    sentence: str = ""
    lost: bool = False
    """The print system knows the job no longer, and it is not among those that came out."""


Document: TypeAlias = bytes | tuple[bytes, ...]
"""A PDF, or pages as PNG: see ``Spooler.takes_pages``."""


class Spooler(Protocol):
    """A print system that takes documents and tells what became of them."""

    @property
    def takes_pages(self) -> bool:
        """Tell whether it wants pages as PNG at 300 pixels an inch, not a PDF."""
        ...

    def printers(self) -> tuple[str, ...]:
        """Give the printers' names, the usual one first."""
        ...

    def send(self, printer: str, title: str, document: Document, size: tuple[int, int] | None = None) -> str:
        """Hand over a document and give the print system's name for the job, empty where it tells nothing afterwards.

        ``size`` is that of the pages in millimetres, None for A4. Raises PrinterTrouble where it does not take it.
        """
        ...

    def progress(self, printer: str, job: str) -> Progress:
        """Say how a job stands. Raises PrinterTrouble where the print system does not answer."""
        ...

    def cancel(self, job: str) -> None:
        """Give a job up; does nothing where it has ended. Raises PrinterTrouble where nothing answers."""
        ...


class CupsSpooler:
    """CUPS through ``lp``, ``lpstat`` and ``cancel``: no library to build, and the user's own server settings hold."""

    takes_pages = False

    def printers(self) -> tuple[str, ...]:
        """Give the printers' names, the usual one first."""
        names = [line.split()[0] for line in self._ask("lpstat", "-e").splitlines() if line.strip()]
        usual = self._ask("lpstat", "-d").rpartition(": ")[2].strip()
        return tuple(sorted(names, key=lambda name: (name != usual, name)))

    def send(self, printer: str, title: str, document: Document, size: tuple[int, int] | None = None) -> str:
        """Hand over a PDF and give CUPS's name for the job."""
        assert isinstance(document, bytes), "CUPS takes the PDF"
        folder = Path("/dev/shm")  # noqa: S108  # memory, so that no person's receipt is left on a disk
        with tempfile.NamedTemporaryFile(suffix=".pdf", dir=folder if folder.is_dir() else None) as file:
            file.write(document)
            file.flush()
            # lp copies the file to the server before it returns.
            media = ("-o", f"media=Custom.{size[0]}x{size[1]}mm") if size is not None else ()
            options = ("-d", printer, "-t", one_line(title, 80), *media, "-o", "fit-to-page")
            said = self._run(["lp", *options, "--", file.name])
        if said.returncode != 0:
            reason = one_line(said.stderr.strip().removeprefix("lp: ") or "no reason given")
            raise PrinterTrouble(f"Printer “{one_line(printer, 60)}” did not take it ({reason}). {_FATE}")
        found = _JOB.search(said.stdout)
        return found.group(1) if found else ""

    def progress(self, printer: str, job: str) -> Progress:
        """Say how a job stands, with the printer's own words where it has stopped."""
        if self._told(job, "not-completed") is not None:
            return Progress(done=False, sentence=self._state(printer))
        end = self._told(job, "completed")
        if end is None:
            return Progress(done=False, lost=True)
        # Cancelled jobs are among the completed ones too; one that no printer ever worked on has no status (seen with
        # CUPS 2.4). One that somebody cancels at the print system while it is printed is taken for printed.
        if "Status:" in end:
            return Progress(done=True)
        return Progress(done=False, lost=True, sentence="The print system gave the job up, or somebody there did.")

    def _told(self, job: str, which: str) -> str | None:
        """Give what is told of a job below its name, None where it is not among those."""
        lines = self._ask("lpstat", "-l", "-W", which, "-o").splitlines()
        at = next((at for at, line in enumerate(lines) if line.split()[:1] == [job]), None)
        if at is None:
            return None
        return " ".join(takewhile(lambda line: line[:1].isspace(), lines[at + 1 :]))

    def cancel(self, job: str) -> None:
        """Give a job up."""
        self._run(["cancel", job])

    def _state(self, printer: str) -> str:
        name = one_line(printer, 60)
        lines = self._ask("lpstat", "-p", printer).splitlines()
        first = lines[0] if lines else ""
        why = one_line(" ".join(line.strip() for line in lines[1:] if line.strip()), 120)
        if "disabled" in first:
            return (
                f"Printer “{name}” has stopped ({why or 'no reason given'}). Clear it and switch it on again; "
                "the job waits there, or move it to another printer."
            )
        return f"Printer “{name}” has it{f': {why}' if why else '.'}"

    def _ask(self, *command: str) -> str:
        return self._run(list(command)).stdout

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        program = shutil.which(command[0])
        if program is None:
            raise PrinterTrouble(f"This machine has no print system (“{command[0]}” is missing). {_FATE}")
        try:
            return subprocess.run(
                [program, *command[1:]], capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False,
                env={**os.environ, "LC_ALL": "C"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise PrinterTrouble(f"The print system does not answer. {_FATE}") from None
