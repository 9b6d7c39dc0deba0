"""One sentence for each kind of conflict between desks."""

from __future__ import annotations

from typing import assert_never

from provisioning.conflicts import Clash, Conflict
from provisioning.plain_text import one_line


def conflict_sentence(conflict: Conflict) -> str:
    """Say what does not go together, and what to do about it."""
    subject, officer = one_line(conflict.subject, 40), one_line(conflict.entry.officer or "?", 40)
    when = conflict.entry.time[:16].replace("T", " ")
    match conflict.clash:
        case Clash.OUT_TWICE:
            other = one_line(conflict.other.officer or "?", 40)
            return (
                f"{subject} went out to officer {officer} ({when} UTC) while it was out to officer {other}: find out "
                "who has it, and book its return from the other."
            )
        case Clash.PERMIT_REVOKED:
            permit = one_line(str(conflict.other.body.get("permit", "?")), 40)
            return (
                f"{subject} went out to officer {officer} ({when} UTC) under permit {permit}, which had been revoked: "
                "call it back and lock it down again."
            )
        case Clash.OFFICER_CALLED_BACK:
            return f"{subject} went out to officer {officer} ({when} UTC), who had been called back: ask for it again."
    assert_never(conflict.clash)
