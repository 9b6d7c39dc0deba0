"""The table of states and failures: what becomes of each iPhone, what the technician reads, and that the others go on.

All of them lie on one desk at the same time, between handsets with which nothing is wrong. With
``ISSUING_DESK_TABLE=FILE`` the table is written there as Markdown.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from apple_bench import SHORT
from walk_bench import errand, rack_of

from console import assembly
from console.settings import Settings
from provisioning.apple.hub import AppleHub
from provisioning.handset import Hub
from provisioning.home.home import Home
from provisioning.stages.enrol import Enrolled
from provisioning.status import Phase, SessionStatus
from provisioning.turns import Turns
from provisioning.walk import StageName
from ui.phrases import headline


@dataclass(frozen=True)
class Row:
    """One iPhone of the table: how it lies there, what its walk ends with, and what its sentence must say."""

    title: str
    outcome: str
    words: str
    state: str = ""
    faults: tuple[str, ...] = ()

    def toml(self, number: int) -> str:
        faults = ", ".join(f"'{fault}'" for fault in self.faults)
        return (
            f'[[handset]]\nprofile = "iphone-15"\nserial_number = "T{number:04d}ROW00"\nstate = "{self.state}"\n'
            f"faults = [{faults}]\n"
        )


def refused(title: str, at: str, name: str, outcome: str, words: str) -> Row:
    return Row(title, outcome, words, faults=(f'error at={at} name="{name}" times=0',))


PRESENT = "A cloud configuration is already present on this device."
ROWS = (
    Row("new, at Setup Assistant", "Verified", "is clear"),
    Row("set up, managed by nobody", "NeedsHands", "Erase it, leave it at the Hello screen", "set-up"),
    Row("another organisation's", "NotFit", "managed by Northgate Logistics Ltd", "foreign"),
    Row("another organisation's, sealed", "PairingClosed", "closed to this desk", "foreign-sealed"),
    Row("Find My on", "NeedsHands", "sign out of the Apple Account before any erase", "find-my"),
    Row("activation-locked after an erase", "NeedsHands", "is not activated", "activation-locked"),
    Row("not activated", "NeedsHands", "Connect it to the desk's Wi-Fi", "unactivated"),
    Row("locked (PasswordProtected)", "AwaitingUnlock", "Unlock the iPhone 15", "locked"),
    Row("Lockdown Mode (4021)", "SaidNo", "switched off in Settings", faults=("lockdown-mode",)),
    Row("late dialog (PairingDialogResponsePending)", "AwaitingTrust", "tap “Trust”", "set-up", ("late-dialog",)),
    Row("Don't Trust (UserDeniedPairing)", "TrustDenied", "Unplug it, plug it in again and tap", "denied"),
    Row("pairing closed (MCProtected)", "PairingClosed", "closed to this desk", "pairing-closed"),
    refused("14002", "SetCloudConfiguration", f"14002 {PRESENT}", "EnrolmentRefused", "Erase it"),
    refused("CertificateRejected", "Escalate", "CertificateRejected", "EnrolmentRefused", "CertificateRejected"),
    refused("SignedRequestRejected", "EscalateResponse", "SignedRequestRejected", "EnrolmentRefused", "SignedRequest"),
    refused("CommandFormatError", "InstallProfileSilent", "CommandFormatError", "SaidNo", "CommandFormatError"),
    refused("4001 → 1009", "InstallProfileSilent", "MCProfileErrorDomain 1009 Profile failed", "SaidNo", "1009"),
    refused("14000", "InstallProfileSilent", "14000 The payload is of an unexpected type.", "SaidNo", "14000"),
    refused("14005", "InstallProfileSilent", "14005 Not supervised", "SaidNo", "not supervised"),
    refused("4020", "InstallProfileSilent", "DMCInstallationErrorDomain 4020 No", "SaidNo", "do not permit"),
    Row("keybag 37000", "EnrolmentRefused", "Unlock it with its passcode", faults=("keybag-migration code=37000",)),
    Row("keybag 37001", "EnrolmentRefused", "Unlock it with its passcode", faults=("keybag-migration code=37001",)),
    refused("InvalidHostID", "StartSession", "InvalidHostID", "SaidNo", "InvalidHostID"),
    refused("SessionInactive", "StartService", "SessionInactive", "SaidNo", "the session with it has ended"),
    refused("InvalidService", "StartService", "InvalidService", "SaidNo", "does not offer this service"),
    refused("EscrowLocked", "StartService", "EscrowLocked", "AwaitingUnlock", "Unlock the iPhone 15"),
    refused("locks itself in the middle", "StartService", "PasswordProtected", "AwaitingUnlock", "Unlock the iPhone"),
    refused("GetProhibited", "GetValue", "GetProhibited", "SaidNo", "GetProhibited"),
    refused("MissingValue", "GetValue", "MissingValue", "SaidNo", "MissingValue"),
    refused("14004", "InstallProfileSilent", "14004 The Wi-Fi power state could not be set.", "SaidNo", "14004"),
    refused("APIInternalError", "Browse", "APIInternalError", "SaidNo", "APIInternalError"),
    Row("TLS refused", "SaidNo", "", faults=("refuse-tls times=0",)),
    Row("nothing answers (silent lockdown)", "KeptSilent", "gave no answer", faults=("silent-lockdown",)),
    Row("cable pulled", "WentAway", "was unplugged", faults=("unplug at=InstallProfileSilent",)),
    Row("another new one", "Verified", "is clear"),
)


async def test_each_is_told_in_one_sentence_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = assembly.make_home(tmp_path / "home", training=True, organisation=None, desk_name=None)
    monkeypatch.setattr(assembly, "hubs", _impatient)
    scenario = "".join(row.toml(number) for number, row in enumerate(ROWS))
    async with rack_of(monkeypatch, tmp_path, scenario) as rack, assembly.engine(home, "test", parallel=64) as engine:
        udids = {one["udid"]: number for number, one in enumerate(rack.announcement()["handsets"])}
        await engine.desk.settle()
        statuses = await engine.desk.run(engine.desk.sessions, await errand(engine, patience=3.0))
        ready = [session for session in engine.desk.sessions if session.status().phase is Phase.READY]
        again = await engine.desk.run(ready, await errand(engine, patience=3.0))
    told = {udids[status.attachment.udid or ""]: status for status in statuses}
    assert len(told) == len(ROWS)
    wrong: list[str] = []
    lines = ["| iPhone | walk ends with | what the technician reads |", "|---|---|---|"]
    for number, row in enumerate(ROWS):
        status = told[number]
        ended, read = _ended(status), headline(status)
        lines.append(f"| {row.title} | {ended} | {read} |")
        if (ended, row.words in read) != (row.outcome, True):
            wrong.append(lines[-1])
        assert (status.phase is Phase.READY) is (row.outcome == "Verified"), lines[-1]
        assert "\n" not in read
    for status in again:
        enrolled = next(one.outcome for one in status.stages if one.name is StageName.ENROL)
        lines.append(f"| already ours | {_ended(status)}, {type(enrolled).__name__} already | {headline(status)} |")
        assert status.phase is Phase.READY
        assert isinstance(enrolled, Enrolled)
        assert enrolled.already
    if file := os.environ.get("ISSUING_DESK_TABLE"):
        Path(file).write_text("\n".join(lines) + "\n", "utf-8")
    assert not wrong, "\n".join(wrong)


def _impatient(home: Home, settings: Settings, bays: Mapping[str, str], turns: Turns) -> list[Hub]:
    """Make the iPhones' hub alone, with deadlines that let a silent handset be told in time for a test."""
    del settings
    organisation = home.organisation(lambda: pytest.fail("there is no Android here"))
    return [AppleHub(organisation, home.pairing_folder, home.identity.desk, bays, deadlines=SHORT, turns=turns)]


def _ended(status: SessionStatus) -> str:
    return type(status.stages[-1].outcome).__name__ if status.stages else "nothing"
