"""What a force could have done in a year: handsets, people, and what happens to them day by day. Plausible, made up.

Nothing in here is anybody: names, numbers and units are drawn from lists by a seed, and equal seeds give equal years.
The days follow a rollout: a pilot at two desks, a rise, the wave, a tail of newcomers and exchanges; few on weekends,
none on bank holidays; each desk opens at eight and has its noon.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from provisioning.platforms import Platform

LETTERS = "0123456789CDFGHJKLMNPQRTVWXY"
MODELS = (
    # platform, model, name, system, share
    (Platform.IOS, "iPhone15,4", "iPhone 15", "26.1", 30),
    (Platform.IOS, "iPhone17,5", "iPhone 16e", "26.1", 19),
    (Platform.IOS, "iPad13,18", "iPad (10th generation)", "26.1", 8),
    (Platform.ANDROID, "SM-A546B", "Galaxy A54 5G", "15", 16),
    (Platform.ANDROID, "SM-A566B", "Galaxy A56 5G", "16", 9),
    (Platform.ANDROID, "SM-G556B", "Galaxy XCover7", "15", 10),
    (Platform.ANDROID, "SM-X306B", "Galaxy Tab Active5", "15", 5),
    (Platform.ANDROID, "Pixel 8a", "Pixel 8a", "16", 3),
)
BODIES = {
    "Metropolitan Police Service": (
        "Central East BCU", "Central West BCU", "Central North BCU", "Central South BCU", "South East BCU",
        "East Area BCU", "North Area BCU", "North East BCU", "North West BCU", "South Area BCU", "South West BCU",
        "West Area BCU", "Specialist Crime", "Frontline Policing HQ", "Roads and Transport", "Custody",
        "Met Detention", "Counter Terrorism Command", "Professional Standards", "Communications Team",
    ),
    "British Transport Police": ("BTP B Division", "BTP C Division", "BTP D Division", "BTP Crime", "BTP HQ"),
    "City of London Police": ("City Local Policing", "City Economic Crime", "City Specialist Operations"),
}  # fmt: skip
DESK_BODIES = (*["Metropolitan Police Service"] * 8, *["British Transport Police"] * 2, *["City of London Police"] * 2)
FORENAMES = ("Siân", "Aled", "Priya", "James", "Amara", "Tomasz", "Grace", "Yusuf", "Hannah", "Callum", "Mei", "Owen")
SURNAMES = ("Pritchard", "Raman", "O’Neill", "Khan", "Okafor", "Nowak", "Taylor", "Hussain", "Fraser", "Li", "Evans")
RANKS = (
    "Constable",
    "Constable",
    "Constable",
    "Detective Constable",
    "Sergeant",
    "PCSO",
    "Detective Sergeant",
    "Staff",
)
TECHNICIANS = ("A. Khan", "B. Osei", "C. Whitfield", "D. Marsh", "E. Lindqvist", "F. Adeyemi")
FAMILIES = ("WhatsApp", "Signal", "X", "Instagram", "TikTok", "Facebook", "YouTube", "LinkedIn")
FINDINGS = (("deny-short-video", "com.zhiliaoapp.musically"), ("deny-social-network", "com.facebook.katana"),
            ("review-unlisted", "com.example.chat"), ("permit-messaging", "net.whatsapp.WhatsApp"))  # fmt: skip
_HOLIDAYS = {(1, 1), (5, 4), (5, 25), (8, 31), (12, 25), (12, 26), (4, 3), (4, 6)}


@dataclass(slots=True)
class Officer:
    """Somebody who is given a handset."""

    number: str
    name: str
    rank: str
    unit: str
    body: str


@dataclass(slots=True)
class MadeHandset:
    """A handset of the year; ``at`` is the desk where it lies."""

    number: int
    platform: Platform
    model: str
    model_name: str
    os_version: str
    at: int
    serial: str = ""
    imei: str = ""
    udid: str = ""
    asset_tag: str = ""
    lives: int = 0
    receipt: str = ""
    holder: Officer | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens at a desk: ``what`` is the word of a chapter in ``made_up_year``."""

    when: datetime
    desk: int
    what: str
    handset: MadeHandset | None = None
    officer: Officer | None = None
    detail: str = ""


