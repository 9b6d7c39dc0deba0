"""`batch …`: deliveries, what they should hold, how far they have come, and their end."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.batch_reading import (
    import_manifest,
    is_finished,
    matches,
    progress_document,
    read_portals,
    report_of,
    summary,
)
from console.call import Call, Exit, call_of, leave, table
from console.commands.arrival import INTRODUCTION
from console.duty import acting
from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.book import BatchBook
from provisioning.batches.closing import NotClosed, close
from provisioning.batches.matching import Match, MatchOutcome, Said
from provisioning.batches.progress import Progress
from provisioning.batches.report import report_csv, report_pdf
from provisioning.canonical import Json
from provisioning.errors import HandsetError, HomeError, HubError, UsageError
from provisioning.files import write_copy
from provisioning.ledger.entry import EntryKind
from provisioning.plain_text import one_line
from provisioning.status import Errand
from ui.batch_phrases import row_sentence

batch_app = typer.Typer(help="Batches: deliveries and their manifests.", no_args_is_help=True)
SHOWN = 20
LOOK = 5.0
"""Seconds that a match waits for a tap of Trust before it goes on without that handset."""

Name = Annotated[str, typer.Argument(help="Name of the batch.")]
Portals = Annotated[
    list[Path] | None,
    typer.Option("--portal", help="Export of Apple Business Manager, Knox, zero-touch or device management; again."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(batch_app, name="batch")


@batch_app.command("import")
def import_batch(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The supplier's manifest, CSV or XLSX with a heading.")],
    name: Annotated[str | None, typer.Option(help="Name of the batch; that of the file if left out.")] = None,
) -> None:
    """Keep a manifest, or a corrected one in its place; rows that name no handset are listed with line and reason."""
    call = call_of(context)
    called = name or one_line(file.stem, 60)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        reading, changes = import_manifest(home, ledger, file, called, acting(call, home, ledger))
    lines = [f"Batch {called}: {len(reading.manifest)} handsets; {len(reading.bad)} rows are wrong."]
    if changes["again"]:
        lines.append(f"  {changes['added']} added, {changes['changed']} changed, {changes['removed']} no longer on it.")
    lines += [f"  line {line}: {reason}" for line, reason in reading.bad[:SHOWN]]
    if len(reading.bad) > SHOWN:
        lines.append(f"  and {len(reading.bad) - SHOWN} more rows like these")
    bad = [{"line": line, "reason": reason} for line, reason in reading.bad]
    call.answer({**changes, "bad_rows": bad}, "\n".join(lines))


@batch_app.command("list")
def list_batches(context: typer.Context) -> None:
    """List the batches of this home."""
    call = call_of(context)
    names = BatchFolder(call.home_path).names()
    if not names or call.as_json:
        call.answer(names, "No batch was imported.")
        return
    with assembly.ledger_home(call.home_path, None).read_ledger() as ledger:
        book = BatchBook(call.home_path, ledger)
        call.answer(names, table([(name, summary(book.progress(name))) for name in names], ("Batch", "How it stands")))


@batch_app.command()
def show(context: typer.Context, name: Name) -> None:
    """Say how each handset of a batch stands by the ledger. Exit 3 while any is not ready or out."""
    call = call_of(context)
    with assembly.ledger_home(call.home_path, None).read_ledger() as ledger:
        book = BatchBook(call.home_path, ledger)
        batch = book.progress(name)
        document = progress_document(book, batch)
    rows = [
        (one["serial_number"], (one["model"] or "")[:30], one["state"], (one["since"] or "")[:16])
        for one in document["handsets"]
    ]
    lines = [summary(batch) + ".", document["outlook"], table(rows, ("Serial number", "Model", "State", "Since (UTC)"))]
    lines += [f"? {one['sentence']}" for one in (*document["strangers"], *document["nameless"])]
    lines += [f"▲ {row_sentence(row)}" for row in batch.lane]
    call.answer(document, "\n".join(lines))
    leave(Exit.CLEAR if is_finished(batch) else Exit.UNKNOWN)


@batch_app.command("match")
def match_batch(
    context: typer.Context,
    name: Name,
    portal: Portals = None,
    *,
    look: Annotated[bool, typer.Option(help="Ask the handsets that are attached now; else only the ledger.")] = True,
) -> None:
    """Match manifest, handsets and portal, one outcome each. Exit 0 if all agree, 3 while any is missing, else 1."""
    call = call_of(context)
    portals = read_portals(portal or [])
    BatchFolder(call.home_path).load(name)  # before handsets are asked
    attached = asyncio.run(_attached(call)) if look else []
    with assembly.ledger_home(call.home_path, None).read_ledger() as ledger:
        book = BatchBook(call.home_path, ledger)
        found = matches(book, book.manifest(name), portals, attached)
    counts = {str(one): sum(row.outcome is one for row in found) for one in MatchOutcome}
    document: dict[str, Any] = {
        "batch": name,
        "portals": [{"title": one.title, "handsets": len(one.lines), "covers": one.covers or "all",
                     "bad_rows": [{"line": line, "reason": reason} for line, reason in one.bad]} for one in portals],
        "counts": counts,
        "handsets": [_match_document(one) for one in found],
    }  # fmt: skip
    words = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    lines = [f"{words or 'Nothing to match'}."]
    lines += [f"  {one.serial_number:20} {one.outcome:20} {one.sentence}" for one in found if not one.outcome.agrees]
    call.answer(document, "\n".join(lines))
    leave(max((_exit_of(one) for one in found), default=Exit.UNKNOWN))


@batch_app.command("open")
def open_batch(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the batch; left out: none.")] = "",
) -> None:
    """Work on this batch from now on: the window leaves what its manifest does not mean as it is."""
    call = call_of(context)
    if name:
        BatchFolder(call.home_path).load(name)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        body: dict[str, Json] = {"batch": name}
        ledger.append(EntryKind.BATCH_OPENED, None, body, technician=acting(call, home, ledger))
    call.answer(
        {"batch": name or None}, f"This desk works on batch {name}." if name else "This desk works on no batch."
    )


@batch_app.command("close")
def close_batch(
    context: typer.Context,
    name: Name,
    override: Annotated[str, typer.Option(help="Why it is closed although it differs; stands in the ledger.")] = "",
) -> None:
    """Close a batch whose count is the ledger's. Exit 3 and what differs where it is not; --override says why not."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        book = BatchBook(home.path, ledger, home.identity.desk_name)
        done = close(ledger, book.manifest(name), book.elsewhere, reason=override, technician=technician)
    differing = [asdict(one) for one in done.differences]
    batch: Progress = done.progress
    document: dict[str, Any] = {
        "batch": name, "closed": not isinstance(done, NotClosed), "handsets": len(batch.rows), "ready": batch.done,
        "differences": differing, "entry": None if isinstance(done, NotClosed) else done.entry.number,
    }  # fmt: skip
    if isinstance(done, NotClosed):
        lines = [f"Batch {name} stays open: {batch.done} of {len(batch.rows)} are ready or out, and this differs:"]
        lines += [f"  {one['sentence']}" for one in differing]
        lines.append("Bring them to their end, or close it all the same with --override REASON.")
        call.answer(document, "\n".join(lines))
        leave(Exit.UNKNOWN)
    else:
        call.answer(
            document, f"Batch {name} is closed by entry {done.entry.number}: {batch.done} of {len(batch.rows)}."
        )


