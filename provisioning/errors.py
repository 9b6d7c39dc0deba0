"""Everything that can go wrong, drawn as one tree; each class says whose turn it is.

IssuingDeskError
├── HandsetError           the handset says no, or is gone: its session records it, the others go on
│   ├── HandsetGone            the cable was pulled, or the handset rebooted
│   ├── HandsetSilent          a deadline passed without an answer
│   ├── HandsetStarting        its services are not all up yet, as after a restart
│   ├── HandsetRefused         it answered no, in words that we know
│   │   ├── HandsetLocked          it must be unlocked first
│   │   └── ManagementRefused      it is ours, but its device management server did not take it
│   └── HandsetGarbled         it answered something that cannot be parsed
├── HubError               usbmuxd or the adb server cannot be reached: no handset behind it can be seen
├── UsageError             what a person typed cannot be done (exit 2)
│   └── FileError              a file that a person gave or keeps is wrong: path, line, reason
├── HomeError              the desk's home cannot be used: held by another, read-only, full, locked away
│   └── LedgerUnreachable      the ledger that desks share does not answer: the desk goes on alone until it does
└── LedgerError            the record is in doubt: everything stops (exit 4)

The text of an error is one sentence for a person: what happened, then what to do. It never holds a key,
a passcode, a token or an officer's name. Libraries' exceptions end at their engine (``raise ... from``).
"""

from __future__ import annotations

from pathlib import Path


class IssuingDeskError(Exception):
    """Base of everything that this program raises on purpose."""


class HandsetError(IssuingDeskError):
    """Raised when one handset cannot do what was asked; no other handset is touched."""


class HandsetGone(HandsetError):
    """Raised when the connection to the handset ended: unplugged, rebooted or switched off."""

    def __init__(self, doing: str) -> None:
        super().__init__(f"The handset went away while {doing}. Plug it in again; the work goes on from there.")
        self.doing = doing


class HandsetSilent(HandsetError):
    """Raised when the handset did not answer in time."""

    def __init__(self, doing: str, seconds: float) -> None:
        super().__init__(
            f"The handset did not answer within {seconds:g} s while {doing}. "
            "Wake and unlock it, try another cable, then try again."
        )
        self.doing = doing
        self.seconds = seconds


class HandsetStarting(HandsetError):
    """Raised when the handset answers but is still starting: time alone mends it."""

    def __init__(self, doing: str) -> None:
        super().__init__(f"The handset is still starting, seen while {doing}. Wait for its home screen.")
        self.doing = doing


class HandsetRefused(HandsetError):
    """Raised when the handset understood and said no.

    ``reason`` is the handset's own word for it (an Apple error string, a line of ``pm``), already bounded.
    """

    def __init__(self, doing: str, reason: str) -> None:
        super().__init__(f"The handset refused while {doing}: {reason}")
        self.doing = doing
        self.reason = reason


class HandsetLocked(HandsetRefused):
    """Raised when the handset wants its passcode before it does what was asked; a person can enter it."""


class ManagementRefused(HandsetRefused):
    """Raised when the enrolment with the organisation's device management failed; its network or server is at fault."""


class HandsetGarbled(HandsetError):
    """Raised when an answer breaks the protocol or the format that is documented for it."""

    def __init__(self, doing: str, detail: str) -> None:
        super().__init__(
            f"The handset's answer could not be read while {doing} ({detail}). Unplug it, plug it in and try again."
        )
        self.doing = doing
        self.detail = detail


class HubError(IssuingDeskError):
    """Raised when a hub daemon (usbmuxd, Apple Devices service, adb server) cannot be reached."""


class UsageError(IssuingDeskError):
    """Raised when a request cannot be carried out as it was put."""


class FileError(UsageError):
    """Raised for a file that cannot be used; ``str()`` gives path, line where known, and reason."""

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line is not None else f"{path}"
        super().__init__(f"{where}: {reason}")
        self.path = path
        self.reason = reason
        self.line = line


class HomeError(IssuingDeskError):
    """Raised when the desk's home cannot be opened or written."""


class LedgerUnreachable(HomeError):
    """Raised when the database that desks share does not answer; what was being added may or may not be in it."""


class LedgerError(IssuingDeskError):
    """Raised when an entry cannot be trusted or cannot be kept; nothing may go on as if it were there."""
