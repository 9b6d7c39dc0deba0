"""One connection of a host with one daemon of a phone: hear a request, meet the faults it meets, answer.

Faults that wait for a message (``at=`` its name on the wire: ``GetValue``, ``Browse``, ``Escalate``, ``TLS``,
``Connect`` …; ``skip=`` and ``times=`` as in :class:`~provisioning.virtual.faults.FaultBox`):

* ``unplug back=S when=before|middle|after``: the cable is pulled before the request is acted upon (default), while the
  answer is on its way, or after it; it stays out without ``back``
* ``stall seconds=S``: nothing happens for that long (default: an hour), then the answer comes
* ``hang-up``: the daemon closes the connection instead of answering
* ``garbage``: the frame that comes back is noise · ``truncate``: it breaks off in its middle, the connection with it
* ``error name=TEXT``: the service's own form of refusal, with that word
* ``refuse-tls``: the device refuses the host's certificate (no ``at=`` needed)
* ``usbmuxd-restart``: the host's daemon dies and comes back · ``reboot seconds=S``: the phone does
* ``lock`` · ``unlock`` · ``rename name=TEXT`` · ``install app=ID`` · ``remove-profile id=ID`` · ``remove-app app=ID``:
  somebody does that just then, and the request is answered as the phone then stands
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Final

from provisioning.errors import UsageError
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist, binary, parse_message, xml
from provisioning.virtual.iphone.stream import DeviceStream, HungUp
from provisioning.virtual.scenario import Fault

_LARGEST_ON_LOOP: Final = 1 << 18
"""Bytes of a property list that are parsed at once (some milliseconds); larger ones go to a thread."""
_FOR_EVER: Final = 3600.0


class Conversation:
    """A host talking with one daemon, in length-prefixed property lists.

    ``limit`` is the longest request in bytes; ``name_of`` gives a request's name on the wire; ``refusal`` makes the
    service's form of an error out of a word.
    """

    def __init__(
        self,
        phone: VirtualIPhone,
        stream: DeviceStream,
        limit: int,
        name_of: Callable[[Message], str],
        refusal: Callable[[Message, str], Plist],
    ) -> None:
        self.phone = phone
        self.stream = stream
        self._limit = limit
        self._name_of = name_of
        self._refusal = refusal
        self._pending: Fault | None = None

    async def hear(self, idle: float | None = None) -> Message | None:
        """Wait for the next request that is to be answered.

        Gives None where the host hung up or said nothing for ``idle`` seconds. Raises WireError for a request that
        breaks the protocol. Requests that a fault answers are not given.
        """
        while True:
            try:
                async with asyncio.timeout(idle):
                    data = await self.stream.frame(self._limit)
            except (HungUp, TimeoutError):
                return None
            request = await _parsed(data)
            name = self._name_of(request)
            await self.phone.pace.wait(name)
            fault = await meet(self.phone, self.stream, name)
            if fault is not None and fault.name == "error":
                await self.stream.send_frame(xml(self._refusal(request, fault.options.get("name", "InternalError"))))
                continue
            self._pending = fault
            return request

    async def say(self, answer: Plist, as_binary: bool = False) -> None:
        """Answer, in XML unless told otherwise."""
        await self.say_encoded(binary(answer) if as_binary else xml(answer))

    async def say_encoded(self, body: bytes) -> None:
        """Answer with a property list that is encoded already, spoilt if a fault says so."""
        fault, self._pending = self._pending, None
        if fault is None:
            await self.stream.send_frame(body)
            return
        if fault.name == "garbage":
            await self.stream.send_frame(random.Random(len(body)).randbytes(len(body)))  # noqa: S311  # noise, not secrets
            return
        if _when(fault) == "after":
            await self.stream.send_frame(body)
            await asyncio.sleep(0)
        else:
            await self.stream.send(len(body).to_bytes(4, "big") + body[: len(body) // 2])
        if fault.name == "unplug":
            self.phone.unplug(_back(fault))
        await self.stream.close()
        raise HungUp("a fault cut the connection")


async def meet(phone: VirtualIPhone, stream: DeviceStream, message: str) -> Fault | None:
    """Let strike what waits for this message; gives the fault where it concerns the answer, else None.

    Raises HungUp where the connection is gone after it.
    """
    fault = phone.faults.strike(message)
    if fault is None:
        return None
    if fault.name == "stall":
        await asyncio.sleep(fault.seconds("seconds", _FOR_EVER))
        return None
    if fault.name in ("error", "garbage", "truncate", "refuse-tls") or _when(fault) in ("middle", "after"):
        return fault
    if fault.name in _DEEDS:
        _DEEDS[fault.name](phone, fault)
        return None
    if fault.name in _BREAKS:
        _BREAKS[fault.name](phone, fault)
        await stream.close()
        raise HungUp(f"fault: {fault.name}")
    raise UsageError(f"fault “{fault.name}” is unknown to an iPhone.")


def is_deed(fault: Fault) -> bool:
    """Tell whether it is something that may simply happen after a time."""
    return fault.name in _DEEDS or fault.name in ("unplug", "reboot", "usbmuxd-restart")


def do(phone: VirtualIPhone, fault: Fault) -> None:
    """Let a deed happen now."""
    (_DEEDS.get(fault.name) or _BREAKS[fault.name])(phone, fault)


def check(fault: Fault) -> None:
    """Raise UsageError for a fault that waits for a message and that no iPhone knows."""
    if fault.name not in {*_DEEDS, *_BREAKS, "stall", "error", "garbage", "truncate", "refuse-tls"}:
        raise UsageError(f"fault “{fault.name}” is unknown to an iPhone.")


async def _parsed(data: bytes) -> Message:
    if len(data) > _LARGEST_ON_LOOP:
        return await asyncio.to_thread(parse_message, data)
    return parse_message(data)


def _when(fault: Fault) -> str:
    return fault.options.get("when", "before") if fault.name == "unplug" else "before"


def _back(fault: Fault) -> float | None:
    key = "back" if "back" in fault.options else "seconds"
    return fault.seconds(key, 0.0) if key in fault.options else None


def _reboot(phone: VirtualIPhone, fault: Fault) -> None:
    phone.locked = phone.passcode_set
    phone.unplug(fault.seconds("seconds", phone.pace.seconds("Reboot") or 0.5))


def _remove_app(phone: VirtualIPhone, fault: Fault) -> None:
    phone.apps.take(fault.options.get("app", ""))


_BREAKS: Final[Mapping[str, Callable[[VirtualIPhone, Fault], None]]] = {
    "unplug": lambda phone, fault: phone.unplug(_back(fault)),
    "hang-up": lambda phone, fault: None,
    "usbmuxd-restart": lambda phone, fault: phone.restart_host_daemon(),
    "reboot": _reboot,
}
_DEEDS: Final[Mapping[str, Callable[[VirtualIPhone, Fault], None]]] = {
    "lock": lambda phone, fault: phone.lock(),
    "unlock": lambda phone, fault: phone.unlock(),
    "rename": lambda phone, fault: phone.rename(fault.options.get("name", "Jo's iPhone")),
    "install": lambda phone, fault: phone.install({"id": fault.options.get("app", "com.example.app")}) and None,
    "remove-app": _remove_app,
    "remove-profile": lambda phone, fault: phone.management.remove(fault.options.get("id", "")),
}
