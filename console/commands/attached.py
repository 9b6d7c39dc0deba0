"""`handsets`, `inspect`, `provision`: the commands that talk to what is plugged in."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave, table
from console.commands.arrival import ABSENT, lead_all, lead_named
from console.commands.erasing import Confirmed, confirmed
from console.verdicts import absent_verdict, lines_of, verdict_of, worst
from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.manifest import Manifest, read_manifest
from provisioning.counter import Counter
from provisioning.errors import UsageError
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.policy.effective import EffectivePolicy
from provisioning.status import Errand, Phase, SessionStatus
from provisioning.tables.reading import read_table
from provisioning.walk import INSPECT, PROVISION, PROVISION_ANEW
from ui.connection_phrases import connection_sentence
from ui.phrases import PHASE_WORD, headline, name_of, notices_member

Serials = Annotated[list[str] | None, typer.Argument(help="Serial numbers; none: all that are attached.")]
PolicyName = Annotated[str, typer.Option("--policy", help="Name of the policy.")]
OfficerNumber = Annotated[str | None, typer.Option("--officer", help="Officer number: judge under their permits.")]

MOST_TOLD = 20
"""Bad rows of a manifest that are told one by one."""
INSPECT_PATIENCE = 5.0
"""Seconds that ``inspect`` waits for a tap; it is for reading, not for preparing."""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(handsets)
    app.command()(inspect)
    app.command()(provision)


def handsets(context: typer.Context) -> None:
    """Say who is attached."""
    call = call_of(context)
    rows, blind = asyncio.run(_attached(call))
    text = table(
        [tuple(one_line(str(row[key] or "–"), 30) for key in _COLUMNS) for row in rows],
        ("Serial number", "Model", "System", "Bay", "State"),
    )
    text = "\n".join([text, *(notice["sentence"] for row in rows for notice in row.get("notices", ()))])
    call.answer(rows, text if rows else "No handset is seen." if blind else "No handset is attached.")
    if blind and not rows:
        leave(Exit.UNKNOWN)  # nobody looked, which is not the same as nobody there


_COLUMNS = ("serial_number", "model", "os_version", "bay", "state")


def inspect(context: typer.Context, policy: PolicyName, serials: Serials = None, officer: OfficerNumber = None) -> None:
    """Read and judge; change nothing. Exit 0 only if every handset is clear."""
    call = call_of(context)
    number = officer_number(officer) if officer is not None else None
    _report(call, _led(_walk(call, serials, policy, number, patience=INSPECT_PATIENCE, changing=False)))


def provision(
    context: typer.Context,
    policy: PolicyName,
    serials: Serials = None,
    *,
    officer: OfficerNumber = None,
    manifest: Annotated[Path | None, typer.Option(help="Supplier's manifest to match against.")] = None,
    batch: Annotated[str | None, typer.Option(help="A batch that was imported, to match against.")] = None,
    parallel: Annotated[int | None, typer.Option(min=1, max=256, help="Handsets worked on at the same moment.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for a person, each time.")] = 60.0,
    erase: Annotated[bool, typer.Option("--erase", help="Erase each first; needs --confirm for each.")] = False,
    confirm: Confirmed = None,
) -> None:
    """Lead handsets from identify to verify, up to ready."""
    if erase:
        confirmed(serials or [], confirm)
    number = officer_number(officer) if officer is not None else None
    call = call_of(context)
    if manifest is not None and batch is not None:
        raise UsageError("--manifest and --batch both say what the box should hold. Give one of them.")
    listed = _manifest(call, manifest) if manifest is not None else None
    if batch is not None:
        listed = BatchFolder(call.home_path).load(batch)
    walk = _walk(
        call, serials, policy, number, patience=wait, changing=True, parallel=parallel, anew=erase, manifest=listed
    )
    _report(call, _led(walk))


def _manifest(call: Call, file: Path) -> Manifest:
    """Read the manifest, telling the rows that mean no handset."""
    reading = read_manifest(read_table(file), one_line(file.stem, 60))
    for line, reason in reading.bad[:MOST_TOLD]:
        call.tell(f"{file}, line {line}: {reason}.")
    if len(reading.bad) > MOST_TOLD:
        call.tell(f"{file}: and {len(reading.bad) - MOST_TOLD} more rows like these.")
    if not len(reading.manifest):
        raise UsageError(f"{file} names no handset, so none can be matched.")
    return reading.manifest


async def _attached(call: Call) -> tuple[list[dict[str, Any]], bool]:
    """List who is attached, and tell whether a platform's hub could not be asked."""
    home = assembly.home_at(call.home_path, call.tell)
    async with assembly.engine(home, "handsets", call=call) as engine:
        await engine.desk.settle()
        _tell_lost(call, engine)
        statuses = [session.status() for session in engine.desk.sessions]
        for status in statuses:
            if status.identity is None and (said := connection_sentence(status.attachment, name_of(status))):
                call.tell(said)
        return [_row(status) for status in statuses], bool(engine.desk.lost)


