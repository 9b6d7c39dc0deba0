"""What is said of people on the command line of the counter: how they are known, who stands for whom, who signs."""

from __future__ import annotations

from provisioning.errors import UsageError
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.receipts.receipt import IdentityCheck, IdentityEvidence
from provisioning.receipts.signing import shortened


def identity_said(text: str | None) -> tuple[IdentityEvidence, str] | None:
    """Read ``--identity``: what was seen, and its number. Raises UsageError."""
    if text is None:
        return None
    kind, _, reference = text.partition(":")
    if kind.strip() not in set(IdentityEvidence):
        raise UsageError(
            f"“{one_line(kind, 30)}” is nothing by which a person is known here: choose {', '.join(IdentityEvidence)}."
        )
    return IdentityEvidence(kind.strip()), reference.strip()


def proxy_said(number: str | None, authority: str | None) -> tuple[str, str] | None:
    """Read ``--proxy`` and ``--authority``, which go together. Raises UsageError."""
    if (number is None) != (authority is None):
        raise UsageError("Whoever collects for an officer needs an authority: give --proxy NUMBER and --authority.")
    if number is None:
        return None
    reference = one_line((authority or "").strip(), 120)
    if not reference:
        raise UsageError("Say what allows it: --authority REFERENCE.")
    return officer_number(number), reference


def typed_said(name: str | None, code: str | None) -> tuple[str, str] | None:
    """Read ``--typed-name`` and ``--code``, which go together. Raises UsageError."""
    if name is None and code is None:
        return None
    typed = one_line((name or "").strip(), 120)
    if not typed or not code:
        raise UsageError("A typed name needs the officer's one-time code: give --typed-name NAME and --code DIGITS.")
    return typed, code


def declined_said(reason: str | None) -> str:
    """Read ``--declined``; empty where it was not given. Raises UsageError."""
    said = one_line((reason or "").strip(), 200)
    if reason is not None and not said:
        raise UsageError("Say why the officer does not sign: --declined REASON.")
    return said


def identity_check(said: tuple[IdentityEvidence, str] | None, technician: str) -> IdentityCheck | None:
    """Give what was seen, by whom; of a number only its end is kept."""
    if said is None:
        return None
    seen, reference = said
    return IdentityCheck(seen, technician, shortened(one_line(reference, 60)))
