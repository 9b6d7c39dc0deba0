"""`ledger send`: the ledger as messages for a log server (syslog), each entry once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.assembly import ledger_home
from console.call import call_of
from console.commands.ledgers import ledger_app

SENT = "syslog.json"


def register(app: typer.Typer) -> None:
    """Stand in the program's list; the command is on ``ledger`` already."""
    del app


@ledger_app.command()
def send(
    context: typer.Context,
    to: Annotated[str, typer.Argument(help="udp://HOST, tcp://HOST or tls://HOST, :PORT behind it; or a file.")],
    *,
    ca: Annotated[Path | None, typer.Option(help="For tls: the certificate that the server's is signed by.")] = None,
    enterprise: Annotated[str, typer.Option(help="The force's private enterprise number (IANA).")] = "32473",
    again: Annotated[bool, typer.Option("--again", help="From the first entry on.")] = False,
) -> None:
    """Send what was added since the last time to a log server (RFC 5424), without anything personal."""
    from provisioning.readers.syslog import Sent, hosts, send_new, way_to

    call = call_of(context)
    home = ledger_home(call.home_path, None)
    way = way_to(to, ca)
    try:
        with home.read_ledger() as ledger:
            ledger.keep_sealed()
            count = send_new(ledger, way, Sent(home.path / SENT, to), hosts(home.identity), enterprise, again=again)
    finally:
        way.close()
    call.answer({"to": to, "entries": count}, f"{count} entries were sent to {to}.")
