"""Coroutines that are started from slots."""

from __future__ import annotations

import asyncio

import pytest
from patience import until
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from ui.dialogs import ended
from ui.tasks import Tasks


async def test_an_error_is_reported_once() -> None:
    owner, errors = QObject(), list[BaseException]()
    tasks = Tasks(owner, errors.append)

    async def fail() -> None:
        raise ValueError("no")

    tasks.start(fail(), "fail")
    await until(lambda: errors)
    assert [str(error) for error in errors] == ["no"]


async def test_a_task_ends_with_its_owner_and_says_nothing() -> None:
    owner, errors = QObject(), list[BaseException]()
    task = Tasks(owner, errors.append).start(asyncio.sleep(60), "sleep")
    await asyncio.sleep(0)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert errors == []


async def test_other_coroutines_go_on_while_a_dialog_is_open() -> None:
    dialog = QDialog()
    steps: list[int] = []

    async def work() -> None:
        for number in range(5):
            await asyncio.sleep(0.01)
            steps.append(number)
        dialog.accept()

    working = asyncio.create_task(work())
    assert await ended(dialog) is True
    await working
    assert steps == [0, 1, 2, 3, 4]


async def test_a_dialog_that_is_called_off_is_closed() -> None:
    dialog = QDialog()
    asking = asyncio.create_task(ended(dialog))
    await until(dialog.isVisible)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not isValid(dialog)
