"""`catalogue`: how an app is told from others; looked up, checked, signed, and taken from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave, table
from console.duty import acting
from provisioning.catalogue.catalogue import Catalogue, FamilyView
from provisioning.errors import FileError, UsageError
from provisioning.files import read_file, write_copy
from provisioning.plain_text import one_line
from provisioning.signatures import LARGEST_PEM, DeskKeys

catalogue_app = typer.Typer(help="The catalogue of app families.", no_args_is_help=True)
MOST_LINES = 60
"""Changes that are listed for a person; a reader gets them all."""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(catalogue_app, name="catalogue")


@catalogue_app.command()
def find(context: typer.Context, text: Annotated[str, typer.Argument(help="A name, identifier or address.")]) -> None:
    """Find families by name, identifier, address or class."""
    call = call_of(context)
    found = assembly.catalogue(call.home_path).find(text)
    document = [_family(view) for view in found]
    rows = [
        (one_line(view.name, 30), view.class_title, str(entry.platform), entry.identifier)
        for view in found
        for entry in view.entries
    ]
    call.answer(document, table(rows, ("Family", "Kind", "Platform", "Identifier")) if rows else "Nothing found.")
    leave(Exit.CLEAR)


@catalogue_app.command("check")
def check_catalogue(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A signed catalogue, or a catalogue's folder.")] = None,
    key: Annotated[Path | None, typer.Option(help="Public key of whoever signs catalogues.")] = None,
) -> None:
    """Find contradictions in a catalogue; exit 2 where there are any, or where the signature is not the key's."""
    call = call_of(context)
    catalogue, signed = open_catalogue(call, file, key)
    wrong = list(catalogue.check())
    document = {**_version(catalogue), "ok": not wrong, "signature": signed, "contradictions": wrong}
    said = {"checked": "Its signature is good.", "not checked": "Nobody checked its signature: give --key."}
    good = f"Catalogue {catalogue.reference.version} holds no contradiction. {said.get(signed, '')}".rstrip()
    call.answer(document, "\n".join(wrong) or good)
    leave(Exit.USAGE if wrong else Exit.CLEAR)


@catalogue_app.command()
def sign(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A catalogue's folder.")],
    file: Annotated[Path, typer.Argument(help="Where to write the signed file.")],
) -> None:
    """Put a catalogue into one file signed with this desk's key, for other desks to take."""
    from provisioning.catalogue.package import pack

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    data = pack(folder, home.signer())
    write_copy(file, data)
    document = {"file": str(file), "key": home.public_key().id, "bytes": len(data)}
    call.answer(document, f"{file} is signed; desks that trust {home.public_key_file} can take it.")


@catalogue_app.command()
def install(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A signed catalogue.")],
    key: Annotated[Path | None, typer.Option(help="Public key to trust for catalogues from now on.")] = None,
) -> None:
    """Take a newer catalogue into use; only with a good signature, without contradictions, and written down."""
    from provisioning.catalogue.shelf import CatalogueShelf
    from provisioning.ledger.entry import EntryKind

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    shelf = CatalogueShelf(home.path / "catalogue")
    trusted = _key(key) or shelf.key()
    if trusted is None:
        raise UsageError("This home trusts nobody for catalogues yet. Give the public key of whoever signs with --key.")
    before = assembly.catalogue(home.path)
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        taken = shelf.take(file, trusted, before)
        body = {"version": taken.reference.version, "sha256": taken.reference.sha256,
                "before": before.reference.version, "key": trusted.id}  # fmt: skip
        ledger.append(EntryKind.CATALOGUE_CHANGED, None, dict(body), technician=technician)
    call.answer(body, f"Catalogue {taken.reference.version} is in use; it was {before.reference.version}.")


@catalogue_app.command("changes")
def show_changes(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A signed catalogue, or a catalogue's folder.")],
    key: Annotated[Path | None, typer.Option(help="Public key of whoever signs catalogues.")] = None,
) -> None:
    """Say what another catalogue changes, and which handsets it would judge differently."""
    from console.commands.replays import consequences, document_of, lines
    from provisioning.catalogue.changes import changes

    call = call_of(context)
    now, (other, signed) = assembly.catalogue(call.home_path), open_catalogue(call, file, key)
    found = changes(now, other)
    affected = consequences(call, catalogue=other)
    document = {
        "from": _version(now), "to": {**_version(other), "signature": signed},
        "changes": [
            {"change": str(one.change), "what": one.what, "platform": str(one.platform) if one.platform else None,
             "subject": one.subject, "sentence": one.sentence}
            for one in found
        ],
        "handsets": document_of(affected),
    }  # fmt: skip
    said = [f"{one.change}: {one.sentence}" for one in found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        said.append(f"… and {len(found) - MOST_LINES} more; --json has them all.")
    call.answer(document, "\n".join([*said, lines(affected)]))
    leave(affected.exit)


@catalogue_app.command()
def stats(context: typer.Context) -> None:
    """Count what the catalogue holds."""
    call = call_of(context)
    catalogue = assembly.catalogue(call.home_path)
    document = {**_version(catalogue), **catalogue.stats()}
    call.answer(document, table([(key, str(value)) for key, value in document.items()], ("What", "")))


def open_catalogue(call: Call, file: Path | None, key: Path | None) -> tuple[Catalogue, str]:
    """Open a signed file, a folder, or what is in use; say how well its signature is known."""
    from provisioning.catalogue.load import load_catalogue
    from provisioning.catalogue.package import open_package
    from provisioning.catalogue.shelf import CatalogueShelf

    if file is None:
        return assembly.catalogue(call.home_path), "in use"
    if not file.exists():
        raise FileError(file, "does not exist.")
    if file.is_dir():
        return load_catalogue(file), "not signed"
    trusted = _key(key) or CatalogueShelf(call.home_path / "catalogue").key()
    return open_package(file, trusted)[0], "checked" if trusted else "not checked"


def _key(path: Path | None) -> DeskKeys | None:
    return DeskKeys.from_pem(read_file(path, LARGEST_PEM)) if path is not None else None


def _version(catalogue: Catalogue) -> dict[str, str]:
    return {"version": catalogue.reference.version, "sha256": catalogue.reference.sha256}


def _family(view: FamilyView) -> dict[str, Any]:
    return {
        "family": view.name,
        "class": view.app_class,
        "identifiers": [
            {"platform": str(entry.platform), "id": entry.identifier, "sources": list(entry.sources)}
            for entry in view.entries
        ],
        "sites": list(view.sites),
    }
