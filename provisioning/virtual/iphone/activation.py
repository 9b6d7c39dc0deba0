"""mobileactivationd: whether the phone is activated. Activating it needs Apple's server, which no rack has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provisioning.virtual.iphone.conversation import Conversation
from provisioning.virtual.iphone.phone import UNACTIVATED, VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist
from provisioning.virtual.iphone.stream import DeviceStream

_LARGEST_REQUEST: Final = 1 << 20


async def serve_activation(phone: VirtualIPhone, stream: DeviceStream) -> None:
    """Answer one request and hang up, as the daemon does (pymobiledevice3 and go-ios connect anew for each)."""
    talk = Conversation(phone, stream, _LARGEST_REQUEST, _name, _refusal)
    request = await talk.hear()
    if request is None:
        return
    match _name(request):
        case "GetActivationStateRequest":
            await talk.say({"Value": phone.activation_state})
        case "DeactivateRequest":
            phone.activation_state = UNACTIVATED
            await talk.say({"Value": True})
        case command:
            await talk.say({"Error": f"{command}: the activation server cannot be reached"})


def _name(request: Message) -> str:
    return request.text("Command")


def _refusal(request: Message, word: str) -> Mapping[str, Plist]:
    del request
    return {"Error": word}
