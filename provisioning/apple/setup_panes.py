"""The panes of Setup Assistant, by the strings that skip them.

A string that the handset does not know is silently useless, so spelling and case are all that matters: these are
Apple's own, from the SkipKeys page of its device management documentation (the iOS 27 edition) and, for the last
group, from symbols of the operating system. Keys that only macOS, tvOS, watchOS or visionOS know are left out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pane:
    """A skip key, the iOS version that brought it, the one that deprecated it and the one that no longer knows it.

    ``documented`` is False where Apple's page does not name it.
    """

    key: str
    since: str
    deprecated: str | None = None
    removed: str | None = None
    documented: bool = True


PANES: tuple[Pane, ...] = (
    Pane("AccessibilityAppearance", "17.0"),
    Pane("ActionButton", "17.0"),
    Pane("Android", "9.0"),
    Pane("Appearance", "13.0"),
    Pane("AppleID", "7.0"),
    Pane("AppStore", "14.3"),
    Pane("Biometric", "8.1"),
    Pane("CameraButton", "18.0"),
    Pane("DeviceFeaturesTour", "27.0"),
    Pane("DeviceToDeviceMigration", "12.4"),
    Pane("Diagnostics", "7.0"),
    Pane("DisplayTone", "9.3.2", deprecated="15.0"),
    Pane("EnableLockdownMode", "17.1"),
    Pane("HomeButtonSensitivity", "10.0", deprecated="15.0"),
    Pane("iMessageAndFaceTime", "12.0"),
    Pane("Intelligence", "18.0"),
    Pane("Keyboard", "13.0"),
    Pane("LiquidGlass", "27.0"),
    Pane("Location", "7.0"),
    Pane("MessagingActivationUsingPhoneNumber", "10.0"),
    Pane("Multitasking", "26.0"),
    Pane("OnBoarding", "11.0", deprecated="14.0"),
    Pane("OSShowcase", "26.0", removed="27.0"),
    Pane("Passcode", "7.0"),
    Pane("Payment", "8.1"),
    Pane("Privacy", "11.3"),
    Pane("Restore", "7.0"),
    Pane("RestoreCompleted", "14.0"),
    Pane("Safety", "16.0"),
    Pane("SafetyAndHandling", "18.4"),
    Pane("ScreenTime", "12.0"),
    Pane("SIMSetup", "12.0"),
    Pane("Siri", "7.0"),
    Pane("SoftwareUpdate", "12.0"),
    Pane("SpokenLanguage", "13.0"),
    Pane("TermsOfAddress", "16.0"),
    Pane("TOS", "7.0"),
    Pane("UpdateCompleted", "14.0"),
    Pane("WatchMigration", "11.0"),
    Pane("WebContentFiltering", "18.2", removed="26.1"),
    Pane("Welcome", "13.0"),
    Pane("Zoom", "8.3", deprecated="17.0"),
    # kCCSkipKeyAgeAssurance and kCCSkipKeyAgeBasedSafetySettings in Setup Assistant of iOS 26,
    # kCCSkipKeySecuritySettingsMigration in DEPClientLibrary of iOS 27; go-ios 1.2.0 sends the first two.
    Pane("AgeAssurance", "26.0", documented=False),
    Pane("AgeBasedSafetySettings", "26.0", documented=False),
    Pane("SecuritySettingsMigration", "27.0", documented=False),
)


def skip_setup() -> list[str]:
    """Give the SkipSetup array: every pane, the removed ones too, because one array serves all versions."""
    return [pane.key for pane in PANES]
