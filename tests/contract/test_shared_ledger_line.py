"""Two desks on one ledger, by commands: joined, seen, refused, cut off, handed in, contradicted, settled, audited."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from cli_bench import CLEAR, IN_DOUBT, NOT_CLEAR, POLICY, UNKNOWN, USAGE, Desk, desk_on_rack
from ledger_place import PASSWORD, a_database
from postgres_server import server

TECHNICIANS, SUPERVISOR = ("line1", "line2"), "lineboss"


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database and the logins of two desks and of a supervisor, as an administrator leaves them."""
    whole = a_database(like="template1")
    for login in (*TECHNICIANS, SUPERVISOR):
        server().execute(
            f"DO $$ BEGIN CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}'; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return whole.replace(f"desk4:{PASSWORD}@", "@")


def of(address: str, login: str) -> str:
    return address.replace("//@", f"//{login}@")


def joins(desk: Desk, address: str, login: str, folder: Path) -> None:
    """Make the home of a desk share the ledger."""
    settings = desk.home / "desk.toml"
    text = settings.read_text()
    settings.write_text(text.replace("[desk]\n", f'[desk]\nledger = "{of(address, login)}"\n'))


def test_two_desks_and_an_auditor(tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    administrator = of(address, "postgres")
    with desk_on_rack(tmp_path, "--iphones", "0", "--androids", "2", within=capsys) as (one, rack):
        first, second = (handset["serial_number"] for handset in rack.of("android"))
        two = replace(one, home=tmp_path / "home2")
        assert two.call("init", "--training", "--desk", "Annexe").code == CLEAR
        assert one.call("ledger", "create", administrator).code == CLEAR
        assert one.call("ledger", "create", administrator).code == CLEAR, "once more changes nothing"
        for desk, login in ((one, TECHNICIANS[0]), (two, TECHNICIANS[1])):
            assert desk.call("ledger", "admit", administrator, "--login", login).code == CLEAR
            joins(desk, address, login, tmp_path)
            assert desk.call("ledger", "hand-in").code == CLEAR
            assert desk.call("ledger", "state").document["waiting"] == 0

        assert one.call("provision", *POLICY).code == CLEAR
        handed = one.call("handover", first, "--officer", "P1", "--declined", "hand in plaster")
        assert handed.code == CLEAR, handed.said
        shown = two.call("ledger", "show", "--serial", first).document
        assert shown[-1]["body"]["receipt"] == handed.document["receipt"]
        assert two.call("provision", *POLICY).code in {CLEAR, NOT_CLEAR, UNKNOWN}
        twice = two.call("handover", first, "--officer", "P2", "--declined", "hand in plaster")
        assert twice.code == USAGE
        assert "P1" in twice.document["error"], "the other desk's handover is known here"

        os.environ["ISSUING_DESK_LEDGER"] = of(address, TECHNICIANS[1]).replace(f":{server().port}/", ":1/")
        try:
            assert two.call("ledger", "state").code == UNKNOWN
            alone = two.call("handover", second, "--officer", "P2", "--declined", "hand in plaster")
            assert alone.code == CLEAR, alone.said
            assert "alone" in alone.said
        finally:
            del os.environ["ISSUING_DESK_LEDGER"]
        other = one.call("handover", second, "--officer", "P3", "--declined", "hand in plaster")
        assert other.code == CLEAR, "this side could not know"
        assert two.call("ledger", "state").document["waiting"] > 0
        assert two.call("ledger", "hand-in").code == CLEAR
        listed = one.call("ledger", "conflicts")
        assert listed.code == NOT_CLEAR
        (clash,) = listed.document
        assert (clash["kind"], clash["subject"]) == ("out_twice", second)
        assert "P2" in clash["sentence"]
        assert "P3" in clash["sentence"]

        settle = ("ledger", "settle", clash["conflict"], "--decision", "P2 brings it back")
        assert one.call(*settle).code == USAGE, "that is a supervisor's"
        assert one.call("ledger", "admit", administrator, "--login", SUPERVISOR, "--supervisor").code == CLEAR
        os.environ["ISSUING_DESK_LEDGER"] = of(address, SUPERVISOR)
        try:
            assert one.call(*settle).code == CLEAR
        finally:
            del os.environ["ISSUING_DESK_LEDGER"]
        assert two.call("ledger", "conflicts").code == CLEAR

        keys = [part for desk in (one, two) for part in ("--key", str(desk.home / "keys" / "desk.pub"))]
        verify = ("ledger", "verify", "--ledger", administrator)
        whole = one.call(*verify, *keys)
        assert (whole.code, whole.document["ok"], len(whole.document["desks"])) == (CLEAR, True, 2), whole.document
        assert one.call(*verify, *keys[:2]).code == IN_DOUBT, "without its key a desk is not believed"
        yesterday = tmp_path / "yesterday.json"
        yesterday.write_text(json.dumps(whole.document))
        assert one.call(*verify, *keys, "--heads", str(yesterday)).code == CLEAR
        for desk in (one, two):
            assert desk.call("ledger", "verify").code == CLEAR

        server().execute(
            "ALTER TABLE issuing_desk.entries DISABLE TRIGGER ALL; "
            f"UPDATE issuing_desk.entries SET officer = 'P9' WHERE subject = '{first}' AND kind = 'handed_over'; "
            "ALTER TABLE issuing_desk.entries ENABLE TRIGGER ALL",
            address.rpartition("/")[2],
        )
        forged = one.call(*verify, *keys)
        assert (forged.code, forged.document["first_bad"]) == (IN_DOUBT, handed.document["entry"])


def test_settings_with_a_password_in_them_are_refused(tmp_path: Path, address: str) -> None:
    with desk_on_rack(tmp_path, "--iphones", "0", "--androids", "0") as (desk, _):
        assert desk.call("init", "--training").code in {CLEAR, USAGE}
        joins(desk, address, f"{TECHNICIANS[0]}:hunter2", tmp_path)
        refused = desk.call("ledger", "show")
        assert refused.code == USAGE
        assert "plain text" in refused.document["error"]
        assert "hunter2" not in refused.said + json.dumps(refused.document)
