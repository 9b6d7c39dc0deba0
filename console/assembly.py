"""The composition root: every long-lived object is made here and handed down; the only place that names an engine."""

from __future__ import annotations

import asyncio
import getpass
import importlib.resources
import logging
import os
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from console.duty import account_name, on_duty, sign_in_at
from console.logs import log_to
from console.settings import TEMPLATE, Settings, load_settings
from provisioning.errors import FileError, HomeError, LedgerError, UsageError
from provisioning.home.home import Home, is_home, open_home
from provisioning.organisation import DeviceController
from provisioning.plain_text import one_line

if TYPE_CHECKING:
    from console.call import Call
    from provisioning.bays.desk_bays import DeskBays
    from provisioning.bookkeeping import LedgerBooks
    from provisioning.catalogue.catalogue import Catalogue
    from provisioning.counter import Counter
    from provisioning.desk import Desk
    from provisioning.enrolment.checksums import PackageChecksum, SignatureChecksum
    from provisioning.enrolment.provider import Provider
    from provisioning.enrolment_profile import EnrolmentProfile
    from provisioning.handset import Hub, HubFound, HubLost
    from provisioning.home.records import RecordStore
    from provisioning.ledger.ledger import Ledger
    from provisioning.ledger.sharing import Sharer, Sharing
    from provisioning.organisation import TokenFile, TokenOrder
    from provisioning.people.sign_in import SignIn
    from provisioning.policy.effective import EffectivePolicy
    from provisioning.policy.shelf import PolicyShelf
    from provisioning.status import SessionStatus
    from provisioning.turns import Turns
    from provisioning.unfinished import Interrupted

logger = logging.getLogger(__name__)

Notice = Callable[[str], None]
"""Tells a person something that is no error."""

TRAINING_ORGANISATION = "Training Constabulary"
_NEWEST_SDK = 36
"""Android 16: which signature scheme of an APK counts depends on the version that reads it."""
TRAINING_COMPONENT = "org.issuingdesk.trainingdpc/.AdminReceiver"


def make_home(
    path: Path, *, training: bool, organisation: str | None, desk_name: str | None, magic: str | None = None
) -> Home:
    """Make a home; ``magic`` is the organisation's identifier where it has one. Raises HomeError, UsageError."""
    from provisioning.home.creation import create_home

    name = desk_name or ("Training desk" if training else "Desk 1")
    return create_home(
        path,
        training=training,
        organisation_magic=magic,
        organisation_name=organisation or (TRAINING_ORGANISATION if training else "Our organisation"),
        desk_name=name,
        passphrase=passphrase_prompt(),
        maker=account_name(),
        settings_text=TEMPLATE.format(name=name.replace("\\", "").replace('"', "")),
    )


def home_at(path: Path, notice: Notice, *, training: bool = False) -> Home:
    """Open the home at ``path``, making one with a notice where there is none."""
    if not is_home(path):
        home = make_home(path, training=training, organisation=None, desk_name=None)
        notice(f"A new {'training ' if training else ''}home was made at {path}.")
        home.notice = notice
        return home
    home = open_home(path, passphrase=passphrase_prompt())
    home.notice = notice
    if training and not home.training:
        raise UsageError(f"The home {path} is a real one and stays so. Choose another directory for training.")
    return home


def ledger_home(path: Path, ledger: str | None, *, asking: bool = False) -> Home:
    """Open the home whose ledger is to be read; ``ledger`` may name another home, or the database in it.

    With ``asking`` a person is asked for the passphrase where personal details are locked; without, they stay sealed.
    """
    if ledger is None:
        return open_home(path, passphrase=passphrase_prompt() if asking else None)
    folder = Path(ledger.removeprefix("sqlite:///"))
    return open_home(folder.parent if folder.name.endswith(".sqlite") else folder)


def passphrase_prompt() -> Callable[[], str] | None:
    """Give what asks a person for the home's passphrase; None where nobody is there to ask."""
    if not sys.stdin or not sys.stdin.isatty():
        return None
    return lambda: getpass.getpass("Passphrase of this desk's home: ")


