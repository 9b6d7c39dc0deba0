"""What Samsung closes to shell (``ShellRestrictionsHelper``, One UI 6.1)."""

from __future__ import annotations

SHELL_CLOSED_PACKAGES = frozenset(
    {"com.samsung.klmsagent", "com.samsung.android.kgclient", "com.sec.enterprise.knox.cloudmdm.smdms"}
)
