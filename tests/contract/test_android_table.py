"""The table of what a desk meets: each situation on a rack of several handsets, what the handset said, what became of
it in the walk, the sentence for the technician, and that the handset beside it went on.

Run ``pytest tests/contract/test_android_table.py -s`` to have it printed; the rows are in ``android_situations.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest
from android_situations import CHANNEL, FOLDER, OWNING, SHELL, STATES, TIKTOK
from walk_bench import home_from, rack_of, walk

from console import assembly
from provisioning.android.install import refusal_of_owner
from provisioning.android.script import Answer
from provisioning.status import Phase, SessionStatus
from provisioning.virtual.android.apk.build import TRAINING_PACKAGE, Manifest, build_apk
from provisioning.virtual.android.apk.signing import Signer
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.android.shell.interpreter import Shell
from provisioning.virtual.android.shell.streams import Collected, Given
from provisioning.virtual.rack import Rack
from ui.phrases import headline

BESIDE = '[[handset]]\nprofile = "pixel-8"\nserial_number = "BESIDE%d"\n'


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "home"
    assembly.make_home(folder, training=True, organisation=None, desk_name=None)
    return folder


@pytest.fixture(scope="module")
def builds() -> dict[str, bytes]:
    """Give the APKs that rows name, by file name."""
    signer = Signer.derived("somebody")
    return {
        "dpc": files("resources").joinpath("virtual", "training-dpc.apk").read_bytes(),
        "unprotected": build_apk(Manifest(TRAINING_PACKAGE, admin=".AdminReceiver", admin_protected=False), signer),
        "undescribed": build_apk(Manifest(TRAINING_PACKAGE, admin=".AdminReceiver", admin_described=False), signer),
        "app": build_apk(Manifest("org.example.app", permissions=("android.permission.CAMERA",)), signer),
    }


async def shell(phone: VirtualAndroid, command: str) -> Answer:
    out, err = Collected(), Collected()
    code = await Shell(phone).run(command, Given(b""), out, err)
    return Answer(command, out.data, err.data, code)


def said_by(answer: Answer) -> str:
    return f"{answer.text}{answer.err.decode()}"


def gist(answer: Answer | None) -> str:
    """Give the line that says it, and the exit code."""
    if answer is None:
        return ""
    lines = [line.strip() for line in said_by(answer).splitlines() if line.strip() and not line.startswith("\tat ")]
    said = next((line for line in lines if "Exception:" in line or "Error:" in line), lines[0] if lines else "")
    return f"{said} [{answer.code}]"


def of(rack: Rack, statuses: dict[str, SessionStatus], phone: VirtualAndroid) -> SessionStatus:
    """Find a handset's session by who it is, or by its connection where it says nothing of itself."""
    known = statuses.get(phone.serial_number)
    if known is not None:
        return known
    return next(one for one in statuses.values() if one.attachment.connection == phone.adbd.address)


def laid_out(rows: Sequence[str]) -> str:
    """Lay all rows on one rack, with a plain handset at each end that must not notice."""
    return BESIDE % 1 + "".join(f"[[handset]]\n{toml}\n" for toml in rows) + BESIDE % 2


def phones_on(rack: Rack, builds: dict[str, bytes]) -> list[VirtualAndroid]:
    phones = [rack.handset(one["serial_number"]) for one in rack.announcement()["handsets"]]
    for phone in phones:
        full, phone.files.full = phone.files.full, False
        for name, data in builds.items():
            phone.files.write(f"{FOLDER}/{name}.apk", data, 0o644)
        phone.files.full = full
    return phones


def show(title: str, table: Sequence[Sequence[str]]) -> None:
    print(f"\n{title}")
    for line in table:
        print(" | ".join(line))


