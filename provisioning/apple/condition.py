"""What stands in the way of enrolling a handset, read while it lies there as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provisioning.apple import answers
from provisioning.apple.answers import Answer
from provisioning.errors import HandsetGarbled
from provisioning.handset import Condition, Enrolment, Hindrance, Obstacle, Ownership

if TYPE_CHECKING:
    from provisioning.apple.cable import Cable

DOING = "reading its condition"
ACTIVATION_SERVICE = "com.apple.mobileactivationd"
ACTIVATED = "Activated"


async def read(cable: Cable, enrolment: Enrolment) -> Condition:
    """Read activation, Setup Assistant, Find My and battery; ``enrolment`` is what was just read of its owner.

    Find My is only told before an erase: in Setup Assistant after one ``IsAssociated`` is false although the lock is
    on (libimobiledevice#531, libideviceactivation#33); such a handset shows as not activated. Lockdown Mode is told by
    no daemon; it shows when a profile is refused with 4021.
    """
    values = await cable.values(DOING)
    activation = await _activation(cable, values)
    set_up = await cable.value(DOING, "com.apple.purplebuddy", "SetupDone") is True
    find_my = await cable.value(DOING, "com.apple.fmip", "IsAssociated") is True
    battery = await cable.value(DOING, "com.apple.mobile.battery", "BatteryCurrentCapacity")
    obstacles: list[Obstacle] = []
    if activation != ACTIVATED:
        hindrance = Hindrance.ACTIVATION_LOCKED if find_my else Hindrance.NOT_ACTIVATED
        obstacles.append(Obstacle(hindrance, activation))
    elif find_my:
        obstacles.append(Obstacle(Hindrance.FIND_MY_ON))
    obstacles += _of_ownership(enrolment, set_up)
    return Condition(tuple(obstacles), _percent(battery))


def _of_ownership(enrolment: Enrolment, set_up: bool) -> list[Obstacle]:
    match enrolment.ownership:
        case Ownership.OURS:
            return []
        case Ownership.ANOTHER:
            return [Obstacle(Hindrance.OWNED_BY_ANOTHER, enrolment.organisation)]
        case Ownership.NOBODY | Ownership.UNREADABLE:
            return [Obstacle(Hindrance.ALREADY_SET_UP)] if set_up else []


async def _activation(cable: Cable, values: Answer) -> str:
    """Give the activation state in Apple's word; any but Activated is not ready.

    lockdownd's copy saves a connection; mobileactivationd, whose word it is, is asked where there is none.
    """
    told = answers.text(values, "ActivationState")
    if told is None:
        wire = await cable.service(DOING, ACTIVATION_SERVICE)
        try:
            told = answers.text(await wire.ask(DOING, {"Command": "GetActivationStateRequest"}), "Value")
        finally:
            await wire.close()
    if told is None or len(told) > 64:
        raise HandsetGarbled(DOING, "it does not tell whether it is activated")
    return told


def _percent(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100 else None
