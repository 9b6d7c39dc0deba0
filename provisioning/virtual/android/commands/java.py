"""How a system service answers a shell command: its arguments, and what it prints when it throws.

From ``BasicShellCommandHandler`` (Android 11 on) and ``ShellCommand`` (Android 10): an exception is printed to
standard error with its stack and the code is -1, which the shell sees as 255. Android 10 says ``Security exception:``
first for those.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from provisioning.virtual.android.shell.process import Process

NO_SERVICE = 20
"""What native ``cmd`` returns where it does not find the service."""


class Thrown(Exception):
    """A Java exception that leaves a command; ``kind`` is its class."""

    def __init__(self, kind: str, message: str, frames: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.frames = frames


def security(message: str) -> Thrown:
    """Make a SecurityException."""
    return Thrown("java.lang.SecurityException", message)


def illegal_argument(message: str) -> Thrown:
    """Make an IllegalArgumentException."""
    return Thrown("java.lang.IllegalArgumentException", message)


def illegal_state(message: str) -> Thrown:
    """Make an IllegalStateException."""
    return Thrown("java.lang.IllegalStateException", message)


class Arguments:
    """Walks a command's words as ``getNextOption`` and ``getNextArg`` do: options end at the first other word."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0

    def option(self) -> str | None:
        """Give the next option, None once a plain word or the end comes."""
        if self._at >= len(self._words):
            return None
        word = self._words[self._at]
        if not word.startswith("-") or word == "-":
            return None
        self._at += 1
        return None if word == "--" else word

    def next(self) -> str | None:
        """Give the next word, whatever it is."""
        if self._at >= len(self._words):
            return None
        self._at += 1
        return self._words[self._at - 1]

    def required(self) -> str:
        """Give the next word. Raises Thrown where there is none."""
        word = self.next()
        if word is None:
            before = self._words[self._at - 1] if self._at else ""
            raise illegal_argument(f'Argument expected after "{before}"')
        return word

    def rest(self) -> list[str]:
        """Give all that is left."""
        rest, self._at = self._words[self._at :], len(self._words)
        return rest

    def user(self) -> int | None:
        """Read the value of ``--user``: a number, ``current``/``cur``, or ``all`` (None)."""
        word = self.required()
        if word == "all":
            return None
        if word in {"current", "cur"}:
            return 0
        try:
            return int(word)
        except ValueError:
            raise illegal_argument(f"Bad user number: {word}") from None


ServiceCommand = Callable[[Process, Arguments], Awaitable[int]]


async def answered(process: Process, command: str, run: ServiceCommand, words: list[str]) -> int:
    """Run a service's command and print what it throws."""
    try:
        return await run(process, Arguments(words))
    except Thrown as thrown:
        print_thrown(process, command, thrown)
        return 255


def print_thrown(process: Process, command: str, thrown: Thrown) -> None:
    """Print an exception as the service's shell handler does."""
    frames = thrown.frames or _FRAMES
    trace = f"{thrown.kind}: {thrown.message}\n" + "".join(f"\tat {frame}\n" for frame in frames)
    if process.phone.android >= 11:
        process.err(f"\nException occurred while executing '{command}':\n{trace}")
    elif thrown.kind == "java.lang.SecurityException":
        process.err(f"Security exception: {thrown.message}\n\n{trace}")
    else:
        process.err(f"\nException occurred while executing:\n{trace}")


_FRAMES = (
    "com.android.modules.utils.BasicShellCommandHandler.exec(BasicShellCommandHandler.java:97)",
    "android.os.ShellCommand.exec(ShellCommand.java:38)",
    "android.os.Binder.shellCommand(Binder.java:1042)",
    "android.os.Binder.onTransact(Binder.java:860)",
    "android.os.Binder.execTransactInternal(Binder.java:1285)",
    "android.os.Binder.execTransact(Binder.java:1244)",
)


def closed_user(process: Process, user: int, runner: str) -> Thrown:
    """Make what shell gets for a user with ``no_debugging_features`` (``UserController.handleIncomingUser``)."""
    message = f"Shell does not have permission to access user {user}"
    if process.phone.android >= 13:
        message += (
            "\n com.android.server.am.ActivityManagerService.handleIncomingUser:14983 "
            "android.app.ActivityManager.handleIncomingUser:4805 "
            f"com.android.server.pm.PackageManagerShellCommand.{runner}:3517 "
        )
    return security(message)


def translated_user(process: Process, user: int, runner: str = "translateUserId") -> int:
    """Check that shell may touch ``user``. Raises Thrown where it may not."""
    if not process.phone.shell_may_see(user):
        raise closed_user(process, user, runner)
    return user
