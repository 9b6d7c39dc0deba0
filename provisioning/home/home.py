"""A desk's home: everything that the desk stores, in one directory that only its user can enter.

::

    identity.json        which desk, whose, training or real: never changes                provisioning.home.identity
    desk.toml            the settings, for people to edit; read by the console
    keys/                desk.pub, desk.crt, seal.crt, supervision.crt in clear; *.sealed encrypted; vault.json;
                         former/: what belonged to keys that the desk had before
    ledger.sqlite        the ledger, with ledger.head beside it                            provisioning.ledger
    ledger-version-N.sqlite  what it was before it was brought forward from version N
    records/             signed verification records, raw inventories sealed beside them   provisioning.home.records
    receipts/            receipts as PDF, of a training desk only
    policies/            the force's own policies
    declarations/        the force's own declarations and terms                  provisioning.receipts.declaration
    authenticators/      officers' one-time codes, sealed                         provisioning.people.authenticators
    unfinished/          handovers between signature and receipt                  provisioning.unfinished
    pairing/             pairing records of iPhones
    reading/             sums and names that follow the ledger; may be deleted          provisioning.readers.projection
    erasing              there while remnants of an erasure are to be wiped             provisioning.privacy.erasing
    steps.json           what the steps of a walk took by model; may be deleted        provisioning.watchdog
    logs/                the program's log
    engine.lock          held by the one engine that uses the home; engine.json says who   provisioning.home.lock

A home is training or real for life. It is a home once ``identity.json`` is there, which is put there last. Public
facts need no unlocking; keys are unsealed when first asked for and then kept in memory.
"""

from __future__ import annotations

import logging
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from provisioning.enrolment_profile import EnrolmentProfile
from provisioning.errors import HomeError, IssuingDeskError, UsageError
from provisioning.home.custody import Custody, CustodyKind, Keyring, Prompt
from provisioning.home.desk_secrets import DeskSecrets
from provisioning.home.identity import FILE_NAME, DeskIdentity, read_identity
from provisioning.home.keys import DocumentSeal, open_seal, open_signer, read_public_keys
from provisioning.home.lock import HomeLock
from provisioning.home.supervision import (
    export_supervision_identity,
    generate_supervision_identity,
    has_supervision_identity,
    keep_supervision_identity,
    open_supervision_identity,
    parse_supervision_identity,
)
from provisioning.home.vault import Vault
from provisioning.organisation import DeviceController, Organisation, SupervisionIdentity, no_enrolment_profile
from provisioning.people.roster_file import RosterFile
from provisioning.people.technicians import PinFile
from provisioning.signatures import DeskKeys, DeskPublicKey, DeskSigner

if TYPE_CHECKING:
    from provisioning.home.records import RecordStore
    from provisioning.home.shared import LedgerLogin
    from provisioning.ledger.check import LedgerCheck
    from provisioning.ledger.entry import Entry
    from provisioning.ledger.ledger import Ledger
    from provisioning.ledger.opening import SharedLedger
    from provisioning.people.authenticators import Authenticators
    from provisioning.privacy.reading_keys import ReadingKeys

logger = logging.getLogger(__name__)

FindKeyring = Callable[[], Keyring | None] | None
"""Finds the keyring to use; None asks the system for its own."""


