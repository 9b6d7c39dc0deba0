"""Whoever a command saw on its cable at the start, so that each of them stands in its result, with or without a name.

A handset may be pulled out under its very first answer, or its hub may die then. It has said no name by which it could
be known again; what stays is its connection, by which its hub will call it when it is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from provisioning.handset import Attachment
from provisioning.platforms import Platform
from provisioning.session import Session

Connection = tuple[Platform, str]


def connection_of(attachment: Attachment) -> Connection:
    """Give the name by which a hub knows a plugging-in."""
    return (attachment.platform, attachment.connection)


class RollCall:
    """The connections that count, each with the session that hangs there or hung there last."""

    def __init__(self) -> None:
        self._met: dict[Connection, Attachment] = {}
        self._counted: dict[Connection, Session | None] = {}
        self._attachments: dict[Connection, Attachment] = {}
        self._heard = asyncio.Event()

    def meet(self, attachment: Attachment) -> None:
        """Note an arrival before the count; its hub may be dead when it begins."""
        if not self._counted:
            self._met[connection_of(attachment)] = attachment

    def forget(self, connection: Connection) -> None:
        """Note that one went who had said a name: it is known again wherever it comes."""
        self._met.pop(connection, None)

    def begin(self, attached: Iterable[Attachment], present: Mapping[Connection, Session]) -> list[Connection]:
        """Count these and whoever was met before; gives the connections of the latter."""
        met, self._met = self._met, {}
        self._attachments = met | {connection_of(one): one for one in attached}
        self._counted = {connection: present.get(connection) for connection in self._attachments}
        return list(met)

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._counted

    def awaits(self, connection: Connection) -> bool:
        """Tell whether somebody counts there who has no session yet."""
        return connection in self._counted and self._counted[connection] is None

    def of(self, connection: Connection) -> Session | None:
        """Give the session that counts there, if any."""
        return self._counted.get(connection)

    def hang(self, connection: Connection, session: Session) -> None:
        """Note whose session hangs there, if it counts."""
        if connection in self._counted:
            self._counted[connection] = session
        self.hear()

    def hear(self) -> None:
        """Look again at who is here."""
        self._heard.set()

    @property
    def sessionless(self) -> list[Attachment]:
        """List the attachments of those who have no session yet."""
        return [self._attachments[one] for one, session in self._counted.items() if session is None]

    @property
    def all_here(self) -> bool:
        """True while everybody who counts has a session and is plugged in."""
        return all(session is not None and session.plugged_in for session in self._counted.values())

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until that holds, looking whenever somebody was recognised or went; False when time is up."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            return False
        return True
