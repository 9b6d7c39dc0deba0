"""springboardservices: the Home screen. Its answers are binary property lists (libimobiledevice reads both)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

from provisioning.virtual.iphone.conversation import Conversation
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist
from provisioning.virtual.iphone.stream import DeviceStream

_LARGEST_REQUEST: Final = 1 << 22
_ICON: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel stands for all icons."""


async def serve_springboard(phone: VirtualIPhone, stream: DeviceStream) -> None:
    """Answer commands; for an unknown one the service hangs up."""
    talk = Conversation(phone, stream, _LARGEST_REQUEST, _name, _refusal)
    while (request := await talk.hear()) is not None:
        match _name(request):
            case "getIconState":
                await talk.say(phone.icon_state(), as_binary=True)
            case "setIconState":
                await talk.say_encoded(b"")
            case "getIconPNGData" if phone.apps.find(request.text("bundleId")) is None:
                await talk.say_encoded(b"")
            case "getIconPNGData" | "getHomeScreenWallpaperPNGData":
                await talk.say({"pngData": _ICON}, as_binary=True)
            case "getInterfaceOrientation":
                await talk.say({"interfaceOrientation": 1}, as_binary=True)
            case "getHomeScreenIconMetrics":
                columns = 4 if phone.model.device_family == 1 else 6
                metrics: dict[str, Plist] = {"homeScreenIconColumns": columns, "homeScreenIconRows": 6}
                await talk.say({**metrics, "homeScreenIconDockMaxCount": 4.0}, as_binary=True)
            case _:
                return


def _name(request: Message) -> str:
    return request.text("command")


def _refusal(request: Message, word: str) -> Mapping[str, Plist]:
    del request
    return {"error": word}
