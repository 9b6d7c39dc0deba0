"""What comes of signing in, in one sentence each. No Qt here."""

from __future__ import annotations

from typing import assert_never

from provisioning.people.sign_in import LockedOut, SignedIn, SignInOutcome, SwitchedOff, WrongNameOrPin
from provisioning.plain_text import one_line


def sign_in_sentence(outcome: SignInOutcome) -> str:
    """Say what came of signing in, and what to do next."""
    match outcome:
        case SignedIn(technician):
            return f"{one_line(technician.name, 60)} is signed in."
        case WrongNameOrPin(left):
            then = (
                f"{left} more {'try' if left == 1 else 'tries'} before a pause."
                if left
                else "The next try has to wait."
            )
            return f"That name and PIN do not belong together, so nobody is signed in. {then}"
        case LockedOut(name, seconds):
            who = f"{one_line(name, 60)}'s PIN" if name else "a name that is not known here"
            return (
                f"Too many wrong tries with {who}: the next one counts in {_time(seconds)}. "
                "Another technician can set a forgotten PIN anew."
            )
        case SwitchedOff(name):
            return f"{one_line(name, 60)} no longer works at this desk, so nobody is signed in."
        case _:
            assert_never(outcome)


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{-(-seconds // 60)} min"
