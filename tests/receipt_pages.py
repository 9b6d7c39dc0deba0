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
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "unit"))

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
from receipt_samples import ISSUED, PLACE, check, desk, item, receipt

from provisioning.receipts.coming_back import ComingBack, Erasure, NextState
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
    return replace(receipt(), items=items)


def by_proxy() -> Receipt:
    """Give a receipt that somebody else signed, with the identity that was seen."""
    other = Officer("7654321", "Siân ap Rhys", "Sergeant", "Central East BCU", on_roster=True)
    return replace(
        receipt(), proxy=Proxy(other, "Insp. Hughes, e-mail of 27 February 2026"),
        identity=IdentityCheck(IdentityEvidence.WARRANT_CARD, "A. Khan", "…4471"),
    )  # fmt: skip


def came_back(
    reason: ReturnReason, back: ComingBack, *, language: str = "en-GB", declared: bool = True, **more: Any
) -> Receipt:
    """Give a return of one handset and a SIM card."""
    one = replace(item(), check=None, bay=None, back=back, condition="Screen cracked", accessories=("USB-C cable",))
    sim = OtherItem(ItemKind.SIM, "Vodafone", "8944110068256270054")
    back_here = receipt(kind=ReceiptKind.RETURN, language=language, declined=None if declared else "not at the desk")
    terms = (load_declaration("handset-return", language).declared(),) if declared else ()
    return replace(back_here, reason=reason, items=(one, sim), declarations=terms, permits=(), **more)


ERASED = Erasure(ISSUED - timedelta(hours=2), "B. Hope", 1204, "7d" * 32)
COLLEAGUE = Officer("7654321", "Siân ap Rhys", "Sergeant", "Central East BCU", on_roster=True)

PAGES: Mapping[str, Callable[[], Receipt]] = {
    "one": receipt,
    "hundred": lambda: many(100),
    "welsh": lambda: receipt(language="cy-GB"),
    "arabic": lambda: receipt(name="محمد عبد الرحمن الخوارزمي"),
    "hebrew": lambda: receipt(name="יעל כהן-לוי"),
    "foreign": lambda: receipt(name="王小明 김민준 🙂 สมชาย"),
    "emoji": lambda: receipt(name="Siân 🙂 👩‍⚕️ ❤️ O’Neill 🏴"),
    "indic": lambda: receipt(name="प्रिया शर्मा বাংলা ਪੰਜਾਬੀ ગુજરાતી தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල"),
    "no-face": lambda: receipt(name="བསྟན་འཛིན Tenzin"),
    "long": lambda: receipt(name=LONG),
    "refusal": lambda: receipt(declined="Injured hand; agreed aloud before PC 2231, who was present throughout."),
    "return": lambda: replace(
        receipt(kind=ReceiptKind.RETURN), reason=ReturnReason.DAMAGED, remarks="Screen cracked; sent to repair.",
        declarations=(load_declaration("handset-return", "en-GB").declared(),), items=(replace(item(), check=None),),
    ),
    "return-erased": lambda: came_back(
        ReturnReason.EXCHANGE, ComingBack(NextState.REISSUE, "D4-000003", erased=ERASED), exchange="D4-000016"
    ),
    "return-as-new": lambda: came_back(
        ReturnReason.RETURNED, ComingBack(NextState.DISPOSE, "D4-000003", erased=replace(ERASED, ordered=False))
    ),
    "return-evidence": lambda: came_back(
        ReturnReason.RECALLED, ComingBack(NextState.EVIDENCE_HOLD, "D4-000003"), reference="Op Heron, EX/7"
    ),
    "return-proxy": lambda: came_back(
        ReturnReason.DAMAGED, ComingBack(NextState.REPAIR, "D4-000003", holder="5550001"),
        proxy=Proxy(COLLEAGUE, "e-mail of Sgt Dee, 1 March 2026"),
        identity=IdentityCheck(IdentityEvidence.WARRANT_CARD, "A. Khan", "…4471"),
        remarks="F2LXK0V1Q0 was handed to officer 5550001 by receipt D4-000003; officer 1234567 gives it back.",
    ),
    "return-stolen": lambda: came_back(
        ReturnReason.STOLEN, ComingBack(NextState.MISSING, "D4-000003"), declared=False, reference="CR/4471/26"
    ),
    "return-welsh": lambda: came_back(
        ReturnReason.EXCHANGE, ComingBack(NextState.REISSUE, "D4-000003", erased=ERASED), language="cy-GB",
        exchange="D4-000016",
    ),
    "exchange": lambda: replace(receipt(), exchange="D4-000003"),
    "refusal-training": lambda: receipt(training=True, declined="Injured hand."),
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
    "slip-80-hebrew": ("hebrew", Paper(Form.SLIP_80), Template()),
    "slip-58-return": ("return-evidence", Paper(Form.SLIP_58), Template()),
    "slip-80-return": ("return-erased", Paper(Form.SLIP_80), Template()),
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
