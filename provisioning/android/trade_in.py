"""Android 16's trade-in mode: a handset in its set-up wizard that shows up as ``device`` and answers one command only.

adbd starts by itself, without an RSA prompt, and opens nothing but ``shell…:tradeinmode …`` (AOSP adb,
``daemon/tradeinmode.cpp``). ``getstatus`` only reads; ``evaluate`` forces a factory reset and is never sent. That the
JSON has ``serial`` is asserted by Google's VTS; the other names are from its announcement, so each may be missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import cast

from provisioning.android.cable import Talk
from provisioning.android.reading import Unreadable
from provisioning.android.wire import Refused
from provisioning.handset import Identity
from provisioning.plain_text import one_line
from provisioning.platforms import Platform

STATE = "trade-in mode"
_COMMAND = "tradeinmode getstatus"
_LARGEST = 1 << 20
_DEEPEST = 4
_SERIAL = re.compile(r"[!-~]{1,64}")
_IMEI = re.compile(r"\d{15}")
_FIRST_RELEASE = "16"


def read_trade_in_identity(talk: Talk, model: str) -> Identity | None:
    """Say who it is, if it is in trade-in mode; None if it is not. ``model`` is adb's word where it gives none.

    Raises WireError, Unreadable.
    """
    try:
        reply = talk.say(_COMMAND, talk.deadlines.identify, _LARGEST)
    except Refused:
        return None
    if reply.code != 0:
        return None
    text = reply.stdout.decode("utf-8", "replace")
    start = text.find("{")
    if start < 0:
        return None
    try:
        document: object = json.loads(text[start:])
    except (ValueError, RecursionError):
        raise Unreadable("its trade-in status is not JSON") from None
    said = dict(_texts(document, _DEEPEST))
    if not _SERIAL.fullmatch(said.get("serial", "")):
        raise Unreadable("its trade-in status names no serial number")
    named = one_line(said.get("model", "") or model, 80)
    imei = next((said[key] for key in ("imei", "imei1") if _IMEI.fullmatch(said.get(key, ""))), None)
    return Identity(Platform.ANDROID, said["serial"], named, named, _FIRST_RELEASE, "", imei=imei)


def _texts(value: object, depth: int) -> Iterator[tuple[str, str]]:
    """List keys with text values, inner ones first, so that outer ones win in a dictionary."""
    if not isinstance(value, dict) or depth == 0:
        return
    items = cast("dict[str, object]", value).items()
    for _, inner in items:
        yield from _texts(inner, depth - 1)
    for key, inner in items:
        if isinstance(inner, str):
            yield key, inner
