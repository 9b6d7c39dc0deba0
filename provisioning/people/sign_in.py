"""Who is at the desk: technicians sign in with name and PIN, or by the operating system's account that is theirs.

Tries are counted in the ledger, inside its transaction, so that neither several programs at once nor an older file in
place of a newer one give anybody more of them. After :data:`FREE_TRIES` wrong PINs in a row each further try has to
wait, twice as long each time, never longer than :data:`LONGEST_WAIT`: nobody is locked out of the desk for good by
somebody else's guessing, and a PIN of six digits withstands it for years.

A desk without technicians is the account's that runs it, as before. Everything here blocks (a try takes about half a
second): call it off the event loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioning.canonical import Json
from provisioning.errors import HomeError, UsageError
from provisioning.ledger.draft import Draft
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.ledger import Body, Ledger
from provisioning.people.pins import COST, PinHash, require_good
from provisioning.people.technicians import (
    TECHNICIAN_KINDS,
    PinFile,
    Technician,
    folded,
    technician_name,
    technicians_on_the_books,
)
from provisioning.plain_text import one_line

FREE_TRIES = 5
"""Wrong PINs in a row, the last of which makes the next one wait."""
FIRST_WAIT = 30.0
LONGEST_WAIT = 3600.0
"""Seconds."""
NOBODY = "nobody signed in"
_LOOK_BACK = 1000
"""Entries among which failed tries are counted; more of them than this cannot be made within the waits."""
_TRIES = (EntryKind.SIGNED_IN, EntryKind.SIGN_IN_FAILED, EntryKind.TECHNICIAN_PIN_SET)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """From now on entries name this technician."""

    technician: Technician


@dataclass(frozen=True, slots=True)
class WrongNameOrPin:
    """Nobody signed in; which of the two was wrong is not said. ``tries_left``: before the next one has to wait."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Too many wrong tries; the PIN was not looked at. ``seconds`` until the next try is."""

    name: str
    seconds: int


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """The technician was disabled."""

    name: str


SignInOutcome = SignedIn | WrongNameOrPin | LockedOut | SwitchedOff


