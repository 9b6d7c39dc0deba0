"""The sessions of this desk: one for each handset that was seen, whatever connection it hangs on at the moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from itertools import count
from typing import Any, Self

from provisioning.errors import HandsetError, HandsetGone, HubError
from provisioning.handset import (
    Arrived,
    Attachment,
    Changed,
    Departed,
    Glimpse,
    Handset,
    Hub,
    HubFound,
    HubLost,
    Identity,
    Movement,
)
from provisioning.notices import Notice
from provisioning.platforms import Platform
from provisioning.roll_call import Connection, RollCall, connection_of
from provisioning.session import Session
from provisioning.stages.verify import Judge
from provisioning.status import Books, Errand, Phase, SessionStatus
from provisioning.turns import Turns
from provisioning.watch import watch
from provisioning.watchdog import Watchdog

logger = logging.getLogger(__name__)

FIRST_WORD = 30.0
"""Seconds that a handset has to say who it is when it arrives; one that stays silent is shown nameless."""
SETTLE = 45.0
"""Seconds that a command waits for the handsets attached at its start to be recognised."""
COME_BACK = 5.0
"""Seconds that it waits besides for those that went meanwhile, or whose hub did; their walks wait longer."""
DROPPED = 1.5
"""Seconds in which the hub should have told of an unplug that a handset's first answer broke off with."""


