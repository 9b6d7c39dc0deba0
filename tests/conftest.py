"""Before anything imports Qt: tests run without a screen unless somebody asked for one."""

import ast
import os
import sys
from functools import wraps
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Hundreds of programs are started here; where bytecode may not be kept, each compiles the house anew (0.7 s).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# How long an example takes says something about the machine that it runs on, and nothing about what it tries.
settings.register_profile("without a clock", deadline=None)
settings.load_profile("without a clock")

# WORKAROUND https://github.com/python/cpython/issues/106905, until Python 3.11.8 and 3.12.2: two threads that parse at
# once (both only write a traceback) upset each other's count of depth, and pytest ends where it was to tell a failure.
if sys.version_info < (3, 11, 8) or (3, 12) <= sys.version_info < (3, 12, 2):
    parse = ast.parse

    @wraps(parse)
    def parse_again(*arguments: Any, **named: Any) -> Any:
        """Parse; once more where the count was upset."""
        try:
            return parse(*arguments, **named)
        except SystemError:
            return parse(*arguments, **named)

    ast.parse = parse_again

LONGEST = (
    "test_apple_engine_faults.py", "test_scenes.py", "test_ledger_verify.py", "test_walk.py", "test_cli_bad_input.py",
    "test_ledger.py", "test_counter.py", "test_returns.py", "test_cli_line.py", "test_judge_hostile.py",
    "test_window.py", "test_counter_stories.py", "test_android_engine_faults.py", "test_provisioning_qr.py",
    "test_counter_on_the_rack.py", "test_handover_items.py", "test_receipt_seal.py", "test_many_desks.py",
    "test_yard.py", "test_ledger_files.py", "test_house.py", "test_forty.py", "test_apple_engine_states.py",
    "test_cli_printing.py", "test_home.py", "test_returns_on_the_rack.py", "test_killed.py", "test_cli_seal.py",
    "test_window_on_the_rack.py", "test_virtual_android_adbd.py", "test_android_engine.py", "test_apple_table.py",
    "test_cli_permits.py", "test_unplug_on_the_rack.py",
)  # fmt: skip
"""The files that take longest, longest first (see ``--durations=0``)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that at the end no worker is left alone with one of them."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))
