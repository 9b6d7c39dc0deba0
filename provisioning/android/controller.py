"""The command channel of a device policy controller: ``dumpsys activity --user 0 service PACKAGE COMMAND …``.

The shell cannot lock a phone down, the controller can; a controller that keeps a ``DeviceAdminService`` takes orders in
its ``dump()``, which runs inside it and which only ``shell`` and root may call (DUMP permission). TestDPC has a whole
command line there (``ShellCommand.java``), whose words are used here. What it answers is for the log; whether an
order took effect is read back from the system, never from here.
"""

from __future__ import annotations

import logging
import re
import shlex
import time
from collections.abc import Sequence

from provisioning.android.cable import Talk
from provisioning.android.reading import Unreadable, gist, lines
from provisioning.android.script import Answer
from provisioning.plain_text import one_line

logger = logging.getLogger(__name__)

MOST_ORDERS = 40
"""Orders in one script: bounds its length and its time."""
_AWAKE_PAUSE = 0.5
_SERVICE = re.compile(r"^SERVICE \S+ [0-9a-f]+ pid=(\d+|\(not running\))")
_INDENT = "    "


class NoService(Exception):
    """Raised when the controller keeps no service to talk to; its text says what Android said."""


class Controller:
    """The controller of one package on the handset of one talk."""

    def __init__(self, talk: Talk, package: str) -> None:
        self._talk = talk
        self._package = package

    def order(self, orders: Sequence[Sequence[str]]) -> list[str]:
        """Give orders and return what the controller said to each. Raises NoService, WireError, Unreadable."""
        said: list[str] = []
        for start in range(0, len(orders), MOST_ORDERS):
            some = orders[start : start + MOST_ORDERS]
            answers = self._talk.ask([self._command(words) for words in some], self._talk.deadlines.orders)
            for words, answer in zip(some, answers, strict=True):
                text = read_said(answer)
                logger.info("controller: %s -> %s", " ".join(words), one_line(text))
                said.append(text)
        return said

    def confide(self, words: Sequence[str]) -> str:
        """Give one order that holds, or asks for, secrets: neither it nor the answer is logged. Raises as order."""
        (answer,) = self._talk.ask([self._command(words)], self._talk.deadlines.orders)
        if answer.code != 0 or answer.complaint:
            raise Unreadable("its shell did not run the order")
        return read_said(answer)

    def wait(self) -> None:
        """Wait until its service answers; Android starts it some time after it was made owner. Raises NoService."""
        end = time.monotonic() + self._talk.deadlines.controller_awake
        while True:
            try:
                self.order([("list-user-restrictions",)])
                return
            except NoService:
                if time.monotonic() >= end:
                    raise
                time.sleep(_AWAKE_PAUSE)

    def _command(self, words: Sequence[str]) -> str:
        return f"dumpsys activity --user 0 service {self._package} {shlex.join(words)}"


def restriction(key: str, enabled: bool) -> Sequence[str]:
    """Word the order that sets or clears a user restriction."""
    return ("set-user-restriction", key, _truth(enabled))


def hidden(package: str, is_hidden: bool) -> Sequence[str]:
    """Word the order that hides a package or shows it again."""
    return ("set-hidden-package", package, _truth(is_hidden))


def uninstall_blocked(package: str, blocked: bool) -> Sequence[str]:
    """Word the order that forbids or allows uninstalling a package."""
    return ("set-uninstall-blocked", package, _truth(blocked))


def is_uninstall_blocked(package: str) -> Sequence[str]:
    """Word the question whether a package may not be uninstalled; the answer is ``true`` or ``false``."""
    return ("is-uninstall-blocked", package)


def read_said(answer: Answer) -> str:
    """Give what the controller wrote, out of the frame that the activity manager puts around it.

    Frame (``ActiveServices.dumpService``): ``SERVICE component hash pid=N``, ``  Client:``, then the controller's
    lines, indented by four. Raises NoService where there is no such service or its process is not running.
    """
    if answer.code != 0 or answer.complaint:
        raise Unreadable(one_line(gist(answer.complaint)) or f"dumpsys ended with code {answer.code}")
    rows = lines(answer.text)
    services = [service for service in map(_SERVICE.match, rows) if service is not None]
    if not services:
        raise NoService(one_line(answer.text.strip()))
    if all(service[1] == "(not running)" for service in services):
        raise NoService("its process is not running")
    failure = next(
        (row.strip() for row in rows if row.strip().startswith(("Failure while dumping", "Got a Remote"))), ""
    )
    if failure:
        raise NoService(one_line(failure))
    return "\n".join(row.removeprefix(_INDENT) for row in rows if row.startswith(_INDENT) and row.strip())


def _truth(value: bool) -> str:
    return "true" if value else "false"
