"""Before anything imports Qt: tests run without a screen unless somebody asked for one."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
