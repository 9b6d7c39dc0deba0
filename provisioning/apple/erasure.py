"""Erasing an iPhone over the cable: MCInstall's EraseDevice, and telling that one is as new.

The daemon acknowledges first and then erases, so that the connection breaks off under the answer or after it;
``PreserveDataPlan`` absent takes the eSIM along (MCInstall decompilation, go-ios ``erase``). ``DisallowProximitySetup``
keeps another iPhone nearby from setting it up before this desk does.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from provisioning.apple.configuration import Configuration
from provisioning.errors import HandsetGone

if TYPE_CHECKING:
    from provisioning.apple.cable import Cable

DOING = "erasing it"
LOOKING = "looking whether it is as new"

logger = logging.getLogger(__name__)


async def is_as_new(cable: Cable, configuration: Configuration) -> bool:
    """Tell whether it is at Setup Assistant, without cloud configuration and profiles."""
    if await cable.value(LOOKING, "com.apple.purplebuddy", "SetupDone") is True:
        return False
    if await configuration.cloud_configuration(LOOKING) is not None:
        return False
    return not await configuration.profiles(LOOKING)


async def erase(configuration: Configuration) -> None:
    """Order the erase, keeping the data plan. Returns when it was acknowledged, or the handset is gone under it."""
    try:
        await configuration.ask(DOING, "EraseDevice", PreserveDataPlan=True, DisallowProximitySetup=True)
    except HandsetGone:
        logger.info("it went away under the order; whether it was erased is read when it is back")
    logger.info("the erase was ordered")
