"""What goes wrong, and when.

A fault with ``at=`` strikes when a command of the shell (however it was sent: ``shell:``, ``exec:``, ``abb_exec:``,
alone or inside a line) begins with those words; ``pm``, ``cmd package`` and ``package`` are one, so are ``dpm`` and
``cmd device_policy``; ``dumpsys`` is compared without its ``-t SECONDS``. File transfers are ``sync SEND /path``,
``sync RECV …``, ``sync STAT …``. ``times=N`` bounds how often (default 1, 0 = always), ``skip=N`` lets the first pass.

=================== ==============================================================================================
``unplug``          the cable is pulled (``after=BYTES`` of output first; ``back=SECONDS`` plugs it in again).
                    Without ``at``: ``seconds=`` after the desk was authorised
``stall``           nothing happens for ``seconds=`` (60), then it goes on
``garbage``         ``bytes=`` (512) of noise instead of the output, ``code=`` (0)
``truncated``       output ends in the middle (or after ``bytes=``) and so does the stream; ``code=`` ends it politely
``no-exit-code``    all the output, but the stream ends without an exit code
``drip``            one byte every ``every=`` (1) seconds
``dump-timeout``    half the output, then dumpsys' own words for a service that was too slow, exit code 0
``server-dies``     the adb server is killed (``restart=SECONDS`` starts it again)
``trust-dialog``    ``late=SECONDS``, ``answer=never|deny|once`` (once: not remembered, asks again at the next plug)
``charge-only``     a cable without data: nothing on adb, ever
``auto-blocker``    Samsung's Auto Blocker takes adb away ``after=`` (1) seconds after the desk was authorised
``locked-screen``   the screen is locked: installs hang (as a verifier's question does) until it is unlocked
``boot``            ``seconds=``: the handset is still starting and has done so after that time
``services-busy``   ``seconds=`` (5) after authorisation the package manager is not there yet; ``says=`` is what ``cmd``
                    and its scripts say then, with ``code=`` (1), for words of other releases and of a server that
                    ends under a call (without it: native ``cmd``'s own, with 20)
``storage-full``    no room for files or installs
``install-refused`` ``reason=`` (e.g. ``INSTALL_FAILED_VERSION_DOWNGRADE``) for every install
``owner-refused``   ``says=`` is what dpm refuses a device owner with, for words that belong to other releases or
                    callers (without it: those to a caller that is not adb, after setup)
``property``        ``key=`` and ``value=``: what getprop says instead of what the profile has; as often as wanted
``crlf``            newlines in ``shell:`` v1 are CR LF, as on Android before 7; with ``v2=true`` in shell v2 too, which
                    spoils files as well as lines
``duplicate-serial`` ``serial=`` (0123456789ABCDEF) is what ro.serialno says
``seal-refused``    the controller says that it set no_debugging_features, but it did not happen
``token-refused``   the controller cannot set its own managed settings, as one that does not own the handset
``controller-silent`` the controller never answers on its command channel (it waits for a network)
=================== ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from provisioning.errors import UsageError
from provisioning.virtual.android.vocabulary import fault_word
from provisioning.virtual.faults import FaultBox
from provisioning.virtual.scenario import Fault

AT_COMMANDS = frozenset(
    {"unplug", "stall", "garbage", "truncated", "no-exit-code", "drip", "dump-timeout", "server-dies"}
)
LASTING = frozenset(
    {"trust-dialog", "charge-only", "auto-blocker", "locked-screen", "boot", "services-busy", "storage-full",
     "install-refused", "owner-refused", "crlf", "duplicate-serial", "seal-refused", "token-refused",
     "controller-silent", "property"}
)  # fmt: skip
_SAME: Mapping[tuple[str, ...], list[str]] = {
    ("cmd", "package"): ["pm"],
    ("cmd", "device_policy"): ["dpm"],
    ("cmd", "settings"): ["settings"],
}


def _programs() -> frozenset[str]:
    # Not at import: the programs know the handset, which knows its mishaps.
    from provisioning.virtual.android.commands.registry import PROGRAMS

    return frozenset(PROGRAMS) | {"pm", "dpm"}


class Mishaps:
    """The faults of one handset, counted as they strike."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._box = FaultBox()
        self.struck: list[str] = []
        for fault in faults:
            self.arm(fault)

    def arm(self, fault: Fault) -> None:
        """Plan one more fault, as a test or a trainer does. Raises UsageError for one that Androids do not know."""
        fault = fault_word(fault, _programs())
        if fault.name not in AT_COMMANDS | LASTING:
            known = ", ".join(sorted(AT_COMMANDS | LASTING))
            raise UsageError(f"Fault “{fault.name}” is unknown to Android handsets; there are: {known}.")
        if fault.at:
            fault = replace(fault, options={**fault.options, "at": spoken(fault.at.split())})
        self._box.arm(fault)

    def lasting(self, name: str) -> Fault | None:
        """Give a lasting fault, None where it is not planned."""
        return self._box.standing(name)

    def end(self, name: str) -> None:
        """End a lasting fault, as a person or time does."""
        self._box.disarm(name)

    @property
    def properties(self) -> dict[str, str]:
        """Give the system properties that are not as the profile has them."""
        planned = self._box.all_standing("property")
        return {fault.options.get("key", ""): fault.options.get("value", "") for fault in planned}

    @property
    def timed_unplugs(self) -> list[Fault]:
        """Give the unplugs that wait for no command but for time."""
        return self._box.all_standing("unplug")

    def at_command(self, argv: Sequence[str]) -> Fault | None:
        """Give the fault that strikes at this command, and count it."""
        return self._at(spoken(argv))

    def at_transfer(self, kind: str, path: str) -> Fault | None:
        """Give the fault that strikes at a file transfer, and count it."""
        return self._at(f"sync {kind} {path}")

    def _at(self, text: str) -> Fault | None:
        fault = self._box.strike(text)
        if fault is not None:
            self.struck.append(f"{fault.name} at {text}")
        return fault


def spoken(argv: Sequence[str]) -> str:
    """Give a command in the one form in which faults are compared: ``pm …``, ``dpm …``, no folder before the name."""
    words = list(argv)
    if words:
        words[0] = words[0].rsplit("/", 1)[-1]
    words[:2] = _SAME.get(tuple(words[:2]), words[:2])
    if words[:1] == ["package"]:
        words[0] = "pm"
    elif words[:1] == ["device_policy"]:
        words[0] = "dpm"
    if words[:1] == ["dumpsys"]:
        while len(words) > 1 and words[1] in {"-t", "-T", "--priority"}:  # how long to wait is not what is asked
            del words[1:3]
    return " ".join(words)
