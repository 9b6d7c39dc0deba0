"""Technicians by commands: who may do what, and whose name stands on the entries."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from cli_bench import CLEAR, USAGE, Result, called

ROSTER = "Officer number,Name\nP1,Ann\n"


def test_on_a_desk_with_technicians_somebody_has_to_sign_in(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "home"
    assert called(home, capsys, "init", "--training").code == CLEAR
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER)
    account = getpass.getuser()

    def call(*arguments: str, **variables: str) -> Result:
        with monkeypatch.context() as scope:
            for name, value in variables.items():
                scope.setenv(f"ISSUING_DESK_{name}", value)
            return called(home, capsys, *arguments)

    take = ("officers", "import", str(roster))
    assert call(*take).code == CLEAR, "as before: the account's desk"
    assert call("--technician", "A. Khan", *take).code == USAGE
    poor = call("technicians", "add", "A. Khan", NEW_PIN="123456")
    assert (poor.code, "123456" in poor.document["error"]) == (USAGE, False)
    nobody_there = call("technicians", "add", "A. Khan")
    assert (nobody_there.code, "ISSUING_DESK_NEW_PIN" in nobody_there.document["error"]) == (USAGE, True)
    made = call("technicians", "add", "A. Khan", NEW_PIN="740193")
    assert made.document == {"name": "A. Khan", "account": None, "has_pin": True, "disabled": False}

    refused = call(*take)
    assert (refused.code, "Nobody is signed in" in refused.document["error"]) == (USAGE, True)
    wrong = call(*take, "--technician=A. Khan", PIN="000001")
    assert (wrong.code, "do not belong together" in wrong.document["error"]) == (USAGE, True)
    assert call(*take, PIN="740193", TECHNICIAN="a. khan").code == CLEAR
    khan = {"PIN": "740193", "TECHNICIAN": "A. Khan"}
    assert call("technicians", "add", "Root", "--account", account, **khan).code == CLEAR
    assert call(*take).code == CLEAR, "this account is technician Root"
    assert call("technicians", "disable", "Root", "--reason", "left", **khan).code == CLEAR
    assert call("technicians", "set-pin", "A. Khan", PIN="740193", NEW_PIN="83-oxford").code == CLEAR
    assert call(*take, **khan).code == USAGE, "the PIN was changed"

    entries = call("ledger", "show").document
    by = [(one["kind"], one["technician"]) for one in entries]
    assert [name for kind, name in by if kind == "officers_imported"] == [account, "A. Khan", "Root"]
    assert ("technician_registered", account) in by
    assert ("sign_in_failed", "nobody signed in") in by
    assert ("technician_disabled", "A. Khan") in by
    listed = call("technicians", "list").document
    assert [(one["name"], one["disabled"]) for one in listed] == [("A. Khan", False), ("Root", True)]
    assert call("ledger", "verify").document["ok"] is True
