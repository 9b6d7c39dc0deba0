"""The paper of a handover or return that is in the ledger already: whatever fails here costs the paper alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from console.call import Call, Exit
from console.printing import print_first, tell_template
from provisioning.errors import FileError, HomeError, UsageError
from provisioning.home.home import Home
from provisioning.ledger.ledger import Ledger
from provisioning.receipts.receipt import SAFE, Receipt


def make_paper(
    call: Call, home: Home, ledger: Ledger, receipt: Receipt, technician: str, pdf: Path | None, printer: str | None
) -> tuple[dict[str, Any], list[str], Exit]:
    """Write and print a receipt that was just booked; gives JSON, sentences, and USAGE where there is no paper."""
    from provisioning.files import write_copy
    from provisioning.paper import keep_copy, receipt_pdf

    answer: dict[str, Any] = {"pdf": None}
    tell_template(call, home)
    try:
        document = receipt_pdf(home, receipt)
        file = keep_copy(home, receipt, document)
        if pdf is not None:
            write_copy(pdf, document, SAFE)
            file = pdf
        answer["pdf"] = str(file) if file else None
        lines = [f"The receipt is in {file}." if file else f"Its PDF: issuing-desk receipt pdf {receipt.number} FILE."]
        if printer is not None:
            said, printing = print_first(home, ledger, receipt.number, printer, technician)
            lines.append(said)
            answer |= printing
    except (HomeError, FileError, UsageError) as error:
        said = f"{error} {'' if SAFE in str(error) else SAFE}".strip()
        said += f" Make its paper again with “issuing-desk receipt pdf {receipt.number} FILE”."
        return answer | {"error": said}, [said], Exit.USAGE
    return answer, lines, Exit.CLEAR
