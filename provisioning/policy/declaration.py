"""The lists of apps once more, as the declaration that the organisation's own device management hands out from iOS 27.

iOS 27 deprecates ``allowListedAppBundleIDs`` and ``blockedAppBundleIDs`` for ``com.apple.configuration.app.settings``
(apple/device-management, ``declarative/declarations/configurations/app.settings.yaml``: supervised, management server
only). No declaration travels over a cable; this is its text for whoever runs that server.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from provisioning.policy.apple import IDENTIFIER, NAMESPACE, app_lists
from provisioning.policy.effective import EffectivePolicy
from provisioning.policy.versions import older

SINCE = "27.0"
TYPE = "com.apple.configuration.app.settings"
_KEYS = {"allowListedAppBundleIDs": "AllowedApps", "blockedAppBundleIDs": "DeniedApps"}


def app_settings(effective: EffectivePolicy, os_version: str) -> dict[str, Any] | None:
    """Give the declaration; None for a system before iOS 27, or a policy without lists.

    ``ServerToken`` follows from the contents, as Apple wants it to change when they do.
    """
    lists = {_KEYS[key]: list(value) for key, value in app_lists(effective).items() if isinstance(value, tuple)}
    if older(os_version, SINCE) or not lists:
        return None
    payload = {"Allowed": lists}
    token = uuid.uuid5(NAMESPACE, json.dumps(payload, sort_keys=True))
    return {
        "Type": TYPE,
        "Identifier": f"{IDENTIFIER}.app-settings",
        "ServerToken": str(token).upper(),
        "Payload": payload,
    }