@dataclass
class Force:
    """The whole cast, and the chance that everything is drawn by."""

    seed: int
    handsets: int
    until: date
    days: int = 365
    lively: bool = False
    """Something comes back and is read again each day, so that a small force has some of everything."""
    chance: random.Random = field(init=False)
    officers: list[Officer] = field(init=False)
    stock: list[MadeHandset] = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.stock = [self._handset(number) for number in range(self.handsets)]
        self.officers = [
            self._officer(number)
            for number in range(self.handsets + (self.handsets + 40 if self.lively else self.handsets // 8))
        ]

    def year(self) -> Iterator[list[Happening]]:
        """Yield the happenings of each desk's day, desks in turn, days in order."""
        weights = [self._weight(at) for at in range(self.days)]
        per_day = _shares(weights, self.handsets)
        fresh = iter(self.stock)
        newcomers = iter(self.officers)
        out: list[MadeHandset] = []
        for at, count in enumerate(per_day):
            day = self.until - timedelta(days=self.days - 1 - at)
            open_desks = self._open_desks(at, day, count)
            plans: dict[int, list[Happening]] = {desk: [] for desk in open_desks}
            for place in range(count):
                desk = open_desks[(place * 7 + at) % len(open_desks)]
                handset, officer = next(fresh), next(newcomers)
                self._issue(plans[desk], handset, officer, day, desk)
                out.append(handset)
            if count:
                self._tail(plans, out, newcomers, day, count)
            for desk, plan in plans.items():
                if plan:
                    yield self._framed(plan, desk, day)

    def _issue(
        self,
        plan: list[Happening],
        handset: MadeHandset,
        officer: Officer,
        day: date,
        desk: int,
        after: datetime | None = None,
    ) -> None:
        """Plan how a handset goes out; ``after`` is when it came back, for one that goes out again."""
        handset.at, officer.body = desk, DESK_BODIES[desk]
        if officer.unit not in BODIES[officer.body]:
            units = BODIES[officer.body]
            officer.unit = units[self._skewed(len(units))]
        when = self._moment(day) if after is None else after + timedelta(minutes=12)
        chance = self.chance
        plan.append(Happening(when, desk, "arrives", handset, detail="again" if after else ""))
        if chance.random() < 0.028:
            plan.append(Happening(when + timedelta(minutes=3), desk, "is not clear", handset))
        elif chance.random() < 0.012:
            plan.append(Happening(when + timedelta(minutes=3), desk, "is unknown", handset))
        plan.append(Happening(when + timedelta(minutes=6), desk, "is clear", handset))
        if chance.random() < 0.955:
            detail = "declines" if chance.random() < 0.004 else "stranger" if chance.random() < 0.006 else "signs"
            plan.append(Happening(when + timedelta(minutes=9), desk, "goes out", handset, officer, detail))

    def _tail(
        self,
        plans: dict[int, list[Happening]],
        out: list[MadeHandset],
        newcomers: Iterator[Officer],
        day: date,
        count: int,
    ) -> None:
        """Let some of what is out come back, be lost, be read again; and permits come and go."""
        chance = self.chance
        desks = list(plans)
        away = [one for one in out if one.holder is not None]
        least = int(self.lively)
        for handset in chance.sample(away, min(len(away), len(away) // 1400 + (count > 40) * 3 + least)):
            desk = desks[handset.number % len(desks)]
            reason = chance.choices(("returned", "exchange", "damaged", "lost", "stolen"), (52, 22, 15, 8, 3))[0]
            when = self._moment(day)
            plans[desk].append(Happening(when, desk, "comes back", handset, handset.holder, reason))
            if reason in {"returned", "damaged"} and chance.random() < 0.8:
                again = next(newcomers, None)
                if again is not None:
                    self._issue(plans[desk], handset, again, day, desk, after=when)
        for handset in chance.sample(away, min(len(away), count // 6 + least)):
            desk = desks[handset.number % len(desks)]
            what = chance.choices(("is read again", "is not clear", "is unknown"), (93, 5, 2))[0]
            plans[desk].append(Happening(self._moment(day), desk, what, handset))
        for handset in chance.sample(away, min(len(away), 1 + count // 25)):
            desk = desks[handset.number % len(desks)]
            plans[desk].append(Happening(self._moment(day), desk, "permit", handset, handset.holder,
                                         chance.choices(FAMILIES, (40, 14, 12, 8, 8, 8, 6, 4))[0]))  # fmt: skip

    def _framed(self, plan: list[Happening], desk: int, day: date) -> list[Happening]:
        """Put a day's happenings between the technician's coming and going, each thing after what it needs."""
        begins = self._at(day, 7, 50 + desk % 9)
        ordered = sorted(plan, key=lambda one: one.when)
        return [
            Happening(begins, desk, "opens"), *ordered,
            Happening(max(self._at(day, 17, 2 + desk), ordered[-1].when), desk, "closes"),
        ]  # fmt: skip

    def _open_desks(self, at: int, day: date, count: int) -> list[int]:
        if at < 28:
            return [0, 3]
        if day.weekday() >= 5:
            return [0, 9]
        wanted = max(2, min(12, 3 + at // 9, count // 4 + 1))
        order = (0, 3, 9, 10, 1, 5, 2, 6, 4, 8, 7, 11)
        return sorted(order[:wanted])

    def _weight(self, at: int) -> float:
        """Give how much of a rollout falls on a day: pilot, rise, wave, tail."""
        day = self.until - timedelta(days=self.days - 1 - at)
        if (day.month, day.day) in _HOLIDAYS:
            return 0.0
        share = at / self.days
        shape = 0.05 if share < 0.08 else min(1.0, 0.05 + (share - 0.08) * 5.2) if share < 0.62 else 0.0
        if share >= 0.62:
            shape = max(0.09, 1.0 - (share - 0.62) * 4.6)
        quiet = 0.45 if day.month == 8 or (day.month == 12 and day.day > 18) else 1.0
        weekday = (1.0, 1.12, 1.1, 1.05, 0.8, 0.035, 0.02)[day.weekday()]
        return shape * quiet * weekday * self.chance.uniform(0.85, 1.15)

    def _moment(self, day: date) -> datetime:
        """Draw a minute of a working day: busy before noon and in the early afternoon."""
        hour = self.chance.choices(range(8, 17), (7, 14, 16, 15, 6, 13, 15, 11, 3))[0]
        return self._at(day, hour, self.chance.randrange(0, 48))

    def _at(self, day: date, hour: int, minute: int) -> datetime:
        return datetime(day.year, day.month, day.day, hour, minute, self.chance.randrange(60), tzinfo=UTC)

    def _handset(self, number: int) -> MadeHandset:
        platform, model, name, system, _ = self.chance.choices(MODELS, [one[4] for one in MODELS])[0]
        mixed = (number * 2_654_435_761 + self.seed * 97 + 11) % 28**7
        tail = "".join(LETTERS[mixed // 28**at % 28] for at in range(7))
        made = MadeHandset(number, platform, model, name, system, 0)
        made.serial = f"F2L{tail}" if platform is Platform.IOS else f"R5C{tail}X"
        made.imei = _with_luhn(f"35{6_938_035 + number % 7:07d}{number:05d}"[:14])
        made.udid = f"00008120-{(number * 0x9E3779B97F4A7C15 + self.seed) % 2**64:016X}"
        made.asset_tag = f"MPS-{104_000 + number}"
        return made

    def _officer(self, number: int) -> Officer:
        chance = self.chance
        name = f"{chance.choice(FORENAMES)} {chance.choice(SURNAMES)}"
        return Officer(f"{200_000 + number * 7 % 700_001}", name, chance.choice(RANKS), "", "")

    def _skewed(self, count: int) -> int:
        return min(int(count * self.chance.random() ** 1.5), count - 1)


def _shares(weights: list[float], total: int) -> list[int]:
    whole = sum(weights)
    given, so_far, found = 0, 0.0, list[int]()
    for weight in weights:
        so_far += weight
        upto = round(total * so_far / whole)
        found.append(upto - given)
        given = upto
    return found


def _with_luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        total += sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit
    return f"{digits}{-total % 10}"