class _NotNow(Exception):
    """Carries a lock-out out of the ledger's transaction, which it thereby gives up."""

    def __init__(self, outcome: LockedOut) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class SignIn:
    """Who works at one desk, and who may. One for each engine; holds who is signed in."""

    def __init__(self, ledger: Ledger, pins: PinFile, account: str, *, cost: int = COST) -> None:
        """``account`` is the operating system's; ``cost`` is scrypt's N for new PINs."""
        self._ledger = ledger
        self._pins = pins
        self._account = account
        self._cost = cost
        self._present: Technician | None = None
        self._last = ""
        self._names_needed = bool(self.technicians())

    @property
    def signed_in(self) -> Technician | None:
        """Give who is signed in."""
        return self._present

    @property
    def required(self) -> bool:
        """True where this desk has technicians, so that somebody has to sign in before anything changes hands."""
        return self._names_needed

    @property
    def answered(self) -> bool:
        """True where somebody answers for what begins: a technician, or the account of a desk that has none."""
        return self._present is not None or not self._names_needed

    @property
    def technician(self) -> str:
        """Give what entries say of who did it: the technician, else the account of a desk that has none.

        What goes on after a technician has signed out names the one who was there last.
        """
        if self._present is not None:
            return self._present.name
        if not self._names_needed:
            return self._account
        return f"{NOBODY} ({self._last} was last)" if self._last else f"{NOBODY} (account {self._account})"

    def acting(self) -> str:
        """Give who is doing what only a technician may do. Raises UsageError where nobody who may is signed in."""
        known = self._known()
        if self._present is not None:
            now = known.get(folded(self._present.name))
            if now is None or now.disabled:
                self._present = None
        if self._present is None and self._names_needed:
            raise UsageError(
                "Nobody is signed in, and this desk has technicians. Sign in first: in the window with name and PIN, "
                "for a command with --technician NAME."
            )
        return self.technician

    def technicians(self) -> tuple[Technician, ...]:
        """Give all technicians by name, the disabled ones too."""
        return tuple(sorted(self._known().values(), key=lambda one: folded(one.name)))

    def check(self, name: str, pin: str) -> SignInOutcome:
        """Sign somebody in by name and PIN; whatever comes of it is in the ledger when this returns.

        Whoever was signed in before is no longer, whatever the outcome. Raises HomeError, LedgerError.
        """
        self.sign_out()
        found = self._known().get(folded(name))
        who = found.name if found is not None else ""
        if found is not None and found.disabled:
            return SwitchedOff(found.name)
        if (locked := _locked(self._tries(), who, self._ledger_time())) is not None:
            return locked
        right = self._is_right(found, pin)
        # The name of a stranger is not kept: it may be a PIN that was typed in the wrong place.
        body: dict[str, Json] = {"technician": who or None, "with": "PIN"}
        left = 0

        def write(draft: Draft) -> Body:
            nonlocal left
            tries = draft.entries(kind=_TRIES, newest_first=True, limit=_LOOK_BACK)
            if (locked := _locked(tries, who, datetime.fromisoformat(draft.time))) is not None:
                raise _NotNow(locked)
            left = FREE_TRIES - 1 - _failures(tries, who)[0]
            return body

        kind = EntryKind.SIGNED_IN if right else EntryKind.SIGN_IN_FAILED
        try:
            self._ledger.append(kind, None, write, technician=who if right else NOBODY)
        except _NotNow as too_often:
            return too_often.outcome
        if not right or found is None:
            return WrongNameOrPin(max(0, left))
        self._present = found
        return SignedIn(found)

    def check_account(self, *, booked: bool = True) -> SignedIn | None:
        """Sign in whoever the operating system's account belongs to; None where it is nobody's.

        ``booked`` False leaves out the entry of its own, for one command whose entries name the technician anyhow.
        """
        found = next((one for one in self._known().values() if one.account == self._account and not one.disabled), None)
        if found is None:
            return None
        self.sign_out()
        if booked:
            body = {"technician": found.name, "with": "account", "account": self._account}
            self._ledger.append(EntryKind.SIGNED_IN, None, body, technician=found.name)
        self._present = found
        return SignedIn(found)

    def sign_out(self) -> None:
        """End a technician's presence; fine where nobody is signed in."""
        leaving, self._present = self._present, None
        if leaving is not None:
            self._last = leaving.name
            self._ledger.append(EntryKind.SIGNED_OUT, None, {"technician": leaving.name}, technician=leaving.name)

    def register(self, name: str, *, pin: str | None = None, account: str = "") -> Technician:
        """Register a technician, who may sign in from now on; the first one needs nobody signed in.

        Raises UsageError for a name or account that another has, and for a PIN that is no good.
        """
        name = technician_name(name)
        by = self.acting()
        if (pin is None) == (not account):
            raise UsageError("A technician signs in with a PIN or by an account of this computer: give one of the two.")
        if pin is not None:
            require_good(pin, name)

        def write(draft: Draft) -> Body:
            there = technicians_on_the_books(draft.entries(kind=TECHNICIAN_KINDS))
            if folded(name) in there:
                raise UsageError(f"There is a technician {name} already, or was one. Choose a name that differs.")
            other = next((one.name for one in there.values() if account and one.account == account), None)
            if other is not None:
                raise UsageError(f"The account {one_line(account, 40)} is technician {other}'s.")
            return {"technician": name, "account": account or None}

        self._ledger.append(EntryKind.TECHNICIAN_REGISTERED, None, write, technician=by)
        if pin is not None:
            self._set_pin(name, pin, by, "registered")
        self._names_needed = True
        return self._known()[folded(name)]

    def change_pin(self, name: str, old: str, new: str) -> SignInOutcome:
        """Let a technician who knows the old PIN have another; signs in. Raises UsageError for one that is no good."""
        require_good(new, name)
        outcome = self.check(name, old)
        if isinstance(outcome, SignedIn):
            if old == new:
                raise UsageError("The new PIN is the old one. Choose another.")
            self._set_pin(outcome.technician.name, new, outcome.technician.name, "changed")
        return outcome

    def reset_pin(self, name: str, new: str, reason: str, *, by_account: bool = False) -> None:
        """Give a technician another PIN on the word of another who is signed in.

        ``by_account`` is for a desk on which nobody can sign in any more: whoever the computer lets into the home
        may do it, and the entry says so. Raises UsageError.
        """
        found = self._named(name)
        require_good(new, found.name)
        if not reason:
            raise UsageError("Say why the PIN is set anew.")
        if not by_account and (self._present is None or folded(self._present.name) == folded(name)):
            raise UsageError("Another technician has to sign in to set a forgotten PIN anew.")
        by = f"{NOBODY} (account {self._account})" if by_account else self.acting()
        self._set_pin(found.name, new, by, "recovered by the account" if by_account else "reset", reason)

    def disable(self, name: str, reason: str) -> Technician:
        """Keep a technician from signing in ever again. Raises UsageError for the last one who could."""
        found, by = self._named(name), self.acting()
        if not reason:
            raise UsageError("Say why the technician is disabled.")

        def write(draft: Draft) -> Body:
            there = technicians_on_the_books(draft.entries(kind=TECHNICIAN_KINDS))
            if not any(not one.disabled and one.name != found.name for one in there.values()):
                raise UsageError(f"{found.name} is the last technician who can sign in. Register another first.")
            return {"technician": found.name, "reason": reason}

        self._ledger.append(EntryKind.TECHNICIAN_DISABLED, None, write, technician=by)
        return self._named(name)

    def _known(self) -> dict[str, Technician]:
        found = technicians_on_the_books(self._ledger.entries(kind=TECHNICIAN_KINDS))
        self._names_needed = bool(found)
        return found

    def _named(self, name: str) -> Technician:
        found = self._known().get(folded(name))
        if found is None:
            raise UsageError(f"There is no technician “{one_line(name, 60)}”. See “issuing-desk technicians list”.")
        return found

    def _set_pin(self, name: str, pin: str, by: str, how: str, reason: str = "") -> None:
        # The file first: an entry without what it speaks of would lock its technician out.
        self._pins.keep(name, PinHash.of(pin, self._cost))
        body: dict[str, Json] = {"technician": name, "how": how, **({"reason": reason} if reason else {})}
        self._ledger.append(EntryKind.TECHNICIAN_PIN_SET, None, body, technician=by)

    def _is_right(self, found: Technician | None, pin: str) -> bool:
        kept = self._pins.load().get(folded(found.name)) if found is not None and found.has_pin else None
        if found is not None and found.has_pin and kept is None:
            raise HomeError(
                f"The PIN of {found.name} is no longer in the home. Restore technicians.sealed from a backup, or set "
                "it anew with “issuing-desk technicians set-pin”."
            )
        if kept is None:
            PinHash.of(pin, self._cost)  # as long as with a PIN, so that the time tells no names
            return False
        return kept.matches(pin)

    def _tries(self) -> list[Entry]:
        return self._ledger.entries(kind=_TRIES, newest_first=True, limit=_LOOK_BACK)

    def _ledger_time(self) -> datetime:
        return self._ledger.now()


def _failures(tries: list[Entry], who: str) -> tuple[int, datetime | None]:
    """Count wrong tries since the last right one, newest first, and give the time of the newest; "" are strangers."""
    count, newest = 0, None
    for entry in tries:
        if str(entry.body.get("technician") or "") != who:
            continue
        if entry.kind != EntryKind.SIGN_IN_FAILED:
            break
        count += 1
        newest = newest or entry.moment
    return count, newest


def _locked(tries: list[Entry], who: str, now: datetime) -> LockedOut | None:
    count, newest = _failures(tries, who)
    if newest is None or count < FREE_TRIES:
        return None
    wait = timedelta(seconds=min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(count - FREE_TRIES, 20)))
    left = min(wait, newest + wait - now)  # a clock that was put back makes nobody wait longer
    return LockedOut(who, max(1, round(left.total_seconds()))) if left > timedelta(0) else None
