"""How long a receipt takes: ``python tests/benchmarks/bench_receipts.py [--rounds 50]``; milliseconds, one thread.

*first* includes loading the libraries, in a process of its own; the others are medians of warm calls.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false
from receipt_samples import check, desk, item, receipt

from provisioning.labels.label import Label, LabelKind
from provisioning.labels.zpl import zpl_of
from provisioning.printing import escpos
from provisioning.printing.destination import Media
from provisioning.receipts.document import render_pdf, render_png
from provisioning.receipts.form import Form, Paper
from provisioning.receipts.pictures import read_signature_image
from provisioning.receipts.reading import verify_pdf
from provisioning.receipts.receipt import Receipt
from provisioning.receipts.receipt_code import verify_code
from provisioning.verification.judgement import Verdict

SAMPLES = Path(__file__).parents[1] / "unit"
FIRST = """
import sys, time
began = time.perf_counter()
sys.path.insert(0, sys.argv[1])
from receipt_samples import desk, receipt
one, keys = receipt(), desk()
made = time.perf_counter()
keys.pdf(one)
print((made - began) * 1000, (time.perf_counter() - made) * 1000)
"""


def measure(what: str, call: Callable[[], object], rounds: int) -> None:
    """Print median and slowest of ``rounds`` calls."""
    call()
    times: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    print(f"{what:<44}{statistics.median(times):>10.2f}{max(times):>10.2f}")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    keys, one = desk(), receipt()
    code, sealed = keys.code(one), keys.pdf(one)
    unread = receipt(items=(item(0, check(Verdict.UNKNOWN, unread=100)),))
    hundred = receipt(items=tuple(replace(item(), serial_number=f"SER{number:05d}") for number in range(100)))
    done = subprocess.run(
        [sys.executable, "-c", FIRST, str(SAMPLES)], capture_output=True, check=True, text=True
    ).stdout.split()
    print(f"{'':<44}{'median':>10}{'max':>10}   ms")
    print(f"{'first sealed PDF in a new process (imports +)':<44}{float(done[1]):>9.0f}{'':>10} + {float(done[0]):.0f}")
    measure("body, to JSON and back", lambda: Receipt.from_body(one.to_body()), rounds)
    measure("code, made", lambda: keys.code(one), rounds)
    measure("code, verified", lambda: verify_code(code, keys.signer.public), rounds)
    measure("PDF, one page", lambda: render_pdf(one, code=code), rounds)
    measure("PDF, one page, code made and sealed", lambda: keys.pdf(one), rounds)
    measure("PDF, verified", lambda: verify_pdf(sealed, keys.signer.public), rounds)
    measure("PNG for the screen, 110 ppi", lambda: render_png(one, code=code), max(3, rounds // 5))
    measure("PNG for a printer, 300 ppi", lambda: render_png(one, 300, code=code), max(3, rounds // 10))
    measure("signature taken in (SVG)", lambda: read_signature_image(one_signature()), max(3, rounds // 5))
    measure("PDF, 100 areas not checked, sealed", lambda: keys.pdf(unread), max(3, rounds // 10))
    measure("PDF, 100 handsets, sealed", lambda: keys.pdf(hundred), max(3, rounds // 10))
    pdf = keys.pdf(hundred)
    measure("PDF, 100 handsets, verified", lambda: verify_pdf(pdf, keys.signer.public), max(3, rounds // 10))
    measure("slip of 80 mm as ESC/POS", lambda: slip(one, code), max(3, rounds // 5))
    measure("100 asset labels as ZPL", lambda: zpl_of([LABEL] * 100, Media()), max(3, rounds // 5))
    print(f"bytes: sealed PDF of 100 handsets {len(pdf)}, their slip {len(slip(hundred, keys.code(hundred)))}")
    print(f"bytes: sealed PDF {len(sealed)}, code {len(code)} characters")


LABEL = Label(LabelKind.ASSET, "Metropolitan Police Service", "iPhone 15", "F2LXK0V1Q6", "MPS-104432", "Hub 1 · 3")


def slip(one: Receipt, code: str) -> bytes:
    """Give a slip as a receipt printer takes it."""
    return escpos.escpos_of(render_png(one, escpos.PPI, code=code, paper=Paper(Form.SLIP_80)), 80)


def one_signature() -> bytes:
    """Give the sample's signature."""
    from receipt_samples import signature

    return bytes(signature().content)


if __name__ == "__main__":
    main()
