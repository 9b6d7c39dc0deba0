"""The supervision identity by commands: made once, exported for the safe, imported at the next desk, never in clear."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from console.cli import run
from console.commands.homes import FILE_PASSPHRASE
from provisioning.home.custody import PASSPHRASE_VARIABLE
from provisioning.home.home import open_home
from provisioning.ledger.entry import EntryKind

MAGIC = "0F0E0D0C-0000-4000-8000-000000000001"


def test_one_identity_serves_two_desks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "seven wet otters sing")
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "supervision.p12"
    made = ["init", "--organisation", "Met Police", "--magic", MAGIC]
    assert run(["--home", str(first), *made, "--new-supervision"]) == 0
    assert "supervision-export" in capsys.readouterr().out
    assert run(["--home", str(first), "supervision-export", str(file)]) == 2
    assert FILE_PASSPHRASE in capsys.readouterr().err
    monkeypatch.setenv(FILE_PASSPHRASE, "a word for the safe")
    assert run(["--home", str(first), "supervision-export", str(file)]) == 0
    assert run(["--home", str(first), "supervision-export", str(file)]) == 2, "it overwrites nothing"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    monkeypatch.setenv(FILE_PASSPHRASE, "another word")
    assert run(["--home", str(second), *made, "--supervision", str(file)]) == 2
    assert not second.exists(), "a home without the identity that it was to have"
    monkeypatch.setenv(FILE_PASSPHRASE, "a word for the safe")
    assert run(["--home", str(second), *made, "--supervision", str(file)]) == 0
    one, other = open_home(first), open_home(second)
    assert one.supervision().certificate == other.supervision().certificate
    assert one.identity.organisation_magic == other.identity.organisation_magic == MAGIC
    assert run(["--home", str(second), "supervision-import", str(file)]) == 2, "there is one already"
    assert run(["--home", str(second), "supervision-import", str(file), "--replace"]) == 0
    with other.read_ledger() as ledger:
        (changed,) = ledger.entries(kind=EntryKind.SUPERVISION_CHANGED)
    assert changed.technician
    assert (len(str(changed.body["certificate"])), changed.body["replaced"]) == (64, True)
    assert run(["--home", str(tmp_path / "third"), *made, "--supervision", str(tmp_path / "none.p12")]) == 2
