"""The table of what a desk meets: each situation on a rack of several handsets, what the handset said, what became of
it in the walk, the sentence for the technician, and that the handset beside it went on.

Run ``pytest tests/contract/test_android_table.py -s`` to have it printed; the rows are those of the project's notes on
``dpm set-device-owner``, on what the shell may do, and on adb's states.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from walk_bench import home_from, rack_of, walk

from console import assembly
from provisioning.platforms import Platform
from provisioning.status import Phase, SessionStatus
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.android.shell.interpreter import Shell
from provisioning.virtual.android.shell.streams import Collected, Given
from provisioning.virtual.rack import Rack
from ui.phrases import headline

PIXEL, GALAXY = 'profile = "pixel-8"', 'profile = "galaxy-a54"'
DPC = "org.issuingdesk.trainingdpc/.AdminReceiver"
APK = "/data/local/tmp/table.apk"
OWN = (
    f"pm install -r {APK} > /dev/null; dpm set-device-owner {DPC}; code=$?; "
    f"pm uninstall {DPC.partition('/')[0]} > /dev/null; exit $code"
)
"""Asked in a way that leaves the handset as it was."""


@dataclass(frozen=True, slots=True)
class Row:
    """A situation: the handset, what shell is asked there (empty: nothing), and what must be said about it."""

    name: str
    toml: str
    asked: str
    said: str
    outcome: str
    sentence: str


OWNING = [
    Row("success, A12+", PIXEL, "", "", "Verified", "is clear"),
    Row("success, A10", 'profile = "nokia-6-1"', "", "", "NotClear", "version 10"),
    Row("owner exists", f'{PIXEL}\nstate = "owned-by-another"', OWN, "device owner", "NotFit",
        "is managed by com.hmdm.launcher. It was not touched"),
    Row("several users", f'{PIXEL}\nusers = ["second-user"]', OWN, "several users", "NeedsHands",
        "further users or profiles"),
    Row("Secure Folder", f"{GALAXY}\nusers = [150]", OWN, "several users", "NeedsHands", "user 150 (Secure Folder)"),
    Row("Dual Messenger", f"{GALAXY}\nusers = [95]", OWN, "several users", "NeedsHands", "user 95 (Dual Messenger)"),
    Row("maker's clone", f"{PIXEL}\nusers = [999]", OWN, "several users", "NeedsHands", "user 999"),
    Row("work profile", f'{PIXEL}\nusers = ["work-profile"]', OWN, "several users", "NeedsHands", "(work profile)"),
    Row("accounts", f'{PIXEL}\naccounts = ["a@example.com"]', OWN, "some accounts", "NeedsHands",
        "holds accounts (1 account). Remove them in Settings, or reset it"),
    Row("Samsung, integrity", 'profile = "galaxy-s23-rooted"', "", "", "EnrolmentRefused", "integrity check failed"),
    Row("wrong component, A12+", f"{PIXEL}\nserial_number = \"X1\"", "dpm set-device-owner a.b/.C", "Unknown admin",
        "Verified", "is clear"),
    Row("no install over USB", 'profile = "xiaomi-13t"', "", "", "EnrolmentRefused", "“Install via USB”"),
    Row("storage full", f'{PIXEL}\nfaults = ["storage-full"]', "", "", "EnrolmentRefused", "too little free storage"),
    Row("another signature", f'{PIXEL}\nfaults = ["other-signature"]', "", "", "EnrolmentRefused",
        "another signature"),
    Row("services not up", f'{PIXEL}\nfaults = ["services-busy seconds=600"]', "", "", "NeedsHands", "still starting"),
    Row("still booting", f'{PIXEL}\nstate = "booting"', "", "", "NeedsHands", "still starting"),
]  # fmt: skip

STATES = [
    Row("unauthorized", f'{PIXEL}\nstate = "unauthorized"', "", "", "AwaitingTrust", "tap “Allow” (USB debugging)"),
    Row("prompt denied", f'{PIXEL}\nfaults = ["prompt-denied"]', "", "", "AwaitingTrust", "tap “Allow”"),
    Row("offline", f'{PIXEL}\nstate = "offline"', "", "", "Unreachable", "is seen but does not answer"),
    Row("recovery", f'{PIXEL}\nstate = "recovery"', "", "", "Unreachable", "is in recovery mode"),
    Row("sideload", f'{PIXEL}\nstate = "sideload"', "", "", "Unreachable", "is in sideload mode"),
    Row("rescue", f'{PIXEL}\nstate = "rescue"', "", "", "Unreachable", "is in rescue mode"),
    Row("bootloader", f'{PIXEL}\nstate = "bootloader"', "", "", "Unreachable", "is in bootloader mode"),
    Row("trade-in", 'profile = "pixel-trade-in"', "", "", "NotFit", "trade-in mode. Finish its setup"),
]  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "home"
    assembly.make_home(folder, training=True, organisation=None, desk_name=None)
    return folder


async def shell(phone: VirtualAndroid, command: str) -> str:
    kept = Collected()
    code = await Shell(phone).run(command, Given(b""), kept, kept)
    return f"{kept.data.decode()}[{code}]"


def _gist(said: str) -> str:
    """Give the line that says it, and the exit code."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("\tat ")]
    return (
        f"{next((line for line in lines if 'Exception:' in line), lines[0] if lines else '')} {said[said.rfind('[') :]}"
    )


