"""One handset's walk through the stages: resumable, patient with people, never in another handset's way.

The session owns no truth: it asks the handset, books what it said, and goes on. Pulling the cable cancels the stage in
hand; plugging in again starts the walk anew, and stages whose work is done find that out by looking.
"""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from provisioning.errors import HandsetError, UsageError
from provisioning.handset import Attachment, Glimpse, Handset, Identity
from provisioning.notices import Notice, keeping
from provisioning.outcomes import Outcome, did_all, found_done, interruption
from provisioning.stages import apply, enrol, erase, identify, preflight, seal, trust, verify
from provisioning.stages.verify import Judge
from provisioning.status import Books, Errand, Phase, SessionStatus, StageRecord, Walk
from provisioning.turns import Turns, Work, hub_of
from provisioning.verification.judgement import Judgement
from provisioning.walk import KeptSilent, Next, StageName, WentAway
from provisioning.watchdog import Watchdog

logger = logging.getLogger(__name__)

TRIES = 3
PAUSES = (0.5, 2.0)
"""Seconds before the second and the third try, give or take half, so that forty that failed together do not again."""
ASK_AGAIN = 1.0
"""Seconds between two looks at something that a person must do."""
_TOUCHING = frozenset(StageName) - {StageName.IDENTIFY, StageName.TRUST}
"""Stages that write to the handset; verifying does too, if only its log."""
_CHANGING = frozenset({StageName.ERASE, StageName.ENROL, StageName.APPLY, StageName.SEAL})
"""Stages that may leave something half done."""
JUST_NOW = 5.0
"""Seconds in which what a handset said of itself on a connection need not be asked there again. What is read later
still tells whether it is the same handset."""
GRACE = 1.5
"""Seconds in which the hub should have told of an unplug that an engine noticed first."""