class Home:
    """An existing home. Made by ``create_home`` or :func:`open_home`; safe for threads."""

    def __init__(self, path: Path, identity: DeskIdentity, prompt: Prompt | None, keyring: FindKeyring) -> None:
        self.path = path
        self.identity = identity
        self.notice: Callable[[str], None] = logger.warning
        """Told what a person at the desk should know and what is no error; whoever shows things puts a way here."""
        self._custody = Custody(path / "keys", identity.desk, prompt, keyring)
        self._prompts = prompt is not None
        self._unlocking = threading.RLock()
        self._refused = False
        """Unlocking failed once while something was read; it is not tried again for each entry."""
        self._vault: Vault | None = None
        self._signer: DeskSigner | None = None
        self._seal: DocumentSeal | None = None
        self._supervision: SupervisionIdentity | None = None
        self._roster = RosterFile(path, self.vault)

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r}, {'training' if self.training else 'real'})"

    @property
    def training(self) -> bool:
        """True for a home whose handsets are virtual, for life."""
        return self.identity.training

    @property
    def settings_file(self) -> Path:
        """Where people's settings are."""
        return self.path / "desk.toml"

    @property
    def records_folder(self) -> Path:
        """Where signed verification records are."""
        return self.path / "records"

    @property
    def receipts_folder(self) -> Path:
        """Where receipts are."""
        return self.path / "receipts"

    @property
    def policies_folder(self) -> Path:
        """Where the force's own policies are."""
        return self.path / "policies"

    @property
    def declarations_folder(self) -> Path:
        """Where the force's own declarations and terms are; it need not be there."""
        return self.path / "declarations"

    @property
    def pairing_folder(self) -> Path:
        """Where iPhones' pairing records are."""
        return self.path / "pairing"

    @property
    def bays_folder(self) -> Path:
        """Where it is kept which port is which bay, and what became of the handsets there."""
        return self.path / "bays"

    @property
    def logs_folder(self) -> Path:
        """Where the program's log is."""
        return self.path / "logs"

    @property
    def ledger_file(self) -> Path:
        """Where the embedded ledger is."""
        return self.path / "ledger.sqlite"

    @property
    def public_key_file(self) -> Path:
        """The file to hand to whoever checks receipts."""
        return self.path / "keys" / "desk.pub"

    def lock(self, command: str) -> HomeLock:
        """Give the lock of the one engine, not yet taken; ``command`` is what a second one is told."""
        return HomeLock(self.path, command)

    def public_key(self) -> DeskPublicKey:
        """Give the desk's public key; needs no unlocking. Raises HomeError."""
        return self.keys().newest

    def keys(self) -> DeskKeys:
        """Give the desk's public key and those that it had before; needs no unlocking. Raises HomeError."""
        keys = read_public_keys(self.path / "keys")
        if self.identity.key not in {key.id for key in keys.keys}:
            raise HomeError("The home's desk.pub is another desk's. Restore it from a backup.")
        return keys

    def change_key(self, reason: str, technician: str | None, *, lost: bool = False) -> Entry:
        """Give the desk another key, on the record. ``lost``: the old one is gone, or others may have it.

        Whoever calls holds the home's lock. Raises as :meth:`vault`, and what adding to the ledger raises.
        """
        from provisioning.home.key_change import change_key

        with self._unlocking:
            entry = change_key(self, reason, technician, lost=lost)
            self._signer = self._seal = None
        return entry

    def custody(self) -> CustodyKind:
        """Say where the key of the vault is. Raises HomeError."""
        return self._custody.kind()

    def vault(self) -> Vault:
        """Unlock the vault; asks for the passphrase at most once. Raises UsageError where it is wrong, HomeError."""
        with self._unlocking:
            if self._vault is None:
                self._vault = Vault(self.identity.desk, self._custody.obtain())
            return self._vault

    def reading_keys(self) -> ReadingKeys:
        """Give what opens the personal fields of the ledger; using it unlocks the vault."""
        from provisioning.privacy.reading_keys import ReadingKeys

        return ReadingKeys(self.path / "keys", self.identity.desk, self.vault, self._vault_at_hand)

    def _vault_at_hand(self) -> Vault | None:
        """Unlock the vault where nobody has to be asked for anything; None where somebody must, or it failed once."""
        with self._unlocking:
            if self._vault is None and not self._refused:
                try:
                    return self.vault() if self._prompts or self._custody.unattended() else None
                except IssuingDeskError:
                    self._refused = True
            return self._vault

    def signer(self) -> DeskSigner:
        """Give the desk's signing key, unlocking the vault. Raises as :meth:`vault`."""
        with self._unlocking:
            if self._signer is None:
                signer = open_signer(self.path / "keys", self.vault())
                if signer.public != self.public_key():
                    raise HomeError("The desk's key and desk.pub do not belong together. Restore them from a backup.")
                self._signer = signer
            return self._signer

    def seal(self) -> DocumentSeal:
        """Give what seals PDF documents, unlocking the vault. Raises as :meth:`vault`."""
        with self._unlocking:
            if self._seal is None:
                self._seal = open_seal(self.path / "keys", self.vault())
            return self._seal

    def has_supervision(self) -> bool:
        """Tell whether there is a supervision identity; needs no unlocking."""
        return has_supervision_identity(self.path / "keys")

    def supervision(self) -> SupervisionIdentity:
        """Give the supervision identity, unlocking the vault. Raises UsageError where there is none."""
        with self._unlocking:
            if self._supervision is None:
                self._supervision = open_supervision_identity(self.path / "keys", self.vault())
            return self._supervision

    def import_supervision_identity(self, p12: bytes, passphrase: str | None, *, replace: bool = False) -> None:
        """Keep the organisation's identity. Raises UsageError for a wrong file, or one that would replace another.

        The replaced identity stays in ``keys/``, sealed: iPhones that it supervises obey no other.
        """
        self._keep_supervision(parse_supervision_identity(p12, passphrase), replace=replace)

    def create_supervision_identity(self, *, replace: bool = False) -> None:
        """Make an identity for an organisation that has none yet. Raises UsageError where it would replace one."""
        self._keep_supervision(generate_supervision_identity(self.identity.organisation_name), replace=replace)

    def export_supervision_identity(self, passphrase: str) -> bytes:
        """Give the supervision identity as PKCS#12 for another desk or the safe."""
        return export_supervision_identity(self.supervision(), passphrase)

    def organisation(
        self,
        controller: Callable[[], DeviceController],
        enrolment_profile: Callable[[], EnrolmentProfile | None] = no_enrolment_profile,
        *,
        automated: bool = False,
    ) -> Organisation:
        """Give the organisation as the engines want it."""
        name, magic = self.identity.organisation_name, self.identity.organisation_magic
        return Organisation(name, magic, self.supervision, controller, enrolment_profile, automated)

    def shared_ledger(self) -> SharedLedger | None:
        """Give where the ledger is that all desks share, as desk.toml says. Raises FileError."""
        from provisioning.home.shared import only_reserved, shared_address
        from provisioning.ledger.opening import SharedLedger

        address = shared_address(self.settings_file)
        if not address:
            return None
        return SharedLedger(address, self.ledger_login().password, only_reserved(self.settings_file))

    def ledger_login(self) -> LedgerLogin:
        """Give what the desk keeps to log in to the shared ledger; reading and keeping it unlocks the vault."""
        from provisioning.home.shared import LedgerLogin

        return LedgerLogin(self.path / "keys", self.vault)

    def open_ledger(self) -> Ledger:
        """Open the ledger for adding; the vault is unlocked at the first entry. Raises LedgerError, HomeError."""
        from provisioning.home.key_change import settle_keys
        from provisioning.ledger.opening import open_ledger

        settle_keys(self)
        return open_ledger(self, signer=self.signer)

    def read_ledger(self) -> Ledger:
        """Open the ledger for reading; needs no unlocking and works beside others. Raises LedgerError, HomeError."""
        from provisioning.home.key_change import settle_keys
        from provisioning.ledger.opening import open_ledger

        settle_keys(self)
        return open_ledger(self, signer=None)

    def check_ledger(self, expected_head: str | None = None, *, every_signature: bool = False) -> LedgerCheck:
        """Check the whole ledger; whatever is wrong, a file that is no database included, is a result."""
        from provisioning.ledger.opening import check_home_ledger

        return check_home_ledger(self, expected_head, every_signature=every_signature)

    def roster(self) -> RosterFile:
        """Give the officers that this desk knows; reading and keeping them unlocks the vault."""
        return self._roster

    def pins(self) -> PinFile:
        """Give what is kept of the technicians' PINs; reading and keeping them unlocks the vault."""
        return PinFile(self.path, self.vault)

    def desk_secrets(self) -> DeskSecrets:
        """Give what the desk keeps secret for enrolling Androids; reading and keeping it unlocks the vault."""
        return DeskSecrets(self.path / "keys", self.vault)

    def authenticators(self) -> Authenticators:
        """Give the officers' authenticators; asking for a code unlocks the vault."""
        from provisioning.people.authenticators import Authenticators

        return Authenticators(self.path, self.vault)

    def records(self) -> RecordStore:
        """Give the verification records; reading them needs no unlocking, keeping and raw inventories do."""
        from provisioning.home.records import RecordStore

        return RecordStore(self.records_folder, self.keys(), self.vault)

    def exposed(self) -> tuple[Path, ...]:
        """Give what in the home other users of this machine can reach; empty on Windows, whose modes say nothing."""
        if os.name == "nt":
            return ()
        others = stat.S_IRWXG | stat.S_IRWXO
        return tuple(path for path in (self.path, *sorted(self.path.rglob("*"))) if path.lstat().st_mode & others)

    def _keep_supervision(self, identity: SupervisionIdentity, *, replace: bool) -> None:
        with self._unlocking:
            if self.has_supervision() and not replace:
                raise UsageError(
                    "This desk already has a supervision identity, which iPhones obey. Replace it only on purpose."
                )
            keep_supervision_identity(self.path / "keys", self.vault(), identity)
            self._supervision = identity


def is_home(path: Path) -> bool:
    """Tell whether there is a home."""
    return (path / FILE_NAME).is_file()


def open_home(path: Path, *, passphrase: Prompt | None = None, keyring: FindKeyring = None) -> Home:
    """Open a home; unlocks nothing yet. ``passphrase`` asks a person, where ISSUING_DESK_PASSPHRASE is not set.

    Raises HomeError where there is none or it cannot be read.
    """
    if not is_home(path):
        raise HomeError(f"There is no home at {path}. Make one with “issuing-desk init”.")
    return Home(path, read_identity(path), passphrase, keyring)
