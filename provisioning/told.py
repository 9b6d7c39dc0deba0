"""The outcome that ended a walk, as the ledger keeps it, and read back from there.

Kept are the outcome's name and its own words, never who the handset is: that is an entry of its own. What is read back
is meant for sentences; an outcome of another version, or one with more to it than words, is not read back at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import cast

from provisioning.batches.manifest import Disagreement, Mismatch
from provisioning.canonical import Json
from provisioning.handset import Hindrance, Identity, Obstacle
from provisioning.notices import KeptAsItIs, Missing, UnderEvidenceHold
from provisioning.outcomes import Outcome
from provisioning.platforms import Platform
from provisioning.receipts.receipt import ReturnReason
from provisioning.stages import enrol, erase, identify, preflight, seal, trust
from provisioning.walk import AnsweredGarbage, DeskLacks, KeptSilent, SaidNo, StillStarting, WentAway

Words = Mapping[str, Json]


def told(outcome: Outcome) -> dict[str, Json]:
    """Give an outcome's own words."""
    return {"outcome": type(outcome).__name__, **_words(outcome)}


def read_back(body: Words) -> Outcome | None:
    """Give the outcome that :func:`told` wrote; None where this version cannot say it again."""
    make = _MAKERS.get(str(body.get("outcome")))
    if make is None:
        return None
    try:
        return make(body)
    except (KeyError, ValueError, TypeError):
        return None


def _words(value: object) -> dict[str, Json]:
    assert is_dataclass(value)
    words: dict[str, Json] = {}
    for field in fields(value):
        one = getattr(value, field.name)
        if isinstance(one, Identity):
            continue
        if isinstance(one, tuple):
            words[field.name] = [
                _words(each) if is_dataclass(each) else str(each) for each in cast("tuple[object, ...]", one)
            ]
        elif is_dataclass(one):
            words[field.name] = _words(one)
        else:
            words[field.name] = str(one)
    return words


def _text(body: Words, name: str) -> str:
    return str(body[name])


def _obstacles(body: Words) -> tuple[Obstacle, ...]:
    rows = cast("Sequence[Words]", body["obstacles"])
    found = tuple(Obstacle(Hindrance(_text(row, "hindrance")), _text(row, "detail")) for row in rows)
    if not found:
        raise ValueError("no obstacle")
    return found


def _platform(body: Words) -> Platform:
    return Platform(_text(body, "platform"))


def _named(body: Words) -> Identity:
    """Give as much of an identity as a sentence needs."""
    return Identity(Platform.IOS, _text(body, "serial_number"), "", "", "", "")


def _left_as_it_is(body: Words) -> identify.LeftAsItIs:
    words = cast("Words", body["notice"])
    notice: KeptAsItIs
    if "reference" in words:
        notice = UnderEvidenceHold(_text(words, "reason"), _text(words, "reference"), _text(words, "since"))
    else:
        notice = Missing(ReturnReason(_text(words, "reason")), _text(words, "officer"), _text(words, "receipt"))
    return identify.LeftAsItIs(_named(body), notice)


def _not_as_listed(body: Words) -> identify.NotAsListed:
    words = cast("Words", body["mismatch"])
    return identify.NotAsListed(
        _named(body), Mismatch(Disagreement(_text(words, "kind")), _text(words, "detail"), _text(words, "manifest"))
    )


_MAKERS: Mapping[str, Callable[[Words], Outcome]] = {
    "NotAsListed": _not_as_listed,
    "LeftAsItIs": _left_as_it_is,
    "HereTwice": lambda body: identify.HereTwice(_text(body, "serial_number"), _text(body, "other_bay")),
    "Swapped": lambda body: identify.Swapped(_text(body, "expected"), _text(body, "found")),
    "AwaitingUnlock": lambda body: trust.AwaitingUnlock(_platform(body)),
    "AwaitingTrust": lambda body: trust.AwaitingTrust(_platform(body)),
    "TrustDenied": lambda body: trust.TrustDenied(_platform(body)),
    "Unreachable": lambda body: trust.Unreachable(_platform(body), _text(body, "detail")),
    "PairingClosed": lambda _: trust.PairingClosed(),
    "StillNameless": lambda _: trust.StillNameless(),
    "Erasing": lambda _: erase.Erasing(),
    "NotErased": lambda body: erase.NotErased(_obstacles(body)),
    "NotFromHere": lambda body: erase.NotFromHere(_platform(body)),
    "NeedsHands": lambda body: preflight.NeedsHands(_obstacles(body)),
    "NotFit": lambda body: preflight.NotFit(_obstacles(body)),
    "HeldByAnother": lambda body: enrol.HeldByAnother(_text(body, "organisation")),
    "EnrolmentRefused": lambda body: enrol.EnrolmentRefused(_text(body, "reason")),
    "NotReadBack": lambda body: enrol.NotReadBack(_text(body, "found")),
    "NotManaged": lambda body: enrol.NotManaged(_text(body, "reason")),
    "NotSealed": lambda body: seal.NotSealed(_text(body, "reason")),
    "WentAway": lambda body: WentAway(_text(body, "doing")),
    "KeptSilent": lambda body: KeptSilent(_text(body, "doing"), float(_text(body, "seconds"))),
    "StillStarting": lambda body: StillStarting(_text(body, "doing")),
    "AnsweredGarbage": lambda body: AnsweredGarbage(_text(body, "doing"), _text(body, "detail")),
    "SaidNo": lambda body: SaidNo(_text(body, "doing"), _text(body, "reason")),
    "DeskLacks": lambda body: DeskLacks(_text(body, "sentence")),
}
