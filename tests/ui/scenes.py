"""The scenes that are photographed and looked at, and that the tests of clipping and naming go through."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from rehearsal import (
    FACTS,
    RehearsedDesk,
    burdened,
    enrolment_code,
    identity,
    many,
    not_clear,
    ready,
    returned,
    seen,
    six,
    unknown,
    unplugged,
    waiting,
)
from rehearsed_batches import orders
from rehearsed_bays import CROWDED, LOSES, hubs
from rehearsed_paper import jobs
from rehearsed_returns import called_back, one_handset
from rehearsed_returns import many as many_out
from shiboken6 import isValid

from provisioning.errors import LedgerError
from provisioning.platforms import Platform
from provisioning.status import Phase, SessionStatus
from provisioning.verification.judgement import Verdict
from ui.actions import BrokenOff, DeskFacts
from ui.agreement import Entitlement
from ui.aloud_phrases import Aloud
from ui.aloud_sheet import AloudSheet
from ui.batch_close import CloseInSpite
from ui.bay_actions import LearningFacts
from ui.bay_learning import BayLearning
from ui.bridge import Bridge, LedgerAlone
from ui.commands import Command
from ui.counter_place import CounterPlace
from ui.counter_steps import SIGNATURE
from ui.dialogs import Question
from ui.enrolment_code import EnrolmentSheet
from ui.hub_map import HubMap
from ui.label_sheet import LabelSheet
from ui.orders_sheet import OrdersSheet
from ui.pages_sheet import PagesSheet
from ui.print_queue import PrintQueueSheet
from ui.printing import PrintChoice
from ui.rail import Place
from ui.return_asking import ReasonSheet
from ui.return_place import ReturnPlace
from ui.return_recalls import RecallSheet
from ui.sealing import SealSheet
from ui.sign_in import SignInSheet
from ui.signature import SignaturePad
from ui.theme import Theme
from ui.unplug_sheet import UnplugSheet
from ui.wall_actions import Label
from ui.window import MainWindow

FULL = QSize(1440, 900)
SMALLEST = QSize(960, 540)
"""A full HD screen at 200 %."""


class Stage:
    """One window on a rehearsed desk."""

    def __init__(self, theme: Theme, scale: str = "100") -> None:
        self.theme = theme
        self.bridge = Bridge()
        self.desk = RehearsedDesk(self.bridge)
        self.size = FULL if scale == "100" else SMALLEST
        self.window: MainWindow | None = None
        self.subject: QWidget | None = None
        self.errors: list[BaseException] = []

    def open(self, *statuses: SessionStatus, facts: DeskFacts = FACTS) -> MainWindow:
        """Open the main window with these handsets."""
        self.window = MainWindow(self.bridge, self.desk, facts, self.theme)
        self.window.resize(self.size)
        self.window.show()
        self.desk.show(*statuses)
        self.subject = self.window
        return self.window

    def counter(self, *statuses: SessionStatus) -> CounterPlace:
        """Open the window at the counter."""
        window = self.open(*statuses)
        window.go_to(Place.COUNTER)
        return window.counter

    def scan(self, text: str) -> None:
        """Let a scanner type into whatever has the focus, with the Return at its end."""
        assert self.window is not None
        receiver = QApplication.activeModalWidget() or QApplication.focusWidget() or self.window
        QTest.keyClicks(receiver, text)
        QTest.keyClick(receiver, Qt.Key.Key_Return)

    async def settle(self, seconds: float = 0.12) -> None:
        """Let the bridge tell and the widgets lay themselves out."""
        # Never processEvents() in a coroutine: a task that is due while it runs cannot be entered and sleeps for ever.
        await asyncio.sleep(seconds)
        # On a busy machine that was one turn of the loop; what a turn changed is laid out in the next.
        for _ in range(3):
            await asyncio.sleep(0.005)

    async def photograph(self, path: Path) -> None:
        """Write what is on stage as PNG."""
        await self.settle(0.35)
        assert self.subject is not None
        picture = self.subject.grab().toImage()
        for _ in range(40):  # cards that nobody has seen yet are painted in slices
            await self.settle(0.05)
            before, picture = picture, self.subject.grab().toImage()
            if picture == before:
                break
        assert picture.save(str(path))

    def close(self) -> None:
        """Strike the set."""
        sheets = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog)]
        for widget in (self.subject, self.window, *sheets):
            if widget is not None and isValid(widget):
                widget.hide()
                widget.deleteLater()
        self.bridge.close()
        self.bridge.deleteLater()


async def wall_6(stage: Stage) -> None:
    """Six handsets: one waiting, one not clear, one working, three ready."""
    window = stage.open(*six())
    await stage.settle()
    window.desk.choose(six()[3].key)


async def wall_alone(stage: Stage) -> None:
    """The shared ledger does not answer; the desk goes on and says so."""
    stage.open(*six())
    stage.bridge.post_alone(
        LedgerAlone("The shared ledger at db.force.example/issuing does not answer. This desk goes on alone.", 12)
    )
    await stage.settle()


async def wall_40(stage: Stage) -> None:
    """Forty handsets, one of them chosen."""
    window = stage.open(*many(40))
    await stage.settle()
    window.desk.choose(many(40)[17].key)


async def wall_40_afar(stage: Stage) -> None:
    """The same from three metres: the wall alone."""
    await _from_afar(stage, 40)


async def wall_100_afar(stage: Stage) -> None:
    """A hundred from afar."""
    await _from_afar(stage, 100)


async def wall_256_afar(stage: Stage) -> None:
    """Two hundred and fifty-six from afar."""
    await _from_afar(stage, 256)


async def _from_afar(stage: Stage, count: int) -> None:
    window = stage.open(*many(count))
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_F11)


async def wall_100(stage: Stage) -> None:
    """A hundred handsets."""
    window = stage.open(*many(100))
    await stage.settle()
    window.desk.choose(many(100)[17].key)


async def wall_256(stage: Stage) -> None:
    """Two hundred and fifty-six."""
    stage.open(*many(256))


async def wall_filtered(stage: Stage) -> None:
    """Forty handsets, of which only those are shown that have stopped, are not clear or unknown."""
    window = stage.open(*many(100))
    await stage.settle()
    window.header.search.setText("Galaxy")


async def nothing_found(stage: Stage) -> None:
    """A search without a result."""
    window = stage.open(*six())
    await stage.settle()
    window.header.search.setText("D4-2026-00099")


async def empty(stage: Stage) -> None:
    """Nothing is plugged in."""
    stage.open()


async def training(stage: Stage) -> None:
    """A training desk."""
    window = stage.open(*six(), facts=replace(FACTS, training=True))
    await stage.settle()
    window.desk.choose(six()[0].key)


async def hub_lost(stage: Stage) -> None:
    """usbmuxd does not answer."""
    stage.open(*[status for status in six() if status.attachment.platform is Platform.ANDROID])
    stage.bridge.post_hub(
        Platform.IOS,
        "usbmuxd does not answer on this machine. Start it (systemctl start usbmuxd) or run “issuing-desk doctor”.",
    )


async def record_in_doubt(stage: Stage) -> None:
    """The ledger cannot be trusted; the error sheet says so."""
    window = stage.open(*six())
    await stage.settle()
    window.show_error(
        LedgerError("Entry 412 does not fit the one before it. Stop, and run “issuing-desk ledger verify”.")
    )


async def enrolment_qr(stage: Stage) -> None:
    """The code for factory-fresh Androids: three have come back, each another way."""
    stage.desk.code = enrolment_code(expires=datetime.now(UTC) + timedelta(minutes=47, seconds=30))
    stage.desk.back = returned()
    await _code_sheet(stage)


async def _code_sheet(stage: Stage) -> None:
    window = stage.open(*six())
    await stage.settle()
    window.desk.wanted.emit(Command.ENROLMENT_CODE)
    await stage.settle()
    (sheet,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, EnrolmentSheet) and one.isVisible()]
    sheet.resize(sheet.size().boundedTo(stage.size - QSize(20, 20)))
    stage.subject = sheet


async def enrolment_qr_ended(stage: Stage) -> None:
    """Its token has ended: the code is taken down."""
    stage.desk.code = enrolment_code(expires=datetime.now(UTC) - timedelta(minutes=1))
    await _code_sheet(stage)


async def seal_outcome(stage: Stage) -> None:
    """What a seal came to."""
    window = stage.open(*six())
    await stage.settle()
    sheet = SealSheet(stage.theme, stage.desk.sealing, "R5CTX1", window)
    sheet.show()
    stage.subject = sheet


async def seal_question(stage: Stage) -> None:
    """The question before a seal."""
    window = stage.open(*six())
    await stage.settle()
    window.desk.choose(ready(5).key)
    window.desk.wanted.emit(Command.SEAL)
    await stage.settle()
    (stage.subject,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, Question) and one.isVisible()]


async def error_sheet(stage: Stage) -> None:
    """A mistake of the program."""
    from ui.errors import ErrorSheet

    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        sheet = ErrorSheet(stage.theme, error)
    sheet.show()
    sheet.findChildren(QWidget)
    stage.subject = sheet


async def keys(stage: Stage) -> None:
    """The list under F1."""
    from ui.help import KeyList

    sheet = KeyList(stage.theme)
    sheet.resize(sheet.size().boundedTo(stage.size - QSize(40, 40)))
    sheet.show()
    stage.subject = sheet


async def detail_not_clear(stage: Stage) -> None:
    """What is known of a handset with TikTok on it."""
    window = stage.open(*six())
    await stage.settle()
    window.desk.choose(six()[2].key)


async def detail_apps(stage: Stage) -> None:
    """The same with its apps unfolded."""
    await detail_not_clear(stage)
    assert stage.window is not None
    detail = stage.window.desk.detail
    detail.open_apps()
    await stage.settle()
    detail.scroll_to_end()


async def detail_unknown(stage: Stage) -> None:
    """What is known of a handset that could not be read completely."""
    statuses = [ready(0), unknown(1), burdened(2), not_clear(3)]
    window = stage.open(*statuses)
    await stage.settle()
    window.desk.choose(statuses[1].key)


async def ledger(stage: Stage) -> None:
    """The latest entries."""
    stage.open(*six()).go_to(Place.LEDGER)


async def batch(stage: Stage) -> None:
    """One batch of forty, matched with a portal."""
    window = stage.open(*six())
    window.go_to(Place.BATCH)
    await stage.settle()
    window.batch.match_with(Path("business-manager.csv"))


async def batch_filtered(stage: Stage) -> None:
    """Only those that were stopped."""
    window = stage.open(*six())
    window.go_to(Place.BATCH)
    await stage.settle(0.3)
    next(chip for chip in window.batch.chips if chip.text().startswith("Stopped")).click()


async def batch_100(stage: Stage) -> None:
    """A hundred handsets."""
    stage.desk.batch.count = 100
    stage.open(*six()).go_to(Place.BATCH)


async def batch_empty(stage: Stage) -> None:
    """No batch yet."""
    stage.desk.batch.names.clear()
    stage.open(*six()).go_to(Place.BATCH)


async def batch_close(stage: Stage) -> None:
    """What differs, before it is closed all the same."""
    stage.open(*six()).go_to(Place.BATCH)
    answer = await stage.desk.batch.close_batch("June delivery", "")
    dialog = CloseInSpite(stage.theme, "June delivery", answer.sentence, answer.differences)
    dialog.show()
    stage.subject = dialog


async def batch_orders(stage: Stage) -> None:
    """One order of each kind."""
    stage.desk.batch.ordered = orders()
    stage.open(*six()).go_to(Place.BATCH)
    stage.subject = OrdersSheet(stage.theme, stage.desk.batch, stage.errors.append, stage.window)
    stage.subject.show()


async def batch_report(stage: Stage) -> None:
    """The report before it is printed."""
    stage.desk.batch.pages = (stage.desk.paper.page, stage.desk.paper.page)
    window = stage.open(*six())
    window.go_to(Place.BATCH)
    await stage.settle(0.3)
    window.batch.report_button.click()
    await stage.settle()
    stage.subject = window.batch.findChildren(PagesSheet)[0]


async def counter_who(stage: Stage) -> None:
    """Nobody stands there yet."""
    stage.counter(*six())


async def counter_misread(stage: Stage) -> None:
    """A scan that was misread."""
    stage.counter(*six())
    await stage.settle()
    stage.scan("356938035643808")


async def counter_stranger(stage: Stage) -> None:
    """A number that is not on the roster."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("999999")


