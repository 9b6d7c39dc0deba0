"""Installed packages: what each is, and how it lies there for every user.

The split follows the system server: facts of the APK (``AndroidPackage``), the setting (``PackageSetting``) and a state
per user (``PackageUserState``), as ``Settings.dumpPackageLPr`` prints them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from provisioning.virtual.android.state.files import INPUT_OUTPUT, FileProblem, ForeignFile
from provisioning.virtual.android.state.java_order import array_map_order

ENABLED_DEFAULT, ENABLED, DISABLED, DISABLED_USER, DISABLED_UNTIL_USED = range(5)
ENABLED_WORDS = ("default", "enabled", "disabled", "disabled-user", "disabled-until-used")
FIRST_APPLICATION_ID = 10000

_SHARED_IDS = {
    "android.uid.system": 1000, "android.uid.phone": 1001, "android.uid.bluetooth": 1002, "android.uid.log": 1007,
    "android.uid.nfc": 1027, "android.uid.shell": 2000, "android.uid.se": 1068, "android.uid.networkstack": 1073,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AdminReceiver:
    """A receiver that could be a device admin; ``name`` is the full class name."""

    name: str
    protected: bool
    """Guarded by BIND_DEVICE_ADMIN."""
    described: bool
    """Carries the ``android.app.device_admin`` meta-data."""
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """What the APK says.

    ``apk`` is the path of its base APK; ``certificate_sha256`` lower-case hex, empty where only the vendor knows it;
    ``signature`` the eight hex digits of ``signatures:[…]`` (Java's 32-bit hash of the certificate, not a digest).
    """

    name: str
    apk: str
    version_code: int = 1
    version_name: str | None = "1.0"
    min_sdk: int = 21
    target_sdk: int = 33
    certificate_sha256: str = ""
    signature: str = ""
    scheme: int = 2
    shared_user: str = ""
    system: bool = False
    size: int = 0
    label: str = ""
    test_only: bool = False
    category: int | None = None
    permissions: tuple[str, ...] = ()
    admins: tuple[AdminReceiver, ...] = ()
    admin_service: str | None = None
    """The service for ``android.app.action.DEVICE_ADMIN_SERVICE``, full class name."""
    link_domains: tuple[str, ...] = ()
    url_schemes: tuple[str, ...] = ()
    web_start_url: str | None = None

    @property
    def folder(self) -> str:
        """Give the code path: the directory that holds the APK."""
        return self.apk.rsplit("/", 1)[0]

    @property
    def privileged(self) -> bool:
        """Tell whether it lies in a ``priv-app`` directory."""
        return "/priv-app/" in self.apk

    @property
    def preloaded_data(self) -> bool:
        """Tell whether it came with the firmware but in ``/data`` (removable, not FLAG_SYSTEM)."""
        return not self.system and self.apk.startswith("/data/app/") and "~~" not in self.apk


@dataclass(slots=True)
class UserState:
    """How a package lies there for one user; ``suspended_by`` names who suspended it."""

    installed: bool = True
    hidden: bool = False
    suspended_by: tuple[str, ...] = ()
    stopped: bool = False
    not_launched: bool = False
    enabled: int = ENABLED_DEFAULT
    last_disabled_by: str | None = None
    first_install: int = 0
    granted: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        """Tell whether ``pm list packages`` without ``-u`` shows it."""
        return self.installed and not self.hidden


class NoBytes(ForeignFile):
    """An APK of which only the size is known."""

    def __init__(self, size: int) -> None:
        self._size = size

    @property
    def size(self) -> int:
        """Give its length in bytes."""
        return self._size

    def read(self) -> bytes:
        """Refuse: the vendor's bytes are not part of this program."""
        raise FileProblem(INPUT_OUTPUT)


class Bytes(ForeignFile):
    """An APK that was installed over the wire."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        """Give its length in bytes."""
        return len(self._data)

    def read(self) -> bytes:
        """Give the APK."""
        return self._data


@dataclass(slots=True)
class PackageSetting:
    """A package on this handset; ``factory`` is what the firmware holds beneath an update."""

    facts: PackageFacts
    app_id: int
    file: ForeignFile
    factory: PackageFacts | None = None
    installer: str | None = None
    initiator: str | None = None
    source: int = 0
    """PackageInstaller.PACKAGE_SOURCE_*: 0 unspecified, 1 other, 2 store, 3 local file, 4 downloaded file."""
    updated: int = 0
    uninstall_blocked: set[int] = field(default_factory=set[int])
    users: dict[int, UserState] = field(default_factory=dict[int, UserState])

    @property
    def name(self) -> str:
        """Give the package name."""
        return self.facts.name

    def user(self, number: int) -> UserState:
        """Give its state for a user; a user without one has it not installed."""
        return self.users.get(number) or UserState(installed=False, stopped=True, not_launched=True)


class Packages:
    """All packages; ``generation`` counts changes, so that big answers can be kept."""

    def __init__(self) -> None:
        self._settings: dict[str, PackageSetting] = {}
        self._next_id = FIRST_APPLICATION_ID
        self._shared: dict[str, int] = dict(_SHARED_IDS)
        self.generation = 0
        self._ordered: tuple[int, list[PackageSetting]] = (-1, [])
        self._borrowed: tuple[int, Mapping[str, ForeignFile]] = (-1, {})

    def __contains__(self, name: str) -> bool:
        return name in self._settings

    def __iter__(self) -> Iterator[PackageSetting]:
        """Walk in the system server's own order (an ArrayMap)."""
        if self._ordered[0] != self.generation:
            self._ordered = self.generation, [self._settings[name] for name in array_map_order(self._settings)]
        return iter(self._ordered[1])

    def __len__(self) -> int:
        return len(self._settings)

    def find(self, name: str) -> PackageSetting | None:
        """Give a package by name."""
        return self._settings.get(name)

    def changed(self) -> None:
        """Say that something about a package changed."""
        self.generation += 1

    def add(self, facts: PackageFacts, file: ForeignFile | None = None) -> PackageSetting:
        """Add a package, installed for nobody yet; replaces the facts of one that is there."""
        self.changed()
        setting = self._settings.get(facts.name)
        if setting is not None:
            if setting.facts.system and not facts.system and setting.factory is None:
                setting.factory = setting.facts
            setting.facts = replace(facts, system=True) if setting.factory is not None else facts
            setting.file = file or NoBytes(facts.size)
            return setting
        setting = PackageSetting(facts, self._app_id(facts), file or NoBytes(facts.size))
        self._settings[facts.name] = setting
        return setting

    def remove(self, name: str) -> None:
        """Forget a package; one with an update goes back to the firmware's copy."""
        self.changed()
        setting = self._settings[name]
        if setting.factory is not None:
            setting.facts, setting.factory = setting.factory, None
            setting.file = NoBytes(setting.facts.size)
            setting.installer = setting.initiator = None
        else:
            del self._settings[name]

    def borrowed_files(self) -> Mapping[str, ForeignFile]:
        """Give the APKs by path, for the file tree."""
        if self._borrowed[0] != self.generation:
            files: dict[str, ForeignFile] = {}
            for setting in self._settings.values():
                files[setting.facts.apk] = setting.file
                if setting.factory is not None:
                    files[setting.factory.apk] = NoBytes(setting.factory.size)
            self._borrowed = self.generation, files
        return self._borrowed[1]

    def _app_id(self, facts: PackageFacts) -> int:
        if facts.name == "android":
            return 1000
        if facts.shared_user:
            if facts.shared_user not in self._shared:
                self._shared[facts.shared_user] = self._take_id()
            return self._shared[facts.shared_user]
        return self._take_id()

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1
