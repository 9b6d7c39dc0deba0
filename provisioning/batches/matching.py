"""The three-way match: what the manifest lists, what the handset says, what the body's portal says it owns.

Every handset of either side gets exactly one outcome with a sentence. What could not be compared is named: a handset
that does not tell its IMEI agrees by serial number only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol

from provisioning.batches.history import Histories
from provisioning.batches.manifest import Expected, Manifest
from provisioning.batches.portal_list import PortalLine, PortalList
from provisioning.plain_text import one_line


@unique
class MatchOutcome(StrEnum):
    """How one handset stands in the three lists. The first that holds, in this order."""

    TWICE = "on it twice"
    NOT_ON_MANIFEST = "not on the manifest"
    MISSING = "missing still"
    OTHER_IMEI = "other IMEI"
    NOT_IN_PORTAL = "not in the portal"
    ON_ALL = "on all three"
    AS_LISTED = "as listed"
    """Manifest and handset agree, and no portal was asked that could know it."""

    @property
    def agrees(self) -> bool:
        """True where nobody need look into it."""
        return self in {MatchOutcome.ON_ALL, MatchOutcome.AS_LISTED}


@dataclass(frozen=True, slots=True)
class Said:
    """What a handset said of itself; ``imei`` is empty where it does not tell, ``platform`` where that is not known."""

    serial_number: str
    imei: str = ""
    platform: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """One handset's outcome. ``lines`` are its lines of the manifest; ``not_compared`` names what could not be."""

    serial_number: str
    outcome: MatchOutcome
    sentence: str
    lines: tuple[int, ...] = ()
    seen: bool = False
    in_portal: str = ""
    not_compared: tuple[str, ...] = ()


class _Made(Protocol):
    """Makes the match of the handset in hand."""

    def __call__(
        self, kind: MatchOutcome, sentence: str, portal: str = "", not_compared: Sequence[str] = (), /
    ) -> Match:
        """Give it."""
        ...


def said_of(histories: Histories, manifest: Manifest, attached: Iterable[Said] = ()) -> dict[str, Said]:
    """Give what handsets of this batch said: those listed, those stopped as strangers, and those attached now."""
    listed = [one.serial_number for one in manifest.lines]
    strangers = [event.subject for event in histories.strangers.get(manifest.name, {}).values()]
    found: dict[str, Said] = {}
    for serial in (*listed, *strangers):
        history = histories.of(serial)
        if history.last is not None:
            said = history.identity
            words = [said.text(name) if said else "" for name in ("imei", "platform", "model")]
            found[serial.casefold()] = Said(history.serial_number, *words)
    found.update({one.serial_number.casefold(): one for one in attached})
    return found


def match(manifest: Manifest, said: Mapping[str, Said], portals: Sequence[PortalList]) -> list[Match]:
    """Give one outcome for each handset: the manifest's in its order, then strangers by serial number."""
    by_imei = {imei: one for one in manifest.lines for imei in one.imeis}
    found = [_of_listed(lines, said.get(key), portals) for key, lines in manifest.expected.items()]
    strangers = sorted(key for key in said if key not in manifest.expected)
    return found + [_stranger(said[key], by_imei, portals) for key in strangers]


def _of_listed(lines: Sequence[Expected], said: Said | None, portals: Sequence[PortalList]) -> Match:
    one = lines[0]
    serial = said.serial_number if said else one.serial_number
    numbers = tuple(line.line for line in lines)

    def outcome(kind: MatchOutcome, sentence: str, portal: str = "", not_compared: Sequence[str] = ()) -> Match:
        return Match(serial, kind, sentence, numbers, said is not None, portal, tuple(not_compared))

    if len(lines) > 1:
        where = " and ".join(str(number) for number in numbers[:3])
        return outcome(
            MatchOutcome.TWICE, f"{serial} stands on the manifest twice, in lines {where}. Have the manifest corrected."
        )
    asked = [p for p in portals if p.concerns(said.platform if said else _platform(one.model), _model(said, one))]
    if said is None:
        known = next((p for p in asked if _line_of(p, one.serial_number, one.imeis) is not None), None)
        there = f" {known.title} has it." if known else " The portal does not have it either." if asked else ""
        return outcome(
            MatchOutcome.MISSING,
            f"{serial}, line {one.line} of the manifest, was not seen on any cable yet.{there}",
            known.title if known else "",
        )
    if one.imeis and said.imei and said.imei not in one.imeis:
        return outcome(
            MatchOutcome.OTHER_IMEI,
            f"{serial} says IMEI {one_line(said.imei, 20)}, the manifest says {one.imeis[0]}. "
            "Set it aside and ask the supplier.",
        )
    not_compared = ["IMEI, which the handset does not tell"] if one.imeis and not said.imei else []
    imeis = (said.imei,) if said.imei else one.imeis
    return _in_portals(outcome, serial, imeis, asked, not_compared)


