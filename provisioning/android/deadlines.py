"""How long each thing may take, in seconds; a table of its own so that tests can be impatient."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Limits of whole calls, however many commands are in them.

    On hardware pm, dpm and settings are said to take 150 to 500 ms each and the dump of all packages 1 to 4 s (not
    measured here); these limits are for handsets in trouble.
    """

    identify: float = 20.0
    condition: float = 45.0
    """``dumpsys account`` alone may take some seconds on a phone that has just started."""
    enrolment: float = 45.0
    packages: float = 120.0
    """The first script of the inventory; the dump of all packages has 60 s of its own."""
    more_packages: float = 60.0
    certificates: float = 60.0
    lock_down: float = 60.0
    orders: float = 60.0
    """Forty orders at most; Android gives the controller 5 s for each (``TransferPipe``)."""
    controller_awake: float = 20.0
    """Until the controller's service answers after it was made owner."""
    push: float = 15.0
    """On top of a second for each megabyte, which even a bad USB 2 cable carries."""
    install: float = 180.0
    """Play Protect's verifier may hold an install for a minute."""
    owner: float = 60.0
    seal_gone: float = 15.0
    """Until a handset that was told to close adb has left; Android writes the setting at once."""
    seal_lingering: float = 90.0
    """The same over TCP, where the adb server keeps an ``offline`` line for about a minute (20 tries of 3 s)."""
    seal_quiet: float = 10.0
    """For which it must stay away."""


UNHURRIED = Deadlines()
"""The limits at a desk."""
