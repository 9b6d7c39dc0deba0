"""Shell v2 replies, scripts with marks, and wires that drip, stall, lie or are cut: over real sockets."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.android import shell
from provisioning.android.script import Script
from provisioning.android.shell import Reply, ReplyStream
from provisioning.android.wire import Deadline, Ended, Garbage, Line, Overdue, Refused, Unreachable, Wire

WORD = "5eb63bbbe01eeed093cb22bb"


def packet(kind: int, data: bytes) -> bytes:
    return bytes([kind]) + len(data).to_bytes(4, "little") + data


packets = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=8)


@given(packets, st.integers(0, 255), st.lists(st.integers(1, 20)))
def test_a_reply_is_the_same_however_its_bytes_are_portioned(
    sent: list[tuple[int, bytes]], code: int, portions: list[int]
) -> None:
    data = b"".join(packet(kind, body) for kind, body in sent) + packet(3, bytes([code]))
    stream, reply = ReplyStream(1 << 20), None
    for size in portions:
        if reply is None and data:
            reply, data = stream.feed(data[:size]), data[size:]
    if reply is None:
        reply = stream.feed(data)
    assert reply == Reply(
        b"".join(body for kind, body in sent if kind == 1), b"".join(body for kind, body in sent if kind == 2), code
    )


@given(packets, st.data())
def test_a_reply_that_breaks_off_before_its_exit_code_is_no_reply(
    sent: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    whole = b"".join(packet(kind, body) for kind, body in sent) + packet(3, b"\0")
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert ReplyStream(1 << 20).feed(whole[:cut]) is None


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_stream(data: bytes) -> None:
    try:
        ReplyStream(100).feed(data)
    except Garbage:
        pass


@pytest.mark.parametrize(
    "data", [packet(0, b"x"), packet(7, b""), packet(3, b""), packet(3, b"ab"), b"\x01\xff\xff\xff\xff"]
)
def test_packets_that_no_adbd_sends_are_garbage(data: bytes) -> None:
    with pytest.raises(Garbage):
        ReplyStream(1 << 20).feed(data)


def test_an_endless_answer_is_cut_at_its_bound() -> None:
    stream = ReplyStream(1000)
    for _ in range(10):
        assert stream.feed(packet(1, b"x" * 100)) is None
    with pytest.raises(Garbage, match="more than 1000 bytes"):
        stream.feed(packet(1, b"x"))


outputs = st.lists(
    st.tuples(st.binary(max_size=30), st.binary(max_size=30), st.integers(0, 255)), min_size=1, max_size=6
)


@given(outputs)
def test_a_script_gives_each_command_its_own_outputs_and_code(said: list[tuple[bytes, bytes, int]]) -> None:
    script = Script([f"c{number}" for number in range(len(said))], WORD)
    word = WORD.encode()
    stdout = b"".join(b"%s%s:%d:%d\n" % (out, word, number, code) for number, (out, _, code) in enumerate(said))
    stderr = b"".join(b"%s%s:%d:\n" % (err, word, number) for number, (_, err, _) in enumerate(said))
    answers = script.read(Reply(stdout, stderr, 0))
    assert [(answer.out, answer.err, answer.code) for answer in answers] == said


@given(outputs, st.data())
def test_a_script_whose_answer_lost_bytes_of_a_mark_is_garbage(
    said: list[tuple[bytes, bytes, int]], data: st.DataObject
) -> None:
    script = Script([f"c{number}" for number in range(len(said))], WORD)
    word = WORD.encode()
    stdout = b"".join(b"%s%s:%d:%d\n" % (out, word, number, code) for number, (out, _, code) in enumerate(said))
    stderr = b"".join(b"%s%s:%d:\n" % (err, word, number) for number, (_, err, _) in enumerate(said))
    cut = data.draw(st.integers(0, len(stdout) - 1))
    with pytest.raises(Garbage):
        script.read(Reply(stdout[:cut], stderr, 0))


def test_text_on_the_handset_cannot_forge_a_mark_of_a_later_call() -> None:
    first, second = Script(["true"]), Script(["true"])
    forged = Reply(first.text.encode(), b"", 0)
    assert first.text != second.text
    with pytest.raises(Garbage):
        second.read(forged)


@pytest.mark.parametrize("shell_path", [path for path in ("/bin/sh", "/bin/bash", "/bin/mksh") if Path(path).exists()])
def test_a_real_shell_keeps_the_parts_of_a_script_apart(shell_path: str) -> None:
    script = Script(["printf 'no line feed'", "echo out; echo err >&2; (exit 7)", "no-such-command x", "true"])
    done = subprocess.run([shell_path, "-c", script.text], capture_output=True, check=False)
    first, second, third, fourth = script.read(Reply(done.stdout, done.stderr, done.returncode))
    assert (first.out, first.err, first.code) == (b"no line feed", b"", 0)
    assert (second.out, second.err, second.code) == (b"out\n", b"err\n", 7)
    assert (third.out, third.code) == (b"", 127)
    assert "no-such-command" in third.complaint
    assert (fourth.out, fourth.err, fourth.code) == (b"", b"", 0)


@pytest.mark.parametrize(
    ("stdout", "stderr", "code"),
    [
        (f"{WORD}:1:0\n{WORD}:0:0\n", f"{WORD}:0:\n{WORD}:1:\n", 0),
        (f"{WORD}:0:0\n{WORD}:0:0\n", f"{WORD}:0:\n{WORD}:1:\n", 0),
        (f"{WORD}:0:0\n{WORD}:1:0\nmore", f"{WORD}:0:\n{WORD}:1:\n", 0),
        (f"{WORD}:0:0\n{WORD}:1:0\n", f"{WORD}:0:\n", 0),
        (f"{WORD}:0:0\n{WORD}:1:0\n", f"{WORD}:0:\n{WORD}:1:\n", 1),
    ],
    ids=["disorder", "doubled", "goes on", "stderr short", "shell failed"],
)
def test_marks_out_of_place_are_garbage(stdout: str, stderr: str, code: int) -> None:
    with pytest.raises(Garbage):
        Script(["a", "b"], WORD).read(Reply(stdout.encode(), stderr.encode(), code))


@contextmanager
def server(play: Callable[[socket.socket], None]) -> Generator[int]:
    """One connection at a time on a loopback port; ``play`` speaks the adb server's side."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    play(connection)
                except OSError:
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def request(connection: socket.socket) -> bytes:
    digits = connection.recv(4)
    if not digits:
        raise OSError("hung up")
    return connection.recv(int(digits, 16))