class Session:
    """One handset's walk. Made by the desk, which also says when the handset is plugged in and pulled out."""

    def __init__(
        self,
        key: str,
        handset: Handset,
        books: Books,
        judge: Judge,
        *,
        turns: Turns,
        watchdog: Watchdog,
        on_change: Callable[[SessionStatus], None],
    ) -> None:
        self.key = key
        self._handset = handset
        self._attachment = handset.attachment
        self._books = books
        self._judge = judge
        self._turns = turns
        self._watchdog = watchdog
        self._on_change = on_change
        self._plugged = asyncio.Event()
        self._plugged.set()
        self._nudged = asyncio.Event()
        self._stage_task: asyncio.Task[Outcome] | None = None
        self._identity: Identity | None = None
        self._booked: Identity | None = None
        self._glimpse: Glimpse | None = None
        self._records: dict[StageName, StageRecord] = {}
        self._judgement: Judgement | None = None
        self._record = ""
        self._phase = Phase.SEEN
        self._stage: StageName | None = None
        self._started = time.monotonic()
        self._entered = self._started
        self._spent: float | None = None
        """Seconds that the last walk took; None while one is under way, and before the first."""
        self._queued = 0.0
        self._walk: tuple[StageName, ...] = ()
        self._under_way = False
        self._erasing = self._erased = False
        self._twin_bay: str | None = None
        self._notices: tuple[Notice, ...] = ()
        self._told: tuple[Handset, Identity, float] | None = None
        """Who the handset said it is, on which connection and when."""
        self._newcomer = False
        """By the books nothing was done to it before this session."""

    @property
    def handset(self) -> Handset:
        """Give the handset at its present connection."""
        return self._handset

    @property
    def plugged_in(self) -> bool:
        """True while the cable is in."""
        return self._plugged.is_set()

    def recognise(self, found: Identity | Glimpse, notices: tuple[Notice, ...] = ()) -> None:
        """Take over who the handset said it is, before any walk, and what the books know of it."""
        if isinstance(found, Identity):
            self._identity, self._notices = found, notices
            self._told = self._handset, found, time.monotonic()
        else:
            self._glimpse = found
        self._tell()

    @property
    def has_twin(self) -> bool:
        """True while something else that is plugged in gives the same serial number."""
        return self._twin_bay is not None

    def note_twin(self, bay: str | None) -> None:
        """Take note that the handset in ``bay`` gives the same serial number, or that none does any more."""
        new, self._twin_bay = bay is not None and self._twin_bay is None, bay
        self._nudged.set()
        if not new:
            return
        if self._stage_task is not None:
            self._stage_task.cancel()
        elif self._identity is not None and bay is not None and not self._under_way:
            # It was at rest, perhaps ready: what was found may have been the other's.
            outcome = identify.HereTwice(self._identity.serial_number, bay)
            self._records = {StageName.IDENTIFY: StageRecord(StageName.IDENTIFY, outcome, 0.0)}
            self._judgement, self._record, self._phase, self._stage = None, "", Phase.STOPPED, None
            self._tell()

    def plug(self, handset: Handset) -> None:
        """Go on with the same handset at a (new) connection."""
        self._handset = handset
        self._attachment = handset.attachment
        self._plugged.set()
        self._nudged.set()
        if self._phase is Phase.UNPLUGGED:
            self._phase = Phase.SEEN
        self._tell()

    def unplug(self) -> None:
        """Stop what is going on at once: the cable is out."""
        self._plugged.clear()
        self._nudged.set()
        # A seal is there to make the handset go; its stage itself tells that from a pulled cable.
        if self._stage_task is not None and self._stage is not StageName.SEAL:
            self._stage_task.cancel()
        self._phase = Phase.UNPLUGGED
        self._tell()

    def nudge(self, attachment: Attachment | None = None) -> None:
        """Look again now instead of at the next turn; a person says that it is done, or the hub saw a change."""
        if attachment is not None:
            self._attachment = attachment
        self._nudged.set()

    def status(self) -> SessionStatus:
        """Give everything that may be shown, as one frozen piece."""
        return SessionStatus(
            key=self.key,
            attachment=self._attachment,
            phase=self._phase,
            identity=self._identity,
            glimpse=self._glimpse,
            stage=self._stage,
            stages=tuple(self._records.values()),
            judgement=self._judgement,
            record=self._record,
            seconds=self._spent if self._spent is not None else time.monotonic() - self._started,
            walk=self._walk,
            notices=self._notices,
        )

    async def run(self, errand: Errand) -> SessionStatus:
        """Walk the errand's stages to their end, or to where the walk stops; say how it stands then."""
        self._under_way, self._spent = True, None
        try:
            return await self._lead(errand)
        finally:
            self._under_way, self._spent = False, time.monotonic() - self._started

    async def _lead(self, errand: Errand) -> SessionStatus:
        self._records.clear()
        self._judgement, self._record = None, ""
        self._started = time.monotonic()
        self._walk = tuple(errand.stages)
        self._erasing = self._erased = False
        position, tries, waiting_since = 0, 0, None
        led = self._handset
        while True:
            if self._handset is not led:  # at a new connection everything is asked anew
                led, position, tries = self._handset, 0, 0
            if position == len(errand.stages):
                await self._book_walk(errand, Phase.READY)
                if self._handset is not led or self.has_twin:  # it was plugged in anew meanwhile, or another like it
                    position, tries = 0, 0
                    continue
                sealed = self._stage is StageName.SEAL and not self._plugged.is_set()
                self._stage = None
                self._phase = Phase.UNPLUGGED if sealed or not self._plugged.is_set() else Phase.READY
                self._tell()
                return self.status()
            stage = errand.stages[position]
            self._enter(stage)
            outcome = await self._ask(stage, errand)
            await self._note(stage, outcome, errand)
            match outcome.next:
                case Next.PROCEED:
                    position, tries, waiting_since = position + 1, 0, None
                case Next.STOP:
                    return await self._end(stage, outcome, errand)
                case Next.RETRY:
                    tries += 1
                    if tries >= TRIES:
                        return await self._end(stage, outcome, errand)
                    await asyncio.sleep(_jittered(PAUSES[tries - 1], self.key))
                case Next.WAIT:
                    if isinstance(outcome, WentAway):
                        if self._handset is not led:
                            continue
                        if await self._still_there():
                            tries += 1
                            if tries < TRIES:
                                continue
                            return await self._end(stage, outcome, errand)
                    waiting_since = waiting_since if waiting_since is not None else time.monotonic()
                    left = None if errand.patience is None else waiting_since + errand.patience - time.monotonic()
                    if (left is not None and left <= 0) or not await self._waited_for(stage, outcome, left):
                        return await self._end(stage, outcome, errand)

    async def _ask(self, stage: StageName, errand: Errand) -> Outcome:
        """Run one stage under its limit; whatever the handset does becomes an outcome."""
        if not self._plugged.is_set():
            return WentAway(stage)
        if self._twin_bay is not None and self._identity is not None:
            return identify.HereTwice(self._identity.serial_number, self._twin_bay)
        handset = self._handset
        platform, known = self._attachment.platform, self._identity or self._glimpse
        step = (platform, (known.model if known else None) or "", stage)
        work = Work.CHANGE if stage in _CHANGING else Work.LOOK
        waiting = time.monotonic()
        try:
            async with self._turns.turn(work, hub_of(self._attachment), self._watchdog.lent(*step)):
                began = time.monotonic()
                self._queued = began - waiting
                if not self._is_here(handset):
                    return WentAway(stage)
                self._stage_task = asyncio.create_task(self._perform(stage, errand), name=f"{stage} {self.key}")
                try:
                    done, _ = await asyncio.wait({self._stage_task}, timeout=self._watchdog.limit(*step))
                except asyncio.CancelledError:
                    await _cancel(self._stage_task)
                    raise
                took = time.monotonic() - began
                if not done:
                    await _cancel(self._stage_task)
                    return KeptSilent(stage, took)
                if self._stage_task.cancelled():
                    return WentAway(stage)
                outcome = self._stage_task.result()
                if stage is not StageName.SEAL and not self._is_here(handset):
                    return WentAway(stage)  # it went with its last word, which says nothing of what is there now
                if did_all(outcome) and not found_done(outcome):
                    self._watchdog.note(*step, took)
                return outcome
        except (HandsetError, UsageError) as error:
            return interruption(error, stage, platform)
        finally:
            self._stage_task = None

    def _is_here(self, handset: Handset) -> bool:
        """Tell whether the cable is in, and has been since ``handset`` was this session's."""
        return self._plugged.is_set() and self._handset is handset

    async def _perform(self, stage: StageName, errand: Errand) -> Outcome:
        handset = self._handset
        if stage in _TOUCHING and self._identity is not None and (kept := await self._kept(self._identity)):
            return kept  # since it was identified: a walk may wait for hours
        match stage:
            case StageName.IDENTIFY:
                known = self._identity.serial_number if self._identity else None
                return await self._admitted(await identify.identify(handset, known, self._just_told()), errand)
            case StageName.TRUST:
                return await self._admitted(await trust.trust(handset, self._just_told()), errand)
            case StageName.ERASE:
                if self._erased:  # once in a walk: what came on it since is this walk's own work
                    return erase.Erased(already=True)
                return await erase.erase(handset, ordered=self._erasing)
            case StageName.PREFLIGHT:
                return await preflight.preflight(handset)
            case StageName.ENROL:
                return await enrol.enrol(handset)
            case StageName.APPLY:
                return await apply.apply(handset, errand.effective)
            case StageName.VERIFY:
                assert self._identity is not None, "verify comes after trust"
                return await verify.verify(handset, self._identity, errand.effective, self._judge)
            case StageName.SEAL:
                return await seal.seal(handset, errand.effective)

    def _just_told(self) -> Identity | None:
        """Give who it has said it is on this connection a moment ago, if it has."""
        handset, identity, moment = self._told or (None, None, 0.0)
        return identity if handset is self._handset and time.monotonic() - moment < JUST_NOW else None

    async def _admitted(self, outcome: Outcome, errand: Errand) -> Outcome:
        """Hold a handset that has just said who it is against the books and the errand's manifest."""
        if not isinstance(outcome, identify.Identified | trust.Trusted):
            return outcome
        kept = await self._kept(outcome.identity)
        return kept or identify.unlisted(outcome.identity, errand.manifest) or outcome

    async def _kept(self, identity: Identity) -> identify.LeftAsItIs | None:
        """Read what the books know of it now (evidence may be held this moment), and whether to leave it as it is."""
        self._notices = await self._books.notices(identity.serial_number)
        notice = keeping(self._notices)
        return identify.LeftAsItIs(identity, notice) if notice is not None else None

    async def _note(self, stage: StageName, outcome: Outcome, errand: Errand) -> None:
        """Book the outcome, then show it: the ledger comes first."""
        match outcome:
            case (
                identify.Identified(identity)
                | trust.Trusted(identity)
                | identify.NotAsListed(identity)
                | identify.LeftAsItIs(identity)
            ):
                if stage is StageName.IDENTIFY and self._just_told() is None:
                    self._told = self._handset, identity, time.monotonic()
                self._identity = identity
                if identity != self._booked:
                    self._newcomer = await self._books.identified(identity, self._attachment.bay)
                    self._booked = identity
            case identify.Glimpsed(glimpse):
                self._glimpse = glimpse
            case erase.Erasing():
                self._erasing = True
            case erase.Erased():
                if self._identity is not None and not self._erased:
                    await self._books.passed(self._identity, stage, outcome, errand.effective)
                self._erased = True
            case (
                verify.Verified(judgement, record)
                | verify.NotClear(judgement, record)
                | verify.Unknown(judgement, record)
            ):
                self._judgement, self._record = judgement, record
            case _:
                if isinstance(outcome, preflight.AlreadyOurs) and self._identity is not None and self._newcomer:
                    await self._books.unheard_of(self._identity)
                    self._notices = await self._books.notices(self._identity.serial_number)
                if stage is StageName.PREFLIGHT:
                    self._newcomer = False  # from here on it is managed because of this walk
                if outcome.next is Next.PROCEED and self._identity is not None:
                    await self._books.passed(self._identity, stage, outcome, errand.effective)
        before = self._records.pop(stage, None)  # put back at the end: the last one is what was said last
        before = before or StageRecord(stage, outcome, 0.0)
        spent = before.seconds + time.monotonic() - self._entered
        self._records[stage] = StageRecord(stage, outcome, spent, before.waited, before.queued + self._queued)
        self._queued = 0.0
        if outcome.next is Next.WAIT:
            self._phase = Phase.UNPLUGGED if isinstance(outcome, WentAway) else Phase.WAITING
        self._tell()

    async def _end(self, stage: StageName, outcome: Outcome, errand: Errand) -> SessionStatus:
        match outcome:
            case verify.NotClear():
                self._phase = Phase.NOT_CLEAR
            case verify.Unknown():
                self._phase = Phase.UNKNOWN
            case _:
                self._phase = Phase.UNPLUGGED if isinstance(outcome, WentAway) else Phase.STOPPED
                if self._identity is not None:
                    await self._books.stopped(self._identity, stage, outcome)
                elif StageName.ENROL in errand.stages:
                    await self._books.stopped_nameless(self._attachment, self._glimpse, stage, outcome)
        await self._book_walk(errand, self._phase)
        self._tell()
        return self.status()

    async def _book_walk(self, errand: Errand, end: Phase) -> None:
        """Book how long the steps took, where the walk was to end in *ready*."""
        if self._identity is not None and StageName.ENROL in errand.stages:
            seconds = time.monotonic() - self._started
            steps = tuple(self._records.values())
            walk = Walk(self._attachment.bay, end, errand.effective.reference.name, steps, seconds)
            await self._books.walked(self._identity, walk)

    async def _still_there(self) -> bool:
        """Tell a dropped connection from a pulled cable: in the second case the hub says so within the grace."""
        if self._plugged.is_set():
            self._nudged.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await self._nudged.wait()
        return self._plugged.is_set()

    async def _waited_for(self, stage: StageName, outcome: Outcome, left: float | None) -> bool:
        """Wait as :meth:`_wait` does, and put that time down as spent on this stage, waiting."""
        began = time.monotonic()
        came = await self._wait(outcome, left)
        spent, record = time.monotonic() - began, self._records[stage]
        self._records[stage] = replace(record, seconds=record.seconds + spent, waited=record.waited + spent)
        return came

    async def _wait(self, outcome: Outcome, left: float | None) -> bool:
        """Wait until it is worth asking again; False when patience ended before an unplugged handset came back."""
        self._nudged.clear()
        if isinstance(outcome, WentAway):
            try:
                async with asyncio.timeout(left):
                    await self._plugged.wait()
            except TimeoutError:
                return False
            return True
        pause = ASK_AGAIN if left is None else min(ASK_AGAIN, left)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._nudged.wait()
        return True

    def _enter(self, stage: StageName) -> None:
        self._entered = time.monotonic()
        self._stage = stage
        if self._phase is not Phase.WAITING:
            self._phase = Phase.WORKING if self._plugged.is_set() else Phase.UNPLUGGED
        self._tell()

    def _tell(self) -> None:
        self._on_change(self.status())


async def _cancel(task: asyncio.Task[Outcome]) -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # looked at, so that asyncio does not report it as never retrieved


def _jittered(seconds: float, key: str) -> float:
    """Give half to one and a half times as much, the same for the same handset."""
    return seconds * (0.5 + zlib.crc32(key.encode()) / 2**32)
