"""Who works on the command line: ``--technician`` with a PIN, the account's own technician, or nobody."""

from __future__ import annotations

import getpass
import os
import sys

from console.call import Call
from provisioning.errors import UsageError
from provisioning.home.home import Home
from provisioning.ledger.ledger import Ledger
from provisioning.people.sign_in import SignedIn, SignIn
from provisioning.plain_text import one_line
from ui.sign_in_phrases import sign_in_sentence

NAME_VARIABLE = "ISSUING_DESK_TECHNICIAN"
PIN_VARIABLE = "ISSUING_DESK_PIN"
"""A technician's PIN, where no person is there to type it."""


def account_name() -> str:
    """Name the operating system's account that runs this."""
    try:
        return one_line(getpass.getuser(), 60)
    except (KeyError, OSError):
        return "unknown account"


def sign_in_at(home: Home, ledger: Ledger) -> SignIn:
    """Give who may work at a desk; nobody is signed in yet."""
    return SignIn(ledger, home.pins(), account_name())


def on_duty(call: Call, home: Home, ledger: Ledger) -> SignIn:
    """Sign in whoever calls this command: by ``--technician`` and PIN, else by the account.

    Raises UsageError where that fails. Where nobody was named and the account is nobody's, nobody is signed in: what
    only a technician may do then says so itself.
    """
    sign_in = sign_in_at(home, ledger)
    name = call.technician or os.environ.get(NAME_VARIABLE) or ""
    if not sign_in.required:
        if name:
            raise UsageError(
                "This desk has no technicians yet, so nobody can sign in. Add one with “issuing-desk technicians add”."
            )
        return sign_in
    mine = sign_in.check_account(booked=False)
    if not name or (mine is not None and mine.technician.name.casefold() == name.casefold()):
        return sign_in
    outcome = sign_in.check(name, ask_pin(name))
    if not isinstance(outcome, SignedIn):
        raise UsageError(sign_in_sentence(outcome))
    return sign_in


def acting(call: Call, home: Home, ledger: Ledger) -> str:
    """Give the name for an entry that only a technician may cause. Raises UsageError where nobody is signed in."""
    return on_duty(call, home, ledger).acting()


def ask_pin(name: str, *, what: str = "PIN", variable: str = PIN_VARIABLE, twice: bool = False) -> str:
    """Give a PIN from the environment or from a person. Raises UsageError where nobody is there to ask."""
    told = os.environ.get(variable)
    if told is not None:
        return told
    if not sys.stdin or not sys.stdin.isatty():
        raise UsageError(f"Nobody is there to type the {what} of {one_line(name, 60)}. Set {variable} to it.")
    typed = getpass.getpass(f"{what} of {one_line(name, 60)}: ")
    if twice and getpass.getpass("Once more: ") != typed:
        raise UsageError("The two were not the same, so nothing was changed.")
    return typed
