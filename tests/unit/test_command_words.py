"""Commands whose modules are loaded alone: no other module has anything of theirs, and the others stay unloaded."""

from __future__ import annotations

import importlib
import subprocess
import sys

import typer

from console.cli import ALONE, MODULES


def words_of(module: str) -> set[str]:
    app = typer.Typer()
    importlib.import_module(f"console.commands.{module}").register(app)
    named = {one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands}
    return named | {str(group.name) for group in app.registered_groups}


def test_a_command_that_is_loaded_alone_is_in_its_module_and_in_no_other() -> None:
    words = {module: words_of(module) for module in MODULES}
    for word, alone in ALONE.items():
        assert [module for module, of in words.items() if word in of] == [alone]


def test_inspecting_loads_none_of_the_counters_commands() -> None:
    asked = (
        "import sys; from console.cli import register; register(['--json', '--home', 'h', 'inspect', '--policy', 'p'])"
    )
    told = f"{asked}; print(sorted(name for name in sys.modules if name.startswith('console.commands.')))"
    out = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "console.commands.attached" in out
    assert "console.commands.handover" not in out