async def counter_found(stage: Stage) -> None:
    """Officers found by a part of the name."""
    place = stage.counter(*six())
    await stage.settle()
    place.who.number.setText("r")
    place.go_on.click()


async def counter_what(stage: Stage) -> None:
    """An officer stands there and gets nothing yet."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("231187")


async def counter_nothing_ready(stage: Stage) -> None:
    """No handset is ready."""
    place = stage.counter(burdened(0), not_clear(1))
    await stage.settle()
    await place.take_officer("231188")


async def counter_checking(stage: Stage) -> None:
    """The officer reads while the handset is verified."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("231187")
    stage.desk.held = asyncio.Event()
    place.take_handset(six()[0])


async def counter_declaration(stage: Stage) -> None:
    """The gate is open, three clauses are ticked."""
    place = await to_declaration(stage)
    for tick in place.declaration.ticks[:3]:
        tick.setChecked(True)
    place.declaration.take_focus()


async def counter_refused(stage: Stage) -> None:
    """The fresh verification has found something."""
    stage.desk.verdict = Verdict.NOT_CLEAR
    await to_declaration(stage)


async def counter_unknown(stage: Stage) -> None:
    """The fresh verification could not read everything."""
    stage.desk.verdict = Verdict.UNKNOWN
    await to_declaration(stage)


