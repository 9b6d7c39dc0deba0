"""Before anything imports Qt: tests run without a screen unless somebody asked for one."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Hundreds of programs are started here; where bytecode may not be kept, each compiles the house anew (0.7 s).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
