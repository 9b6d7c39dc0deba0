"""Install sessions: made, written, committed or abandoned (PackageInstallerSession)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class InstallOptions:
    """What ``pm install`` was told; ``user`` None means all users."""

    user: int | None = None
    replace: bool = True
    test: bool = False
    downgrade: bool = False
    installer: str | None = None
    size: int | None = None
    grant: bool = False
    dont_kill: bool = False


@dataclass(slots=True)
class InstallSession:
    """One session with the APKs written to it."""

    number: int
    options: InstallOptions
    splits: dict[str, bytes] = field(default_factory=dict[str, bytes])


class InstallSessions:
    """All open sessions."""

    def __init__(self) -> None:
        self._open: dict[int, InstallSession] = {}

    def create(self, options: InstallOptions) -> InstallSession:
        """Open a session under a random number, as PackageInstallerService does."""
        number = random.randrange(1, 2**31 - 1)  # noqa: S311 - a name, not a secret
        session = self._open[number] = InstallSession(number, options)
        return session

    def find(self, number: int) -> InstallSession | None:
        """Give an open session."""
        return self._open.get(number)

    def close(self, number: int) -> None:
        """Forget a session."""
        self._open.pop(number, None)
