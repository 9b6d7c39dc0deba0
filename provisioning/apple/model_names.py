"""What people call a model, from pymobiledevice3's table of every Apple device."""

from __future__ import annotations

from functools import cache


def model_name(product_type: str) -> str:
    """Give the name of a ProductType (``iPhone15,4`` is ``iPhone 15``); an unknown one is its own name."""
    return _names().get(product_type, product_type)


@cache
def _names() -> dict[str, str]:
    from pymobiledevice3.irecv_devices import IRECV_DEVICES  # two thousand lines, wanted by the first handset only

    return {device.product_type: device.display_name for device in IRECV_DEVICES}
