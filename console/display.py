"""Whether a window can be opened here, found out before Qt is: where it cannot, Qt ends the whole process."""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import socket
import sys
from pathlib import Path

_LOCAL_X = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?")
_SEE_DOCTOR = "“issuing-desk doctor” names the command that mends it."


def why_no_window() -> str | None:
    """Give the sentence that says why no window can be opened; None where one can."""
    if sys.platform == "linux" and not os.environ.get("QT_QPA_PLATFORM"):
        wayland, x11 = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("DISPLAY")
        if not wayland and not x11:
            return "There is no display, so no window can open."
        if not wayland and x11 and not _answers(x11):
            return f"The display {x11[:40]} does not answer, so no window can open. Check DISPLAY."
    try:
        importlib.import_module("PySide6.QtWidgets")
        if sys.platform == "linux" and not os.environ.get("QT_QPA_PLATFORM") and not os.environ.get("WAYLAND_DISPLAY"):
            _load_x11_plug_in()
    except (ImportError, OSError) as error:
        return f"Qt cannot be loaded ({str(error)[:120]}). {_SEE_DOCTOR}"
    return None


def _load_x11_plug_in() -> None:
    """Load what Qt would load next. Raises OSError naming the system library that is missing; Qt itself would abort."""
    package = importlib.import_module("PySide6").__file__
    plug_in = Path(str(package)).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if plug_in.exists():  # a distribution's own PySide6 keeps it elsewhere, with its dependencies met
        ctypes.CDLL(str(plug_in))


def _answers(display: str) -> bool:
    """Tell whether an X server listens; one on another machine is taken at its word."""
    local = _LOCAL_X.fullmatch(display)
    if local is None:
        return True
    for address in (f"\0/tmp/.X11-unix/X{local[1]}", f"/tmp/.X11-unix/X{local[1]}"):  # noqa: S108  # X11's own place
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2.0)
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False
