"""`init` and `doctor`: make a home; say what this machine lacks."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from console import assembly
from console.call import Exit, call_of, leave
from console.duty import acting
from provisioning.errors import FileError, UsageError
from provisioning.ledger.draft import Body, Draft
from provisioning.ledger.entry import EntryKind

FILE_PASSPHRASE = "ISSUING_DESK_P12_PASSPHRASE"  # noqa: S105  # the name of a variable
"""Passphrase of a supervision identity's file, where no person is there to type it."""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(init)
    app.command()(doctor)
    app.command("supervision-import")(supervision_import)
    app.command("supervision-export")(supervision_export)


def init(
    context: typer.Context,
    training: Annotated[bool, typer.Option("--training", help="For virtual handsets, for life.")] = False,
    organisation: Annotated[str | None, typer.Option(help="Name of the organisation that owns the handsets.")] = None,
    desk: Annotated[str | None, typer.Option(help="Name of this desk.")] = None,
    magic: Annotated[
        str | None, typer.Option(help="The organisation's identifier (OrganizationMagic), as its other desks have it.")
    ] = None,
    supervision: Annotated[
        Path | None, typer.Option(help="PKCS#12 file with the organisation's supervision identity, to import at once.")
    ] = None,
    new_supervision: Annotated[
        bool, typer.Option("--new-supervision", help="Make the organisation's first supervision identity here.")
    ] = False,
) -> None:
    """Make the desk's home: settings, keys, ledger."""
    call = call_of(context)
    if supervision is not None and new_supervision:
        raise UsageError("--supervision brings the organisation's identity and --new-supervision makes one: choose.")
    given = None if supervision is None else _unpacked(supervision)
    home = assembly.make_home(call.home_path, training=training, organisation=organisation, desk_name=desk, magic=magic)
    if given is not None:
        home.import_supervision_identity(*given, replace=training)
    elif new_supervision and not training:
        home.create_supervision_identity()
    document = {
        "home": str(home.path),
        "training": home.training,
        "desk": home.identity.desk,
        "organisation": home.identity.organisation_name,
        "organisation_magic": home.identity.organisation_magic,
        "public_key": str(home.public_key_file),
    }
    lines = [
        f"A {'training' if training else 'real'} home was made at {home.path}.",
        f"Hand {home.public_key_file} to whoever is to check receipts and records.",
        *([] if training else [f"Further desks of the organisation: init --magic {home.identity.organisation_magic}."]),
    ]
    if supervision is not None:
        lines.append("The supervision identity is in the home, sealed.")
    elif new_supervision and not training:
        lines.append(
            "A supervision identity was made. Next: “issuing-desk supervision-export FILE.p12” and put that into the "
            "safe; whoever loses it must erase every iPhone it supervises."
        )
    elif not training:
        lines.append("Next: “issuing-desk supervision-import FILE.p12”, and the Android controller in desk.toml.")
    call.answer(document, "\n".join(lines))


def supervision_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="PKCS#12 file with the organisation's supervision identity.")],
    replace: Annotated[bool, typer.Option("--replace", help="Take it although there is another already.")] = False,
) -> None:
    """Import the organisation's supervision identity, which its iPhones obey; the ledger notes who did."""
    from cryptography.hazmat.primitives.serialization import Encoding

    call = call_of(context)
    given = _unpacked(file)
    home = assembly.home_at(call.home_path, call.tell)
    had = home.has_supervision()

    def take(_: Draft) -> Body:
        home.import_supervision_identity(*given, replace=replace)
        certificate = home.supervision().certificate.public_bytes(Encoding.DER)
        return {"certificate": sha256(certificate).hexdigest(), "replaced": had}

    with home.open_ledger() as ledger:
        # Within the step that writes the entry: no identity is taken that the ledger does not know of.
        ledger.append(EntryKind.SUPERVISION_CHANGED, None, take, technician=acting(call, home, ledger))
    call.answer({"imported": True}, "The supervision identity is in the home, sealed.")


def supervision_export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write it; the file must not be there yet.")],
) -> None:
    """Write the supervision identity as PKCS#12 under a passphrase, for another desk or the safe."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    home.supervision()  # whether there is one shows before anybody thinks of a passphrase
    packed = home.export_supervision_identity(_file_passphrase(twice=True) or "")
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(packed)
    except FileExistsError:
        raise FileError(file, "is there already; choose another name.") from None
    except OSError as error:
        raise FileError(file, f"cannot be written: {error.strerror}.") from None
    call.answer({"file": str(file)}, f"{file} holds the supervision identity under its passphrase.")


def _unpacked(file: Path) -> tuple[bytes, str | None]:
    """Read a PKCS#12 file and find the passphrase that opens it; raises before anything is made or changed."""
    from provisioning.home.supervision import parse_supervision_identity

    try:
        data = file.read_bytes()
    except OSError as error:
        raise FileError(file, f"cannot be read: {error.strerror}.") from None
    try:
        parse_supervision_identity(data, None)
    except UsageError:
        passphrase = _file_passphrase(twice=False)
        if passphrase is None:
            raise
        parse_supervision_identity(data, passphrase)
        return data, passphrase
    return data, None


def _file_passphrase(*, twice: bool) -> str | None:
    """Give the passphrase of a PKCS#12 file, from the environment or from a person; None where nobody is there."""
    told = os.environ.get(FILE_PASSPHRASE)
    if told is not None:
        return told
    if assembly.passphrase_prompt() is None:
        if not twice:
            return None
        raise UsageError(f"Set {FILE_PASSPHRASE} to the passphrase that the file shall have.")
    return typer.prompt("Passphrase of the file", hide_input=True, confirmation_prompt=twice, err=True)


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