def catalogue(path: Path | None = None) -> Catalogue:
    """Load the catalogue: the one that the home at ``path`` took, where it is newer than the one that ships."""
    from provisioning.catalogue.load import load_catalogue

    shipped = load_catalogue()
    if path is None or not (path / "catalogue").is_dir():
        return shipped
    from provisioning.catalogue.shelf import CatalogueShelf

    return CatalogueShelf(path / "catalogue").newest(shipped)


def policies(path: Path | None) -> PolicyShelf:
    """Give the policies: those of the home first, then those that ship."""
    from provisioning.policy.shelf import PolicyShelf

    return PolicyShelf(path / "policies" if path is not None else None)


def effective_for(
    path: Path, policy: str, families: Catalogue, officer: str | None, serials: Sequence[str] = ()
) -> EffectivePolicy:
    """Compile a policy for an officer by the books of the home at ``path``; without a home nobody has permits.

    Roles that the books grant hold where they name all of ``serials``.
    """
    shelf = policies(path)
    if officer is None:
        return shelf.effective(policy, families)
    from datetime import date

    from provisioning.counter import permits_in_force
    from provisioning.people.permits import Permit, person_with

    permits: list[Permit] = []
    if is_home(path):
        with open_home(path).read_ledger() as ledger:
            permits = permits_in_force(ledger, officer)
    today = date.today()  # the desk's own calendar day
    person = person_with(officer, permits, today, roles=shelf.policy(policy).roles, serials=serials)
    return shelf.effective(policy, families, person)


