"""The user restrictions that are in effect, as ``dumpsys user`` computes them; the one source stable over releases.

``dumpsys device_policy`` is not it: since Android 14 an admin's own list may say ``none`` while the policy engine holds
the restriction, and on Android 15 the engine's dump is behind a flag.
"""

from __future__ import annotations

import re

from provisioning.android.reading import Unreadable, lines, user_number

_USER = re.compile(r"^  UserInfo\{(\d{1,9}):.*:[0-9a-f]{1,8}\} serialNo=")
_EFFECTIVE = "    Effective restrictions:"
_KEY = re.compile(r"^      ([A-Za-z0-9_.]{1,120})$")
_NOTHING = frozenset({"none", "null"})
"""``none``: the bundle is empty; ``null``: it was never made (``UserRestrictionsUtils.dumpRestrictions``)."""


def read_effective(text: str) -> dict[int, frozenset[str]]:
    """Read each user's ``Effective restrictions:`` out of ``dumpsys user``.

    The other headers differ (``Device policy global/local restrictions:`` until Android 12, ``Device policy
    restrictions:`` after it and on Samsung) and are not read. Raises Unreadable where user 0 has no such list, or
    where one user has two: an account name with line feeds, printed further down, could forge the second.
    """
    found: dict[int, frozenset[str]] = {}
    user: int | None = None
    rows = lines(text)
    for number, line in enumerate(rows):
        head = _USER.match(line)
        if head is not None:
            user = user_number(head[1])
        elif line == _EFFECTIVE:
            if user is None or user in found:
                raise Unreadable("a list of restrictions comes twice or belongs to nobody")
            found[user] = _keys(rows[number + 1 :])
    if 0 not in found:
        raise Unreadable("the effective restrictions of user 0 are missing")
    return found


def _keys(rows: list[str]) -> frozenset[str]:
    keys: list[str] = []
    for line in rows:
        key = _KEY.match(line)
        if key is None:
            break
        keys.append(key[1])
    if not keys:
        raise Unreadable("a list of restrictions is cut off")
    if len(keys) > 1 and _NOTHING & set(keys):
        raise Unreadable("a list of restrictions contradicts itself")
    return frozenset(keys) - _NOTHING
