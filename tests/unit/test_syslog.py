"""The ledger as syslog: every message is RFC 5424 whatever an entry holds, nothing personal, each sent once."""

from __future__ import annotations

import re
import socket
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_year import DeskBook, Year, owner_of
from year_of_a_force import Force

from provisioning.errors import HomeError, LedgerError, UsageError
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.sqlite import create_sqlite
from provisioning.readers.syslog import FileWay, Sent, SocketWay, message, send_new, way_to

# RFC 5424, 6: HEADER SP STRUCTURED-DATA SP MSG
PARAM = r'[!-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*"'
RFC_5424 = re.compile(
    r"<\d{1,3}>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]{1,255} [!-~]{1,48} - [!-~]{1,32} "
    rf"\[[!-~]{{1,32}}(?: {PARAM})+\] [^\x00-\x1f\x7f]*"
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    store = create_sqlite(tmp_path_factory.mktemp("syslog") / "ledger.sqlite")
    Year(Force(2, 12, date(2026, 11, 20), days=40), [DeskBook(desk, store) for desk in range(12)]).write()
    return Ledger(store, owner_of(0), shared=True)


def sent_by(ledger: Ledger, folder: Path, way: FileWay | SocketWay, *, again: bool = False) -> int:
    return send_new(ledger, way, Sent(folder / "sent.json", "there"), lambda desk: desk[:8], again=again)


@given(hostile=st.text(max_size=60), kind=st.text(max_size=40), host=st.text(max_size=300))
def test_whatever_an_entry_holds_its_message_is_one_of_rfc_5424(
    ledger: Ledger, hostile: str, kind: str, host: str
) -> None:
    entry = ledger.entries(kind="verified", limit=1)[0]
    for subject in (hostile, '"]\\\n<34>1 forged', "F2LX\u202e"):
        said = message(replace(entry, subject=subject, kind=kind), host)
        assert RFC_5424.fullmatch(said), said


def test_nothing_personal_is_sent(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "out.log"
    count = sent_by(ledger, tmp_path, FileWay(file))
    told = file.read_text("utf-8")
    assert count == len(told.splitlines()) > 60
    for entry in ledger.entries():
        for personal in (entry.officer, entry.receipt, entry.technician):
            assert personal is None or personal not in told
        assert entry.hash in told


def test_what_was_sent_is_not_sent_again_and_what_is_new_is(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "out.log"
    count = sent_by(ledger, tmp_path, FileWay(file))
    assert sent_by(ledger, tmp_path, FileWay(file)) == 0
    assert sent_by(ledger, tmp_path, FileWay(file), again=True) == count


def test_another_ledger_is_not_sent_as_if_it_were_the_same(ledger: Ledger, tmp_path: Path) -> None:
    Sent(tmp_path / "sent.json", "there").note(5, "00" * 32)
    with pytest.raises(LedgerError, match="no longer where it was"):
        sent_by(ledger, tmp_path, FileWay(tmp_path / "out.log"))


def test_over_tcp_each_message_is_framed_by_its_length(ledger: Ledger, tmp_path: Path) -> None:
    got = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def receive() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(65536):
                    got.extend(data)

        receiver = threading.Thread(target=receive)
        receiver.start()
        way = SocketWay("tcp", *server.getsockname())
        count = sent_by(ledger, tmp_path, way)
        way.close()
        receiver.join(10)
    found = 0
    rest = bytes(got)
    while rest:
        length, _, rest = rest.partition(b" ")
        assert RFC_5424.fullmatch(rest[: int(length)].decode())
        rest = rest[int(length) :]
        found += 1
    assert found == count


def test_a_log_server_that_does_not_answer_loses_nothing(ledger: Ledger, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = server.getsockname()
    with pytest.raises(HomeError, match="run this again when it answers"):
        sent_by(ledger, tmp_path, SocketWay("tcp", *where))
    assert Sent(tmp_path / "sent.json", "there").last() == (0, "")


@pytest.mark.parametrize("address", ["http://host", "tcp://", "tls://user@host", "udp://host:port", "tcp://host:99999"])
def test_what_is_no_log_server_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        way_to(address)
