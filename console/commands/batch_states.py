"""`batch export-state`, `batch import-state`: a batch that goes on at another desk."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from console import assembly
from console.batch_reading import progress_document, summary
from console.call import call_of
from console.commands.batches import Name, batch_app
from console.duty import acting
from provisioning.batches.batch_folder import BatchFolder, manifest_bytes
from provisioning.batches.book import BatchBook
from provisioning.batches.bundle import StateFolder, batch_state, read_state
from provisioning.canonical import Json
from provisioning.errors import FileError, UsageError
from provisioning.files import read_file, write_copy
from provisioning.ledger.entry import EntryKind
from provisioning.plain_text import one_line
from provisioning.signatures import DeskKeys


def register(app: typer.Typer) -> None:
    """Add the commands to the batches' own."""
    del app
    batch_app.command("export-state")(export_state)
    batch_app.command("import-state")(import_state)


def export_state(
    context: typer.Context, name: Name, file: Annotated[Path, typer.Argument(help="Where the file goes.")]
) -> None:
    """Write what this desk's ledger says of a batch, signed, so that another desk can go on with it."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.open_ledger() as ledger:
        manifest = BatchBook(home.path, ledger).manifest(name)
        data = batch_state(ledger, manifest, home.identity, home.signer())
    write_copy(file, data)
    call.answer(
        {"batch": name, "file": str(file), "key": home.public_key().id},
        f"Written: {file}. The other desk takes it with “issuing-desk batch import-state {file.name}”.",
    )


def import_state(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What “batch export-state” wrote at another desk.")],
    key: Annotated[Path | None, typer.Option(help="That desk's keys/desk.pub, to be sure whose file it is.")] = None,
) -> None:
    """Go on with a batch of another desk: its manifest, and what its ledger says of the handsets."""
    call = call_of(context)
    data = read_file(file)
    state = read_state(data, str(file))
    if key is not None and state.key not in DeskKeys.from_pem(read_file(key)).keys:
        raise FileError(file, "was not signed by the desk whose key was given. Nothing was taken from it.")
    home = assembly.home_at(call.home_path, call.tell)
    if state.training != home.training:
        kind = "training" if state.training else "real"
        raise UsageError(f"This is the state of a {kind} desk, and this home is not one. Nothing was taken from it.")
    if state.desk == home.identity.desk:
        raise UsageError("This state was written by this very desk: its ledger says all of it already.")
    name = state.manifest.name
    body: dict[str, Json] = {
        "batch": name, "handsets": len(state.manifest), "refused": 0, "file_sha256": state.digest,
        "state_sha256": state.digest, "manifest_sha256": sha256(manifest_bytes(state.manifest)).hexdigest(),
        "from_desk": state.desk, "from_desk_name": one_line(state.desk_name, 120), "from_key": state.key.id,
        "from_entry": state.head[0], "from_hash": one_line(state.head[1], 64),
    }  # fmt: skip
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        BatchFolder(home.path).keep(name, state.manifest)
        StateFolder(home.path).keep(data)
        ledger.append(EntryKind.BATCH_IMPORTED, None, body, technician=technician)
        book = BatchBook(home.path, ledger, home.identity.desk_name)
        batch = book.progress(name)
        document = progress_document(book, batch)
    checked = "" if key is not None else f" Its key {state.key.id[:16]}… was not checked against that desk's own."
    call.answer(
        {**document, "from_desk": state.desk_name, "key": state.key.id, "key_checked": key is not None},
        f"Batch {name} from {one_line(state.desk_name, 60)}: {summary(batch)}.{checked}",
    )