def hubs(home: Home, settings: Settings, bays: Mapping[str, str], turns: Turns) -> list[Hub]:
    """Make the two engines on the addresses that the environment names."""
    from provisioning.android.hub import AndroidHub
    from provisioning.apple.hub import AppleHub

    organisation = home.organisation(
        lambda: controller_of(home, settings), lambda: _enrolment_profile(settings), automated=settings.ios.automated
    )
    return [
        AppleHub(organisation, home.pairing_folder, home.identity.desk, bays, turns=turns),
        AndroidHub(organisation, *adb_address(), bays, turns=turns),
    ]


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that works on handsets, for as long as the home is held."""

    home: Home
    settings: Settings
    ledger: Ledger
    records: RecordStore
    catalogue: Catalogue
    policies: PolicyShelf
    books: LedgerBooks
    desk: Desk
    counter: Counter
    sign_in: SignIn
    bays: DeskBays
    interrupted: tuple[Interrupted, ...] = ()
    """Handovers that were between signature and receipt when this desk ended last, and what became of them."""


THREADS = 32
"""For what waits for the disk; asyncio itself would make six on two cores."""


@asynccontextmanager
async def engine(
    home: Home,
    command: str,
    *,
    parallel: int | None = None,
    usual: int | None = None,
    threads: int | None = THREADS,
    bays: Mapping[str, str] | None = None,
    call: Call | None = None,
    on_change: Callable[[SessionStatus], None] = lambda _: None,
    on_gone: Callable[[str], None] = lambda _: None,
    on_hub: Callable[[HubLost | HubFound], None] = lambda _: None,
    on_ports: Callable[[Mapping[str, str]], None] = lambda _: None,
    on_sharing: Callable[[Sharing], None] | None = None,
    on_entry: Callable[[], None] = lambda: None,
) -> AsyncGenerator[Engine, None]:
    """Hold the home and run its engine on this loop; leaving stops every walk and closes everything.

    ``parallel`` is how many handsets are worked on at the same moment where somebody says so for this run; else
    desk.toml decides, then ``usual``, and ``provisioning.turns`` where all are silent. ``threads`` are for blocking
    work; None: the loop has its own. ``bays`` are labels of ports that somebody else knows (a rack); those that this
    desk has learnt win over them, and those in desk.toml over both. ``call`` is the command that says who works;
    without it nobody is signed in yet. ``on_sharing`` is told, on a thread of its own, how the desk stands to a ledger
    that it shares; ``on_entry``, that another desk has added to it.
    """
    from provisioning.bays.desk_bays import DeskBays
    from provisioning.bookkeeping import LedgerBooks
    from provisioning.counter import Counter
    from provisioning.desk import Desk
    from provisioning.turns import Bounds, Turns
    from provisioning.unfinished import Unfinished, sentence_of
    from provisioning.watchdog import Watchdog

    settings = load_settings(home.settings_file)
    if threads is not None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, "desk"))
    with home.lock(command):
        log_to(home.logs_folder)
        families = catalogue(home.path)
        shelf = policies(home.path)
        with home.open_ledger() as ledger:
            sign_in = on_duty(call, home, ledger) if call is not None else sign_in_at(home, ledger)
            records = home.records()
            books = LedgerBooks(home, ledger, records, families, technician=lambda: sign_in.technician)
            ports = DeskBays(home.bays_folder, settings.bays, bays or {}, on_ports)

            def tell(status: SessionStatus) -> None:
                ports.note(status)
                on_change(status)

            at_once = parallel or settings.parallel or usual
            turns = Turns(Bounds(desk=at_once) if at_once else Bounds())
            desk = Desk(
                hubs(home, settings, ports.labels, turns),
                books,
                books,
                turns=turns,
                watchdog=Watchdog(home.path / "steps.json"),
                on_change=tell,
                on_gone=on_gone,
                on_hub=on_hub,
                on_movement=ports.move,
            )
            counter = Counter(
                home, ledger, records, shelf=shelf, catalogue=families, desk=desk, technician=sign_in.acting
            )
            await asyncio.to_thread(forget_old, ledger, records, settings, sign_in)
            erasures = ErasuresFollowed(home, ledger)
            await asyncio.to_thread(erasures.look_quietly)

            def other_desk_added() -> None:
                erasures.look_quietly()
                on_entry()

            interrupted = Unfinished(home.path).settle(ledger)
            if call is not None:
                for one in interrupted:
                    call.tell(sentence_of(one))
            sharer = _sharer(home, on_sharing, other_desk_added)
            async with AsyncExitStack() as stack:
                if sharer is not None:
                    stack.enter_context(sharer.running())
                await stack.enter_async_context(ports)
                await stack.enter_async_context(desk)
                yield Engine(
                    home, settings, ledger, records, families, shelf, books, desk, counter, sign_in, ports, interrupted
                )


def _sharer(home: Home, on_sharing: Callable[[Sharing], None] | None, on_entry: Callable[[], None]) -> Sharer | None:
    from provisioning.ledger.opening import sharer_of

    return sharer_of(home, on_sharing, on_entry) if on_sharing is not None else None


def forget_old(ledger: Ledger, records: RecordStore, settings: Settings, sign_in: SignIn) -> None:
    """Remove the raw inventories whose time is over, where a glance at the files says that there may be any."""
    from provisioning.privacy.inventories import remove_inventories

    now = datetime.now(UTC)
    days = settings.keep_inventories
    if days and records.inventory_before(now - timedelta(days=days)):
        remove_inventories(ledger, records, days, now, lambda: sign_in.technician)


class ErasuresFollowed:
    """Finishes an erasure that was interrupted, and lets what other desks erased take effect here."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self._home = home
        self._ledger = ledger
        self._newest = ""

    def look(self) -> None:
        """Look whether anything was erased since the last look. Raises HomeError, LedgerError."""
        from provisioning.ledger.entry import EntryKind
        from provisioning.privacy.erasing import erasing_begun, reapply_erasures

        kind = EntryKind.LAWFULLY_ERASED
        found = self._ledger.entries(kind=kind, newest_first=True, limit=1) if self._ledger.shared else []
        newest = found[0].hash if found else ""
        if newest != self._newest or erasing_begun(self._home):
            reapply_erasures(self._home, self._ledger)
            self._newest = newest

    def look_quietly(self) -> None:
        """Look on a thread that must go on whatever happens; what fails is looked at again with the next entry."""
        try:
            self.look()
        except (HomeError, LedgerError) as error:
            logger.warning("what other desks erased was not followed: %s", type(error).__name__)


