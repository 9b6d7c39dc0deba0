"""`keys list|rotate|replace`: the desk's signing key, how it changes, and that every change is on the record."""

from __future__ import annotations

from typing import Annotated

import typer

from console import assembly
from console.call import Call, call_of, table
from console.duty import acting
from provisioning.errors import UsageError
from provisioning.plain_text import one_line

keys_app = typer.Typer(help="The key that this desk signs with.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(keys_app, name="keys")


@keys_app.command("list")
def known(context: typer.Context) -> None:
    """List the desk's public key and those that it had before, the newest first."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    keys = home.keys().keys
    document = [{"key": key.id, "in_use": not place, "public_key": key.pem()} for place, key in enumerate(keys)]
    rows = [("in use" if not place else "before", key.id) for place, key in enumerate(keys)]
    call.answer(document, table(rows, ("", "SHA-256 of the public key")))


@keys_app.command()
def rotate(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "in turn",
) -> None:
    """Make a new key and go on with it; the old one signs that. Whoever has the old public key can follow."""
    _change(call_of(context), reason, lost=False)


@keys_app.command()
def replace(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="What became of the old key, for the record: lost, stolen, …")],
) -> None:
    """Go on with a new key where the old one is lost or stolen; nobody believes it until he is given the new one."""
    _change(call_of(context), reason, lost=True)


def _change(call: Call, reason: str, *, lost: bool) -> None:
    told = one_line(reason, 200)
    if not told.strip():
        raise UsageError("Say why, for the record.")
    home = assembly.home_at(call.home_path, call.tell)
    with home.lock("keys replace" if lost else "keys rotate"):
        with home.open_ledger() as ledger:
            technician = acting(call, home, ledger)
        entry = home.change_key(told, technician, lost=lost)
    keys = home.keys()
    text = f"The desk signs with a new key since entry {entry.number}. {home.public_key_file} holds it, and the old."
    if lost:
        text += (
            " Whoever checks this desk must be given that file by a person he trusts; on a shared ledger its "
            "administrator runs “ledger admit” once more."
        )
    call.answer(
        {
            "entry": entry.number, "key": keys.id, "replaces": keys.keys[1].id, "kind": entry.kind,
            "public_key": str(home.public_key_file),
        },
        text,
    )  # fmt: skip
