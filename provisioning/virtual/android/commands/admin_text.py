"""The block of one device admin in ``dumpsys device_policy`` (``ActiveAdmin.dump`` of Android 11, 12 and 14)."""

from __future__ import annotations

from provisioning.virtual.android.state.policy import ActiveAdmin, printed

_PASSWORD = (
    ("passwordQuality", "0x0"), ("minimumPasswordLength", "0"), ("passwordHistoryLength", "0"),
    ("minimumPasswordUpperCase", "0"), ("minimumPasswordLowerCase", "0"), ("minimumPasswordLetters", "1"),
    ("minimumPasswordNumeric", "1"), ("minimumPasswordSymbols", "1"), ("minimumPasswordNonLetter", "0"),
    ("maximumTimeToUnlock", "0"), ("strongAuthUnlockTimeout", "0"), ("maximumFailedPasswordsForWipe", "0"),
    ("specifiesGlobalProxy", "false"), ("passwordExpirationTimeout", "0"), ("passwordExpirationDate", "0"),
    ("encryptionRequested", "false"), ("disableCamera", "false"), ("disableCallerId", "false"),
    ("disableContactsSearch", "false"), ("disableBluetoothContactSharing", "true"), ("disableScreenCapture", "false"),
    ("requireAutoTime", "false"), ("forceEphemeralUsers", "false"), ("isNetworkLoggingEnabled", "false"),
    ("disabledKeyguardFeatures", "0"), ("crossProfileWidgetProviders", "null"),
)  # fmt: skip


def admin_block(admin: ActiveAdmin, uid: int, restrictions: set[str] | None, android: int) -> str:
    """Print an admin, its restrictions as ``restrictions``."""
    lines = [f"uid={uid}", f"testOnlyAdmin={str(admin.test_only).lower()}", "policies:"]
    lines += [f"  {policy}" for policy in admin.receiver.policies]
    lines += [f"{key}={value}" for key, value in _PASSWORD]
    lines.append("organizationColor=-16746133")
    if admin.organisation is not None:
        lines.append(f"organizationName={admin.organisation}")
    lines.append("userRestrictions:")
    lines += printed(restrictions, "  ").splitlines()
    lines += ["defaultEnabledRestrictionsAlreadySet={}", "isParent=false"]
    if android >= 11:
        lines += [
            "mCrossProfileCalendarPackages=[]", "mCrossProfilePackages=[]", "mSuspendPersonalApps=false",
            "mProfileMaximumTimeOffMillis=0", "mProfileOffDeadline=0", "mAlwaysOnVpnPackage=null",
            "mAlwaysOnVpnLockdown=false",
        ]  # fmt: skip
    if android in {12, 13}:
        lines.append("mPreferentialNetworkServiceEnabled=false")
    if android >= 11:
        lines.append("mCommonCriteriaMode=false")
    if android >= 12:
        lines += [
            "mPasswordComplexity=0", "mNearbyNotificationStreamingPolicy=1", "mNearbyAppStreamingPolicy=1",
            "mAdminCanGrantSensorsPermissions=true", f"mUsbDataSignaling={str(admin.usb_data).lower()}",
        ]  # fmt: skip
    if android >= 13:
        lines.append("mWifiMinimumSecurityLevel=0")
    return f"    {admin.component.short}:\n" + "".join(f"      {line}\n" for line in lines)
