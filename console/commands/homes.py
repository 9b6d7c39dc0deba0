"""`init` and `doctor`: make a home; say what this machine lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console import assembly
from console.call import Exit, call_of, leave
from provisioning.errors import FileError, UsageError


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(init)
    app.command()(doctor)
    app.command("supervision-import")(supervision_import)


def init(
    context: typer.Context,
    training: Annotated[bool, typer.Option("--training", help="For virtual handsets, for life.")] = False,
    organisation: Annotated[str | None, typer.Option(help="Name of the organisation that owns the handsets.")] = None,
    desk: Annotated[str | None, typer.Option(help="Name of this desk.")] = None,
) -> None:
    """Make the desk's home: settings, keys, ledger."""
    call = call_of(context)
    home = assembly.make_home(call.home_path, training=training, organisation=organisation, desk_name=desk)
    document = {
        "home": str(home.path),
        "training": home.training,
        "desk": home.identity.desk,
        "organisation": home.identity.organisation_name,
        "public_key": str(home.public_key_file),
    }
    lines = [
        f"A {'training' if training else 'real'} home was made at {home.path}.",
        f"Hand {home.public_key_file} to whoever is to check receipts and records.",
    ]
    if not training:
        lines.append("Next: “issuing-desk supervision-import FILE.p12”, and the Android controller in desk.toml.")
    call.answer(document, "\n".join(lines))


def supervision_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="PKCS#12 file with the organisation's supervision identity.")],
    replace: Annotated[bool, typer.Option("--replace", help="Take it although there is another already.")] = False,
) -> None:
    """Import the organisation's supervision identity, which its iPhones obey."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise FileError(file, f"cannot be read: {error.strerror}.") from None
    prompt = assembly.passphrase_prompt()
    try:
        home.import_supervision_identity(data, None, replace=replace)
    except UsageError:
        if prompt is None:
            raise
        home.import_supervision_identity(data, typer.prompt("Passphrase of the file", hide_input=True), replace=replace)
    call.answer({"imported": True}, "The supervision identity is in the home, sealed.")


def doctor(context: typer.Context) -> None:
    """Say what this machine lacks, with the one command that mends each; exit 2 where something essential lacks."""
    from console.doctor import examine

    call = call_of(context)
    findings = list(examine(call.home_path))
    document = [
        {"check": one.check, "ok": one.ok, "essential": one.essential, "sentence": one.sentence, "mend": one.mend}
        for one in findings
    ]
    lines: list[str] = []
    for one in findings:
        mark = "ok     " if one.ok else "LACKING" if one.essential else "note   "
        lines.append(f"{mark}  {one.sentence}" + (f"\n           → {one.mend}" if one.mend else ""))
    call.answer(document, "\n".join(lines))
    leave(Exit.USAGE if any(not one.ok and one.essential for one in findings) else Exit.CLEAR)
