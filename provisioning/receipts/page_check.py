"""What was found when a handset was read, as strings for the page: verdict, findings, what was not checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from provisioning.canonical import Json
from provisioning.inventory import Unread
from provisioning.receipts.page_fact import MOST_LINES, Fact, digest_text, fact
from provisioning.receipts.page_text import printable
from provisioning.receipts.receipt import Check, HandsetItem
from provisioning.receipts.wording import Wording

_TOGETHER = 4
"""Areas in one row of what was not checked."""


def check_of(check: Check | None, words: Wording) -> dict[str, Json]:
    """Give what was found; of None, that nobody looked."""

    def say(key: str) -> str:
        return words.say("check", key)

    state = str(check.verdict) if check else "unverified"
    page: dict[str, Json] = {"state": state, "word": say(state), "says": say(f"{state}_says")}
    if check is None:
        return {**page, "when": "", "seen": "", "findings": [], "not_checked": [], "basis": []}
    users = len(check.users_seen)
    counted = say("one_user") if users == 1 else words.say("check", "users", count=users)
    return {
        **page,
        "when": words.say("check", "when", time=words.moment(check.time)),
        "seen": words.say("check", "seen", apps=check.apps_seen, users=counted),
        "findings": _bounded([printable(text) for text in check.findings]),
        "not_checked": _unread(check.not_checked),
        "basis": [*basis_of(check, words), *record_of(check, words)],
    }


def basis_of(check: Check, words: Wording) -> list[Fact]:
    """Give what a handset was checked against: policy, effective policy, catalogue."""

    def say(key: str) -> str:
        return words.say("check", key)

    policy = f"{printable(check.policy.name, 80)} {printable(check.policy.version, 40)}"
    return [
        fact(say("policy"), policy) | {"digest": digest_text(check.policy.sha256)},
        fact(say("effective"), "") | {"digest": digest_text(check.effective_sha256)},
        fact(say("catalogue"), printable(check.catalogue.version, 80))
        | {"digest": digest_text(check.catalogue.sha256)},
    ]


def record_of(check: Check, words: Wording) -> list[Fact]:
    """Give the digest of the signed record, where one was made."""
    return (
        [fact(words.say("check", "record"), "") | {"digest": digest_text(check.record_id)}] if check.record_id else []
    )


def limits_of(items: Iterable[HandsetItem]) -> tuple[str, ...]:
    """Give the limits of all checks, each once, in the order in which they were first said."""
    said = (limit for item in items if item.check for limit in item.check.limits)
    return tuple(dict.fromkeys(printable(limit) for limit in said))


def _unread(unread: Sequence[Unread]) -> list[Json]:
    """Give rows of areas and their reason; a few that were not read for the same reason share one."""
    rows: list[Json] = []
    for why, group in groupby(unread[:MOST_LINES], key=lambda one: one.why):
        areas = [printable(one.area, 160) for one in group]
        rows += [["; ".join(some), printable(why, 200)] for some in _batched(areas)]
    more = len(unread) - MOST_LINES
    return [*rows, *([[f"+ {more}", ""]] if more > 0 else [])]


def _batched(areas: list[str]) -> Iterable[list[str]]:
    return (areas[at : at + _TOGETHER] for at in range(0, len(areas), _TOGETHER))


def _bounded(lines: Sequence[str]) -> list[Json]:
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([f"+ {more}"] if more > 0 else [])]
