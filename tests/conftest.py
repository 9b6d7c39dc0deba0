"""Before anything imports Qt: tests run without a screen unless somebody asked for one."""

import os

from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Hundreds of programs are started here; where bytecode may not be kept, each compiles the house anew (0.7 s).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# How long an example takes says something about the machine that it runs on, and nothing about what it tries.
settings.register_profile("without a clock", deadline=None)
settings.load_profile("without a clock")