async def counter_other_card(stage: Stage) -> None:
    """Another officer's card in the middle of a handover."""
    await to_declaration(stage)
    stage.scan("231188")


async def counter_signed(stage: Stage) -> None:
    """Signed, ready to be committed, with things that go along."""
    place = await to_declaration(stage)
    place.what.others.setText("Lanyard")
    stage.scan("8944110065012345675")
    await stage.settle()
    for tick in place.declaration.ticks:
        tick.setChecked(True)
    await stage.settle()
    sign(place)
    sign(place, place.signing.desk_pad)


async def counter_declined(stage: Stage) -> None:
    """The officer does not sign."""
    place = await to_declaration(stage)
    place.go_on.click()
    place.signing.reason.setText("Disagrees with the second statement")


async def counter_proxy(stage: Stage) -> None:
    """Somebody else collects, and nobody has said on what authority."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("231187")
    place.what.others.setText("Dock: DK-17, battery")
    place.what.proxy.setText("231188")
    place.take_handset(six()[0])
    await stage.settle(0.25)
    place.go_back()


async def counter_typed(stage: Stage) -> None:
    """The officer types the name, with a one-time code."""
    place = await to_declaration(stage)
    for tick in place.declaration.ticks:
        tick.setChecked(True)
    await stage.settle()
    place.signing.types.click()
    place.signing.name.setText("Siân O’Neill-Fitzgerald")
    place.signing.take_focus()


async def counter_welsh(stage: Stage) -> None:
    """The declaration of a handset and of a SIM card in Welsh."""
    place = await to_declaration(stage)
    stage.scan("8944110065012345675")
    await stage.settle()
    place.other_language()


async def counter_ordered(stage: Stage) -> None:
    """The orders mean it for somebody else."""
    said = f"{six()[0].key} is ordered for officer 240001 (order 2026-117). Say why it goes to 231187 all the same."
    stage.desk.orders[six()[0].key] = Entitlement(said, otherwise=True)
    place = await to_declaration(stage)
    for tick in place.declaration.ticks:
        tick.setChecked(True)


async def counter_unplugged(stage: Stage) -> None:
    """The cable is pulled while the officer signs."""
    await counter_signed(stage)
    stage.desk.show(unplugged(0))


async def sign_in(stage: Stage) -> None:
    """Nobody is signed in; what is plugged in is shown, and nothing begins."""
    stage.desk.pins = {"A. Khan": "480617", "B. Jones": "917302"}
    window = stage.open(*(replace(seen(number), identity=identity(number)) for number in range(6)))
    window.duty.begin()
    await stage.settle()
    window.resize(stage.size)


async def sign_in_sheet(stage: Stage) -> None:
    """The sheet after a pause, and a wrong PIN."""
    stage.desk.pins = {"A. Khan": "480617", "B. Jones": "917302"}
    stage.desk.technician = "A. Khan"
    window = stage.open(*six())
    window.duty.begin()
    await stage.settle()
    window.duty.lock()
    await stage.settle()
    sheet = modal()
    assert isinstance(sheet, SignInSheet)
    sheet.pin.setText("111111")
    sheet.go.click()
    await stage.settle()
    stage.subject = sheet


async def interrupted(stage: Stage) -> None:
    """What was between signature and receipt when the desk ended last: one holds, one never happened."""
    what = "The handover of F2LXG30000 to officer 231187 was interrupted"
    stage.desk.interrupted = (
        BrokenOff(f"{what} after it was written down: it holds, by receipt D4-000041.", "D4-000041"),
        BrokenOff(f"{what} before it was written down: it never happened. Do it again."),
    )
    window = stage.open(*six())
    window.begin()


async def print_choice(stage: Stage) -> None:
    """A receipt that was printed before is about to be printed again."""
    stage.desk.paper.again = True
    stage.subject = PrintChoice(stage.theme, stage.desk.paper, "D4-000017", stage.errors.append)
    stage.subject.show()


async def labels(stage: Stage) -> None:
    """Labels for four handsets that are ready."""
    green = (ready(0), ready(1), ready(2), ready(3))
    stage.subject = LabelSheet(stage.theme, stage.desk.paper, green, green[1], stage.errors.append)
    stage.subject.show()


async def unplug_walk(stage: Stage) -> None:
    """Two are out, the second of them too early; what is next belongs to an officer."""
    green = [ready(number) for number in range(6)]
    stage.desk.wall.known = {one.key: Label("MET-00117", "officer 231187 Siân O’Neill-Fitzgerald") for one in green}
    window = stage.open(*green, not_clear(6), waiting(7))
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    stage.desk.show(replace(green[0], phase=Phase.UNPLUGGED))
    await stage.settle()
    stage.desk.show(replace(green[3], phase=Phase.UNPLUGGED))
    await stage.settle()
    stage.subject = next(one for one in QApplication.topLevelWidgets() if isinstance(one, UnplugSheet))


async def unplug_done(stage: Stage) -> None:
    """All that were ready are out, two stay."""
    green = [ready(number) for number in range(2)]
    window = stage.open(*green, not_clear(6), waiting(7))
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    stage.desk.show(*(replace(one, phase=Phase.UNPLUGGED) for one in green))
    await stage.settle()
    stage.subject = next(one for one in QApplication.topLevelWidgets() if isinstance(one, UnplugSheet))


async def aloud(stage: Stage) -> None:
    """How outcomes are told; this machine cannot be heard."""
    window = stage.open(*six())
    await stage.settle()
    stage.subject = AloudSheet(stage.theme, window.beside.aloud, stage.desk.wall, stage.errors.append, window)
    window.beside.aloud.choose(Aloud.SPEECH)
    window.beside.aloud.troubled.emit("Nothing can be said (espeak-ng: error: No such file or directory).")
    stage.subject.show()


async def hub_map(stage: Stage) -> None:
    """Three hubs of sixteen: some ports empty, one mistrusted, one handset in two bays, a controller that is full."""
    stage.desk.bays.known = hubs(3, 16)
    stage.desk.bays.advice = CROWDED
    one, two = ready(8), ready(10)
    window = stage.open(*six(), replace(one, identity=two.identity), two)
    stage.bridge.post_ports({"1-4": LOSES})
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    await stage.settle()
    sheet = next(one for one in QApplication.topLevelWidgets() if isinstance(one, HubMap))
    sheet.cells[3].setFocus()
    stage.subject = sheet


async def hub_map_none(stage: Stage) -> None:
    """No bay is known and nothing is plugged in."""
    window = stage.open()
    stage.subject = HubMap(stage.theme, stage.desk.bays, lambda: {}, stage.errors.append, window)
    stage.subject.show()


async def bay_learning(stage: Stage) -> None:
    """Fourteen ports are learnt; the handset was just plugged into a new one."""
    learnt = (*(f"1-{number}" for number in range(1, 11)), "2-1", "2-2", "2-3", "2-4")
    stage.desk.bays.facts = LearningFacts("2", "2-5", learnt, "2-4", sentence="This is 2-4. Next: 2-5.")
    stage.subject = BayLearning(stage.theme, stage.desk.bays, stage.errors.append, stage.open())
    stage.subject.show()


async def bay_learning_again(stage: Stage) -> None:
    """It was plugged into a port that had been learnt."""
    said = "This port is 1-2 already. Plug the handset into the next port: 1-4."
    facts = LearningFacts("1", "1-4", ("1-1", "1-2", "1-3"), "1-2", repeated=True, sentence=said)
    stage.desk.bays.facts = facts
    stage.subject = BayLearning(stage.theme, stage.desk.bays, stage.errors.append, stage.open())
    stage.subject.show()


async def print_queue(stage: Stage) -> None:
    """One job out, one whose printer is absent, one that needs a person, one that is jammed."""
    stage.desk.paper.queue = jobs()
    stage.subject = PrintQueueSheet(stage.theme, stage.desk.paper, stage.errors.append)
    stage.subject.show()


async def counter_receipt(stage: Stage) -> None:
    """Handed over."""
    await counter_signed(stage)
    assert stage.window is not None
    stage.window.counter.go_on.click()


async def returns_start(stage: Stage) -> None:
    """Nothing has been scanned yet."""
    stage.open(*six()).go_to(Place.RETURNS)


async def returns_handset(stage: Stage) -> None:
    """A receipt was scanned whose handset hangs on a cable."""
    await to_items(stage)


async def returns_many(stage: Stage) -> None:
    """Forty handsets, of which one is back and one was reported stolen; an officer who is to give all back."""
    stage.desk.way_back.put(replace(many_out(40), recalled=True))
    window = stage.open(*six())
    await stage.settle()
    window.go_to(Place.RETURNS)
    stage.scan("D4-000018")
    await stage.settle()
    window.returns.back_page.items.tick(window.returns.back_page.items.rows[2])


async def returns_proxy(stage: Stage) -> None:
    """Somebody else brings it, damaged."""
    place = await to_items(stage)
    stage.scan("240001")
    await stage.settle()
    place.back_page.authority.setText("Insp. Shah, by e-mail of 26 November")
    place.back_page.reason.setCurrentIndex(4)


async def returns_held(stage: Stage) -> None:
    """A handset that is kept as evidence, and never issued here."""
    case = one_handset(six()[0].key, held="2026-10-02")
    stage.desk.way_back.put(replace(case, items=case.items[:1]))
    window = stage.open(*six())
    await stage.settle()
    window.go_to(Place.RETURNS)
    stage.scan(six()[0].key)


async def returns_declaration(stage: Stage) -> None:
    """The officer reads, in Welsh."""
    place = await to_items(stage)
    place.go_on.click()
    await stage.settle()
    place.other_language()


async def returns_signature(stage: Stage) -> None:
    """What is stolen is signed for without a declaration."""
    place = await to_items(stage)
    place.back_page.reason.setCurrentIndex(3)
    place.go_on.click()


async def returns_receipt(stage: Stage) -> None:
    """Taken back."""
    await returns_signature(stage)
    assert stage.window is not None
    place = stage.window.returns
    place.signing.sign_on_paper()
    place.go_on.click()


async def recalls(stage: Stage) -> None:
    """Who is to give everything back."""
    stage.desk.way_back.recalled = called_back()
    stage.subject = RecallSheet(stage.theme, stage.desk.way_back, stage.desk.paper, stage.errors.append)
    stage.subject.resize(stage.subject.size().boundedTo(stage.size - QSize(40, 40)))
    stage.subject.show()


async def suspend_question(stage: Stage) -> None:
    """The question before a suspension."""
    text = "All that they hold is to be given back, and nothing is handed over to them until they are reinstated."
    stage.subject = ReasonSheet(stage.theme, "Suspend officer 231187?", text, yes="Suspend", reference="Reference")
    stage.subject.show()


async def to_items(stage: Stage) -> ReturnPlace:
    """Scan a receipt of one handset that hangs on a cable."""
    went_with_it = ("USB-C cable", "Case", "Charger")
    stage.desk.way_back.put(one_handset(six()[0].key, accessories=went_with_it))
    window = stage.open(*six())
    await stage.settle()
    window.go_to(Place.RETURNS)
    stage.scan("D4-000017")
    await stage.settle()
    return window.returns


async def to_declaration(stage: Stage) -> CounterPlace:
    """Go as far as the declaration, with one handset whose verification has come to its end."""
    place = stage.counter(*six())
    await stage.settle()
    await place.take_officer("231187")
    place.take_handset(six()[0])
    await stage.settle(0.25)
    return place


def modal() -> QWidget:
    """Give the dialog that is open over everything else."""
    widget = QApplication.activeModalWidget()
    assert widget is not None
    return widget


def sign(place: CounterPlace, pad: SignaturePad | None = None) -> None:
    """Write something that looks like a name, in the officer's pad unless another is given."""
    assert place.step == SIGNATURE
    pad = pad or place.signing.pad
    wide, high = pad.width(), pad.height()

    def at(x: float, y: float) -> QPointF:
        return QPointF(x * wide, y * high)

    pad.begin(at(0.14, 0.62))
    for step in range(1, 120):
        t = step / 119
        x = 0.14 + 0.5 * t + 0.03 * math.sin(17 * t)
        y = 0.58 - 0.24 * math.exp(-3 * t) * math.cos(21 * t) - 0.1 * math.sin(33 * t) * (1 - 0.5 * t)
        pad.move_to(at(x, y))
    pad.lift()
    pad.begin(at(0.2, 0.68))
    for step in range(1, 40):
        t = step / 39
        pad.move_to(at(0.2 + 0.52 * t, 0.68 - 0.05 * math.sin(math.pi * t)))
    pad.lift()


