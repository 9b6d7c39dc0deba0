"""Which iPhone or iPad it is: the facts of a profile file in ``resources/virtual``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.errors import UsageError


@dataclass(frozen=True, slots=True)
class Model:
    """A product with an operating system on it, in Apple's own words; the profile file says where each is known from.

    ``product_type`` ``iPhone15,4``; ``model_name`` what people call it; ``device_class`` ``iPhone`` or ``iPad``;
    ``usb_product_id`` what usbmuxd announces; ``type_allocation_code`` the first eight digits of its IMEIs, empty for
    a device without telephony; ``device_family`` 1 for iPhone and 2 for iPad.
    """

    profile: str
    model_name: str
    product_type: str
    device_class: str
    hardware_model: str
    hardware_platform: str
    chip_id: int
    board_id: int
    os_version: str
    build: str
    model_number: str
    region_info: str
    colour: str
    usb_product_id: int
    serial_length: int
    type_allocation_code: str
    baseband_version: str
    firmware_version: str
    device_family: int

    @property
    def telephony(self) -> bool:
        """True if it has a modem, and so an IMEI."""
        return bool(self.type_allocation_code)

    @property
    def os_major(self) -> int:
        """The first number of the version, 26 for iOS 26.1."""
        return int(self.os_version.split(".", 1)[0])

    def at_least(self, version: str) -> bool:
        """Tell whether the operating system is that version or a newer one."""
        return version_key(self.os_version) >= version_key(version)


def read_model(profile: str, details: Mapping[str, Any]) -> Model:
    """Read a profile's table. Raises UsageError naming the key that is missing or of the wrong kind."""

    def text(key: str, default: str | None = None) -> str:
        value = details.get(key, default)
        if not isinstance(value, str):
            raise UsageError(f"profile “{profile}”: {key} must be text.")
        return value

    def number(key: str) -> int:
        value = details.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise UsageError(f"profile “{profile}”: {key} must be a whole number.")
        return value

    return Model(
        profile=profile,
        model_name=text("model_name"),
        product_type=text("product_type"),
        device_class=text("device_class"),
        hardware_model=text("hardware_model"),
        hardware_platform=text("hardware_platform"),
        chip_id=number("chip_id"),
        board_id=number("board_id"),
        os_version=text("os_version"),
        build=text("build"),
        model_number=text("model_number"),
        region_info=text("region_info"),
        colour=text("colour", "1"),
        usb_product_id=number("usb_product_id"),
        serial_length=number("serial_length"),
        type_allocation_code=text("type_allocation_code", ""),
        baseband_version=text("baseband_version", ""),
        firmware_version=text("firmware_version"),
        device_family=number("device_family"),
    )


def version_key(version: str) -> tuple[int, ...]:
    """Give a version as numbers, so that 17.10 comes after 17.9; parts that are no numbers count as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))