def _in_portals(
    outcome: _Made, serial: str, imeis: tuple[str, ...], asked: Sequence[PortalList], not_compared: list[str]
) -> Match:
    by_serial_only = "" if not not_compared else " Its IMEI could not be compared."
    if not asked:
        return outcome(
            MatchOutcome.AS_LISTED, f"{serial} is as the manifest lists it.{by_serial_only}", "", not_compared
        )
    for portal in asked:
        claims = {line.line: line for line in _claims(portal, serial, imeis)}
        if not claims:
            continue
        if len(claims) > 1:
            where = " and ".join(str(number) for number in sorted(claims)[:3])
            said = f"Lines {where} of {portal.title} both claim {serial}. Have the portal corrected."
            return outcome(MatchOutcome.TWICE, said, portal.title)
        (line,) = claims.values()
        if line.serial_number and line.serial_number.casefold() != serial.casefold():
            said = (
                f"{serial} is not in {portal.title}; its IMEI stands there with serial number "
                f"{one_line(line.serial_number, 40)}. Have the portal corrected."
            )
            return outcome(MatchOutcome.NOT_IN_PORTAL, said)
        if line.imeis and imeis and not set(imeis) & set(line.imeis):
            said = (
                f"{serial} has IMEI {one_line(imeis[0], 20)}, {portal.title} says {line.imeis[0]} in line {line.line}. "
                "Set it aside and ask the supplier."
            )
            return outcome(MatchOutcome.OTHER_IMEI, said, portal.title)
        free = "" if line.assigned else f" No profile or server is assigned to it in {portal.title}."
        said = f"{serial} is on the manifest, on the cable and in {portal.title}.{free}{by_serial_only}"
        return outcome(MatchOutcome.ON_ALL, said, portal.title, not_compared)
    titles = " or ".join(dict.fromkeys(portal.title for portal in asked))
    said = f"{serial} is not in {titles}. Have the reseller register it before it is issued."
    return outcome(MatchOutcome.NOT_IN_PORTAL, said, "", not_compared)


def _stranger(said: Said, by_imei: Mapping[str, Expected], portals: Sequence[PortalList]) -> Match:
    serial = one_line(said.serial_number, 40)
    imeis = (said.imei,) if said.imei else ()
    portal = next((p for p in portals if _line_of(p, said.serial_number, imeis) is not None), None)
    listed = by_imei.get(said.imei)
    if listed is not None:
        more = f"Its IMEI stands in line {listed.line} with serial number {listed.serial_number}: have that corrected."
    else:
        more = "Set it aside, or ask the supplier."
    there = f" {portal.title} has it." if portal else ""
    said_so = f"{serial} is not on the manifest.{there} {more}"
    return Match(said.serial_number, MatchOutcome.NOT_ON_MANIFEST, said_so, (), True, portal.title if portal else "")


def _claims(portal: PortalList, serial: str, imeis: Sequence[str]) -> list[PortalLine]:
    return [*portal.by_serial(serial), *(line for imei in imeis for line in portal.by_imei(imei))]


def _line_of(portal: PortalList, serial: str, imeis: Sequence[str]) -> PortalLine | None:
    return next(iter(_claims(portal, serial, imeis)), None)


def _platform(model: str) -> str:
    """Guess the platform of a handset that was not seen, from the supplier's words; empty where they do not tell."""
    words = model.casefold()
    if "iphone" in words or "ipad" in words:
        return "ios"
    return "android" if any(one in words for one in ("galaxy", "pixel", "samsung", "android", "sm-", "moto")) else ""


def _model(said: Said | None, one: Expected) -> str:
    return said.model if said and said.model else one.model
