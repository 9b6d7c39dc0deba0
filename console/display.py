"""Whether a window can be opened here."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """Tell whether Qt finds a screen; a platform chosen by QT_QPA_PLATFORM counts as one."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
