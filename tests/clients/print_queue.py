"""Print through a real print system: ``python tests/clients/print_queue.py [FOLDER]``. Needs cups and poppler.

A cupsd of its own runs on loopback, with everything that it keeps in a folder of its own and a backend that writes
what it gets into files. The window's way to paper (office, queue, press, ``lp``) prints receipts on it: one that comes
out, one to a printer that has stopped (a jam) until it is switched on again, one moved to another printer, one
cancelled, and one ordered while cupsd is dead, which prints after it came back; labels and a recall list; the receipt
of a handover at the real window; then the same through Qt's own print path, as on Windows. Prints a table; exit 1 where
anything is not as it should be. Leaves nothing running.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from rack_process import served
from receipt_samples import receipt

from console.printing import office_of, press_of
from provisioning.home.creation import create_home
from provisioning.home.home import Home, open_home
from provisioning.labels.label import Label, LabelKind
from provisioning.ledger.draft import Draft
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Body
from provisioning.printing.destination import SystemPrinter
from provisioning.printing.job import Job, JobState
from provisioning.printing.memory import RECEIPT, PrinterMemory
from provisioning.printing.press import Press
from provisioning.printing.spooler import CupsSpooler
from provisioning.printing.wish import PagesWish
from provisioning.recall_list import RecallList, list_document
from provisioning.receipts.form import Form
from provisioning.receipts.receipt import Receipt
from provisioning.receipts.sealed_pictures import body_with_pictures

BACKEND = """#!/bin/sh
# A printer that writes what it gets into a file: backend job user title copies options [file]
if [ $# -eq 0 ]; then echo 'direct deskfile "Unknown" "Writes to a folder"'; exit 0; fi
folder=${DEVICE_URI#deskfile:}
cat ${6:-} > "$folder/job-$1.$$.part" && mv "$folder/job-$1.$$.part" "$folder/job-$1.pdf"
"""
PPD = """*PPD-Adobe: "4.3"
*FormatVersion: "4.3"
*FileVersion: "1.0"
*LanguageVersion: English
*LanguageEncoding: ISOLatin1
*PCFileName: "DESK.PPD"
*Manufacturer: "Desk"
*Product: "(Desk)"
*ModelName: "Desk"
*ShortNickName: "Desk"
*NickName: "Desk PDF printer"
*PSVersion: "(3010.000) 0"
*LanguageLevel: "3"
*ColorDevice: True
*DefaultColorSpace: Gray
*FileSystem: False
*Throughput: "1"
*cupsVersion: 2.3
*cupsFilter2: "application/pdf application/pdf 0 -"
*OpenUI *PageSize/Page Size: PickOne
*OrderDependency: 10 AnySetup *PageSize
*DefaultPageSize: A4
*PageSize A4/A4: ""
*CloseUI: *PageSize
*OpenUI *PageRegion/Page Region: PickOne
*OrderDependency: 10 AnySetup *PageRegion
*DefaultPageRegion: A4
*PageRegion A4/A4: ""
*CloseUI: *PageRegion
*DefaultImageableArea: A4
*ImageableArea A4/A4: "0 0 595 842"
*DefaultPaperDimension: A4
*PaperDimension A4/A4: "595 842"
"""


class PrintSystem:
    """A cupsd on a port of its own, with its root in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("etc/ppd", "spool/tmp", "cache", "run", "log", "bin/backend", "Office", "Back"):
            (folder / name).mkdir(parents=True)
        real = Path("/usr/lib/cups")
        for name in ("filter", "daemon", "notifier", "monitor", "cgi-bin", "driver"):
            if (real / name).is_dir():
                (folder / "bin" / name).symlink_to(real / name)
        backend = folder / "bin" / "backend" / "deskfile"
        backend.write_text(BACKEND)
        backend.chmod(0o755)
        for name in ("Office", "Back"):
            (folder / "etc" / "ppd" / f"{name}.ppd").write_text(PPD)
            (folder / name).chmod(0o777)
        for path in (folder, *folder.parents):
            if path != Path("/tmp") and path.is_relative_to(tempfile.gettempdir()):
                path.chmod(0o755)
        (folder / "etc" / "printers.conf").write_text(
            "".join(
                f"<Printer {name}>\nInfo {name}\nDeviceURI deskfile:{folder / name}\nState Idle\nAccepting Yes\n"
                f"Shared No\nErrorPolicy retry-job\n</Printer>\n"
                for name in ("Office", "Back")
            )
        )
        (folder / "etc" / "cupsd.conf").write_text(
            f"Listen 127.0.0.1:{self.port}\nLogLevel debug\nBrowsing Off\nDefaultAuthType None\nWebInterface No\n"
            "PreserveJobHistory Yes\nPreserveJobFiles No\n"
            "<Location />\nOrder allow,deny\nAllow all\n</Location>\n"
            "<Location /admin>\nOrder allow,deny\nAllow all\n</Location>\n"
            "<Policy default>\nJobPrivateAccess all\nJobPrivateValues none\nSubscriptionPrivateAccess all\n"
            "SubscriptionPrivateValues none\n<Limit All>\nOrder allow,deny\nAllow all\n</Limit>\n</Policy>\n"
        )
        (folder / "etc" / "cups-files.conf").write_text(
            f"ServerRoot {folder / 'etc'}\nServerBin {folder / 'bin'}\nStateDir {folder / 'run'}\n"
            f"CacheDir {folder / 'cache'}\nRequestRoot {folder / 'spool'}\nTempDir {folder / 'spool' / 'tmp'}\n"
            f"AccessLog {folder / 'log' / 'access'}\nErrorLog {folder / 'log' / 'error'}\n"
            f"PageLog {folder / 'log' / 'page'}\nFileDevice Yes\nSandboxing relaxed\n"
        )

    def start(self) -> None:
        command = [
            "cupsd",
            "-f",
            "-c",
            str(self.folder / "etc/cupsd.conf"),
            "-s",
            str(self.folder / "etc/cups-files.conf"),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(
            "cupsd answers",
            lambda: "is running" in self.tell("lpstat", "-r") and "not running" not in self.tell("lpstat", "-r"),
        )

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait(10)
            self._process = None

    def tell(self, *command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        return done.stdout + done.stderr

    def printed(self, printer: str) -> list[Path]:
        return sorted((self.folder / printer).glob("job-*.pdf"), key=lambda file: file.stat().st_mtime_ns)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait(what: str, holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until it holds; ends this program where it does not."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"not within {seconds:g} s: {what}")
        time.sleep(0.1)


def sample() -> Receipt:
    """Give a receipt whose handset has no record of its own in this home."""
    one = receipt(training=True)
    items = [replace(item, check=replace(item.check, record_id="")) for item in one.handsets if item.check is not None]
    return replace(one, place=None, items=tuple(items))


def home_with_receipts(folder: Path, count: int) -> tuple[Home, list[str]]:
    """Make a training home whose ledger has so many receipts."""
    home = create_home(folder, training=True, organisation_name="Training Constabulary", desk_name="Desk 4")
    numbers: list[str] = []
    with home.open_ledger() as ledger:
        for _ in range(count):

            def write(draft: Draft) -> Body:
                return body_with_pictures(sample().numbered(draft.receipt, datetime.now(UTC)))

            entry = ledger.append_receipt(EntryKind.HANDED_OVER, "F2LXK0V1Q0", write, technician="A. Khan")
            numbers.append(entry.receipt or "")
    return home, numbers


def main() -> int:
    """Run it all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="keep what was printed here")
    asked = parser.parse_args()
    if shutil.which("cupsd") is None and not Path("/usr/sbin/cupsd").exists():
        raise SystemExit("cupsd is not installed.")
    os.environ["PATH"] += ":/usr/sbin"
    with tempfile.TemporaryDirectory(prefix="desk-cups-") as made:
        system = PrintSystem(Path(made) / "cups")
        os.environ["CUPS_SERVER"] = f"127.0.0.1:{system.port}"
        home, numbers = home_with_receipts(Path(made) / "home", 6)
        press: Press | None = None
        try:
            system.start()
            office = office_of(home)
            press = press_of(office)
            press.start()
            return checked(system, home, numbers, press, asked.folder)
        finally:
            if press is not None:
                press.stop()
            system.stop()


def nobody_called_back() -> RecallList:
    """Give a recall list without anybody on it."""
    return RecallList((), "Training Police", "Desk 4", True, datetime.now(UTC))


def printed_by_the_window(system: PrintSystem) -> bool:
    """Hand a virtual handset over at the real window of a desk that remembers a printer; tell whether paper came."""
    before = len(system.printed("Back"))
    work = Path(__file__).parents[1] / "contract" / "window_on_the_rack.py"
    with (
        tempfile.TemporaryDirectory() as made,
        served("--iphones", "1", "--androids", "1", "--latency", "none") as rack,
    ):
        path = Path(made) / "home"
        more = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(work.parents[2])}
        environment = {**rack.environment, **more}
        command = [sys.executable, "-m", "console", "--home", str(path), "init", "--training"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        PrinterMemory(path).keep(RECEIPT, SystemPrinter("Back"))
        done = subprocess.run(
            [sys.executable, str(work), str(path), str(Path(made) / "labels.zpl")],
            env=environment, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            print(done.stderr.decode()[-600:])
            return False
        rest = press_of(office_of(open_home(path)))  # what the window had no time for, the next start prints
        while rest.step():
            pass
    wait("the receipt came out", lambda: len(system.printed("Back")) > before)
    text = system.tell("pdftotext", "-layout", str(system.printed("Back")[-1]), "-")
    return "TRAINING" in text and "None of the denied apps was present when checked" in text


def checked(system: PrintSystem, home: Home, numbers: list[str], press: Press, keep: Path | None) -> int:
    """Go through what can happen to paper; gives the exit code."""
    office, bad = office_of(home), 0

    def said(what: str, *, holds: bool, detail: str = "") -> None:
        nonlocal bad
        bad += not holds
        print(f"{'ok ' if holds else 'BAD'} {what}{f': {detail}' if detail else ''}")

    def order(at: int, printer: str = "Office", form: Form = Form.OFFICER, reason: str = "") -> Job:
        with home.open_ledger() as ledger:
            destination = SystemPrinter(printer)
            return office.order_receipt(ledger, numbers[at], form, destination, technician="A. Khan", reason=reason)

    def now(job: Job) -> Job:
        return office.queue.job(job.number)

    def until(job: Job, state: JobState) -> Job:
        wait(f"job {job.number} {state}", lambda: now(job).state in {state, JobState.HELD})
        if now(job).state is not state:
            raise SystemExit(f"job {job.number} is held: {now(job).sentence}")
        return now(job)

    said("the system's printers are found", holds=set(CupsSpooler().printers()) == {"Office", "Back"})
    done = until(order(0), JobState.PRINTED)
    said("a receipt prints", holds=len(system.printed("Office")) == 1, detail=done.sentence)
    text = system.tell("pdftotext", "-layout", str(system.printed("Office")[0]), "-")
    said("it is that receipt", holds=numbers[0] in text and "None of the denied apps was present when checked" in text)
    until(order(0, reason="printer ate it"), JobState.PRINTED)
    text = system.tell("pdftotext", "-layout", str(system.printed("Office")[-1]), "-")
    said("the second one is marked", holds="COPY 1" in text and "printer ate it" in text)

    system.tell("cupsdisable", "-r", "Paper jam in tray 2", "Office")
    jammed = order(1)
    wait("the jam is seen", lambda: "stopped" in now(jammed).sentence)
    said("a jam is told", holds="Paper jam in tray 2" in now(jammed).sentence, detail=now(jammed).sentence)
    moved, given_up = order(2), order(3)
    wait("both are there", lambda: all(now(job).state is JobState.SPOOLED for job in (moved, given_up)))
    for job in (office.move(moved.number, SystemPrinter("Back")), office.queue.cancel(given_up.number)):
        CupsSpooler().cancel(job.spool)
    until(moved, JobState.PRINTED)
    said("one moved to another printer prints there", holds=len(system.printed("Back")) == 1)
    system.tell("cupsenable", "Office")
    until(jammed, JobState.PRINTED)
    time.sleep(1)
    said("the jammed one prints when the jam is cleared, the cancelled one never",
         holds=len(system.printed("Office")) == 3 and now(given_up).state is JobState.CANCELLED)  # fmt: skip

    system.stop()
    orphan = order(4)
    wait("it was tried", lambda: now(orphan).attempts > 0)
    said("without a print system it waits", holds=now(orphan).state is JobState.WAITING, detail=now(orphan).sentence)
    press.stop()
    system.start()
    again = press_of(office_of(home))
    again.start()
    office.queue.retry(orphan.number)
    until(orphan, JobState.PRINTED)
    said("it prints after both were started again", holds=len(system.printed("Office")) == 4)
    again.stop()

    labels = [
        Label(LabelKind.ASSET, "Training Police", "iPhone 15", f"F2LXK0V1Q{at}", f"MPS-{at}", f"1-{at}")
        for at in (1, 2)
    ]
    before = len(system.printed("Office"))
    office.order_labels(labels, SystemPrinter("Office"))
    office.order_pages("Recall list", PagesWish(*list_document(nobody_called_back())), SystemPrinter("Office"))
    again = press_of(office_of(home))
    while again.step() or len(system.printed("Office")) < before + 2:
        time.sleep(0.1)
    listed, sheets = (system.tell("pdfinfo", str(file)) for file in reversed(system.printed("Office")[-2:]))
    said("labels come out of a printer of the system, a page each", holds="Pages:           2" in sheets)
    said("the recall list comes out", holds="To be given back" in listed)

    said("a handover at the real window prints its receipt by itself", holds=printed_by_the_window(system))

    from PySide6.QtWidgets import QApplication

    from ui.qt_spooler import QtSpooler

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    painted = press_of(office, QtSpooler())
    job = order(5)
    while painted.step():
        pass
    wait("Qt's pages came out", lambda: len(system.printed("Office")) == before + 3)
    said("the same through Qt's print path", holds=now(job).state is JobState.PRINTED, detail=now(job).sentence)
    size = system.tell("pdfinfo", str(system.printed("Office")[-1]))
    said("on A4", holds="A4" in size)
    del application
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        for printer in ("Office", "Back"):
            for file in system.printed(printer):
                shutil.copy(file, keep / f"{printer}-{file.name}")
    print("All is as it should be." if not bad else f"{bad} of them are not as they should be.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
