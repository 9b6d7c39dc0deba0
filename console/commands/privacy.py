"""`privacy classes|erase|erased|reapply|hold`: how long personal details are kept, what is due and held, erasing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Exit, call_of, leave, table
from console.duty import acting
from console.settings import load_settings
from provisioning.errors import UsageError
from provisioning.home.home import Home
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.privacy.retention import Decision, Retention

SHOWN = 20
_AT_THE_SERVER = (
    "Removed keys may still lie in files of the shared ledger's server: have their owner run "
    "“VACUUM FULL issuing_desk.record_keys”, and let its own backups of before expire."
)
privacy_app = typer.Typer(help="Personal details: kept, held, erased, looked at, handed out.", no_args_is_help=True)
hold_app = typer.Typer(help="Legal holds: what is held is never erased.", no_args_is_help=True)
privacy_app.add_typer(hold_app, name="hold")


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(privacy_app, name="privacy")


def retention_of(home: Home) -> Retention:
    """Give the periods of a home's desk.toml."""
    from provisioning.privacy.retention import RecordClass

    return Retention({RecordClass(name): years for name, years in load_settings(home.settings_file).retention.items()})


@privacy_app.command()
def classes(context: typer.Context) -> None:
    """List the classes of records: how long each is kept, how many there are, how many are due, held or lost."""
    from provisioning.privacy.erasing import standings

    call = call_of(context)
    home = assembly.ledger_home(call.home_path, None)
    with home.read_ledger() as ledger:
        found = standings(ledger, retention_of(home), datetime.now(UTC))
    document = [
        {"class": str(one.of), "rule": one.rule, "kept": one.kept, "due": len(one.due), "held": len(one.held),
         "lost": one.lost}
        for one in found
    ]  # fmt: skip
    rows = [
        (str(one.of), one.rule, str(one.kept), str(len(one.due)), str(len(one.held)), str(one.lost)) for one in found
    ]
    text = table(rows, ("Class", "Rule", "Kept", "Due", "Held", "Lost"))
    lost = sum(one.lost for one in found)
    if lost:
        text += f"\nOf {lost} records the key is gone and no entry says why: have the ledger verified, or restore it."
    call.answer(document, text)
    leave(Exit.IN_DOUBT if lost else Exit.CLEAR)


@privacy_app.command()
def erase(
    context: typer.Context,
    confirm: Annotated[
        int | None, typer.Option(min=1, help="Erase; how many records are due, as it says without this.")
    ] = None,
    on: Annotated[str | None, typer.Option(help="What is due on this day, YYYY-MM-DD; erases nothing.")] = None,
    officer: Annotated[str, typer.Option(help="Instead of what is due: all about this officer that is over.")] = "",
    receipt: Annotated[str, typer.Option(help="Instead of what is due: this receipt, where all on it is back.")] = "",
    because: Annotated[str, typer.Option(help="With --officer or --receipt: whose decision, and why.")] = "",
) -> None:
    """Say which personal details are due; with --confirm erase them for good. What is held stays."""
    from provisioning.privacy.erasing import erase_due, reapply_erasures, standings, wiped_at_the_server

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    decided = bool(officer or receipt)
    rules = _decision(officer, receipt, because) if decided or because else retention_of(home)
    now = _end_of(on) if on else datetime.now(UTC)
    if on and confirm is not None:
        raise UsageError("What is due on another day is only told, not erased. Leave --on or --confirm out.")
    with home.open_ledger() as ledger:
        found = standings(ledger, rules, now)
        due = [record for one in found for record in one.due]
        held = [
            {"entry": record.number, "desk": record.desk, "hold": hold.name, "on": hold.what}
            for one in found
            for record, hold in one.held
        ]
        records = [
            {
                "entry": one.number,
                "desk": one.desk,
                "class": str(one.of),
                "kind": one.kind,
                "receipt": one.receipt or None,
            }
            for one in due
        ]
        document: dict[str, Any] = {"erased": confirm is not None, "due": len(due), "held": held, "records": records}
        if confirm is None:
            call.answer(document, _due_lines(found))
            return
        reapply_erasures(home, ledger)
        done = erase_due(home, ledger, rules, now, acting(call, home, ledger), expected=confirm)
    left = "" if wiped_at_the_server(home) else _AT_THE_SERVER
    document |= {
        "entries": [one.number for one in done.entries], "unfinished": done.unfinished or None, "next": left or None
    }  # fmt: skip
    numbers = ", ".join(str(one.number) for one in done.entries)
    what = "1 record was" if len(done.records) == 1 else f"{len(done.records)} records were"
    said = f"{what} lawfully erased (ledger entry {numbers})."
    call.answer(document, " ".join(filter(None, (said, done.unfinished, left))))
    leave(Exit.UNKNOWN if done.unfinished else Exit.CLEAR)


