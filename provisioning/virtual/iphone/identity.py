"""Who one virtual phone is: serial number, UDID, IMEIs and addresses, the same at each start.

Everything is drawn from a hash of the profile and the position on the rack, so a scenario can be written against it.
Forms: UDID ``CHIPID-ECID`` as since the A12 (``00008120-001905DE2E9B401E``, seen in go-ios' device list); serial
numbers of ten random characters as since 2021, twelve before (place, half-year, week, number, model); the IMEI's last
digit is its Luhn check digit (3GPP TS 23.003); the addresses are locally administered, so they belong to no device.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import Final

from provisioning.virtual.iphone.model import Model
from provisioning.virtual.scenario import HandsetPlan

_SERIAL_CHARACTERS: Final = "0123456789CDFGHJKLMNPQRTVWXY"
"""Apple's: no vowels, and nothing that is read as another."""
_MODERN_UDID = re.compile(r"[0-9A-F]{8}-[0-9A-F]{16}")


@dataclass(frozen=True, slots=True)
class PhoneIdentity:
    """The identifiers of one phone. ``imeis`` is empty without telephony; ``ecid`` is UniqueChipID."""

    serial_number: str
    udid: str
    ecid: int
    imeis: tuple[str, ...]
    wifi_address: str
    bluetooth_address: str
    ethernet_address: str
    boot_session: str


class _Dice:
    """Numbers that always fall the same way for one seed."""

    def __init__(self, seed: str) -> None:
        self._number = int.from_bytes(hashlib.sha512(seed.encode()).digest(), "big")

    def below(self, limit: int) -> int:
        self._number, drawn = divmod(self._number, limit)
        return drawn

    def characters(self, alphabet: str, count: int) -> str:
        return "".join(alphabet[self.below(len(alphabet))] for _ in range(count))


def draw_identity(plan: HandsetPlan, model: Model) -> PhoneIdentity:
    """Draw a phone's identifiers from its plan; what the plan says itself is kept as it stands."""
    seed = plan.serial_number or f"{plan.profile}/{plan.position}"
    dice = _Dice(f"iphone {seed}")
    serial = plan.serial_number or _serial(dice, model)
    ecid = int(f"001{dice.below(16**9):09X}{'048C'[dice.below(4)]}01E", 16)
    udid = plan.udid or f"{model.chip_id:08X}-{ecid:016X}"
    if _MODERN_UDID.fullmatch(udid):
        ecid = int(udid.split("-")[1], 16)
    base = dice.below(1 << 36) << 4
    return PhoneIdentity(
        serial_number=serial,
        udid=udid,
        ecid=ecid,
        imeis=_imeis(dice, model, plan.imei),
        wifi_address=_address(base),
        bluetooth_address=_address(base + 1),
        ethernet_address=_address(base + 2),
        boot_session=str(uuid.UUID(int=dice.below(1 << 128), version=4)).upper(),
    )


def luhn_digit(digits: str) -> str:
    """Give the check digit that makes ``digits`` Luhn-correct."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _serial(dice: _Dice, model: Model) -> str:
    if model.serial_length == 12:
        return f"F2L{dice.characters(_SERIAL_CHARACTERS, 5)}{model.model_number[:4]:X<4}"
    letter = dice.characters("CDFGHJKLMNPQRTVWXY", 1)
    return letter + dice.characters(_SERIAL_CHARACTERS, model.serial_length - 1)


def _imeis(dice: _Dice, model: Model, first: str | None) -> tuple[str, ...]:
    if not model.telephony:
        return ()
    number = dice.below(10**6 - 1)
    drawn = [f"{model.type_allocation_code}{serial:06d}" for serial in (number, number + 1)]
    imeis = [body + luhn_digit(body) for body in drawn]
    return (first, imeis[1]) if first else tuple(imeis)


def _address(number: int) -> str:
    return ":".join(f"{octet:02x}" for octet in (0x02, *number.to_bytes(5, "big")))
