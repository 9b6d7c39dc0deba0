"""Paper by commands, and by programs of their own: what one leaves in the queue, the next one finds there."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from booked_receipt import book_handover
from cli_bench import CLEAR, UNKNOWN, USAGE, Desk, off_the_net

from provisioning.home.creation import create_home
from provisioning.home.home import Home
from provisioning.platforms import Platform
from provisioning.policy.effective import PolicyReference
from provisioning.receipts.receipt import (
    UNNUMBERED,
    Check,
    Declined,
    HandsetItem,
    Officer,
    Receipt,
    ReceiptKind,
    Technician,
)
from provisioning.verification.judgement import CatalogueReference, Verdict

BAYS = ("Hub 1 · 10", "Hub 1 · 2", "Hub 1 · 1")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return off_the_net(tmp_path)


@pytest.fixture
def number(desk: Desk) -> str:
    """Give the receipt of three handsets that went out clear and one of which nothing was known."""
    return went_out(create_home(desk.home, training=True, organisation_name="Training Police", desk_name="Desk 4"))


def went_out(home: Home) -> str:
    now = datetime.now(UTC)
    clear = Check(
        Verdict.CLEAR, now, 143, (0,), PolicyReference("met-police", "2026.1", "3f" * 32), "a1" * 32,
        CatalogueReference("2026.11", "b7" * 32), (), record_id="c4" * 32,
    )  # fmt: skip
    items = tuple(
        HandsetItem(f"F2LXK0V1Q{at}", Platform.IOS, "iPhone15,4", "iPhone 15", "26.1", bay=bay, check=clear)
        for at, bay in enumerate(BAYS)
    )
    unread = HandsetItem("F2LXK0V1Q9", Platform.IOS, "iPhone15,4", "iPhone 15", "26.1", bay="Hub 1 · 3")
    whole = Receipt(
        ReceiptKind.HANDOVER, training=True, number=UNNUMBERED, issued=now, organisation="Training Police",
        desk="Desk 4", technician=Technician("A. Khan"), officer=Officer("P1"), items=(*items, unread),
        signature=Declined("plaster"),
    )  # fmt: skip
    return book_handover(home, whole)


def nobody_listens() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_slip_prints_once_and_again_only_with_a_reason(
    tmp_path: Path, desk: Desk, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = replace(desk, within=capsys)
    paper = tmp_path / "slip.bin"
    to = ("--form", "slip-80", "--printer", f"escpos:{paper}")
    first = desk.call("receipt", "print", number, *to)
    assert (first.code, first.document["state"]) == (CLEAR, "printed")
    once = paper.read_bytes()
    assert once.startswith(b"\x1b@"), "ESC/POS: initialise"
    again = desk.call("receipt", "print", number, "--form", "slip-80")
    assert again.code == USAGE
    assert "Give a reason" in again.document["error"]
    copy = desk.call("receipt", "print", number, "--form", "slip-80", "--reason", "officer lost it")
    assert (copy.code, "COPY 1" in copy.document["title"]) == (CLEAR, True), "on the printer of last time"
    assert len(paper.read_bytes()) > len(once)
    booked = [one["body"] for one in desk.call("ledger", "show").document if one["kind"] == "receipt_printed"]
    assert [(one["copy"], one["reason"]) for one in booked] == [(0, ""), (1, "officer lost it")]


def test_what_an_absent_printer_did_not_take_is_moved_by_the_next_program(
    tmp_path: Path, desk: Desk, number: str
) -> None:
    absent = f"zpl://127.0.0.1:{nobody_listens()}"
    left = desk.call("labels", "bag", "--receipt", number, "--printer", absent)
    assert (left.code, left.document["state"]) == (UNKNOWN, "waiting")
    assert "does not answer" in left.document["sentence"]
    other = desk.call("labels", "asset", "--receipt", number, "--printer", absent).document
    (waiting, also) = desk.call("print", "list").document
    assert (waiting["title"], also["title"]) == ("3 bag labels", "3 asset labels"), "only for what was clear"
    assert desk.call("print", "cancel", str(also["job"])).code == CLEAR
    assert other["job"] == also["job"]
    paper = tmp_path / "labels.zpl"
    moved = desk.call("print", "move", str(waiting["job"]), f"zpl:{paper}")
    assert (moved.code, moved.document["state"]) == (CLEAR, "printed")
    labels = paper.read_text("utf-8").split("^XZ")[:-1]
    serials = [next(f"F2LXK0V1Q{at}" for at in range(10) if f"F2LXK0V1Q{at}" in one) for one in labels]
    assert serials == ["F2LXK0V1Q2", "F2LXK0V1Q1", "F2LXK0V1Q0"], "in the order of the bays as people count them"
    assert desk.call("print", "list").document == []
    assert desk.call("print", "retry", str(waiting["job"])).code == USAGE, "it has ended"
