"""Commands shared out over shells: each once, none lost, none waiting where there was room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provisioning.android.side_by_side import MOST_SHELLS, shared_out

COMMANDS = st.sampled_from(
    ["dumpsys -t 60 package packages", "dumpsys -t 30 user", "dpm list-owners", "getprop"]
    + [f"pm list packages --user {number}" for number in range(12)]
    + [f"tail -c 22 /data/app/{number}" for number in range(40)]
)


@given(st.lists(COMMANDS))
def test_each_command_is_asked_once_and_none_is_lost(commands: list[str]) -> None:
    groups = shared_out(commands)
    assert sorted(command for group in groups for command in group) == sorted(set(commands))
    assert all(groups)
    assert len(groups) <= MOST_SHELLS


def test_the_longest_answer_shares_its_shell_with_nobody() -> None:
    dump = "dumpsys -t 60 package packages"
    groups = shared_out([dump, *(f"pm list packages --user {number}" for number in range(6))])
    assert [dump] in groups


def test_a_few_cheap_commands_take_one_shell() -> None:
    assert len(shared_out(["getprop", "tail -c 22 /a", "tail -c 22 /b"])) == 1
