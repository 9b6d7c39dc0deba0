"""A rehearsed desk: plausible handsets in every state, and DeskActions answered from memory; for tests and pictures."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import segno
from rehearsed_batches import RehearsedBatches
from rehearsed_bays import RehearsedBays
from rehearsed_paper import RehearsedPaper
from rehearsed_reading import RehearsedReading
from rehearsed_returns import RehearsedReturns
from rehearsed_wall import RehearsedWall

from provisioning.errors import UsageError
from provisioning.handset import (
    Attachment,
    Enrolment,
    Glimpse,
    Hindrance,
    Identity,
    LockDown,
    Obstacle,
    Ownership,
    Requirement,
    Strength,
)
from provisioning.inventory import Unread
from provisioning.outcomes import Outcome
from provisioning.platforms import Platform
from provisioning.policy.effective import Decision, PolicyReference, Severity
from provisioning.receipts.code_reading import CodeReading
from provisioning.receipts.items import ItemKind
from provisioning.scans import Scan, read_scan
from provisioning.stages import apply, enrol, identify, preflight, trust, verify
from provisioning.status import Phase, SessionStatus, StageRecord
from provisioning.verification.judgement import (
    CatalogueReference,
    Classification,
    Evidence,
    Finding,
    JudgedApp,
    Judgement,
    Social,
    Verdict,
)
from provisioning.walk import PROVISION, KeptSilent, StageName, WentAway
from ui.actions import (
    BrokenOff,
    DeskFacts,
    Duty,
    EnrolmentCode,
    HandedOver,
    Held,
    LedgerLine,
    OfficerFacts,
    Refused,
    Returned,
    ReturnState,
    SealResult,
    SignInAnswer,
)
from ui.agreement import Agreement, Clause, DeclarationText, Entitlement, HandoverRequest, Thing
from ui.bridge import Bridge

FACTS = DeskFacts(desk="Desk 4", policy="met-police 2026.1", technician="A. Khan", training=False)
POLICY = PolicyReference("met-police", "2026.1", "9f2c" * 16)
CATALOGUE = CatalogueReference("2026.10", "51ab" * 16)
MODELS = (
    (Platform.IOS, "iPhone15,4", "iPhone 15", "26.1"),
    (Platform.ANDROID, "SM-A546B", "Galaxy A54 5G", "14"),
    (Platform.IOS, "iPad13,18", "iPad (10th generation)", "26.1"),
    (Platform.ANDROID, "Pixel 8", "Pixel 8", "15"),
    (Platform.IOS, "iPhone14,5", "iPhone 13", "18.7"),
    (Platform.ANDROID, "SM-G556B", "Galaxy XCover7", "15"),
)
APPS = (
    ("com.apple.mobilesafari", "Safari"),
    ("com.apple.MobileSMS", "Messages"),
    ("com.microsoft.Office.Outlook", "Outlook"),
    ("com.microsoft.skype.teams", "Teams"),
    ("uk.police.pronto", "Pronto"),
    ("com.what3words", "what3words"),
    ("uk.gov.nationalrail", "National Rail"),
    ("com.apple.Maps", "Maps"),
    ("com.apple.camera", "Camera"),
    ("com.axon.capture", "Axon Capture"),
)


def identity(number: int) -> Identity:
    """Give the identity of the handset with this number."""
    platform, model, name, version = MODELS[number % len(MODELS)]
    letters = "0123456789CDFGHJKLMNPQRTVWXY"
    mixed = (number * 2_654_435_761 + 97) % 28**6
    tail = "".join(letters[mixed // 28**at % 28] for at in range(6))
    serial = f"F2LX{tail}" if platform is Platform.IOS else f"R5CT{tail}X"
    return Identity(
        platform=platform,
        serial_number=serial,
        model=model,
        model_name=name,
        os_version=version,
        build="23B85" if platform is Platform.IOS else "UP1A.231005.007",
        udid=f"00008120-{number:016X}" if platform is Platform.IOS else None,
        imei=f"35{number:012d}7",
        security_patch=None if platform is Platform.IOS else "2025-11-01",
    )


def attachment(number: int, ports: int = 4) -> Attachment:
    """Give where it hangs: ``ports`` to a hub."""
    who = identity(number)
    return Attachment(who.platform, str(number + 1), f"{number // ports + 1}-{number % ports + 1}", who.udid)


def tiktok() -> Finding:
    """Give the finding that ends a day early."""
    return Finding(
        rule="deny-short-video",
        severity=Severity.DENIED,
        subject="com.zhiliaoapp.musically",
        family="TikTok",
        app_class="short_video",
        where="user 0",
        evidence=(Evidence("identifier", "com.zhiliaoapp.musically"), Evidence("store_genre", "Entertainment")),
        sentence="TikTok (com.zhiliaoapp.musically) is installed for user 0; the policy denies short video.",
    )


@cache
def judgement(verdict: Verdict = Verdict.CLEAR, apps: int = 143) -> Judgement:
    """Give a judgement of this verdict."""
    denied = (
        tiktok(),
        Finding(
            rule="review-unlisted",
            severity=Severity.REVIEW,
            subject="com.example.chat",
            family=None,
            app_class="messaging",
            where="user 0",
            evidence=(Evidence("name", "Chatterbox"),),
            sentence="com.example.chat calls itself “Chatterbox” and is in no list; a person must look at it.",
        ),
    )
    unread = (Unread("apps of user 150 (Secure Folder)", "the shell may not list the packages of that user"),)
    listed = [*APPS, *((f"com.apple.service{n:03d}", f"Service {n}") for n in range(apps - len(APPS) - 1))]
    judged = [
        JudgedApp(
            id=id_,
            name=name,
            where="user 0",
            classification=Classification(Social.NO),
            decision=Decision.ALLOWED,
            rule="allow-system",
            sentence="It came with the system and is not in the catalogue.",
        )
        for id_, name in listed
    ]
    found = Classification(Social.YES, "TikTok", "short_video", tiktok().evidence)
    if verdict is Verdict.NOT_CLEAR:
        bad = JudgedApp(
            tiktok().subject, "TikTok", "user 0", found, Decision.DENIED, "deny-short-video", tiktok().sentence
        )
        judged.insert(0, bad)
    return Judgement(
        verdict=verdict,
        findings=denied if verdict is Verdict.NOT_CLEAR else (),
        not_checked=unread if verdict is not Verdict.CLEAR else (),
        apps_seen=apps,
        users_seen=(0,),
        apps=tuple(judged),
        policy=POLICY,
        catalogue=CATALOGUE,
        inventory_sha256="77" * 32,
    )


def _passed(number: int) -> dict[StageName, Outcome]:
    who = identity(number)
    down = LockDown(
        tuple(
            Requirement(name, holds=True, wanted="false", found="false", strength=Strength.EFFECTIVE)
            for name in ("allowAppInstallation", "allowUIConfigurationProfileInstallation", "allowAppClips")
        )
    )
    return {
        StageName.IDENTIFY: identify.Identified(who),
        StageName.TRUST: trust.Trusted(who),
        StageName.PREFLIGHT: preflight.Fit(98 - number % 40),
        StageName.ENROL: enrol.Enrolled(Enrolment(Ownership.OURS, "Metropolitan Police"), already=False),
        StageName.APPLY: apply.Applied(down, already=False),
        StageName.VERIFY: verify.Verified(judgement(), "rec-2026-0001"),
    }


SECONDS = {
    StageName.IDENTIFY: 0.3,
    StageName.TRUST: 4.1,
    StageName.PREFLIGHT: 1.2,
    StageName.ENROL: 12.8,
    StageName.APPLY: 6.4,
    StageName.VERIFY: 2.2,
}


def session(
    number: int,
    phase: Phase = Phase.READY,
    stage: StageName | None = None,
    outcome: Outcome | None = None,
    ports: int = 4,
) -> SessionStatus:
    """Give the status of a handset that has come as far as ``stage`` (None: through) and was told ``outcome`` there."""
    passed = _passed(number)
    until = list(PROVISION).index(stage) if stage else len(PROVISION)
    records = [StageRecord(name, passed[name], SECONDS[name]) for name in PROVISION[:until]]
    if stage and outcome is not None:
        records.append(StageRecord(stage, outcome, 31.0))
    last = records[-1].outcome if records else None
    judged = last.judgement if isinstance(last, verify.Verified | verify.NotClear | verify.Unknown) else None
    known = not (stage is StageName.TRUST and isinstance(outcome, trust.AwaitingTrust))
    who = identity(number)
    return SessionStatus(
        key=who.serial_number,
        attachment=attachment(number, ports),
        phase=phase,
        identity=who if known and phase is not Phase.SEEN else None,
        glimpse=None if known else Glimpse(who.platform, who.udid, who.model, who.model_name, who.os_version),
        stage=stage,
        stages=tuple(records) if phase is not Phase.SEEN else (),
        judgement=judged,
        record=last.record if isinstance(last, verify.Verified | verify.NotClear | verify.Unknown) else "",
        seconds=27.0,
        walk=PROVISION if phase is not Phase.SEEN else (),
    )


def ready(number: int, ports: int = 4) -> SessionStatus:
    """Give a handset that is ready."""
    return session(number, ports=ports)


def waiting(number: int, ports: int = 4) -> SessionStatus:
    """Give a handset that waits for a tap on its screen."""
    outcome = trust.AwaitingTrust(identity(number).platform)
    return session(number, Phase.WAITING, StageName.TRUST, outcome, ports)


def burdened(number: int, ports: int = 4) -> SessionStatus:
    """Give a handset that waits for accounts to be removed."""
    outcome = preflight.NeedsHands((Obstacle(Hindrance.ACCOUNTS_PRESENT, "1 Google account"),))
    return session(number, Phase.WAITING, StageName.PREFLIGHT, outcome, ports)


def not_clear(number: int, ports: int = 4) -> SessionStatus:
    """Give a handset with TikTok on it."""
    outcome = verify.NotClear(judgement(Verdict.NOT_CLEAR), "rec-2026-0002")
    return session(number, Phase.NOT_CLEAR, StageName.VERIFY, outcome, ports)


def unknown(number: int, ports: int = 4) -> SessionStatus:
    """Give a handset of which a part could not be read."""
    outcome = verify.Unknown(judgement(Verdict.UNKNOWN), "rec-2026-0003")
    return session(number, Phase.UNKNOWN, StageName.VERIFY, outcome, ports)


def working(number: int, stage: StageName = StageName.APPLY, ports: int = 4) -> SessionStatus:
    """Give a handset that is being worked on."""
    return session(number, Phase.WORKING, stage, ports=ports)


def stopped(number: int, ports: int = 4) -> SessionStatus:
    """Give a handset that is managed by somebody else."""
    return session(number, Phase.STOPPED, StageName.ENROL, enrol.HeldByAnother("Kent Police"), ports)


def silent(number: int, ports: int = 4) -> SessionStatus:
    """Give a handset that gave no answer."""
    return session(number, Phase.STOPPED, StageName.APPLY, KeptSilent("apply", 60.0), ports)


def unplugged(number: int, ports: int = 4) -> SessionStatus:
    """Give a handset whose cable was pulled."""
    return session(number, Phase.UNPLUGGED, StageName.ENROL, WentAway("enrol"), ports)


def seen(number: int, ports: int = 4) -> SessionStatus:
    """Give a handset that has just been plugged in."""
    return session(number, Phase.SEEN, ports=ports)


def six() -> list[SessionStatus]:
    """Give the six of the README: one waiting, one not clear, one working, three ready."""
    return [ready(0), working(1), not_clear(2), waiting(3), ready(4), ready(5)]


def many(count: int, ports: int = 16) -> list[SessionStatus]:
    """Give a busy back room: most of it ready or working, a few in every other state."""
    odd: dict[int, Callable[[int, int], SessionStatus]] = {
        5: waiting, 17: not_clear, 23: unknown, 31: burdened, 38: unplugged, 47: stopped, 59: silent, 66: waiting,
    }  # fmt: skip
    stages = list(PROVISION)
    made: list[SessionStatus] = []
    for number in range(count):
        at = number % 71
        if at in odd:
            made.append(odd[at](number, ports))
        elif at % 5 == 1:
            made.append(working(number, stages[number % len(stages)], ports))
        elif at % 29 == 28:
            made.append(seen(number, ports))
        else:
            made.append(ready(number, ports))
    return made


DECLARATION = DeclarationText(
    reference="handset-handover",
    version="2026.2",
    sha256="e1",
    title="Officer’s declaration",
    clauses=(
        Clause("received", "I have received every item on this receipt, in the condition described."),
        Clause(
            "purpose",
            "The handset belongs to the organisation named above. It is issued to me alone, and I will use it for "
            "policing purposes under the organisation’s acceptable use policy.",
        ),
        Clause(
            "social-media",
            "I will not use social media on it, in an app or in a browser, unless a permit in my own name allows it.",
        ),
        Clause("checks", "I know that the handset and what is installed on it may be checked at any time."),
        Clause(
            "care",
            "I will protect it with a passcode that only I know, and report loss, theft, damage or misuse at once.",
        ),
    ),
)
WELSH = replace(
    DECLARATION,
    sha256="w1",
    title="Datganiad y swyddog",
    clauses=(
        Clause("received", "Rwyf wedi derbyn pob eitem ar y dderbynneb hon, yn y cyflwr a ddisgrifir."),
        Clause(
            "purpose",
            "Eiddo’r sefydliad a enwir uchod yw’r set law. I mi yn unig y’i rhoddir, a byddaf yn ei defnyddio at "
            "ddibenion plismona yn unol â pholisi defnydd derbyniol y sefydliad.",
        ),
        Clause(
            "social-media",
            "Ni fyddaf yn defnyddio cyfryngau cymdeithasol arni, mewn ap nac mewn porwr, oni bai bod trwydded yn fy "
            "enw i yn caniatáu hynny.",
        ),
        Clause("checks", "Gwn y gellir gwirio’r set law, a’r hyn sydd wedi’i osod arni, unrhyw bryd."),
        Clause("care", "Byddaf yn ei diogelu â chod cyfrin na ŵyr neb ond fi."),
    ),
)

SIM_TERMS = DeclarationText(
    reference="item-sim",
    version="2026.1",
    sha256="e2",
    title="Terms for a SIM card",
    clauses=(
        Clause("own-handset", "I will use this SIM card only in the handset that it was issued with."),
        Clause("loss", "I will report its loss at once, so that it can be barred."),
    ),
)
SIM_WELSH = replace(
    SIM_TERMS,
    sha256="w2",
    title="Telerau ar gyfer cerdyn SIM",
    clauses=(
        Clause("own-handset", "Dim ond yn y set law y’i rhoddwyd gyda hi y byddaf yn defnyddio’r cerdyn SIM hwn."),
        Clause("loss", "Byddaf yn rhoi gwybod ar unwaith os caiff ei golli, fel y gellir ei rwystro."),
    ),
)


def agreements(keys: tuple[str, ...], things: tuple[Thing, ...]) -> tuple[Agreement, ...]:
    """Give the texts of these items: one of the handsets, one of the SIM cards."""
    sims = tuple(f"SIM card {one.number}" for one in things if one.kind is ItemKind.SIM)
    made: list[Agreement] = []
    for language, main, sim in (("en-GB", DECLARATION, SIM_TERMS), ("cy-GB", WELSH, SIM_WELSH)):
        texts = (replace(main, covers=keys), *((replace(sim, covers=sims),) if sims else ()))
        made.append(Agreement(language, texts))
    return tuple(made)


def entries(count: int = 40) -> tuple[LedgerLine, ...]:
    """Give a morning's entries, newest first."""
    kinds = (
        ("identified", "{model} with serial number {serial} was plugged into bay {bay}."),
        ("trusted", "{model} {serial} trusts this desk."),
        ("enrolled", "{model} {serial} is managed by Metropolitan Police."),
        ("applied", "The lock-down of {model} {serial} is in force: 14 requirements were read back."),
        ("verified", "{model} {serial} is clear: 143 apps read, none denied."),
        ("handed_over", "{model} {serial} was handed over to officer 231187 with 2 accessories."),
    )
    start = datetime(2026, 11, 23, 9, 2, 11, tzinfo=UTC)
    lines: list[LedgerLine] = []
    for number in range(1, count + 1):
        kind, sentence = kinds[(number - 1) % len(kinds)]
        who = identity((number - 1) // len(kinds))
        lines.append(
            LedgerLine(
                number=number,
                time=start + timedelta(seconds=17 * number),
                kind=kind,
                subject=who.serial_number,
                sentence=sentence.format(
                    model=who.model_name, serial=who.serial_number, bay=attachment((number - 1) // len(kinds)).bay
                ),
                receipt=f"D4-2026-{number // 6:05d}" if kind == "handed_over" else "",
            )
        )
    return tuple(reversed(lines))


@cache
def page(width: int = 620, height: int = 877) -> bytes:
    """Give a PNG that stands for the page of a receipt: white with grey lines."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        text = 60 < y < height - 60 and (y // 9) % 2 == 0
        for x in range(width):
            rows.append(200 if text and 60 < x < width - 60 - (y * 37) % 180 else 255)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
            (b"IDAT", zlib.compress(bytes(rows))),
            (b"IEND", b""),
        )
    )


@cache
def _modules() -> tuple[tuple[bool, ...], ...]:
    text = '{"android.app.extra.PROVISIONING_WIFI_SSID":"Issuing desk","rehearsed":"' + "x" * 420 + '"}'
    return tuple(tuple(bool(module) for module in row) for row in segno.make_qr(text, error="m").matrix)


def enrolment_code(**changed: Any) -> EnrolmentCode:
    """Give a code of the usual size, with a Wi-Fi network and a token that ends."""
    said: dict[str, Any] = {
        "modules": _modules(), "provider": "The organisation's own controller", "network": "Issuing desk",
        "expires": None,
    }  # fmt: skip
    return EnrolmentCode(**(said | changed))


def returned() -> list[Returned]:
    """Give handsets that came back after the code was shown, one of each kind."""
    return [
        Returned("a", "R5CT1234567", ReturnState.OURS, "R5CT1234567 is back, enrolled with this organisation."),
        Returned("b", "", ReturnState.WAITING, "Unlock the handset in bay 1-2 and tap “Allow” (USB debugging)."),
        Returned(
            "c", "R5CT7654321", ReturnState.ANOTHER, "R5CT7654321 is back, owned by com.example. It is left as it is."
        ),
        Returned("d", "R5CT0000001", ReturnState.NOBODY,
                 "R5CT0000001 is back, but nobody manages it: the code did not take. Reset it and scan again."),
    ]  # fmt: skip


def officer(number: str, name: str, rank: str, unit: str, **more: Any) -> OfficerFacts:
    """Give an officer of the rehearsed roster."""
    return OfficerFacts(number, name, rank, unit, on_roster=True, roster=True, **more)


OFFICERS = {
    one.number: one
    for one in (
        officer(
            "231187",
            "Siân O’Neill-Fitzgerald",
            "Detective Sergeant",
            "Specialist Crime, Lambeth",
            permits=("WhatsApp until 2026-12-31 (P-12)",),
            holds=(Held("F2LX0QK77T", "D4-000017", "2025-03-02"),),
        ),
        officer("231188", "Aled Pritchard", "Constable", "Southwark Response Team C"),
        officer("240001", "Priya Raman", "Constable", "Southwark Response Team C"),
    )
}


@dataclass
class RehearsedBooks:
    """What scans are looked up in."""

    statuses: dict[str, SessionStatus]

    def serial_number(self, text: str) -> str:
        return next((one.serial_number for one in self._identities() if one.serial_number == text), "")

    def serial_of_imei(self, imei: str) -> str:
        return next((one.serial_number for one in self._identities() if one.imei == imei), "")

    def serial_of_asset_tag(self, text: str) -> str:
        return ""

    def officer(self, text: str) -> str:
        return text if text in OFFICERS else ""

    def has_roster(self) -> bool:
        return True

    def receipt(self, text: str) -> bool:
        return text.startswith("D4-")

    def _identities(self) -> list[Identity]:
        return [one.identity for one in self.statuses.values() if one.identity]


@dataclass
class RehearsedDesk:
    """DeskActions from memory. ``verdict`` is what a fresh verification will say, ``refusal`` what hand_over says.

    ``pause`` is awaited before each answer, so that a test can hold the desk in the middle of its work.
    """

    bridge: Bridge
    statuses: dict[str, SessionStatus] = field(default_factory=dict[str, SessionStatus])
    verdict: Verdict = Verdict.CLEAR
    refusal: str = ""
    shuts: bool = True
    unentitled: str = ""
    orders: dict[str, Entitlement] = field(default_factory=dict[str, Entitlement])
    interrupted: tuple[BrokenOff, ...] = ()
    error: Exception | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    requests: list[HandoverRequest] = field(default_factory=list[HandoverRequest])
    held: asyncio.Event | None = None
    pins: dict[str, str] = field(default_factory=dict[str, str])
    technician: str = ""
    code: EnrolmentCode = field(default_factory=lambda: enrolment_code())
    back: list[Returned] = field(default_factory=list[Returned])
    sealing: SealResult = field(default_factory=lambda: SealResult(True, "It is sealed: no computer reaches it."))
    bays: RehearsedBays = field(default_factory=lambda: RehearsedBays())
    batch: RehearsedBatches = field(default_factory=RehearsedBatches)
    paper: RehearsedPaper = field(default_factory=lambda: RehearsedPaper(page()))
    wall: RehearsedWall = field(default_factory=RehearsedWall)
    reading: RehearsedReading = field(default_factory=lambda: RehearsedReading(page()))
    way_back: RehearsedReturns = field(default_factory=RehearsedReturns)

    def show(self, *statuses: SessionStatus) -> None:
        """Let the engine say this."""
        for status in statuses:
            self.statuses[status.key] = status
            self.bridge.post(status)

    async def provision(self, key: str) -> None:
        await self._note("provision", key)

    async def provision_all(self) -> None:
        await self._note("provision_all")

    async def stop(self, key: str) -> None:
        await self._note("stop", key)

    async def look_again(self, key: str) -> None:
        await self._note("look_again", key)

    async def duty(self, *, by_account: bool = True) -> Duty:
        return Duty(tuple(self.pins), self.technician)

    async def sign_in(self, name: str, pin: str) -> SignInAnswer:
        await self._note("sign_in", name)
        self.technician = name if self.pins.get(name) == pin else ""
        return SignInAnswer(self.technician, "That name and PIN do not belong together, so nobody is signed in.")

    async def sign_out(self) -> None:
        self.technician = ""

    async def read_scan(self, text: str) -> Scan:
        await self._note("read_scan", text)
        return read_scan(text, RehearsedBooks(self.statuses))

    async def read_receipt_code(self, text: str) -> CodeReading:
        return CodeReading(genuine=False, sentence="This code was misread or forged. Scan it again.")

    async def officer(self, number: str) -> OfficerFacts:
        await self._note("officer", number)
        return OFFICERS.get(number, OfficerFacts(number, roster=True))

    async def find_officers(self, text: str) -> tuple[OfficerFacts, ...]:
        return tuple(one for one in OFFICERS.values() if text.casefold() in one.name.casefold())

    async def verify_for_handover(self, key: str, officer_number: str, permits: tuple[str, ...]) -> SessionStatus:
        number = self._number(key)
        self.show(working(number, StageName.VERIFY))
        await self._note("verify_for_handover", key, officer_number, *permits)
        make = {Verdict.CLEAR: ready, Verdict.NOT_CLEAR: not_clear, Verdict.UNKNOWN: unknown}[self.verdict]
        self.show(make(number))
        return self.statuses[key]

    async def terms(
        self, keys: tuple[str, ...], things: tuple[Thing, ...], officer_number: str
    ) -> tuple[Agreement, ...]:
        self.asked.append(("terms", *keys, *(one.number or one.kind for one in things), officer_number))
        return agreements(keys, things)

    async def entitlement(self, key: str, officer_number: str) -> Entitlement:
        if self.unentitled:
            raise UsageError(self.unentitled)
        return self.orders.get(key, Entitlement())

    async def broken_off(self) -> tuple[BrokenOff, ...]:
        return self.interrupted

    async def make_paper(self, number: str) -> bytes:
        await self._note("make_paper", number)
        return b"%PDF-1.7 rehearsed"

    async def hand_over(self, request: HandoverRequest) -> HandedOver | Refused:
        await self._note("hand_over", *request.keys)
        self.requests.append(request)
        if self.refusal:
            return Refused(self.refusal, shut=self.shuts)
        return HandedOver("D4-2026-00042", 1187, b"%PDF-1.7 rehearsed")

    async def enrolment_code(self) -> EnrolmentCode:
        await self._note("enrolment_code")
        return self.code

    async def returned(self) -> tuple[Returned, ...]:
        return tuple(self.back)

    async def seal(self, key: str) -> SealResult:
        await self._note("seal", key)
        return self.sealing

    async def sealed(self, key: str) -> SealResult:
        await self._note("sealed", key)
        return self.sealing

    async def receipt_pdf(self, number: str) -> bytes:
        await self._note("receipt_pdf", number)
        if not number.startswith("D4-"):
            raise UsageError(f"There is no receipt {number}. Look at the number again; it begins with D4-.")
        return b"%PDF-1.7 rehearsed"

    async def receipt_pages(self, number: str, dpi: int) -> tuple[bytes, ...]:
        await self.receipt_pdf(number)
        return (page(),)

    async def recent_entries(self, limit: int) -> tuple[LedgerLine, ...]:
        await self._note("recent_entries")
        return entries()[:limit]

    async def _note(self, *what: str) -> None:
        self.asked.append(what)
        if self.held is not None:
            await self.held.wait()
        else:
            await asyncio.sleep(0)
        if self.error is not None:
            raise self.error

    def _number(self, key: str) -> int:
        return next(number for number in range(512) if identity(number).serial_number == key)
