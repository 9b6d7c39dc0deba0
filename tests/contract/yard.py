"""Forty bays in memory: handsets that are plugged, pulled, swapped and rebooted while a real desk works on them.

Only the port is played (``provisioning.handset``), because a million events would take days on sockets; desk, sessions
and stages are the real ones. Time is the loop's own: it jumps to the next thing that is due. Every answer of a handset
carries its serial number in all its parts, so an answer that lands in another's record is seen.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections import Counter, deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

from provisioning.desk import Desk
from provisioning.errors import HandsetGarbled, HandsetGone, HandsetSilent, HubError
from provisioning.handset import (
    Arrived,
    Attachment,
    Changed,
    Condition,
    Departed,
    Enrolment,
    Glimpse,
    Identity,
    LockDown,
    Movement,
    Ownership,
    Reading,
    Requirement,
    Seal,
    SealState,
    Strength,
    Trust,
)
from provisioning.inventory import App, Inventory
from provisioning.notices import Notice
from provisioning.outcomes import Outcome
from provisioning.platforms import Platform
from provisioning.policy.effective import Decision, EffectivePolicy, LockDownOrders, PolicyReference, Rule
from provisioning.status import Errand, Phase, SessionStatus, Walk
from provisioning.turns import Bounds, Turns
from provisioning.verification.judgement import CatalogueReference, Judgement, Verdict
from provisioning.walk import PROVISION, StageName

REFERENCE = PolicyReference("yard", "1", "00" * 32)
_RULE = Rule("any", Decision.ALLOWED, "", "")
POLICY = EffectivePolicy(
    reference=REFERENCE,
    sha256="00" * 32,
    title="",
    person=None,
    allow_list=False,
    identifiers={},
    families={},
    classes={},
    suspected=_RULE,
    unlisted_user=_RULE,
    unlisted_system=_RULE,
    web=_RULE,
    orders=LockDownOrders(),
    blocking=frozenset(),
    required_apps={},
    os_floor={},
    max_age_seconds=600,
    required_strength="effective",
    remove_denied=False,
    declaration="",
)


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self.now


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0:
            self._loop.now += timeout
        return super().select(0)


@dataclass(slots=True, eq=False)
class Phone:
    """A handset: what it holds and how it stands. ``plug`` counts its connections; only the last one is alive."""

    serial: str
    platform: Platform
    patience: int = 0
    """How often it answers a request for trust with “asking” before somebody taps."""
    ours: bool = False
    locked_down: bool = False
    plug: int = 0
    at: Attachment | None = None

    @property
    def udid(self) -> str | None:
        return f"UDID-{self.serial}" if self.platform is Platform.IOS else None


class Stage:
    """One connection to a phone, as an engine would give it; dead for ever once the cable was pulled."""

    def __init__(self, phone: Phone, attachment: Attachment, chance: random.Random) -> None:
        self._phone = phone
        self._attachment = attachment
        self._plug = phone.plug
        self._chance = chance
        self._busy = False

    @property
    def attachment(self) -> Attachment:
        return self._attachment

    async def _on_the_wire(self, doing: str, steps: int = 3) -> None:
        assert not self._busy, "calls are made one at a time"
        self._busy = True
        try:
            for _ in range(self._chance.randrange(1, steps + 1)):
                await asyncio.sleep(self._chance.choice((0, 0, 0.01, 0.2)))
                if self._phone.plug != self._plug or self._phone.at is None:
                    raise HandsetGone(doing)
            roll = self._chance.random()
            if roll < 0.01:
                raise HandsetSilent(doing, 1.0)
            if roll < 0.02:
                raise HandsetGarbled(doing, "static")
        finally:
            self._busy = False

    async def identify(self) -> Identity | Glimpse:
        await self._on_the_wire("identify")
        phone = self._phone
        if phone.patience:
            return Glimpse(phone.platform, udid=phone.udid)
        return Identity(
            phone.platform, phone.serial, "M", "Model", "1", "B", udid=phone.udid, imei=f"IMEI-{phone.serial}"
        )

    async def trust(self) -> Trust:
        await self._on_the_wire("trust")
        if self._phone.patience:
            self._phone.patience -= 1
            return Trust.ASKING
        return Trust.TRUSTED

    async def condition(self) -> Condition:
        await self._on_the_wire("condition")
        return Condition()

    async def enrolment(self) -> Enrolment:
        await self._on_the_wire("enrolment")
        return Enrolment(Ownership.OURS if self._phone.ours else Ownership.NOBODY, detail=self._phone.serial)

    async def enrol(self) -> Enrolment:
        await self._on_the_wire("enrol", 6)
        self._phone.ours = True
        return await self.enrolment()

    async def apply(self, effective: EffectivePolicy) -> LockDown:
        await self._on_the_wire("apply", 6)
        self._phone.locked_down = True
        return await self.lock_down(effective)

    async def lock_down(self, effective: EffectivePolicy) -> LockDown:
        del effective
        await self._on_the_wire("lock-down")
        phone = self._phone
        return LockDown((Requirement("r", phone.locked_down, "on", phone.serial, Strength.EFFECTIVE),))

    async def inventory(self) -> Inventory:
        await self._on_the_wire("inventory", 6)
        return Inventory(self._phone.platform, (App(f"app.{self._phone.serial}"),))

    async def read(self, effective: EffectivePolicy) -> Reading:
        return Reading(await self.inventory(), await self.lock_down(effective))

    async def seal(self, effective: EffectivePolicy) -> Seal:
        del effective
        return Seal(SealState.NOTHING_TO_SEAL)

    async def close(self) -> None:
        await asyncio.sleep(0)


class Rail:
    """The hub of one platform. ``broken`` makes its stream end as that of a daemon that died."""

    def __init__(self, platform: Platform, chance: random.Random) -> None:
        self._platform = platform
        self._chance = chance
        self._news: asyncio.Queue[Movement | HubError] = asyncio.Queue()
        self._told: dict[str, Attachment] = {}
        self.present: dict[str, tuple[Phone, Attachment]] = {}

    @property
    def platform(self) -> Platform:
        return self._platform

    async def attached(self) -> list[Attachment]:
        return [attachment for _, attachment in self.present.values()]

    async def movements(self) -> AsyncGenerator[Movement, None]:
        for _, attachment in tuple(self.present.values()):
            if attachment.connection not in self._told:
                self._told[attachment.connection] = attachment
                yield Arrived(attachment)
        while True:
            news = await self._news.get()
            match news:
                case HubError():
                    for attachment in tuple(self._told.values()):
                        yield Departed(attachment)
                    self._told.clear()
                    while not self._news.empty():
                        self._news.get_nowait()  # what it would have told died with it
                    raise news
                case Arrived(attachment):
                    if self._told.get(attachment.connection) == attachment:
                        continue
                    self._told[attachment.connection] = attachment
                case Departed(attachment):
                    if self._told.pop(attachment.connection, None) is None:
                        continue
                case Changed(attachment) if attachment.connection not in self._told:
                    continue
                case _:
                    pass
            yield news

    def handset(self, attachment: Attachment) -> Stage:
        found = self.present.get(attachment.connection)
        if found is None or found[1] is not attachment:  # gone already, or the name is another's by now
            return Stage(Phone("nobody", self._platform), attachment, self._chance)
        return Stage(found[0], attachment, self._chance)

    async def close(self) -> None:
        pass

    def plug(self, phone: Phone, bay: str, connection: str) -> None:
        attachment = Attachment(self._platform, connection, bay, udid=phone.udid, state="device")
        phone.plug += 1
        phone.at = attachment
        self.present[connection] = (phone, attachment)
        self._news.put_nowait(Arrived(attachment))

    def pull(self, phone: Phone) -> None:
        attachment = phone.at
        assert attachment is not None
        phone.at = None
        del self.present[attachment.connection]
        self._news.put_nowait(Departed(attachment))

    def flicker(self, phone: Phone) -> None:
        assert phone.at is not None
        self._news.put_nowait(Changed(phone.at))

    def die(self) -> None:
        self._news.put_nowait(HubError("the daemon is gone"))


@dataclass(slots=True)
class Ledger:
    """Books and judge of the yard: they note every part that is not the handset's own."""

    bays_of: Mapping[str, deque[str]]
    mixed: list[str] = field(default_factory=list[str])
    entries: Counter[str] = field(default_factory=Counter[str])
    records: dict[str, str] = field(default_factory=dict[str, str])

    async def notices(self, serial_number: str) -> tuple[Notice, ...]:
        del serial_number
        return ()

    async def unheard_of(self, identity: Identity) -> None:
        del identity

    async def identified(self, identity: Identity, bay: str) -> bool:
        self.entries["identified"] += 1
        self._own(identity, identity.imei == f"IMEI-{identity.serial_number}", "identity")
        self._own(identity, bay in self.bays_of[identity.serial_number], f"bay {bay}")
        return False

    async def passed(self, identity: Identity, stage: StageName, outcome: Outcome, effective: EffectivePolicy) -> None:
        del effective
        self.entries[stage] += 1
        await asyncio.sleep(0)
        for part in ("lock_down", "enrolment"):
            found = getattr(outcome, part, None)
            match found:
                case LockDown(requirements):
                    self._own(identity, all(one.found == identity.serial_number for one in requirements), stage)
                case Enrolment(detail=detail):
                    self._own(identity, detail == identity.serial_number, stage)
                case _:
                    pass

    async def stopped(self, identity: Identity, stage: StageName, outcome: Outcome) -> None:
        del identity, stage, outcome
        self.entries["stopped"] += 1

    async def stopped_nameless(
        self, attachment: Attachment, glimpse: Glimpse | None, stage: StageName, outcome: Outcome
    ) -> None:
        del attachment, glimpse, stage, outcome
        self.entries["stopped nameless"] += 1

    async def walked(self, identity: Identity, walk: Walk) -> None:
        self.entries["walked"] += 1
        self._own(identity, walk.bay in self.bays_of[identity.serial_number], f"walk at bay {walk.bay}")

    async def judge(
        self, identity: Identity, inventory: Inventory, lock_down: LockDown, effective: EffectivePolicy
    ) -> tuple[Judgement, str]:
        del effective
        serial = identity.serial_number
        self.entries["judged"] += 1
        self._own(identity, [app.id for app in inventory.apps] == [f"app.{serial}"], "inventory")
        self._own(identity, all(one.found == serial for one in lock_down.requirements), "lock-down")
        await asyncio.sleep(0)
        verdict = Verdict.CLEAR if lock_down.in_force else Verdict.NOT_CLEAR
        record = f"{serial}/{self.entries['judged']}"
        self.records[record] = serial
        reference = CatalogueReference("1", "00" * 32)
        return Judgement(verdict, (), (), 1, (0,), (), REFERENCE, reference, f"inventory of {serial}"), record

    def _own(self, identity: Identity, own: bool, part: str) -> None:
        if not own:
            self.mixed.append(f"{part} of another in the record of {identity.serial_number}")


