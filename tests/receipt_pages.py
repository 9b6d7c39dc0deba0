"""Draw every kind of page to PNG, to be looked at: ``python tests/receipt_pages.py FOLDER [--only NAME] [--ppi 80]``.

With ``--pdf`` the sealed PDFs are written as well, for validators (``pdfua check FILE``, from PyPI) and screen readers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "unit"))

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
from receipt_samples import ISSUED, PLACE, check, desk, item, receipt  # pyright: ignore[reportMissingImports]  # found through the path

from provisioning.receipts.declaration import load_declaration
from provisioning.receipts.document import render_pdf, render_png
from provisioning.receipts.form import ORIGINAL, Copy, Form, Paper
from provisioning.receipts.receipt import (
    Extract,
    IdentityCheck,
    IdentityEvidence,
    ItemKind,
    Officer,
    OtherItem,
    Picture,
    Proxy,
    Receipt,
    ReceiptKind,
    ReturnReason,
)
from provisioning.receipts.template import Template, Words
from provisioning.verification.judgement import Verdict

CREST = Picture(
    "image/svg+xml",
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 24"><path d="M1 1h18v12c0 6-5 9-9 10-4-1-9-4-9-10z" '
    b'fill="none" stroke="#000" stroke-width="1.6"/><circle cx="10" cy="10" r="4" fill="#000"/></svg>',
)
DRESSED = Template(
    CREST,
    {
        "en-GB": Words(
            "Metropolitan Police Service", ("Device Support", "New Scotland Yard, London SW1A 2JL"),
            "Lost or stolen? Call 101 at once and give the receipt number.",
        )
    },
)  # fmt: skip
REPRINT = Copy(2, ISSUED + timedelta(days=3), "A. Khan", "officer lost the first one")
LONG = "Maximiliana-Wilhelmina Featherstonehaugh-Cholmondeley de la Pole y Fernández-Montesinos " * 2


def many(count: int) -> Receipt:
    """Give a receipt for so many items, with what belongs to handsets among them."""

    def other(number: int) -> OtherItem:
        match number // 4 % 3:
            case 0:
                return OtherItem(ItemKind.SIM, identifier=f"8944{number:015d}")
            case 1:
                return OtherItem(ItemKind.CHARGER, label="20 W USB-C", quantity=2)
            case _:
                return OtherItem(ItemKind.CASE)

    items = tuple(
        replace(item(), serial_number=f"F2LXK0V{number:03d}", asset_tag=f"MPS-{104000 + number}",
                bay=f"Hub {number // 16 + 1} · {number % 16 + 1}")
        if number % 4 else other(number)
        for number in range(count)
    )  # fmt: skip
    return receipt(items=items)


def by_proxy() -> Receipt:
    """Give a receipt that somebody else signed, with the identity that was seen."""
    other = Officer("7654321", "Siân ap Rhys", "Sergeant", "Central East BCU", on_roster=True)
    return replace(
        receipt(), proxy=Proxy(other, "Insp. Hughes, e-mail of 27 February 2026"),
        identity=IdentityCheck(IdentityEvidence.WARRANT_CARD, "A. Khan", "…4471"),
    )  # fmt: skip


PAGES: Mapping[str, Callable[[], Receipt]] = {
    "one": receipt,
    "hundred": lambda: many(100),
    "welsh": lambda: receipt(language="cy-GB"),
    "arabic": lambda: receipt(name="محمد عبد الرحمن الخوارزمي"),
    "hebrew": lambda: receipt(name="יעל כהן-לוי"),
    "foreign": lambda: receipt(name="王小明 김민준 🙂 สมชาย"),
    "long": lambda: receipt(name=LONG),
    "refusal": lambda: receipt(declined="Injured hand; agreed aloud before PC 2231, who was present throughout."),
    "return": lambda: replace(
        receipt(kind=ReceiptKind.RETURN), reason=ReturnReason.DAMAGED, remarks="Screen cracked; sent to repair.",
        declarations=(load_declaration("handset-return", "en-GB").declared(),), items=(replace(item(), check=None),),
    ),
    "proxy": by_proxy,
    "training": lambda: receipt(training=True),
    "unknown": lambda: receipt(items=(item(0, check(Verdict.UNKNOWN, unread=3)),)),
    "preview": lambda: receipt(place=None),
    "extract": lambda: replace(receipt(), extract=Extract(7, 100, "4b" * 32), place=PLACE),
}  # fmt: skip
PAPERS: Mapping[str, tuple[str, Paper, Template]] = {
    "desk-copy": ("one", Paper(Form.DESK), DRESSED),
    "copy": ("one", Paper(Form.OFFICER, REPRINT), DRESSED),
    "training-copy": ("training", Paper(Form.OFFICER, REPRINT), Template()),
    "slip-80": ("one", Paper(Form.SLIP_80), Template()),
    "slip-58": ("one", Paper(Form.SLIP_58), DRESSED),
    "slip-80-welsh": ("welsh", Paper(Form.SLIP_80), Template()),
    "slip-80-arabic": ("arabic", Paper(Form.SLIP_80), Template()),
    "slip-58-copy": ("training", Paper(Form.SLIP_58, REPRINT), Template()),
    "slip-80-refusal": ("refusal", Paper(Form.SLIP_80), Template()),
    "slip-80-proxy": ("proxy", Paper(Form.SLIP_80), Template()),
    "slip-58-hundred": ("hundred", Paper(Form.SLIP_58), Template()),
}


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description="Draw every kind of receipt to PNG.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only pages with this in their name")
    parser.add_argument("--ppi", type=float, default=80)
    parser.add_argument("--pdf", action="store_true", help="the sealed PDFs as well")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    papers = {name: (name, ORIGINAL, Template()) for name in PAGES} | dict(PAPERS)
    for name, (which, paper, template) in papers.items():
        if asked.only not in name:
            continue
        one = PAGES[which]()
        code = desk().code(one) if one.place is not None else None
        pages = render_png(one, asked.ppi, code=code, template=template, paper=paper)
        for number, page in enumerate(pages, start=1):
            file = asked.folder / f"{name}-{number:02d}.png"
            file.write_bytes(page)
        print(f"{name}: {len(pages)} page{'s' if len(pages) > 1 else ''}")
        if asked.pdf:
            seal = desk().seal if code is not None else None
            pdf = render_pdf(one, seal, code=code, template=template, paper=paper)
            (asked.folder / f"{name}.pdf").write_bytes(pdf)


if __name__ == "__main__":
    main()
