"""`permit add|list|revoke|tasks`: one person's permission, approved by another person, and the work that it leaves."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from console import assembly
from console.call import Exit, call_of, leave, table
from console.duty import acting
from console.viewing import looked_at
from provisioning.errors import UsageError
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.people.officers import officer_number
from provisioning.people.permits import PERMIT_KINDS, Permit, permits_on_the_books, refuse_own_approval
from provisioning.plain_text import one_line
from provisioning.privacy.viewing import Look

permit_app = typer.Typer(help="Permits, case by case.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(permit_app, name="permit")


@permit_app.command()
def add(
    context: typer.Context,
    *,
    officer: Annotated[str, typer.Option(help="Officer number of whoever may have the app.")],
    requester: Annotated[str, typer.Option(help="Who asked for it.")],
    approver: Annotated[str, typer.Option(help="Who approved it; never the requester.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    until: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")],
    family: Annotated[str, typer.Option(help="App family as the catalogue names it, e.g. WhatsApp.")] = "",
    role: Annotated[str, typer.Option(help="Instead: a role of the policy, e.g. communications.")] = "",
    serial: Annotated[list[str] | None, typer.Option(help="Handset on which the role holds; repeatable.")] = None,
    conditions: Annotated[str, typer.Option(help="Under which conditions.")] = "",
    since: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD; today if left out.")] = None,
    reference: Annotated[str | None, typer.Option(help="Its reference; numbered if left out.")] = None,
) -> None:
    """Put an approved permit on the books."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    known = {name.casefold(): name for name in assembly.catalogue(home.path).families}
    if family and family.casefold() not in known:
        raise UsageError(f"The catalogue has no family “{one_line(family, 40)}”. Try “issuing-desk catalogue find”.")
    roles = {
        name for shelf in [assembly.policies(home.path)] for one in shelf.names() for name in shelf.policy(one).roles
    }
    if role and role not in roles:
        raise UsageError(
            f"No policy has a role “{one_line(role, 40)}”. There are: {', '.join(sorted(roles)) or 'none'}."
        )
    with home.open_ledger() as ledger:
        there = _permits(ledger)
        permit = Permit(
            reference=one_line(reference or f"P-{len(there) + 1:04d}", 40),
            officer=officer_number(officer),
            family=known[family.casefold()] if family else "",
            requester=one_line(requester, 80),
            approver=one_line(approver, 80),
            reason=one_line(reason, 300),
            valid_from=_day(since) if since else date.today(),  # the desk's own calendar day
            valid_until=_day(until),
            conditions=one_line(conditions, 300),
            role=role,
            serials=tuple(one_line(one, 40) for one in serial or ()),
        )
        refuse_own_approval(permit)
        if permit.reference in there:
            raise UsageError(f"There is a permit {permit.reference} already.")
        ledger.append(
            EntryKind.PERMIT_ADDED, None, dict(permit.to_body()), technician=acting(call, home, ledger),
            once=f"permit {permit.reference}",
        )  # fmt: skip
    call.answer(permit.to_body(), f"Permit {permit.reference}: {permit.what} for officer {permit.officer}.")


@permit_app.command("list")
def list_permits(context: typer.Context) -> None:
    """List all permits with how they stand today."""
    call = call_of(context)
    home = assembly.ledger_home(call.home_path, None)
    with home.read_ledger() as ledger:
        entries = ledger.entries(kind=PERMIT_KINDS)
    permits = list(permits_on_the_books(looked_at(call, home, Look.LEDGER, entries)).values())
    today = date.today()  # the desk's own calendar day
    states = ["revoked" if one.revoked else "in force" if one.in_force(today) else "not in force" for one in permits]
    document = [{**one.to_body(), "state": state} for one, state in zip(permits, states, strict=True)]
    rows = [
        (one.reference, one.officer, one.what, one.valid_until.isoformat(), state)
        for one, state in zip(permits, states, strict=True)
    ]
    call.answer(document, table(rows, ("Permit", "Officer", "For", "Until", "State")) if rows else "No permits.")


@permit_app.command()
def revoke(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(help="The permit's reference.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Revoke a permit from now on."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        permit = _permits(ledger).get(reference)
        if permit is None or permit.revoked:
            raise UsageError(f"There is no permit “{one_line(reference, 40)}” in force.")
        body = {"permit": permit.reference, "officer": permit.officer, "reason": one_line(reason, 300)}
        ledger.append(EntryKind.PERMIT_REVOKED, None, dict(body), technician=acting(call, home, ledger))
    call.answer(body, f"Permit {permit.reference} is revoked; lock the handset of officer {permit.officer} again.")


@permit_app.command()
def tasks(
    context: typer.Context,
    *,
    on: Annotated[str | None, typer.Option(help="As on this day, YYYY-MM-DD; today if left out.")] = None,
    notice: Annotated[int, typer.Option(min=0, max=366, help="Days before an end at which to say so.")] = 14,
) -> None:
    """List the handsets to lock again or to open, because a permit ended, was revoked, moved or came later."""
    from provisioning.fleet import issued_handsets
    from provisioning.people.tasks import Task, permit_tasks

    call = call_of(context)
    day = _day(on) if on else date.today()  # the desk's own calendar day
    with assembly.ledger_home(call.home_path, None).read_ledger() as ledger:
        found = permit_tasks(issued_handsets(ledger).values(), _permits(ledger), day, notice)
    document = [
        {"task": str(one.task), "serial_number": one.serial_number, "officer": one.officer, "permit": one.permit,
         "due": one.due or None, "sentence": one.sentence}
        for one in found
    ]  # fmt: skip
    call.answer(document, "\n".join(one.sentence for one in found) or "Nothing is to be done.")
    leave(Exit.NOT_CLEAR if any(one.task is Task.LOCK_AGAIN for one in found) else Exit.CLEAR)


def _permits(ledger: Ledger) -> dict[str, Permit]:
    return permits_on_the_books(ledger.entries(kind=PERMIT_KINDS))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"“{one_line(text, 20)}” is not a day. Write YYYY-MM-DD.") from None