class Desk:
    """All sessions of one desk. An async context manager: leaving it stops every walk and closes every handset.

    ``on_change`` is called on this loop with each new status, ``on_gone`` with the key of a session that is no more,
    ``on_hub`` when a hub daemon is lost or found, ``on_movement`` with every movement before the desk acts on it.
    """

    def __init__(
        self,
        hubs: Sequence[Hub],
        books: Books,
        judge: Judge,
        *,
        turns: Turns | None = None,
        watchdog: Watchdog | None = None,
        on_change: Callable[[SessionStatus], None] = lambda _: None,
        on_gone: Callable[[str], None] = lambda _: None,
        on_hub: Callable[[HubLost | HubFound], None] = lambda _: None,
        on_movement: Callable[[Movement], None] = lambda _: None,
    ) -> None:
        self._hubs = {hub.platform: hub for hub in hubs}
        self._books = books
        self._judge = judge
        self._turns = turns or Turns()
        self._watchdog = watchdog or Watchdog()
        self._on_change = on_change
        self._on_gone = on_gone
        self._on_hub = on_hub
        self._on_movement = on_movement
        self._sessions: list[Session] = []
        self._at: dict[Connection, Session] = {}
        self._arriving: dict[Connection, asyncio.Task[None]] = {}
        self._walks: dict[Session, asyncio.Task[SessionStatus]] = {}
        self._watch: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self._uniting: set[Session] = set()
        self._asking: dict[Session, asyncio.Task[None]] = {}
        self._ending: dict[Session, asyncio.Task[SessionStatus]] = {}
        self._roll = RollCall()
        self._standing: Errand | None = None
        self.lost: dict[Platform, str] = {}
        """Hubs that cannot be reached, with the sentence that says what to do."""

    async def __aenter__(self) -> Self:
        self._watch = asyncio.create_task(self._follow(), name="desk watch")
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks: list[asyncio.Task[Any]] = [*self._walks.values(), *self._errands]
        if self._watch is not None:
            tasks.append(self._watch)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await asyncio.gather(*(session.handset.close() for session in self._sessions))
        await asyncio.gather(*(hub.close() for hub in self._hubs.values()))
        await asyncio.to_thread(self._watchdog.save)

    @property
    def sessions(self) -> Sequence[Session]:
        """Give the sessions in the order of first arrival."""
        return tuple(self._sessions)

    async def settle(self) -> None:
        """Return when every handset that is attached now has been asked who it is.

        Each of them has a session afterwards, also one that was pulled out before it said its name, or whose hub died:
        it waits there, and goes on when something is plugged in again that its hub calls by the same name.
        """
        attached: list[Attachment] = []
        for hub in self._hubs.values():
            try:
                attached += await hub.attached()
            except HubError as error:
                self.lost[hub.platform] = str(error)
        gone = set(self._roll.begin(attached, self._at)) - self._at.keys() - self._arriving.keys()
        for attachment in self._roll.sessionless:
            if connection_of(attachment) in gone:
                self._expect(attachment)
        if not await self._roll.until(lambda: not self._roll.sessionless, SETTLE):
            logger.warning("not every attached handset was recognised within %g s", SETTLE)
        for attachment in self._roll.sessionless:
            self._expect(attachment)
        await self._roll.until(lambda: self._roll.all_here, COME_BACK)

    def keep_walking(self, errand: Errand) -> None:
        """From now on lead every handset through ``errand`` as it arrives; begin with those that nothing is done with.

        What stands where a walk has ended (ready, not clear, stopped) stays there.
        """
        self._standing = errand
        for session in self._sessions:
            if session.status().phase is Phase.SEEN:
                self.begin(session, errand)

    def lead_newcomers(self, errand: Errand | None) -> None:
        """From now on lead those that arrive through ``errand`` (None: through nothing); leave all others alone."""
        self._standing = errand

    def begin(self, session: Session, errand: Errand) -> asyncio.Task[SessionStatus]:
        """Start a walk; one that is under way goes on and is returned."""
        walk = self._walks.get(session)
        if walk is None or walk.done():
            walk = asyncio.create_task(self._lead(session, errand), name=f"walk {session.key}")
            walk.add_done_callback(_report_mistake)
            self._walks[session] = walk
        return walk

    async def _lead(self, session: Session, errand: Errand) -> SessionStatus:
        for before in (self._asking.get(session), self._ending.get(session)):
            if before is not None:
                await asyncio.wait({before})  # a handset is asked one thing at a time
        return await session.run(errand)

    def walking(self, session: Session) -> bool:
        """Tell whether a walk of this session is under way."""
        walk = self._walks.get(session)
        return walk is not None and not walk.done()

    async def stop(self, session: Session) -> None:
        """Stop a session's walk, if any; the others do not notice."""
        walk = self._walks.pop(session, None)
        if walk is not None:
            self._ending[session] = walk
            walk.cancel()
            await asyncio.wait({walk})
            if self._ending.get(session) is walk:
                del self._ending[session]

    async def run(
        self,
        sessions: Iterable[Session],
        errand: Errand,
        under_way: Mapping[Session, asyncio.Task[SessionStatus]] | None = None,
    ) -> list[SessionStatus]:
        """Lead these handsets side by side to the end of their walks; ``under_way`` are walks that began before.

        A session that ended on the way, since its handset went before it said who it is, is in the result as it stood;
        one that turned out to be the same handset as an older session is not: it goes on there.
        """
        led, begun = tuple(sessions), under_way or {}
        walks = (begun[session] if session in begun else self.begin(session, errand) for session in led)
        ends = await asyncio.gather(*walks, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
                raise end
        here = {session.status().serial_number for session in self._sessions}
        return [
            session.status()
            for session in led
            if session in self._sessions or session.status().serial_number not in here - {None}
        ]

    def find(self, serial_number: str) -> Session | None:
        """Give the session of a handset by serial number or UDID."""
        for session in self._sessions:
            status = session.status()
            if serial_number in {status.serial_number, status.key, status.attachment.udid}:
                return session
        return None

    async def _follow(self) -> None:
        async with aclosing(watch(list(self._hubs.values()))) as movements:
            async for movement in movements:
                self._move(movement)

    def _move(self, movement: Movement) -> None:
        logger.info("%s", movement)
        self._on_movement(movement)
        match movement:
            case Arrived(attachment):
                if self._standing is None:
                    self._roll.meet(attachment)
                self._receive(attachment)
            case Departed(attachment):
                asked = self._turn_away(attachment)
                connection = connection_of(attachment)
                session = self._at.pop(connection, None)
                if asked and self._roll.awaits(connection):
                    self._expect(attachment)
                if session is not None:
                    if session.status().identity is not None:
                        self._roll.forget(connection)
                    session.unplug()
                    self._look_for_twins(session)
                    self._forget_if_nameless(session)
                    self._roll.hear()
            case Changed(attachment):
                session = self._at.get(connection_of(attachment))
                if session is None:
                    self._turn_away(attachment)  # it is being asked who it is, as it stood before: ask anew
                    self._receive(attachment)
                    return
                session.nudge(attachment)
                if session.status().identity is None and not self.walking(session) and session not in self._asking:
                    asking = self._start(self._ask_again(session), f"ask again {attachment.connection}")
                    self._asking[session] = asking
                    asking.add_done_callback(lambda _: self._asking.pop(session, None))
            case HubLost(platform, sentence):
                self.lost[platform] = sentence
                self._on_hub(movement)
            case HubFound(platform):
                self.lost.pop(platform, None)
                self._on_hub(movement)

    def _receive(self, attachment: Attachment) -> None:
        welcome = self._start(self._welcome(attachment), f"welcome {attachment.connection}")
        self._arriving[connection_of(attachment)] = welcome

    def _turn_away(self, attachment: Attachment) -> bool:
        """Stop asking who it is; tells whether it was being asked."""
        arriving = self._arriving.pop(connection_of(attachment), None)
        if arriving is not None:
            arriving.cancel()
        return arriving is not None

    def _expect(self, attachment: Attachment) -> None:
        """Make a session for what was here and went without a word."""
        handset = self._hubs[attachment.platform].handset(attachment)
        glimpse = Glimpse(attachment.platform, udid=attachment.udid)
        session = self._new_session(attachment, handset, glimpse)
        session.recognise(glimpse)
        session.unplug()
        self._roll.hang(connection_of(attachment), session)

    async def _ask_again(self, session: Session) -> None:
        """Ask a nameless handset once more who it is: the hub says that it stands differently now."""
        try:
            async with asyncio.timeout(FIRST_WORD):
                found = await session.handset.identify()
            session.recognise(found, await self._noticed(found))
        except (HandsetError, TimeoutError) as error:
            logger.info("%s still says nothing: %s", session.key, error)

    async def _welcome(self, attachment: Attachment) -> None:
        """Ask a newcomer who it is and give it its session, an old one if it has been here before."""
        connection = connection_of(attachment)
        handset = self._hubs[attachment.platform].handset(attachment)
        found: Identity | Glimpse
        notices: tuple[Notice, ...] = ()
        try:
            async with asyncio.timeout(FIRST_WORD):
                found = await _first_word(handset)
            notices = await self._noticed(found)
        except (HandsetError, TimeoutError) as error:
            logger.info("%s said nothing yet: %s", attachment.connection, error)
            found = Glimpse(attachment.platform, udid=attachment.udid)
        except asyncio.CancelledError:
            await handset.close()
            raise
        if self._arriving.get(connection) is not asyncio.current_task():
            await handset.close()  # it went while it was asked, and whoever answered swallowed that
            return
        del self._arriving[connection]
        session = self._known(attachment, found)
        if session is None:
            session = self._new_session(attachment, handset, found)
        else:
            self._at_rest(session.handset)  # not awaited: it would not be noticed if the newcomer went meanwhile
            session.plug(handset)
        self._hang(connection, session)
        session.recognise(found, notices)
        self._look_for_twins(session)
        if self._standing is not None:
            self.begin(session, self._standing)

    def _hang(self, connection: Connection, session: Session) -> None:
        self._at[connection] = session
        self._roll.hang(connection, session)

    def _look_for_twins(self, newcomer: Session) -> None:
        """Stop all that give the same serial number at the same time, and let the last one left go on."""
        serial = newcomer.status().serial_number
        if serial is None:
            return
        same = [session for session in self._sessions if session.status().serial_number == serial]
        here = [session for session in same if session.plugged_in]
        for session in same:
            other = next((one for one in here if one is not session), None)
            had_twin = session.has_twin
            session.note_twin(other.status().attachment.bay if other is not None and session.plugged_in else None)
            if had_twin and not session.has_twin and session.plugged_in and self._standing is not None:
                self.begin(session, self._standing)

    async def _noticed(self, found: Identity | Glimpse) -> tuple[Notice, ...]:
        return await self._books.notices(found.serial_number) if isinstance(found, Identity) else ()

    def _forget_if_nameless(self, session: Session) -> None:
        """Drop what never said who it is and cannot be recognised when it comes back, unless it was counted on."""
        status = session.status()
        known = status.identity is not None or status.attachment.udid is not None
        if not known and connection_of(status.attachment) not in self._roll:
            self._drop(session)
            self._at_rest(session.handset)

    def _drop(self, session: Session) -> None:
        self._sessions.remove(session)
        if self.walking(session):
            self._start(self.stop(session), "stop a walk")
        self._on_gone(session.key)

    def _at_rest(self, handset: Handset) -> None:
        self._start(handset.close(), "close handset")

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        task.add_done_callback(_report_mistake)
        return task

    def _known(self, attachment: Attachment, found: Identity | Glimpse) -> Session | None:
        """Give the session of a handset that was here before, or that was counted on at this connection."""
        away = [session for session in self._sessions if not session.plugged_in]
        for session in away:
            status = session.status()
            if isinstance(found, Identity) and status.serial_number is not None:
                same = found.serial_number == status.serial_number
            else:
                same = attachment.udid is not None and attachment.udid == status.attachment.udid
            if same:
                return session
        counted = self._roll.of(connection_of(attachment))
        return counted if counted in away and counted.status().identity is None else None

    def _new_session(self, attachment: Attachment, handset: Handset, found: Identity | Glimpse) -> Session:
        key = found.serial_number if isinstance(found, Identity) else attachment.udid
        place = f"{attachment.platform} {attachment.connection}"
        taken = {session.key for session in self._sessions}
        session = Session(
            next(one for one in _keys(key, place) if one not in taken),
            handset,
            self._books,
            self._judge,
            turns=self._turns,
            watchdog=self._watchdog,
            on_change=self._tell,
        )
        self._sessions.append(session)
        return session

    def _tell(self, status: SessionStatus) -> None:
        self._on_change(status)
        if status.serial_number is not None and status.serial_number != status.key:
            # It was nameless when it came; perhaps it has been here before. Not now: this is called from its walk.
            asyncio.get_running_loop().call_soon(self._name, status.key)

    def _name(self, key: str) -> None:
        newer = next((session for session in self._sessions if session.key == key), None)
        if newer is None or not newer.plugged_in:
            return
        self._look_for_twins(newer)
        if self._older(newer) is not None and newer not in self._uniting:
            self._uniting.add(newer)
            self._start(self._unite(newer), "unite")

    async def _unite(self, newer: Session) -> None:
        """Give the handset of a session that has just learnt its name to the older session of the same handset."""
        try:
            while self.walking(newer):  # a handset is asked by one session at a time
                await self.stop(newer)  # meanwhile somebody may have begun anew
        finally:
            self._uniting.discard(newer)
        older = self._older(newer)
        if not newer.plugged_in or newer not in self._sessions:
            return
        if older is not None:
            self._drop(newer)
            self._hang(connection_of(newer.handset.attachment), older)
            self._at_rest(older.handset)
            older.plug(newer.handset)
        self._look_for_twins(older or newer)
        if self._standing is not None:
            self.begin(older or newer, self._standing)

    def _older(self, newer: Session) -> Session | None:
        serial = newer.status().serial_number
        for session in self._sessions:
            same = session is not newer and session.status().serial_number == serial
            if same and not session.plugged_in:
                return session
        return None


async def _first_word(handset: Handset) -> Identity | Glimpse:
    """Ask who it is; once more where the answer broke off and the hub does not say that the cable was pulled."""
    try:
        return await handset.identify()
    except HandsetGone:
        await asyncio.sleep(DROPPED)
        return await handset.identify()


def _keys(known: str | None, place: str) -> Iterator[str]:
    """Name a session by what is known of its handset, else by its place; differently where that is taken."""
    if known is not None:
        yield known
    yield place
    yield from (f"{place} ({number})" for number in count(2))


def _report_mistake(task: asyncio.Task[Any]) -> None:
    """Hand an exception that is our own mistake to the loop's handler, which shows the error sheet."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler({"message": task.get_name(), "exception": error, "task": task})
