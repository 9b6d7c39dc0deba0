"""`ledger find`: what a number, a reference or a name stands for, anywhere in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from console.assembly import ledger_home
from console.call import Exit, call_of, leave, table
from console.commands.ledgers import entry_document, ledger_app
from console.viewing import looked_at
from provisioning.errors import HomeError, UsageError
from provisioning.home.home import Home
from provisioning.plain_text import one_line
from provisioning.privacy.viewing import Look
from provisioning.readers.found import Match
from provisioning.readers.names import NameKind


def register(app: typer.Typer) -> None:
    """Stand in the program's list; the command is on ``ledger`` already."""
    del app


@ledger_app.command()
def find(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="Serial, UDID, IMEI, asset tag, ICCID, officer, receipt, permit, …")],
    entries: Annotated[int, typer.Option(min=0, max=1000, help="How many of the newest entries to show.")] = 20,
) -> None:
    """Find by any identifier or a part of one, however it is separated; exit 1 where nothing fits."""
    from provisioning.readers.finding import entries_of
    from provisioning.readers.finding import find as find_in
    from provisioning.readers.opening import reading
    from provisioning.readers.scanned import scanned
    from ui.ledger_phrases import entry_sentence

    call = call_of(context)
    home = ledger_home(call.home_path, None)
    with reading(home) as book:
        as_of = book.follow(lambda count: call.tell(f"{count:,} entries were read."))
        found = find_in(book, text, as_of=as_of, called=roster_of(home), read=scanned(text))
        shown = entries_of(book, found.matches[0], entries) if len(found.matches) == 1 and entries else []
    if shown:
        shown = looked_at(call, home, Look.SEARCH, shown, **_of(found.matches[0]))
    document = {
        "text": text, "sentence": found.sentence, "more": found.more, "looked_through": found.looked,
        "matches": [
            {"kind": str(one.kind), "value": one.shown, "how": str(one.how), "serial_number": one.subject or None,
             "name": one.called or None}
            for one in found.matches
        ],
        "entries": [entry_document(one) for one in shown],
        "as_of": {"entries": as_of.entries, "time": as_of.time or None, "head": as_of.head or None,
                  "behind": as_of.behind or None},
    }  # fmt: skip
    lines = [found.sentence]
    if len(found.matches) > 1:
        lines += [f"  {one.sentence}" for one in found.matches]
    if shown:
        rows = [
            (str(one.number), one.time[:19].replace("T", " "), one_line(entry_sentence(one), 100)) for one in shown
        ]  # fmt: skip
        lines.append(table(rows, ("No.", "Time (UTC)", "What")))
    call.answer(document, "\n".join(lines))
    leave(Exit.CLEAR if found.matches else Exit.NOT_CLEAR)


def _of(match: Match) -> dict[str, str]:
    """Say whom a look at a match is at."""
    by = {NameKind.OFFICER: "officer", NameKind.RECEIPT: "receipt"}.get(match.kind)
    return {by: match.shown} if by else {"serial": match.subject or match.shown}


def roster_of(home: Home) -> Callable[[str], Sequence[tuple[str, str]]]:
    """Give what finds officers by name, where the roster can be read without anybody being asked."""

    def called(text: str) -> Sequence[tuple[str, str]]:
        try:
            listed = home.roster().load().find(text, 50)
        except (HomeError, UsageError):
            return ()
        return [(one.number, one.name) for one in listed]

    return called
