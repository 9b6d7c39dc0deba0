"""A scenario file says what lies on the rack; a wrong one is refused with its file, handset and reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import FileError, UsageError
from provisioning.virtual.scenario import Fault, hub_bays, load_scenario, parse_fault


def test_a_fault_is_a_name_and_options() -> None:
    fault = parse_fault('stall at="pm list packages" seconds=2.5 times=0')
    assert fault.name == "stall"
    assert fault.at == "pm list packages"
    assert fault.seconds("seconds", 1) == 2.5
    assert fault.number("times", 1) == 0
    assert fault.seconds("late", 7) == 7


@pytest.mark.parametrize("text", ["", "stall at", 'stall at="open'])
def test_a_fault_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_fault(text)


@given(st.text(max_size=60))
def test_no_text_crashes_the_fault_parser(text: str) -> None:
    try:
        assert isinstance(parse_fault(text), Fault)
    except UsageError:
        pass


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("", "names no [[handset]]"),
        ("[[handset]]\n", "profile is missing"),
        ('[[handset]]\nprofile = "../../etc/passwd"\n', "is not a profile name"),
        ('[[handset]]\nprofile = "nokia-3310"\n', "is unknown"),
        ("[[handset\n", "is not valid TOML"),
    ],
)
def test_a_wrong_scenario_is_refused_in_one_sentence(tmp_path: Path, toml: str, reason: str) -> None:
    file = tmp_path / "s.toml"
    file.write_text(toml)
    with pytest.raises(FileError) as caught:
        load_scenario(file)
    assert reason in str(caught.value)
    assert str(file) in str(caught.value)


HUBS = '[[hub]]\nname = "2"\nports = 3\n[[hub]]\nname = "Back room"\nports = 1\n'
PHONE = '[[handset]]\nprofile = "iphone-15"\n'


def test_handsets_lie_in_the_hubs_of_the_scenario(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(f'{HUBS}{PHONE}count = 2\n{PHONE}bay = "2-2"\n{PHONE}', "utf-8")
    assert [plan.bay for plan in load_scenario(file)] == ["2-1", "2-3", "2-2", "Back room · 1"]
    assert hub_bays(file) == ("2-1", "2-2", "2-3", "Back room · 1")


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        (f"{HUBS}{PHONE}count = 5\n", "too few for 5 handsets"),
        (f"{HUBS}{HUBS}{PHONE}", "same name"),
        (f'{HUBS}{PHONE}bay = "2-1"\n{PHONE}bay = "2-1"\n', "same bay"),
        (f"[[hub]]\nports = 100000\n{PHONE}", "whole number from 1 to"),
        (f"[[hub]]\nports = true\n{PHONE}", "whole number from 1 to"),
        (f"[[hub]]\nports = 2\ncolour = 3\n{PHONE}", "a hub has a name"),
        (f"hub = 3\n{PHONE}", "must be written"),
    ],
)
def test_a_wrong_hub_is_refused_in_one_sentence(tmp_path: Path, toml: str, reason: str) -> None:
    file = tmp_path / "s.toml"
    file.write_text(toml, "utf-8")
    with pytest.raises(FileError, match=reason):
        load_scenario(file)
