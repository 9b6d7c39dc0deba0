"""The two platforms; a closed set."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Platform(StrEnum):
    """Whose operating system a handset runs (iPadOS counts as iOS)."""

    IOS = "ios"
    ANDROID = "android"
