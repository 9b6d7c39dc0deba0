"""Keep a mistake in an overridden Qt method from ending the process.

WORKAROUND for shiboken6 (seen with 6.8.3, 6.9.3, 6.10.3, 6.11.0 and 6.11.3) on CPython 3.11, until Python 3.12: when a
C function raises (``int("x")``, ``asyncio.get_running_loop()``) inside an override that Qt calls while Python calls
Qt, the exception has not been given its final form yet, ``PepException_GetArgs`` reads its text as if it were an
exception, and the process dies of SIGSEGV. Catching and raising it again gives it that form; it then goes where every
other mistake goes, to the error sheet. Python 3.12 knows no exceptions without their final form.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any, TypeVar

_Class = TypeVar("_Class", bound=type)


def steady(kind: _Class) -> _Class:
    """Decorate a class that overrides methods of a Qt class."""
    if sys.version_info < (3, 12):
        for name, method in list(vars(kind).items()):
            if isinstance(method, FunctionType) and _is_qt_method(kind, name):
                setattr(kind, name, _formed(method))
    return kind


def _is_qt_method(kind: type, name: str) -> bool:
    return not name.startswith("_") and any(
        name in vars(base) and base.__module__.startswith("PySide6.") for base in kind.__mro__[1:]
    )


def _formed(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return method(*arguments, **named)
        except BaseException:  # noqa: TRY203  # to be caught is what gives it its final form
            raise

    return call
