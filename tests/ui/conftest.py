"""Fixtures of the glass: async tests run on qasync, one theme for all, and nothing may be left on the screen."""

from __future__ import annotations

import gc
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from scenes import Stage

from ui.theme import Theme

HERE = Path(__file__).parent


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Callable[[], Any]]:
    """Run async tests of this folder on the loop that the window runs on."""
    del config, item
    return {"qasync": _loop}


def _loop() -> Any:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)  # as the console does: a closed dialog must not end the loop
    return qasync.QEventLoop(app)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pass what the offscreen platform says about dialogs and tooltips; any other Qt warning fails a test."""
    for item in (one for one in items if HERE in one.path.parents):
        item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", r"support raise\(\)", extend=True))


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    """Give the one theme."""
    return Theme(qapp)


@pytest.fixture(autouse=True)
def nothing_left(qapp: QApplication) -> Generator[None]:
    """Fail a test that leaves a window, a timer or a task behind."""
    before = set(map(id, QApplication.topLevelWidgets()))
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if len(QApplication.topLevelWidgets()) > len(before):
        gc.collect()
    left = [widget for widget in QApplication.topLevelWidgets() if id(widget) not in before]
    assert not left, f"left on the screen: {left}"


@pytest.fixture
async def stage(theme: Theme) -> AsyncGenerator[Stage]:
    """Give a rehearsed desk on which a window can be opened."""
    made = Stage(theme)
    yield made
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not made.errors, made.errors
