"""Raw printers on a socket: absent, silent, out of paper, stuck in the middle; each told, nothing sent twice unseen."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from provisioning.printing import raw
from provisioning.printing.destination import Language, Media, NetworkPrinter, PrintFile
from provisioning.printing.raw import append_to_file, send_to_network
from provisioning.printing.trouble import PrinterStopped, PrinterTrouble

READY = "030,0,0,0001,000,0,0,0,000,0,0,0", "000,0,0,0,0,2,4,0,00000000,1,000", "1234,0"
OUT_OF_LABELS = "030,1,0,0001,000,0,0,0,000,0,0,0", READY[1], READY[2]
HEAD_OPEN = READY[0], "000,0,1,0,0,2,4,0,00000000,1,000", READY[2]
PAUSED = "030,0,1,0001,000,0,0,0,000,0,0,0", READY[1], READY[2]


@dataclass
class Device:
    """A printer on a port: ``status`` are its answers to ~HS, one after the other; ``bits`` those to DLE EOT."""

    status: tuple[tuple[str, ...], ...] = ()
    bits: dict[int, int] = field(default_factory=dict[int, int])
    takes: int | None = None
    received: bytes = b""

    def serve(self, listener: socket.socket) -> None:
        link, _ = listener.accept()
        answers = list(self.status)
        with link:
            while piece := link.recv(65536):
                self.received += piece
                if self.takes is not None and len(self.received) >= self.takes:
                    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    return
                if piece.endswith(b"~HS") and answers:
                    lines = answers.pop(0) if len(answers) > 1 else answers[0]
                    link.sendall(b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in lines))
                if piece[:2] == b"\x10\x04" and piece[2] in self.bits:
                    link.sendall(bytes([self.bits[piece[2]]]))


@contextmanager
def at_port(device: Device) -> Generator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=device.serve, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def printer(port: int, language: Language = Language.ZPL) -> NetworkPrinter:
    return NetworkPrinter(language, "127.0.0.1", port, Media())


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "ANSWER", 0.15)


def test_a_label_printer_that_counts_says_when_it_has_printed() -> None:
    waiting = (READY[0].replace("0001,000", "0001,002"), *READY[1:])
    device = Device(status=(READY, waiting, waiting, READY))
    with at_port(device) as port:
        assert send_to_network(printer(port), b"^XA^XZ").endswith("printed it.")
    assert b"^XA^XZ" in device.received


@pytest.mark.parametrize(
    ("status", "said"), [(OUT_OF_LABELS, "out of labels"), (HEAD_OPEN, "head open"), (PAUSED, "paused")]
)
def test_a_label_printer_in_trouble_gets_nothing(status: tuple[str, ...], said: str) -> None:
    device = Device(status=(status,))
    with at_port(device) as port, pytest.raises(PrinterTrouble, match=said):
        send_to_network(printer(port), b"^XA^XZ")
    assert b"^XA" not in device.received


def test_labels_that_run_out_in_the_middle_wait_for_a_person() -> None:
    with at_port(Device(status=(READY, OUT_OF_LABELS))) as port, pytest.raises(PrinterStopped, match="out of labels"):
        send_to_network(printer(port), b"^XA^XZ")


def test_a_silent_printer_prints_and_nobody_claims_that_it_did() -> None:
    device = Device()
    with at_port(device) as port:
        said = send_to_network(printer(port, Language.ESCPOS), b"\x1b@" + b"x" * 70_000)
    assert "does not tell" in said
    assert device.received.endswith(b"x" * 70_000)


@pytest.mark.parametrize(
    ("bits", "said"),
    [({2: 0x12, 4: 0x72}, "out of paper"), ({2: 0x16, 4: 0x12}, "cover open"), ({2: 0x52, 4: 0x12}, "error")],
)
def test_a_receipt_printer_in_trouble_gets_nothing(bits: dict[int, int], said: str) -> None:
    device = Device(bits=bits)
    with at_port(device) as port, pytest.raises(PrinterTrouble, match=said):
        send_to_network(printer(port, Language.ESCPOS), b"\x1b@receipt")
    assert b"receipt" not in device.received


def test_a_printer_that_answers_nonsense_is_no_trouble() -> None:
    device = Device(bits={2: 0xFF, 4: 0xFF})
    with at_port(device) as port:
        assert "took all of it" in send_to_network(printer(port, Language.ESCPOS), b"\x1b@")


def test_a_printer_that_goes_away_in_the_middle_is_not_sent_to_again_by_itself() -> None:
    with at_port(Device(takes=4096)) as port, pytest.raises(PrinterStopped, match="look what came out"):
        send_to_network(printer(port, Language.ESCPOS), b"x" * 20_000_000)


def test_an_absent_printer_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(PrinterTrouble, match="does not answer"):
        send_to_network(printer(port), b"^XA^XZ")


def test_a_file_grows_and_one_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = PrintFile(Language.ZPL, tmp_path / "labels.zpl", Media())
    append_to_file(file, b"one")
    append_to_file(file, b"two")
    assert file.path.read_bytes() == b"onetwo"
    with pytest.raises(PrinterTrouble, match="cannot be written"):
        append_to_file(PrintFile(Language.ZPL, tmp_path, Media()), b"x")
