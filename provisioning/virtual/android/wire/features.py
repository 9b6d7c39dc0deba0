"""Which features adbd of each Android version announces.

The names are in AOSP ``transport.cpp`` (branch 16); in which version each came is recorded knowledge, not verified
(noted so in the project's Android facts). The compressed transfers (``sendrecv_v2_brotli``, ``_lz4``, ``_zstd``) that
real handsets announce from Android 11 on are left out, because this adbd does not decode them and adb 36 picks zstd
as soon as it is offered.
"""

from __future__ import annotations

DELAYED_ACK = "delayed_ack"
SHELL_V2 = "shell_v2"

_SINCE_10 = (
    SHELL_V2, "cmd", "stat_v2", "ls_v2", "fixed_push_mkdir", "apex", "abb", "fixed_push_symlink_timestamp", "abb_exec",
    "remount_shell",
)  # fmt: skip
_ADDED = {
    11: ("track_app", "sendrecv_v2"),
    12: ("sendrecv_v2_dry_run_send",),
    14: (DELAYED_ACK, "devraw", "app_info"),
}


def features(android: int, without: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """List what adbd of Android ``android`` announces; ``without`` takes away what a vendor's build lacks."""
    names: list[str] = list(_SINCE_10)
    for version, added in _ADDED.items():
        if android >= version:
            names += added
    return tuple(name for name in names if name not in without)
