"""adbd of one handset: its port, the hosts on it, the keys that it remembers.

The dialog follows AdbDebuggingManager: a key is remembered with "Always allow", else asked for again at the next
connection; while the screen is locked nobody can tap. Since Android 11 a key is forgotten when it was last used longer
ago than the global setting ``adb_allowed_connection_time`` says, in milliseconds (0: never; ``filterOutOldKeys``).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from provisioning.virtual.android.wire.connection import Connection, Service
from provisioning.virtual.android.wire.features import features
from provisioning.virtual.android.wire.keys import HostKey
from provisioning.virtual.android.wire.packets import LARGEST_PAYLOAD, VERSION_WITHOUT_CHECKSUMS
from provisioning.virtual.android.wire.port import Port
from provisioning.virtual.android.wire.services import find_service

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid

_KEYS_LAPSE_SINCE = 11
_SEVEN_DAYS = 604800000
_FORBIDDEN_IN_BANNER = str.maketrans({";": "_", "=": "_", ":": "_"})


class Adbd:
    """The daemon; :meth:`listen` and :meth:`go_silent` follow cable, setting and restart."""

    def __init__(self, phone: VirtualAndroid) -> None:
        self._phone = phone
        self._port: Port | None = None
        self.connections: set[Connection] = set()
        self.trusted: list[HostKey] = []
        self.offered: list[HostKey] = []
        self._last_use: dict[bytes, float] = {}
        quirks = phone.profile.quirks
        self.largest_payload = int(quirks.get("largest_payload", LARGEST_PAYLOAD))
        self.protocol_version = int(quirks.get("protocol_version", VERSION_WITHOUT_CHECKSUMS))
        self.features = features(phone.android, frozenset(quirks.get("without_features", ())))

    @property
    def address(self) -> str:
        """Give ``127.0.0.1:PORT``, the same for the handset's life."""
        if self._port is None:
            self._port = Port(self._accept)
        return self._port.address

    async def listen(self) -> None:
        """Let hosts in."""
        if self._port is None:
            self._port = Port(self._accept)
        await self._port.listen()

    def go_silent(self) -> None:
        """Refuse hosts and cut those that are connected."""
        if self._port is not None:
            self._port.refuse()
        for connection in list(self.connections):
            connection.drop()

    def close(self) -> None:
        """Cut everybody and let go of the port."""
        self.go_silent()
        if self._port is not None:
            self._port.release()
            self._port = None

    def answers(self) -> bool:
        """Tell whether it answers a CNXN; in the state ``offline`` it hangs."""
        return not self._phone.silent

    def needs_authorisation(self) -> bool:
        """Tell whether it asks for a key; trade-in mode (``daemon/tradeinmode.cpp``) and recovery do not."""
        return not self._phone.trade_in and not self._phone.restarted

    def banner(self) -> bytes:
        """Give the system identity string."""
        profile = self._phone.profile
        parts = [
            f"ro.product.name={profile.product.translate(_FORBIDDEN_IN_BANNER)}",
            f"ro.product.model={profile.model.translate(_FORBIDDEN_IN_BANNER)}",
            f"ro.product.device={profile.device.translate(_FORBIDDEN_IN_BANNER)}",
            f"features={','.join(self.features)}",
        ]
        return f"{self._phone.restarted or 'device'}::{';'.join(parts)}".encode()

    def recognises(self, token: bytes, signature: bytes) -> bool:
        """Tell whether a remembered key made ``signature``."""
        self._forget_old_keys()
        found = next((key for key in self.trusted if key.signed(token, signature)), None)
        if found is not None:
            self._last_use[found.blob] = time.monotonic()
        return found is not None

    async def confirm(self, key: HostKey) -> bool:
        """Show the dialog; who answers it and when is the scenario's."""
        phone = self._phone
        self.offered.append(key)
        fault = phone.mishaps.lasting("trust-dialog")
        answer = fault.options.get("answer", "") if fault is not None else ""
        if answer == "deny":
            return False
        await phone.unlocked.wait()
        if answer == "never" or (phone.state == "unauthorized" and fault is None):
            await phone.finger.wait()
        elif fault is not None:
            await self._tapped_within(fault.seconds("late", 0))
        if answer != "once":
            self.trusted.append(key)
            self._last_use[key.blob] = time.monotonic()
        return True

    def revoke_keys(self) -> None:
        """Forget all hosts, as "Revoke USB debugging authorisations" does; they are cut."""
        self.trusted.clear()
        for connection in list(self.connections):
            connection.drop()

    def went_online(self, connection: Connection) -> None:
        """Hear that a host is in."""
        self.connections.add(connection)
        self._phone.online()

    def service(self, name: str, connection: Connection) -> Service | None:
        """Find the service for ``name``."""
        return find_service(self._phone, name, connection)

    def _forget_old_keys(self) -> None:
        said = self._phone.settings.get("global", "adb_allowed_connection_time")
        allowed = int(said) if said is not None and said.isdigit() else _SEVEN_DAYS
        if self._phone.android < _KEYS_LAPSE_SINCE or allowed == 0:
            return
        now = time.monotonic()
        oldest = now - allowed / 1000
        self.trusted[:] = [key for key in self.trusted if self._last_use.setdefault(key.blob, now) > oldest]

    async def _tapped_within(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._phone.finger.wait()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, reader, writer)
        self.connections.add(connection)
        try:
            await connection.serve()
        finally:
            self.connections.discard(connection)
