"""A scenario: which virtual handsets lie on the rack, in what state, with what on them, and what goes wrong when.

The TOML form is part of the command-line contract (``rack --scenario FILE``)::

    [[handset]]
    profile = "iphone-15"            # a file in resources/virtual/
    serial_number = "F2LXK0V1Q6"     # optional; else made from the profile and the position, always the same
    count = 2
    apps = ["com.zhiliaoapp.musically"]
    state = "setup-assistant"
    faults = ["trust-dialog late=30", "unplug at=InstallProfileSilent", "stall at=Browse seconds=60"]

Hubs may be said too; then handsets without a ``bay`` lie in their ports in order, and empty ports are known as well::

    [[hub]]
    name = "2"                       # its bays are 2-1, 2-2 …; a name with a space in it: “Back room · 1”
    ports = 10

A fault is a name and ``key=value`` options. ``at=`` names a message as it stands on the wire (``Browse``, ``Pair``,
``pm list packages``); values may be quoted. ``times=N`` (default 1, 0 = always) bounds how often it strikes.
"""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from provisioning.errors import FileError, UsageError
from provisioning.platforms import Platform
from provisioning.virtual.inventory_file import read_inventory

LARGEST_RACK = 1024
_LONGEST_HUB = 16
_KNOWN_KEYS = frozenset(
    {"profile", "serial_number", "imei", "udid", "bay", "count", "apps", "inventory", "web_clips", "users", "accounts",
     "state", "faults"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong, e.g. ``stall at=Browse seconds=60``."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def at(self) -> str:
        """Give the message at which it strikes; empty means from the start."""
        return self.options.get("at", "")

    def seconds(self, key: str, default: float) -> float:
        """Give a duration option in seconds. Raises UsageError where it is no number."""
        text = self.options.get(key)
        if text is None:
            return default
        try:
            return float(text)
        except ValueError:
            raise UsageError(f"Fault “{self.name}”: {key}={text} is not a number of seconds.") from None

    def number(self, key: str, default: int) -> int:
        """Give a whole-number option. Raises UsageError where it is none."""
        text = self.options.get(key)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise UsageError(f"Fault “{self.name}”: {key}={text} is not a whole number.") from None


@dataclass(frozen=True, slots=True)
class HandsetPlan:
    """One virtual handset before it is switched on.

    ``position`` counts from 0 over the whole rack; whatever is not said is made from ``profile`` and ``position``
    and so is the same at each start. ``apps`` holds neutral app dictionaries (at least ``id``). ``state`` empty means
    a new handset on a desk (iPhone: at Setup Assistant; Android: set up without accounts, debugging on).
    """

    platform: Platform
    profile: str
    position: int
    details: Mapping[str, Any]
    """The profile file's own content, for the platform's virtual handset to read."""
    serial_number: str | None = None
    imei: str | None = None
    udid: str | None = None
    bay: str | None = None
    apps: tuple[Mapping[str, Any], ...] = ()
    web_clips: tuple[str, ...] = ()
    users: tuple[Any, ...] = ()
    accounts: tuple[Any, ...] = ()
    state: str = ""
    faults: tuple[Fault, ...] = ()
    folder: Path = Path()
    """Where files lie that a fault names."""


def parse_fault(text: str) -> Fault:
    """Read ``name key=value …``. Raises UsageError with the offending text."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"Fault “{text}” cannot be read: {error}.") from None
    if not words or any("=" not in word for word in words[1:]):
        raise UsageError(f"Fault “{text}” cannot be read: write a name, then key=value options.")
    return Fault(words[0], dict(word.split("=", 1) for word in words[1:]))


def profiles() -> dict[str, Platform]:
    """List the handset profiles that ship, with their platform."""
    found: dict[str, Platform] = {}
    for entry in sorted(files("resources").joinpath("virtual").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            name = entry.name.removesuffix(".toml")
            found[name] = Platform(str(_shipped(name)["platform"]))
    return found


def plain_rack(iphones: int, androids: int) -> list[HandsetPlan]:
    """Plan a rack of new handsets, taking turns over the profiles that are marked ``common = true``."""
    plans: list[HandsetPlan] = []
    for platform, count in ((Platform.IOS, iphones), (Platform.ANDROID, androids)):
        names = [name for name, of in profiles().items() if of is platform and _shipped(name).get("common")]
        for number in range(count):
            name = names[number % len(names)]
            plans.append(HandsetPlan(platform, name, len(plans), _profile(name)))
    return plans


def load_scenario(path: Path) -> list[HandsetPlan]:
    """Read a scenario file. Raises FileError naming the line where it is known, and the handset where it is not."""
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise FileError(path, "is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise FileError(path, f"is not valid TOML: {error}.") from None
    try:
        bays = _hub_bays(document.get("hub", []))
    except UsageError as error:
        raise FileError(path, str(error)) from None
    tables = document.get("handset")
    if not isinstance(tables, list) or not tables:
        raise FileError(path, "names no [[handset]].")
    plans: list[HandsetPlan] = []
    for number, table in enumerate(cast("list[Any]", tables), start=1):
        try:
            plans += _plans(table, len(plans), path.parent)
        except UsageError as error:
            raise FileError(path, f"handset {number}: {error}") from None
        if len(plans) > LARGEST_RACK:
            raise FileError(path, f"asks for more than {LARGEST_RACK} handsets.")
    try:
        return _laid_out(plans, bays) if bays else plans
    except UsageError as error:
        raise FileError(path, str(error)) from None


def hub_bays(path: Path) -> tuple[str, ...]:
    """Give the labels of all ports of the hubs that a scenario names, those without a handset among them.

    For a scenario that :func:`load_scenario` has read without complaint.
    """
    return _hub_bays(tomllib.loads(path.read_text("utf-8")).get("hub", []))


def _hub_bays(tables: object) -> tuple[str, ...]:
    if not isinstance(tables, list):
        raise UsageError("hub must be written [[hub]].")
    bays: list[str] = []
    for number, table in enumerate(cast("list[Any]", tables), start=1):
        entry = cast("dict[str, Any]", table) if isinstance(table, dict) else {}
        name, ports = entry.get("name", str(number)), entry.get("ports")
        if set(entry) - {"name", "ports"} or not isinstance(name, str) or not 0 < len(name) <= _LONGEST_HUB:
            raise UsageError(f"hub {number}: a hub has a name of at most {_LONGEST_HUB} characters and ports.")
        if not isinstance(ports, int) or isinstance(ports, bool) or not 1 <= ports <= LARGEST_RACK:
            raise UsageError(f"hub {number}: ports must be a whole number from 1 to {LARGEST_RACK}.")
        bays += [f"{name} · {port}" if " " in name else f"{name}-{port}" for port in range(1, ports + 1)]
        if len(bays) > LARGEST_RACK:
            raise UsageError(f"the hubs have more than {LARGEST_RACK} ports.")
    if len(set(bays)) < len(bays):
        raise UsageError("two hubs have the same name.")
    return tuple(bays)


def _laid_out(plans: list[HandsetPlan], bays: tuple[str, ...]) -> list[HandsetPlan]:
    """Lay the handsets that say no bay into the ports that are free, in order."""
    said = [plan.bay for plan in plans if plan.bay]
    if len(set(said)) < len(said):
        raise UsageError("two handsets lie in the same bay.")
    free = iter([bay for bay in bays if bay not in set(said)])
    laid = [plan if plan.bay else replace(plan, bay=next(free, None)) for plan in plans]
    if any(plan.bay is None for plan in laid):
        raise UsageError(f"the hubs have {len(bays)} ports, too few for {len(plans)} handsets.")
    return laid


def _plans(table: object, position: int, folder: Path) -> list[HandsetPlan]:
    if not isinstance(table, dict):
        raise UsageError("is not a table.")
    entry = cast("dict[str, Any]", table)
    unknown = sorted(set(entry) - _KNOWN_KEYS)
    if unknown:
        raise UsageError(f"unknown key “{unknown[0]}”.")
    name = entry.get("profile")
    if not isinstance(name, str):
        raise UsageError("profile is missing.")
    details = _profile(name)
    count = entry.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise UsageError("count must be a whole number from 1.")
    apps = [*({"id": one} for one in _texts(entry, "apps"))]
    if "inventory" in entry:
        apps += read_inventory(folder / _text(entry, "inventory"))
    plan = HandsetPlan(
        platform=Platform(str(details["platform"])),
        profile=name,
        position=position,
        details=details,
        serial_number=_text(entry, "serial_number") or None,
        imei=_text(entry, "imei") or None,
        udid=_text(entry, "udid") or None,
        bay=_text(entry, "bay") or None,
        apps=tuple(apps),
        web_clips=_texts(entry, "web_clips"),
        users=tuple(entry.get("users", ())),
        accounts=tuple(entry.get("accounts", ())),
        state=_text(entry, "state"),
        faults=tuple(parse_fault(fault) for fault in _texts(entry, "faults")),
        folder=folder,
    )
    if count > 1 and (plan.serial_number or plan.imei or plan.udid):
        raise UsageError("count cannot go with serial_number, imei or udid.")
    return [replace(plan, position=position + index) for index in range(count)]


def _profile(name: str) -> dict[str, Any]:
    """Give a shipped profile, the caller's own."""
    return deepcopy(_shipped(name))


@cache
def _shipped(name: str) -> dict[str, Any]:
    if not name.replace("-", "").replace(".", "").isalnum():
        raise UsageError(f"profile “{name}” is not a profile name.")
    source = files("resources").joinpath("virtual", f"{name}.toml")
    try:
        return tomllib.loads(source.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"profile “{name}” is unknown; there are: {', '.join(_names())}.") from None


def _names() -> list[str]:
    entries = files("resources").joinpath("virtual").iterdir()
    return sorted(e.name.removesuffix(".toml") for e in entries if e.name.endswith(".toml"))


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise UsageError(f"{key} must be text.")
    return value


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in cast("list[Any]", value)):
        raise UsageError(f"{key} must be a list of texts.")
    return tuple(cast("list[str]", value))
