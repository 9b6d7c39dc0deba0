"""What a person can get wrong or meet at the command line: one sentence, the contract's code, no traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cli_bench import CLEAR, POLICY, UNKNOWN, USAGE, Desk, Result, desk_on_rack, off_the_net

from console.cli import run
from provisioning.home.home import open_home


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk that sees neither usbmuxd nor an adb server."""
    desk = off_the_net(tmp_path_factory.mktemp("lonely"))
    assert desk.call("init", "--training").code == CLEAR
    return desk


@pytest.fixture
def nearby(lonely: Desk, capsys: pytest.CaptureFixture[str]) -> Desk:
    """The same desk; its commands run in this process."""
    return replace(lonely, within=capsys)


def sentence_of(result: Result) -> str:
    """Give the one sentence: in the document, and on stderr for the person beside it."""
    said = result.document["error"]
    assert said in result.said
    assert said.endswith((".", "”"))
    assert "\x1b" not in said
    return said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nosuch"], "nosuch"),
        (["provision"], "--policy"),
        (["rack", "--iphones", "999"], "256"),
        (["handsets", "--bogus"], "--bogus"),
        (["--iphones", "2"], "--training"),
        (["inspect", "--policy", "../../etc/passwd"], "There is no policy"),
        (["check", "FILE", "--platform", "symbian", *POLICY], "not a platform"),
        (["handover", "X1", "--officer", "P\x1b[31m1", "--declined", "x"], "is not an officer number"),
        (["handover", "X1", "--officer", "P\n1", "--declined", "x"], "is not an officer number"),
        (["handover", "X1", "--officer", "P1"], "or --declined REASON"),
        (["handover", "X1", "--officer", "P1", "--declined", " "], "Say why the officer does not sign"),
        (["receipt", "verify"], "Give either --code TEXT"),
        (["policy", "explain", "met-police", "x", "--platform", "tv"], "not a platform"),
    ],
)
def test_what_is_typed_wrong_is_answered_in_a_sentence(
    arguments: list[str], words: str, lonely: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["--home", str(lonely.home), *arguments])
    said = capsys.readouterr()
    assert code == USAGE
    assert words in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    "content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, b"<svg/>", b"<?xml"]
)
def test_a_signature_that_is_no_image_hands_nothing_over(lonely: Desk, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "signature.png"
    if content is not None:
        file.write_bytes(content)
    code = run(["--home", str(lonely.home), "handover", "X1", "--officer", "P1", "--signature", str(file)])
    assert code == USAGE
    with open_home(lonely.home).read_ledger() as ledger:
        assert [entry.kind for entry in ledger.entries()] == ["home_created"]


def test_without_hubs_nothing_is_called_clear(lonely: Desk, nearby: Desk) -> None:
    listed = lonely.call("handsets")
    assert (listed.code, listed.document) == (UNKNOWN, [])
    assert "No iPhone can be seen" in listed.said
    assert "No adb server listens" in listed.said
    for command in ("inspect", "provision"):
        nothing = nearby.call(command, *POLICY)
        assert (nothing.code, nothing.document) == (UNKNOWN, [])
        assert "nothing was checked" in nothing.said
    absent = nearby.call("inspect", "F2LXK0V1Q6", *POLICY)
    assert absent.code == UNKNOWN
    assert absent.document[0]["verdict"] == "unknown"
    assert absent.document[0]["not_checked"]
    handed = nearby.call("handover", "F2LXK0V1Q6", "--officer", "P1", "--declined", "arm in plaster")
    assert (handed.code, handed.document["handed_over"]) == (UNKNOWN, False)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("desk.toml", "[desk\n", "is not valid TOML"),
        ("desk.toml", '[desk]\nname = "x"\nbogus = 1\n', "line 3: desk.bogus: is no setting"),
        ("desk.toml", "[desk]\nparallel = 0\n", "line 2: desk.parallel"),
        ("policies/met-police.toml", "x = \n", "is not valid TOML"),
        ("policies/met-police.toml", '[policy]\nname = "met-police"\n', "version"),
        ("policies/met-police.toml", "\x00", "is not valid TOML"),
    ],
)
def test_an_unreadable_file_of_the_home_is_named_with_its_reason(
    tmp_path: Path, name: str, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    assert run(["--home", str(home), "init", "--training"]) == CLEAR
    file = home / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    capsys.readouterr()
    assert run(["--home", str(home), "inspect", *POLICY]) == USAGE
    said = capsys.readouterr().err
    assert str(file) in said
    assert words in said


def test_a_second_console_is_refused_and_told_who_holds_the_home(lonely: Desk) -> None:
    home = open_home(lonely.home)
    with home.lock("window"):
        refused = lonely.call("handsets")
        assert refused.code == USAGE
        assert f"process {os.getpid()}" in sentence_of(refused)
        assert "window" in sentence_of(refused)
        assert lonely.call("ledger", "verify").code == CLEAR, "readers work beside it"
    assert lonely.call("handsets").code == UNKNOWN, "and it is free again"


@contextmanager
def mounted(folder: Path, *options: str) -> Generator[Path]:
    """Give a file system of its own, or skip where that is not allowed."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("this user cannot mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with mounted(tmp_path / "disk", "-o", "size=1m") as disk:
        desk = off_the_net(disk, capsys)
        assert desk.call("init", "--training").code == CLEAR
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space"):
            filler.write_bytes(bytes(2 << 20))
        assert "The disk is full" in sentence_of(desk.call("handsets"))
        added = desk.call("permit", "revoke", "R1", "--reason", "gone")
        assert added.code == USAGE
        assert "The disk is full" in sentence_of(added)
        filler.unlink()
        whole = desk.call("ledger", "verify")
        assert (whole.code, whole.document["entries"]) == (CLEAR, 1)


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
def test_a_read_only_home_can_be_read_and_is_not_worked_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with mounted(tmp_path / "disk") as disk:
        desk = off_the_net(disk, capsys)
        assert desk.call("init", "--training").code == CLEAR
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        refused = desk.call("inspect", *POLICY)
        assert refused.code == USAGE
        assert "Make the home writable" in sentence_of(refused)
        assert desk.call("ledger", "verify").code == CLEAR
        assert desk.call("ledger", "show").code == CLEAR


def test_an_adb_server_that_dies_in_the_middle_leaves_androids_unknown_and_iphones_done(tmp_path: Path) -> None:
    with desk_on_rack(tmp_path, "--iphones", "1", "--androids", "2") as (desk, rack):
        process = subprocess.Popen(
            desk.command("provision", *POLICY, "--wait", "1"),
            env=desk.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        with open_home(desk.home).read_ledger() as ledger:
            while not any(entry.kind == "identified" for entry in ledger.entries()) and time.monotonic() < deadline:
                time.sleep(0.01)
        servers = children_with(rack.process, "adb")
        assert servers
        for server in servers:
            os.kill(server, signal.SIGKILL)
        out, err = process.communicate(timeout=90)
    assert "Traceback" not in err
    result = Result(process.returncode, json.loads(out), err)
    assert result.code == UNKNOWN
    for verdict in result.document:
        if verdict["platform"] == "ios":
            assert verdict["verdict"] == "clear"
        else:
            assert verdict["verdict"] == "unknown"
            assert verdict["not_checked"]


def children_with(process: int, word: str) -> list[int]:
    """Give a process's descendants whose command line has the word in it."""
    found: list[int] = []
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        if word in Path(f"/proc/{child}/cmdline").read_text():
            found.append(int(child))
        found += children_with(int(child), word)
    return found
