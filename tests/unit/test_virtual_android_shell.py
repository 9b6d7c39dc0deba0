"""The virtual handset's shell reads command lines as mksh does, and nothing that is sent to it breaks it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from virtual_android_phone import phone, say

from provisioning.virtual.android.shell.parser import parse
from provisioning.virtual.android.shell.scanner import ShellSyntaxError

LINES = [
    ("echo one two", "one two\n", "", 0),
    ("echo 'a  b'  \"c  d\"", "a  b c  d\n", "", 0),
    ("echo a;echo b", "a\nb\n", "", 0),
    ("true && echo yes || echo no", "yes\n", "", 0),
    ("false && echo yes || echo no", "no\n", "", 0),
    ("false; echo $?", "1\n", "", 0),
    ("exit 7", "", "", 7),
    ("(exit 3); echo $?", "3\n", "", 0),
    ("echo hidden >/dev/null; echo shown", "shown\n", "", 0),
    ("echo wrong >&2", "", "wrong\n", 0),
    ("nope 2>&1", "/system/bin/sh: nope: inaccessible or not found\n", "", 127),
    ("cat </dev/null; echo X4EXIT:$?", "X4EXIT:0\n", "", 0),
    ("X=1 env | grep ^X", "X=1\n", "", 0),
    ("A='x y'; echo $A \"$A\"", "x y x y\n", "", 0),
    ("A='x  y'; echo $A \"$A\"", "x y x  y\n", "", 0),
    ("echo ${NOTHING:-fallback} ${USER}", "fallback shell\n", "", 0),
    ("echo $(echo inner; false) $?", "inner 0\n", "", 0),
    ("x=$(false); echo $?", "1\n", "", 0),
    ("echo `echo old style`", "old style\n", "", 0),
    ("for a in 1 2 3; do echo n$a; done", "n1\nn2\nn3\n", "", 0),
    ("if [ 1 -eq 1 ]; then echo equal; else echo not; fi", "equal\n", "", 0),
    ('n=; while [ "$n" != xxx ]; do n=x$n; done; echo $n', "xxx\n", "", 0),
    ("! true; echo $?", "1\n", "", 0),
    ("printf 'a\\nb\\n' | grep b | wc -l", "1\n", "", 0),
    ("{ echo a; echo b >&2; } 2>&1 | sort -r", "b\na\n", "", 0),
    ("export ANDROID_LOG_TAGS=''; exec echo gone; echo never", "gone\n", "", 0),
    ("echo '\"' \"'\" \\$HOME", "\" ' $HOME\n", "", 0),
    ("echo a # a comment", "a\n", "", 0),
    (
        "echo hello>/data/local/tmp/f; cat /data/local/tmp/f; rm /data/local/tmp/f </dev/null; ls /data/local/tmp",
        "hello\n",
        "",
        0,
    ),
    ("echo x > /system/x", "", "/system/bin/sh: can't create /system/x: Read-only file system\n", 1),
    ("cat /nothing", "", "cat: /nothing: No such file or directory\n", 1),
    ("ls /data/data", "", "ls: /data/data: Permission denied\n", 1),
    ("cd /sdcard && pwd", "/sdcard\n", "", 0),
    ("id -u", "2000\n", "", 0),
    ("echo 'unfinished", "", "/system/bin/sh: no closing quote\n", 1),
    ("echo a |", "", "/system/bin/sh: syntax error: unexpected 'EOF'\n", 1),
    ("; echo", "", "/system/bin/sh: syntax error: unexpected ';'\n", 1),
]


@pytest.mark.parametrize(("line", "out", "err", "code"), LINES)
async def test_a_line_does_what_mksh_does(line: str, out: str, err: str, code: int) -> None:
    said = await say(phone("pixel-8"), line)
    assert (said.out, said.err, said.code) == (out, err, code)


async def test_android_10_words_an_unknown_command_differently() -> None:
    assert (await say(phone("nokia-6-1"), "nope")).err == "/system/bin/sh: nope: not found\n"


async def test_input_reaches_the_command() -> None:
    assert (await say(phone("pixel-8"), "cat | head -1", b"first\nsecond\n")).out == "first\n"


@given(st.text(max_size=200))
def test_no_text_crashes_the_parser(text: str) -> None:
    with suppress(ShellSyntaxError):
        parse(text)


PIECES = [
    "echo",
    "a",
    "'",
    '"',
    "$?",
    "$(",
    ")",
    "`",
    "|",
    "||",
    "&&",
    ";",
    ">",
    "2>&1",
    "</dev/null",
    "(",
    "{",
    "}",
    "if",
    "then",
    "fi",
    "for x in",
    "do",
    "done",
    "while",
    "false",
    "!",
    "\\",
    "\n",
    "$x",
    "x=1",
    "${x:-y}",
    "exit",
    "*",
    "cat",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_no_command_line_crashes_the_shell(pieces: list[str]) -> None:
    async def run() -> int:
        return (await asyncio.wait_for(say(phone("pixel-8"), " ".join(pieces)), 10)).code

    assert 0 <= asyncio.run(run()) <= 255


def test_nesting_has_an_end() -> None:
    with pytest.raises(ShellSyntaxError):
        parse("$(" * 500 + ")" * 500)
