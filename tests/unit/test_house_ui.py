"""Rules of the glass that no type checker knows, read from its source."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLASS = sorted((ROOT / "ui").glob("**/*.py"))
WINDOWED = [*GLASS, *sorted((ROOT / "console").glob("**/*.py"))]
ENGINES = (
    "provisioning.apple",
    "provisioning.android",
    "provisioning.virtual",
    "console",
    "adbutils",
    "pymobiledevice3",
)
HEAVY = (
    "pydantic",
    "sqlalchemy",
    "typst",
    "cryptography",
    "PIL",
    "numpy",
    "PySide6.QtPrintSupport",
    "PySide6.QtNetwork",
)
RUNS_A_LOOP = {
    "exec",
    "exec_",
    "getOpenFileName",
    "getSaveFileName",
    "getText",
    "question",
    "information",
    "warning",
    "critical",
}
"""Calls that run an event loop of their own: every other coroutine of the glass would stop for good."""
NOT_CALLED = {"logger", "logging"}


def calls(source: str) -> Iterator[tuple[int, str, str]]:
    """Give line, object and method of every call on an attribute."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, ast.unparse(node.func.value), node.func.attr


def loops(source: str) -> list[str]:
    return [
        f"{line}: {on}.{name}"
        for line, on, name in calls(source)
        if name in RUNS_A_LOOP and on.rsplit(".", 1)[-1] not in NOT_CALLED
    ]


def named(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name for alias in aliases}
            case ast.ImportFrom(module=str(module), names=aliases):
                names |= {module, *(f"{module}.{alias.name}" for alias in aliases)}
            case ast.Attribute(attr=attribute):
                names.add(attribute)
            case ast.Name(id=name):
                names.add(name)
            case _:
                pass
    return names


@pytest.mark.parametrize("path", WINDOWED, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_loop_runs_within_the_loop(path: Path) -> None:
    assert loops(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", WINDOWED, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_slot_hides_its_task(path: Path) -> None:
    assert not named(path.read_text("utf-8")) & {"asyncSlot", "asyncClose", "qasync.asyncSlot"}


@pytest.mark.parametrize("path", GLASS, ids=lambda path: path.name)
def test_the_glass_knows_no_engine(path: Path) -> None:
    for name in named(path.read_text("utf-8")):
        assert not name.startswith(ENGINES), name


@pytest.mark.parametrize("path", GLASS, ids=lambda path: path.name)
def test_text_is_shown_by_words_that_read_no_markup(path: Path) -> None:
    names = named(path.read_text("utf-8"))
    assert not names & {"setHtml", "RichText", "AutoText", "MarkdownText", "QTextBrowser", "QMessageBox", "QTextEdit"}
    assert "QLabel" not in names or path.name == "plain.py", "labels are made by ui.plain"


def test_these_rules_would_find_what_they_forbid() -> None:
    assert loops("dialog.exec()\nQFileDialog.getSaveFileName(self)") == [
        "1: dialog.exec",
        "2: QFileDialog.getSaveFileName",
    ]
    assert loops("logger.warning('x')\nself.logger.critical('y')") == []
    assert "asyncSlot" in named("from qasync import asyncSlot\n@asyncSlot()\nasync def f(): ...")


def test_the_window_is_imported_without_what_makes_a_start_slow() -> None:
    script = "import sys, ui.window, ui.theme, ui.bridge; print(*sys.modules, sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(run.stdout.split())
    assert "ui.window" in loaded
    assert not {name for name in loaded if name.split(".")[0] in HEAVY or name in HEAVY}
    assert not {name for name in loaded if name.startswith(ENGINES)}


def overriding() -> Iterator[tuple[type, str]]:
    """Give every method of the glass that overrides one of Qt."""
    for path in GLASS:
        module = importlib.import_module(f"ui.{path.stem}" if path.stem != "__init__" else "ui")
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                bases = [base for base in kind.__mro__[1:] if base.__module__.startswith("PySide6.")]
                for name, method in vars(kind).items():
                    inherited = any(name in vars(base) for base in bases)
                    if isinstance(method, FunctionType) and inherited and not name.startswith("_"):
                        yield kind, name


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12 needs no such care")
def test_a_mistake_in_an_override_cannot_end_the_process() -> None:
    found = list(overriding())
    assert len(found) > 50
    assert [f"{kind.__name__}.{name}" for kind, name in found if not hasattr(vars(kind)[name], "__wrapped__")] == []


def test_a_c_error_in_an_override_comes_out_as_an_exception() -> None:
    script = """
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QLabel, QHBoxLayout, QWidget
from ui.steady import steady

@steady
class Label(QLabel):
    def sizeHint(self) -> QSize:
        return QSize(int("x"), 1)

app = QApplication([])
page = QWidget()
QHBoxLayout(page).addWidget(Label("x"))
try:
    page.adjustSize()
except ValueError as error:
    print("came out", error)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "came out" in run.stdout