class Shown:
    """What a wall that is told everything would show."""

    def __init__(self) -> None:
        self.by_key: dict[str, SessionStatus] = {}
        self.mixed: list[str] = []

    def change(self, status: SessionStatus) -> None:
        self.by_key[status.key] = status
        serial, judgement = status.serial_number, status.judgement
        if status.identity is not None and status.identity.imei != f"IMEI-{serial}":
            self.mixed.append(f"{serial} has IMEI {status.identity.imei}")
        if judgement is not None and judgement.inventory_sha256 != f"inventory of {serial}":
            self.mixed.append(f"{serial} is judged by {judgement.inventory_sha256}")
        if status.record and status.record.partition("/")[0] != serial:
            self.mixed.append(f"{serial} has the record {status.record}")

    def gone(self, key: str) -> None:
        self.by_key.pop(key, None)

    def in_bay(self, bay: str) -> list[SessionStatus]:
        return [one for one in self.by_key.values() if one.attachment.bay == bay and one.phase is not Phase.UNPLUGGED]


class Yard:
    """Bays, phones, the two hubs and a desk; everything that happens is drawn from ``seed``."""

    def __init__(self, seed: int, *, bays: int = 40, phones: int = 60, twins: int = 0) -> None:
        self._chance = random.Random(seed)
        self._bays: dict[str, Phone | None] = {f"{1 + bay // 10}-{1 + bay % 10}": None for bay in range(bays)}
        platforms = (Platform.IOS, Platform.ANDROID)
        self._phones = [Phone(f"S{number:03}", platforms[number % 2]) for number in range(phones)]
        # Some makers give every handset of a model the same serial number.
        self._phones += [Phone("S001", Platform.ANDROID) for _ in range(twins)]
        self._rails = {platform: Rail(platform, self._chance) for platform in platforms}
        self._number = 0
        self._rebooting: list[tuple[float, Phone, str]] = []
        bays_of = {phone.serial: deque[str](maxlen=50) for phone in self._phones}
        self.books = Ledger(bays_of)
        self.shown = Shown()
        self.events: Counter[str] = Counter()
        self.mistakes: list[str] = []
        self.desk = Desk(
            list(self._rails.values()),
            self.books,
            self.books.judge,
            turns=Turns(Bounds(desk=16)),
            on_change=self.shown.change,
            on_gone=self.shown.gone,
        )

    async def live(self, events: int, look_after: int = 40) -> None:
        """Let so many things happen, and look at the wall at rest after each ``look_after`` of them."""
        asyncio.get_running_loop().set_exception_handler(self._note_mistake)
        async with self.desk:
            self.desk.keep_walking(Errand(PROVISION, POLICY, None))
            for number in range(events):
                self._happen()
                await self._pass_time()
                if number % look_after == look_after - 1:
                    await asyncio.sleep(300)
                    self.look()

    def _note_mistake(self, _: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
        self.mistakes.append(f"{context.get('message')}: {context.get('exception')!r}")

    def look(self) -> None:
        """Hold the wall at rest against the bays."""
        wrong = [*self.mistakes, *self.books.mixed, *self.shown.mixed]
        for bay, phone in self._bays.items():
            shown = self.shown.in_bay(bay)
            if phone is None:
                wrong += [f"{bay} is empty and shows {one.key}" for one in shown]
            elif len(shown) != 1:
                wrong.append(f"{bay} holds {phone.serial} and shows {[one.key for one in shown]}")
            elif self._has_twin(phone):
                if shown[0].phase in {Phase.READY, Phase.NOT_CLEAR}:
                    wrong.append(f"{bay} shows one of two {phone.serial} as {shown[0].phase}")
            elif shown[0].serial_number is None and shown[0].phase is Phase.STOPPED:
                pass  # it never managed to say who it is
            elif shown[0].serial_number != phone.serial:
                wrong.append(f"{bay} holds {phone.serial} and shows {shown[0].serial_number}")
            elif shown[0].phase is Phase.READY and not (phone.ours and phone.locked_down):
                wrong.append(f"{bay} shows {phone.serial} as ready, and it is not")
        assert not wrong, wrong[:10]

    def _has_twin(self, phone: Phone) -> bool:
        """Say that two of one serial number lie here and have both said it."""
        same = [bay for bay, one in self._bays.items() if one is not None and one.serial == phone.serial]
        return len(same) > 1 and all(self.shown.in_bay(bay)[0].serial_number == phone.serial for bay in same)

    async def _pass_time(self) -> None:
        match self._chance.randrange(4):
            case 0:
                pass  # all at the same moment
            case 1:
                for _ in range(self._chance.randrange(1, 12)):
                    await asyncio.sleep(0)
            case 2:
                await asyncio.sleep(self._chance.random())
            case _:
                await asyncio.sleep(self._chance.random() * 12)

    def _happen(self) -> None:
        self._come_back()
        names, weights = zip(*_EVENTS.items(), strict=True)
        name = self._chance.choices(names, weights)[0]
        self.events[name] += 1
        getattr(self, f"_{name}")()

    def _plug(self) -> None:
        if (bay := self._any_bay(empty=True)) is not None:
            self._insert(bay)

    def _pull(self) -> None:
        if (bay := self._any_bay(empty=False)) is not None:
            self._remove(bay)

    def _swap(self) -> None:
        if (bay := self._any_bay(empty=False)) is not None:
            removed = self._remove(bay)
            self._insert(bay, besides=removed)

    def _replug(self) -> None:
        bay, other = self._any_bay(empty=False), self._any_bay(empty=True)
        if bay is not None:
            self._insert(other or bay, self._remove(bay))

    def _reboot(self) -> None:
        if (bay := self._any_bay(empty=False)) is not None:
            delay = self._chance.choice((0.0, 0.5, 5.0, 40.0))
            self._rebooting.append((asyncio.get_running_loop().time() + delay, self._remove(bay), bay))

    def _erase(self) -> None:
        if (bay := self._any_bay(empty=False)) is not None:
            phone = self._remove(bay)
            phone.ours = phone.locked_down = False
            phone.patience = self._chance.randrange(4)
            self._insert(bay, phone)

    def _flicker(self) -> None:
        if (bay := self._any_bay(empty=False)) is not None and (phone := self._bays[bay]) is not None:
            self._rails[phone.platform].flicker(phone)

    def _die(self) -> None:
        self._rails[self._chance.choice(list(self._rails))].die()
        self._number = 0  # a usbmuxd that starts again counts its connections from 1 again

    def _press(self) -> None:
        sessions = self.desk.sessions
        if sessions:
            session = self._chance.choice(sessions)
            if session.plugged_in:
                self.desk.begin(session, Errand(PROVISION, POLICY, None))
            session.nudge()

    def _come_back(self) -> None:
        now = asyncio.get_running_loop().time()
        for one in [one for one in self._rebooting if one[0] <= now]:
            self._rebooting.remove(one)
            _, phone, bay = one
            if self._bays[bay] is None:
                self._insert(bay, phone)

    def _any_bay(self, *, empty: bool) -> str | None:
        found = [bay for bay, phone in self._bays.items() if (phone is None) is empty]
        return self._chance.choice(found) if found else None

    def _insert(self, bay: str, phone: Phone | None = None, besides: Phone | None = None) -> None:
        if phone is None:
            away = [one for one in self._phones if one.at is None and one is not besides]
            away = [one for one in away if all(one is not other for _, other, _ in self._rebooting)]
            if not away:
                return
            phone = self._chance.choice(away)
        self._number += 1
        rail = self._rails[phone.platform]
        connection = phone.serial if phone.platform is Platform.ANDROID else str(self._number)
        while connection in rail.present:
            self._number += 1
            connection = f"{phone.serial}-{self._number}" if phone.platform is Platform.ANDROID else str(self._number)
        self._bays[bay] = phone
        self.books.bays_of[phone.serial].append(bay)
        rail.plug(phone, bay, connection)

    def _remove(self, bay: str) -> Phone:
        phone = self._bays[bay]
        assert phone is not None
        self._bays[bay] = None
        self._rails[phone.platform].pull(phone)
        return phone


_EVENTS: Mapping[str, int] = {
    "plug": 30, "pull": 16, "swap": 12, "replug": 12, "reboot": 12, "erase": 4, "flicker": 6, "die": 1, "press": 7,
}  # fmt: skip
