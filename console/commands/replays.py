"""`policy what-if`: a changed policy, permit or catalogue replayed over what was last read of every handset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave
from console.commands.policies import policy_app
from provisioning.catalogue.catalogue import Catalogue
from provisioning.errors import FileError, UsageError
from provisioning.fleet_apps import Stored
from provisioning.people.permits import PERMIT_KINDS, Permit, permits_on_the_books, person_with
from provisioning.plain_text import one_line
from provisioning.policy.compilation import compile_policy
from provisioning.policy.effective import EffectivePolicy, Person
from provisioning.policy.policy import Policy
from provisioning.verification.judgement import Finding, Verdict
from provisioning.what_if import Affected, Side, replay

MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change does to the handsets on the books. ``not_kept``: those whose inventory is no longer there."""

    handsets: int
    affected: tuple[Affected, ...]
    not_kept: tuple[str, ...] = ()

    @property
    def exit(self) -> Exit:
        """Give the exit code: what the affected handsets would be afterwards."""
        after = {one.after for one in self.affected}
        if Verdict.UNKNOWN in after:
            return Exit.UNKNOWN
        return Exit.NOT_CLEAR if Verdict.NOT_CLEAR in after else Exit.CLEAR


def register(app: typer.Typer) -> None:
    """Add nothing to the program itself: the command is one of `policy`."""


@policy_app.command("what-if")
def what_if(
    context: typer.Context,
    policy: Annotated[Path | None, typer.Option(help="A changed policy: its file. Replaces the one it names.")] = None,
    replacing: Annotated[
        str | None, typer.Option(help="The policy that it replaces, where that has another name.")
    ] = None,
    catalogue: Annotated[Path | None, typer.Option(help="Another catalogue: a signed file or a folder.")] = None,
    without: Annotated[list[str] | None, typer.Option("--without-permit", help="As if revoked; repeatable.")] = None,
    on: Annotated[str | None, typer.Option(help="As on this day, YYYY-MM-DD: permits that end until then.")] = None,
) -> None:
    """Say which handsets and people a change would affect, and why; changes nothing."""
    from console.commands.catalogues import open_catalogue
    from provisioning.policy.load import load_policy

    call = call_of(context)
    if policy is not None and not policy.exists():
        raise FileError(policy, "does not exist.")
    proposed = (
        load_policy(policy.resolve(), [policy.resolve().parent, call.home_path / "policies"])
        if policy is not None
        else None
    )
    other = open_catalogue(call, catalogue, None)[0] if catalogue is not None else None
    found = consequences(
        call, catalogue=other, policy=proposed, replacing=replacing, without=without or (), day=_day(on) if on else None
    )
    call.answer(document_of(found), lines(found))
    leave(found.exit)


def consequences(
    call: Call,
    *,
    catalogue: Catalogue | None = None,
    policy: Policy | None = None,
    replacing: str | None = None,
    without: Collection[str] = (),
    day: date | None = None,
) -> Consequences:
    """Replay a change over the handsets of this call's home; without a home there are none."""
    from provisioning.fleet import stored_handsets
    from provisioning.home.home import is_home, open_home

    if not is_home(call.home_path):
        return Consequences(0, ())
    home = open_home(call.home_path, passphrase=assembly.passphrase_prompt())
    now = assembly.catalogue(home.path)
    not_kept: list[str] = []
    with home.read_ledger() as ledger:
        permits = permits_on_the_books(ledger.entries(kind=PERMIT_KINDS))
        strange = [one for one in without if one not in permits]
        if strange:
            raise UsageError(f"There is no permit “{one_line(strange[0], 40)}”. See “issuing-desk permit list”.")
        fleet = list(stored_handsets(ledger, home.records(), not_kept))
    today = date.today()  # the desk's own calendar day
    kept = [permit for reference, permit in permits.items() if reference not in set(without)]
    changed = {replacing or policy.reference.name: policy} if policy is not None else {}
    before = _Compiled(call, now, list(permits.values()), today)
    after = _Compiled(call, catalogue or now, kept, day or today, changed)
    noon = datetime.combine(day or today, time(12), UTC)
    sides = Side(before.catalogue, before), Side(after.catalogue, after)
    affected = tuple(replay(fleet, *sides, later=noon if day else None))
    return Consequences(len(fleet), affected, tuple(not_kept))


