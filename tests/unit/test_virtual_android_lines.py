"""One-liners as people and scripts send them, with what GNU bash and coreutils print for each (recorded from them).

Where mksh and toybox are known to differ from those, the line is in ``test_virtual_android_shell.py``.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from virtual_android_phone import phone, say

from provisioning.virtual.android.commands.awk import run_awk
from provisioning.virtual.android.commands.sed import SedError, run_sed
from provisioning.virtual.android.shell.arithmetic import ArithmeticSyntaxError, evaluate

RECORDED = [
    ('echo "a b" | tr a-z A-Z', "A B\n", 0),
    ('for i in 1 2 3; do echo $i; done; x=5; echo "${x}" $((x+1))', "1\n2\n3\n5 6\n", 0),
    ("echo $(( 2 * (3 + 4) % 5 ))", "4\n", 0),
    ("x=1; while [ $x -lt 4 ]; do echo $x; x=$((x+1)); done", "1\n2\n3\n", 0),
    ("if true; then echo a; elif false; then echo b; else echo c; fi", "a\n", 0),
    ("case abc in a*) echo yes;; *) echo no;; esac", "yes\n", 0),
    ('f() { echo "f:$1"; return 3; }; f x; echo $?', "f:x\n3\n", 0),
    ('echo a; (exit 4) || echo "c $?"', "a\nc 4\n", 0),
    ("echo ${x:-def} ${y:+alt} ${#HOME}", "def 1\n", 0),
    ("v=a.b.c; echo ${v%.*} ${v##*.} ${v#*.} ${v%%.*}", "a.b c b.c a\n", 0),
    ("printf '%s-%d\\n' a 5 b 6", "a-5\nb-6\n", 0),
    ("printf 'a\\tb\\n'", "a\tb\n", 0),
    ("echo -n hi; echo; echo -e 'a\\nb'", "hi\na\nb\n", 0),
    ("echo a b c | cut -d' ' -f2", "b\n", 0),
    ("printf 'b\\na\\nb\\n' | sort -u", "a\nb\n", 0),
    ("printf 'b\\na\\nb\\n' | sort | uniq -c | sed 's/^ *//'", "1 a\n2 b\n", 0),
    ("printf 'a=1\\nb=2\\n' | sed -n 's/^a=//p'", "1\n", 0),
    ("printf 'x y\\nz w\\n' | awk '{print $2}'", "y\nw\n", 0),
    ("printf 'a\\nb\\nc\\n' | head -n 2 | tail -1", "b\n", 0),
    ("printf 'a\\nb\\nc\\n' | tail -n +2", "b\nc\n", 0),
    ("printf 'a\\nb\\n' | while read l; do echo \"<$l>\"; done", "<a>\n<b>\n", 0),
    ("printf 'one two\\n' | { read a b; echo $b $a; }", "two one\n", 0),
    ("echo hello | grep -o l | wc -l", "2\n", 0),
    ("echo hello | grep -qE '^h.*o$' && echo match", "match\n", 0),
    ("echo hello | grep -v h; echo $?", "1\n", 0),
    ("echo a >&2 2>/dev/null; echo b", "b\n", 0),
    ("ls /nope 2>&1 >/dev/null | wc -l", "1\n", 0),
    ("false; echo $?; true; echo $?", "1\n0\n", 0),
    ("! true; echo $?", "1\n", 0),
    ("true && false || echo c", "c\n", 0),
    ("echo \"a;b\" 'c|d' e\\;f \"g\\\"h\" 'i'\"'\"'j'", "a;b c|d e;f g\"h i'j\n", 0),
    ('echo "$(echo "nested $(echo q)")"', "nested q\n", 0),
    ("echo `echo back`", "back\n", 0),
    ('set -- a b c; echo $# $2 "$@" $*', "3 b a b c a b c\n", 0),
    ("a=1 b=2; echo $a$b", "12\n", 0),
    ("export Q=7; sh -c 'echo $Q'", "7\n", 0),
    ("sh -c 'exit 9'; echo $?", "9\n", 0),
    ("sh -c 'echo \"$0 $1\"' zero one", "zero one\n", 0),
    ('test 3 -gt 2 && echo gt; [ -n "" ] || echo empty; [ a = a -a b = b ] && echo and', "gt\nempty\nand\n", 0),
    ("[[ abc == a* ]] && echo glob", "glob\n", 0),
    ("{ echo a; echo b; } | wc -l", "2\n", 0),
    (
        "echo a > /data/local/tmp/t1; echo b >> /data/local/tmp/t1; cat /data/local/tmp/t1; rm /data/local/tmp/t1",
        "a\nb\n",
        0,
    ),
    ("cat <<EOF\nheredoc $HOME\nEOF", "heredoc /\n", 0),
    ("cat << 'EOF' | wc -l\na\nb\nEOF", "2\n", 0),
    ("echo ok & wait; echo done", "ok\ndone\n", 0),
    ("exit 5", "", 5),
    ("echo $0 | wc -l", "1\n", 0),
    ("seq 3 | xargs echo", "1 2 3\n", 0),
    ("echo 'a b' | xargs -n1 echo", "a\nb\n", 0),
    ("basename /a/b.apk .apk; dirname /a/b", "b\n/a\n", 0),
    ("expr 3 + 4", "7\n", 0),
    ("echo abc | sha256sum | cut -c1-8", "edeaaff3\n", 0),
    ("echo YWJj | base64 -d; echo", "abc\n", 0),
    ("echo abc | base64", "YWJjCg==\n", 0),
    ("which sh >/dev/null && echo found", "found\n", 0),
    ("type sh >/dev/null && echo found", "found\n", 0),
    ("command -v sh >/dev/null && echo found", "found\n", 0),
    ("timeout 1 echo t", "t\n", 0),
    ("sleep 0.01; echo s", "s\n", 0),
    ("trap 'echo bye' EXIT; echo x", "x\nbye\n", 0),
    ("echo $((0x10)) $((1<<4)) $((5>3))", "16 16 1\n", 0),
    ("IFS=:; v=a:b:c; for p in $v; do echo $p; done", "a\nb\nc\n", 0),
    ('echo "tab\tend"; echo a\\\nb', "tab\tend\nab\n", 0),
    ('true; echo $?; echo "rc=$?"', "0\nrc=0\n", 0),
    ("printf '%s\\n' \"a*b\" '?'", "a*b\n?\n", 0),
    ("x=abc; echo ${x:1:2} ${x/b/X}", "bc aXc\n", 0),
    ("let y=3+4; echo $y", "7\n", 0),
    ("i=0; until [ $i -ge 2 ]; do i=$((i+1)); [ $i = 1 ] && continue; echo $i; break; done", "2\n", 0),
    ("(cd /data/local/tmp && pwd)", "/data/local/tmp\n", 0),
    ("echo one; # comment", "one\n", 0),
    ("echo a#b", "a#b\n", 0),
    ('[ -z "$NOPE" ] && echo unset', "unset\n", 0),
    ('printf "%05d|%-4s|%x\\n" 42 ab 255', "00042|ab  |ff\n", 0),
    ("echo \"a  b\" | tr -s ' '; echo abc | tr -d b", "a b\nac\n", 0),
    ("printf '3\\n10\\n2\\n' | sort -n | tr '\\n' ' '", "2 3 10 ", 0),
    ("echo hello | rev", "olleh\n", 0),
    ("printf 'k1\\nk2\\n' | grep -n k2; printf 'k1\\nk2\\n' | grep -c k", "2:k2\n2\n", 0),
    ("printf 'a b\\n' | grep -E -i 'A|Z'", "a b\n", 0),
    ("printf 'p:com.a\\np:com.b\\n' | sed 's/^p://' | sort -r | tr '\\n' ','", "com.b,com.a,", 0),
    ("getprop | wc -l | grep -q '[0-9]' && echo n", "n\n", 0),
]


@pytest.mark.parametrize(("line", "out", "code"), RECORDED)
async def test_a_recorded_line_says_the_same_here(line: str, out: str, code: int) -> None:
    said = await say(phone("pixel-8"), line)
    assert (said.out, said.code) == (out, code), said


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("echo $((1/0))", "zero divisor"),
        ("echo $((2147483647+1)) >&2", "-2147483648"),
        ("echo ${x?is missing}", "x: is missing"),
        ("echo ${x!}", "bad substitution"),
        ("cat <<EOF", "unclosed"),
        ("f() { f; }; f", "recursion too deep"),
        ("case a in", "unexpected"),
        ("echo a | awk '{system(\"id\")}'", "syntax error"),
        ("sed 'w /x'", "sed: bad pattern"),
    ],
)
async def test_what_is_not_understood_is_said(line: str, error: str) -> None:
    said = await say(phone("pixel-8"), line)
    assert error in said.err


CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@CALM
@given(st.text(alphabet="0123456789abx+-*/%<>=!&|^~?:(), ", max_size=30))
def test_no_expression_breaks_the_shell(text: str) -> None:
    with suppress(ArithmeticSyntaxError):
        assert -(2**31) <= evaluate(text, {"a": "1", "b": "x"}) < 2**31


@CALM
@given(st.text(alphabet="s/apdq;$,!1g\\\\(){}*.&\n ", max_size=20), st.text(max_size=40))
def test_no_script_breaks_sed_or_awk(script: str, text: str) -> None:
    with suppress(SedError):
        run_sed(script, text, quiet=False, regular=lambda pattern: pattern)
    run_awk(script, text, "", {})


@CALM
@given(st.text(alphabet="${}()`'\"<>|&;#%/:=[]*? ab1\n\\\\", max_size=40))
def test_no_line_breaks_the_shell(line: str) -> None:
    async def run() -> None:
        async with asyncio.timeout(20):
            await say(phone("pixel-8"), line)

    asyncio.run(run())