def _of(rack: Rack, statuses: dict[str, SessionStatus], phone: VirtualAndroid) -> SessionStatus:
    """Find a handset's session by who it is, or by its connection where it says nothing of itself."""
    known = statuses.get(phone.serial_number)
    if known is not None:
        return known
    return next(one for one in statuses.values() if one.attachment.connection == phone.adbd.address)


@pytest.mark.parametrize("rows", [OWNING, STATES], ids=["enrolment", "states"])
async def test_each_situation_has_its_outcome_and_its_sentence(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[Row]
) -> None:
    """All rows lie on one rack at once, with two plain handsets between them that must not notice."""
    home = home_from(template, tmp_path)
    bystander = f'[[handset]]\n{PIXEL}\nserial_number = "BESIDE%d"\n'
    scenario = bystander % 1 + "".join(f"[[handset]]\n{row.toml}\n" for row in rows) + bystander % 2
    monkeypatch.setattr("provisioning.session.TRIES", 1)
    table: list[tuple[str, ...]] = []
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        serials = [one["serial_number"] for one in rack.announcement()["handsets"]]
        controller = files("resources").joinpath("virtual", "training-dpc.apk").read_bytes()
        pairs = list(zip(serials[1:-1], rows, strict=True))
        for serial, row in pairs:
            if row.asked:
                rack.handset(serial).files.write(APK, controller, 0o644)
        asked = [await shell(rack.handset(serial), row.asked) if row.asked else "" for serial, row in pairs]
        async with asyncio.timeout(120):
            statuses = await walk(engine, patience=1.0)
        wrong: list[str] = []
        for (serial, row), said in zip(pairs, asked, strict=True):
            status = _of(rack, statuses, rack.handset(serial))
            outcome = type(status.stages[-1].outcome).__name__
            told = headline(status)
            table.append((row.name, _gist(said), outcome, told[:170]))
            if outcome != row.outcome or row.sentence not in told or row.said not in said:
                wrong.append(f"{row.name}: {said!r} -> {outcome}: {told}")
        beside = [statuses[serial].phase for serial in (serials[0], serials[-1])]
    for line in table:
        print(" | ".join(line))
    assert wrong == []
    assert beside == [Phase.READY, Phase.READY]
    assert all(status.attachment.platform is Platform.ANDROID for status in statuses.values())


SHELL_ROWS = [
    # What is asked as shell, on which profile, what is said, and whether it counts as lock-down.
    ("pixel-8", "pm disable-user --user 0 {app}", "new state: disabled-user", "installed, disabled"),
    ("pixel-8", "pm suspend --user 0 {app}", "new suspended state: true", "installed, suspended"),
    ("pixel-8", "pm hide {app}", "SecurityException", "installed"),
    ("pixel-8", "pm set-user-restriction no_install_apps 1", "MANAGE_USERS", "installed"),
    ("pixel-8", "pm uninstall --user 0 {app}", "Success", "gone"),
    ("pixel-8", "pm suspend --user 0 com.google.android.apps.nexuslauncher", "state: false", "installed"),
    ("galaxy-a54", "pm clear com.samsung.klmsagent", "restricted", "installed"),
]


@pytest.mark.parametrize(("profile", "command", "said", "then"), SHELL_ROWS)
async def test_what_the_shell_does_is_cosmetic(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str, command: str, said: str, then: str
) -> None:
    """TikTok that anybody with a cable can bring back is never clear, whatever the shell has done to it."""
    tiktok = "com.zhiliaoapp.musically"
    home = home_from(template, tmp_path)
    scenario = f'[[handset]]\nprofile = "{profile}"\napps = ["{tiktok}"]\nstate = "ours"\n'
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test") as engine:
        (serial,) = (one["serial_number"] for one in rack.announcement()["handsets"])
        assert said in await shell(rack.handset(serial), command.format(app=tiktok))
        status = (await walk(engine, changing=False, patience=1.0))[serial]
        assert status.judgement is not None
        subjects = {finding.subject for finding in status.judgement.findings}
        assert status.phase is not Phase.READY
        assert (tiktok in subjects) == (then != "gone"), subjects
        assert any(subject.startswith("no_") for subject in subjects), "a restriction that only the controller can set"
