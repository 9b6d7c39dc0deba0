"""`enrolment secret`: what is kept sealed for enrolling Androids, and never shown again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from console import assembly
from console.call import call_of
from provisioning.enrolment.tokens import settings_order
from provisioning.errors import FileError, UsageError
from provisioning.home.desk_secrets import ENROLMENT_TOKEN, LARGEST, RESERVED, WIFI_PASSWORD

app = typer.Typer(
    help=f"Secrets in the vault: {WIFI_PASSWORD}, {ENROLMENT_TOKEN}, or a setting of the controller by its name.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(help=f"{WIFI_PASSWORD}, {ENROLMENT_TOKEN}, or a setting of the controller.")]


def register(root: typer.Typer) -> None:
    """Add the commands to ``enrolment``."""
    root.add_typer(app, name="secret")


@app.command("set")
def keep(
    context: typer.Context,
    name: Name,
    file: Annotated[
        Path | None, typer.Option(help="File that holds it; asked for, or read from stdin, if not.")
    ] = None,
) -> None:
    """Keep a secret; it is never a word of the command line, which others can list."""
    call = call_of(context)
    value = _value(name, file)
    if name not in RESERVED:
        settings_order({name: value})  # what the controller could not be told is not kept either
    home = assembly.home_at(call.home_path, call.tell)
    home.desk_secrets().keep(name, value)
    call.answer({"name": name, "kept": True}, f"“{name}” is kept in the vault of {home.path}.")


@app.command("list")
def names(context: typer.Context) -> None:
    """Name what is kept, not what it is."""
    call = call_of(context)
    known = sorted(assembly.home_at(call.home_path, call.tell).desk_secrets().all())
    call.answer(known, "\n".join(known) or "No secret is kept.")


@app.command("remove")
def forget(context: typer.Context, name: Name) -> None:
    """Remove a secret."""
    call = call_of(context)
    assembly.home_at(call.home_path, call.tell).desk_secrets().forget(name)
    call.answer({"name": name, "kept": False}, f"“{name}” is no longer kept.")


def _value(name: str, file: Path | None) -> str:
    try:
        if file is not None:
            with file.open("rb") as opened:
                data = opened.read(LARGEST + 1)
        elif sys.stdin is not None and not sys.stdin.isatty():
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            typed: str = typer.prompt(f"Secret “{name}”", hide_input=True, err=True)
            data = typed.encode()
        return data.decode("utf-8-sig").strip("\r\n")
    except OSError as error:
        raise FileError(file or Path("stdin"), f"cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError("The secret is not UTF-8 text.") from None
