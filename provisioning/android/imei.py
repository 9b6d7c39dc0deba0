"""The modem's IMEI, where a handset tells it to ``shell``.

There is no documented command: ``cmd phone get-imei`` is for root on debuggable builds (``TelephonyShellCommand``) and
``dumpsys iphonesubinfo`` has said nothing since Android 5. What is left is the first method of ``IPhoneSubInfo.aidl``,
which has given the device id since Android 5 and to which ``com.android.shell`` is privileged
(READ_PRIVILEGED_PHONE_STATE in its manifest). So the answer is taken only if it is shaped as an IMEI and its check
digit is right; anything else is “not told”, never an error.
"""

from __future__ import annotations

import re

from provisioning.check_digits import is_imei

COMMAND = "service call iphonesubinfo 1 s16 com.android.shell"
_ROW = re.compile(r"^\s*(?:0x[0-9a-f]{8}: |Result: Parcel\()\s*((?:[0-9a-f]{8} )+)", re.MULTILINE)
_DIGITS = 15


def read_imei(text: str) -> str | None:
    """Take the IMEI out of a parcel as ``service call`` prints it: little-endian words, status, length, UTF-16."""
    if len(text) > 4096:
        return None
    words = [int(word, 16) for row in _ROW.findall(text) for word in row.split()]
    if len(words) < 2 + _DIGITS // 2 + 1 or words[0] != 0 or words[1] != _DIGITS:
        return None
    units = [unit for word in words[2:] for unit in (word & 0xFFFF, word >> 16)]
    digits = "".join(map(chr, units[:_DIGITS]))
    return digits if is_imei(digits) and digits.strip("0") else None