SCENES: Mapping[str, Callable[[Stage], Awaitable[None]]] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        wall_6,
        wall_alone,
        wall_100,
        wall_256,
        wall_filtered,
        nothing_found,
        empty,
        training,
        hub_lost,
        record_in_doubt,
        error_sheet,
        keys,
        detail_not_clear,
        detail_apps,
        detail_unknown,
        ledger,
        batch,
        batch_filtered,
        batch_100,
        batch_empty,
        batch_close,
        batch_report,
        batch_orders,
        enrolment_qr,
        enrolment_qr_ended,
        seal_question,
        seal_outcome,
        counter_who,
        counter_misread,
        counter_stranger,
        counter_found,
        counter_what,
        counter_nothing_ready,
        counter_checking,
        counter_declaration,
        counter_refused,
        counter_unknown,
        counter_other_card,
        counter_signed,
        counter_declined,
        counter_proxy,
        counter_typed,
        counter_welsh,
        counter_ordered,
        counter_unplugged,
        sign_in,
        sign_in_sheet,
        interrupted,
        counter_receipt,
        print_choice,
        labels,
        print_queue,
        returns_start,
        returns_handset,
        returns_many,
        returns_proxy,
        returns_held,
        returns_declaration,
        returns_signature,
        returns_receipt,
        recalls,
        suspend_question,
        unplug_walk,
        aloud,
        hub_map,
        hub_map_none,
        bay_learning,
        bay_learning_again,
    )
}
MORE: Mapping[str, Callable[[Stage], Awaitable[None]]] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (wall_40, wall_40_afar, wall_100_afar, wall_256_afar, unplug_done)
}
"""Photographed and looked at, but much like one that the tests go through."""