def document_of(found: Consequences) -> dict[str, Any]:
    """Give the answer for a reader."""
    return {
        "handsets": found.handsets,
        "affected": [
            {
                "serial_number": one.stored.serial_number,
                "officer": one.stored.officer,
                "policy": one.stored.policy,
                "read": one.stored.time,
                "before": str(one.before),
                "after": str(one.after),
                "appeared": [_finding(finding) for finding in one.appeared],
                "gone": [_finding(finding) for finding in one.gone],
            }
            for one in found.affected
        ],
        "not_kept": list(found.not_kept),
    }


def lines(found: Consequences) -> str:
    """Give the answer for a person: who, then why."""
    if not found.handsets and not found.not_kept:
        return "No handset was verified at this desk yet, so none is affected."
    turns = Counter((one.before, one.after) for one in found.affected)
    out = [one for one in found.affected if one.stored.officer]
    said = [f"Affected: {len(found.affected)} of {found.handsets} handsets, {len(out)} of them in somebody's hands."]
    said += [f"  {count} from {_word(was)} to {_word(becomes)}" for (was, becomes), count in sorted(turns.items())]
    for one in found.affected[:MOST_LINES]:
        who = f"officer {one_line(one.stored.officer, 40)}" if one.stored.officer else "on the desk"
        why = (one.appeared or one.gone)[0].sentence if one.appeared or one.gone else "what was not read differs"
        more = "" if one.appeared or not one.gone else "No longer: "
        said.append(f"{one_line(one.stored.serial_number, 40)} ({who}): {_word(one.after)}. {more}{one_line(why, 300)}")
    if len(found.affected) > MOST_LINES:
        said.append(f"… and {len(found.affected) - MOST_LINES} more; --json has them all.")
    if found.not_kept:
        which = ", ".join(one_line(serial, 40) for serial in found.not_kept[:MOST_LINES])
        more = ", …" if len(found.not_kept) > MOST_LINES else ""
        said.append(
            f"Not replayed, as what was read of them is no longer kept: {len(found.not_kept)} handsets ({which}{more})."
        )
    return "\n".join(said)


@dataclass(slots=True)
class _Compiled:
    """Compiles a handset's policy for its holder, once for all who are alike."""

    call: Call
    catalogue: Catalogue
    permits: Collection[Permit]
    day: date
    changed: Mapping[str, Policy] = field(default_factory=dict[str, Policy])
    _policies: dict[str, Policy] = field(default_factory=dict[str, Policy])
    _effective: dict[tuple[str, Person | None], EffectivePolicy] = field(
        default_factory=dict[tuple[str, "Person | None"], EffectivePolicy]
    )

    def __call__(self, stored: Stored) -> EffectivePolicy:
        policy = self._policy(stored.policy)
        person = self._person(stored, policy)
        key = (stored.policy, person)
        if key not in self._effective:
            self._effective[key] = compile_policy(policy, self.catalogue, person)
        return self._effective[key]

    def _policy(self, name: str) -> Policy:
        if name not in self._policies:
            self._policies[name] = self.changed.get(name) or assembly.policies(self.call.home_path).policy(name)
        return self._policies[name]

    def _person(self, stored: Stored, policy: Policy) -> Person | None:
        """Give the holder where permits or roles make a difference; everybody else is nobody in particular."""
        if stored.officer is None:
            return None
        person = person_with(
            stored.officer, self.permits, self.day, roles=policy.roles, serials=(stored.serial_number,)
        )  # fmt: skip
        return person if person.permits or person.roles else None


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule, "severity": str(finding.severity), "subject": finding.subject, "where": finding.where,
        "family": finding.family, "sentence": finding.sentence, "blocks": finding.blocks,
    }  # fmt: skip


def _word(verdict: Verdict) -> str:
    return str(verdict).replace("_", " ")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"“{one_line(text, 20)}” is not a day. Write YYYY-MM-DD.") from None
