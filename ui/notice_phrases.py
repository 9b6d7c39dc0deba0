"""What is noticed about a handset at plug-in, in one sentence each, and the word for it in JSON. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from provisioning.notices import (
    BroughtByAnother,
    CalledBack,
    IssuedTwice,
    Missing,
    Notice,
    ReturnedUnissued,
    StillOut,
    UnderEvidenceHold,
)
from provisioning.people.recalls import Cause
from provisioning.plain_text import one_line


def notice_sentence(notice: Notice, who: str) -> str:
    """Say a notice about the handset that ``who`` names (see ``ui.phrases.name_of``), and what to do."""
    said = _sentence(notice, who)
    return said[0].upper() + said[1:]


def notice_word(notice: Notice) -> str:
    """Give the one word by which other programs know a notice."""
    match notice:
        case StillOut():
            return "still_out"
        case IssuedTwice():
            return "issued_twice"
        case CalledBack():
            return "called_back"
        case BroughtByAnother():
            return "brought_by_another"
        case ReturnedUnissued():
            return "returned_unissued"
        case Missing(reason):
            return f"reported_{reason}"
        case UnderEvidenceHold():
            return "evidence_hold"
        case _:
            assert_never(notice)


def short_notice(notices: Sequence[Notice]) -> str:
    """Say the first of them as shortly as a card has room for; empty where there is none."""
    if not notices:
        return ""
    first = notices[0]
    match first:
        case StillOut(officer):
            return f"Still out to {_short(officer)}"
        case IssuedTwice():
            return "Issued twice"
        case CalledBack():
            return "Called back"
        case BroughtByAnother():
            return "Brought by another"
        case ReturnedUnissued():
            return "Never issued here"
        case Missing(reason):
            return f"Reported {reason}"
        case UnderEvidenceHold():
            return "Evidence: leave it"
        case _:
            assert_never(first)


def _sentence(notice: Notice, who: str) -> str:
    match notice:
        case StillOut(officer, receipt, since):
            return (
                f"{who} is still out to officer {_short(officer)} by receipt {_short(receipt)} of {since}. "
                "Take it back first, or give it back to that officer."
            )
        case IssuedTwice(first_officer, first_receipt, officer, receipt):
            return (
                f"{who} was handed over twice and never taken back: to officer {_short(first_officer)} by receipt "
                f"{_short(first_receipt)}, then to officer {_short(officer)} by receipt {_short(receipt)}. "
                "Take it back, then find out who had it."
            )
        case CalledBack(officer, receipt, cause):
            why = "is suspended" if cause is Cause.SUSPENDED else "has left"
            return (
                f"{who} is called back: officer {_short(officer)}, who has it by receipt {_short(receipt)}, {why}. "
                "Take it back and keep it."
            )
        case BroughtByAnother(officer, giver, receipt):
            return (
                f"{who} was handed to officer {_short(officer)} and brought back by officer {_short(giver)} "
                f"(receipt {_short(receipt)}). Ask how that came about before it is issued again."
            )
        case ReturnedUnissued(receipt):
            booked = f" (receipt {_short(receipt)})" if receipt else ""
            return (
                f"{who} came back without ever having been issued by this desk{booked}. "
                "Find out where it was issued before it goes out."
            )
        case Missing(reason, officer, receipt):
            return (
                f"{who} was reported {reason} by officer {_short(officer)} (receipt {_short(receipt)}) and lies here. "
                "It is left as it is: keep it, tell a supervisor, then book that it was found."
            )
        case UnderEvidenceHold(reason, reference, since):
            reference = f", {_short(reference)}" if reference else ""
            return (
                f"{who} is kept as evidence since {since} ({one_line(reason, 120)}{reference}). "
                "It is left as it is until the hold is released."
            )
        case _:
            assert_never(notice)


def _short(text: str) -> str:
    return one_line(text or "–", 40)