@batch_app.command("report")
def report_batch(
    context: typer.Context,
    name: Name,
    portal: Portals = None,
    *,
    csv: Annotated[Path | None, typer.Option(help="Write the table here.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the pages here.")] = None,
) -> None:
    """Write the report of a batch, as a table and as pages."""
    call = call_of(context)
    if csv is None and pdf is None:
        raise UsageError("Say where the report goes: --csv FILE, --pdf FILE, or both.")
    portals = read_portals(portal or [])
    home = assembly.ledger_home(call.home_path, None)
    with home.read_ledger() as ledger:
        book = BatchBook(home.path, ledger, home.identity.desk_name)
        report = report_of(book, home, ledger, name, portals)
    if csv is not None:
        write_copy(csv, report_csv(report))
    if pdf is not None:
        write_copy(pdf, report_pdf(report), "The batch itself is safe in the ledger.")
    written = [str(path) for path in (csv, pdf) if path is not None]
    document = {"batch": name, "handsets": len(report.batch.rows), "done": report.batch.done, "files": written}
    call.answer(document, f"{summary(report.batch)}. Written: {', '.join(written)}.")


def _match_document(one: Match) -> dict[str, Any]:
    return {
        "serial_number": one.serial_number, "outcome": str(one.outcome), "sentence": one.sentence,
        "lines": list(one.lines), "seen": one.seen, "in_portal": one.in_portal or None,
        "not_compared": list(one.not_compared),
    }  # fmt: skip


def _exit_of(one: Match) -> Exit:
    if one.outcome.agrees:
        return Exit.CLEAR
    return Exit.UNKNOWN if one.outcome is MatchOutcome.MISSING else Exit.NOT_CLEAR


async def _attached(call: Call) -> list[Said]:
    """Ask who is attached, by the engine where it is free; where it is not, the ledger alone is asked."""
    home = assembly.home_at(call.home_path, call.tell)
    try:
        async with assembly.engine(home, "batch match", call=call) as engine:
            await engine.desk.settle()
            for sentence in engine.desk.lost.values():
                call.tell(sentence)
            effective = await asyncio.to_thread(engine.counter.effective, engine.settings.policy, None)
            nameless = [one for one in engine.desk.sessions if one.status().identity is None]
            await engine.desk.run(nameless, Errand(INTRODUCTION, effective, LOOK))
            known = [session.status().identity for session in engine.desk.sessions]
    except (HomeError, HubError, HandsetError) as error:
        call.tell(f"{error} So only what the ledger says is matched.")
        return []
    return [Said(one.serial_number, one.imei or "", str(one.platform), one.model) for one in known if one is not None]
