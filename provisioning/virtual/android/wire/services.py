"""Which service answers a name (``daemon_service_to_fd`` in AOSP ``daemon/services.cpp``).

Refused, as on a production handset or because nothing here needs them: jdwp, track-jdwp, track-app, framebuffer, tcp,
local sockets, dev, backup. In recovery and its like no shell is opened.
In trade-in mode nothing but ``shell:tradeinmode …`` is let in (``daemon/tradeinmode.cpp``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from provisioning.virtual.android.shell.interpreter import Shell
from provisioning.virtual.android.shell.streams import ReadEnd, WriteEnd
from provisioning.virtual.android.wire.connection import Connection, Service
from provisioning.virtual.android.wire.features import SHELL_V2
from provisioning.virtual.android.wire.interactive import converse
from provisioning.virtual.android.wire.shell_service import parse_shell_request, serve_protocol, serve_raw
from provisioning.virtual.android.wire.streams import Stream
from provisioning.virtual.android.wire.sync import serve_sync

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid

_TRADE_IN = re.compile(r"shell[^:]*:tradeinmode(\s*|\s[A-Za-z0-9_\-\s]*)")
_NOT_ROOT = 'Not running as root. Try "adb root" first.\n'


def find_service(phone: VirtualAndroid, name: str, connection: Connection) -> Service | None:
    """Give the service, or None to refuse it."""
    if phone.trade_in and not _TRADE_IN.fullmatch(name):
        return None
    if phone.restarted and not name.startswith(("reboot:", "sideload")):
        return None
    if name.startswith("shell"):
        return _shell(phone, name)
    kind, colon, rest = name.partition(":")
    if not colon:
        return None
    finder = _SERVICES.get(kind)
    return finder(phone, rest, connection) if finder is not None else None


def _shell(phone: VirtualAndroid, name: str) -> Service | None:
    request = parse_shell_request(name)
    if request is None:
        return None
    protocol = request.protocol and SHELL_V2 in phone.adbd.features
    shell = Shell(phone)
    run = partial(shell.run, request.command) if request.command else partial(converse, shell, request.terminal)
    crlf = phone.mishaps.lasting("crlf")
    if protocol:
        return partial(serve_protocol, run=run, crlf=crlf is not None and crlf.options.get("v2") == "true")
    return partial(serve_raw, run=run, crlf=crlf is not None)


def _exec(phone: VirtualAndroid, rest: str, _connection: Connection) -> Service:
    return partial(serve_raw, run=partial(Shell(phone).run, rest))


def _abb(phone: VirtualAndroid, rest: str, protocol: bool) -> Service | None:
    if "abb_exec" not in phone.adbd.features:
        return None
    argv = [word for word in rest.split("\0") if word]

    async def run(stdin: ReadEnd, stdout: WriteEnd, stderr: WriteEnd) -> int:
        # abb reaches the services in its own process, as `cmd` does.
        return await Shell(phone).run_arguments(["cmd", *argv], (stdin, stdout, stderr))

    return partial(serve_protocol if protocol else serve_raw, run=run)


def _abb_exec(phone: VirtualAndroid, rest: str, _connection: Connection) -> Service | None:
    return _abb(phone, rest, protocol=False)


def _abb_protocol(phone: VirtualAndroid, rest: str, _connection: Connection) -> Service | None:
    return _abb(phone, rest, protocol=True)


def _sync(phone: VirtualAndroid, _rest: str, _connection: Connection) -> Service:
    return partial(serve_sync, phone=phone)


def _reboot(phone: VirtualAndroid, _rest: str, _connection: Connection) -> Service:
    async def serve(stream: Stream) -> None:
        await stream.close()
        phone.reboot()

    return serve


def _saying(text: str) -> Callable[[VirtualAndroid, str, Connection], Service]:
    def find(_phone: VirtualAndroid, _rest: str, _connection: Connection) -> Service:
        async def serve(stream: Stream) -> None:
            await stream.write(text.encode())

        return serve

    return find


def _restarting(phone: VirtualAndroid, text: str, connection: Connection) -> Service:
    async def serve(stream: Stream) -> None:
        await stream.write(text.encode())
        await stream.close()
        # adbd restarts in its other mode; here the port stays, so the host finds it again.
        connection.drop()

    return serve


def _tcpip(phone: VirtualAndroid, rest: str, connection: Connection) -> Service | None:
    if not rest.isdigit():
        return None
    if int(rest) == 0:
        return _saying(f"invalid port {rest}\n")(phone, rest, connection)
    return _restarting(phone, f"restarting in TCP mode port: {rest}\n", connection)


def _usb(phone: VirtualAndroid, _rest: str, connection: Connection) -> Service:
    return _restarting(phone, "restarting in USB mode\n", connection)


def _reverse(_phone: VirtualAndroid, rest: str, _connection: Connection) -> Service:
    async def serve(stream: Stream) -> None:
        if rest == "list-forward":
            await stream.write(b"OKAY0000")
        elif rest == "killforward-all":
            await stream.write(b"OKAY")
        else:
            reason = "reverse forwarding is not simulated"
            await stream.write(f"FAIL{len(reason):04x}{reason}".encode())

    return serve


_SERVICES: Mapping[str, Callable[[VirtualAndroid, str, Connection], Service | None]] = {
    "exec": _exec,
    "abb_exec": _abb_exec,
    "abb": _abb_protocol,
    "sync": _sync,
    "reboot": _reboot,
    "root": _saying("adbd cannot run as root in production builds\n"),
    "unroot": _saying("adbd not running as root\n"),
    "remount": _saying(_NOT_ROOT),
    "tcpip": _tcpip,
    "usb": _usb,
    "reverse": _reverse,
}