def shell_that_says(*pieces: bytes, pause: float = 0.0, hang_up: bool = True) -> Callable[[socket.socket], None]:
    def play(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(b"OKAY")
        request(connection)
        connection.sendall(b"OKAY")
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        while not hang_up and connection.recv(100):
            pass

    return play


def run(port: int, seconds: float = 5.0, line: Line | None = None) -> Reply:
    deadline = Deadline(seconds)
    with shell.on_transport("127.0.0.1", port, 3, deadline, line or Line()) as wire:
        return shell.run([wire], ["true"], 1 << 16, deadline)[0]


def test_a_command_gives_both_outputs_and_its_code() -> None:
    with server(shell_that_says(packet(1, b"out"), packet(2, b"err"), packet(3, b"\x07"))) as port:
        assert run(port) == Reply(b"out", b"err", 7)


def test_commands_side_by_side_give_each_its_own_reply() -> None:
    deadline = Deadline(5.0)
    with (
        server(shell_that_says(packet(1, b"one"), packet(3, b"\1"), pause=0.05)) as first,
        server(shell_that_says(packet(1, b"two") + packet(3, b"\2"))) as second,
        shell.on_transport("127.0.0.1", first, 3, deadline, Line()) as one,
        shell.on_transport("127.0.0.1", second, 3, deadline, Line()) as two,
    ):
        assert shell.run([one, two], ["a", "b"], 100, deadline) == [Reply(b"one", b"", 1), Reply(b"two", b"", 2)]


def test_one_silent_command_among_several_is_overdue() -> None:
    deadline = Deadline(0.2)
    with (
        server(shell_that_says(hang_up=False)) as first,
        server(shell_that_says(packet(3, b"\0"))) as second,
        shell.on_transport("127.0.0.1", first, 3, deadline, Line()) as one,
        shell.on_transport("127.0.0.1", second, 3, deadline, Line()) as two,
        pytest.raises(Overdue),
    ):
        shell.run([one, two], ["a", "b"], 100, deadline)


def test_a_pulled_cable_is_never_a_short_answer() -> None:
    with server(shell_that_says(packet(1, b"package:com.android.systemui\n"))) as port, pytest.raises(Ended):
        run(port)


def test_a_reply_that_drips_is_overdue_in_all_not_per_byte() -> None:
    drip = [packet(1, b"x")] * 1000
    begun = time.monotonic()
    with server(shell_that_says(*drip, pause=0.01)) as port, pytest.raises(Overdue):
        run(port, seconds=0.3)
    assert time.monotonic() - begun < 2.0


def test_a_silent_handset_is_overdue() -> None:
    with server(shell_that_says(hang_up=False)) as port, pytest.raises(Overdue) as overdue:
        run(port, seconds=0.1)
    assert overdue.value.seconds == 0.1


def test_a_cut_line_ends_a_call_at_once() -> None:
    line = Line()
    with server(shell_that_says(hang_up=False)) as port:
        timer = threading.Timer(0.05, line.cut)
        timer.start()
        begun = time.monotonic()
        with pytest.raises(Ended):
            run(port, seconds=30.0, line=line)
        assert time.monotonic() - begun < 5.0
        timer.join()
        with pytest.raises(Ended):
            run(port, line=line)


def test_a_refusal_keeps_the_servers_words() -> None:
    def play(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(b"FAIL000edevice offline")

    with server(play) as port, pytest.raises(Refused, match="device offline"):
        run(port)


@pytest.mark.parametrize("said", [b"HTTP", b"FAILzzzz", b"SSH-2.0-OpenSSH"])
def test_what_is_no_adb_server_is_garbage(said: bytes) -> None:
    def play(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(said)

    with server(play) as port, pytest.raises(Garbage):
        run(port)


def test_nobody_listening_starts_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreachable):
        Wire("127.0.0.1", port, Deadline(1.0))
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 1.0)
