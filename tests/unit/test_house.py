"""The dependency rule holds, and each of its contracts is provoked once: a contract guards only what it names."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("console", "provisioning", "ui")

PROVOCATIONS = [
    ("layers", "provisioning/walk.py", "import ui.phrases"),
    ("layers", "ui/phrases.py", "import console.call"),
    ("engines-hidden", "provisioning/desk.py", "import provisioning.apple.hub"),
    ("engines-hidden", "provisioning/policy/apple.py", "import provisioning.android.hub"),
    ("engines-hidden", "ui/phrases.py", "import provisioning.virtual.rack"),
    ("engines-apart", "provisioning/virtual/rack.py", "import provisioning.apple.deadlines"),
    ("engines-apart", "provisioning/android/hub.py", "import provisioning.virtual.faults"),
    ("stages-apart", "provisioning/stages/verify.py", "import provisioning.stages.enrol"),
    ("no-qt-below", "provisioning/session.py", "import PySide6.QtCore"),
    ("apple-only", "console/doctor.py", "import pymobiledevice3.usbmux"),
    ("android-only", "provisioning/watch.py", "import adbutils"),
]


def lint(where: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as l; l()"]
    command += ["--config", str(where / "pyproject.toml"), "--no-cache"]
    for contract in contracts:
        command += ["--contract", contract]
    environment = {**os.environ, "PYTHONPATH": str(where)}
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house that may be spoilt."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_is_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "module", "line"), PROVOCATIONS)
def test_a_broken_rule_is_noticed(copy: Path, contract: str, module: str, line: str) -> None:
    file = copy / module
    honest = file.read_text("utf-8")
    assert lint(copy, contract).returncode == 0
    file.write_text(f"{honest}\n{line}\n", "utf-8")
    try:
        done = lint(copy, contract)
    finally:
        file.write_text(honest, "utf-8")
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout


def test_nothing_stands_on_the_top_level_but_the_house() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    tops = {line.split("/", 1)[0] for line in tracked.stdout.splitlines()}
    house = {"pyproject.toml", "console", "provisioning", "ui", "resources", "tests", "README.md", "LICENSE"}
    assert {top for top in tops if not top.startswith(".")} <= house | {"uv.lock", "pylock.toml", "requirements.lock"}


@pytest.mark.parametrize("word", ["utils", "common", "core", "helpers", "manager"])
def test_no_module_is_named_after_nothing(word: str) -> None:
    modules = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert not [path for path in modules if path.stem == word or path.parent.name == word]


@pytest.mark.parametrize("package", PACKAGES)
def test_nobody_waits_in_a_way_that_swallows_cancellation(package: str) -> None:
    """``asyncio.wait_for`` of Python 3.11 gives a result although it was cancelled, where both happen at once.

    A handset that was pulled at the moment of its answer was received all the same. ``asyncio.timeout`` does not.
    """
    found = [
        f"{file}:{node.lineno}"
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "wait_for"
    ]
    assert not found