async def _walk(
    call: Call,
    serials: list[str] | None,
    policy: str,
    officer: str | None,
    *,
    patience: float,
    changing: bool,
    parallel: int | None = None,
    anew: bool = False,
    manifest: Manifest | None = None,
) -> list[dict[str, Any]]:
    home = assembly.home_at(call.home_path, call.tell)
    progress = _Progress(call) if changing else None
    async with assembly.engine(
        home, "provision" if changing else "inspect", parallel=parallel, call=call,
        on_change=progress.note if progress else lambda _: None,
    ) as engine:  # fmt: skip
        if changing:
            engine.sign_in.acting()
        stages, reference = PROVISION_ANEW if anew else PROVISION if changing else INSPECT, engine.catalogue.reference
        if serials:
            policies = await asyncio.to_thread(_policies, engine.counter, policy, officer, serials)
            await engine.desk.settle()
            errands = {serial: Errand(stages, each, patience, manifest) for serial, each in policies.items()}
            led = await lead_named(engine.desk, errands)
            documents = [
                verdict_of(status, policies[serial], reference, stages=changing) if status is not None
                else absent_verdict(one_line(serial, 40), ABSENT, policies[serial], reference)
                for serial, status in sorted(led.items(), key=lambda one: one[1] is None)
            ]  # fmt: skip
        else:
            if officer is not None and any(permit.role for permit in engine.counter.permits(officer)):
                call.tell(f"A role of officer {officer} holds on named handsets. Name them, or it is left out.")
            effective = await asyncio.to_thread(engine.counter.effective, policy, officer)
            statuses = await lead_all(engine.desk, Errand(stages, effective, patience, manifest))
            documents = [verdict_of(status, effective, reference, stages=changing) for status in statuses]
        _tell_lost(call, engine)
    return documents


def _policies(counter: Counter, policy: str, officer: str | None, serials: list[str]) -> dict[str, EffectivePolicy]:
    """Compile the policy for each handset that is named: an officer's role holds on those that it names alone."""
    if officer is None:
        return dict.fromkeys(serials, counter.effective(policy, None))
    return {serial: counter.effective(policy, officer, serials=(serial,)) for serial in dict.fromkeys(serials)}


def _led(walk: Coroutine[Any, Any, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Run a walk. Its result is kept out of the task: Python 3.11 formats that as text when it puts signals back."""
    documents: list[dict[str, Any]] = []

    async def keep() -> None:
        documents.extend(await walk)

    asyncio.run(keep())
    return documents


def _report(call: Call, documents: list[dict[str, Any]]) -> None:
    text = "" if call.as_json else "\n".join(lines_of(document) for document in documents)
    if not documents:
        call.tell("No handset is attached, so nothing was checked. Plug one in, unlock it and try again.")
    call.answer(documents, text)
    leave(worst(documents))


def _row(status: SessionStatus) -> dict[str, Any]:
    identity, glimpse = status.identity, status.glimpse
    return {
        "serial_number": identity.serial_number if identity else None,
        "platform": str(status.attachment.platform),
        "model": identity.model if identity else glimpse.model if glimpse else None,
        "os_version": identity.os_version if identity else glimpse.os_version if glimpse else None,
        "udid": identity.udid if identity else status.attachment.udid,
        "imei": identity.imei if identity else None,
        "bay": status.attachment.bay,
        "state": _state(status),
    } | notices_member(status)


def _state(status: SessionStatus) -> str:
    if status.phase is Phase.UNPLUGGED:
        return "unplugged"
    return "trusted" if status.identity else status.attachment.state or "not trusted"


def _tell_lost(call: Call, engine: assembly.Engine) -> None:
    for sentence in engine.desk.lost.values():
        call.tell(sentence)


class _Progress:
    """Tells on stderr what each handset needs or has passed, while a person watches."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._said: dict[str, str] = {}
        self._shown = sys.stderr.isatty()

    def note(self, status: SessionStatus) -> None:
        """Say what changed for this handset, once."""
        if not self._shown or not status.stages:
            return
        line = f"{PHASE_WORD[status.phase]:12} {headline(status)}"
        if self._said.get(status.key) != line:
            self._said[status.key] = line
            self._call.tell(line)
