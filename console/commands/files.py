"""`check`: judge an inventory that another tool exported."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import call_of, leave
from console.verdicts import lines_of, worst
from provisioning.errors import FileError, UsageError
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.platforms import Platform

LARGEST = 256 << 20
"""Bytes of an exported inventory; the full dump of a phone with 1,000 apps is well below."""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(check)


def check(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The exported inventory; - reads standard input.")],
    platform: Annotated[str, typer.Option(help="ios or android.")],
    policy: Annotated[str, typer.Option(help="Name of the policy.")],
    *,
    officer: Annotated[str | None, typer.Option(help="Officer number: judge under their permits.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Say what is believed of every app.")] = False,
) -> None:
    """Judge an inventory exported elsewhere: pm list packages, Browse plist, go-ios or MVT JSON, identifiers a line."""
    from provisioning.verification.formats import read_inventory, scope_of_file
    from provisioning.verification.judge import judge
    from provisioning.verification.verdict import all_apps, verdict_object

    call = call_of(context)
    if platform not in set(Platform):
        raise UsageError(f"“{one_line(platform, 20)}” is not a platform: choose ios or android.")
    number = officer_number(officer) if officer is not None else None
    path = Path("standard input" if file == "-" else file)
    inventory = read_inventory(_bytes(file, path), Platform(platform), path)
    families = assembly.catalogue(call.home_path)
    effective = assembly.effective_for(call.home_path, policy, families, number)
    judgement = judge(inventory, effective, families)
    scope = scope_of_file(inventory)
    document: dict[str, Any] = {
        "serial_number": None, "platform": platform, "model": None, "os_version": None, "bay": None, "officer": number,
        **verdict_object(judgement), "record": None, "seconds": 0.0, "scope": list(scope),
    }  # fmt: skip
    if every:
        document["apps"] = all_apps(judgement)
    text = lines_of(document) + "".join(f"\n           · {line}" for line in scope)
    call.answer(document, text)
    leave(worst([document]))


def _bytes(file: str, path: Path) -> bytes:
    try:
        if file == "-":
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with path.open("rb") as source:
                data = source.read(LARGEST + 1)
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise FileError(path, f"is larger than {LARGEST >> 20} MiB.")
    return data