def _decision(officer: str, receipt: str, because: str) -> Decision:
    why = one_line(because.strip(), 200)
    if bool(officer) == bool(receipt) or not why:
        raise UsageError("Say whose records (--officer or --receipt, one of the two), and why (--because).")
    return Decision(why, officer_number(officer) if officer else "", one_line(receipt.strip(), 40))


def _end_of(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(23, 59, 59), UTC)
    except ValueError:
        raise UsageError(f"“{one_line(day, 20)}” is no day. Write it as 2026-03-01.") from None


def _due_lines(found: list[Any]) -> str:
    due = [record for one in found for record in one.due]
    lines = [f"{one.rule}: {len(one.due)} due, {len(one.held)} held." for one in found if one.due or one.held]
    lines += [f"  entry {one.number}, {one.kind}, {one.receipt or one.officer}" for one in due[:SHOWN]]
    if len(due) > SHOWN:
        lines.append(f"  and {len(due) - SHOWN} more; --json lists them all.")
    end = f"To erase them for good: the same with --confirm {len(due)}." if due else "Nothing is due."
    return "\n".join([*lines, end])


@privacy_app.command()
def erased(context: typer.Context) -> None:
    """List what was erased: which entries, under which rule, on which day."""
    from provisioning.privacy.erasing import ERASING, parse_erasure

    call = call_of(context)
    with assembly.ledger_home(call.home_path, None).read_ledger() as ledger:
        found = [(entry, parse_erasure(entry)) for entry in ledger.entries(kind=ERASING)]
    document = [
        {
            "entry": entry.number, "desk": entry.desk, "kind": entry.kind, "rule": one.rule, "day": one.time,
            "technician": entry.technician,
            "records": [{"desk": desk, "entry": number} for desk, number in one.records],
        }
        for entry, one in found
    ]  # fmt: skip
    rows = [(str(entry.number), one.time[:10], str(len(one.records)), one.rule) for entry, one in found]
    call.answer(document, table(rows, ("Entry", "Day", "Records", "Rule")) if rows else "Nothing was erased.")


@privacy_app.command()
def reapply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What “ledger export --format jsonl” wrote of a newer state.")],
) -> None:
    """After a restore: erase again what a newer state of this ledger says was erased."""
    from provisioning.ledger.erasure import parse_erasure
    from provisioning.privacy.erasing import ERASING, reapply_erasures
    from provisioning.receipts.short_check import entries_in_file

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    keys = home.keys()
    told = [
        parse_erasure(entry)
        for entry in entries_in_file(file)
        if entry.kind in ERASING and any(key.verifies(entry.signature, bytes.fromhex(entry.hash)) for key in keys.keys)
    ]
    with home.open_ledger() as ledger:
        count = reapply_erasures(home, ledger, told)
    call.answer(
        {"erased": count}, f"{count} records were erased again." if count else "Nothing was to be erased again."
    )


@hold_app.command("add")
def add_hold(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why, and on whose word.")],
    officer: Annotated[str, typer.Option(help="Hold all about an officer.")] = "",
    serial: Annotated[str, typer.Option(help="Hold all about a handset or another thing with a number.")] = "",
    receipt: Annotated[str, typer.Option(help="Hold all about a receipt.")] = "",
    reference: Annotated[str, typer.Option(help="Case or complaint number.")] = "",
) -> None:
    """Place a legal hold: what it is on is not erased until the hold is lifted. For supervisors."""
    from provisioning.privacy.holds import set_hold

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    number = officer_number(officer) if officer else ""
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        named, paper = one_line(serial.strip(), 40), one_line(receipt.strip(), 40)
        entry = set_hold(ledger, reason, reference, technician, officer=number, serial=named, receipt=paper)
    name = str(entry.body["hold"])
    call.answer({"hold": name, "entry": entry.number}, f"Legal hold {name} is placed (ledger entry {entry.number}).")


@hold_app.command("lift")
def lift_hold(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The hold, as “privacy hold list” names it.")],
    reason: Annotated[str, typer.Option(help="Why, and on whose word.")],
) -> None:
    """Lift a legal hold: what is due may be erased again. For supervisors."""
    from provisioning.privacy.holds import end_hold

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        entry = end_hold(ledger, name.strip(), reason, acting(call, home, ledger))
    call.answer(
        {"hold": entry.body["hold"], "entry": entry.number},
        f"Legal hold {entry.body['hold']} is lifted (ledger entry {entry.number}).",
    )


@hold_app.command("list")
def list_holds(context: typer.Context) -> None:
    """List the legal holds that are on."""
    from provisioning.privacy.holds import holds_now

    call = call_of(context)
    with assembly.ledger_home(call.home_path, None).read_ledger() as ledger:
        found = holds_now(ledger)
    document = [
        {"hold": one.name, "on": one.what, "since": one.since, "reason": one.reason, "reference": one.reference or None}
        for one in found
    ]
    rows = [(one.name, one_line(one.what, 50), one.since[:10], one_line(one.reason, 60)) for one in found]
    call.answer(document, table(rows, ("Hold", "On", "Since", "Why")) if rows else "No legal holds are on.")
