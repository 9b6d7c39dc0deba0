"""A scenario file says what lies on the rack; a wrong one is refused with its file, handset and reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import FileError, UsageError
from provisioning.virtual.scenario import Fault, load_scenario, parse_fault


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
