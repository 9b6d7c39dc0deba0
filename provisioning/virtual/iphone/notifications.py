"""notification_proxy and insecure_notification_proxy: Darwin notifications, posted and relayed.

The messages are libimobiledevice's; what the insecure proxy relays is the set in the decompiled notification_proxy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from provisioning.virtual.iphone.conversation import Conversation
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist, xml
from provisioning.virtual.iphone.stream import DeviceStream, HungUp

_LARGEST_REQUEST: Final = 1 << 16
_MOST_OBSERVED: Final = 1024
_QUEUE: Final = 256
_INSECURE: Final = frozenset(
    {
        "com.apple.mobile.lockdown.request_host_buid",
        "com.apple.mobile.lockdown.request_pair",
        "com.apple.datamigrator.migrationDidFinish",
        "com.apple.mobile.lockdown.trust",
        "com.apple.mobile.lockdown.do_not_trust",
        "com.apple.mobile.lockdown.open_trust_dialog",
        "com.apple.mobile.lockdown.cancel_trust_dialog",
    }
)


async def serve_notifications(phone: VirtualIPhone, stream: DeviceStream) -> None:
    """Serve the proxy of paired hosts."""
    await _serve(phone, stream, None)


async def serve_insecure_notifications(phone: VirtualIPhone, stream: DeviceStream) -> None:
    """Serve the proxy of hosts that are not paired yet: only what pairing needs is relayed."""
    await _serve(phone, stream, _INSECURE)


async def _serve(phone: VirtualIPhone, stream: DeviceStream, allowed: frozenset[str] | None) -> None:
    talk = Conversation(phone, stream, _LARGEST_REQUEST, _name, _refusal)
    observed: set[str] = set()
    queue: asyncio.Queue[str] = asyncio.Queue(_QUEUE)

    def observer(name: str) -> None:
        if name in observed and not queue.full():
            queue.put_nowait(name)

    stop = phone.observe(observer)
    relay = asyncio.create_task(_relay(stream, queue))
    try:
        while (request := await talk.hear()) is not None:
            command, name = request.text("Command"), request.text("Name")
            if command == "ObserveNotification" and len(observed) < _MOST_OBSERVED:
                if allowed is None or name in allowed:
                    observed.add(name)
            elif command == "PostNotification" and allowed is None:
                phone.notify(name)
            elif command == "Shutdown":
                await talk.say({"Command": "ProxyDeath"})
                return
    finally:
        stop()
        relay.cancel()
        with suppress(asyncio.CancelledError, HungUp):
            await relay


async def _relay(stream: DeviceStream, queue: asyncio.Queue[str]) -> None:
    while True:
        name = await queue.get()
        await stream.send_frame(xml({"Command": "RelayNotification", "Name": name}))


def _name(request: Message) -> str:
    return request.text("Command")


def _refusal(request: Message, word: str) -> Mapping[str, Plist]:
    del request
    return {"Error": word}