def adb_address() -> tuple[str, int]:
    """Give host and port of the adb server; a variable that is there and empty counts as not there. UsageError."""
    host = os.environ.get("ANDROID_ADB_SERVER_ADDRESS") or "127.0.0.1"
    text = os.environ.get("ANDROID_ADB_SERVER_PORT") or "5037"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise UsageError(f"ANDROID_ADB_SERVER_PORT is “{one_line(text, 20)}”, which is no port number.")
    return host, int(text)


def _enrolment_profile(settings: Settings) -> EnrolmentProfile | None:
    """Read the organisation's enrolment profile anew each time: it may have been replaced. Raises FileError."""
    path = settings.ios.enrolment_profile
    if path is None:
        return None
    from provisioning.enrolment_profile import read_enrolment_profile

    try:
        return read_enrolment_profile(path.read_bytes())
    except OSError as error:
        raise FileError(path, f"the enrolment profile cannot be read: {error.strerror}.") from error
    except UsageError as error:
        raise FileError(path, str(error)) from error


def controller_of(home: Home, settings: Settings) -> DeviceController:
    """Give the desk's device policy controller. Raises UsageError where none is set, FileError where it is none."""
    from provisioning.android.apk import certificate_of_file
    from provisioning.enrolment.provider import load_provider

    android = settings.android
    provider = load_provider(android.provider)
    orders = provider.channel != "none"
    token = _token(home, settings, provider)
    if provider.named and android.apk is None:
        return DeviceController(provider.component, provider.certificate_sha256, None, token, orders)
    if android.apk is not None and (android.component or provider.named):
        component, apk = android.component or provider.component, android.apk
    elif home.training:
        component = TRAINING_COMPONENT
        apk = Path(str(importlib.resources.files("resources").joinpath("virtual", "training-dpc.apk")))
    else:
        raise UsageError(
            f"No device policy controller is set for Androids. Name its component and apk in {home.settings_file}."
        )
    try:
        certificate = certificate_of_file(apk, _NEWEST_SDK)
    except OSError as error:
        raise FileError(apk, f"the device policy controller cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise FileError(apk, f"is no device policy controller: {error}.") from error
    if provider.named and certificate != provider.certificate_sha256:
        raise UsageError(f"{apk.name} is not signed by {provider.title} (its certificate is {certificate}).")
    return DeviceController(component, certificate, apk, token, orders)


def _token(home: Home, settings: Settings, provider: Provider) -> TokenFile | TokenOrder | None:
    """Give what the controller is to be told over the cable: what desk.toml says and what the vault holds."""
    from provisioning.enrolment.tokens import check_extras, init_file, settings_order
    from provisioning.organisation import TokenFile

    extras = {**settings.android.extras, **home.desk_secrets().settings()}
    if not extras or "adb" not in provider.methods:
        return None
    check_extras(provider, extras)
    if provider.token_file:
        return TokenFile(provider.token_file, init_file(provider, extras))
    return settings_order(extras)


def checksum_of(provider: Provider, apk: Path | None) -> SignatureChecksum | PackageChecksum:
    """Give the checksum that the provider's QR carries, of the right kind; the APK must be the provider's.

    Raises UsageError, FileError.
    """
    from provisioning.android.apk import certificate_of_file
    from provisioning.enrolment.checksums import PackageChecksum, SignatureChecksum

    if apk is None:
        if provider.checksum == "signature" and provider.certificate_sha256:
            return SignatureChecksum.of_certificate(provider.certificate_sha256)
        raise UsageError(f"The code of {provider.title} carries the checksum of the APK file: give it with --apk.")
    try:
        certificate = certificate_of_file(apk, _NEWEST_SDK)
        data = apk.read_bytes()
    except OSError as error:
        raise FileError(apk, f"cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise FileError(apk, f"is no signed APK: {error}.") from error
    if provider.certificate_sha256 and certificate != provider.certificate_sha256:
        raise UsageError(f"{apk.name} is not signed by {provider.title} (its certificate is {certificate}).")
    if provider.checksum == "package":
        return PackageChecksum.of_file(data)
    return SignatureChecksum.of_certificate(certificate)
