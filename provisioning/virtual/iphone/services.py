"""The services that lockdownd can start on a virtual phone, and who may use them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from provisioning.virtual.iphone.activation import serve_activation
from provisioning.virtual.iphone.afc import serve_afc
from provisioning.virtual.iphone.diagnostics import serve_diagnostics
from provisioning.virtual.iphone.installation_proxy import serve_installation_proxy
from provisioning.virtual.iphone.mcinstall import serve_mcinstall
from provisioning.virtual.iphone.notifications import serve_insecure_notifications, serve_notifications
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.springboard import serve_springboard
from provisioning.virtual.iphone.stream import DeviceStream


@dataclass(frozen=True, slots=True)
class Service:
    """One service. ``unpaired`` ones are open to anybody and without TLS.

    ``needs_unlocked``: on a phone that is locked it starts only for a host that shows its EscrowBag; which services
    those are is inferred (all that read or change the person's data).
    """

    serve: Callable[[VirtualIPhone, DeviceStream], Awaitable[None]]
    needs_unlocked: bool = True
    unpaired: bool = False


SERVICES: Final[Mapping[str, Service]] = {
    "com.apple.mobile.MCInstall": Service(serve_mcinstall),
    "com.apple.mobile.installation_proxy": Service(serve_installation_proxy),
    "com.apple.springboardservices": Service(serve_springboard),
    "com.apple.afc": Service(serve_afc),
    "com.apple.mobileactivationd": Service(serve_activation, needs_unlocked=False),
    "com.apple.mobile.diagnostics_relay": Service(serve_diagnostics, needs_unlocked=False),
    "com.apple.mobile.notification_proxy": Service(serve_notifications, needs_unlocked=False),
    "com.apple.mobile.insecure_notification_proxy": Service(
        serve_insecure_notifications, needs_unlocked=False, unpaired=True
    ),
}
"""Those that an issuing desk needs. They work over plain usbmux from iOS 17 to 27 (the developer services do not)."""
