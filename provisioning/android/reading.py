"""What all readers of a handset's text share: when an answer counts as whole, what a line is, what a name may be."""

from __future__ import annotations

import re

from provisioning.android.script import Answer
from provisioning.plain_text import one_line

PACKAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,254}")
"""A package name as Android lets one be installed (``FrameworkParsingPackageUtils.validateName``), a little wider:
static libraries carry ``_`` and a number, and very old platform packages a dash."""
_NOT_UP = (
    "Can't find service",  # cmd and dumpsys: not registered yet
    "Is the system running",  # pm before Android 7, dpm before 12, and makers' own programs
    "Can't connect to activity manager",  # am before Android 8
    "Broken pipe (32)",  # cmd: the system server ended under the call
    "DeadSystemException",
    "DeadObjectException",
)
_NOT_UP_LONGEST = 400
"""Characters of an answer in which those words are looked for: they are all that is said then."""
LARGEST_USER = 0x7FFFFFFF // 100_000
"""A uid is user * 100000 + app id and fits 31 bits (``UserHandle.PER_USER_RANGE``)."""


class Unreadable(Exception):
    """Raised for an answer that is not whole or not shaped as documented; its text says how, for ``Unread``."""


class StillStarting(Unreadable):
    """Raised where a service of Android is not there yet, as for a while after a restart."""


def whole(answer: Answer) -> str:
    """Give the text of an answer that ended with code 0 and without a word on stderr. Raises Unreadable.

    A non-empty stderr alone makes it unreadable: Android 16 leaves out the packages of a forbidden profile, exits with
    0 and says so only there.
    """
    must_be_up(answer)
    if answer.complaint:
        raise Unreadable(one_line(gist(answer.complaint)))
    if answer.code != 0:
        raise Unreadable(f"ended with code {answer.code}")
    return answer.text


def must_be_up(answer: Answer) -> None:
    """Raise StillStarting for an answer that failed since Android is not all there yet."""
    if not answer.clean:
        said = f"{answer.complaint}\n{answer.text[:_NOT_UP_LONGEST]}"
        if any(words in said for words in _NOT_UP):
            raise StillStarting(f"it is still starting: {one_line(gist(said), 80)}")


def dump(answer: Answer, *, may_be_empty: bool = False) -> str:
    """Give the text of a ``dumpsys`` answer that is whole. Raises Unreadable.

    dumpsys exits with 0 when a service took too long or forbids the dump, and says so on stdout
    (``frameworks/native/cmds/dumpsys/dumpsys.cpp``, ``DumpUtils.checkDumpPermission``).
    """
    text = whole(answer)
    if " DUMP TIMEOUT (" in text:
        raise Unreadable("the service took too long and the dump was cut")
    if text.startswith("Permission Denial:"):
        raise Unreadable("the dump is not permitted")
    if not text.strip() and not may_be_empty:
        raise Unreadable("the dump is empty")
    return text


def lines(text: str) -> list[str]:
    r"""Split at line feeds only, dropping a carriage return before them.

    ``str.splitlines`` also splits at U+2028, form feeds and others, with which a name could forge a line.
    """
    return [line.removesuffix("\r") for line in text.split("\n")]


def user_number(digits: str) -> int:
    """Read a user id. Raises Unreadable where it is none."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 6) or int(digits) > LARGEST_USER:
        raise Unreadable(f"“{one_line(digits, 20)}” is no user id")
    return int(digits)


def package_name(text: str) -> str:
    """Give ``text`` if it can be a package name. Raises Unreadable."""
    if PACKAGE.fullmatch(text) is None:
        raise Unreadable(f"“{one_line(text, 60)}” is no package name")
    return text


def gist(complaint: str) -> str:
    """Give the line of an error text that says why: the exception's own, without its stack.

    ``cmd`` writes a blank line, ``Exception occurred while executing '…':``, then class and message, then the stack
    (``BasicShellCommandHandler``); programs before Android 12 begin with class and message.
    """
    for line in lines(complaint):
        text = line.strip()
        if text and not text.startswith(("Exception occurred while", "at ")):
            return text
    return complaint.strip()
