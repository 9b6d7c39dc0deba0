"""`home|ledger backup|restore|check-backup`: a desk, or the ledger that desks share, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave
from console.commands.ledgers import key_groups, keys_in, ledger_app
from provisioning.home.custody import CustodyKind
from provisioning.home.home import open_home
from provisioning.plain_text import one_line

if TYPE_CHECKING:
    from provisioning.home.backup_list import Backup
    from provisioning.ledger.shared_backup import SharedBackup

home_app = typer.Typer(help="The desk's home: back it up, and put it back.", no_args_is_help=True)
_Key = Annotated[
    list[Path] | None, typer.Option(help="A public key that the desk is known by; else the backup's own is believed.")
]
_KEYRING = (
    "The key of this home lies in the system keyring of the computer and user that made it, and in no backup: without "
    "that keyring its secrets stay locked."
)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(home_app, name="home")


@home_app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write it; it must not be there yet.")],
) -> None:
    """Write everything that the desk keeps to one file, and check it. Works beside a running window."""
    from provisioning.home.backup import back_up

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    made = back_up(home, file)
    if home.custody() is CustodyKind.KEYRING:
        call.tell(_KEYRING)
    _answer(call, made, file, f"{file} holds the desk, checked: {_counted(made)}. Keep it where the keys are safe.")


@home_app.command("check-backup")
def check(context: typer.Context, file: Annotated[Path, typer.Argument(help="A backup.")], key: _Key = None) -> None:
    """Read every byte of a backup and check it, putting nothing back."""
    from provisioning.home.backup import check_backup

    found = check_backup(file, keys_in(key) if key else None)
    text = f"{file} is whole: {one_line(found.desk_name, 60)}, {found.made}, {_counted(found)}."
    _answer(call_of(context), found, file, text)


@home_app.command()
def restore(context: typer.Context, file: Annotated[Path, typer.Argument(help="A backup.")], key: _Key = None) -> None:
    """Put a backup back as the home (--home), which must not be there: all of it, checked before, or nothing."""
    from provisioning.home.backup import restore as put_back

    call = call_of(context)
    found = put_back(file, call.home_path, keys_in(key) if key else None)
    home = open_home(call.home_path)
    if home.custody() is CustodyKind.KEYRING:
        call.tell(_KEYRING)
    text = f"The home of {one_line(found.desk_name, 60)} as of {found.made} is at {home.path}: {_counted(found)}."
    if home.shared_ledger() is None:
        text += (
            " Entries since then are not in it, and their receipt numbers would be given out again: if there were any, "
            f"do not go on. The last one it has is {found.entries}, {found.head}. Personal details that were erased "
            "since are in it again: “privacy reapply FILE” erases them by a newer export, “privacy erase” by the rules."
        )
    else:
        text += " What the desk wrote since then comes back from the shared ledger: next, “ledger hand-in”."
    _answer(call, found, file, text)


def _counted(found: Backup) -> str:
    return f"{len(found.files)} files, {found.entries} entries"


def _answer(call: Call, found: Backup, file: Path, text: str) -> None:
    document: dict[str, Any] = {
        "file": str(file), "desk": found.desk, "desk_name": found.desk_name, "training": found.training,
        "made": found.made, "entries": found.entries, "head": found.head, "key": found.key, "files": len(found.files),
    }  # fmt: skip
    call.answer(document, text)


_Address = Annotated[str, typer.Argument(help="postgresql+psycopg://LOGIN@HOST/DATABASE")]


@ledger_app.command("backup")
def backup_shared(
    context: typer.Context,
    address: _Address,
    file: Annotated[Path, typer.Argument(help="Where to write it; it must not be there yet.")],
) -> None:
    """Write the ledger that desks share to one file, and check every chain in it by the keys registered there."""
    from provisioning.ledger.postgres_connection import postgres_url
    from provisioning.ledger.shared_backup import back_up_shared

    _answer_shared(call_of(context), back_up_shared(postgres_url(address), file), file, "holds the shared ledger")


@ledger_app.command("check-backup")
def check_shared_backup(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="A backup.")], key: _Key = None
) -> None:
    """Read all of a shared ledger's backup and check every chain in it, by public keys alone."""
    from provisioning.ledger.shared_backup import check_backup

    _answer_shared(call_of(context), check_backup(file, key_groups(key or [])), file, "is whole")


@ledger_app.command("restore")
def restore_shared_backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A backup.")],
    address: _Address,
    key: _Key = None,
) -> None:
    """Put a backup into an empty database in which “ledger create” made the tables; nothing unless all of it holds."""
    from provisioning.ledger.postgres_connection import postgres_url
    from provisioning.ledger.shared_backup import restore_shared

    found = restore_shared(file, postgres_url(address), key_groups(key or []))
    _answer_shared(call_of(context), found, file, "was put back")


def _answer_shared(call: Call, found: SharedBackup, file: Path, what: str) -> None:
    check = found.check
    document: dict[str, Any] = {
        "ok": check.ok, "file": str(file), "made": found.made, "entries": check.entries, "head": check.head,
        "desks": {desk: {"ok": one.ok, "entries": one.entries, "head": one.head} for desk, one in check.desks.items()},
    }  # fmt: skip
    text = f"{file} {what}: {check.entries} entries of {len(check.desks)} desks, head {check.head}."
    if not check.ok:
        document["reason"] = check.why()
        text = f"{file} {what}, and that is in doubt: {check.why()}"
    call.answer(document, text)
    leave(Exit.CLEAR if check.ok else Exit.IN_DOUBT)
