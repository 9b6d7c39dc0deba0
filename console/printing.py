"""Send a PDF to a printer through the platform's own queue."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from provisioning.errors import UsageError
from provisioning.plain_text import one_line

SECONDS = 20.0


def print_pdf(file: Path, printer: str) -> str:
    """Queue ``file`` on ``printer`` and give the sentence that says so. Raises UsageError where the queue refuses.

    Uses ``lp`` (CUPS on Linux and macOS), which gives a job number to follow; Windows desks print from the window.
    """
    lp = shutil.which("lp")
    if lp is None:
        raise UsageError("This machine has no print command. Print the PDF from the window, or open it and print it.")
    try:
        done = subprocess.run(
            [lp, "-d", printer, "--", str(file)], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise UsageError("The print system does not answer; the receipt was saved and can be printed later.") from None
    if done.returncode != 0:
        reason = one_line(done.stderr.strip() or "no reason given")
        raise UsageError(
            f"Printer “{one_line(printer, 40)}” did not take the receipt: {reason} It can be printed later."
        )
    return f"Printing: {one_line(done.stdout.strip())}."
