"""`ledger create|admit|login|state|hand-in|reserve|release|conflicts|settle`: one ledger for many desks."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from console import assembly
from console.assembly import ErasuresFollowed
from console.call import Call, Exit, call_of, leave, table
from console.commands.ledgers import ledger_app
from console.duty import acting
from provisioning.errors import UsageError
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.opening import owner_of
from provisioning.plain_text import one_line


def register(app: typer.Typer) -> None:
    """Stand in the program's list; the commands are on ``ledger`` already."""
    del app


@ledger_app.command()
def create(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="postgresql+psycopg://ADMINISTRATOR@HOST/DATABASE")],
) -> None:
    """Make the ledger that desks share, or bring an older one forward. Its owner must be allowed to make roles."""
    from provisioning.ledger.postgres_connection import postgres_url, where_is
    from provisioning.ledger.shared_making import make_shared_ledger

    call = call_of(context)
    url = postgres_url(address)
    version = make_shared_ledger(url)
    where = where_is(url)
    call.answer({"ledger": where, "version": version}, f"The shared ledger at {where} is there, version {version}.")


@ledger_app.command()
def admit(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="postgresql+psycopg://ADMINISTRATOR@HOST/DATABASE")],
    login: Annotated[str, typer.Option(help="The database login that adds for this desk.")],
    supervisor: Annotated[bool, typer.Option("--supervisor", help="It may add what only supervisors may.")] = False,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="It may also erase what is due (“privacy erase”).")
    ] = False,
    everywhere: Annotated[bool, typer.Option("--every-desk", help="It may add for every desk.")] = False,
) -> None:
    """Register this desk's public key, and let a login add for it. Run by an administrator, at the desk's home."""
    from provisioning.ledger.postgres_connection import postgres_url
    from provisioning.ledger.shared_making import let_desk_in

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    owner = owner_of(home.identity, home.keys())
    let_desk_in(
        postgres_url(address), owner, home.identity.desk_name, login, supervisor=supervisor, every_desk=everywhere,
        administrator=administrator,
    )  # fmt: skip
    what = "every desk" if everywhere else one_line(home.identity.desk_name, 60)
    role = "administrator" if administrator else "supervisor" if supervisor else "technician"
    call.answer(
        {"desk": owner.desk, "key": owner.key.id, "login": login, "role": role, "every_desk": everywhere},
        f"The login {login} may add for {what} as {role}. Next: “ledger = …” in desk.toml, and “ledger login”.",
    )


@ledger_app.command()
def login(context: typer.Context) -> None:
    """Keep the password of this desk's login to the shared ledger, sealed; typed, or from standard input."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    password = getpass.getpass("Password of the ledger's login: ") if sys.stdin.isatty() else sys.stdin.readline()
    password = password.rstrip("\n")
    if not password:
        raise UsageError("No password was given.")
    home.ledger_login().keep(password)
    call.answer({"kept": True}, "The password is in the home, sealed.")


@ledger_app.command()
def state(context: typer.Context) -> None:
    """Say whether the shared ledger answers, and how many entries of this desk it does not have yet."""
    from provisioning.ledger.opening import joint_store

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with joint_store(home, writing=False) as (store, where):
        waiting = store.waiting(home.identity.desk)
    document = {"ledger": where, "reachable": waiting is not None, "waiting": waiting}
    if waiting is None:
        text = f"The shared ledger at {where} does not answer; this desk works alone."
    elif waiting < 0:
        text = (
            f"The shared ledger at {where} has {-waiting} entries of this desk that the desk no longer has: it was put "
            "back to an older state. They come back with the next entry, or “ledger hand-in”."
        )
    else:
        text = f"The shared ledger at {where} answers; {waiting} entries of this desk wait to be handed in."
    call.answer(document, text)
    leave(Exit.CLEAR if waiting == 0 else Exit.UNKNOWN)


@ledger_app.command("hand-in")
def hand_in(context: typer.Context) -> None:
    """Give the shared ledger what this desk wrote while that did not answer, or before it joined."""
    from provisioning.ledger.opening import joint_store

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with joint_store(home, writing=True) as (store, where):
        count = store.hand_in(home.identity.desk)
    with home.open_ledger() as ledger:
        ErasuresFollowed(home, ledger).look()
    call.answer({"ledger": where, "handed_in": count}, f"{count} entries were handed in to {where}.")


@ledger_app.command()
def reserve(
    context: typer.Context, serials: Annotated[list[str], typer.Argument(metavar="SERIAL…", help="Handsets.")]
) -> None:
    """Reserve handsets for this desk: no other hands them over, so this desk may even while it works alone."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    if home.shared_ledger() is None:
        raise UsageError("This desk has its ledger alone, so no other desk hands its handsets over.")
    _book(call, EntryKind.RESERVED, serials, "reserved for this desk")


@ledger_app.command()
def release(
    context: typer.Context, serials: Annotated[list[str], typer.Argument(metavar="SERIAL…", help="Handsets.")]
) -> None:
    """Let other desks hand these handsets over again; those of another desk with a supervisor's login only."""
    _book(call_of(context), EntryKind.RELEASED, serials, "no longer reserved by this desk")


def _book(call: Call, kind: EntryKind, serials: list[str], what: str) -> None:
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        numbers = {serial: ledger.append(kind, serial, {}, technician=technician).number for serial in serials}
    call.answer({"kind": str(kind), "entries": numbers}, f"{len(numbers)} handsets are {what}.")


@ledger_app.command()
def conflicts(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
) -> None:
    """List what desks did that does not go together; exit 1 where something is open."""
    from provisioning.conflicts import find_conflicts
    from ui.conflict_phrases import conflict_sentence

    call = call_of(context)
    with assembly.ledger_home(call.home_path, None).read_ledger() as books:
        found = [one for one in find_conflicts(books) if everything or one.settled is None]
    document = [
        {
            "conflict": one.name, "kind": str(one.clash), "subject": one.subject, "settled": one.settled,
            "entry": {"desk": one.entry.desk, "number": one.entry.number, "hash": one.entry.hash},
            "other": {"desk": one.other.desk, "number": one.other.number, "hash": one.other.hash},
            "sentence": conflict_sentence(one),
        }
        for one in found
    ]  # fmt: skip
    rows = [(one.name, "settled" if one.settled else "open", conflict_sentence(one)) for one in found]
    call.answer(document, table(rows, ("Conflict", "", "What")) if rows else "No conflicts.")
    leave(Exit.NOT_CLEAR if any(one.settled is None for one in found) else Exit.CLEAR)


@ledger_app.command()
def settle(
    context: typer.Context,
    conflict: Annotated[str, typer.Argument(help="Its name, as “ledger conflicts” shows it.")],
    decision: Annotated[str, typer.Option(help="What was decided, in a supervisor's words.")],
) -> None:
    """Book how a conflict was settled; the entries that contradict each other stay."""
    from provisioning import conflicts as clashes

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        entry = clashes.settle(ledger, conflict, one_line(decision, 500), acting(call, home, ledger))
    call.answer({"conflict": conflict, "entry": entry.number}, f"Settled by entry {entry.number}.")
