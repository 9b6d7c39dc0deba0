"""`ledger audit`: chain, every signature and receipts in one go, by public keys alone; one verdict."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from console.assembly import ledger_home
from console.call import Exit, call_of, leave
from console.commands.ledgers import heads_in, key_groups, ledger_app
from provisioning.errors import UsageError
from provisioning.files import read_file
from provisioning.ledger.check_shared import SharedCheck, check_shared
from provisioning.ledger.draft import LedgerOwner
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.store import LedgerStore
from provisioning.plain_text import one_line
from provisioning.signatures import AnyDeskKey, DeskKeys, DeskPublicKey

_LARGEST_ANSWER = 1 << 22
_TOLD = 20


def register(app: typer.Typer) -> None:
    """Stand in the program's list; the command is on ``ledger`` already."""
    del app


@ledger_app.command()
def audit(
    context: typer.Context,
    *,
    ledger: Annotated[
        str | None, typer.Option(help="postgresql+psycopg://…, a home, or a ledger file; without, the home's own file.")
    ] = None,
    key: Annotated[list[Path] | None, typer.Option(help="A desk's public keys, a file for each desk.")] = None,
    receipts: Annotated[
        Path | None, typer.Option(help="A folder with receipts as PDF; all below it are checked.")
    ] = None,
    heads: Annotated[
        Path | None, typer.Option(help="An earlier answer (--json): its heads must still be there.")
    ] = None,
) -> None:
    """Check chains, every signature and receipts by public keys alone; one verdict, exit 4 where anything is wrong."""
    from provisioning.readers.audit import check_receipts, receipts_given

    call = call_of(context)
    seen = heads_in(read_file(heads, _LARGEST_ANSWER)) if heads is not None else {}
    with _opened(call.home_path, ledger, key or []) as (store, keys, beside):
        if not keys:
            raise UsageError("No public key is known. Give each desk's with --key.")
        check = check_shared(store, keys, seen, every_signature=True)
        if beside is not None and check.ok:
            check = replace(check, reason=_beside(beside, keys[0]))
        document: dict[str, Any] = {
            "ok": check.ok, "entries": check.entries, "head": check.head,
            "first_bad": next((one.first_bad for one in check.desks.values() if not one.ok), None),
            "reason": check.why() or None, "keys": "given" if key else "found beside the ledger",
            "desks": {desk: {"ok": one.ok, "entries": one.entries, "head": one.head, "first_bad": one.first_bad}
                      for desk, one in check.desks.items()},
        }  # fmt: skip
        lines = [_chain_words(check)]
        if receipts is not None:
            books = Ledger(store, LedgerOwner("", _newest(keys[0]), training=False, receipt_prefix=""), shared=True)
            # Of a chain that holds, every key: a desk that has changed its key sealed receipts with the others, too.
            known = [DeskKeys(one.keys) for one in check.desks.values() if one.keys] or keys
            checked = list(check_receipts(receipts, known, books))
            bad = [one for one in checked if not one.ok]
            missing = sorted(receipts_given(books) - {one.receipt for one in checked if one.ok})
            document["ok"] = check.ok and not bad
            document["receipts"] = {
                "checked": len(checked), "genuine": len(checked) - len(bad),
                "bad": [{"file": str(one.file), "reason": one.sentence} for one in bad], "without_a_file": missing,
            }  # fmt: skip
            lines += _receipt_words(len(checked), [f"{one.file}: {one.sentence}" for one in bad], len(missing))
    if not key:
        lines.append("The keys were found beside the ledger: get them from the desks to trust nobody.")
    verdict = "All of it holds." if document["ok"] else "The record is in doubt."
    call.answer(document, "\n".join([verdict, *lines]))
    leave(Exit.CLEAR if document["ok"] else Exit.IN_DOUBT)


@contextmanager
def _opened(
    home: Path, ledger: str | None, files: list[Path]
) -> Generator[tuple[LedgerStore, list[AnyDeskKey], Path | None]]:
    """Open a ledger for reading; give it, the keys that are to be believed, and the file that it lies in."""
    given: list[AnyDeskKey] = list(key_groups(files))
    if ledger is not None and ledger.startswith("postgresql"):
        from provisioning.ledger.postgres import open_postgres, registered_keys
        from provisioning.ledger.postgres_connection import postgres_url

        url = postgres_url(ledger)
        with closing(open_postgres(url, writing=False)) as store:
            yield store, given or list(registered_keys(url)), None
        return
    from provisioning.ledger.opening import LEDGER
    from provisioning.ledger.sqlite import open_sqlite

    place = Path(ledger.removeprefix("sqlite:///")) if ledger is not None else home
    file = place / LEDGER if place.is_dir() else place
    with closing(open_sqlite(file, writing=False)) as store:
        yield store, given or [ledger_home(file.parent, None).keys()], file


def _beside(file: Path, key: AnyDeskKey) -> str:
    """Say what the head file beside a ledger file contradicts; empty where nothing, or where there is none."""
    from provisioning.ledger.opening import HEAD, check_ledger_file

    if not file.with_name(HEAD).exists():
        return ""
    return check_ledger_file(file, key).reason


def _newest(key: AnyDeskKey) -> DeskPublicKey:
    return key if isinstance(key, DeskPublicKey) else key.newest


def _chain_words(check: SharedCheck) -> str:
    if not check.ok:
        return check.why()
    desks = f" of {len(check.desks)} desks" if len(check.desks) > 1 else ""
    return f"{check.entries:,} entries{desks}: every chain is whole and every signature holds. Head {check.head}."


def _receipt_words(checked: int, bad: list[str], missing: int) -> list[str]:
    lines = [f"{checked - len(bad):,} of {checked:,} receipts are genuine and say what the ledger says."]
    lines += [f"  {one_line(one, 300)}" for one in bad[:_TOLD]]
    if len(bad) > _TOLD:
        lines.append(f"  and {len(bad) - _TOLD:,} more")
    if missing:
        lines.append(f"Of {missing:,} receipts in the ledger no genuine file lies in that folder.")
    return lines