async def test_what_stands_in_a_device_owners_way(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builds: dict[str, bytes]
) -> None:
    home = home_from(template, tmp_path)
    monkeypatch.setattr("provisioning.session.TRIES", 1)
    table: list[Sequence[str]] = []
    wrong: list[str] = []
    async with (
        rack_of(monkeypatch, tmp_path, laid_out([row.toml for row in OWNING])) as rack,
        assembly.engine(home, "test") as engine,
    ):
        first, *phones, last = phones_on(rack, builds)
        answers = [
            await shell(phone, row.asked) if row.asked else None for phone, row in zip(phones, OWNING, strict=True)
        ]
        async with asyncio.timeout(120):
            statuses = await walk(engine, patience=1.0)
        for phone, row, answer in zip(phones, OWNING, answers, strict=True):
            status = of(rack, statuses, phone)
            outcome, told = type(status.stages[-1].outcome).__name__, headline(status)
            table.append((row.name, gist(answer), outcome, told))
            if outcome != row.outcome or row.sentence not in told:
                wrong.append(f"{row.name}: {outcome}: {told}")
            if answer is not None:
                reason = refusal_of_owner(answer) or ""
                if row.said not in said_by(answer) or answer.code != row.code or row.reason not in reason:
                    wrong.append(f"{row.name}: {said_by(answer)!r} [{answer.code}]: {reason}")
    show("dpm set-device-owner", table)
    assert wrong == []
    assert [statuses[phone.serial_number].phase for phone in (first, last)] == [Phase.READY, Phase.READY]


async def test_the_states_in_which_adb_shows_a_handset(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builds: dict[str, bytes]
) -> None:
    home = home_from(template, tmp_path)
    table: list[Sequence[str]] = []
    wrong: list[str] = []
    async with (
        rack_of(monkeypatch, tmp_path, laid_out([row.toml for row in STATES])) as rack,
        assembly.engine(home, "test") as engine,
    ):
        first, *phones, last = phones_on(rack, builds)
        async with asyncio.timeout(120):
            statuses = await walk(engine, patience=1.0)
        for phone, row in zip(phones, STATES, strict=True):
            status = of(rack, statuses, phone)
            outcome, told = type(status.stages[-1].outcome).__name__, headline(status)
            table.append((row.name, status.attachment.state, outcome, told))
            if outcome != row.outcome or row.sentence not in told or not status.attachment.state.startswith(row.word):
                wrong.append(f"{row.name}: {status.attachment.state} -> {outcome}: {told}")
    show("states", table)
    assert wrong == []
    assert [statuses[phone.serial_number].phase for phone in (first, last)] == [Phase.READY, Phase.READY]


async def test_what_the_shell_does_is_cosmetic(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builds: dict[str, bytes]
) -> None:
    """TikTok that anybody with a cable can bring back is never clear, whatever the shell has done to it."""
    home = home_from(template, tmp_path)
    table: list[Sequence[str]] = []
    wrong: list[str] = []
    rows = [f'{row.toml}\nstate = "ours"\napps = ["{TIKTOK}"]' for row in SHELL]
    async with rack_of(monkeypatch, tmp_path, laid_out(rows)) as rack, assembly.engine(home, "test") as engine:
        first, *phones, last = phones_on(rack, builds)
        answers: list[Answer] = []
        for phone, row in zip(phones, SHELL, strict=True):
            if row.told:
                await shell(phone, f"{CHANNEL} {row.told}")
            answers.append(await shell(phone, row.asked))
        statuses = await walk(engine, changing=False, patience=1.0)
        for phone, row, answer in zip(phones, SHELL, answers, strict=True):
            status = statuses[phone.serial_number]
            table.append((row.name, gist(answer), status.phase, headline(status)))
            if row.said not in said_by(answer) or answer.code != row.code:
                wrong.append(f"{row.name}: {said_by(answer)!r} [{answer.code}]")
            assert status.judgement is not None
            subjects = {finding.subject for finding in status.judgement.findings}
            if status.phase is Phase.READY or (row.denied and row.denied not in subjects):
                wrong.append(f"{row.name}: {status.phase}: {sorted(subjects)}")
            if not any(subject.startswith("no_") for subject in subjects):
                wrong.append(f"{row.name}: no restriction is missing, which only the controller can set")
    show("what the shell may do", table)
    assert wrong == []
    assert all(statuses[phone.serial_number].judgement is not None for phone in (first, last))
