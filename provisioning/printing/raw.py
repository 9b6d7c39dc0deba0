"""Raw bytes to a printer on the network or to a file, with what the printer says of itself where it says anything.

ZPL: ``~HS`` answers three lines between STX and ETX; in the first the second field is *paper out*, the third *paused*
and the fifth how many formats wait; in the second the third is *head up*, the fourth *ribbon out* (Zebra, ZPL II
Programming Guide, Host Status Return). ESC/POS: ``DLE EOT n`` answers one byte, bits 1 and 4 set and 0 and 7 clear;
n = 2: bit 2 cover open, bit 6 an error; n = 4: bits 5 and 6 paper end (Epson, ESC/POS command reference, DLE EOT).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from provisioning.printing.destination import Language, NetworkPrinter, PrintFile, destination_name
from provisioning.printing.trouble import PrinterStopped, PrinterTrouble

CONNECT = 4.0
ANSWER = 0.7
"""Seconds that a printer has to tell its state; many say nothing, which is no fault."""
SENDING = 40.0
"""Seconds without progress after which a printer that has begun is stuck: out of paper, jammed, paused."""
FINISH = 25.0
"""Seconds to wait for the last label, where a printer counts what it has not printed yet."""
_STX, _ETX = 2, 3
_PIECE: Final = 16 << 10
_EOT: Final = b"\x10\x04"


def send_to_network(printer: NetworkPrinter, data: bytes) -> str:
    """Send ``data`` and give the sentence that says how far it is known to have come.

    Raises PrinterTrouble where nothing was printed, PrinterStopped where some of it may have been.
    """
    name = destination_name(printer)
    try:
        link = socket.create_connection((printer.host, printer.port), CONNECT)
    except OSError as error:
        raise PrinterTrouble(
            f"{name} does not answer ({error.strerror or 'no reply'}). See that it is on and on the network; "
            "the job is tried again by itself."
        ) from None
    with link:
        if (trouble := _trouble(link, printer.language)) is not None:
            raise PrinterTrouble(f"{name} {trouble}. See to it; the job is tried again by itself.")
        _send(link, data, name)
        if printer.language is Language.ZPL:
            return _finish(link, name)
        with suppress(OSError):
            link.shutdown(socket.SHUT_WR)
        return f"{name} took all of it; it does not tell when it has come out."


def append_to_file(destination: PrintFile, data: bytes) -> str:
    """Write ``data`` behind what is there. Raises PrinterTrouble."""
    try:
        with destination.path.open("ab") as file:
            file.write(data)
    except OSError as error:
        raise PrinterTrouble(
            f"{destination_name(destination)} cannot be written ({error.strerror}). Mend that, or move the job."
        ) from None
    return f"Written to {destination_name(destination)}."


def _send(link: socket.socket, data: bytes, name: str) -> None:
    link.settimeout(SENDING)
    sent = 0
    try:
        while sent < len(data):
            sent += link.send(data[sent : sent + _PIECE])
    except OSError:
        raise PrinterStopped(
            f"{name} stopped after {sent} of {len(data)} bytes. Clear it and look what came out, then retry."
        ) from None


def _finish(link: socket.socket, name: str) -> str:
    """Wait until a label printer says that nothing is left to be printed."""
    end = time.monotonic() + FINISH
    while (state := _host_status(link)) is not None:
        first, second = state
        if (trouble := _zpl_trouble(first, second)) is not None:
            raise PrinterStopped(f"{name} {trouble}. Mend that and look what came out, then retry or cancel.")
        if not _number(first, 4):
            return f"{name} printed it."
        if time.monotonic() > end:
            raise PrinterStopped(f"{name} has not finished. Look at it, then retry or cancel.")
        time.sleep(0.3)
    return f"{name} took all of it; it does not tell when it has come out."


def _trouble(link: socket.socket, language: Language) -> str | None:
    """Say in the end of a sentence what is wrong with a printer; None where it says nothing of the kind."""
    if language is Language.ZPL:
        state = _host_status(link)
        return None if state is None else _zpl_trouble(*state)
    cause, paper = _real_time(link, 2), _real_time(link, 4)
    if paper is not None and paper & 0x60:
        return "is out of paper"
    if cause is not None and cause & 0x04:
        return "has its cover open"
    if cause is not None and cause & 0x40:
        return "reports an error"
    return None


def _zpl_trouble(first: list[str], second: list[str]) -> str | None:
    if _number(first, 1):
        return "is out of labels"
    if _number(second, 2):
        return "has its head open"
    if _number(second, 3):
        return "is out of ribbon"
    if _number(first, 2):
        return "is paused"
    return None


def _host_status(link: socket.socket) -> tuple[list[str], list[str]] | None:
    answer = _asked(link, b"~HS", lambda data: data.count(_ETX) >= 3)
    lines = [part.rpartition(bytes([_STX]))[2] for part in answer.split(bytes([_ETX]))[:-1]]
    fields = [line.decode("ascii", "replace").split(",") for line in lines]
    return (fields[0], fields[1]) if len(fields) >= 2 else None


def _real_time(link: socket.socket, which: int) -> int | None:
    answer = _asked(link, _EOT + bytes([which]), lambda data: len(data) >= 1)
    return answer[0] if answer and answer[0] & 0x93 == 0x12 else None


def _asked(link: socket.socket, question: bytes, enough: Callable[[bytes], bool]) -> bytes:
    """Give what the printer answers, empty where it does not in time."""
    answer = b""
    link.settimeout(ANSWER)
    try:
        link.sendall(question)
        while not enough(answer) and len(answer) < 1024:
            piece = link.recv(1024)
            if not piece:
                break
            answer += piece
    except OSError:
        pass
    return answer


def _number(fields: list[str], at: int) -> int:
    text = fields[at].strip() if at < len(fields) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
